//! The envelope: encrypted or plain, as the description says.

use axum::http::HeaderMap;
use konaplate::protocol::headers::CRYPTO_KEY_ID;
use konaplate::protocol::strict_object;
use konaplate::{Encrypted, Operation};
use serde_json::{Map, Value};

use super::Verifier;
use super::headers::header;
use super::rejection::Rejection;
use crate::fixtures;

/// The member that holds the JWE of an encrypted body.
const ENC_DATA: &str = "encData";

/// The JWE of an encrypted body; none for a plain one.
fn jwe_of(members: &Map<String, Value>) -> Result<Option<&str>, Rejection> {
    let Some(jwe) = members.get(ENC_DATA) else {
        return Ok(None);
    };
    let bad = |rule| Err(Rejection::bad("encryption", rule));
    match jwe {
        _ if members.len() > 1 => bad("nothing may stand beside encData, which is the whole body"),
        Value::String(jwe) => Ok(Some(jwe)),
        _ => bad("encData must be text"),
    }
}

fn not_taken() -> Rejection {
    Rejection::bad(
        "encryption",
        "encData must be a compact JWE, RSA-OAEP-256 and A128GCM, for the server's public key",
    )
}

impl Verifier {
    /// The plaintext of a body, which has to be encrypted or not as the description says, and
    /// whether it was. Where the description does not know, both will do.
    pub(super) fn decrypt(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Value, bool), Rejection> {
        let object = |bytes: &[u8]| {
            strict_object(bytes).map_err(|why| {
                let rule = format!("the body must be a JSON object in UTF-8: {why}");
                Rejection::bad("json", rule)
            })
        };
        let members = object(body)?;
        match (jwe_of(&members)?, operation.request_encrypted()) {
            (None, Encrypted::Yes) => Err(Rejection::bad(
                "encryption",
                "the request of this operation must be encrypted: {\"encData\": \"<JWE>\"}",
            )),
            (Some(_), Encrypted::No) => Err(Rejection::bad(
                "encryption",
                "the request of this operation must be plain JSON",
            )),
            (None, _) => Ok((members.into(), false)),
            (Some(jwe), _) => {
                if header(headers, CRYPTO_KEY_ID, "crypto-key-id")? != fixtures::CRYPTO_KEY_ID {
                    return Err(Rejection::bad(
                        "crypto-key-id",
                        format!("X-KM-Crypto-Key-Id must be {}", fixtures::CRYPTO_KEY_ID),
                    ));
                }
                if !self.deviations.takes(jwe) {
                    return Err(not_taken());
                }
                let plaintext = self
                    .keyring
                    .decrypt(jwe, None, None)
                    .map_err(|_| not_taken())?;
                Ok((object(&plaintext)?.into(), true))
            }
        }
    }
}
