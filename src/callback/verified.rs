//! A callback that passed every check but the one whether it came before.

use std::fmt::Write as _;
use std::time::SystemTime;

use super::headers::Id;
use super::payload::CallbackKind;
use crate::protocol::AsItCame;
use crate::protocol::envelope::Document;

pub(super) struct Verified {
    pub(super) id: Id,
    pub(super) sent_at: SystemTime,
    pub(super) encrypted: bool,
    pub(super) kind: CallbackKind,
    pub(super) document: Document,
    pub(super) came: AsItCame,
    /// Stands for the plaintext.
    pub(super) digest: [u8; 32],
}

impl Verified {
    /// The digest as 64 hex digits.
    pub(super) fn fingerprint(&self) -> String {
        self.digest
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                // Writing to a string does not fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}
