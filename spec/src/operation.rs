//! Operations.

use serde_json::Value;

use crate::code::CodeExample;
use crate::outcome::Outcome;
use crate::schema::Printed;
use crate::words::{Effect, Encrypted, Evidence};

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// `operationId`, in snake case.
    pub id: String,
    /// Path, such as `/api/v2/payment/generate/onetimetoken`.
    pub path: String,
    /// HTTP method in upper case.
    pub method: String,
    /// The group, which is its only tag.
    pub group: String,
    /// A few words.
    pub summary: String,
    /// The same in Korean.
    pub summary_ko: String,
    /// A few sentences, without what `bundle` adds of encryption, effect, outcome and codes.
    pub description: String,
    /// The vendor's title.
    pub title: String,
    /// How much was seen.
    pub evidence: Evidence,
    /// Page ids of the vendor's reference.
    pub source: Vec<String>,
    /// Document version that was read.
    pub version_shown: String,
    /// Document versions that the portal offers.
    pub versions: Vec<String>,
    /// Whether a newer operation takes its place.
    pub deprecated: bool,
    /// What it does.
    pub effect: Effect,
    /// Of an operation that moves money: how its outcome is found.
    pub outcome: Option<Outcome>,
    /// Of an operation that changes something later: the operation that tells how it went on.
    pub follow_up: Option<String>,
    /// Which bodies are encrypted.
    pub encryption: Encryption,
    /// Whether the list of codes is known to be whole.
    pub codes_complete: bool,
    /// Failures that are known by a name only, in our words.
    pub unlisted_failures: Vec<String>,
    /// What the page prints where the description says something else.
    pub printed: Option<Printed>,
    /// Of an operation whose list comes page by page: how.
    pub paging: Option<Paging>,
    /// The request.
    pub request: Body,
    /// The response of success.
    pub response: Body,
    /// The failures that are documented, in the order of the page.
    pub failures: Vec<CodeExample>,
}

/// Which bodies are encrypted (`x-konaplate-encryption`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encryption {
    /// The request.
    pub request: Encrypted,
    /// The response.
    pub response: Encrypted,
}

/// A body.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// Name of its schema.
    pub schema: String,
    /// Its examples. The first is the one that documentation shows.
    pub examples: Vec<Example>,
}

/// An example of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Name, in Pascal case.
    pub name: String,
    /// What it shows.
    pub summary: String,
    /// The body.
    pub value: Value,
    /// The same as indented text, with the fields in the order in which the description has them.
    pub json: String,
}

/// How a long response is read page by page (`x-konaplate-paging`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The field of the request that asks for a page: an object.
    pub request: String,
    /// The field in it with the number of the page, from 0.
    pub page: String,
    /// The field of the response that says which page it is: an object. It may be one that was not
    /// described there, and has the form that it has elsewhere.
    pub response: Option<String>,
    /// The field in it with the number of the page.
    pub response_page: Option<String>,
    /// The field in it with the number of pages.
    pub total_pages: Option<String>,
    /// The field of the response with the list.
    pub items: Option<String>,
}
