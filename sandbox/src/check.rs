//! The checks before an operation is looked at: headers, token, encryption.
//!
//! Each says which check failed and what was expected. The vendor documents no code for any of
//! them, so they answer with codes of the sandbox's own, `sandbox:<check>`, which the platform never
//! sends.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, HeaderName, StatusCode};
use konaplate::headers::{
    ACCESS_KEY, ASP_ID, CORRELATION_ID, CRYPTO_KEY_ID, TIME_ZONE, TRAN_TIME, TRAN_TOKEN,
};
use konaplate::jwe::{KeyWrapping, OpeningKey, SealingKey};
use konaplate::signing::{MessageForm, SigningKey, TranToken};
use konaplate::{CorrelationId, Encrypted, Operation, TimeZone};
use serde_json::Value;

use crate::fixtures;

/// How far the time of a call may be from the sandbox's. Assumed: the vendor documents no tolerance.
/// It is there to find clocks in the wrong zone.
const TOLERANCE: Duration = Duration::from_secs(300);

/// How many correlation ids are remembered to find one that is used twice.
pub(crate) const REMEMBERED_IDS: usize = 65_536;

/// A check failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) status: StatusCode,
    /// Name of the check, as in `sandbox:<check>`.
    pub(crate) check: &'static str,
    /// What was expected and what came instead. Never a secret or a value.
    pub(crate) expected: String,
}

impl Rejection {
    pub(crate) fn bad(check: &'static str, expected: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            check,
            expected: expected.into(),
        }
    }

    fn unauthorized(check: &'static str, expected: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            check,
            expected: expected.into(),
        }
    }
}

/// The secrets of the platform's side.
#[derive(Debug)]
pub(crate) struct Gate {
    signing: SigningKey,
    opening: OpeningKey,
    sealing: SealingKey,
    form: MessageForm,
}

/// The correlation ids that were seen last.
#[derive(Debug, Default)]
pub(crate) struct SeenIds {
    set: HashSet<CorrelationId>,
    order: VecDeque<CorrelationId>,
}

impl SeenIds {
    /// Whether the id is new; it is not, afterwards.
    pub(crate) fn take(&mut self, id: CorrelationId) -> bool {
        if !self.set.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED_IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
        true
    }
}

/// A request as far as it is known to be sound.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) plaintext: Value,
    /// Whether it came encrypted.
    pub(crate) encrypted: bool,
    pub(crate) correlation_id: CorrelationId,
}

impl Gate {
    pub(crate) fn new(form: MessageForm) -> anyhow::Result<Self> {
        Ok(Self {
            signing: SigningKey::new(fixtures::SECRET_KEY)?,
            opening: OpeningKey::from_bytes(fixtures::SERVER_PRIVATE_KEY.as_bytes())?,
            sealing: SealingKey::from_bytes(fixtures::CLIENT_PUBLIC_KEY.as_bytes())?,
            form,
        })
    }

    pub(crate) fn sealing(&self) -> &SealingKey {
        &self.sealing
    }

