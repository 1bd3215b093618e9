//! Faults on demand: what can go wrong, which call it happens to, and what it does to an answer.
//!
//! How bytes are cut, doubled or withheld is in [`crate::wire`].

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

/// The longest delay that can be asked for, in milliseconds.
const MAX_DELAY: u32 = 60_000;

/// What a value is replaced with that has to be one of a list.
const UNKNOWN_VALUE: &str = "SANDBOX_UNKNOWN";

/// A code that no page of the vendor has.
const UNKNOWN_CODE: &str = "999_999";

/// Something that goes wrong on the way, though the request is right.
///
/// As text, in headers and in the control API, it has the name that is given with each. What is
/// behind a colon is a number.
///
/// ```
/// use konaplate_sandbox::{Fault, HtmlStatus};
///
/// let fault: Fault = "html-after:502".parse()?;
/// assert_eq!(
///     fault,
///     Fault::Html { status: HtmlStatus::BadGateway, carried_out: true }
/// );
/// assert!(fault.carries_out());
/// assert_eq!(fault.to_string(), "html-after:502");
/// # Ok::<(), konaplate_sandbox::Problem>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// `refuse-connection`: as the next fault, the next new connection is closed before anything is
    /// read of it, whatever it was opened for. Where it takes a request to know (asked for by a
    /// header, by operation or by rate; a connection that is kept alive), the connection is closed
    /// when the request is there. Not carried out.
    RefuseConnection,
    /// `close-before`: the request is read and the connection closed. Not carried out.
    CloseBefore,
    /// `close-after`: the request is carried out and the connection closed, without an answer.
    CloseAfter,
    /// `delay:<ms>`: the request is carried out at once and answered so many milliseconds later; at
    /// most 60,000.
    Delay {
        /// Milliseconds.
        millis: u32,
    },
    /// `cut-answer:<bytes>`: the request is carried out, and the connection closed after so many
    /// bytes of the answer. They are counted from the status line on; all are sent of an answer that
    /// has no more.
    CutAnswer {
        /// Bytes.
        bytes: u32,
    },
    /// `length-too-large`: carried out; Content-Length promises more than comes, and then the
    /// connection is closed.
    LengthTooLarge,
    /// `length-too-small`: carried out; Content-Length says half of what comes.
    LengthTooSmall,
    /// `html:<status>` and `html-after:<status>`: a page of a gateway, status 500, 502, 503 or 504,
    /// before the request was carried out or after it.
    Html {
        /// The page's status.
        status: HtmlStatus,
        /// Whether the request was carried out before.
        carried_out: bool,
    },
    /// `retry-after:<seconds>`: 503 with the header Retry-After. Not carried out.
    RetryAfter {
        /// Seconds.
        seconds: u32,
    },
    /// `wrong-tag`: carried out; the authentication tag of the answer's JWE is wrong. An answer that
    /// is not encrypted gets encrypted for it.
    WrongTag,
    /// `unknown-key-id`: carried out; the answer is encrypted, and names a key that nobody has.
    UnknownKeyId,
    /// `plain-answer`: carried out; the answer is not encrypted though it should be.
    PlainAnswer,
    /// `unknown-enum-value`: carried out; every value of the answer that should be one of a list is
    /// another one. It changes nothing where the answer has no such value.
    UnknownEnumValue,
    /// `unknown-code`: carried out; and then answered with status 400 and a code that is not
    /// documented.
    UnknownCode,
    /// `extra-fields`: carried out; the answer has fields that are not documented.
    ExtraFields,
    /// `missing-fields`: carried out; of the answer nothing is there but its code.
    MissingFields,
    /// `duplicated-answer`: carried out; the answer comes twice.
    DuplicatedAnswer,
    /// `stale-answer`: carried out; the answer comes twice, the second time when the connection's
    /// next call waits for its own.
    StaleAnswer,
}

/// Status of a gateway's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HtmlStatus {
    /// 500
    InternalServerError,
    /// 502
    BadGateway,
    /// 503
    ServiceUnavailable,
    /// 504
    GatewayTimeout,
}

impl HtmlStatus {
    const ALL: [Self; 4] = [
        Self::InternalServerError,
        Self::BadGateway,
        Self::ServiceUnavailable,
        Self::GatewayTimeout,
    ];

