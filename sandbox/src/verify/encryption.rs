//! The envelope: encrypted or plain, as the description says.

use axum::http::HeaderMap;
use konaplate::protocol::headers::CRYPTO_KEY_ID;
use konaplate::protocol::strict_object;
use konaplate::{Encrypted, Operation};
use serde_json::{Map, Value};

use super::headers::header;
use super::{Check, Rejection, Verifier};
use crate::fixtures;

/// The member that holds the JWE of an encrypted body.
const ENC_DATA: &str = "encData";

/// The JWE of an encrypted body; none for a plain one.
fn jwe_of(members: &Map<String, Value>) -> Result<Option<&str>, Rejection> {
    let Some(jwe) = members.get(ENC_DATA) else {
        return Ok(None);
    };
    let bad = |rule| Err(Rejection::bad(Check::Encryption, rule));
    match jwe {
        _ if members.len() > 1 => bad("nothing may stand beside encData, which is the whole body"),
        Value::String(jwe) => Ok(Some(jwe)),
        _ => bad("encData must be text"),
    }
}

fn not_taken() -> Rejection {
    Rejection::bad(
        Check::Encryption,
        "encData must be a compact JWE, RSA-OAEP-256 and A128GCM, for the server's public key",
    )
}

impl Verifier {
    /// The plaintext of a body, which has to be encrypted or not as the description says, and
    /// whether it was. Where the description does not know, both will do. `decrypted` gets the bytes of
    /// the plaintext, whatever they are, and the same.
    pub(super) fn decrypt(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        body: &[u8],
        decrypted: impl FnOnce(&[u8], bool),
    ) -> Result<(Value, bool), Rejection> {
        let object = |bytes: &[u8], check| {
            strict_object(bytes).map_err(|why| {
                let rule = format!("the body must be a JSON object in UTF-8: {why}");
                Rejection::bad(check, rule)
            })
        };
        let members = object(body, Check::Json)?;
        match (jwe_of(&members)?, operation.request_encrypted()) {
            (None, Encrypted::Yes) => Err(Rejection::bad(
                Check::Encryption,
                "the request of this operation must be encrypted: {\"encData\": \"<JWE>\"}",
            )),
            (Some(_), Encrypted::No) => Err(Rejection::bad(
                Check::Encryption,
                "the request of this operation must be plain JSON",
            )),
            (None, _) => {
                decrypted(body, false);
                Ok((members.into(), false))
            }
            (Some(jwe), _) => {
                if header(headers, CRYPTO_KEY_ID, Check::CryptoKeyId)? != fixtures::CRYPTO_KEY_ID {
                    return Err(Rejection::bad(
                        Check::CryptoKeyId,
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
                decrypted(&plaintext, true);
                Ok((object(&plaintext, Check::Plaintext)?.into(), true))
            }
        }
    }
}
