//! The user's own keys, to make calls with otherwise than the client does.

use konaplate::credentials::CryptoKey;
use konaplate::protocol::{DecryptionKey, EncryptionKey, SigningKey};
use konaplate_spec::Language;
use reqwest::Url;
use reqwest::header::HeaderValue;

use super::settings::{bytes_of, text_of};
use crate::failure::Failure;
use crate::variables::Variables;

/// A project. Its `Debug` shows no key.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) url: Url,
    pub(super) asp_id: HeaderValue,
    pub(super) access_key: HeaderValue,
    pub(super) signing: SigningKey,
    pub(super) crypto: Option<Crypto>,
}

/// The first crypto key.
#[derive(Debug)]
pub(super) struct Crypto {
    pub(super) id: HeaderValue,
    pub(super) server: EncryptionKey,
    pub(super) client: DecryptionKey,
}

impl Project {
    /// The project of settings that `doctor` found nothing wrong with.
    pub(super) fn read(variables: &Variables) -> Result<Self, Failure> {
        let wrong = |name: &str, rule: &str| {
            Failure::bad_input(format!("{name}: {rule}")).next("run konaplate doctor")
        };
        let text = |name: &str| text_of(variables, name).ok_or_else(|| wrong(name, "is not set"));
        let header = |name: &str| {
            let mut value = HeaderValue::from_str(&text(name)?)
                .map_err(|_| wrong(name, "must be visible ASCII characters"))?;
            value.set_sensitive(true);
            Ok::<_, Failure>(value)
        };
        let url = text("KONAPLATE_BASE_URL")?;
        let url = Url::parse(&url).map_err(|_| wrong("KONAPLATE_BASE_URL", "is no URL"))?;
        let signing = SigningKey::new(&text("KONAPLATE_SECRET_KEY")?)
            .map_err(|rule| wrong("KONAPLATE_SECRET_KEY", &rule.to_string()))?;
        let key = |name: &str| {
            let bytes = bytes_of(variables, name)
                .map_err(|why| wrong(name, why.said(Language::English)))?;
            bytes.ok_or_else(|| wrong(name, "is not set"))
        };
        let crypto = if text_of(variables, "KONAPLATE_CRYPTO_KEY_ID").is_none() {
            None
        } else {
            let (public, private) = (
                "KONAPLATE_SERVER_PUBLIC_KEY",
                "KONAPLATE_CLIENT_PRIVATE_KEY",
            );
            let id = CryptoKey::new(&text("KONAPLATE_CRYPTO_KEY_ID")?)
                .map_err(|rule| wrong("KONAPLATE_CRYPTO_KEY_ID", &rule.to_string()))?;
            Some(Crypto {
                id: id.id().clone(),
                server: EncryptionKey::from_bytes(&key(public)?)
                    .map_err(|rule| wrong(public, &rule.to_string()))?,
                client: DecryptionKey::from_bytes(&key(private)?)
                    .map_err(|rule| wrong(private, &rule.to_string()))?,
            })
        };
        Ok(Self {
            url,
            asp_id: header("KONAPLATE_ASP_ID")?,
            access_key: header("KONAPLATE_ACCESS_KEY")?,
            signing,
            crypto,
        })
    }
}
