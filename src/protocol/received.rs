//! A body that came: what of it was read, what was repaired, and what was set aside.

use std::fmt;

use serde_json::Value;

use super::envelope::{self, Document};
use super::repair::{Place, Repair, RepairKind};
use crate::value::{MaskedBytes, MaskedJson};

/// A body that was read.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) document: Document,
    pub(crate) came: AsItCame,
}

/// What is to be known of how a body came, beside what it says.
#[derive(Debug, Clone, Default)]
pub(crate) struct AsItCame {
    pub(crate) bytes: MaskedBytes,
    pub(crate) repairs: Vec<Repair>,
    pub(crate) unread: Vec<Unread>,
}

/// A value of a response or a callback that could not be read as what it is documented to be. The
/// rest was.
///
/// `Debug` shows what kind of JSON it is.
#[derive(Clone, PartialEq)]
pub struct Unread {
    pub(crate) place: Place,
    pub(crate) value: MaskedJson,
}

impl Received {
    /// Reads a body. Text that holds replacement characters is kept only where it is free text, by
    /// the names of the fields on the way to it; elsewhere it is set aside.
    ///
    /// # Errors
    /// It is no JSON object: what of it can be read.
    pub(crate) fn read(body: &[u8], is_free_text: impl Fn(&str) -> bool) -> Result<Self, Document> {
        let (mut document, repairs) = envelope::read(body)?;
        let is_damaged = |repair: &&Repair| {
            repair.kind() == RepairKind::Replaced && !is_free_text(&repair.place.names())
        };
        // From the last one on: what is taken out of a list moves those behind it.
        let damaged = repairs.iter().rev().filter(is_damaged);
        let mut unread: Vec<_> = damaged
            .filter_map(|repair| {
                let value = document.take(&repair.place)?;
                Some(Unread::new(repair.place.clone(), value))
            })
            .collect();
        unread.reverse();
        let came = AsItCame {
            repairs,
            unread,
            ..AsItCame::default()
        };
        Ok(Self { document, came })
    }

    /// What was read of a body that is no JSON object behind it.
    pub(crate) fn cut(document: Document) -> Self {
        let came = AsItCame::default();
        Self { document, came }
    }
}

impl AsItCame {
    /// Whether nothing of it is odd, so that nobody wants to know.
    pub(crate) fn is_plain(&self) -> bool {
        self.repairs.is_empty() && self.unread.is_empty()
    }
}

impl Unread {
    pub(crate) fn new(place: Place, value: Value) -> Self {
        Self {
            place,
            value: value.into(),
        }
    }

    /// Where it stood, as `transactionInfo[2].orgAmount`. Names come from the response: what nobody
    /// described can be anything.
    #[must_use]
    pub fn expose_place(&self) -> String {
        self.place.shown()
    }

    /// The value: text with U+FFFD, the replacement character, where its bytes are no UTF-8.
    #[must_use]
    pub fn value(&self) -> &MaskedJson {
        &self.value
    }
}

impl fmt::Debug for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unread")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
