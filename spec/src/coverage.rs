//! How much of an operation was seen.

use std::fmt;

use crate::operation::{Body, Operation};
use crate::spec::Spec;
use crate::words::Evidence;

/// How much of a body was seen, the envelope aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// How much of the page's own fields.
    pub fields: SeenFields,
    /// How many fields are known from public code of somebody else only.
    pub third_party: usize,
}

/// How much of a body's own fields was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenFields {
    /// All of them.
    Whole,
    /// There may be more.
    InPart,
    /// None.
    NotSeen,
}

impl Spec {
    /// How much of a body was seen.
    #[must_use]
    pub fn seen(&self, body: &Body) -> Seen {
        let schema = self.schema(&body.schema);
        let is_envelope = |object: &str| self.schema(object).is_envelope;
        let fields = schema.fields().iter();
        let (third_party, own): (Vec<_>, Vec<_>) = fields
            .filter(|field| !field.shape.object().is_some_and(is_envelope))
            .partition(|field| field.evidence == Some(Evidence::ThirdParty));
        Seen {
            fields: match (schema.is_incomplete(), own.len()) {
                (false, _) => SeenFields::Whole,
                (true, 0) => SeenFields::NotSeen,
                (true, _) => SeenFields::InPart,
            },
            third_party: third_party.len(),
        }
    }

    /// The operations of a group, or of all, with that evidence, or with any.
    #[must_use]
    pub fn count(&self, group: Option<&str>, evidence: Option<Evidence>) -> usize {
        let operations = self.operations().iter();
        let counted = |operation: &&Operation| {
            group.is_none_or(|group| group == operation.group)
                && evidence.is_none_or(|evidence| evidence == operation.evidence)
        };
        operations.filter(counted).count()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.fields {
            SeenFields::Whole => "whole",
            SeenFields::InPart => "in part",
            SeenFields::NotSeen => "not seen",
        })?;
        match self.third_party {
            0 => Ok(()),
            more => write!(f, " +{more}"),
        }
    }
}