    pub(crate) fn code(self) -> StatusCode {
        match self {
            Self::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::BadGateway => StatusCode::BAD_GATEWAY,
            Self::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::GatewayTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

/// Why something cannot be set: the field, and the rule that it breaks. Never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub(crate) field: String,
    pub(crate) rule: String,
}

impl Problem {
    pub(crate) fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            rule: rule.into(),
        }
    }

    /// Name of the field.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}

impl std::error::Error for Problem {}

impl Fault {
    /// One of each kind, with numbers of which a test does not get old.
    pub const EXAMPLES: [Self; 22] = [
        Self::RefuseConnection,
        Self::CloseBefore,
        Self::CloseAfter,
        Self::Delay { millis: 5 },
        Self::CutAnswer { bytes: 100 },
        Self::LengthTooLarge,
        Self::LengthTooSmall,
        Self::Html {
            status: HtmlStatus::InternalServerError,
            carried_out: false,
        },
        Self::Html {
            status: HtmlStatus::InternalServerError,
            carried_out: true,
        },
        Self::Html {
            status: HtmlStatus::BadGateway,
            carried_out: true,
        },
        Self::Html {
            status: HtmlStatus::ServiceUnavailable,
            carried_out: false,
        },
        Self::Html {
            status: HtmlStatus::GatewayTimeout,
            carried_out: true,
        },
        Self::RetryAfter { seconds: 1 },
        Self::WrongTag,
        Self::UnknownKeyId,
        Self::PlainAnswer,
        Self::UnknownEnumValue,
        Self::UnknownCode,
        Self::ExtraFields,
        Self::MissingFields,
        Self::DuplicatedAnswer,
        Self::StaleAnswer,
    ];

    /// Whether the request is carried out before things go wrong, if there is nothing wrong with it.
    #[must_use]
    pub fn carries_out(self) -> bool {
        !matches!(
            self,
            Self::RefuseConnection
                | Self::CloseBefore
                | Self::RetryAfter { .. }
                | Self::Html {
                    carried_out: false,
                    ..
                }
        )
    }

    pub(crate) fn delay(self) -> Option<Duration> {
        match self {
            Self::Delay { millis } => Some(Duration::from_millis(millis.into())),
            _ => None,
        }
    }

    /// A fault whose number is in range: one made in Rust need not be.
    pub(crate) fn checked(self) -> Result<Self, Problem> {
        match self {
            Self::Delay { millis } if millis > MAX_DELAY => Err(Problem::new(
                "fault",
                format!("must not delay more than {MAX_DELAY} milliseconds"),
            )),
            fault => Ok(fault),
        }
    }

    /// What it does to an answer's plaintext, and to its status. `closed` are the names of the
    /// fields whose values are one of a list.
    pub(crate) fn spoil(
        self,
        status: &mut StatusCode,
        plaintext: &mut Value,
        closed: &HashSet<String>,
    ) {
        match self {
            Self::UnknownEnumValue => replace_values(plaintext, closed),
            Self::UnknownCode => {
                *status = StatusCode::BAD_REQUEST;
                *plaintext = json!({"response": {
                    "code": UNKNOWN_CODE,
                    "description": "A code that is not documented.",
                }});
            }
            Self::ExtraFields => {
                let extra = || json!({"text": "more", "list": [1, {"a": null}]});
                plaintext["sandboxExtra"] = extra();
                plaintext["response"]["sandboxExtra"] = extra();
            }
            Self::MissingFields => {
                *plaintext = json!({"response": {"code": plaintext["response"]["code"]}});
            }
            _ => {}
        }
    }
}

fn replace_values(value: &mut Value, closed: &HashSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if member.is_string() && closed.contains(name) {
                    *member = UNKNOWN_VALUE.into();
                } else {
                    replace_values(member, closed);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                replace_values(item, closed);
            }
        }
        _ => {}
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::RefuseConnection => f.write_str("refuse-connection"),
            Self::CloseBefore => f.write_str("close-before"),
            Self::CloseAfter => f.write_str("close-after"),
            Self::Delay { millis } => write!(f, "delay:{millis}"),
            Self::CutAnswer { bytes } => write!(f, "cut-answer:{bytes}"),
            Self::LengthTooLarge => f.write_str("length-too-large"),
            Self::LengthTooSmall => f.write_str("length-too-small"),
            Self::Html {
                status,
                carried_out,
            } => {
                let after = if carried_out { "-after" } else { "" };
                write!(f, "html{after}:{}", status.code().as_u16())
            }
            Self::RetryAfter { seconds } => write!(f, "retry-after:{seconds}"),
            Self::WrongTag => f.write_str("wrong-tag"),
            Self::UnknownKeyId => f.write_str("unknown-key-id"),
            Self::PlainAnswer => f.write_str("plain-answer"),
            Self::UnknownEnumValue => f.write_str("unknown-enum-value"),
            Self::UnknownCode => f.write_str("unknown-code"),
            Self::ExtraFields => f.write_str("extra-fields"),
            Self::MissingFields => f.write_str("missing-fields"),
            Self::DuplicatedAnswer => f.write_str("duplicated-answer"),
            Self::StaleAnswer => f.write_str("stale-answer"),
        }
    }
}

