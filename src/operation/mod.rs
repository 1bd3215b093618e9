//! What the description knows of each operation, as a table.

use serde_json::{Map, Value};

use crate::error::ErrorCode;
use crate::value::lenient;

mod table {
    include!(concat!(env!("OUT_DIR"), "/table.rs"));
}

pub(crate) use table::OPERATIONS;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing changes: asking again is harmless.
    Reads,
    /// Something changes, but no money moves.
    Changes,
    /// Money moves, or may move. Such a call is repeated only on proof that it was not carried out:
    /// [`Delivery::NotSent`](crate::Delivery::NotSent) or
    /// [`Delivery::NotCarriedOut`](crate::Delivery::NotCarriedOut).
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
    /// encrypted response is decrypted in any case.
    Unknown,
}

/// How much of an operation was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
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
    pub(crate) outcome: Option<DescribedOutcome>,
    pub(crate) follow_up: Option<&'static str>,
    pub(crate) request_encrypted: Encrypted,
    pub(crate) response_encrypted: Encrypted,
    pub(crate) evidence: Evidence,
    pub(crate) codes: &'static [ErrorCode],
    /// Names of the request's fields, those inside objects included.
    pub(crate) fields: &'static [&'static str],
    /// Names of the fields of request and response that may be written down: named values that are
    /// not sensitive.
    pub(crate) plain_request: &'static [&'static str],
    pub(crate) plain_response: &'static [&'static str],
    /// Where the response has free text: names on the way, as `transactionInfo.merchantName`.
    pub(crate) free_text: &'static [&'static str],
}

/// What a code proves about the money, where an operation responds with it.
///
/// ```
/// use konaplate::{ErrorCode, Operation, Proves};
///
/// let recharge = Operation::find("recharge_from_bank_account").unwrap();
/// assert_eq!(recharge.proves(&ErrorCode::CreditLimitExceeded), Proves::Declined);
/// assert_eq!(recharge.proves(&ErrorCode::SequenceIdAlreadyUsed), Proves::EarlierCall);
/// assert_eq!(recharge.proves(&ErrorCode::PgWithdrawalFailed), Proves::Failure);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proves {
    /// Nothing was carried out, by this delivery of the request or by an earlier one of the same
    /// bytes.
    NotCarriedOut,
    /// The same request, delivered before, could have caused it, and may have been carried out.
    EarlierCall,
    /// This delivery was declined. An earlier one of the same bytes may have been carried out.
    Declined,
    /// The platform failed: the request may have been carried out. So is every code that the
    /// description does not list for the operation.
    Failure,
}

/// A code that an operation responds with, and what it proves.
#[derive(Debug)]
pub(crate) struct CodeProof {
    pub(crate) code: ErrorCode,
    pub(crate) proves: Proves,
}

/// What the platform's own success says about the outcome: see [`Exchange::said`](crate::Exchange::said).
///
/// It is read from the fields that the description names (`x-konaplate-outcome`). Anything but a plain
/// "done" has to be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Said {
    /// It was carried out. So of every success of an operation that moves no money.
    Completed,
    /// No money has moved: only the member can move it now, with what the response has.
    AwaitingMember,
    /// The platform does not know the outcome yet.
    Pending,
    /// It does not say what it should, or contradicts itself.
    Unclear,
}

/// What becomes of a call that moves money: who completes it, what tells, how it is taken back.
///
/// ```
/// let charge = konaplate::Operation::find("recharge_from_bank_account").unwrap();
/// let outcome = charge.outcome().unwrap();
/// assert_eq!(outcome.reference(), Some("sequenceId"));
/// assert_eq!(outcome.inquiry().unwrap().operation().id(), "get_bank_recharge_result");
/// assert!(outcome.hint().starts_with("Do not send it again."));
/// ```
#[derive(Debug)]
pub struct DescribedOutcome {
    pub(crate) completed_by: CompletedBy,
    pub(crate) reference: Option<&'static str>,
    /// Fields of the response: a flag that says that the outcome is not known yet, and the result.
    pub(crate) pending: Option<&'static str>,
    pub(crate) result: Option<&'static str>,
    pub(crate) inquiry: Option<Inquiry>,
    pub(crate) cancel: Option<&'static str>,
    pub(crate) proofs: &'static [CodeProof],
    pub(crate) hint: &'static str,
    pub(crate) hint_ko: &'static str,
}

/// Who moves the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompletedBy {
    Platform,
    /// The member, later or never, with a payment window or a barcode in this field of the
    /// response. `always`: every success has the field.
    Member {
        acts_with: &'static str,
        always: bool,
    },
}

/// What an inquiry says, by the words that the description has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InquiryResult {
    /// The call was carried out.
    Completed,
    /// It failed, and no money moved.
    Failed,
    /// The platform does not know yet.
    Pending,
    /// A word that nobody described.
    Unclear,
}

