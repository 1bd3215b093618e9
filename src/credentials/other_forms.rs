//! What is handed over in the place of a key file, and what to run to make a key file of it.
//!
//! `FILE` in a command is the file that was handed over. The commands ask for the passphrase; none
//! belongs on a command line.

use x509_cert::der::asn1::{ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode as _, Reader as _, SliceReader, Tag};
use x509_cert::spki::AlgorithmIdentifierRef;

use crate::value::Violation;

/// Which half of a pair is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Public,
    Private,
}

/// Something that holds a key, and is no key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Other {
    /// PKCS#8 behind a passphrase, as PEM.
    EncryptedPem,
    /// The same, as DER.
    EncryptedDer,
    Pkcs12,
    Pkcs7Pem,
    Pkcs7Der,
    Request,
    OpenSshPrivate,
    OpenSshPublic,
    Ssh2Public,
    Putty,
    JavaKeyStore,
    Jwk,
    Utf16,
}

/// PKCS#7 `data` and `signedData` (RFC 2315, section 14).
const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

impl Other {
    /// By the label of a PEM section, and whether its headers say that it is encrypted (RFC 1421).
    pub(super) fn of_pem(label: &str, is_encrypted: bool) -> Option<Self> {
        Some(match label {
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedPem,
            _ if is_encrypted => Self::EncryptedPem,
            "PKCS7" | "CMS" => Self::Pkcs7Pem,
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Self::Request,
            "OPENSSH PRIVATE KEY" => Self::OpenSshPrivate,
            _ => return None,
        })
    }

