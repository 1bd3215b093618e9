//! Faults on demand: what can go wrong, what sets it ([`plan`]), which call it happens to
//! ([`schedule`]), and what it does to a response ([`inject`]). How often and when a request is delivered is up to
//! [`crate::service`].

pub(crate) mod inject;
pub(crate) mod plan;
mod schedule;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::problem::Problem;
use axum::http::StatusCode;

pub use plan::FaultPlan;
pub(crate) use schedule::Faults;

/// The longest delay that can be asked for, in milliseconds.
const MAX_DELAY: u32 = 60_000;

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
    /// `close-after`: the request is carried out and the connection closed, without a response.
    CloseAfter,
    /// `delay:<ms>`: the request is carried out at once, and the response comes so many
    /// milliseconds later; at most 60,000.
    Delay {
        /// Milliseconds.
        millis: u32,
    },
    /// `cut-response:<bytes>`: the request is carried out, and the connection closed after so many
    /// bytes of the response. They are counted from the status line on; all are sent of a response
    /// that has no more.
    CutResponse {
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
    /// `gateway:<status>` and `gateway-after:<status>`: a gateway's own JSON, `reason` and `message`
    /// without the platform's envelope, status 401, 403 or 429, before the request was carried out
    /// or after it.
    Gateway {
        /// The status.
        status: GatewayStatus,
        /// Whether the request was carried out before.
        carried_out: bool,
    },
    /// `failure-after:<code>`: carried out; and the response is status 400 and that code: 7004 is
    /// `007_004`. It need not be one of the operation's.
    FailureAfter {
        /// The digits of the code.
        code: u32,
    },
    /// `duplicated-request`: the request is delivered twice, with one correlation id, and what the
    /// second delivery is responded to with comes back.
    DuplicatedRequest,
    /// `duplicated-request-new-id`: the same, and the second delivery has a correlation id of its
    /// own.
    DuplicatedRequestNewId,
    /// `hold-request`: the request is verified and held, and the connection closed, without a
    /// response. It is delivered when `deliver_held` says so: late, or after another one.
    HoldRequest,
    /// `wrong-tag`: carried out; the authentication tag of the response's JWE is wrong. A response
    /// that is not encrypted gets encrypted for it.
    WrongTag,
    /// `unknown-key-id`: carried out; the response is encrypted, and names a key that nobody
    /// has. A client that tries each of its keys reads it.
    UnknownKeyId,
    /// `plain-response`: carried out; the response is not encrypted though it should be.
    PlainResponse,
    /// `unknown-enum-value`: carried out; every value of the response that should be one of a list
    /// is another one. It changes nothing where the response has no such value.
    UnknownEnumValue,
    /// `unknown-code`: carried out; and the response is status 400 and a code that is not
    /// documented.
    UnknownCode,
    /// `extra-fields`: carried out; the response has fields that are not documented.
    ExtraFields,
    /// `missing-fields`: carried out; of the response nothing is there but its code.
    MissingFields,
    /// `duplicated-response`: carried out; the response comes twice.
    DuplicatedResponse,
    /// `stale-response`: carried out; the response comes twice, the second time when the
    /// connection's next call waits for its own.
    StaleResponse,
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

/// Status of a gateway that answers for the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GatewayStatus {
    /// 401
    Unauthorized,
    /// 403
    Forbidden,
    /// 429
    TooManyRequests,
}

impl GatewayStatus {
    const ALL: [Self; 3] = [Self::Unauthorized, Self::Forbidden, Self::TooManyRequests];

    pub(crate) fn code(self) -> StatusCode {
        match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        }
    }
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

impl Fault {
    /// One of each kind, with numbers of which a test does not get old.
    pub const EXAMPLES: [Self; 29] = [
        Self::RefuseConnection,
        Self::CloseBefore,
        Self::CloseAfter,
        Self::Delay { millis: 5 },
        Self::CutResponse { bytes: 100 },
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
        Self::Gateway {
            status: GatewayStatus::Unauthorized,
            carried_out: false,
        },
        Self::Gateway {
            status: GatewayStatus::Forbidden,
            carried_out: true,
        },
        Self::Gateway {
            status: GatewayStatus::TooManyRequests,
            carried_out: true,
        },
        Self::FailureAfter { code: 7_004 },
        Self::DuplicatedRequest,
        Self::DuplicatedRequestNewId,
        Self::HoldRequest,
        Self::WrongTag,
        Self::UnknownKeyId,
        Self::PlainResponse,
        Self::UnknownEnumValue,
        Self::UnknownCode,
        Self::ExtraFields,
        Self::MissingFields,
        Self::DuplicatedResponse,
        Self::StaleResponse,
    ];

