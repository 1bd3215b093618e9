//! The headers of a callback, read.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::error::{CallbackError, CallbackErrorKind};
use crate::credentials::header_id;
use crate::protocol::headers::{ASP_ID, CORRELATION_ID, TIME_ZONE, TRAN_TIME, TRAN_TOKEN};
use crate::protocol::{CorrelationId, TimeZone, Timestamp, TranToken};
use crate::value::Violation;

/// How far `X-KM-Tran-Time` may be from the token's second. They are documented as the same
/// instant; a sender that reads its clock twice at the turn of a second would be one apart. Neither
/// is signed, so nothing is lost by it.
const TIMES_APART: Duration = Duration::from_secs(1);

/// A header that is there exactly once.
pub(super) fn header(headers: &HeaderMap, name: HeaderName) -> Result<&HeaderValue, CallbackError> {
    let mut values = headers.get_all(&name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(CallbackError::header_rule(
            CallbackErrorKind::MissingHeader,
            name,
            "must be there",
        )),
        (Some(_), Some(_)) => Err(malformed(name, "must be there once")),
    }
}

fn malformed(name: HeaderName, rule: impl fmt::Display) -> CallbackError {
    CallbackError::header_rule(CallbackErrorKind::MalformedHeader, name, rule.to_string())
}

/// A header that is there once and follows its rule.
fn parsed<T>(
    headers: &HeaderMap,
    name: HeaderName,
    parse: impl Fn(&str) -> Result<T, Violation>,
) -> Result<T, CallbackError> {
    header(headers, name.clone())?
        .to_str()
        .map_err(|_| Violation::new("must be visible ASCII characters"))
        .and_then(parse)
        .map_err(|rule| malformed(name, rule))
}

pub(super) fn asp_id(headers: &HeaderMap) -> Result<HeaderValue, CallbackError> {
    parsed(headers, ASP_ID, |text| header_id(text, 15))
}

/// The correlation id. Of its hex digits the documentation does not say whether they are small;
/// ours are, and a callback's may be capital.
#[derive(Debug, Clone)]
pub(super) struct Id {
    pub(super) parsed: CorrelationId,
    pub(super) as_it_came: HeaderValue,
}

impl Id {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, CallbackError> {
        let parsed = parsed(headers, CORRELATION_ID, |text| {
            text.to_ascii_lowercase()
                .parse()
                .map_err(|_| Violation::new("must be 12 digits, a hyphen and 7 hex digits"))
        })?;
        let as_it_came = header(headers, CORRELATION_ID)?.clone();
        Ok(Self { parsed, as_it_came })
    }
}

/// The token and the two other headers that say when.
pub(super) struct Times {
    pub(super) token: TranToken,
    tran_time: Timestamp,
    zone: TimeZone,
}

impl Times {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, CallbackError> {
        Ok(Self {
            zone: parsed(headers, TIME_ZONE, str::parse)?,
            token: parsed(headers, TRAN_TOKEN, str::parse)?,
            tran_time: parsed(headers, TRAN_TIME, |text| {
                format!("{text}000")
                    .parse()
                    .map_err(|_| Violation::new("must be 14 digits, yyyyMMddHHmmss"))
            })?,
        })
    }

    /// The time of the token, which `X-KM-Tran-Time` has to confirm.
    pub(super) fn agreed(&self) -> Result<SystemTime, CallbackError> {
        let no_time = |name| malformed(name, "must be a date and time that exist");
        let of_token = self
            .token
            .timestamp()
            .instant(self.zone)
            .ok_or_else(|| no_time(TRAN_TOKEN))?;
        let of_header = self
            .tran_time
            .instant(self.zone)
            .ok_or_else(|| no_time(TRAN_TIME))?;
        // To whole seconds, as the header has them.
        let token_second = format!("{}000", self.token.timestamp().tran_time())
            .parse()
            .ok()
            .and_then(|second: Timestamp| second.instant(self.zone))
            .unwrap_or(of_token);
        let apart = of_header
            .duration_since(token_second)
            .unwrap_or_else(|before| before.duration());
        if apart > TIMES_APART {
            return Err(malformed(
                TRAN_TIME,
                "must be the first 14 digits of the token's time",
            ));
        }
        Ok(of_token)
    }
}
