//! The crypto keys of one side, and which of them a body is encrypted and decrypted with.

use std::fmt;

use http::HeaderValue;

use super::header_id;
use crate::protocol::{
    ContentEncryption, DecryptError, DecryptionKey, EncryptError, EncryptionKey, KeyWrapping,
    envelope,
};
use crate::value::Violation;

/// The platform gives out up to two crypto keys for a project.
const MOST_KEYS: usize = 2;

/// A crypto key: its id, what encrypts for the other side, and what decrypts what comes from there.
///
/// A client has the server's public key and its own private key; the platform the reverse. Either
/// half may be missing, on a side that only sends or only receives.
pub struct CryptoKey {
    id: HeaderValue,
    encryption: Option<EncryptionKey>,
    decryption: Option<DecryptionKey>,
}

impl CryptoKey {
    /// A key with this id (32 characters), and no half yet.
    ///
    /// # Errors
    /// The id has another form.
    pub fn new(id: &str) -> Result<Self, Violation> {
        Ok(Self {
            id: header_id(id, 32)?,
            encryption: None,
            decryption: None,
        })
    }

    /// Adds the other side's public key.
    #[must_use]
    pub fn encrypt_with(mut self, key: EncryptionKey) -> Self {
        self.encryption = Some(key);
        self
    }

    /// Adds this side's private key.
    #[must_use]
    pub fn decrypt_with(mut self, key: DecryptionKey) -> Self {
        self.decryption = Some(key);
        self
    }

    /// The id, as `X-KM-Crypto-Key-Id` has it.
    #[must_use]
    pub fn id(&self) -> &HeaderValue {
        &self.id
    }

    /// The body that holds this plaintext encrypted, with AES-128-GCM.
    ///
    /// # Errors
    /// The plaintext is empty, the random source failed, or the key has no public half.
    pub fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>, EncryptError> {
        let key = self.encryption.as_ref().ok_or(EncryptError)?;
        let jwe = key.encrypt(ContentEncryption::A128Gcm, plaintext)?;
        Ok(envelope::encrypted(&jwe))
    }
}

impl fmt::Debug for CryptoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CryptoKey")
            .field("id", &self.id.to_str().unwrap_or_default())
            .field("encryption", &self.encryption)
            .field("decryption", &self.decryption)
            .finish()
    }
}

/// The crypto keys of one side: none, one, or two. The first is the default.
#[derive(Debug, Default)]
pub struct Keyring {
    keys: Vec<CryptoKey>,
    wrapping: KeyWrapping,
}

/// Why a body was not decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyringError {
    /// It names a key that is not here, and none of those that are here decrypts it.
    UnknownKey,
    /// It names no key, and there is none.
    NoKey,
    /// It is not a message for the key. There is one such error for every reason.
    Decrypt(DecryptError),
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey => f.write_str(
                "it names a crypto key that is not configured, and no configured one decrypts it",
            ),
            Self::NoKey => f.write_str("it is encrypted, and no crypto key is configured"),
            Self::Decrypt(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for KeyringError {}

impl Keyring {
    /// Adds a key, behind those that are there.
    pub fn add(&mut self, key: CryptoKey) {
        self.keys.push(key);
    }

    /// Sets which key wrapping is accepted. Default: RSA-OAEP-256 only.
    pub fn set_wrapping(&mut self, wrapping: KeyWrapping) {
        self.wrapping = wrapping;
    }

    /// Checks that there are no more keys than a project has, and no two with one id.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self) -> Result<(), Violation> {
        if self.keys.len() > MOST_KEYS {
            return Err(Violation::new(
                "was given more than twice; a project has at most two",
            ));
        }
        match self.keys.as_slice() {
            [first, second] if first.id == second.id => {
                Err(Violation::new("was given twice with one id"))
            }
            _ => Ok(()),
        }
    }

    /// The key with this id.
    #[must_use]
    pub fn find(&self, id: &[u8]) -> Option<&CryptoKey> {
        self.keys.iter().find(|key| key.id.as_bytes() == id)
    }

    /// The default key.
    #[must_use]
    pub fn first(&self) -> Option<&CryptoKey> {
        self.keys.first()
    }

    /// The plaintext of a JWE: with the key that its sender names, or else with `expected`, or else
    /// with the default. Where the sender names none of these keys, as with an id in another
    /// spelling, each key is tried.
    ///
    /// # Errors
    /// There is no such key, or it does not decrypt.
    pub fn decrypt(
        &self,
        jwe: &str,
        named: Option<&HeaderValue>,
        expected: Option<&CryptoKey>,
    ) -> Result<Vec<u8>, KeyringError> {
        let key = match named.map(|id| self.find(id.as_bytes())) {
            Some(Some(key)) => key,
            Some(None) => {
                let mut keys = self.keys.iter();
                let plaintext = keys.find_map(|key| self.try_key(key, jwe).ok());
                return plaintext.ok_or(KeyringError::UnknownKey);
            }
            None => expected
                .or_else(|| self.first())
                .ok_or(KeyringError::NoKey)?,
        };
        self.try_key(key, jwe)
    }

    fn try_key(&self, key: &CryptoKey, jwe: &str) -> Result<Vec<u8>, KeyringError> {
        let decryption = key.decryption.as_ref().ok_or(KeyringError::NoKey)?;
        decryption
            .decrypt(jwe, self.wrapping)
            .map_err(KeyringError::Decrypt)
    }
}
