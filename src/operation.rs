//! What the description knows of each operation, as a table.

use crate::ErrorCode;
use crate::generated_operations::OPERATIONS;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing changes: asking again is harmless.
    Reads,
    /// Something changes, but no money moves.
    Changes,
    /// Money moves, or may move. Repeat such a call only when its error says
    /// [`Delivery::NotSent`](crate::Delivery::NotSent).
    MovesMoney,
}

/// Whether a body is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encrypted {
    /// Always.
    Yes,
    /// Never.
    No,
    /// That part of the vendor's page was not seen. Requests are sent plain unless
    /// [`CallOptions::encrypt_request`](crate::CallOptions::encrypt_request) says otherwise; an
    /// encrypted answer is opened in any case.
    Unknown,
}

/// How much of an operation was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The whole page of the vendor's reference, kept with the project's sources.
    Seed,
    /// The whole page of the vendor's reference.
    Page,
    /// A part of the page.
    Partial,
    /// Public code of somebody else.
    ThirdParty,
}

/// An operation of the KONA PLATE Open API, as the description has it.
///
/// ```
/// use konaplate::{Effect, Encrypted, Operation};
///
/// let charge = Operation::find("recharge_from_bank_account").unwrap();
/// assert_eq!(charge.path(), "/api/v1/recharges/by-bank-accounts/no-hce");
/// assert_eq!(charge.effect(), Effect::MovesMoney);
/// assert_eq!(charge.reconcile().unwrap().id(), "get_bank_recharge_result");
/// assert_eq!(charge.request_encrypted(), Encrypted::No);
/// ```
#[derive(Debug)]
pub struct Operation {
    pub(crate) id: &'static str,
    pub(crate) path: &'static str,
    pub(crate) group: &'static str,
    pub(crate) title: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) effect: Effect,
    pub(crate) reconcile: Option<&'static str>,
    pub(crate) request_encrypted: Encrypted,
    pub(crate) response_encrypted: Encrypted,
    pub(crate) evidence: Evidence,
    pub(crate) codes: &'static [ErrorCode],
    /// Names of the request's fields, those inside objects included.
    pub(crate) fields: &'static [&'static str],
    /// Names of the fields of request and answer that may be written down: named values that are not
    /// sensitive.
    pub(crate) plain_request: &'static [&'static str],
    pub(crate) plain_answer: &'static [&'static str],
    pub(crate) after_lost_answer: Option<&'static str>,
    /// Whether a success moves no money yet.
    pub(crate) left_to_member: LeftToMember,
}

/// Whether an answer holds a payment window or a barcode, with which the member moves the money later,
/// or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "the description may need only some of them")]
pub(crate) enum LeftToMember {
    Never,
    Always,
    /// Where the answer has this field.
    With(&'static str),
}

impl LeftToMember {
    /// Whether the plaintext of a success holds one.
    pub(crate) fn applies(self, plaintext: &[u8]) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::With(name) => serde_json::from_slice::<serde_json::Value>(plaintext)
                .is_ok_and(|answer| answer.get(name).is_some_and(|value| !value.is_null())),
        }
    }
}

impl Operation {
    /// Every operation that the description knows, those of groups whose cargo feature is off
    /// included.
    #[must_use]
    pub fn all() -> &'static [Self] {
        OPERATIONS
    }

    /// The operation with that id or that path.
    #[must_use]
    pub fn find(id_or_path: &str) -> Option<&'static Self> {
        OPERATIONS
            .iter()
            .find(|operation| operation.id == id_or_path || operation.path == id_or_path)
    }

    /// Its id, in snake case: the name of the method on [`Client`](crate::Client).
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Its path below the base URL. The method is always `POST`.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The group it belongs to, such as `payments`.
    #[must_use]
    pub fn group(&self) -> &'static str {
        self.group
    }

    /// The vendor's title.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// What it does, in a few words.
    #[must_use]
    pub fn summary(&self) -> &'static str {
        self.summary
    }

    /// Whether it reads, changes, or moves money.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The operation that tells the outcome when the answer was lost. None where no such operation
    /// is known.
    #[must_use]
    pub fn reconcile(&self) -> Option<&'static Self> {
        self.reconcile.and_then(Self::find)
    }

    /// What a person can do when the answer was lost, in plain English: what holds for every
    /// operation that moves money, and what this one's page says. None for an operation that moves no
    /// money.
    ///
    /// ```
    /// let gift = konaplate::Operation::find("gift_prepaid_card").unwrap();
    /// assert!(gift.after_lost_answer().unwrap().starts_with("Do not send it again"));
    /// ```
    #[must_use]
    pub fn after_lost_answer(&self) -> Option<&'static str> {
        self.after_lost_answer
    }

    /// Whether its request is encrypted.
    #[must_use]
    pub fn request_encrypted(&self) -> Encrypted {
        self.request_encrypted
    }

    /// Whether its answer is encrypted.
    #[must_use]
    pub fn response_encrypted(&self) -> Encrypted {
        self.response_encrypted
    }

    /// How much of it was seen.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        self.evidence
    }

    /// The failures that its page documents.
    #[must_use]
    pub fn codes(&self) -> &'static [ErrorCode] {
        self.codes
    }
}

#[cfg(test)]
mod tests {
    use konaplate_codegen::Description;
    use konaplate_codegen::surface::masked;
    use serde_json::Value;

    use crate::generated_operations::EXAMPLES;

    #[test]
    fn every_example_is_read_and_written_without_loss() {
        for (operation, _, json, read) in EXAMPLES {
            let before: Value = serde_json::from_str(json).unwrap();
            let (after, _) = read(&before).unwrap_or_else(|error| panic!("{operation}: {error}"));
            assert_eq!(after, before, "{operation}");
        }
    }

    /// Puts a word that can be searched for in the place of everything sensitive, and into a field that
    /// nobody described.
    fn planted(json: &Value) -> Value {
        match json {
            Value::String(text) if text.starts_with('[') => "CANARY".into(),
            Value::Array(items) => items.iter().map(planted).collect(),
            Value::Object(map) => {
                let mut map: serde_json::Map<_, _> = map
                    .iter()
                    .map(|(name, member)| (name.clone(), planted(member)))
                    .collect();
                map.insert("notDescribed".to_owned(), "CANARY".into());
                Value::Object(map)
            }
            other => other.clone(),
        }
    }

    #[test]
    fn no_body_prints_what_is_sensitive_or_not_described() {
        let description = Description::from_yaml(crate::DESCRIPTION).unwrap();
        let mut count = 0;
        for (operation, schema, json, read) in EXAMPLES {
            let is_closed =
                description.schema(schema).unwrap()["additionalProperties"] == Value::Bool(false);
            let mut json = planted(
                &masked(&description, schema, &serde_json::from_str(json).unwrap()).unwrap(),
            );
            if is_closed {
                json.as_object_mut().unwrap().remove("notDescribed");
            }
            let Ok((_, printed)) = read(&json) else {
                continue; // an object inside a closed request is closed, too
            };
            count += json.to_string().matches("CANARY").count();
            assert!(!printed.contains("CANARY"), "{operation}: {printed}");
        }
        assert!(count > 200 || EXAMPLES.len() < 100, "{count}");
    }
}
