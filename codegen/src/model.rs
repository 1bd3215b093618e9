//! The description as operations, codes and scalars: what the generator, the lint, the surfaces and
//! the sandbox reason about.

use std::fmt;

use serde_json::Value;

use crate::description::{Description, entries, property_ref, ref_name, strings, text};
use crate::error::Error;

/// The seven headers of a call, in the order in which every operation lists them, as the names of
/// their parameters in `common.yaml`.
pub const REQUEST_HEADERS: [&str; 7] = [
    "AspId",
    "CorrelationId",
    "AccessKey",
    "CryptoKeyId",
    "TranToken",
    "TranTime",
    "TimeZone",
];

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word that the description uses.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value that the description calls so.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// How much of an operation, or of a field, was seen (`x-konaplate-evidence`).
    Evidence {
        /// A whole page that is kept with the project's sources.
        Seed = "seed",
        /// A whole page.
        Page = "page",
        /// A part of a page.
        Partial = "partial",
        /// Public code of somebody else.
        ThirdParty = "third-party",
    }
}

words! {
    /// What an operation does (`x-konaplate-effect`).
    Effect {
        /// Nothing changes.
        Reads = "reads",
        /// Something changes, but no money moves.
        Changes = "changes",
        /// Money moves, or may move.
        MovesMoney = "moves-money",
    }
}

words! {
    /// Whether a body is encrypted (`x-konaplate-encryption`).
    Encrypted {
        /// Always.
        Yes = "true",
        /// Never.
        No = "false",
        /// Not seen.
        Unknown = "unknown",
    }
}

words! {
    /// What can be done about a code (`x-konaplate-class`).
    CodeClass {
        /// The calling program has to be corrected.
        CallerMistake = "caller-mistake",
        /// The member can do something about it.
        UserFixable = "user-fixable",
        /// What was asked does not fit the present state.
        StateConflict = "state-conflict",
        /// The same call may succeed later.
        TryLater = "try-later",
        /// What was seen does not tell.
        Unknown = "unknown",
    }
}

words! {
    /// Written form of a date or a time (`x-konaplate-form`).
    Form {
        /// The last month of a card, two digits each.
        YearMonth = "YYMM",
        /// The last day of a card.
        ShortExpiry = "YYMMDD",
        /// A day of this century.
        ShortDate = "yyMMdd",
        /// A day.
        Date = "yyyyMMdd",
        /// A time of day.
        Time = "HHmmss",
        /// A date and time.
        DateTime = "yyyyMMddHHmmss",
        /// A date and time with milliseconds.
        DateTimeMillis = "yyyyMMddHHmmssSSS",
        /// Milliseconds since 1970-01-01T00:00:00Z, as a number.
        EpochMillis = "epoch-milliseconds",
    }
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation<'d> {
    /// `operationId`, in snake case.
    pub id: &'d str,
    /// Path, such as `/api/v2/payment/generate/onetimetoken`.
    pub path: &'d str,
    /// HTTP method in upper case.
    pub method: String,
    /// The group, which is its only tag.
    pub group: &'d str,
    /// A few words.
    pub summary: &'d str,
    /// The same in Korean.
    pub summary_ko: &'d str,
    /// A few sentences.
    pub description: &'d str,
    /// The vendor's title.
    pub title: &'d str,
    /// How much was seen.
    pub evidence: Evidence,
    /// Page ids of the vendor's reference.
    pub source: Vec<&'d str>,
    /// Document version that was read.
    pub version_shown: &'d str,
    /// Document versions that the portal offers.
    pub versions: Vec<&'d str>,
    /// What it does.
    pub effect: Effect,
    /// The operation that tells the outcome after a lost answer.
    pub reconcile: Option<&'d str>,
    /// Whether the request is encrypted.
    pub request_encrypted: Encrypted,
    /// Whether the answer is encrypted.
    pub response_encrypted: Encrypted,
    /// Whether the list of codes is known to be whole.
    pub codes_complete: bool,
    /// Failures that are known by a name only, in our words.
    pub unlisted_failures: Vec<&'d str>,
    /// Name of the request's schema.
    pub request: &'d str,
    /// Name of the success answer's schema.
    pub response: &'d str,
    /// The failures that are documented, in the order of the page.
    pub failures: Vec<CodeExample<'d>>,
    /// The operation as it stands in the document.
    pub raw: &'d Value,
}

