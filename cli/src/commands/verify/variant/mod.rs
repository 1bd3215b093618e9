//! Ways of signing that are not the protocol's: other keys, other messages, other bodies.

mod bodies;
mod keys;
mod messages;

use zeroize::Zeroizing;

use super::super::protocol::finding::Finding;
use crate::bilingual::Bilingual;

pub(super) use bodies::bodies;
pub(super) use keys::keys;
pub(super) use messages::{Message, messages};

pub(super) type Bytes = Zeroizing<Vec<u8>>;

/// Bytes, and what is wrong with signing these. None where they are right.
pub(super) struct Variant {
    pub(super) bytes: Bytes,
    pub(super) finding: Option<Finding>,
}

/// Variants, no two of them of the same bytes. The first is the right one.
struct Variants {
    found: Vec<Variant>,
}

impl Variants {
    fn new(right: &[u8]) -> Self {
        let mut variants = Self { found: Vec::new() };
        variants.push(right.to_vec(), None);
        variants
    }

    fn push(&mut self, bytes: Vec<u8>, finding: Option<Finding>) {
        let bytes = Zeroizing::new(bytes);
        if !self.found.iter().any(|known| *known.bytes == *bytes) {
            self.found.push(Variant { bytes, finding });
        }
    }

    fn add(
        &mut self,
        id: &'static str,
        bytes: Option<Vec<u8>>,
        says: impl Into<Bilingual>,
        cure: impl Into<Bilingual>,
    ) {
        if let Some(bytes) = bytes {
            self.push(bytes, Some(Finding::new(id, says, cure)));
        }
    }
}

fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
