//! Who sends callbacks: what a receiver made of its credentials.

use http::HeaderValue;

use crate::credentials::{Credentials, Keyring};
use crate::error::{Error, ErrorKind};
use crate::protocol::{MessageForm, SigningKey, TranToken};

/// The keys that callbacks are verified and decrypted with. A callback is checked with those that
/// are in use when it comes.
#[derive(Debug)]
pub(super) struct Sender {
    pub(super) asp_id: Option<HeaderValue>,
    pub(super) keyring: Keyring,
    signing: SigningKey,
    former_signing: Option<SigningKey>,
}

impl Sender {
    pub(super) fn new(credentials: Credentials) -> Result<Self, Error> {
        let Some(signing) = credentials.signing else {
            let rule = "is missing";
            return Err(Error::rule(ErrorKind::Configuration, "secret_key", rule));
        };
        Ok(Self {
            asp_id: credentials.asp_id,
            keyring: credentials.keyring,
            signing,
            former_signing: credentials.former_signing,
        })
    }

    /// The same sender with other keys.
    pub(super) fn rotated(&self, credentials: Credentials) -> Result<Self, Error> {
        let sender = Self::new(credentials)?;
        if sender.asp_id != self.asp_id {
            let rule = "is that of another project";
            return Err(Error::rule(ErrorKind::Configuration, "asp_id", rule));
        }
        Ok(sender)
    }

    /// What callbacks are remembered by: the ASP id, where one is expected.
    pub(super) fn scope(&self) -> &str {
        let asp_id = self.asp_id.as_ref();
        asp_id.and_then(|id| id.to_str().ok()).unwrap_or_default()
    }

    /// Whether the sender signed this body, with the secret key or with the former one.
    pub(super) fn signed(&self, token: &TranToken, body: &[u8], form: MessageForm) -> bool {
        let keys = [Some(&self.signing), self.former_signing.as_ref()];
        let mut keys = keys.into_iter().flatten();
        keys.any(|key| token.verify(key, body, form))
    }

    /// The key that was in use first.
    pub(super) fn oldest_key(&self) -> SigningKey {
        self.former_signing
            .as_ref()
            .unwrap_or(&self.signing)
            .clone()
    }
}
