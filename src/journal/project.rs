//! Whose call it is.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};

/// A project at the platform: where it is, and who calls.
///
/// Two projects share nothing: the same sequence id in both names two calls, and the inquiry of one
/// knows nothing of the other.
///
/// Cloning is cheap. Nothing of it is a secret: of an access key there is a digest.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Project(Arc<Inner>);

#[derive(PartialEq, Eq, Hash)]
struct Inner {
    base_url: String,
    asp_id: String,
    keys: Vec<KeyDigest>,
}

impl Project {
    /// A project with this base URL and ASP id. The first key digest is that of the access key in
    /// use; a project after a rotation has that of the former one, too.
    #[must_use]
    pub fn new(base_url: &str, asp_id: &str, keys: Vec<KeyDigest>) -> Self {
        Self(Arc::new(Inner {
            base_url: base_url.to_owned(),
            asp_id: asp_id.to_owned(),
            keys,
        }))
    }

    /// The same project, known by these keys, too.
    #[must_use]
    pub(crate) fn known_by(&self, former: &[KeyDigest]) -> Self {
        let mut keys = self.0.keys.clone();
        for key in former {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        Self::new(&self.0.base_url, &self.0.asp_id, keys)
    }

    /// Where the platform is.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }

    /// The ASP id.
    #[must_use]
    pub fn asp_id(&self) -> &str {
        &self.0.asp_id
    }

    /// Digests of the access keys: the one in use first, then former ones.
    ///
    /// A key pair is replaced as a whole, so a rotation changes the access key. A journal that once
    /// saw both together knows the project by either from then on.
    #[must_use]
    pub fn keys(&self) -> &[KeyDigest] {
        &self.0.keys
    }
}

impl fmt::Debug for Project {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Project")
            .field("base_url", &self.0.base_url)
            .field("asp_id", &self.0.asp_id)
            .field("keys", &self.0.keys)
            .finish()
    }
}

/// Stands for an access key: 32 hexadecimal digits of a SHA-256 digest. The key cannot be found from
/// it, since 32 of a key's 40 characters are random.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct KeyDigest(String);

impl KeyDigest {
    /// The digest of an access key of this ASP id. No secret key is part of it.
    #[must_use]
    pub fn of(asp_id: &str, access_key: &str) -> Self {
        let text = format!("konaplate access key\n{asp_id}\n{access_key}");
        let digest = digest(&SHA256, text.as_bytes());
        let hex = digest.as_ref()[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"));
        Self(hex.collect())
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASP_ID: &str = "000170000000000";
    const KEY: &str = "0a1b2c3-0123456789abcdef0123456789abcdef";

    #[test]
    fn a_digest_is_of_the_asp_id_and_the_key_and_stays_what_it_is() {
        let digest = KeyDigest::of(ASP_ID, KEY);
        // Journals hold it: another one would make another project of the same.
        assert_eq!(digest.as_str(), "7b6f30b8a21b2c101c952d19ff2ed5e9");
        assert_ne!(digest, KeyDigest::of("000170000000001", KEY));
        assert_ne!(digest, KeyDigest::of(ASP_ID, &KEY.replace('0', "1")));
    }

    #[test]
    fn a_project_does_not_show_its_key() {
        let keys = vec![KeyDigest::of(ASP_ID, KEY)];
        let project = Project::new("https://example.com/open-api", ASP_ID, keys);
        assert!(!format!("{project:?}").contains("0123456789abcdef"));
    }
}
