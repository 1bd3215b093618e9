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
use x509_cert::der::{Decode, Encode, Tag, Tagged as _};
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

use super::other_forms::{Half, Other};
use crate::protocol::{DecryptionKey, EncryptionKey};
use crate::value::Violation;

/// PKCS#1 `rsaEncryption` (RFC 8017, appendix A.1).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// How a section of PEM begins.
const PEM: &str = "-----BEGIN ";
/// How a key that is good is made.
const NEW_KEY: &str = "a pair is made by: openssl genpkey -algorithm RSA -pkeyopt \
                       rsa_keygen_bits:2048 -out key.pem";
/// What the vendor documents, and the least that is taken.
const MIN_BITS: usize = 2048;

impl EncryptionKey {
    /// Reads an RSA public key of at least 2048 bits: SPKI, PKCS#1 or an X.509 certificate, as PEM
    /// (line breaks may be written `\n`), DER, or base64 of either.
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
    /// written `\n`), DER, or base64 of either. It must not be protected by a passphrase.
    ///
    /// # Errors
    /// The bytes are no such key; the text says what was found instead.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Violation> {
        Self::from_pkcs8(&private_key_der(bytes)?).ok_or_else(unusable)
    }
}

/// The PKCS#8 form (DER) of an RSA private key of at least 2048 bits, in whichever form of
/// [`DecryptionKey::from_bytes`] it is. For tools that look into a key of their own; whoever decrypts
/// takes a [`DecryptionKey`].
///
/// # Errors
/// The bytes are no such key; the text says what was found instead.
pub fn private_key_pkcs8(bytes: &[u8]) -> Result<impl AsRef<[u8]> + use<>, Violation> {
    private_key_der(bytes)
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
    EcPrivateKey,
    Other(Other),
}

impl Found {
    fn from_pem(section: &pem::Pem) -> Option<Self> {
        let procedure = section.headers().get("Proc-Type").unwrap_or_default();
        let is_encrypted = procedure.ends_with("ENCRYPTED");
        if let Some(other) = Other::of_pem(section.tag(), is_encrypted) {
            return Some(Self::Other(other));
        }
        Some(match section.tag() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Self::Certificate,
            "PUBLIC KEY" => Self::PublicKey,
            "RSA PUBLIC KEY" => Self::RsaPublicKey,
            "PRIVATE KEY" => Self::PrivateKey,
            "RSA PRIVATE KEY" => Self::RsaPrivateKey,
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
        } else if is_sec1(der) {
            Some(Self::EcPrivateKey)
        } else {
            Other::of_bytes(der).map(Self::Other)
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
            Self::EcPrivateKey => "a private key of an elliptic curve",
            Self::Other(_) => "no key file",
        }
    }
}

/// Whether it is an elliptic-curve key of SEC 1 (RFC 5915): version 1 and an octet string.
fn is_sec1(der: &[u8]) -> bool {
    let fields = AnyRef::from_der(der)
        .ok()
        .filter(|any| any.tag() == Tag::Sequence);
    fields.is_some_and(|fields| fields.value().starts_with(&[2, 1, 1, 4]))
}

type Der = Zeroizing<Vec<u8>>;

/// The pieces of key material in these bytes.
fn pieces(bytes: &[u8]) -> Result<Vec<(Found, Der)>, Violation> {
    const NONE: &str = "is neither PEM nor DER nor base64 of a key or certificate";
    let one = |der: Der| {
        let found = Found::from_der(&der).ok_or_else(|| Violation::new(NONE))?;
        Ok(vec![(found, der)])
    };
    let Ok(text) = std::str::from_utf8(bytes) else {
        return one(Zeroizing::new(bytes.to_vec()));
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Violation::new("must not be empty"));
    }
    if let Some(other) = Other::of_text(text) {
        return Ok(vec![(Found::Other(other), Der::default())]);
    }
    if text.contains(PEM) {
        return sections(text);
    }
    let compact: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    // DER that happens to be UTF-8 is not base64, so the order does not matter.
    let decoded = BASE64
        .decode(compact.as_bytes())
        .map_or_else(|_| Zeroizing::new(bytes.to_vec()), Zeroizing::new);
    // A PEM file as Kubernetes keeps it in a secret.
    match std::str::from_utf8(&decoded) {
        Ok(text) if text.contains(PEM) => sections(text),
        _ => one(decoded),
    }
}

/// The pieces in PEM.
fn sections(text: &str) -> Result<Vec<(Found, Der)>, Violation> {
    let text = Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n"));
    let sections = pem::parse_many(text.as_bytes())
        .map_err(|_| Violation::new("is PEM that is damaged or cut off"))?;
    let pieces: Vec<_> = sections
        .into_iter()
        .filter_map(|section| {
            let found = Found::from_pem(&section)?;
            Some((found, Zeroizing::new(section.into_contents())))
        })
        .collect();
    if pieces.is_empty() {
        return Err(Violation::new("is PEM without a key or certificate"));
    }
    Ok(pieces)
}

/// The piece that is the wanted half. Where there is none: what there is instead.
fn piece(pieces: &[(Found, Der)], wanted: Half) -> Result<&(Found, Der), Violation> {
    let is_wanted = |found: Found| match found {
        Found::Other(_) => false,
        found => found.is_public() == (wanted == Half::Public),
    };
    if let Some(piece) = pieces.iter().find(|(found, _)| is_wanted(*found)) {
        return Ok(piece);
    }
    let others = pieces.iter().find_map(|(found, _)| match found {
        Found::Other(other) => Some(*other),
        _ => None,
    });
    if let Some(other) = others {
        return Err(other.violation(wanted));
    }
    let words = pieces[0].0.words();
    Err(Violation::new(match wanted {
        Half::Public => format!(
            "must be a public key or certificate, and is {words}; of a pair, the public half is \
             made by: openssl pkey -in FILE -pubout -out public.pem"
        ),
        Half::Private => format!(
            "must be a private key, and is {words}; the private key is with whoever made the pair, \
             and cannot be made of it"
        ),
    }))
}

/// The SPKI of the RSA public key in these bytes.
fn public_key_der(bytes: &[u8]) -> Result<Vec<u8>, Violation> {
    let pieces = pieces(bytes)?;
    let (found, der) = piece(&pieces, Half::Public)?;
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
    let (found, der) = piece(&pieces, Half::Private)?;
    let damaged = || Violation::new("is a private key that is damaged");
    let pkcs8 = match found {
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
    Violation::new(format!(
        "must be an RSA key, and is of another kind; {NEW_KEY}"
    ))
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
            "must have at least {MIN_BITS} bits, and has {bits}; {NEW_KEY}"
        )));
    }
    Ok(())
}