/// One documented code with one message: an entry of `components.examples`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeExample<'d> {
    /// Name of the example.
    pub name: &'d str,
    /// `007_008`
    pub code: &'d str,
    /// The message on the wire, letter by letter.
    pub message: &'d str,
    /// What it means, in our words.
    pub meaning: &'d str,
    /// The same in Korean.
    pub meaning_ko: &'d str,
}

/// Whether a text has the form of a code: `007_008`.
#[must_use]
pub fn is_code(text: &str) -> bool {
    let digits = |part: &str| part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit());
    text.split_once('_')
        .is_some_and(|(family, number)| digits(family) && digits(number))
}

/// One field of an object schema.
#[derive(Debug, Clone)]
pub struct Field<'d> {
    /// Name on the wire.
    pub name: &'d str,
    /// Whether it has to be there.
    pub required: bool,
    /// Description of the field, or else of its schema.
    pub description: &'d str,
    /// Name of its schema; none for an inline boolean or list.
    pub schema_name: Option<&'d str>,
    /// The schema that its values follow.
    pub schema: &'d Value,
    /// The property as it stands in the object.
    pub raw: &'d Value,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape<'d> {
    /// True or false.
    Flag,
    /// A named single value.
    Value(&'d str),
    /// A named object.
    Object(&'d str),
    /// A list of named single values.
    Values(&'d str),
    /// A list of named objects.
    Objects(&'d str),
}

impl<'d> Shape<'d> {
    /// The object that a field holds, or that its list holds.
    #[must_use]
    pub fn object(self) -> Option<&'d str> {
        match self {
            Self::Object(name) | Self::Objects(name) => Some(name),
            _ => None,
        }
    }
}

/// A named schema of a single value.
#[derive(Debug, Clone, Copy)]
pub enum Scalar<'d> {
    /// A string.
    Text {
        /// Fewest characters.
        min: u64,
        /// Most characters.
        max: Option<u64>,
        /// Regular expression that the whole value matches.
        pattern: Option<&'d str>,
        /// What kind of secret it is.
        sensitive: Option<&'d str>,
    },
    /// A whole number that is not negative.
    Whole {
        /// Smallest value.
        min: u64,
        /// Largest value.
        max: u64,
    },
    /// One of some words.
    Enum,
}

impl<'d> Scalar<'d> {
    /// Reads a schema; none where it is an object, a list or a boolean.
    #[must_use]
    pub fn of(schema: &'d Value) -> Option<Self> {
        let number = |key: &str| schema.get(key).and_then(Value::as_u64);
        match text(schema, "type")? {
            "string" if schema.get("enum").is_some() => Some(Self::Enum),
            "string" => Some(Self::Text {
                min: number("minLength").unwrap_or(0),
                max: number("maxLength"),
                pattern: text(schema, "pattern"),
                sensitive: text(schema, "x-konaplate-sensitive"),
            }),
            "integer" => Some(Self::Whole {
                min: number("minimum").unwrap_or(0),
                max: number("maximum").unwrap_or(u64::MAX),
            }),
            _ => None,
        }
    }
}

/// Rule of a value in a few words of Markdown, as surfaces and documentation print it.
#[must_use]
pub fn constraint(schema: &Value) -> String {
    let sensitive = text(schema, "x-konaplate-sensitive")
        .map(|kind| format!(", masked as {kind}"))
        .unwrap_or_default();
    match Scalar::of(schema) {
        Some(Scalar::Text {
            min, max, pattern, ..
        }) => {
            let length = match (min, max) {
                (min, Some(max)) if min == max => format!("{min} characters"),
                (min, Some(max)) => format!("{min} to {max} characters"),
                (0, None) => "any length".to_owned(),
                (min, None) => format!("{min} or more characters"),
            };
            let pattern = pattern.map(|p| format!(", `{p}`")).unwrap_or_default();
            let form = text(schema, "x-konaplate-form")
                .map(|form| format!(", `{form}`"))
                .unwrap_or_default();
            format!("string, {length}{pattern}{form}{sensitive}")
        }
        Some(Scalar::Whole { min, max }) => format!("integer, {min} to {max}"),
        Some(Scalar::Enum) => {
            let words: Vec<_> = strings(schema, "enum").collect();
            format!("one of {}", words.join(", "))
        }
        None => match text(schema, "type") {
            Some("boolean") => "true or false".to_owned(),
            other => other.unwrap_or("any").to_owned(),
        },
    }
}

impl Description {
    /// All operations, in the order of the document.
    ///
    /// # Errors
    /// An operation lacks something that every operation has; [`crate::lint`] says it at more length.
    pub fn operations(&self) -> Result<Vec<Operation<'_>>, Error> {
        entries(self.as_value(), "paths")
            .flat_map(|(path, item)| {
                item.as_object()
                    .into_iter()
                    .flatten()
                    .map(move |(method, raw)| self.operation(path, method, raw))
            })
            .collect()
    }

    fn operation<'d>(
        &'d self,
        path: &'d str,
        method: &str,
        raw: &'d Value,
    ) -> Result<Operation<'d>, Error> {
        let place = text(raw, "operationId").unwrap_or(path);
        let missing = |what: &str| Error::new(place, format!("{what} is missing or wrong"));
        let need = |key: &str| text(raw, key).ok_or_else(|| missing(key));

        let flags = raw
            .get("x-konaplate-encryption")
            .ok_or_else(|| missing("x-konaplate-encryption"))?;
        let flag = |side: &str| {
            match flags.get(side) {
                Some(Value::Bool(flag)) => {
                    Encrypted::from_word(if *flag { "true" } else { "false" })
                }
                Some(Value::String(word)) if word == "unknown" => Encrypted::from_word(word),
                _ => None,
            }
            .ok_or_else(|| missing(&format!("x-konaplate-encryption.{side}")))
        };

        let request = body_schema(
            self.resolve(
                raw.get("requestBody")
                    .ok_or_else(|| missing("requestBody"))?,
            )?,
        )
        .ok_or_else(|| missing("the $ref of the request's schema"))?;
        let responses = raw.get("responses").ok_or_else(|| missing("responses"))?;
        let response = body_schema(
            self.resolve(
                responses
                    .get("200")
                    .ok_or_else(|| missing("response 200"))?,
            )?,
        )
        .ok_or_else(|| missing("the $ref of the answer's schema"))?;

        let versions = raw
            .get("x-konaplate-versions")
            .ok_or_else(|| missing("x-konaplate-versions"))?;

        Ok(Operation {
            id: need("operationId")?,
            path,
            method: method.to_ascii_uppercase(),
            group: strings(raw, "tags").next().ok_or_else(|| missing("tags"))?,
            summary: need("summary")?,
            summary_ko: need("x-konaplate-ko")?,
            description: need("description")?,
            title: need("x-konaplate-title")?,
            evidence: Evidence::from_word(need("x-konaplate-evidence")?)
                .ok_or_else(|| missing("x-konaplate-evidence"))?,
            source: strings(raw, "x-konaplate-source").collect(),
            version_shown: text(versions, "shown").ok_or_else(|| missing("versions.shown"))?,
            versions: strings(versions, "offered").collect(),
            effect: Effect::from_word(need("x-konaplate-effect")?)
                .ok_or_else(|| missing("x-konaplate-effect"))?,
            reconcile: text(raw, "x-konaplate-reconcile"),
            request_encrypted: flag("request")?,
            response_encrypted: flag("response")?,
            codes_complete: raw
                .get("x-konaplate-codes-complete")
                .and_then(Value::as_bool)
                .ok_or_else(|| missing("x-konaplate-codes-complete"))?,
            unlisted_failures: strings(raw, "x-konaplate-unlisted-failures").collect(),
            request,
            response,
            failures: responses
                .get("4XX")
                .map(|failure| self.failures(failure))
                .transpose()?
                .unwrap_or_default(),
            raw,
        })
    }

    fn failures<'d>(&'d self, response: &'d Value) -> Result<Vec<CodeExample<'d>>, Error> {
        let media = json_media(self.resolve(response)?);
        entries(media, "examples")
            .map(|(name, example)| {
                let example = self.resolve(example)?;
                code_example(name, example)
                    .ok_or_else(|| Error::new(name, "is not an example of a code"))
            })
            .collect()
    }

    /// Every documented failure: the entries of `components.examples`, in order.
    #[must_use]
    pub fn code_examples(&self) -> Vec<CodeExample<'_>> {
        self.as_value()
            .get("components")
            .into_iter()
            .flat_map(|components| entries(components, "examples"))
            .filter_map(|(name, example)| code_example(name, example))
            .collect()
    }

    /// The named schemas, in order.
    pub fn schemas(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.as_value()
            .get("components")
            .into_iter()
            .flat_map(|components| entries(components, "schemas"))
    }

    /// The fields of an object schema, in order.
    ///
    /// # Errors
    /// A reference leads nowhere.
    pub fn fields<'d>(&'d self, object: &'d Value) -> Result<Vec<Field<'d>>, Error> {
        let required: Vec<_> = strings(object, "required").collect();
        entries(object, "properties")
            .map(|(name, raw)| {
                let schema_name = property_ref(raw);
                let schema = match schema_name {
                    Some(schema) => self.schema(schema)?,
                    None => raw,
                };
                Ok(Field {
                    name,
                    required: required.contains(&name),
                    description: text(raw, "description")
                        .or_else(|| text(schema, "description"))
                        .unwrap_or_default(),
                    schema_name,
                    schema,
                    raw,
                })
            })
            .collect()
    }

    /// What a field holds.
    ///
    /// # Errors
    /// Something that the lint refuses, such as an inline object.
    pub fn shape<'d>(&'d self, field: &Field<'d>) -> Result<Shape<'d>, Error> {
        let is_object = |schema: &Value| text(schema, "type") == Some("object");
        if let Some(name) = field.schema_name {
            return Ok(if is_object(field.schema) {
                Shape::Object(name)
            } else {
                Shape::Value(name)
            });
        }
        match text(field.schema, "type") {
            Some("boolean") => Ok(Shape::Flag),
            Some("array") => {
                let name = field
                    .schema
                    .get("items")
                    .and_then(property_ref)
                    .ok_or_else(|| Error::new(field.name, "its items have no named schema"))?;
                Ok(if is_object(self.schema(name)?) {
                    Shape::Objects(name)
                } else {
                    Shape::Values(name)
                })
            }
            other => Err(Error::new(
                field.name,
                format!("{} needs a schema of its own", other.unwrap_or("this")),
            )),
        }
    }

    /// The rule of a field in a few words of Markdown.
    ///
    /// # Errors
    /// See [`Description::shape`].
    pub fn rule(&self, field: &Field<'_>) -> Result<String, Error> {
        Ok(match self.shape(field)? {
            Shape::Flag => "true or false".to_owned(),
            Shape::Value(_) => constraint(field.schema),
            Shape::Object(_) => "object".to_owned(),
            Shape::Values(name) => format!("list of: {}", constraint(self.schema(name)?)),
            Shape::Objects(_) => "list of objects".to_owned(),
        })
    }

    /// The examples of a request. The first is also how documentation shows a call.
    pub fn request_examples<'d>(
        &'d self,
        operation: &Operation<'d>,
    ) -> impl Iterator<Item = &'d Value> {
        self.examples(operation.raw.get("requestBody"))
    }

    /// The examples of a success answer.
    pub fn response_examples<'d>(
        &'d self,
        operation: &Operation<'d>,
    ) -> impl Iterator<Item = &'d Value> {
        self.examples(operation.raw.pointer("/responses/200"))
    }

    fn examples<'d>(&'d self, body: Option<&'d Value>) -> impl Iterator<Item = &'d Value> {
        body.and_then(|body| self.resolve(body).ok())
            .into_iter()
            .flat_map(|body| entries(json_media(body), "examples"))
            .filter_map(|(_, example)| example.get("value"))
    }
}

fn code_example<'d>(name: &'d str, example: &'d Value) -> Option<CodeExample<'d>> {
    let response = example.get("value")?.get("response")?;
    Some(CodeExample {
        name,
        code: text(response, "code")?,
        message: text(response, "description")?,
        meaning: text(example, "summary")?,
        meaning_ko: text(example, "x-konaplate-ko")?,
    })
}

pub(crate) fn json_media(body: &Value) -> &Value {
    body.pointer("/content/application~1json")
        .unwrap_or(&Value::Null)
}

fn body_schema(body: &Value) -> Option<&str> {
    ref_name(json_media(body).get("schema")?)
}

impl Description {
    /// The groups, in the order of the tags.
    #[must_use]
    pub fn groups(&self) -> Vec<&str> {
        self.tags().filter_map(|tag| text(tag, "name")).collect()
    }

    /// What the group is about.
    #[must_use]
    pub fn group_description(&self, group: &str) -> Option<&str> {
        self.tags()
            .find(|tag| text(tag, "name") == Some(group))
            .and_then(|tag| text(tag, "description"))
    }

    fn tags(&self) -> impl Iterator<Item = &Value> {
        self.as_value()
            .get("tags")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }
}
