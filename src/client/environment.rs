//! A client's settings by the names of environment variables.

use zeroize::Zeroizing;

use super::builder::ClientBuilder;
use crate::error::{Error, ErrorKind};

const BASE_URL: &str = "KONAPLATE_BASE_URL";
const ASP_ID: &str = "KONAPLATE_ASP_ID";
const ACCESS_KEY: &str = "KONAPLATE_ACCESS_KEY";
const SECRET_KEY: &str = "KONAPLATE_SECRET_KEY";
const CRYPTO_KEY_ID: &str = "KONAPLATE_CRYPTO_KEY_ID";
const SERVER_PUBLIC_KEY: &str = "KONAPLATE_SERVER_PUBLIC_KEY";
const CLIENT_PRIVATE_KEY: &str = "KONAPLATE_CLIENT_PRIVATE_KEY";
/// `true` or `false`.
const ALLOW_PLAIN_HTTP: &str = "KONAPLATE_ALLOW_PLAIN_HTTP";

impl ClientBuilder {
    /// A builder filled from named variables, as [`Client::from_env`](crate::Client::from_env)
    /// fills one from the environment.
    ///
    /// # Errors
    /// A variable is missing or wrong. [`Error::field`] names it.
    pub fn from_vars(get: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let builder = read(get)?;
        match builder.settings.check() {
            Ok(()) => Ok(builder),
            Err(error) => Err(Error::rule(
                ErrorKind::Configuration,
                variable_of(error.setting),
                error.rule,
            )),
        }
    }
}

/// A builder filled from variables. The crypto key is there in whole or not at all.
fn read(get: impl Fn(&str) -> Option<String>) -> Result<ClientBuilder, Error> {
    let value = |name: &str| {
        get(name)
            .filter(|value| !value.is_empty())
            .map(Zeroizing::new)
    };
    let need = |name: &'static str| {
        value(name).ok_or_else(|| Error::rule(ErrorKind::Configuration, name, "is not set"))
    };
    let mut builder = ClientBuilder::default()
        .base_url(need(BASE_URL)?.as_str())
        .project_keys(&need(ASP_ID)?, &need(ACCESS_KEY)?, &need(SECRET_KEY)?);
    match value(ALLOW_PLAIN_HTTP).as_ref().map(|value| value.as_str()) {
        None | Some("false") => {}
        Some("true") => builder = builder.allow_plain_http(),
        Some(_) => {
            let rule = "must be true or false";
            return Err(Error::rule(
                ErrorKind::Configuration,
                ALLOW_PLAIN_HTTP,
                rule,
            ));
        }
    }
    let crypto = [CRYPTO_KEY_ID, SERVER_PUBLIC_KEY, CLIENT_PRIVATE_KEY];
    if crypto.iter().all(|name| value(name).is_none()) {
        return Ok(builder);
    }
    Ok(builder.crypto_key(
        &need(CRYPTO_KEY_ID)?,
        need(SERVER_PUBLIC_KEY)?.as_bytes(),
        need(CLIENT_PRIVATE_KEY)?.as_bytes(),
    ))
}

/// The variable that a setting comes from.
fn variable_of(setting: &'static str) -> &'static str {
    match setting {
        "asp_id" => ASP_ID,
        "access_key" => ACCESS_KEY,
        "secret_key" => SECRET_KEY,
        "crypto_key_id" => CRYPTO_KEY_ID,
        "server_public_key" => SERVER_PUBLIC_KEY,
        "client_private_key" => CLIENT_PRIVATE_KEY,
        other => other,
    }
}
