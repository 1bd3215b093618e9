//! What was repaired in a body so that it could be read, and where.

use std::fmt::{self, Write as _};

use serde_json::{Map, Value};

/// What was done to a body so that it could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RepairKind {
    /// A byte order mark stood before it, and was dropped.
    ByteOrderMark,
    /// It came in UTF-16 with a byte order mark, and was decoded.
    Utf16,
    /// Bytes that are no UTF-8, or half a surrogate pair, stand for nothing: U+FFFD, the replacement
    /// character, is in their place. In a response that is kept only in free text.
    Replaced,
    /// A control character was not escaped, as JSON wants it. The text has it as it came.
    Escaped,
    /// A number that a double-precision float would round, or `NaN`, is text of its digits.
    NumberAsText,
    /// An object or a list that lies more than 100 levels deep is text of its JSON.
    NestedAsText,
}

/// A repair, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct Repair {
    kind: RepairKind,
    pub(crate) place: Place,
}

impl Repair {
    pub(crate) fn new(kind: RepairKind, place: Place) -> Self {
        Self { kind, place }
    }

    /// What was done.
    #[must_use]
    pub fn kind(&self) -> RepairKind {
        self.kind
    }

    /// Where, as `transactionInfo[2].merchantName`; empty for the whole body. Names come from the
    /// response: what nobody described can be anything.
    #[must_use]
    pub fn expose_place(&self) -> String {
        self.place.shown()
    }
}

impl fmt::Debug for Repair {
    /// Shows what was done, and how deep.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at depth {}", self.kind, self.place.0.len())
    }
}

/// Where a value stands in a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Name(String),
    Index(usize),
}

impl FromIterator<Step> for Place {
    fn from_iter<T: IntoIterator<Item = Step>>(steps: T) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl Place {
    /// `transactionInfo[2].merchantName`
    pub(crate) fn shown(&self) -> String {
        let mut shown = String::new();
        for step in &self.0 {
            match step {
                Step::Name(name) if shown.is_empty() => shown.push_str(name),
                // Writing to a string does not fail.
                Step::Name(name) => drop(write!(shown, ".{name}")),
                Step::Index(index) => drop(write!(shown, "[{index}]")),
            }
        }
        shown
    }

    /// The names on the way, without the numbers of a list's items:
    /// `transactionInfo.merchantName`.
    pub(crate) fn names(&self) -> String {
        let names = self.0.iter().filter_map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Index(_) => None,
        });
        names.collect::<Vec<_>>().join(".")
    }

    /// Whether the other place is this one, or lies in it.
    pub(crate) fn holds(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The value at this place of an object, if there is one.
    pub(crate) fn find<'v>(&self, members: &'v Map<String, Value>) -> Option<&'v Value> {
        let (Step::Name(first), rest) = self.0.split_first()? else {
            return None;
        };
        rest.iter()
            .try_fold(members.get(first)?, |holder, step| match step {
                Step::Name(name) => holder.get(name),
                Step::Index(index) => holder.get(index),
            })
    }

    /// The same, to be changed.
    pub(crate) fn find_mut<'v>(
        &self,
        members: &'v mut Map<String, Value>,
    ) -> Option<&'v mut Value> {
        let (Step::Name(first), rest) = self.0.split_first()? else {
            return None;
        };
        rest.iter()
            .try_fold(members.get_mut(first)?, |holder, step| match step {
                Step::Name(name) => holder.get_mut(name),
                Step::Index(index) => holder.get_mut(index),
            })
    }

    /// Takes the value at this place out of an object, if there is one.
    pub(crate) fn take_from(&self, members: &mut Map<String, Value>) -> Option<Value> {
        let (last, before) = self.0.split_last()?;
        if let (Step::Name(name), []) = (last, before) {
            return members.remove(name);
        }
        match (Self(before.to_vec()).find_mut(members)?, last) {
            (Value::Object(members), Step::Name(name)) => members.remove(name),
            (Value::Array(items), Step::Index(index)) if *index < items.len() => {
                Some(items.remove(*index))
            }
            _ => None,
        }
    }
}
