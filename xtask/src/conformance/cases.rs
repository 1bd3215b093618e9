//! The cases, as the files have them.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{at_root, files};

/// Where the files are.
const FOLDER: &str = "openapi/conformance";

/// All files of cases, without `.json`, in the order in which somebody new takes them on.
pub(super) const FILES: [&str; 9] = [
    "signing",
    "correlation_ids",
    "jwe_jose",
    "jwe_jwcrypto",
    "jwe_konaplate",
    "jwe_negative",
    "envelopes",
    "responses",
    "verdicts",
];

/// All cases.
#[derive(Debug)]
pub(super) struct Kit {
    pub(super) signing: Vec<Signing>,
    pub(super) correlation_ids: Vec<CorrelationId>,
    /// File and cases.
    pub(super) messages: Vec<(&'static str, Vec<Message>)>,
    pub(super) negative: Vec<Negative>,
    pub(super) envelopes: Vec<Envelope>,
    pub(super) responses: Vec<Response>,
    pub(super) verdicts: Vec<Verdict>,
}

/// A body and its token.
#[derive(Debug, Deserialize)]
pub(super) struct Signing {
    pub(super) name: String,
    pub(super) secret: String,
    pub(super) epoch_ms: u64,
    pub(super) zone: String,
    pub(super) timestamp: String,
    pub(super) tran_time: String,
    pub(super) form: String,
    pub(super) body_base64: Base64,
    pub(super) token: String,
}

/// An id that is made, or a text that is one or not.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum CorrelationId {
    Make {
        name: String,
        epoch_ms: u64,
        zone: String,
        hex: String,
        id: String,
    },
    Check {
        name: String,
        id: String,
        valid: bool,
    },
}

/// A message that decrypts.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub(super) name: String,
    pub(super) private_key: String,
    pub(super) plaintext_base64: Base64,
    pub(super) jwe: String,
    pub(super) needs_rsa_oaep_sha1: bool,
}

/// A message that does not.
#[derive(Debug, Deserialize)]
pub(super) struct Negative {
    pub(super) name: String,
    pub(super) private_key: String,
    pub(super) jwe: String,
}

/// A body, and what its outermost object says.
#[derive(Debug, Deserialize)]
pub(super) struct Envelope {
    pub(super) name: String,
    pub(super) body_base64: Base64,
    pub(super) enc_data: Option<String>,
    pub(super) code: Option<String>,
}

/// What comes over HTTP, and what a caller is told.
#[derive(Debug, Deserialize)]
pub(super) struct Response {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) private_key: String,
    pub(super) status: u16,
    pub(super) headers: Map<String, Value>,
    pub(super) body_base64: Base64,
    pub(super) expect: Expect,
    /// What is as good.
    pub(super) or: Option<Expect>,
}

/// What a caller is told.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Expect {
    Success {
        #[serde(rename = "plaintext_base64")]
        plaintext: Plaintext,
    },
    Failure {
        code: String,
        status: u16,
        delivery: String,
    },
    Problem {
        delivery: String,
    },
}

/// A code of an operation, and what it proves.
#[derive(Debug, Deserialize)]
pub(super) struct Verdict {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) delivery: String,
}

/// Bytes, which JSON has as base64.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Base64(pub(super) Vec<u8>);

/// JSON, which is compared as what it says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Base64")]
pub(super) struct Plaintext(pub(super) Value);

impl TryFrom<String> for Base64 {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        BASE64.decode(text).map(Self)
    }
}

impl TryFrom<Base64> for Plaintext {
    type Error = serde_json::Error;

    fn try_from(bytes: Base64) -> Result<Self, Self::Error> {
        serde_json::from_slice(&bytes.0).map(Self)
    }
}

impl Kit {
    /// Reads all files.
    pub(super) fn read() -> Result<Self> {
        Ok(Self {
            signing: cases("signing")?,
            correlation_ids: cases("correlation_ids")?,
            messages: ["jwe_jose", "jwe_jwcrypto", "jwe_konaplate"]
                .into_iter()
                .map(|file| Ok((file, cases(file)?)))
                .collect::<Result<_>>()?,
            negative: cases("jwe_negative")?,
            envelopes: cases("envelopes")?,
            responses: cases("responses")?,
            verdicts: cases("verdicts")?,
        })
    }

    /// How many cases of a file an implementation has to run, and how many there are: the form of a
    /// signature that the platform does not take is nobody's duty.
    pub(super) fn number(&self, file: &str) -> (usize, usize) {
        let both = |number| (number, number);
        match file {
            "signing" => {
                let raw = self.signing.iter().filter(|case| case.form == "raw_body");
                (raw.count(), self.signing.len())
            }
            "correlation_ids" => both(self.correlation_ids.len()),
            "jwe_negative" => both(self.negative.len()),
            "envelopes" => both(self.envelopes.len()),
            "responses" => both(self.responses.len()),
            "verdicts" => both(self.verdicts.len()),
            file => {
                let mut messages = self.messages.iter();
                let found = messages.find(|(other, _)| *other == file);
                both(found.map_or(0, |(_, cases)| cases.len()))
            }
        }
    }
}

/// A key of the kit, as its file has it.
pub(super) fn key(file: &str) -> Result<Vec<u8>> {
    let path = at_root(FOLDER).join("keys").join(file);
    std::fs::read(&path).with_context(|| path.display().to_string())
}

fn cases<C: DeserializeOwned>(file: &str) -> Result<Vec<C>> {
    #[derive(Deserialize)]
    struct File<C> {
        cases: Vec<C>,
    }
    let file = format!("{FOLDER}/{file}.json");
    let text = files::read(&at_root(&file))?;
    let file: File<C> = serde_json::from_str(&text).with_context(|| file)?;
    Ok(file.cases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_cases_and_of_a_signature_only_the_platforms_form_has_to_be_run() {
        let kit = Kit::read().unwrap();
        for file in FILES {
            let (least, all) = kit.number(file);
            assert!(least > 0, "{file}");
            assert_eq!(least < all, file == "signing", "{file}");
        }
        assert_eq!(kit.number("others"), (0, 0));
    }

    #[test]
    fn the_readme_says_how_many_cases_a_file_has() {
        let readme = files::read(&at_root(FOLDER).join("README.md")).unwrap();
        let kit = Kit::read().unwrap();
        for file in FILES {
            let (least, all) = kit.number(file);
            let row = format!("| `{file}.json` | {all} |");
            assert!(readme.contains(&row), "{row}");
            if least < all {
                assert!(readme.contains(&format!("\n{least} cases of the form")));
            }
        }
    }
}