/// How the outcome of a call is asked.
#[derive(Debug)]
pub struct Inquiry {
    pub(crate) operation: &'static str,
    pub(crate) by: &'static str,
    pub(crate) field: &'static str,
    pub(crate) completed: &'static [&'static str],
    pub(crate) failed: &'static [&'static str],
    pub(crate) pending: &'static [&'static str],
}

impl DescribedOutcome {
    /// The field of the request that KONA finds the call by, beside its correlation id. None where
    /// there is no such field.
    #[must_use]
    pub fn reference(&self) -> Option<&'static str> {
        self.reference
    }

    /// How the outcome is asked. None where no operation tells.
    #[must_use]
    pub fn inquiry(&self) -> Option<&Inquiry> {
        self.inquiry.as_ref()
    }

    /// The operation that takes it back. None where none is known.
    #[must_use]
    pub fn cancel(&self) -> Option<&'static Operation> {
        self.cancel.and_then(Operation::find)
    }

    /// What a person can do when the response was lost, in plain English.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.hint
    }

    /// The same in Korean.
    #[must_use]
    pub fn hint_ko(&self) -> &'static str {
        self.hint_ko
    }

    /// What a success says.
    pub(crate) fn said(&self, body: &Map<String, Value>) -> Said {
        if self.is_left_to_member(body) {
            return Said::AwaitingMember;
        }
        let word = self.result.and_then(|field| body.get(field)?.as_str());
        let result = self
            .inquiry()
            .zip(word)
            .map(|(inquiry, word)| inquiry.says(word));
        // None where the field should be there and is no flag: that is no "done".
        let is_pending = match self.pending {
            None => Some(false),
            Some(field) => body.get(field).and_then(|flag| lenient::flag(flag).ok()),
        };
        match (is_pending, result) {
            (Some(false), None | Some(Said::Completed)) => Said::Completed,
            (Some(true), None) | (Some(_), Some(Said::Pending)) => Said::Pending,
            _ => Said::Unclear,
        }
    }

    /// Whether a success moves no money yet: its body has that with which the member moves it.
    fn is_left_to_member(&self, body: &Map<String, Value>) -> bool {
        match self.completed_by {
            CompletedBy::Platform => false,
            CompletedBy::Member { always: true, .. } => true,
            CompletedBy::Member { acts_with, .. } => {
                body.get(acts_with).is_some_and(|value| !value.is_null())
            }
        }
    }
}

impl Inquiry {
    /// The operation that tells the outcome.
    ///
    /// # Panics
    /// Never: the description names an operation that it has.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        Operation::find(self.operation).expect("the description's operations are in the table")
    }

    /// The field of its request that takes the call's [reference](DescribedOutcome::reference).
    #[must_use]
    pub fn by(&self) -> &'static str {
        self.by
    }

    /// The field of its response that tells.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What a value of that [field](Self::field) says.
    ///
    /// ```
    /// use konaplate::{InquiryResult, Operation};
    ///
    /// let recharge = Operation::find("recharge_from_bank_account").unwrap();
    /// let inquiry = recharge.outcome().unwrap().inquiry().unwrap();
    /// assert_eq!(inquiry.result("COMPLETED"), InquiryResult::Completed);
    /// assert_eq!(inquiry.result("DONE"), InquiryResult::Unclear);
    /// ```
    #[must_use]
    pub fn result(&self, value: &str) -> InquiryResult {
        if self.completed.contains(&value) {
            InquiryResult::Completed
        } else if self.failed.contains(&value) {
            InquiryResult::Failed
        } else if self.pending.contains(&value) {
            InquiryResult::Pending
        } else {
            InquiryResult::Unclear
        }
    }

    /// What a value says in the call's own response, where a failure beside the code of success is
    /// no clear word.
    fn says(&self, value: &str) -> Said {
        match self.result(value) {
            InquiryResult::Completed => Said::Completed,
            InquiryResult::Pending => Said::Pending,
            InquiryResult::Failed | InquiryResult::Unclear => Said::Unclear,
        }
    }
}

impl Operation {
    /// Every operation that the description knows.
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

    /// What can be shown of a path, in a log or an error: the words that paths of the description have.
    ///
    /// ```
    /// use konaplate::Operation;
    ///
    /// let shown = Operation::shown_path("/api/v1/recharges/9491339401250765");
    /// assert_eq!(shown, "/api/v1/recharges/…");
    /// ```
    #[must_use]
    pub fn shown_path(path: &str) -> String {
        let is_version = |part: &str| {
            let digits = part.strip_prefix('v');
            digits.is_some_and(|digits| digits.len() <= 2 && digits.parse::<u8>().is_ok())
        };
        let is_known = |part: &str| {
            let mut paths = Self::all().iter().map(|operation| operation.path);
            paths.any(|path| path.split('/').any(|known| known == part))
        };
        let parts = path.split('/').map(|part| match part {
            part if is_known(part) || is_version(part) => part,
            _ => "…",
        });
        parts.collect::<Vec<_>>().join("/")
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

    /// The operation that tells how a call ended: by the [inquiry](DescribedOutcome::inquiry) of
    /// one that moves money, or of one that changes something later, such as the registration of a
    /// bank account. None where no such operation is known.
    #[must_use]
    pub fn reconcile(&self) -> Option<&'static Self> {
        match self.outcome().and_then(DescribedOutcome::inquiry) {
            Some(inquiry) => Some(inquiry.operation()),
            None => self.follow_up.and_then(Self::find),
        }
    }

