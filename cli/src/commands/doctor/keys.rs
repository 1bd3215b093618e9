//! The crypto keys: whether they can be read, what they are, and whether the halves are those of the
//! right side.

use std::path::Path;

use konaplate::credentials::CryptoKey;
use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};

use super::check::{About, Check, Verdict};
use super::settings::{bytes_of, text_of};
use crate::bilingual::Bilingual;
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
            Ok(_) => good(&id, Bilingual::new("32 characters", "32자입니다.")),
            Err(rule) => {
                let finding = Bilingual::new(
                    rule.to_string(),
                    format!("암호화 키의 ID가 올바르지 않습니다: {rule}"),
                );
                wrong(&id, finding).next(Bilingual::new(
                    "copy the id of the crypto key from the project's page",
                    "프로젝트 페이지에서 암호화 키의 ID를 복사하십시오.",
                ))
            }
        });
    }
    let read = |name: &str| bytes_of(variables, name);
    let (public_bytes, private_bytes) = (read(&public), read(&private));
    if let (Ok(Some(public_bytes)), Ok(Some(private_bytes))) = (&public_bytes, &private_bytes)
        && EncryptionKey::from_bytes(private_bytes).is_ok()
        && DecryptionKey::from_bytes(public_bytes).is_ok()
    {
        checks.push(swapped(&public, &private));
        return checks;
    }
    let public_key = key(
        &mut checks,
        &public,
        "공개 키",
        public_bytes,
        EncryptionKey::from_bytes,
    );
    let private_key = key(
        &mut checks,
        &private,
        "개인 키",
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

/// The halves stand in each other's place.
fn swapped(public: &str, private: &str) -> Check {
    let finding = Bilingual::new(
        "holds a public key, and the other one a private key: they are swapped",
        "공개 키가 들어 있고, 다른 쪽에는 개인 키가 들어 있습니다. 둘이 서로 바뀌었습니다.",
    );
    wrong(private, finding).next(Bilingual::new(
        format!("give {public} the platform's public key, and {private} your own private key"),
        format!("{public}에는 플랫폼의 공개 키를, {private}에는 자신의 개인 키를 지정하십시오."),
    ))
}

/// Reads a key, and says what it is; `korean` is its kind.
fn key<K: std::fmt::Debug, E: std::fmt::Display>(
    checks: &mut Vec<Check>,
    name: &str,
    korean: &str,
    bytes: Result<Option<Vec<u8>>, Bilingual>,
    read: impl FnOnce(&[u8]) -> Result<K, E>,
) -> Option<K> {
    let bytes = match bytes {
        Ok(bytes) => bytes?,
        Err(why) => {
            checks.push(wrong(name, why).next(Bilingual::new(
                "check the name of the file, and who may read it",
                "파일의 이름과 읽기 권한을 확인하십시오.",
            )));
            return None;
        }
    };
    match read(&bytes) {
        Ok(key) => {
            // Its `Debug` says what it is and how long, and nothing of it.
            let what = format!("{key:?}");
            let what = what.trim_matches(['[', ']']);
            let bits: String = what.chars().filter(char::is_ascii_digit).collect();
            let finding = Bilingual::new(what.to_owned(), format!("{bits}비트 {korean}입니다."));
            checks.push(good(name, finding));
            Some(key)
        }
        Err(rule) => {
            let finding = Bilingual::new(
                rule.to_string(),
                format!("{korean}가 올바르지 않습니다: {rule}"),
            );
            checks.push(wrong(name, finding).next(Bilingual::new(
                "take the file that the project's page hands out, as PEM, DER or base64",
                "프로젝트 페이지에서 제공하는 파일을 PEM, DER 또는 base64로 지정하십시오.",
            )));
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
        Some(false) => good(
            &subject,
            Bilingual::new(
                "halves of two different pairs, as they have to be",
                "필요한 대로 서로 다른 두 키 쌍에 속합니다.",
            ),
        ),
        Some(true) => {
            let finding = Bilingual::new(
                "both are of one pair, and have to be of two",
                "둘 다 한 키 쌍에 속하지만, 서로 다른 두 키 쌍에 속해야 합니다.",
            );
            wrong(&subject, finding).next(Bilingual::new(
                format!(
                    "{public} is the platform's, of the server certificate; {private} is your own, of the client certificate"
                ),
                format!(
                    "{public}에는 서버 인증서에 있는 플랫폼의 키를, {private}에는 클라이언트 인증서에 해당하는 자신의 키를 지정하십시오."
                ),
            ))
        }
        None => {
            let finding = Bilingual::new(
                "nothing could be encrypted with the public key",
                "공개 키로 아무것도 암호화할 수 없었습니다.",
            );
            wrong(&subject, finding).next(Bilingual::new(
                "take the file that the project's page hands out",
                "프로젝트 페이지에서 제공하는 파일을 사용하십시오.",
            ))
        }
    }
}

/// Whether the public half that the platform has of the client is that of the private key.
fn own_half(private: &str, private_key: &DecryptionKey, file: &Path) -> Check {
    let subject = format!("{private} and --client-public");
    match public_half(file).map(|public| decrypts(&public, private_key)) {
        Ok(Some(true)) => {
            let finding = Bilingual::new("halves of one pair", "한 키 쌍에 속합니다.");
            good(&subject, finding)
        }
        Ok(_) => {
            let finding = Bilingual::new(
                "are not of one pair: responses could not be decrypted",
                "한 키 쌍에 속하지 않습니다. 이대로는 응답을 복호화할 수 없습니다.",
            );
            wrong(&subject, finding).next(Bilingual::new(
                "take the private key that the client certificate was made with",
                "클라이언트 인증서를 만들 때 사용한 개인 키를 지정하십시오.",
            ))
        }
        Err(why) => wrong(&subject, why).next(Bilingual::new(
            "name a certificate or a public key",
            "인증서나 공개 키를 지정하십시오.",
        )),
    }
}

/// The public key in the file of --client-public, or why there is none.
fn public_half(file: &Path) -> Result<EncryptionKey, Bilingual> {
    let bytes = std::fs::read(file).map_err(|error| {
        Bilingual::new(
            format!("the file of --client-public cannot be read: {error}"),
            format!("--client-public에 지정한 파일을 읽을 수 없습니다: {error}"),
        )
    })?;
    EncryptionKey::from_bytes(&bytes).map_err(|rule| {
        Bilingual::new(
            format!("the file of --client-public {rule}"),
            format!("--client-public에 지정한 파일이 올바르지 않습니다: {rule}"),
        )
    })
}

/// Whether what is encrypted with one half is decrypted with the other. None where nothing could be
/// encrypted.
fn decrypts(public: &EncryptionKey, private: &DecryptionKey) -> Option<bool> {
    let jwe = public.encrypt(ContentEncryption::A128Gcm, b"{}").ok()?;
    Some(private.decrypt(&jwe, KeyWrapping::RsaOaep256).is_ok())
}

fn good(subject: &str, finding: Bilingual) -> Check {
    Check::new(About::Configuration, subject, Verdict::Good, finding)
}

fn wrong(subject: &str, finding: Bilingual) -> Check {
    Check::new(About::Configuration, subject, Verdict::Wrong, finding)
}
