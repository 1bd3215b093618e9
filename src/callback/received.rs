//! A callback that passed every check: what it says, and the response to it.

use std::fmt;
use std::time::SystemTime;

use serde_json::Value;

use super::acknowledgement::{Acknowledgement, check_rejection_code};
use super::headers::Id;
use super::payload::{CallbackKind, CallbackPayload};
use super::replay::Held;
use super::verified::Verified;
use crate::protocol::{AsItCame, CorrelationId, Repair, Unread};
use crate::value::{MaskedBytes, MaskedJson, Violation};

/// A callback that passed every check. Respond with [`acknowledge`](Self::acknowledge) once its
/// effect is stored, or with [`reject`](Self::reject): within a minute where several processes
/// share a replay store, because after that another delivery of it is handed out.
///
/// Dropped without either it is forgotten, and handed out when it is delivered again. `Debug` shows
/// nothing of what it says but its kind.
#[must_use = "a callback that is not acknowledged is handed out again when it is delivered again"]
pub struct Callback {
    id: Id,
    sent_at: SystemTime,
    encrypted: bool,
    kind: CallbackKind,
    json: MaskedJson,
    came: AsItCame,
    held: Held,
    repeats: Option<SystemTime>,
}

impl Callback {
    pub(super) fn new(verified: Verified, held: Held, repeats: Option<SystemTime>) -> Self {
        Self {
            id: verified.id,
            sent_at: verified.sent_at,
            encrypted: verified.encrypted,
            kind: verified.kind,
            json: verified.document.into_value().into(),
            came: verified.came,
            held,
            repeats,
        }
    }

    /// When the same callback came first, if it came before: by the clock of its receiver.
    ///
    /// The same bytes were acknowledged then, longer ago than the timestamp of a replay could be.
    /// Either the platform sends it again, or two events say the same: only what the application
    /// knows of the first can tell. Without it, take it for a repeat that has been handled, and
    /// acknowledge.
    #[must_use]
    pub fn repeats(&self) -> Option<SystemTime> {
        self.repeats
    }

    /// The id that the callback carries, in lower case. It is not signed.
    #[must_use]
    pub fn correlation_id(&self) -> CorrelationId {
        self.id.parsed
    }

    /// When it was sent, says its token. It is not signed.
    #[must_use]
    pub fn sent_at(&self) -> SystemTime {
        self.sent_at
    }

    /// Whether it came encrypted.
    #[must_use]
    pub fn encrypted(&self) -> bool {
        self.encrypted
    }

    /// Its kind, by its fields if they leave no doubt:
    ///
    /// - a transaction has `userId`, `par`, `trType` and `authCancelType`, none of them blank, and
    ///   neither `cardApplyNo` nor `digitalCardNo`;
    /// - a card activation has `userId`, `cardApplyNo` and `physicalCardNo`, none of them blank,
    ///   and no field but those of [`CardActivated`](super::CardActivated);
    /// - a withdrawal has `userId`, not blank, a `digitalCardNo`, which may be null, and no field
    ///   but those of [`MemberWithdrawn`](super::MemberWithdrawn).
    ///
    /// Anything else is [`CallbackKind::Unknown`]. A path of your own for each kind is the better
    /// way to tell: see [`payload_as`](Self::payload_as).
    #[must_use]
    pub fn kind(&self) -> CallbackKind {
        self.kind
    }

    /// What it says, as the [kind](Self::kind) that its fields tell.
    #[must_use]
    pub fn payload(&self) -> CallbackPayload {
        self.payload_as(self.kind)
    }

    /// What it says, as the kind that the path tells. Fields that are not there are `None`.
    ///
    /// The path is not signed: a callback may have been sent to another one by somebody else. If
    /// that matters, compare with [`kind`](Self::kind).
    #[must_use]
    pub fn payload_as(&self, kind: CallbackKind) -> CallbackPayload {
        match self.json.expose() {
            Value::Object(fields) => CallbackPayload::read(kind, fields),
            // Nothing but an object becomes a callback.
            other => CallbackPayload::Unknown(other.clone().into()),
        }
    }

    /// All that it says: a JSON object.
    #[must_use]
    pub fn json(&self) -> &MaskedJson {
        &self.json
    }

    /// What is not in [`json`](Self::json) although it came: text that holds bytes of another
    /// character set, where it is no name that people read. Mostly nothing.
    #[must_use]
    pub fn unread(&self) -> &[Unread] {
        &self.came.unread
    }

    /// What was repaired so that it could be read. Mostly nothing. The signature is that of the bytes
    /// as they came.
    #[must_use]
    pub fn repairs(&self) -> &[Repair] {
        &self.came.repairs
    }

    /// The plaintext byte for byte.
    #[must_use]
    pub fn bytes(&self) -> &MaskedBytes {
        &self.came.bytes
    }

    /// 64 hex digits that stand for what it says: the same for the same plaintext, whatever the
    /// headers and the encryption. It tells nothing of the plaintext to whoever has not the
    /// [key](super::CallbackReceiverBuilder::fingerprint_key) that it is made with, and signs
    /// nothing, so it may be stored.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        self.held.fingerprint()
    }

    /// Records the callback as handled, and says so: code `000_000`, status 200.
    ///
    /// If the replay store cannot record that, the response is the same: the effect is stored, and
    /// a rejection would only make the platform send the callback again. The failure is logged;
    /// another delivery of the callback is handed out after a minute.
    pub async fn acknowledge(self) -> Acknowledgement {
        self.held.complete().await;
        Acknowledgement::success(Some(self.id.as_it_came))
    }

    /// Says that the callback was not handled, with a code and a description of your own, and
    /// forgets it. Status 400, as the platform's own failures have; assumed.
    ///
    /// Which codes the platform knows is not documented; the one integration that was seen sends
    /// `999_999`. The description goes to the platform as it is.
    ///
    /// # Errors
    /// The code is not `NNN_NNN`, or it is that of success. The callback is forgotten all the same.
    pub async fn reject(self, code: &str, description: &str) -> Result<Acknowledgement, Violation> {
        self.held.release().await;
        check_rejection_code(code)?;
        Ok(Acknowledgement::new(
            http::StatusCode::BAD_REQUEST,
            Some(self.id.as_it_came),
            code,
            description,
        ))
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("kind", &self.kind)
            .field("correlation_id", &self.id.parsed)
            .field("encrypted", &self.encrypted)
            .field("json", &self.json)
            .finish_non_exhaustive()
    }
}