impl FromStr for Fault {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self, Problem> {
        let (name, number) = match text.split_once(':') {
            Some((name, digits)) => {
                let number = digits
                    .parse::<u32>()
                    .map_err(|_| Problem::new("fault", "must have a number behind its colon"))?;
                (name, Some(number))
            }
            None => (text, None),
        };
        let html = |status: u32, carried_out| {
            let status = HtmlStatus::ALL
                .into_iter()
                .find(|known| u32::from(known.code().as_u16()) == status)
                .ok_or_else(|| Problem::new("fault", "must be of status 500, 502, 503 or 504"))?;
            Ok(Self::Html {
                status,
                carried_out,
            })
        };
        let fault = match (name, number) {
            ("refuse-connection", None) => Self::RefuseConnection,
            ("close-before", None) => Self::CloseBefore,
            ("close-after", None) => Self::CloseAfter,
            ("delay", Some(millis)) => Self::Delay { millis },
            ("cut-answer", Some(bytes)) => Self::CutAnswer { bytes },
            ("length-too-large", None) => Self::LengthTooLarge,
            ("length-too-small", None) => Self::LengthTooSmall,
            ("html", Some(status)) => html(status, false)?,
            ("html-after", Some(status)) => html(status, true)?,
            ("retry-after", Some(seconds)) => Self::RetryAfter { seconds },
            ("wrong-tag", None) => Self::WrongTag,
            ("unknown-key-id", None) => Self::UnknownKeyId,
            ("plain-answer", None) => Self::PlainAnswer,
            ("unknown-enum-value", None) => Self::UnknownEnumValue,
            ("unknown-code", None) => Self::UnknownCode,
            ("extra-fields", None) => Self::ExtraFields,
            ("missing-fields", None) => Self::MissingFields,
            ("duplicated-answer", None) => Self::DuplicatedAnswer,
            ("stale-answer", None) => Self::StaleAnswer,
            _ => {
                return Err(Problem::new(
                    "fault",
                    "must be one of refuse-connection, close-before, close-after, delay:<ms>, \
                     cut-answer:<bytes>, length-too-large, length-too-small, html:<status>, \
                     html-after:<status>, retry-after:<seconds>, wrong-tag, unknown-key-id, \
                     plain-answer, unknown-enum-value, unknown-code, extra-fields, \
                     missing-fields, duplicated-answer, stale-answer",
                ));
            }
        };
        fault.checked()
    }
}

/// Which calls get which fault.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    next: VecDeque<Fault>,
    operations: BTreeMap<&'static str, Fault>,
    rate: Option<Rate>,
}

#[derive(Debug)]
struct Rate {
    rate: f64,
    seed: u64,
    kinds: Vec<Fault>,
    random: fastrand::Rng,
}

impl Rate {
    fn draw(&mut self) -> Option<Fault> {
        // Two numbers for every draw: the sequence does not hang on what came out before.
        let (chance, kind) = (self.random.f64(), self.random.usize(..self.kinds.len()));
        (chance < self.rate).then(|| self.kinds[kind])
    }
}

impl Faults {
    pub(crate) fn add_next(&mut self, fault: Fault) -> Result<(), Problem> {
        self.next.push_back(fault.checked()?);
        Ok(())
    }

    pub(crate) fn set_operation(
        &mut self,
        operation: &'static str,
        fault: Fault,
    ) -> Result<(), Problem> {
        self.operations.insert(operation, fault.checked()?);
        Ok(())
    }

