//! The checks before an operation is looked at: headers, token, encryption.
//!
//! Each says which check failed and what was expected. The vendor documents no code for any of
//! them, so the responses have codes of the sandbox's own, `sandbox:<check>`, which the platform
//! never sends.

mod check;
mod encryption;
mod headers;
mod rejection;
mod seen;
mod signature;

use std::sync::{Mutex, MutexGuard};
use std::time::SystemTime;

use axum::http::HeaderMap;
use konaplate::credentials::{CryptoKey, Keyring};
use konaplate::protocol::{DecryptionKey, EncryptError, EncryptionKey, MessageForm, SigningKey};
use konaplate::{CorrelationId, Operation};
use serde_json::Value;

use self::headers::{check_caller, check_content_type};
use self::seen::SeenIds;
use crate::deviations::Deviations;
use crate::fixtures;
use crate::lock::lock;

pub(crate) use check::{Check, STEPS};
pub(crate) use headers::{correlation_id, optional};
pub(crate) use rejection::Rejection;
pub(crate) use seen::REMEMBERED_IDS;

/// The secrets of the platform's side, and the correlation ids that were seen.
#[derive(Debug)]
pub(crate) struct Verifier {
    signing: SigningKey,
    keyring: Keyring,
    /// What responses are encrypted for.
    client: EncryptionKey,
    deviations: Deviations,
    form: MessageForm,
    seen: Mutex<SeenIds>,
}

/// A request whose headers, token and encryption are right, and whose correlation id is fresh.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) plaintext: Value,
    /// Whether it came encrypted.
    pub(crate) encrypted: bool,
    pub(crate) correlation_id: CorrelationId,
}

impl Verifier {
    pub(crate) fn new(form: MessageForm, deviations: Deviations) -> anyhow::Result<Self> {
        let decryption = DecryptionKey::from_bytes(fixtures::SERVER_PRIVATE_KEY.as_bytes())?;
        let client = EncryptionKey::from_bytes(fixtures::CLIENT_PUBLIC_KEY.as_bytes())?;
        let key = CryptoKey::new(fixtures::CRYPTO_KEY_ID)?.decrypt_with(decryption);
        let mut keyring = Keyring::default();
        keyring.set_wrapping(deviations.wrapping());
        keyring.add(key);
        Ok(Self {
            signing: SigningKey::new(fixtures::SECRET_KEY)?,
            keyring,
            client,
            deviations,
            form,
            seen: Mutex::default(),
        })
    }

    /// The body of a response that holds this plaintext encrypted.
    pub(crate) fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>, EncryptError> {
        self.deviations.encrypt(&self.client, plaintext)
    }

    /// What of a body the token has to sign.
    pub(crate) fn form(&self) -> MessageForm {
        self.form
    }

    /// Where the sandbox does otherwise than the usual one.
    pub(crate) fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    /// Takes these correlation ids for used, and no others.
    pub(crate) fn remember(&self, ids: impl IntoIterator<Item = CorrelationId>) {
        let mut seen = self.seen();
        *seen = SeenIds::default();
        for id in ids {
            seen.take(id);
        }
    }

    fn seen(&self) -> MutexGuard<'_, SeenIds> {
        lock(&self.seen)
    }

    /// Verifies the headers, the token and the encryption of a request, and that its correlation id
    /// is fresh. `decrypted` gets the bytes of the plaintext, and whether they were encrypted.
    pub(crate) fn verify(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
        decrypted: impl FnOnce(&[u8], bool),
    ) -> Result<Verified, Rejection> {
        let verified = self.check(operation, headers, body, now, decrypted)?;
        if !self.seen().take(verified.correlation_id) {
            return Err(Rejection::bad(
                Check::FreshId,
                "X-KM-Correlation-Id must be fresh, and was used before",
            ));
        }
        Ok(verified)
    }

    fn check(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
        decrypted: impl FnOnce(&[u8], bool),
    ) -> Result<Verified, Rejection> {
        let correlation_id = check_caller(headers, &self.deviations)?;
        self.check_token(headers, body, now)?;
        check_content_type(headers)?;
        let (plaintext, encrypted) = self.decrypt(operation, headers, body, decrypted)?;
        Ok(Verified {
            plaintext,
            encrypted,
            correlation_id,
        })
    }
}
