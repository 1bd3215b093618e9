//! The envelope: encrypted or plain, as the description says.

use axum::http::HeaderMap;
use konaplate::protocol::envelope::Document;
use konaplate::protocol::headers::CRYPTO_KEY_ID;
use konaplate::{Encrypted, Operation};
use serde_json::Value;

use super::Verifier;
use super::headers::header;
use super::rejection::Rejection;
use crate::fixtures;

/// Why a body is no JSON object, in words that hold nothing of it.
fn no_object(bytes: &[u8]) -> String {
    let why = match serde_json::from_slice::<Value>(bytes) {
        _ if std::str::from_utf8(bytes).is_err() => "it is not UTF-8".to_owned(),
        _ if bytes.starts_with("\u{feff}".as_bytes()) => {
            "it begins with a byte order mark".to_owned()
        }
        // Where it stops, and at which rule of JSON.
        Err(error) => error.to_string(),
        Ok(Value::Object(_)) => "encData or response is there twice".to_owned(),
        Ok(_) => "it is another value".to_owned(),
    };
    format!("the body must be a JSON object in UTF-8: {why}")
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
            Document::parse(bytes).ok_or_else(|| Rejection::bad("json", no_object(bytes)))
        };
        let document = object(body)?;
        match (document.enc_data(), operation.request_encrypted()) {
            (None, Encrypted::Yes) => Err(Rejection::bad(
                "encryption",
                "the request of this operation must be encrypted: {\"encData\": \"<JWE>\"}",
            )),
            (Some(_), Encrypted::No) => Err(Rejection::bad(
                "encryption",
                "the request of this operation must be plain JSON",
            )),
            (None, _) => Ok((document.into_value(), false)),
            (Some(jwe), _) => {
                if header(headers, CRYPTO_KEY_ID, "crypto-key-id")? != fixtures::CRYPTO_KEY_ID {
                    return Err(Rejection::bad(
                        "crypto-key-id",
                        format!("X-KM-Crypto-Key-Id must be {}", fixtures::CRYPTO_KEY_ID),
                    ));
                }
                let plaintext = self.keyring.decrypt(jwe, None, None).map_err(|_| {
                    Rejection::bad(
                        "encryption",
                        "encData must be a compact JWE, RSA-OAEP-256 and A128GCM, for the server's \
                         public key",
                    )
                })?;
                Ok((object(&plaintext)?.into_value(), true))
            }
        }
    }
}