    /// Whether the request is carried out before things go wrong, if there is nothing wrong with
    /// it.
    #[must_use]
    pub fn carries_out(self) -> bool {
        !matches!(
            self,
            Self::RefuseConnection
                | Self::CloseBefore
                | Self::HoldRequest
                | Self::RetryAfter { .. }
                | Self::Html {
                    carried_out: false,
                    ..
                }
                | Self::Gateway {
                    carried_out: false,
                    ..
                }
        )
    }

    /// Whether the request gets as far as the platform's checks.
    pub(crate) fn arrives(self) -> bool {
        self.carries_out() || self == Self::HoldRequest
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
            Self::FailureAfter { code } if code > 999_999 => Err(Problem::new(
                "fault",
                "must have a code of six digits at most behind its colon",
            )),
            fault => Ok(fault),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::RefuseConnection => f.write_str("refuse-connection"),
            Self::CloseBefore => f.write_str("close-before"),
            Self::CloseAfter => f.write_str("close-after"),
            Self::Delay { millis } => write!(f, "delay:{millis}"),
            Self::CutResponse { bytes } => write!(f, "cut-response:{bytes}"),
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
            Self::Gateway {
                status,
                carried_out,
            } => {
                let after = if carried_out { "-after" } else { "" };
                write!(f, "gateway{after}:{}", status.code().as_u16())
            }
            Self::FailureAfter { code } => write!(f, "failure-after:{code}"),
            Self::DuplicatedRequest => f.write_str("duplicated-request"),
            Self::DuplicatedRequestNewId => f.write_str("duplicated-request-new-id"),
            Self::HoldRequest => f.write_str("hold-request"),
            Self::WrongTag => f.write_str("wrong-tag"),
            Self::UnknownKeyId => f.write_str("unknown-key-id"),
            Self::PlainResponse => f.write_str("plain-response"),
            Self::UnknownEnumValue => f.write_str("unknown-enum-value"),
            Self::UnknownCode => f.write_str("unknown-code"),
            Self::ExtraFields => f.write_str("extra-fields"),
            Self::MissingFields => f.write_str("missing-fields"),
            Self::DuplicatedResponse => f.write_str("duplicated-response"),
            Self::StaleResponse => f.write_str("stale-response"),
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
        let gateway = |status: u32, carried_out| {
            let status = GatewayStatus::ALL
                .into_iter()
                .find(|known| u32::from(known.code().as_u16()) == status)
                .ok_or_else(|| Problem::new("fault", "must be of status 401, 403 or 429"))?;
            Ok(Self::Gateway {
                status,
                carried_out,
            })
        };
        let fault = match (name, number) {
            ("refuse-connection", None) => Self::RefuseConnection,
            ("close-before", None) => Self::CloseBefore,
            ("close-after", None) => Self::CloseAfter,
            ("delay", Some(millis)) => Self::Delay { millis },
            ("cut-response", Some(bytes)) => Self::CutResponse { bytes },
            ("length-too-large", None) => Self::LengthTooLarge,
            ("length-too-small", None) => Self::LengthTooSmall,
            ("html", Some(status)) => html(status, false)?,
            ("html-after", Some(status)) => html(status, true)?,
            ("retry-after", Some(seconds)) => Self::RetryAfter { seconds },
            ("gateway", Some(status)) => gateway(status, false)?,
            ("gateway-after", Some(status)) => gateway(status, true)?,
            ("failure-after", Some(code)) => Self::FailureAfter { code },
            ("duplicated-request", None) => Self::DuplicatedRequest,
            ("duplicated-request-new-id", None) => Self::DuplicatedRequestNewId,
            ("hold-request", None) => Self::HoldRequest,
            ("wrong-tag", None) => Self::WrongTag,
            ("unknown-key-id", None) => Self::UnknownKeyId,
            ("plain-response", None) => Self::PlainResponse,
            ("unknown-enum-value", None) => Self::UnknownEnumValue,
            ("unknown-code", None) => Self::UnknownCode,
            ("extra-fields", None) => Self::ExtraFields,
            ("missing-fields", None) => Self::MissingFields,
            ("duplicated-response", None) => Self::DuplicatedResponse,
            ("stale-response", None) => Self::StaleResponse,
            _ => {
                return Err(Problem::new(
                    "fault",
                    "must be one of refuse-connection, close-before, close-after, delay:<ms>, \
                     cut-response:<bytes>, length-too-large, length-too-small, html:<status>, \
                     html-after:<status>, retry-after:<seconds>, gateway:<status>, \
                     gateway-after:<status>, failure-after:<code>, duplicated-request, \
                     duplicated-request-new-id, hold-request, wrong-tag, unknown-key-id, \
                     plain-response, unknown-enum-value, unknown-code, extra-fields, \
                     missing-fields, duplicated-response, stale-response",
                ));
            }
        };
        fault.checked()
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
            "gateway:400",
            "failure-after:1000000",
            "close-after:1",
            "CLOSE-AFTER",
        ] {
            let problem = wrong.parse::<Fault>().unwrap_err();
            assert_eq!(problem.field(), "fault", "{wrong}");
        }
    }
}
