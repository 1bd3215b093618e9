//! Who calls: what the client made of its credentials.

use std::fmt;

use http::HeaderValue;

use crate::credentials::{Credentials, Keyring};
use crate::error::{Error, ErrorKind};
use crate::journal::{KeyDigest, Project};
use crate::protocol::SigningKey;

/// The keys of a project, and what a journal knows it by. A call uses those that it began with,
/// however long it takes.
pub(crate) struct Caller {
    pub(crate) asp_id: HeaderValue,
    pub(crate) access_key: HeaderValue,
    pub(crate) signing: SigningKey,
    pub(crate) keyring: Keyring,
    pub(crate) project: Project,
}

impl Caller {
    /// The caller with these credentials, at this address.
    pub(crate) fn new(base_url: &str, credentials: Credentials) -> Result<Self, Error> {
        let keys = (
            credentials.asp_id,
            credentials.access_key,
            credentials.signing,
        );
        let (Some(asp_id), Some(access_key), Some(signing)) = keys else {
            return Err(wrong("project_keys", "are missing"));
        };
        let text = asp_id.to_str().unwrap_or_default();
        let digests = [Some(&access_key), credentials.former_access_key.as_ref()]
            .into_iter()
            .flatten()
            .map(|key| KeyDigest::of(text, key.to_str().unwrap_or_default()))
            .collect();
        Ok(Self {
            project: Project::new(base_url, text, digests),
            asp_id,
            access_key,
            signing,
            keyring: credentials.keyring,
        })
    }

    /// The same caller with other keys. A journal knows it by the former ones, too.
    pub(crate) fn rotated(&self, credentials: Credentials) -> Result<Self, Error> {
        let mut caller = Self::new(self.project.base_url(), credentials)?;
        if caller.asp_id != self.asp_id {
            return Err(wrong("asp_id", "is that of another project"));
        }
        caller.project = caller.project.known_by(self.project.keys());
        Ok(caller)
    }
}

fn wrong(setting: &'static str, rule: &str) -> Error {
    Error::rule(ErrorKind::Configuration, setting, rule)
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("project", &self.project)
            .field("access_key", &"[access-key]")
            .field("signing", &self.signing)
            .field("keyring", &self.keyring)
            .finish()
    }
}