    /// What becomes of a call that moves money. None for an operation that moves none.
    #[must_use]
    pub fn outcome(&self) -> Option<&DescribedOutcome> {
        self.outcome.as_ref()
    }

    /// How the outcome is asked, for the generated code of an operation that has an inquiry.
    pub(crate) fn inquiry(&self) -> &Inquiry {
        self.outcome()
            .and_then(DescribedOutcome::inquiry)
            .expect("the code was generated from an operation with an inquiry")
    }

    /// What a code proves about the money, with HTTP status 400, which is that of every documented
    /// failure. Of an operation that moves none: [`Declined`](Proves::Declined) for every code that
    /// the description knows.
    #[must_use]
    pub fn proves(&self, code: &ErrorCode) -> Proves {
        match &self.outcome {
            Some(outcome) => outcome
                .proofs
                .iter()
                .find(|proof| proof.code == *code)
                .map_or(Proves::Failure, |proof| proof.proves),
            None if matches!(code, ErrorCode::Unknown(_)) => Proves::Failure,
            None => Proves::Declined,
        }
    }

    /// Whether its request is encrypted.
    #[must_use]
    pub fn request_encrypted(&self) -> Encrypted {
        self.request_encrypted
    }

    /// Whether its response is encrypted.
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
    use std::collections::HashMap;

    use konaplate_spec::{Side, Spec};
    use serde_json::{Value, json};

    use crate::generated_operations::READERS;

    #[test]
    fn only_a_plain_done_is_believed_without_asking() {
        use super::Said::{Completed, Pending, Unclear};
        let recharge = crate::Operation::find("recharge_from_bank_account").unwrap();
        let described = recharge.outcome().unwrap();
        for (is_pending, result, said) in [
            (json!(false), None, Completed),
            (json!("false"), None, Completed),
            (json!(false), Some("COMPLETED"), Completed),
            (json!(false), Some("PENDING"), Pending),
            (json!(false), Some("FAILED"), Unclear),
            (json!(false), Some("CANCELED"), Unclear),
            (json!(true), None, Pending),
            (json!(true), Some("PENDING"), Pending),
            (json!(true), Some("COMPLETED"), Unclear),
            (json!(true), Some("FAILED"), Unclear),
            (Value::Null, None, Unclear),
            (Value::Null, Some("COMPLETED"), Unclear),
            (json!("maybe"), None, Unclear),
        ] {
            let mut body = serde_json::Map::new();
            body.insert("isPending".to_owned(), is_pending.clone());
            if let Some(result) = result {
                body.insert("result".to_owned(), result.into());
            }
            assert_eq!(described.said(&body), said, "{is_pending} {result:?}");
        }
        assert_eq!(described.said(&serde_json::Map::new()), Unclear);
    }

    /// Each example of the description: its operation, its schema, its JSON.
    fn examples(spec: &Spec) -> Vec<(&str, &str, &Value)> {
        let mut examples = Vec::new();
        for operation in spec.operations() {
            for body in [&operation.request, &operation.response] {
                let values = body.examples.iter().map(|example| &example.value);
                examples.extend(
                    values.map(|value| (operation.id.as_str(), body.schema.as_str(), value)),
                );
            }
        }
        examples
    }

    #[test]
    fn every_example_is_read_and_written_without_loss() {
        let spec = Spec::from_yaml(crate::DESCRIPTION).unwrap();
        let readers: HashMap<_, _> = READERS.iter().copied().collect();
        for (operation, schema, before) in examples(&spec) {
            let (after, _) =
                readers[schema](before).unwrap_or_else(|error| panic!("{operation}: {error}"));
            assert_eq!(after, *before, "{operation}");
        }
    }

    /// Puts a word that can be searched for in the place of everything sensitive, and into a field
    /// that nobody described.
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
        let spec = Spec::from_yaml(crate::DESCRIPTION).unwrap();
        let readers: HashMap<_, _> = READERS.iter().copied().collect();
        let mut count = 0;
        for (operation, schema, example) in examples(&spec) {
            let json = planted(&spec.masked(schema, example));
            let (_, printed) =
                readers[schema](&json).unwrap_or_else(|error| panic!("{operation}: {error}"));
            // An object that was seen whole has no place for what nobody described.
            if spec.reaches(Side::Response, schema) {
                count += json.to_string().matches("CANARY").count();
            }
            assert!(!printed.contains("CANARY"), "{operation}: {printed}");
        }
        assert!(count > 200, "{count}");
    }
}