    pub(crate) fn set_rate(
        &mut self,
        rate: f64,
        seed: u64,
        kinds: Vec<Fault>,
    ) -> Result<(), Problem> {
        if !(0.0..=1.0).contains(&rate) {
            return Err(Problem::new("rate", "must be from 0 to 1"));
        }
        if kinds.is_empty() {
            return Err(Problem::new("faults", "must name one fault at least"));
        }
        let kinds: Vec<_> = kinds
            .into_iter()
            .map(Fault::checked)
            .collect::<Result<_, _>>()?;
        self.rate = Some(Rate {
            rate,
            seed,
            kinds,
            random: fastrand::Rng::with_seed(seed),
        });
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a new connection is to be closed at once.
    ///
    /// Nothing is known yet of what it is for, so a rate does not come in here: it would shut out
    /// the control API, too.
    pub(crate) fn refuse_connection(&mut self) -> bool {
        let refuses = self.next.front() == Some(&Fault::RefuseConnection);
        if refuses {
            self.next.pop_front();
        }
        refuses
    }

    /// The fault of a call that does not bring its own.
    pub(crate) fn take(&mut self, operation: Option<&str>) -> Option<Fault> {
        if let Some(fault) = self.next.pop_front() {
            return Some(fault);
        }
        if let Some(fault) = operation.and_then(|id| self.operations.get(id)) {
            return Some(*fault);
        }
        self.rate.as_mut().and_then(Rate::draw)
    }

    pub(crate) fn to_json(&self) -> Value {
        let names =
            |faults: &[Fault]| -> Vec<String> { faults.iter().map(ToString::to_string).collect() };
        let next: Vec<_> = self.next.iter().copied().collect();
        let operations: BTreeMap<_, _> = self
            .operations
            .iter()
            .map(|(id, fault)| (*id, fault.to_string()))
            .collect();
        json!({
            "next": names(&next),
            "operations": operations,
            "rate": self.rate.as_ref().map(|rate| json!({
                "rate": rate.rate,
                "seed": rate.seed,
                "faults": names(&rate.kinds),
            })),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for fault in Fault::EXAMPLES {
            assert_eq!(fault.to_string().parse(), Ok(fault), "{fault}");
        }
        for wrong in [
            "",
            "delay",
            "delay:",
            "delay:60001",
            "delay:-1",
            "html:501",
            "close-after:1",
            "CLOSE-AFTER",
        ] {
            let problem = wrong.parse::<Fault>().unwrap_err();
            assert_eq!(problem.field(), "fault", "{wrong}");
        }
    }

    #[test]
    fn the_next_call_comes_before_its_operation_and_that_before_the_rate() {
        let mut faults = Faults::default();
        faults.set_rate(1.0, 7, vec![Fault::WrongTag]).unwrap();
        faults.set_operation("a", Fault::CloseAfter).unwrap();
        faults.add_next(Fault::CloseBefore).unwrap();
        assert_eq!(faults.take(Some("a")), Some(Fault::CloseBefore));
        assert_eq!(faults.take(Some("a")), Some(Fault::CloseAfter));
        assert_eq!(faults.take(Some("b")), Some(Fault::WrongTag));
        faults.clear();
        assert_eq!(faults.take(Some("a")), None);
    }

    #[test]
    fn a_seed_gives_the_same_faults_again() {
        let draws = |seed| {
            let mut faults = Faults::default();
            faults
                .set_rate(0.3, seed, Fault::EXAMPLES.to_vec())
                .unwrap();
            (0..500).map(|_| faults.take(None)).collect::<Vec<_>>()
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
        let hits = draws(1).iter().flatten().count();
        assert!((100..200).contains(&hits), "{hits} of 500");
    }

    #[test]
    fn a_rate_that_is_none_is_refused() {
        let mut faults = Faults::default();
        for rate in [-0.1, 1.1, f64::NAN] {
            let problem = faults.set_rate(rate, 0, vec![Fault::WrongTag]).unwrap_err();
            assert_eq!(problem.to_string(), "rate must be from 0 to 1");
        }
        let problem = faults.set_rate(0.5, 0, Vec::new()).unwrap_err();
        assert_eq!(problem.field(), "faults");
    }

    #[test]
    fn values_of_a_list_are_replaced_at_any_depth() {
        let closed = HashSet::from(["result".to_owned()]);
        let mut plaintext = json!({"result": "A", "list": [{"result": "B", "other": "C"}]});
        Fault::UnknownEnumValue.spoil(&mut StatusCode::OK.clone(), &mut plaintext, &closed);
        assert_eq!(
            plaintext,
            json!({"result": UNKNOWN_VALUE, "list": [{"result": UNKNOWN_VALUE, "other": "C"}]})
        );
    }
}