    /// By how a text begins.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        let text = text.trim_start();
        let begins = |marks: &[&str]| marks.iter().any(|mark| text.starts_with(mark));
        if begins(&["ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-"]) {
            Some(Self::OpenSshPublic)
        } else if begins(&["---- BEGIN SSH2 PUBLIC KEY ----"]) {
            Some(Self::Ssh2Public)
        } else if begins(&["PuTTY-User-Key-File-"]) {
            Some(Self::Putty)
        } else if begins(&["{"]) && text.contains("\"kty\"") {
            Some(Self::Jwk)
        } else {
            None
        }
    }

    /// By how bytes begin, or what they are as DER.
    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFE, 0xED, 0xFE, 0xED, ..] | [0xCE, 0xCE, 0xCE, 0xCE, ..] => Some(Self::JavaKeyStore),
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some(Self::Utf16),
            _ if is_encrypted_key(bytes) => Some(Self::EncryptedDer),
            _ if x509_cert::request::CertReq::from_der(bytes).is_ok() => Some(Self::Request),
            _ => Self::of_container(bytes),
        }
    }

    /// PKCS#12 (RFC 7292) is a sequence of its version and of PKCS#7 data; PKCS#7 is one of the kind
    /// of its content and of that.
    fn of_container(der: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let kind = reader
            .sequence(|fields| {
                if Tag::peek(fields)? == Tag::Integer {
                    let version = u8::decode(fields)?;
                    let kind = fields.sequence(|content| {
                        let kind = ObjectIdentifier::decode(content)?;
                        skip(content)?;
                        Ok::<_, x509_cert::der::Error>(kind)
                    })?;
                    skip(fields)?;
                    return Ok((Some(version), kind));
                }
                let kind = ObjectIdentifier::decode(fields)?;
                skip(fields)?;
                Ok::<_, x509_cert::der::Error>((None, kind))
            })
            .ok()?;
        match kind {
            (Some(3), DATA | SIGNED_DATA) => Some(Self::Pkcs12),
            (None, SIGNED_DATA) => Some(Self::Pkcs7Der),
            _ => None,
        }
    }

    /// What it is, and what to run.
    pub(super) fn violation(self, wanted: Half) -> Violation {
        let (is, cure) = match (self, wanted) {
            (Self::EncryptedPem, Half::Private) => (
                "a private key protected by a passphrase",
                "run: openssl pkey -in FILE -out key.pem",
            ),
            (Self::EncryptedDer, Half::Private) => (
                "a private key protected by a passphrase, as DER",
                "run: openssl pkey -inform DER -in FILE -out key.pem",
            ),
            (Self::EncryptedPem | Self::EncryptedDer, Half::Public) => (
                "a private key protected by a passphrase",
                "the platform's public key or certificate belongs here",
            ),
            (Self::Pkcs12, Half::Private) => (
                "a PKCS#12 file",
                "run: openssl pkcs12 -in FILE -nocerts -nodes -out key.pem",
            ),
            (Self::Pkcs12, Half::Public) => (
                "a PKCS#12 file",
                "run: openssl pkcs12 -in FILE -nokeys -clcerts -out cert.pem",
            ),
            (Self::Pkcs7Pem, Half::Public) => (
                "a PKCS#7 file",
                "run: openssl pkcs7 -in FILE -print_certs -out cert.pem",
            ),
            (Self::Pkcs7Der, Half::Public) => (
                "a PKCS#7 file, as DER",
                "run: openssl pkcs7 -inform DER -in FILE -print_certs -out cert.pem",
            ),
            (Self::Pkcs7Pem | Self::Pkcs7Der, Half::Private) => (
                "a PKCS#7 file",
                "it holds certificates only; the private key is with whoever made it",
            ),
            (Self::Request, Half::Public) => (
                "a certificate request",
                "take the certificate that was issued for it",
            ),
            (Self::Request, Half::Private) => (
                "a certificate request",
                "the private key is in the file that was made with it",
            ),
            (Self::OpenSshPrivate, Half::Private) => (
                "a private key of OpenSSH",
                "run on a copy of it: ssh-keygen -p -m PKCS8 -N '' -f FILE",
            ),
            (Self::OpenSshPublic, Half::Public) => (
                "a public key of OpenSSH",
                "run: ssh-keygen -e -m PKCS8 -f FILE > public.pem",
            ),
            (Self::Ssh2Public, Half::Public) => (
                "a public key of SSH",
                "run: ssh-keygen -i -m RFC4716 -f FILE > key.pub && \
                 ssh-keygen -e -m PKCS8 -f key.pub > public.pem",
            ),
            (Self::OpenSshPrivate, Half::Public) => (
                "a private key of OpenSSH",
                "the platform's public key or certificate belongs here",
            ),
            (Self::OpenSshPublic | Self::Ssh2Public, Half::Private) => (
                "a public key of SSH",
                "the private key is with whoever made the pair",
            ),
            (Self::Putty, _) => (
                "a key of PuTTY",
                "run: puttygen FILE -O private-openssh -o key.pem",
            ),
            (Self::JavaKeyStore, _) => (
                "a Java key store",
                "run: keytool -importkeystore -srckeystore FILE -destkeystore key.p12 \
                 -deststoretype pkcs12; then openssl pkcs12 as for a PKCS#12 file",
            ),
            (Self::Jwk, _) => ("a JSON Web Key", "convert it to PEM"),
            (Self::Utf16, _) => (
                "text in UTF-16",
                "write it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE > key.pem",
            ),
        };
        Violation::new(format!("is {is}; {cure}"))
    }
}

/// Whether it is a private key behind a passphrase: how it is encrypted, and bytes (RFC 5958,
/// section 3).
fn is_encrypted_key(der: &[u8]) -> bool {
    let read = |mut reader: SliceReader<'_>| {
        reader.sequence(|fields| {
            AlgorithmIdentifierRef::decode(fields)?;
            <&OctetStringRef>::decode(fields).map(drop)
        })
    };
    SliceReader::new(der).and_then(read).is_ok()
}

/// Leaves the rest of a sequence unread.
fn skip<'r>(reader: &mut impl x509_cert::der::Reader<'r>) -> Result<(), x509_cert::der::Error> {
    let rest = reader.remaining_len();
    reader.read_slice(rest).map(drop)
}
