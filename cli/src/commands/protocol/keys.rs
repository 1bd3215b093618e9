//! Keys: of files that options name, or of the settings. None is ever an argument's value, which a
//! list of processes shows.

use std::path::Path;

use konaplate::protocol::{DecryptionKey, EncryptionKey};
use konaplate::value::check_setting;
use zeroize::Zeroizing;

use super::body::read_file;
use crate::failure::Failure;
use crate::variables::Variables;

pub(in crate::commands) const SECRET_KEY: &str = "KONAPLATE_SECRET_KEY";
pub(in crate::commands) const FORMER_SECRET_KEY: &str = "KONAPLATE_FORMER_SECRET_KEY";
pub(in crate::commands) const ACCESS_KEY: &str = "KONAPLATE_ACCESS_KEY";
const SERVER_PUBLIC_KEY: &str = "KONAPLATE_SERVER_PUBLIC_KEY";
const CLIENT_PRIVATE_KEYS: [&str; 2] = [
    "KONAPLATE_CLIENT_PRIVATE_KEY",
    "KONAPLATE_CLIENT_PRIVATE_KEY_2",
];

type Bytes = Zeroizing<Vec<u8>>;

/// A private key: what decrypts, and the bytes that it was read from.
pub(in crate::commands) struct PrivateKey {
    pub(in crate::commands) key: DecryptionKey,
    pub(in crate::commands) bytes: Bytes,
}

/// The secret key, of the file or of the settings.
///
/// # Errors
/// There is none, or it is none that was issued.
pub(in crate::commands) fn secret_key(
    variables: &Variables,
    file: Option<&Path>,
) -> Result<Zeroizing<String>, Failure> {
    let found = match file {
        Some(file) => Some(text(
            "secret-key-file",
            read_file("secret-key-file", file)?.into(),
            true,
        )?),
        None => setting_text(variables, SECRET_KEY)?,
    };
    found.ok_or_else(|| not_set(SECRET_KEY, "--secret-key-file"))
}

/// A setting of text. None where it is not set.
///
/// # Errors
/// It cannot be read, or has at its ends what nobody sees.
pub(in crate::commands) fn setting_text(
    variables: &Variables,
    name: &str,
) -> Result<Option<Zeroizing<String>>, Failure> {
    let is_file = is_set(variables, &format!("{name}_FILE"));
    let Some(bytes) = setting(variables, name)? else {
        return Ok(None);
    };
    text(name, bytes, is_file).map(Some)
}

/// The platform's public key, of the file or of the settings.
///
/// # Errors
/// There is none, or it is no RSA key of 2048 bits.
pub(in crate::commands) fn public_key(
    variables: &Variables,
    file: Option<&Path>,
) -> Result<EncryptionKey, Failure> {
    let (name, bytes) = match file {
        Some(file) => ("key-file", read_file("key-file", file)?.into()),
        None => (
            SERVER_PUBLIC_KEY,
            setting(variables, SERVER_PUBLIC_KEY)?
                .ok_or_else(|| not_set(SERVER_PUBLIC_KEY, "--key-file"))?,
        ),
    };
    EncryptionKey::from_bytes(&bytes).map_err(|rule| {
        Failure::bad_input(format!("{name}: {rule}"))
            .next("to encrypt, the receiver's public key or certificate is needed")
    })
}

/// The private keys, of the file or of the settings, which have up to two.
///
/// # Errors
/// There is none, or one is no RSA key of 2048 bits.
pub(in crate::commands) fn private_keys(
    variables: &Variables,
    file: Option<&Path>,
) -> Result<Vec<PrivateKey>, Failure> {
    if let Some(file) = file {
        let bytes = read_file("key-file", file)?.into();
        return Ok(vec![private_key("key-file", bytes)?]);
    }
    let mut keys = Vec::new();
    for name in CLIENT_PRIVATE_KEYS {
        if let Some(bytes) = setting(variables, name)? {
            keys.push(private_key(name, bytes)?);
        }
    }
    if keys.is_empty() {
        return Err(not_set(CLIENT_PRIVATE_KEYS[0], "--key-file"));
    }
    Ok(keys)
}

fn private_key(name: &str, bytes: Bytes) -> Result<PrivateKey, Failure> {
    let key = DecryptionKey::from_bytes(&bytes).map_err(|rule| {
        Failure::bad_input(format!("{name}: {rule}"))
            .next("to decrypt, the receiver's own private key is needed")
    })?;
    Ok(PrivateKey { key, bytes })
}

/// What a variable says, or what is in the file that the variable with `_FILE` behind its name names.
fn setting(variables: &Variables, name: &str) -> Result<Option<Bytes>, Failure> {
    let file_variable = format!("{name}_FILE");
    let of = |name: &str| variables.get(name).filter(|value| !value.is_empty());
    let bytes = match (of(name), of(&file_variable)) {
        (Some(_), Some(_)) => {
            let cause = format!("{name} is set twice: with _FILE behind its name, too");
            return Err(Failure::bad_input(cause).next("unset one of the two"));
        }
        (Some(value), None) => Bytes::new(value.into_bytes()),
        (None, Some(file)) => read_file(&file_variable, Path::new(&file))?.into(),
        (None, None) => return Ok(None),
    };
    Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
}

fn is_set(variables: &Variables, name: &str) -> bool {
    variables.get(name).is_some_and(|value| !value.is_empty())
}

/// Text that was pasted from somewhere. An editor ends a file with a line break, which is none of it.
fn text(name: &str, bytes: Bytes, is_file: bool) -> Result<Zeroizing<String>, Failure> {
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        Failure::bad_input(format!("{name}: must be UTF-8"))
            .next("it is text as it was issued, and no key file of RSA")
    })?;
    let text = if is_file {
        text.trim_end_matches(['\r', '\n'])
    } else {
        text
    };
    check_setting(text).map_err(|rule| {
        Failure::bad_input(format!("{name}: {rule}"))
            .next("copy the key once more, and nothing around it")
    })?;
    if text.is_empty() {
        return Err(Failure::bad_input(format!("{name}: must not be empty"))
            .next("copy the key from the vendor's portal"));
    }
    Ok(Zeroizing::new(text.to_owned()))
}

fn not_set(variable: &str, option: &str) -> Failure {
    Failure::bad_input(format!("{variable} is not set")).next(format!(
        "set it, or {variable}_FILE, in the environment, a .env file or a profile; or name a file with {option}"
    ))
}
