//! The forms that RSA keys come in: PEM, DER, base64; SPKI, PKCS#1, PKCS#8, X.509.
//!
//! Key files come in many forms, and which of them the vendor's portal hands out is not documented,
//! so all the usual ones are read. Everything here ends in an RSA key of at least 2048 bits or in a
//! sentence that says what was found instead. No byte of a key gets into such a sentence.
//!
//! Keys are wiped when they are dropped: the buffers used while reading by `zeroize`, the keys
//! themselves by AWS-LC, which cleanses an HMAC state and all memory that it frees.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use pkcs8::PrivateKeyInfoRef;
use x509_cert::Certificate;
use x509_cert::der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode, Encode};
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

use crate::protocol::{DecryptionKey, EncryptionKey};
use crate::value::Violation;

/// PKCS#1 `rsaEncryption` (RFC 8017, appendix A.1).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// What the vendor documents, and the least that is taken.
const MIN_BITS: usize = 2048;

impl EncryptionKey {
    /// Reads an RSA public key of at least 2048 bits: SPKI, PKCS#1 or an X.509 certificate, as PEM
    /// (line breaks may be written `\n`), DER or bare base64.
    ///
    /// # Errors
    /// The bytes are no such key; the text says what was found instead.
    ///
    /// # Examples
    /// ```no_run
    /// use konaplate::protocol::EncryptionKey;
    ///
    /// let key = EncryptionKey::from_bytes(&std::fs::read("server.cert.pem")?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Violation> {
        Self::from_spki(&public_key_der(bytes)?).ok_or_else(unusable)
    }
}

impl DecryptionKey {
    /// Reads an RSA private key of at least 2048 bits: PKCS#8 or PKCS#1, as PEM (line breaks may be
    /// written `\n`), DER or bare base64. It must not be protected by a passphrase.
    ///
    /// # Errors
    /// The bytes are no such key; the text says what was found instead.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Violation> {
        Self::from_pkcs8(&private_key_der(bytes)?).ok_or_else(unusable)
    }
}

fn unusable() -> Violation {
    Violation::new("is not an RSA key that can be used")
}

/// What a piece of key material is, by its PEM label or its structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Certificate,
    PublicKey,
    RsaPublicKey,
    PrivateKey,
    RsaPrivateKey,
    EncryptedPrivateKey,
    EcPrivateKey,
}

impl Found {
    fn from_label(label: &str) -> Option<Self> {
        Some(match label {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::Certificate,
            "PUBLIC KEY" => Self::PublicKey,
            "RSA PUBLIC KEY" => Self::RsaPublicKey,
            "PRIVATE KEY" => Self::PrivateKey,
            "RSA PRIVATE KEY" => Self::RsaPrivateKey,
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedPrivateKey,
            "EC PRIVATE KEY" => Self::EcPrivateKey,
            _ => return None,
        })
    }

    fn from_der(der: &[u8]) -> Option<Self> {
        if PrivateKeyInfoRef::from_der(der).is_ok() {
            Some(Self::PrivateKey)
        } else if RsaPrivateKeyRef::from_der(der).is_ok() {
            Some(Self::RsaPrivateKey)
        } else if SubjectPublicKeyInfoRef::from_der(der).is_ok() {
            Some(Self::PublicKey)
        } else if RsaPublicKeyRef::from_der(der).is_ok() {
            Some(Self::RsaPublicKey)
        } else if Certificate::from_der(der).is_ok() {
            Some(Self::Certificate)
        } else {
            None
        }
    }

    fn is_public(self) -> bool {
        matches!(
            self,
            Self::Certificate | Self::PublicKey | Self::RsaPublicKey
        )
    }

    fn words(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::PublicKey | Self::RsaPublicKey => "a public key",
            Self::PrivateKey | Self::RsaPrivateKey => "a private key",
            Self::EncryptedPrivateKey => "a private key protected by a passphrase",
            Self::EcPrivateKey => "a private key of an elliptic curve",
        }
    }
}

type Der = Zeroizing<Vec<u8>>;

