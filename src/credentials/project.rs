//! The keys of a project: all that a rotation replaces.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;

use super::header_id;
use super::keyring::{CryptoKey, Keyring};
use crate::error::{Error, ErrorKind};
use crate::protocol::{DecryptionKey, EncryptionKey, KeyWrapping, SigningKey};
use crate::value::Violation;

/// The keys of a project: who calls, what signs, what encrypts and decrypts. What a provider of
/// credentials returns, for a [client](crate::ClientBuilder::credentials_provider) or a
/// [receiver of callbacks](crate::callback::CallbackReceiverBuilder::credentials_provider).
///
/// ```
/// use konaplate::credentials::Credentials;
///
/// # fn example(server_certificate: &str, client_key: &str) -> Credentials {
/// Credentials::new()
///     .project_keys("000170000000000", "0a1b2c3-0123456789abcdef0123456789abcdef", "the secret key")
///     .crypto_key("0123456789abcdef0123456789abcdef", server_certificate, client_key)
/// # }
/// ```
///
/// A key that is wrong is an error where the credentials are used.
#[derive(Default)]
#[must_use = "credentials do nothing until they are used"]
pub struct Credentials {
    pub(crate) asp_id: Option<HeaderValue>,
    pub(crate) access_key: Option<HeaderValue>,
    pub(crate) former_access_key: Option<HeaderValue>,
    pub(crate) signing: Option<SigningKey>,
    pub(crate) former_signing: Option<SigningKey>,
    pub(crate) keyring: Keyring,
    /// The first that is wrong.
    invalid: Option<SettingError>,
}

/// Where credentials come from, each time that they are asked for.
pub(crate) type Provider = Arc<dyn Fn() -> Result<Credentials, Error> + Send + Sync>;

impl Credentials {
    /// No keys yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Who calls: the ASP id (15 characters), the access key (40 characters) and the secret key
    /// that goes with it.
    pub fn project_keys(mut self, asp_id: &str, access_key: &str, secret_key: &str) -> Self {
        self.set_asp_id(asp_id);
        self.set_access_key(access_key);
        self.set_secret_key(secret_key);
        self
    }

    /// The access key (40 characters) that was in use before:
    /// [`ClientBuilder::former_access_key`](crate::ClientBuilder::former_access_key).
    pub fn former_access_key(mut self, access_key: &str) -> Self {
        self.former_access_key = self.accept("former_access_key", header_id(access_key, 40));
        self
    }

    /// The secret key that was in use before. Callbacks that are signed with it are taken, too:
    /// [`CallbackReceiverBuilder::former_secret_key`](crate::callback::CallbackReceiverBuilder::former_secret_key).
    /// Calls are never signed with it.
    pub fn former_secret_key(mut self, secret_key: &str) -> Self {
        self.former_signing = self.accept("former_secret_key", SigningKey::of_setting(secret_key));
        self
    }

    /// Adds a key pair for encryption, up to two, as
    /// [`ClientBuilder::crypto_key`](crate::ClientBuilder::crypto_key).
    pub fn crypto_key(
        mut self,
        id: &str,
        server_public_key: impl AsRef<[u8]>,
        client_private_key: impl AsRef<[u8]>,
    ) -> Self {
        self.add_crypto_key(
            id,
            Some(("server_public_key", server_public_key.as_ref())),
            Some(("client_private_key", client_private_key.as_ref())),
        );
        self
    }

    pub(crate) fn set_asp_id(&mut self, asp_id: &str) {
        self.asp_id = self.accept("asp_id", header_id(asp_id, 15));
    }

    pub(crate) fn set_access_key(&mut self, access_key: &str) {
        self.access_key = self.accept("access_key", header_id(access_key, 40));
    }

    pub(crate) fn set_secret_key(&mut self, secret_key: &str) {
        self.signing = self.accept("secret_key", SigningKey::of_setting(secret_key));
    }

    /// Adds a crypto key. The halves come with the names of their settings.
    pub(crate) fn add_crypto_key(
        &mut self,
        id: &str,
        public: Option<(&'static str, &[u8])>,
        private: Option<(&'static str, &[u8])>,
    ) {
        let Some(mut key) = self.accept("crypto_key_id", CryptoKey::new(id)) else {
            return;
        };
        if let Some((setting, bytes)) = public {
            let Some(half) = self.accept(setting, EncryptionKey::from_bytes(bytes)) else {
                return;
            };
            key = key.encrypt_with(half);
        }
        if let Some((setting, bytes)) = private {
            let Some(half) = self.accept(setting, DecryptionKey::from_bytes(bytes)) else {
                return;
            };
            key = key.decrypt_with(half);
        }
        self.keyring.add(key);
    }

    pub(crate) fn is_empty(&self) -> bool {
        let ids = [&self.asp_id, &self.access_key, &self.former_access_key];
        let secrets = [&self.signing, &self.former_signing];
        let has_key = self.keyring.first().is_some() || secrets.into_iter().any(Option::is_some);
        !has_key && ids.into_iter().all(Option::is_none) && self.invalid.is_none()
    }

    /// The credentials, checked, and with what their keyring accepts.
    pub(crate) fn ready(mut self, wrapping: KeyWrapping) -> Result<Self, Error> {
        self.check()?;
        self.keyring.set_wrapping(wrapping);
        Ok(self)
    }

    /// The first key that is wrong.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        if let Some(error) = &self.invalid {
            return Err(error.clone());
        }
        self.keyring
            .check()
            .map_err(|rule| SettingError::new("crypto_key", rule))
    }

    pub(crate) fn accept<T>(
        &mut self,
        setting: &'static str,
        value: Result<T, Violation>,
    ) -> Option<T> {
        value
            .map_err(|rule| {
                self.invalid
                    .get_or_insert_with(|| SettingError::new(setting, rule));
            })
            .ok()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access_key = self.access_key.as_ref().map(|_| "[access-key]");
        f.debug_struct("Credentials")
            .field("asp_id", &self.asp_id.as_ref().map(|id| id.to_str()))
            .field("access_key", &access_key)
            .field("signing", &self.signing)
            .field("former_signing", &self.former_signing)
            .field("keyring", &self.keyring)
            .field("invalid", &self.invalid)
            .finish_non_exhaustive()
    }
}

/// A setting, and the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingError {
    pub(crate) setting: &'static str,
    pub(crate) rule: Violation,
}

impl SettingError {
    pub(crate) fn new(setting: &'static str, rule: Violation) -> Self {
        Self { setting, rule }
    }
}

impl From<SettingError> for Error {
    fn from(error: SettingError) -> Self {
        Self::rule(ErrorKind::Configuration, error.setting, error.rule)
    }
}
