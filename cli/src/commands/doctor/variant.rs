//! The ways of making a call that are tried.

use konaplate::protocol::{ContentEncryption, MessageForm, OaepHash, TimeZone};

/// How a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) form: MessageForm,
    pub(super) zone: TimeZone,
    /// How many seconds its time is ahead of the platform's.
    pub(super) shift: i64,
    pub(super) hash: OaepHash,
    pub(super) content: ContentEncryption,
    /// Signed with another key.
    pub(super) is_foreign_token: bool,
    /// With another access key.
    pub(super) is_foreign_key: bool,
    /// With a field that nobody described.
    pub(super) has_unknown_field: bool,
}

impl Default for Variant {
    /// As the client makes it.
    fn default() -> Self {
        Self {
            form: MessageForm::default(),
            zone: TimeZone::default(),
            shift: 0,
            hash: OaepHash::default(),
            content: ContentEncryption::default(),
            is_foreign_token: false,
            is_foreign_key: false,
            has_unknown_field: false,
        }
    }
}