    /// Checks the headers, the token and the encryption of a request.
    pub(crate) fn check(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<Checked, Rejection> {
        let correlation_id = header(headers, CORRELATION_ID, "correlation-id")?
            .parse()
            .map_err(|rule| {
                Rejection::bad("correlation-id", format!("X-KM-Correlation-Id {rule}"))
            })?;
        if header(headers, ASP_ID, "asp-id")? != fixtures::ASP_ID {
            return Err(Rejection::unauthorized(
                "asp-id",
                format!("X-KM-User-AspId must be {}", fixtures::ASP_ID),
            ));
        }
        if header(headers, ACCESS_KEY, "access-key")? != fixtures::ACCESS_KEY {
            return Err(Rejection::unauthorized(
                "access-key",
                "X-KM-Access-Key must be the sandbox's access key",
            ));
        }
        self.check_token(headers, body, now)?;
        let content_type = headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if !content_type.starts_with("application/json") {
            return Err(Rejection::bad(
                "content-type",
                "Content-Type must be application/json",
            ));
        }
        let (plaintext, encrypted) = self.open(operation, headers, body)?;
        Ok(Checked {
            plaintext,
            encrypted,
            correlation_id,
        })
    }

    fn check_token(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), Rejection> {
        let zone: TimeZone = header(headers, TIME_ZONE, "time-zone")?
            .parse()
            .map_err(|rule| Rejection::bad("time-zone", format!("X-KM-Time-Zone {rule}")))?;
        let tran_time = header(headers, TRAN_TIME, "tran-time")?;
        let token: TranToken = header(headers, TRAN_TOKEN, "tran-token")?
            .parse()
            .map_err(|rule| Rejection::bad("tran-token", format!("X-KM-Tran-Token {rule}")))?;
        if token.timestamp().tran_time() != tran_time {
            return Err(Rejection::bad(
                "tran-time",
                "X-KM-Tran-Time must be the first 14 digits of the token's timestamp, yyyyMMddHHmmss",
            ));
        }
        if !token.verify(&self.signing, body, self.form) {
            return Err(Rejection::unauthorized(
                "tran-token",
                self.why_not_signed(&token, body),
            ));
        }
        let called = token.timestamp().instant(zone).ok_or_else(|| {
            Rejection::bad(
                "tran-time",
                "the token's timestamp must be a time that exists",
            )
        })?;
        let apart = now
            .duration_since(called)
            .unwrap_or_else(|ahead| ahead.duration());
        if apart > TOLERANCE {
            return Err(Rejection::bad(
                "tran-time",
                format!(
                    "the time of the call must be within {} seconds of the sandbox's in the zone {zone}, \
                     and is {} seconds away: is the clock right, and the zone?",
                    TOLERANCE.as_secs(),
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

    /// The plaintext of a body, which has to be encrypted or not as the description says, and whether
    /// it was. Where the description does not know, both will do.
    fn open(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Value, bool), Rejection> {
        let not_json = || Rejection::bad("json", "the body must be a JSON object in UTF-8");
        let object = |bytes: &[u8]| -> Result<Value, Rejection> {
            serde_json::from_slice::<Value>(bytes)
                .ok()
                .filter(Value::is_object)
                .ok_or_else(not_json)
        };
        let body = object(body)?;
        let sealed = body.get("encData").and_then(Value::as_str);
        match (sealed, operation.request_encrypted()) {
            (None, Encrypted::Yes) => Err(Rejection::bad(
                "encryption",
                "the request of this operation must be encrypted: {\"encData\": \"<JWE>\"}",
            )),
            (Some(_), Encrypted::No) => Err(Rejection::bad(
                "encryption",
                "the request of this operation must be plain JSON",
            )),
            (None, _) => Ok((body, false)),
            (Some(jwe), _) => {
                if header(headers, CRYPTO_KEY_ID, "crypto-key-id")? != fixtures::CRYPTO_KEY_ID {
                    return Err(Rejection::bad(
                        "crypto-key-id",
                        format!("X-KM-Crypto-Key-Id must be {}", fixtures::CRYPTO_KEY_ID),
                    ));
                }
                let plaintext = self.opening.open(jwe, KeyWrapping::RsaOaep256).map_err(|_| {
                    Rejection::bad(
                        "encryption",
                        "encData must be a compact JWE, RSA-OAEP-256 and A128GCM, for the server's \
                         public key",
                    )
                })?;
                Ok((object(&plaintext)?, true))
            }
        }
    }
}

fn header<'h>(
    headers: &'h HeaderMap,
    name: HeaderName,
    check: &'static str,
) -> Result<&'h str, Rejection> {
    let mut values = headers.get_all(&name).iter();
    let value = values
        .next()
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Rejection::bad(check, format!("the header {name} must be there")))?;
    if values.next().is_some() {
        return Err(Rejection::bad(
            check,
            format!("the header {name} must be there once"),
        ));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_memory_stays_bounded() {
        let mut seen = SeenIds::default();
        let id = |n: usize| {
            format!("260315104512-{n:07x}")
                .parse::<CorrelationId>()
                .unwrap()
        };
        assert!(seen.take(id(0)));
        assert!(!seen.take(id(0)));
        for n in 1..=REMEMBERED_IDS {
            assert!(seen.take(id(n)));
        }
        assert_eq!(seen.order.len(), REMEMBERED_IDS);
        assert_eq!(seen.set.len(), REMEMBERED_IDS);
        assert!(seen.take(id(0)), "the oldest is forgotten");
    }
}
