//! The token: its form, its signature, its time.

use std::time::{Duration, SystemTime};

use axum::http::HeaderMap;
use konaplate::TimeZone;
use konaplate::protocol::headers::{TIME_ZONE, TRAN_TIME, TRAN_TOKEN};
use konaplate::protocol::{MessageForm, Timestamp, TranToken};

use super::headers::header;
use super::{Check, Rejection, Verifier};
use crate::deviations::OnWrong;

/// How far `X-KM-Tran-Time` may be from the token's time. Assumed: no page says that both are of one
/// reading of the clock, and a program that reads it twice can be a second apart.
const APART: Duration = Duration::from_secs(1);

/// Whether `X-KM-Tran-Time` is the token's time, to the second.
fn is_about(token: &Timestamp, tran_time: &str, zone: TimeZone) -> bool {
    if token.tran_time() == tran_time {
        return true;
    }
    let seconds = |text: &str| {
        let time = format!("{text}000").parse::<Timestamp>().ok()?;
        time.instant(zone)
    };
    let times = seconds(token.tran_time()).zip(seconds(tran_time));
    times.is_some_and(|(one, other)| {
        let apart = one.duration_since(other);
        apart.unwrap_or_else(|ahead| ahead.duration()) <= APART
    })
}

impl Verifier {
    pub(super) fn check_token(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), Rejection> {
        let zone: TimeZone = header(headers, TIME_ZONE, Check::TimeZone)?
            .parse()
            .map_err(|rule| Rejection::bad(Check::TimeZone, format!("X-KM-Time-Zone {rule}")))?;
        if self.deviations.time_zone.is_some_and(|only| only != zone) {
            let rule = "X-KM-Time-Zone must be the zone of this sandbox";
            return Err(Rejection::bad(Check::TimeZone, rule));
        }
        let token: TranToken = header(headers, TRAN_TOKEN, Check::TranToken)?
            .parse()
            .map_err(|rule| Rejection::bad(Check::TranToken, format!("X-KM-Tran-Token {rule}")))?;
        let tran_time = header(headers, TRAN_TIME, Check::TranTime)?;
        if !is_about(&token.timestamp(), tran_time, zone) {
            return Err(Rejection::bad(
                Check::TranTime,
                "X-KM-Tran-Time must be the first 14 digits of the token's timestamp, \
                 yyyyMMddHHmmss, or a second before or after it",
            ));
        }
        if self.deviations.wrong_token != OnWrong::Accept
            && !token.verify(&self.signing, body, self.form)
        {
            return Err(Rejection::unauthorized(
                Check::Signature,
                self.why_not_signed(&token, body),
            ));
        }
        let called = token.timestamp().instant(zone).ok_or_else(|| {
            Rejection::bad(
                Check::CallTime,
                "the token's timestamp must be a time that exists",
            )
        })?;
        let (apart, tolerance) = match now.duration_since(called) {
            Ok(behind) => (behind, self.deviations.behind),
            Err(ahead) => (ahead.duration(), self.deviations.ahead),
        };
        if apart > tolerance {
            return Err(Rejection::bad(
                Check::CallTime,
                format!(
                    "the time of the call must be within {} seconds of the sandbox's in the zone {zone}, \
                     and is {} seconds away: is the clock right, and the zone?",
                    tolerance.as_secs(),
                    apart.as_secs()
                ),
            ));
        }
        Ok(())
    }

    /// The usual reasons why a signature does not match, tried out.
    fn why_not_signed(&self, token: &TranToken, body: &[u8]) -> String {
        let other = match self.form {
            MessageForm::RawBody => MessageForm::Base64Body,
            _ => MessageForm::RawBody,
        };
        let signs = |form: MessageForm| match form {
            MessageForm::RawBody => "the raw body",
            _ => "the base64 text of the body",
        };
        if token.verify(&self.signing, body, other) {
            return format!(
                "the token signs {}, and this sandbox expects it to sign {}",
                signs(other),
                signs(self.form)
            );
        }
        format!(
            "the token must be HMAC-SHA256 with the sandbox's secret key over {}, which has {} bytes",
            signs(self.form),
            body.len()
        )
    }
}
