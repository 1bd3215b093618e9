//! The crypto keys: whether they can be read, what they are, and whether the halves are those of the
//! right side.

use std::path::Path;

use konaplate::credentials::CryptoKey;
use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};

use super::check::{About, Check, Verdict};
use super::settings::{bytes_of, text_of};
use crate::variables::Variables;

const ID: &str = "KONAPLATE_CRYPTO_KEY_ID";
const PUBLIC: &str = "KONAPLATE_SERVER_PUBLIC_KEY";
const PRIVATE: &str = "KONAPLATE_CLIENT_PRIVATE_KEY";

/// Looks at the crypto keys that are set.
pub(super) fn check(variables: &Variables, own_public: Option<&Path>) -> Vec<Check> {
    let mut checks = Vec::new();
    for end in ["", "_2"] {
        checks.extend(of_one(variables, end, own_public));
    }
    checks
}

fn of_one(variables: &Variables, end: &str, own_public: Option<&Path>) -> Vec<Check> {
    let [id, public, private] = [ID, PUBLIC, PRIVATE].map(|name| format!("{name}{end}"));
    let mut checks = Vec::new();
    if let Some(text) = text_of(variables, &id) {
        checks.push(match CryptoKey::new(&text) {
            Ok(_) => good(&id, "32 characters"),
            Err(rule) => wrong(&id, rule.to_string())
                .next("copy the id of the crypto key from the project's page"),
        });
    }
    let read = |name: &str| bytes_of(variables, name);
    let (public_bytes, private_bytes) = (read(&public), read(&private));
    if let (Ok(Some(public_bytes)), Ok(Some(private_bytes))) = (&public_bytes, &private_bytes)
        && EncryptionKey::from_bytes(private_bytes).is_ok()
        && DecryptionKey::from_bytes(public_bytes).is_ok()
    {
        checks.push(
            wrong(
                &private,
                "holds a public key, and the other one a private key: they are swapped",
            )
            .next(format!(
                "give {public} the platform's public key, and {private} your own private key"
            )),
        );
        return checks;
    }
    let public_key = key(
        &mut checks,
        &public,
        public_bytes,
        EncryptionKey::from_bytes,
    );
    let private_key = key(
        &mut checks,
        &private,
        private_bytes,
        DecryptionKey::from_bytes,
    );
    let Some(private_key) = private_key else {
        return checks;
    };
    if let Some(public_key) = public_key {
        checks.push(sides(&public, &private, &public_key, &private_key));
    }
    if let Some(file) = own_public.filter(|_| end.is_empty()) {
        checks.push(own_half(&private, &private_key, file));
    }
    checks
}

/// Reads a key, and says what it is.
fn key<K: std::fmt::Debug, E: std::fmt::Display>(
    checks: &mut Vec<Check>,
    name: &str,
    bytes: Result<Option<Vec<u8>>, String>,
    read: impl FnOnce(&[u8]) -> Result<K, E>,
) -> Option<K> {
    let bytes = match bytes {
        Ok(bytes) => bytes?,
        Err(why) => {
            checks.push(wrong(name, why).next("check the name of the file, and who may read it"));
            return None;
        }
    };
    match read(&bytes) {
        Ok(key) => {
            // Its `Debug` says what it is and how long, and nothing of it.
            let what = format!("{key:?}");
            checks.push(good(name, what.trim_matches(['[', ']'])));
            Some(key)
        }
        Err(rule) => {
            let next = "take the file that the project's page hands out, as PEM, DER or base64";
            checks.push(wrong(name, rule.to_string()).next(next));
            None
        }
    }
}

/// Whether the two are halves of different pairs, as they have to be.
fn sides(
    public: &str,
    private: &str,
    public_key: &EncryptionKey,
    private_key: &DecryptionKey,
) -> Check {
    let subject = format!("{public} and {private}");
    match decrypts(public_key, private_key) {
        Some(false) => good(&subject, "halves of two different pairs, as they have to be"),
        Some(true) => wrong(&subject, "both are of one pair, and have to be of two").next(format!(
            "{public} is the platform's, of the server certificate; {private} is your own, of the client certificate"
        )),
        None => wrong(&subject, "nothing could be encrypted with the public key")
            .next("take the file that the project's page hands out"),
    }
}

/// Whether the public half that the platform has of the client is that of the private key.
fn own_half(private: &str, private_key: &DecryptionKey, file: &Path) -> Check {
    let subject = format!("{private} and --client-public");
    let public = std::fs::read(file)
        .map_err(|error| format!("the file of --client-public cannot be read: {error}"))
        .and_then(|bytes| {
            EncryptionKey::from_bytes(&bytes)
                .map_err(|rule| format!("the file of --client-public {rule}"))
        });
    match public.map(|public| decrypts(&public, private_key)) {
        Ok(Some(true)) => good(&subject, "halves of one pair"),
        Ok(_) => wrong(
            &subject,
            "are not of one pair: responses could not be decrypted",
        )
        .next("take the private key that the client certificate was made with"),
        Err(why) => wrong(&subject, why).next("name a certificate or a public key"),
    }
}

/// Whether what is encrypted with one half is decrypted with the other. None where nothing could be
/// encrypted.
fn decrypts(public: &EncryptionKey, private: &DecryptionKey) -> Option<bool> {
    let jwe = public.encrypt(ContentEncryption::A128Gcm, b"{}").ok()?;
    Some(private.decrypt(&jwe, KeyWrapping::RsaOaep256).is_ok())
}

fn good(subject: &str, finding: &str) -> Check {
    Check::new(About::Configuration, subject, Verdict::Good, finding)
}

fn wrong(subject: &str, finding: impl Into<String>) -> Check {
    Check::new(About::Configuration, subject, Verdict::Wrong, finding)
}
