//! Credentials by the names of environment variables.

use zeroize::Zeroizing;

use super::project::Credentials;
use crate::error::{Error, ErrorKind};
use crate::value::check_setting;

pub(crate) const ASP_ID: &str = "KONAPLATE_ASP_ID";
pub(crate) const ACCESS_KEY: &str = "KONAPLATE_ACCESS_KEY";
pub(crate) const SECRET_KEY: &str = "KONAPLATE_SECRET_KEY";
const FORMER_ACCESS_KEY: &str = "KONAPLATE_FORMER_ACCESS_KEY";
const FORMER_SECRET_KEY: &str = "KONAPLATE_FORMER_SECRET_KEY";
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

impl Credentials {
    /// The credentials in the environment: `KONAPLATE_ASP_ID`, `KONAPLATE_ACCESS_KEY`,
    /// `KONAPLATE_SECRET_KEY`, in a rotation `KONAPLATE_FORMER_ACCESS_KEY` and
    /// `KONAPLATE_FORMER_SECRET_KEY`, and the crypto keys, as
    /// [`Client::from_env`](crate::Client::from_env) has them. Each variable may name a file
    /// instead, with `_FILE` behind its name; such a file is read again each time.
    ///
    /// # Errors
    /// A variable is wrong, or a crypto key is there in part. [`Error::field`] names it.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// The credentials in named variables, as [`from_env`](Self::from_env) reads the environment.
    ///
    /// # Errors
    /// A variable is wrong, or a crypto key is there in part. [`Error::field`] names it.
    pub fn from_vars(get: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let value = |name: &'static str| value_of(&get, name);
        // A key may be a file of bytes.
        let bytes = |name: &'static str| Ok::<_, Error>(given(&get, name)?.map(Given::into_bytes));
        let mut credentials = Self::new();
        if let Some(asp_id) = value(ASP_ID)? {
            credentials.set_asp_id(&asp_id);
        }
        if let Some(key) = value(ACCESS_KEY)? {
            credentials.set_access_key(&key);
        }
        if let Some(key) = value(SECRET_KEY)? {
            credentials.set_secret_key(&key);
        }
        if let Some(key) = value(FORMER_ACCESS_KEY)? {
            credentials = credentials.former_access_key(&key);
        }
        if let Some(key) = value(FORMER_SECRET_KEY)? {
            credentials = credentials.former_secret_key(&key);
        }
        for names in CRYPTO_KEYS {
            let [id, public, private] = names;
            match (value(id)?, bytes(public)?, bytes(private)?) {
                (None, None, None) => {}
                (Some(id), Some(public), Some(private)) => {
                    credentials = credentials.crypto_key(&id, &public[..], &private[..]);
                }
                (None, ..) => return Err(not_set(id)),
                (_, None, _) => return Err(not_set(public)),
                (.., None) => return Err(not_set(private)),
            }
            // After each, since its settings have the same names as those of the other.
            credentials.check().map_err(|error| {
                let variable = variable_of(error.setting, names);
                Error::rule(ErrorKind::Configuration, variable, error.rule)
            })?;
        }
        Ok(credentials)
    }
}

/// The variable that a setting comes from.
fn variable_of(setting: &'static str, [id, public, private]: [&'static str; 3]) -> &'static str {
    match setting {
        "asp_id" => ASP_ID,
        "access_key" => ACCESS_KEY,
        "secret_key" => SECRET_KEY,
        "former_access_key" => FORMER_ACCESS_KEY,
        "former_secret_key" => FORMER_SECRET_KEY,
        "server_public_key" => public,
        "client_private_key" => private,
        "crypto_key_id" | "crypto_key" => id,
        other => other,
    }
}

pub(crate) fn not_set(name: &'static str) -> Error {
    Error::rule(ErrorKind::Configuration, name, "is not set")
}

/// What a variable says: its value, or what is in the file that the variable with `_FILE` behind its
/// name names.
pub(crate) fn value_of(
    get: &impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<Zeroizing<String>>, Error> {
    let (text, is_file) = match given(get, name)? {
        Some(Given::Value(value)) => (value, false),
        Some(Given::File(bytes)) => (bytes, true),
        None => return Ok(None),
    };
    let mut text = std::str::from_utf8(&text)
        .map_err(|_| Error::rule(ErrorKind::Configuration, name, "must be UTF-8"))?;
    if is_file {
        // An editor ends a file with a line break.
        text = text.trim_end_matches(['\r', '\n']);
    }
    Ok(Some(Zeroizing::new(text.to_owned())).filter(|value| !value.is_empty()))
}

/// What a variable says, or the file that it names.
enum Given {
    Value(Zeroizing<Vec<u8>>),
    File(Zeroizing<Vec<u8>>),
}

impl Given {
    fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::Value(bytes) | Self::File(bytes) => bytes,
        }
    }
}

fn given(
    get: &impl Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<Given>, Error> {
    let set = |name: &str| get(name).filter(|value| !value.is_empty());
    let value = set(name).map(|value| Given::Value(Zeroizing::new(value.into_bytes())));
    let Some(file) = set(&format!("{name}_FILE")) else {
        return Ok(value);
    };
    let wrong = |rule| Error::rule(ErrorKind::Configuration, name, rule);
    if value.is_some() {
        return Err(wrong("is set twice: with _FILE behind its name, too"));
    }
    check_setting(&file).map_err(|violation| {
        let rule = format!("names a file in its _FILE variable, which {violation}");
        Error::rule(ErrorKind::Configuration, name, rule)
    })?;
    let bytes = std::fs::read(file)
        .map_err(|error| wrong("names a file that cannot be read").with_source(error))?;
    let bytes = Zeroizing::new(bytes);
    Ok(Some(bytes)
        .filter(|bytes| !bytes.is_empty())
        .map(Given::File))
}
