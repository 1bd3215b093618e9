//! The facts, as they are written: a file a group, a list of operations in each.
//!
//! A key that is not known here is an error, and so is a word where one of a few is expected: a fact
//! that nobody reads would be a fact that nobody compares.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) group: String,
    pub(super) operations: Vec<Operation>,
}

/// One operation. What starts with an underscore is for people.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    pub(super) title: String,
    #[serde(rename = "title_en")]
    _title_en: Option<String>,
    pub(super) path: String,
    pub(super) method: String,
    /// `false`: a POST by inference.
    #[serde(rename = "method_seen")]
    _method_seen: Option<bool>,
    #[serde(default)]
    pub(super) versions: Vec<String>,
    #[serde(rename = "sync")]
    _sync: Option<bool>,
    #[serde(rename = "summary")]
    _summary: Option<String>,
    #[serde(default)]
    pub(super) request_encrypted: Known<bool>,
    #[serde(default)]
    pub(super) response_encrypted: Known<bool>,
    #[serde(default)]
    pub(super) tran_time_length: Known<u64>,
    #[serde(default)]
    pub(super) request: Vec<Field>,
    #[serde(default)]
    pub(super) request_complete: Known<bool>,
    #[serde(default)]
    pub(super) request_mentioned_only: Vec<Mentioned>,
    #[serde(default)]
    pub(super) response: Vec<Field>,
    #[serde(default)]
    pub(super) response_complete: Known<bool>,
    #[serde(default)]
    pub(super) response_codes: Vec<Code>,
    #[serde(default)]
    pub(super) codes_complete: Known<bool>,
    #[serde(rename = "test_cases", default)]
    _test_cases: Vec<String>,
    #[serde(default)]
    pub(super) third_party: ThirdParty,
    #[serde(default)]
    pub(super) pages: Vec<String>,
    #[serde(rename = "notes")]
    _notes: Option<String>,
    pub(super) source: Option<String>,
}

/// Something that a page says, or `unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Known<T> {
    Is(T),
    Not(Unknown),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unknown {
    Unknown,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self::Not(Unknown::Unknown)
    }
}

impl<T> Known<T> {
    pub(super) fn get(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Not(Unknown::Unknown) => None,
        }
    }
}

impl Known<bool> {
    pub(super) fn is_true(self) -> bool {
        self == Self::Is(true)
    }
}

/// One field of a body, or of an object in it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    /// None where the page's text has lost it.
    pub(super) name: Option<String>,
    #[serde(rename = "name_seen")]
    _name_seen: Option<bool>,
    #[serde(rename = "name_inferred")]
    _name_inferred: Option<bool>,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) required: Option<Need>,
    #[serde(rename = "condition")]
    _condition: Option<String>,
    pub(super) length: Option<u64>,
    pub(super) min: Option<u64>,
    pub(super) max: Option<u64>,
    /// The pages print `Value : 20` beside some fields and do not say what it means.
    #[serde(alias = "printed_value", alias = "value_printed")]
    pub(super) value: Option<u64>,
    pub(super) values: Option<BTreeMap<String, String>>,
    pub(super) values_truncated: Option<bool>,
    pub(super) values_open: Option<bool>,
    pub(super) values_complete: Option<bool>,
    pub(super) default: Option<String>,
    pub(super) format: Option<String>,
    #[serde(rename = "meaning")]
    _meaning: Option<String>,
    #[serde(rename = "uncertain")]
    _uncertain: Option<String>,
    pub(super) source: Option<FieldSource>,
    #[serde(default)]
    pub(super) children: Vec<Field>,
}

impl Field {
    /// Whether there may be values that were not seen.
    pub(super) fn values_are_open(&self) -> bool {
        self.values_truncated == Some(true)
            || self.values_open == Some(true)
            || self.values_complete == Some(false)
    }

    pub(super) fn is_third_party(&self) -> bool {
        self.source == Some(FieldSource::ThirdParty)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Need {
    Required,
    Optional,
    Conditional,
    #[serde(rename = "unknown")]
    Unknown,
}

impl Need {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Required => "Required",
            Self::Optional => "Optional",
            Self::Conditional => "Conditional",
            Self::Unknown => "unknown",
        }
    }
}

/// Where a field is known from, if not from the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum FieldSource {
    ThirdParty,
}

