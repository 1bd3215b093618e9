//! The body of a request as a whole: an argument, a file, or standard input.

use std::fmt;
use std::io::{IsTerminal as _, Read as _};
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::exact::{Inexact, exact_object};
use crate::failure::Failure;

/// An argument that may hold a secret. Shows nothing of it.
#[derive(Clone)]
pub(super) struct Private(String);

impl Private {
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Private {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[argument]")
    }
}

/// Where a body comes from.
enum Source<'a> {
    Argument(&'a str),
    File(&'a str),
    StandardInput,
}

/// The body that was given as a whole, empty where none was, and the arguments that are fields.
pub(super) fn body<'a>(
    json: Option<&str>,
    arguments: &'a [Private],
) -> Result<(Map<String, Value>, Vec<&'a str>), Failure> {
    let mut sources: Vec<_> = json.map(Source::Argument).into_iter().collect();
    let mut fields = Vec::new();
    for argument in arguments.iter().map(Private::expose) {
        match argument.strip_prefix('@') {
            _ if argument == "-" => sources.push(Source::StandardInput),
            Some(file) => sources.push(Source::File(file)),
            None => fields.push(argument),
        }
    }
    let is_piped = sources.is_empty() && fields.is_empty() && !std::io::stdin().is_terminal();
    if is_piped {
        sources.push(Source::StandardInput);
    }
    if sources.len() > 1 {
        let cause = "body: must be given once: with --json, as @file, or as - for standard input";
        return Err(Failure::bad_input(cause));
    }
    let body = match sources.pop() {
        None => Map::new(),
        Some(source) => {
            let bytes = read(&source)?;
            // Nothing came through the pipe: a request of no fields.
            if is_piped && bytes.trim_ascii().is_empty() {
                Map::new()
            } else {
                object(&bytes)?
            }
        }
    };
    Ok((body, fields))
}

/// The JSON of one value.
pub(super) fn value(json: &str) -> Result<Value, String> {
    let wrapped = format!("{{\"value\":{json}}}");
    let inexact = "must be JSON, with numbers that 64 bits hold";
    let mut members = exact_object(wrapped.as_bytes()).map_err(|why| match why {
        Inexact::Json(_) => "must be JSON, without a name twice".to_owned(),
        Inexact::Number => inexact.to_owned(),
    })?;
    if members.len() != 1 {
        return Err(inexact.to_owned());
    }
    members
        .remove("value")
        .ok_or_else(|| "must be JSON".to_owned())
}

fn read(source: &Source<'_>) -> Result<Vec<u8>, Failure> {
    match source {
        Source::Argument(json) => Ok(json.as_bytes().to_vec()),
        Source::File(file) => std::fs::read(file).map_err(|error| {
            Failure::bad_input(format!("body: cannot read {file}: {error}"))
                .next("@file names a file with the JSON of the request")
        }),
        Source::StandardInput => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(|error| {
                Failure::bad_input(format!("body: cannot read standard input: {error}"))
            })?;
            Ok(bytes)
        }
    }
}

/// A body. What is sent is what was meant: nothing is repaired on the way to the platform.
fn object(bytes: &[u8]) -> Result<Map<String, Value>, Failure> {
    let body = exact_object(bytes).map_err(|why| match why {
        Inexact::Json(why) => Failure::bad_input(format!(
            "body: must be a JSON object in UTF-8, without a name twice: {why}"
        )),
        Inexact::Number => Failure::bad_input("body: must have no number that 64 bits do not hold")
            .next("write it as text, if the field takes text"),
    })?;
    if body.contains_key("encData") {
        return Err(Failure::bad_input("body: must be plain")
            .next("leave out encData: the body is encrypted where the description says so"));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_value_is_read_as_it_stands() {
        assert_eq!(value("[1, \"a\"]"), Ok(json!([1, "a"])));
        for wrong in [
            "",
            "a",
            "1}",
            "1,\"b\":2",
            "{\"a\":1,\"a\":2}",
            "1 2",
            "123456789012345678901234",
        ] {
            assert!(value(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_body_is_one_object_and_no_number_of_it_is_rounded() {
        assert!(object(b"{\"userId\": 18446744073709551615}").is_ok());
        for wrong in [
            "",
            "[]",
            "{\"a\":1,\"a\":1}",
            "{\"a\":18446744073709551616}",
            "{\"encData\":\"x\"}",
        ] {
            let failure = object(wrong.as_bytes()).unwrap_err();
            assert!(failure.to_string().starts_with("body: must "), "{wrong}");
        }
    }
}
