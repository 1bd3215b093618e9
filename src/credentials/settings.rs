//! What a client, a callback receiver and a callback signer are set up with alike.

use std::fmt;
use std::time::SystemTime;

use super::project::{Credentials, Provider};
use crate::error::Error;
use crate::protocol::{Clock, KeyWrapping, MessageForm, TimeZone};

/// The settings: credentials to begin with, and the rest.
pub(crate) struct Settings {
    pub(crate) credentials: Credentials,
    pub(crate) provider: Option<Provider>,
    pub(crate) wrapping: KeyWrapping,
    pub(crate) zone: TimeZone,
    pub(crate) form: MessageForm,
    pub(crate) clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            credentials: Credentials::new(),
            provider: None,
            wrapping: KeyWrapping::default(),
            zone: TimeZone::default(),
            form: MessageForm::default(),
            clock: Box::new(SystemTime::now),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("credentials", &self.credentials)
            .field("zone", &self.zone)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// The credentials to begin with: those that were set, or else what the provider has.
    pub(crate) fn take_credentials(&mut self) -> Result<Credentials, Error> {
        let credentials = match &self.provider {
            Some(provider) if self.credentials.is_empty() => provider()?,
            _ => std::mem::take(&mut self.credentials),
        };
        credentials.ready(self.wrapping)
    }

    /// Adds keys.
    pub(crate) fn add(&mut self, keys: impl FnOnce(Credentials) -> Credentials) {
        self.credentials = keys(std::mem::take(&mut self.credentials));
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
            self.settings.wrapping = wrapping;
            self
        }
        $crate::credentials::shared_setters!($($more)*);
    };
    (credentials_provider $($more:ident)*) => {
        /// Where credentials come from. It is asked when this is built, unless keys were set here,
        /// and again by `refresh_credentials`: a rotation needs no restart. Default: none.
        ///
        /// [`Credentials::from_env`](crate::credentials::Credentials::from_env) is one.
        pub fn credentials_provider(
            mut self,
            provider: impl Fn() -> Result<$crate::credentials::Credentials, $crate::Error>
            + Send
            + Sync
            + 'static,
        ) -> Self {
            self.settings.provider = Some(std::sync::Arc::new(provider));
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
