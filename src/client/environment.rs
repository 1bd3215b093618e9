//! A client's settings by the names of environment variables.

use zeroize::Zeroizing;

use super::builder::ClientBuilder;
use crate::error::{Error, ErrorKind};

const BASE_URL: &str = "KONAPLATE_BASE_URL";
const ASP_ID: &str = "KONAPLATE_ASP_ID";
const ACCESS_KEY: &str = "KONAPLATE_ACCESS_KEY";
const FORMER_ACCESS_KEY: &str = "KONAPLATE_FORMER_ACCESS_KEY";
const SECRET_KEY: &str = "KONAPLATE_SECRET_KEY";
/// Id, public and private half of each crypto key.
const CRYPTO_KEYS: [[&str; 3]; 2] = [
    [
        "KONAPLATE_CRYPTO_KEY_ID",
        "KONAPLATE_SERVER_PUBLIC_KEY",
        "KONAPLATE_CLIENT_PRIVATE_KEY",
    ],
    [
        "KONAPLATE_CRYPTO_KEY_ID_2",
        "KONAPLATE_SERVER_PUBLIC_KEY_2",
        "KONAPLATE_CLIENT_PRIVATE_KEY_2",
    ],
];
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
                variable_of(
                    error.setting,
                    usize::from(builder.settings.keyring.first().is_some()),
                ),
                error.rule,
            )),
        }
    }
}

/// A builder filled from variables. A crypto key is there in whole or not at all.
fn read(get: impl Fn(&str) -> Option<String>) -> Result<ClientBuilder, Error> {
    let wrong = |name: &'static str, rule: &str| Error::rule(ErrorKind::Configuration, name, rule);
    let value = |name: &'static str| value_of(&get, name);
    let need = |name: &'static str| match value(name)? {
        Some(value) => Ok(value),
        None => Err(wrong(name, "is not set")),
    };
    let mut builder = ClientBuilder::default()
        .base_url(need(BASE_URL)?.as_str())
        .project_keys(&need(ASP_ID)?, &need(ACCESS_KEY)?, &need(SECRET_KEY)?);
    if let Some(key) = value(FORMER_ACCESS_KEY)? {
        builder = builder.former_access_key(&key);
    }
    match value(ALLOW_PLAIN_HTTP)?
        .as_ref()
        .map(|value| value.as_str())
    {
        None | Some("false") => {}
        Some("true") => builder = builder.allow_plain_http(),
        Some(_) => return Err(wrong(ALLOW_PLAIN_HTTP, "must be true or false")),
    }
    for key in CRYPTO_KEYS {
        let mut parts = [None, None, None];
        for (part, name) in parts.iter_mut().zip(key) {
            *part = value(name)?;
        }
        match parts {
            [None, None, None] => {}
            [Some(id), Some(public), Some(private)] => {
                builder = builder.crypto_key(&id, public.as_bytes(), private.as_bytes());
            }
            parts => {
                let missing = key.into_iter().zip(parts).find(|(_, part)| part.is_none());
                let name = missing.map_or(key[0], |(name, _)| name);
                return Err(wrong(name, "is not set"));
            }
        }
    }
    Ok(builder)
}

/// What a variable says: its value, or what is in the file that the variable with `_FILE` behind its
/// name names.
fn value_of(
    get: &impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<Zeroizing<String>>, Error> {
    let set = |name: &str| get(name).filter(|value| !value.is_empty());
    let value = set(name).map(Zeroizing::new);
    let Some(file) = set(&format!("{name}_FILE")) else {
        return Ok(value);
    };
    let wrong = |rule| Error::rule(ErrorKind::Configuration, name, rule);
    if value.is_some() {
        return Err(wrong("is set twice: with _FILE behind its name, too"));
    }
    let text = std::fs::read_to_string(file)
        .map_err(|error| wrong("names a file that cannot be read").with_source(error))?;
    let text = Zeroizing::new(text);
    let line = text.trim_end_matches(['\r', '\n']);
    Ok(Some(Zeroizing::new(line.to_owned())).filter(|value| !value.is_empty()))
}

/// The variable that a setting comes from; `crypto_key` is the number of the key, from 0.
fn variable_of(setting: &'static str, crypto_key: usize) -> &'static str {
    match setting {
        "asp_id" => ASP_ID,
        "access_key" => ACCESS_KEY,
        "former_access_key" => FORMER_ACCESS_KEY,
        "secret_key" => SECRET_KEY,
        "crypto_key_id" => CRYPTO_KEYS[crypto_key][0],
        "server_public_key" => CRYPTO_KEYS[crypto_key][1],
        "client_private_key" => CRYPTO_KEYS[crypto_key][2],
        other => other,
    }
}
