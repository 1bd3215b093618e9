//! Changes, and whom they break.

use std::collections::BTreeSet;
use std::fmt;

/// What a change means for callers, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// It breaks somebody.
    Breaking(Breaks),
    /// There is more than before, or less is refused.
    Additive,
    /// Only texts changed.
    Text,
}

/// Whom a change breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Breaks {
    /// Code against the Rust client: it does not compile any more, or does something else.
    rust: bool,
    /// The types that generators of other languages make.
    languages: bool,
    /// Calls: what was accepted is refused, or goes out differently.
    wire: bool,
}

impl Class {
    pub(super) const RUST: Self = Self::of(true, false, false);
    pub(super) const LANGUAGES: Self = Self::of(false, true, false);
    pub(super) const WIRE: Self = Self::of(false, false, true);
    pub(super) const TYPES: Self = Self::of(true, true, false);
    pub(super) const CALLS: Self = Self::of(true, false, true);
    /// Types that other generators make, and the calls: a path is both.
    pub(super) const PATHS: Self = Self::of(false, true, true);
    pub(super) const ALL: Self = Self::of(true, true, true);

    const fn of(rust: bool, languages: bool, wire: bool) -> Self {
        Self::Breaking(Breaks {
            rust,
            languages,
            wire,
        })
    }

    /// Of a change that calls can feel, too.
    pub(super) fn and_wire(self, wire: bool) -> Self {
        match self {
            Self::Breaking(breaks) if wire => Self::Breaking(Breaks { wire, ..breaks }),
            other => other,
        }
    }

    pub(super) fn breaks_the_wire(self) -> bool {
        matches!(self, Self::Breaking(Breaks { wire: true, .. }))
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let breaks = match self {
            Self::Breaking(breaks) => breaks,
            Self::Additive => return f.write_str("additive"),
            Self::Text => return f.write_str("text"),
        };
        let whom: Vec<_> = [
            (breaks.rust, "Rust"),
            (breaks.languages, "other languages"),
            (breaks.wire, "wire"),
        ]
        .into_iter()
        .filter_map(|(breaks, whom)| breaks.then_some(whom))
        .collect();
        write!(f, "breaking ({})", whom.join(", "))
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    pub(super) class: Class,
    /// An operation's id, `schema Name`, `header NAME` or `code 007_001`.
    pub(super) place: String,
    pub(super) text: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.class, self.place, self.text)
    }
}

/// The changes found so far.
#[derive(Debug, Default)]
pub(super) struct Changes(BTreeSet<Change>);

impl Changes {
    pub(super) fn add(&mut self, class: Class, place: impl Into<String>, text: impl Into<String>) {
        self.0.insert(Change {
            class,
            place: place.into(),
            text: text.into(),
        });
    }

    /// A value that was one and is another; nothing where it is the same.
    pub(super) fn value<T: PartialEq + fmt::Display>(
        &mut self,
        class: Class,
        place: &str,
        what: &str,
        was: &T,
        is: &T,
    ) {
        if was != is {
            self.add(class, place, format!("{what} was {was} and is {is}"));
        }
    }

    /// The same of a value that may be missing.
    pub(super) fn option<T: PartialEq + fmt::Display>(
        &mut self,
        class: Class,
        place: &str,
        what: &str,
        was: Option<&T>,
        is: Option<&T>,
    ) {
        if was != is {
            let shown = |value: Option<&T>| value.map_or("not given".to_owned(), T::to_string);
            let text = format!("{what} was {} and is {}", shown(was), shown(is));
            self.add(class, place, text);
        }
    }

    /// That what both have stands in another order.
    pub(super) fn order(&mut self, what: &str, was: &[String], is: &[String]) {
        self.order_at("document", what, was, is);
    }

    /// The same at a place.
    pub(super) fn order_at(&mut self, place: &str, what: &str, was: &[String], is: &[String]) {
        let kept = |these: &[String], others: &[String]| -> Vec<String> {
            let kept = these.iter().filter(|it| others.contains(it));
            kept.cloned().collect()
        };
        let what = format!("order of {what}");
        self.texts(place, &[(what.as_str(), kept(was, is) != kept(is, was))]);
    }

    /// Whether something was said of a place.
    pub(super) fn has(&self, place: &str) -> bool {
        self.0.iter().any(|change| change.place == place)
    }

    /// Those that break somebody.
    pub(super) fn breaking(&self) -> impl Iterator<Item = &Change> {
        let is_breaking = |change: &&Change| matches!(change.class, Class::Breaking(_));
        self.0.iter().filter(is_breaking)
    }

    pub(super) fn is_breaking(&self) -> bool {
        self.breaking().next().is_some()
    }

    pub(super) fn break_the_wire(&self) -> bool {
        self.0.iter().any(|change| change.class.breaks_the_wire())
    }

    /// The texts of these parts that changed, in one line.
    pub(super) fn texts(&mut self, place: &str, parts: &[(&str, bool)]) {
        let changed: Vec<&str> = parts
            .iter()
            .filter_map(|(what, changed)| changed.then_some(*what))
            .collect();
        if !changed.is_empty() {
            let text = format!("changed: {}", changed.join(", "));
            self.add(Class::Text, place, text);
        }
    }

    /// One change a line, the worst first.
    pub(super) fn report(&self) -> String {
        if self.0.is_empty() {
            return "nothing changed\n".to_owned();
        }
        self.0.iter().map(|change| format!("{change}\n")).collect()
    }
}