/// A field that is named in passing: by a message, or in the condition of another one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mentioned {
    /// Dots lead into objects.
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) length: Option<u64>,
    #[serde(rename = "required")]
    _required: Need,
    #[serde(rename = "why")]
    _why: String,
}

/// A row of a page's table of codes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    pub(super) http: u16,
    pub(super) code: String,
    pub(super) message: String,
    #[serde(rename = "message_truncated")]
    _message_truncated: Option<bool>,
    #[serde(rename = "cause")]
    _cause: Option<String>,
}

impl Code {
    /// The message; empty where only the code was seen.
    pub(super) fn text(&self) -> &str {
        match self.message.as_str() {
            "unknown" => "",
            seen => seen,
        }
    }
}

/// What public code of somebody else shows: fields, or sentences for people.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ThirdParty {
    Fields(Bodies),
    Sentences(
        #[expect(
            dead_code,
            reason = "for people; read so that nothing else passes for it"
        )]
        Vec<String>,
    ),
}

impl Default for ThirdParty {
    fn default() -> Self {
        Self::Sentences(Vec::new())
    }
}

impl ThirdParty {
    pub(super) fn request(&self) -> &[Field] {
        match self {
            Self::Fields(bodies) => &bodies.request,
            Self::Sentences(_) => &[],
        }
    }

    pub(super) fn response(&self) -> &[Field] {
        match self {
            Self::Fields(bodies) => &bodies.response,
            Self::Sentences(_) => &[],
        }
    }
}

/// The encryption flags here say what somebody else does; the description has the page's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bodies {
    #[serde(default)]
    request: Vec<Field>,
    #[serde(default)]
    response: Vec<Field>,
    #[serde(rename = "request_encrypted")]
    _request_encrypted: Option<bool>,
    #[serde(rename = "response_encrypted")]
    _response_encrypted: Option<bool>,
    #[serde(rename = "notes")]
    _notes: Option<String>,
}

/// Reads every `*.yaml` of a folder, in the order of their names.
pub(super) fn load(folder: &Path) -> Result<Vec<Group>> {
    let listing = std::fs::read_dir(folder)
        .with_context(|| format!("{}: the folder of facts cannot be read", folder.display()))?;
    let mut files = Vec::new();
    for entry in listing {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "yaml") {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("{}: no *.yaml with facts in this folder", folder.display());
    }
    files.sort();
    files
        .iter()
        .map(|file| {
            let text = std::fs::read_to_string(file)?;
            let group = parse(&text).with_context(|| file.display().to_string())?;
            if file.file_stem().is_none_or(|stem| *stem != *group.group) {
                bail!("{}: its group is {}", file.display(), group.group);
            }
            Ok(group)
        })
        .collect()
}

pub(super) fn parse(text: &str) -> Result<Group> {
    Ok(serde_saphyr::from_str(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_an_error_wherever_it_stands() {
        for (key, text) in [
            ("colour", "group: g\ncolour: red\noperations: []"),
            (
                "colour",
                "group: g\noperations: [{title: t, path: /p, method: POST, colour: red}]",
            ),
            (
                "colour",
                "group: g\noperations: [{title: t, path: /p, method: POST, request: [{name: a, type: string, colour: red}]}]",
            ),
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn a_word_that_is_none_of_the_known_ones_is_an_error() {
        for operation in [
            "{title: t, path: /p, method: POST, request_encrypted: perhaps}",
            "{title: t, path: /p, method: POST, tran_time_length: long}",
            "{title: t, path: /p, method: POST, request: [{name: a, type: string, required: Maybe}]}",
            "{title: t, path: /p, method: POST, request: [{name: a, type: string, source: hearsay}]}",
            "{title: t, path: /p, method: POST, third_party: {request: [{name: a, type: string, colour: red}]}}",
        ] {
            assert!(parse(&format!("group: g\noperations: [{operation}]")).is_err());
        }
    }

    #[test]
    fn what_a_page_leaves_open_is_unknown() {
        let group = parse(
            "group: g\noperations: [{title: t, path: /p, method: POST, request_encrypted: unknown, response_encrypted: true}]",
        )
        .unwrap();
        let operation = &group.operations[0];
        assert_eq!(operation.request_encrypted.get(), None);
        assert_eq!(operation.response_encrypted.get(), Some(true));
        assert_eq!(operation.tran_time_length.get(), None);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = format!("{:#}", load(Path::new("/no/such/facts")).unwrap_err());
        assert!(error.contains("/no/such/facts: the folder of facts cannot be read"));
    }
}
