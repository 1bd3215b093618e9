//! All schemas, drawn by a renderer of OpenAPI.

use konaplate_spec::{Language, Spec};
use maud::html;
use serde_json::Value;

use crate::frame::{Content, Frame};

pub(super) const POLICY: &str = crate::POLICY;

/// The description as the renderer reads it.
pub(super) fn description(spec: &Spec, language: Language) -> Value {
    match language {
        Language::English => spec.document().clone(),
        Language::Korean => spec.in_korean(),
    }
}

pub(super) fn content(_: &Frame<'_>) -> Content {
    Content::new("", "", html! {})
}
