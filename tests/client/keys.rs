//! Promise: a key is read in every form that it may come in, and what is not one is told apart in
//! words that give nothing of it away.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};

fn key_file(file: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/conformance/keys");
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

const NEW_KEY: &str =
    "a pair is made by: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem";

/// What a file is, and what to run. The commands were run; `make/other_forms.sh` makes the files.
#[test]
fn what_is_no_public_key_says_what_it_is_and_what_to_run() {
    let half = "must be a public key or certificate, and is a private key; of a pair, the public \
                half is made by: openssl pkey -in FILE -pubout -out public.pem";
    let kind = format!("must be an RSA key, and is of another kind; {NEW_KEY}");
    let size = format!("must have at least 2048 bits, and has 1024; {NEW_KEY}");
    for (file, rule) in [
        ("client.pkcs8.pem", half),
        ("client.pkcs1.der", half),
        ("ec.spki.pem", &kind),
        ("ec.cert.pem", &kind),
        ("rsa1024.spki.pem", &size),
        (
            "encrypted.pkcs8.pem",
            "is a private key protected by a passphrase; the platform's public key or certificate \
             belongs here",
        ),
        (
            "other-forms/client.p12",
            "is a PKCS#12 file; run: openssl pkcs12 -in FILE -nokeys -clcerts -out cert.pem",
        ),
        (
            "other-forms/client.p7b.pem",
            "is a PKCS#7 file; run: openssl pkcs7 -in FILE -print_certs -out cert.pem",
        ),
        (
            "other-forms/client.p7b.der",
            "is a PKCS#7 file, as DER; run: openssl pkcs7 -inform DER -in FILE -print_certs -out \
             cert.pem",
        ),
        (
            "other-forms/client.csr.pem",
            "is a certificate request; take the certificate that was issued for it",
        ),
        (
            "other-forms/client.csr.der",
            "is a certificate request; take the certificate that was issued for it",
        ),
        (
            "other-forms/openssh.pub",
            "is a public key of OpenSSH; run: ssh-keygen -e -m PKCS8 -f FILE > public.pem",
        ),
        (
            "other-forms/ssh2.pub",
            "is a public key of SSH; run: ssh-keygen -i -m RFC4716 -f FILE > key.pub && ssh-keygen \
             -e -m PKCS8 -f key.pub > public.pem",
        ),
    ] {
        let error = EncryptionKey::from_bytes(&key_file(file)).unwrap_err();
        assert_eq!(error.to_string(), rule, "{file}");
    }
}

#[test]
fn what_is_no_private_key_says_what_it_is_and_what_to_run() {
    let kind = format!("must be an RSA key, and is of another kind; {NEW_KEY}");
    let size = format!("must have at least 2048 bits, and has 1024; {NEW_KEY}");
    let half = |is| {
        format!(
            "must be a private key, and is a {is}; the private key is with whoever made the pair, \
             and cannot be made of it"
        )
    };
    let (key, certificate) = (half("public key"), half("certificate"));
    let locked = "is a private key protected by a passphrase; run: openssl pkey -in FILE -out \
                  key.pem";
    for (file, rule) in [
        ("client.spki.pem", key.as_str()),
        ("client.cert.der", &certificate),
        ("ec.pkcs8.pem", &kind),
        ("other-forms/ec.sec1.der", &kind),
        ("rsa1024.pkcs8.pem", &size),
        ("encrypted.pkcs8.pem", locked),
        ("other-forms/encrypted.pkcs1.pem", locked),
        (
            "other-forms/encrypted.pkcs8.der",
            "is a private key protected by a passphrase, as DER; run: openssl pkey -inform DER -in \
             FILE -out key.pem",
        ),
        (
            "other-forms/client.p12",
            "is a PKCS#12 file; run: openssl pkcs12 -in FILE -nocerts -nodes -out key.pem",
        ),
        (
            "other-forms/openssh",
            "is a private key of OpenSSH; run on a copy of it: ssh-keygen -p -m PKCS8 -N '' -f FILE",
        ),
        (
            "other-forms/client.jks",
            "is a Java key store; run: keytool -importkeystore -srckeystore FILE -destkeystore \
             key.p12 -deststoretype pkcs12; then openssl pkcs12 as for a PKCS#12 file",
        ),
        ("truncated.pkcs8.pem", "is a private key that is damaged"),
    ] {
        let error = DecryptionKey::from_bytes(&key_file(file)).unwrap_err();
        assert_eq!(error.to_string(), rule, "{file}");
    }
    for (text, rule) in [
        (
            "PuTTY-User-Key-File-3: ssh-rsa",
            "is a key of PuTTY; run: puttygen FILE -O private-openssh -o key.pem",
        ),
        (
            r#"{"kty": "RSA", "n": "AA"}"#,
            "is a JSON Web Key; convert it to PEM",
        ),
    ] {
        let error = DecryptionKey::from_bytes(text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), rule);
    }
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(
            key_text("client.pkcs8.pem")
                .encode_utf16()
                .flat_map(u16::to_le_bytes),
        )
        .collect();
    let error = DecryptionKey::from_bytes(&utf16).unwrap_err();
    assert_eq!(
        error.to_string(),
        "is text in UTF-16; write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE > key.pem"
    );
}

/// As Kubernetes keeps files in a secret.
#[test]
fn base64_of_a_key_file_is_read() {
    for encode in [
        |bytes: &[u8]| BASE64.encode(bytes),
        |bytes: &[u8]| BASE64.encode(bytes) + "\n",
    ] {
        let public = encode(&key_file("client.spki.pem"));
        let private = encode(&key_file("client.pkcs8.pem"));
        fits(public.as_bytes(), private.as_bytes());
    }
    let locked = BASE64.encode(key_file("encrypted.pkcs8.pem"));
    let error = DecryptionKey::from_bytes(locked.as_bytes()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("is a private key protected by a passphrase")
    );
    let marked = [b"\xEF\xBB\xBF", &key_file("client.pkcs8.pem")[..]].concat();
    fits(&key_file("client.spki.pem"), &marked);
}

#[test]
fn what_is_no_key_at_all_says_so() {
    const NOT_A_KEY: &str = "is neither PEM nor DER nor base64 of a key or certificate";
    for (bytes, rule) in [
        (&b""[..], "must not be empty"),
        (b"  \n", "must not be empty"),
        (b"hello", NOT_A_KEY),
        (b"\xff\xff\x00", NOT_A_KEY),
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
