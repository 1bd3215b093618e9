//! Promise: a key is read in every form that it may come in, and what is not one is told apart in
//! words that give nothing of it away.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};

fn key_file(file: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/keys");
    std::fs::read(format!("{folder}/{file}")).unwrap()
}

fn key_text(file: &str) -> String {
    String::from_utf8(key_file(file)).unwrap()
}

fn fits(public: &[u8], private: &[u8]) {
    let jwe = EncryptionKey::from_bytes(public)
        .unwrap()
        .encrypt(ContentEncryption::A128Gcm, b"{}")
        .unwrap();
    let opened = DecryptionKey::from_bytes(private)
        .unwrap()
        .decrypt(&jwe, KeyWrapping::RsaOaep256);
    assert_eq!(opened.unwrap(), b"{}");
}

#[test]
fn every_form_of_a_public_key_is_the_same_key() {
    let private = key_file("server.pkcs8.pem");
    for form in ["spki", "pkcs1-public", "cert"] {
        let pem = key_text(&format!("server.{form}.pem"));
        let der = key_file(&format!("server.{form}.der"));
        for public in forms(&pem, &der) {
            fits(&public, &private);
        }
    }
}

#[test]
fn every_form_of_a_private_key_is_the_same_key() {
    let public = key_file("client.spki.pem");
    for form in ["pkcs8", "pkcs1"] {
        let pem = key_text(&format!("client.{form}.pem"));
        let der = key_file(&format!("client.{form}.der"));
        for private in forms(&pem, &der) {
            fits(&public, &private);
        }
    }
}

/// PEM as it is, with CRLF, with escaped line breaks, on one line, with text around it; DER; base64
/// with and without line breaks.
fn forms(pem: &str, der: &[u8]) -> Vec<Vec<u8>> {
    let base64 = BASE64.encode(der);
    let wrapped: String = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap().to_owned() + "\n")
        .collect();
    [
        pem.to_owned(),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\\n"),
        pem.replace('\n', "\\r\\n"),
        format!("Bag Attributes\n  friendlyName: konaplate\n{pem}\ntrailing text\n"),
        base64,
        wrapped,
    ]
    .into_iter()
    .map(String::into_bytes)
    .chain([der.to_vec()])
    .collect()
}

#[test]
fn a_file_with_certificate_and_key_serves_for_either() {
    let both = key_text("client.cert.pem") + &key_text("client.pkcs8.pem");
    fits(both.as_bytes(), both.as_bytes());
}

#[test]
fn what_is_no_public_key_says_what_it_is() {
    for (file, rule) in [
        (
            "client.pkcs8.pem",
            "must be a public key or certificate, and is a private key",
        ),
        (
            "client.pkcs1.der",
            "must be a public key or certificate, and is a private key",
        ),
        ("ec.spki.pem", "must be an RSA key, and is of another kind"),
        ("ec.cert.pem", "must be an RSA key, and is of another kind"),
        (
            "rsa1024.spki.pem",
            "must have at least 2048 bits, and has 1024",
        ),
        (
            "encrypted.pkcs8.pem",
            "must be a public key or certificate, and is a private key protected by a passphrase",
        ),
    ] {
        let error = EncryptionKey::from_bytes(&key_file(file)).unwrap_err();
        assert_eq!(error.to_string(), rule, "{file}");
    }
}

#[test]
fn what_is_no_private_key_says_what_it_is() {
    for (file, rule) in [
        (
            "client.spki.pem",
            "must be a private key, and is a public key",
        ),
        (
            "client.cert.der",
            "must be a private key, and is a certificate",
        ),
        ("ec.pkcs8.pem", "must be an RSA key, and is of another kind"),
        (
            "rsa1024.pkcs8.pem",
            "must have at least 2048 bits, and has 1024",
        ),
        (
            "encrypted.pkcs8.pem",
            "is protected by a passphrase; hand it over decrypted",
        ),
        ("truncated.pkcs8.pem", "is a private key that is damaged"),
    ] {
        let error = DecryptionKey::from_bytes(&key_file(file)).unwrap_err();
        assert_eq!(error.to_string(), rule, "{file}");
    }
}

#[test]
fn what_is_no_key_at_all_says_so() {
    const NOT_A_KEY: &str = "is neither PEM nor DER nor base64 of a key or certificate";
    for (bytes, rule) in [
        (&b""[..], "must not be empty"),
        (b"  \n", "must not be empty"),
        (b"hello", NOT_A_KEY),
        (b"\xff\xfe\x00", NOT_A_KEY),
        (b"aGVsbG8=", NOT_A_KEY),
        (
            b"-----BEGIN PRIVATE KEY-----\nAAAA",
            "is PEM without a key or certificate",
        ),
        (
            b"-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
            "is PEM that is damaged or cut off",
        ),
        (
            b"-----BEGIN CRL-----\nAAAA\n-----END CRL-----\n",
            "is PEM without a key or certificate",
        ),
    ] {
        assert_eq!(
            EncryptionKey::from_bytes(bytes).unwrap_err().to_string(),
            rule
        );
        assert_eq!(
            DecryptionKey::from_bytes(bytes).unwrap_err().to_string(),
            rule
        );
    }
}

#[test]
fn keys_do_not_print() {
    let encryption = EncryptionKey::from_bytes(&key_file("server.spki.pem")).unwrap();
    let decryption = DecryptionKey::from_bytes(&key_file("client.pkcs8.pem")).unwrap();
    assert_eq!(format!("{encryption:?}"), "[public key of 2048 bits]");
    assert_eq!(format!("{decryption:?}"), "[private key of 2048 bits]");
}
