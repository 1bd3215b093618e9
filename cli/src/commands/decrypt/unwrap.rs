//! What is in the wrapped key, with paddings that the protocol does not have, too.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey,
};
use konaplate::credentials::private_key_pkcs8;
use zeroize::Zeroizing;

pub(super) type Key = Zeroizing<Vec<u8>>;

/// A padding by the name that a header has for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Padding {
    pub(super) alg: &'static str,
    oaep: Option<&'static OaepAlgorithm>,
}

/// Those that are tried.
pub(super) const PADDINGS: [Padding; 5] = [
    of("RSA-OAEP-256", Some(&OAEP_SHA256_MGF1SHA256)),
    of("RSA-OAEP", Some(&OAEP_SHA1_MGF1SHA1)),
    of("RSA-OAEP-384", Some(&OAEP_SHA384_MGF1SHA384)),
    of("RSA-OAEP-512", Some(&OAEP_SHA512_MGF1SHA512)),
    of("RSA1_5", None),
];

const fn of(alg: &'static str, oaep: Option<&'static OaepAlgorithm>) -> Padding {
    Padding { alg, oaep }
}

/// A private key that says more than one should that others send messages to.
pub(super) struct Opener {
    oaep: OaepPrivateDecryptingKey,
    pkcs1: Pkcs1PrivateDecryptingKey,
}

impl Opener {
    /// The key in a file. None if it cannot be used.
    pub(super) fn new(file: &[u8]) -> Option<Self> {
        let pkcs8 = private_key_pkcs8(file).ok()?;
        let key = || PrivateDecryptingKey::from_pkcs8(pkcs8.as_ref()).ok();
        Some(Self {
            oaep: OaepPrivateDecryptingKey::new(key()?).ok()?,
            pkcs1: Pkcs1PrivateDecryptingKey::new(key()?).ok()?,
        })
    }

    /// How many bytes a wrapped key has.
    pub(super) fn length(&self) -> usize {
        self.oaep.key_size_bytes()
    }

    /// The key that is wrapped so. None if none is.
    pub(super) fn unwrap(&self, padding: Padding, wrapped: &[u8]) -> Option<Key> {
        let mut key = Zeroizing::new(vec![0; self.length()]);
        let length = match padding.oaep {
            Some(oaep) => self.oaep.decrypt(oaep, wrapped, &mut key, None).ok()?.len(),
            None => self.pkcs1.decrypt(wrapped, &mut key).ok()?.len(),
        };
        key.truncate(length);
        Some(key)
    }
}

/// Whether content and tag belong together with that key. None where the key has another length.
pub(super) fn opens(
    key: &[u8],
    nonce: [u8; 12],
    additional: &[u8],
    content: &[u8],
    tag: &[u8],
) -> bool {
    let algorithm = match key.len() {
        16 => &AES_128_GCM,
        32 => &AES_256_GCM,
        _ => return false,
    };
    let Ok(key) = UnboundKey::new(algorithm, key) else {
        return false;
    };
    let mut content = Zeroizing::new([content, tag].concat());
    LessSafeKey::new(key)
        .open_in_place(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(additional),
            &mut content,
        )
        .is_ok()
}