/// The pieces of key material in these bytes.
fn pieces(bytes: &[u8]) -> Result<Vec<(Found, Der)>, Violation> {
    const NONE: &str = "is neither PEM nor DER nor base64 of a key or certificate";
    let Ok(text) = std::str::from_utf8(bytes) else {
        let found = Found::from_der(bytes).ok_or_else(|| Violation::new(NONE))?;
        return Ok(vec![(found, Zeroizing::new(bytes.to_vec()))]);
    };
    if text.trim().is_empty() {
        return Err(Violation::new("must not be empty"));
    }
    if text.contains("-----BEGIN ") {
        let text = Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n"));
        let sections = pem::parse_many(text.as_bytes())
            .map_err(|_| Violation::new("is PEM that is damaged or cut off"))?;
        let pieces: Vec<_> = sections
            .into_iter()
            .filter_map(|section| {
                let found = Found::from_label(section.tag())?;
                Some((found, Zeroizing::new(section.into_contents())))
            })
            .collect();
        if pieces.is_empty() {
            return Err(Violation::new("is PEM without a key or certificate"));
        }
        return Ok(pieces);
    }
    let compact: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    // DER that happens to be UTF-8 is not base64, so the order does not matter.
    let der = BASE64
        .decode(compact.as_bytes())
        .map_or_else(|_| Zeroizing::new(bytes.to_vec()), Zeroizing::new);
    let found = Found::from_der(&der).ok_or_else(|| Violation::new(NONE))?;
    Ok(vec![(found, der)])
}

/// The SPKI of the RSA public key in these bytes.
fn public_key_der(bytes: &[u8]) -> Result<Vec<u8>, Violation> {
    let pieces = pieces(bytes)?;
    let Some((found, der)) = pieces.iter().find(|(found, _)| found.is_public()) else {
        return Err(Violation::new(format!(
            "must be a public key or certificate, and is {}",
            pieces[0].0.words()
        )));
    };
    let damaged = || Violation::new(format!("is {} that is damaged", found.words()));
    let spki = match found {
        Found::Certificate => Certificate::from_der(der)
            .and_then(|certificate| {
                certificate
                    .tbs_certificate()
                    .subject_public_key_info()
                    .to_der()
            })
            .map_err(|_| damaged())?,
        Found::RsaPublicKey => {
            let key = BitStringRef::from_bytes(der).map_err(|_| damaged())?;
            SubjectPublicKeyInfoRef {
                algorithm: rsa_algorithm(),
                subject_public_key: key,
            }
            .to_der()
            .map_err(|_| damaged())?
        }
        _ => der.to_vec(),
    };
    let info = SubjectPublicKeyInfoRef::from_der(&spki).map_err(|_| damaged())?;
    require_rsa(info.algorithm.oid)?;
    let key =
        RsaPublicKeyRef::from_der(info.subject_public_key.raw_bytes()).map_err(|_| damaged())?;
    require_bits(key.modulus.as_bytes())?;
    Ok(spki)
}

/// The PKCS#8 form of the RSA private key in these bytes.
fn private_key_der(bytes: &[u8]) -> Result<Der, Violation> {
    let pieces = pieces(bytes)?;
    let Some((found, der)) = pieces.iter().find(|(found, _)| !found.is_public()) else {
        return Err(Violation::new(format!(
            "must be a private key, and is {}",
            pieces[0].0.words()
        )));
    };
    let damaged = || Violation::new("is a private key that is damaged");
    let pkcs8 = match found {
        Found::EncryptedPrivateKey => {
            return Err(Violation::new(
                "is protected by a passphrase; hand it over decrypted",
            ));
        }
        Found::EcPrivateKey => return Err(not_rsa()),
        Found::RsaPrivateKey => {
            let key = OctetStringRef::new(der).map_err(|_| damaged())?;
            let info = PrivateKeyInfoRef::new(rsa_algorithm(), key);
            Zeroizing::new(info.to_der().map_err(|_| damaged())?)
        }
        _ => der.clone(),
    };
    let info = PrivateKeyInfoRef::from_der(&pkcs8).map_err(|_| damaged())?;
    require_rsa(info.algorithm.oid)?;
    let key = RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).map_err(|_| damaged())?;
    require_bits(key.modulus.as_bytes())?;
    Ok(pkcs8)
}

fn rsa_algorithm() -> AlgorithmIdentifierRef<'static> {
    AlgorithmIdentifierRef {
        oid: RSA_ENCRYPTION,
        parameters: Some(AnyRef::NULL),
    }
}

fn not_rsa() -> Violation {
    Violation::new("must be an RSA key, and is of another kind")
}

fn require_rsa(oid: ObjectIdentifier) -> Result<(), Violation> {
    if oid == RSA_ENCRYPTION {
        Ok(())
    } else {
        Err(not_rsa())
    }
}

fn require_bits(modulus: &[u8]) -> Result<(), Violation> {
    let leading = modulus
        .first()
        .map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = modulus.len() * 8 - leading;
    if bits < MIN_BITS {
        return Err(Violation::new(format!(
            "must have at least {MIN_BITS} bits, and has {bits}"
        )));
    }
    Ok(())
}
