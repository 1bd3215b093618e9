//! What a client, a callback receiver and a callback signer are set up with alike.

use std::fmt;
use std::time::SystemTime;

use http::HeaderValue;

use super::header_id;
use super::keyring::{CryptoKey, Keyring};
use crate::error::{Error, ErrorKind};
use crate::protocol::{Clock, DecryptionKey, EncryptionKey, MessageForm, SigningKey, TimeZone};
use crate::value::Violation;

/// The settings. The first that is wrong is kept, and reported by [`check`](Self::check).
pub(crate) struct Settings {
    pub(crate) asp_id: Option<HeaderValue>,
    pub(crate) access_key: Option<HeaderValue>,
    pub(crate) former_access_key: Option<HeaderValue>,
    pub(crate) signing: Option<SigningKey>,
    pub(crate) keyring: Keyring,
    pub(crate) zone: TimeZone,
    pub(crate) form: MessageForm,
    pub(crate) clock: Clock,
    invalid: Option<SettingError>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            asp_id: None,
            access_key: None,
            former_access_key: None,
            signing: None,
            keyring: Keyring::default(),
            zone: TimeZone::default(),
            form: MessageForm::default(),
            clock: Box::new(SystemTime::now),
            invalid: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("asp_id", &self.asp_id.as_ref().map(|id| id.to_str()))
            .field(
                "access_key",
                &self.access_key.as_ref().map(|_| "[access-key]"),
            )
            .field("signing", &self.signing)
            .field("keyring", &self.keyring)
            .field("zone", &self.zone)
            .field("form", &self.form)
            .field("invalid", &self.invalid)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// `X-KM-User-AspId`: 15 characters.
    pub(crate) fn asp_id(&mut self, asp_id: &str) {
        self.asp_id = self.accept("asp_id", header_id(asp_id, 15));
    }

    /// `X-KM-Access-Key`: 40 characters.
    pub(crate) fn access_key(&mut self, access_key: &str) {
        self.access_key = self.accept("access_key", header_id(access_key, 40));
    }

    /// The access key before a rotation: 40 characters.
    pub(crate) fn former_access_key(&mut self, access_key: &str) {
        self.former_access_key = self.accept("former_access_key", header_id(access_key, 40));
    }

    /// What tokens are made with.
    pub(crate) fn secret_key(&mut self, secret_key: &str) {
        self.signing = self.accept("secret_key", SigningKey::new(secret_key));
    }

    /// Adds a crypto key. The halves come with the names of their settings.
    pub(crate) fn crypto_key(
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

    /// The first setting that is wrong.
    pub(crate) fn check(&self) -> Result<(), SettingError> {
        if let Some(error) = &self.invalid {
            return Err(error.clone());
        }
        self.keyring
            .check()
            .map_err(|rule| SettingError::new("crypto_key", rule))
    }

    fn accept<T>(&mut self, setting: &'static str, value: Result<T, Violation>) -> Option<T> {
        value
            .map_err(|rule| {
                self.invalid
                    .get_or_insert_with(|| SettingError::new(setting, rule));
            })
            .ok()
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

/// Who calls: the ids of a project, and the secret it signs with.
#[derive(Clone)]
pub(crate) struct ProjectKeys {
    pub(crate) asp_id: HeaderValue,
    pub(crate) access_key: HeaderValue,
    pub(crate) signing: SigningKey,
}

impl fmt::Debug for ProjectKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProjectKeys")
            .field("asp_id", &self.asp_id.to_str().unwrap_or_default())
            .field("access_key", &"[access-key]")
            .field("signing", &self.signing)
            .finish()
    }
}

/// The setters that builders with `settings` share.
macro_rules! shared_setters {
    () => {};
    (time_zone $($more:ident)*) => {
        /// The zone of the timestamps. Default: KST.
        pub fn time_zone(mut self, zone: $crate::protocol::TimeZone) -> Self {
            self.settings.zone = zone;
            self
        }
        $crate::credentials::shared_setters!($($more)*);
    };
    (message_form $($more:ident)*) => {
        /// What of a body is signed. Default: its bytes. The vendor's text leaves it open.
        pub fn message_form(mut self, form: $crate::protocol::MessageForm) -> Self {
            self.settings.form = form;
            self
        }
        $crate::credentials::shared_setters!($($more)*);
    };
    (key_wrapping $($more:ident)*) => {
        /// Which key wrapping an encrypted body may have. Default: RSA-OAEP-256 only.
        pub fn key_wrapping(mut self, wrapping: $crate::protocol::KeyWrapping) -> Self {
            self.settings.keyring.set_wrapping(wrapping);
            self
        }
        $crate::credentials::shared_setters!($($more)*);
    };
    (clock $($more:ident)*) => {
        /// Where the time comes from. Default: the system's clock.
        pub fn clock(
            mut self,
            clock: impl Fn() -> std::time::SystemTime + Send + Sync + 'static,
        ) -> Self {
            self.settings.clock = Box::new(clock);
            self
        }
        $crate::credentials::shared_setters!($($more)*);
    };
}
pub(crate) use shared_setters;
