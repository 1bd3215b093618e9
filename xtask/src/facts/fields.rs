//! Compares the fields of a body.

use std::fmt::Display;

use konaplate_codegen::Description;
use serde_json::Value;

use super::described::{Bounds, Described, properties};
use super::read::{Field, Need};
use super::tree::{Node, Origin};

/// Compares the fields of one body and collects what differs.
#[derive(Debug)]
pub(super) struct Fields<'d, 'l> {
    pub(super) description: &'d Description,
    /// What the operation says in words, for fields that are named in passing.
    pub(super) words: &'l str,
    pub(super) lines: &'l mut Vec<String>,
}

impl Fields<'_, '_> {
    /// Compares an object with the facts about it. `third_party` says that an object around it is
    /// marked as known from others only.
    pub(super) fn object(
        &mut self,
        place: &str,
        nodes: &[Node<'_>],
        object: &Value,
        overlay: Option<&Value>,
        third_party: bool,
    ) {
        let described = properties(self.description, object, overlay);
        for node in nodes {
            let Some(name) = node.name else {
                self.add(
                    place,
                    "a field without a name is in the facts, so the description cannot have it",
                );
                continue;
            };
            let place = format!("{place}.{name}");
            match described.iter().find(|(other, _)| *other == name) {
                Some((_, field)) => self.field(&place, node, *field, third_party),
                None => self.missing(&place, node),
            }
        }
        for (name, _) in described {
            // Every answer has the envelope, and no page prints it.
            let envelope = place == "response" && name == "response";
            if !envelope && nodes.iter().all(|node| node.name != Some(name)) {
                self.add(
                    &format!("{place}.{name}"),
                    "is in the description and not in the facts",
                );
            }
        }
    }

    fn missing(&mut self, place: &str, node: &Node<'_>) {
        match node.origin {
            Origin::Page => self.add(place, "is in the facts and not in the description"),
            Origin::ThirdParty => self.add(
                place,
                "is in the facts, from a third party, and not in the description",
            ),
            Origin::Mention => {
                if let Some(mention) = node.mention
                    && !says(self.words, &mention.name)
                {
                    self.add(
                        place,
                        "is mentioned in the facts and neither a field nor a word of the description",
                    );
                }
                for child in &node.children {
                    let name = child.name.unwrap_or_default();
                    self.missing(&format!("{place}.{name}"), child);
                }
            }
        }
    }

    fn field(&mut self, place: &str, node: &Node<'_>, field: Described<'_>, third_party: bool) {
        let evidence = field.evidence();
        match node.origin {
            Origin::Page => {
                if evidence == Some("third-party") {
                    self.add(place, "is on the page by the facts, and the evidence in the description is third-party");
                }
            }
            Origin::ThirdParty => {
                if evidence != Some("third-party") && !third_party {
                    self.differ(
                        place,
                        "evidence",
                        "third-party",
                        evidence.unwrap_or("not given"),
                    );
                }
            }
            Origin::Mention => {
                if evidence != Some("partial") {
                    self.differ(
                        place,
                        "evidence",
                        "partial (mentioned only)",
                        evidence.unwrap_or("not given"),
                    );
                }
            }
        }
        self.required(place, node, field);
        let kind = match (node.fact, node.mention) {
            (Some(fact), _) => fact.kind.as_str(),
            (None, Some(mention)) => mention.kind.as_str(),
            (None, None) => "object",
        };
        if !self.kind(place, kind, field) {
            return;
        }
        if let Some(fact) = node.fact {
            self.bounds(place, bounds_of(fact), field);
            self.value(place, fact, field);
            self.values(place, fact, node.origin, field);
            self.texts(place, fact, field);
        } else if let Some(mention) = node.mention {
            let bounds = Bounds {
                length: mention.length,
                ..Bounds::default()
            };
            self.bounds(place, bounds, field);
        }
        if let Some(object) = field.object(self.description) {
            let third_party = third_party || evidence == Some("third-party");
            let overlay = field.printed_of_field("fields");
            self.object(place, &node.children, object, overlay, third_party);
        }
    }

    fn required(&mut self, place: &str, node: &Node<'_>, field: Described<'_>) {
        let described = if field.required {
            "Required"
        } else {
            "Optional"
        };
        let fact = match node.origin {
            Origin::Page => node
                .fact
                .and_then(|fact| fact.required)
                .unwrap_or(Need::Unknown),
            // Nobody who was seen to send a field says that it has to be sent.
            Origin::ThirdParty | Origin::Mention => Need::Optional,
        };
        let printed = field.printed("required").and_then(Value::as_str);
        if fact == Need::Conditional {
            if field.required {
                self.differ(place, "required", "Conditional", "Required");
            } else if printed != Some("Conditional") {
                self.differ(
                    place,
                    "required",
                    "Conditional",
                    format_args!(
                        "{}, and Conditional is not printed",
                        printed.unwrap_or(described)
                    ),
                );
            }
            return;
        }
        let holds = match printed {
            Some(printed) => printed == fact.word(),
            None => field.required == (fact == Need::Required),
        };
        if !holds {
            self.differ(place, "required", fact.word(), printed.unwrap_or(described));
        }
    }

    /// Whether it makes sense to compare more of the field.
    fn kind(&mut self, place: &str, fact: &str, field: Described<'_>) -> bool {
        let fact = fact.trim_end_matches(" or null");
        if fact == "unknown" {
            return false;
        }
        let kind = field.kind(self.description);
        let same = kind.trim_end_matches(" or null") == fact;
        if !same {
            self.differ(place, "type", fact, kind);
        }
        same
    }

    fn bounds(&mut self, place: &str, fact: Bounds, field: Described<'_>) {
        let of_field = field.printed_bounds_of_field();
        if fact.is_none() {
            // A schema may be stricter than a page that says nothing; what is printed may not.
            if !of_field.is_none() {
                self.differ(place, "length", "not given", show(of_field));
            }
            return;
        }
        if let Some(words) = field.enum_words()
            && of_field.is_none()
            && words.iter().all(|word| fact.hold(characters(word)))
        {
            return;
        }
        let described = field.bounds();
        let (min, max) = described.range();
        if let Some(length) = fact.length {
            if (min, max) != (Some(length), Some(length)) {
                self.differ(place, "length", length, show(described));
            }
            return;
        }
        let shown = |bound: Option<u64>| bound.map_or("not given".to_owned(), |b| b.to_string());
        if fact.max.is_some() && fact.max != max {
            self.differ(place, "max", shown(fact.max), shown(max));
        }
        match fact.min {
            Some(_) if fact.min != min => self.differ(place, "min", shown(fact.min), shown(min)),
            None if min.is_some_and(|min| min > 1) => {
                self.differ(place, "min", "not given", shown(min));
            }
            _ => {}
        }
    }

    fn value(&mut self, place: &str, fact: &Field, field: Described<'_>) {
        let printed = match fact.value {
            Some(_) => field.printed("value"),
            None => field.printed_of_field("value"),
        };
        let shown = |value: Option<String>| value.unwrap_or_else(|| "not given".to_owned());
        let seen = fact.value.map(|value| value.to_string());
        let printed = printed.map(plain);
        if seen != printed {
            self.differ(place, "value", shown(seen), shown(printed));
        }
    }

    fn values(&mut self, place: &str, fact: &Field, origin: Origin, field: Described<'_>) {
        let words = field.words();
        let Some(values) = &fact.values else {
            // Others show the values that they use, never all that there are.
            let restricted =
                field.enum_words().is_some() || field.printed_of_field("values").is_some();
            if let Some(words) = words
                && restricted
                && !words.is_empty()
                && origin == Origin::Page
            {
                self.differ(place, "values", "not given", words.join(", "));
            }
            return;
        };
        let seen: Vec<&str> = values.keys().map(String::as_str).collect();
        let open = fact.values_are_open() || origin == Origin::ThirdParty;
        let holds = match &words {
            Some(words) if open => seen.iter().all(|word| words.contains(word)),
            Some(words) => seen == *words,
            None => open,
        };
        if !holds {
            let words = words.map_or("not given".to_owned(), |words| words.join(", "));
            self.differ(place, "values", seen.join(", "), words);
        }
    }

    /// What is compared only where the description has it, too.
    fn texts(&mut self, place: &str, fact: &Field, field: Described<'_>) {
        let default = field.printed("default").map(plain);
        for (key, seen, described) in [
            ("format", fact.format.as_deref(), field.form()),
            ("default", fact.default.as_deref(), default.as_deref()),
        ] {
            if let (Some(seen), Some(described)) = (seen, described)
                && seen != described
            {
                self.differ(place, key, seen, described);
            }
        }
    }

    fn differ(&mut self, place: &str, key: &str, fact: impl Display, described: impl Display) {
        self.lines.push(format!(
            "{place}: {key} is {fact} in the facts and {described} in the description"
        ));
    }

    fn add(&mut self, place: &str, problem: &str) {
        self.lines.push(format!("{place}: {problem}"));
    }
}

fn bounds_of(fact: &Field) -> Bounds {
    Bounds {
        length: fact.length,
        min: fact.min,
        max: fact.max,
    }
}

fn show(bounds: Bounds) -> String {
    match (bounds.length, bounds.min, bounds.max) {
        (Some(length), ..) => length.to_string(),
        (None, Some(min), Some(max)) if min == max => min.to_string(),
        (None, None | Some(0), None) => "not given".to_owned(),
        (None, Some(min), None) => format!("{min} or more"),
        (None, min, Some(max)) => format!("{} to {max}", min.unwrap_or(0)),
    }
}

fn characters(word: &str) -> u64 {
    word.chars().count() as u64
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a text has a name in it that does not go on to either side.
fn says(text: &str, name: &str) -> bool {
    let (text, name) = (one_line(text), one_line(name));
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(&name).any(|(at, _)| {
        !letter(text[..at].chars().next_back()) && !letter(text[at + name.len()..].chars().next())
    })
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::says;

    #[test]
    fn a_name_is_a_word_only_where_it_ends() {
        assert!(says("Needs `cardApplyNo`, it seems.", "cardApplyNo"));
        assert!(says("the Next\n  service id of it", "next service id"));
        assert!(says("by cardInfo.oldCardNo.", "cardInfo.oldCardNo"));
        assert!(!says("cardApplyNos", "cardApplyNo"));
        assert!(!says("", "cardApplyNo"));
    }
}
