//! Schemas: named values and objects, with their rules.

use serde_json::Value;

use crate::error::Error;
use crate::language::Language;
use crate::read::Node;
use crate::tree::Tree;
use crate::words::{Evidence, Form, TextUse};

/// A named schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Name, in Pascal case.
    pub name: String,
    /// What it is, with its unit and range.
    pub description: String,
    /// What it holds, and its rule.
    pub kind: Kind,
    /// What kind of secret it is, such as `card-number`.
    pub sensitive: Option<String>,
    /// What text is for.
    pub text_use: TextUse,
    /// Written form of a date or a time.
    pub form: Option<Form>,
    /// Values that are known of a list that was not seen whole, and what they mean.
    pub known_values: Vec<(String, String)>,
    /// How much of it was seen.
    pub evidence: Option<Evidence>,
    /// What the page prints where the description says something else.
    pub printed: Option<Printed>,
    /// An example.
    pub example: Option<Value>,
    /// Whether it is what every response begins with.
    pub is_envelope: bool,
}

/// What a schema holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A string.
    Text(Text),
    /// A whole number that is not negative.
    Integer(Integer),
    /// One of some words.
    Enum(Enum),
    /// Fields.
    Object(Object),
}

/// Rule of a string.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// Fewest characters.
    pub min: u64,
    /// Most characters.
    pub max: Option<u64>,
    /// Regular expression that the whole value matches.
    pub pattern: Option<String>,
}

/// Rule of a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integer {
    /// Smallest value.
    pub min: u64,
    /// Largest value. It can be above what the schema's format holds: `x-konaplate-maximum`.
    pub max: u64,
    /// Whether other languages hold it in an unsigned type: `format: uint64`.
    pub unsigned: bool,
}

/// Some words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    /// The words, in order.
    pub values: Vec<EnumValue>,
    /// Whether others may come (`x-extensible-enum`). A closed one is sent only.
    pub open: bool,
    /// Of a closed one: the open one that is received, with the same words.
    pub open_form: Option<String>,
}

/// A word of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumValue {
    /// On the wire.
    pub word: String,
    /// Name in clients, where the word is none.
    pub name: Option<String>,
    /// What it means.
    pub meaning: String,
}

/// An object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// Whether all of it was seen. What was not may hold other fields.
    pub complete: bool,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Name on the wire.
    pub name: String,
    /// Whether it has to be there.
    pub required: bool,
    /// Its own description, or else that of its schema.
    pub description: String,
    /// What it holds.
    pub shape: Shape,
    /// How well it is known, where that differs from its operation.
    pub evidence: Option<Evidence>,
    /// What the page prints where the description says something else.
    pub printed: Option<Printed>,
    /// Its name sounds like a secret's, and it is none.
    pub is_plain: bool,
    /// What its text is for, where its schema does not say.
    pub text_use: Option<TextUse>,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// True or false.
    Flag,
    /// A single value of that schema.
    Value(String),
    /// An object of that schema.
    Object(String),
    /// A list of single values.
    Values(String),
    /// A list of objects.
    Objects(String),
}

impl Shape {
    /// The schema of what it holds, or of what its list holds.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        match self {
            Self::Flag => None,
            Self::Value(name) | Self::Object(name) | Self::Values(name) | Self::Objects(name) => {
                Some(name)
            }
        }
    }

    /// The object that it holds, or that its list holds.
    #[must_use]
    pub fn object(&self) -> Option<&str> {
        match self {
            Self::Object(name) | Self::Objects(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it is a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self, Self::Values(_) | Self::Objects(_))
    }
}

/// What a page prints where the description says something else (`x-konaplate-printed`).
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// What is printed, by key: `length`, `type`, `required`, a header's name.
    pub facts: Vec<(String, Value)>,
    /// Why the description says something else.
    pub note: Option<String>,
}

impl Printed {
    pub(crate) fn read(node: &Node<'_>) -> Result<Option<Self>, Error> {
        let Some(printed) = node.get("x-konaplate-printed") else {
            return Ok(None);
        };
        Ok(Some(Self {
            facts: node
                .entries("x-konaplate-printed")?
                .into_iter()
                .filter(|(key, _)| *key != "note")
                .map(|(key, fact)| (key.to_owned(), fact.value().to_value()))
                .collect(),
            note: printed.text("note")?.map(str::to_owned),
        }))
    }

    /// The facts as one text: `length 6, required Optional`.
    #[must_use]
    pub fn words(&self) -> String {
        let words: Vec<_> = self
            .facts
            .iter()
            .map(|(key, value)| format!("{key} {}", value.to_string().replace('"', "")))
            .collect();
        words.join(", ")
    }
}

/// Finds another schema of the document by its name.
type Others<'d> = dyn Fn(&str) -> Option<&'d Tree> + 'd;

impl Schema {
    pub(crate) fn read(name: &str, node: &Node<'_>, others: &Others<'_>) -> Result<Self, Error> {
        let kind = match node.need_text("type")? {
            "object" => Kind::Object(Object::read(node, others)?),
            "integer" => Kind::Integer(Integer::read(node)?),
            "string" => match Enum::read(node)? {
                Some(words) => Kind::Enum(words),
                None => Kind::Text(Text::read(node)?),
            },
            other => return Err(node.error(format!("type {other} is not one of ours"))),
        };
        let known_values = node
            .entries("x-konaplate-known-values")?
            .into_iter()
            .map(|(word, meaning)| Ok((word.to_owned(), meaning.as_text()?.to_owned())))
            .collect::<Result<_, Error>>()?;
        Ok(Self {
            name: name.to_owned(),
            description: node.need_text("description")?.to_owned(),
            kind,
            sensitive: node.text("x-konaplate-sensitive")?.map(str::to_owned),
            text_use: node
                .word("x-konaplate-text", TextUse::from_word)?
                .unwrap_or(TextUse::Token),
            form: node.word("x-konaplate-form", Form::from_word)?,
            known_values,
            evidence: node.word("x-konaplate-evidence", Evidence::from_word)?,
            printed: Printed::read(node)?,
            example: node
                .get("example")
                .map(|example| example.value().to_value()),
            is_envelope: node.flag("x-konaplate-envelope")?.unwrap_or(false),
        })
    }

    /// The object, if it is one.
    #[must_use]
    pub fn object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The fields of an object, none of anything else.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        self.object().map_or(&[], |object| &object.fields)
    }

    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// Whether it is an object of which not all was seen.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.object().is_some_and(|object| !object.complete)
    }

    /// Its rule in a few words of Markdown, as surfaces and documentation print it.
    #[must_use]
    pub fn rule(&self) -> String {
        let mut rule = self.rule_in(Language::English);
        if let (Kind::Text(_), Some(kind)) = (&self.kind, &self.sensitive) {
            rule.push_str(", masked as ");
            rule.push_str(kind);
        }
        rule
    }

    /// Its rule in a few words of that language, without what it is masked as.
    #[must_use]
    pub fn rule_in(&self, language: Language) -> String {
        match &self.kind {
            Kind::Text(text) => {
                let form = self
                    .form
                    .map(|form| format!(", `{form}`"))
                    .unwrap_or_default();
                format!("{}{form}", text.rule_in(language))
            }
            Kind::Integer(Integer { min, max, .. }) => match language {
                Language::English => format!("integer, {min} to {max}"),
                Language::Korean => format!("정수, {min}~{max}"),
            },
            Kind::Enum(words) => {
                let listed: Vec<_> = words
                    .values
                    .iter()
                    .map(|value| value.word.as_str())
                    .collect();
                let of = language.pick("one of", "다음 중 하나:");
                format!("{of} {}", listed.join(", "))
            }
            Kind::Object(_) => language.pick("object", "객체").to_owned(),
        }
    }
}

impl Text {
    pub(crate) fn read(node: &Node<'_>) -> Result<Self, Error> {
        Ok(Self {
            min: node.number("minLength")?.unwrap_or(0),
            max: node.number("maxLength")?,
            pattern: node.text("pattern")?.map(str::to_owned),
        })
    }

    /// The rule in a few words of Markdown.
    #[must_use]
    pub fn rule(&self) -> String {
        self.rule_in(Language::English)
    }

    /// The rule in a few words of that language.
    #[must_use]
    pub fn rule_in(&self, language: Language) -> String {
        let length = match (language, self.min, self.max) {
            (Language::English, min, Some(max)) if min == max => format!("{min} characters"),
            (Language::English, min, Some(max)) => format!("{min} to {max} characters"),
            (Language::English, 0, None) => "any length".to_owned(),
            (Language::English, min, None) => format!("{min} or more characters"),
            (Language::Korean, min, Some(max)) if min == max => format!("{min}자"),
            (Language::Korean, min, Some(max)) => format!("{min}~{max}자"),
            (Language::Korean, 0, None) => "길이 제한 없음".to_owned(),
            (Language::Korean, min, None) => format!("{min}자 이상"),
        };
        let pattern = self
            .pattern
            .as_ref()
            .map(|pattern| format!(", `{pattern}`"))
            .unwrap_or_default();
        format!("{}, {length}{pattern}", language.pick("string", "문자열"))
    }
}

impl Integer {
    fn read(node: &Node<'_>) -> Result<Self, Error> {
        // Bounds that other generators cannot hold stand in extensions, as decimal strings.
        let bound = |plain: &str, exact: &str| -> Result<Option<u64>, Error> {
            match node.text(exact)? {
                Some(digits) => digits
                    .parse()
                    .map(Some)
                    .map_err(|_| node.error(format!("{exact} is no whole number"))),
                None => node.number(plain),
            }
        };
        let missing = |bound: &str| node.error(format!("no {bound}"));
        Ok(Self {
            min: bound("minimum", "x-konaplate-minimum")?.ok_or_else(|| missing("minimum"))?,
            max: bound("maximum", "x-konaplate-maximum")?.ok_or_else(|| missing("maximum"))?,
            unsigned: node.text("format")? == Some("uint64"),
        })
    }
}

impl Enum {
    fn read(node: &Node<'_>) -> Result<Option<Self>, Error> {
        let open = node.get("x-extensible-enum").is_some();
        let words = node.texts(if open { "x-extensible-enum" } else { "enum" })?;
        if words.is_empty() {
            return Ok(None);
        }
        let names = node.texts("x-enum-varnames")?;
        let meanings = node.entries("x-konaplate-enum-meanings")?;
        let values = words
            .into_iter()
            .enumerate()
            .map(|(index, word)| {
                let meaning = meanings
                    .iter()
                    .find(|(value, _)| *value == word)
                    .ok_or_else(|| node.error(format!("no meaning of {word}")))?
                    .1
                    .as_text()?;
                Ok(EnumValue {
                    word,
                    name: names.get(index).cloned(),
                    meaning: meaning.to_owned(),
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Some(Self {
            values,
            open,
            open_form: node.text("x-konaplate-open-form")?.map(str::to_owned),
        }))
    }
}

impl Object {
    fn read(node: &Node<'_>, others: &Others<'_>) -> Result<Self, Error> {
        let required = node.texts("required")?;
        let fields = node
            .entries("properties")?
            .into_iter()
            .map(|(name, property)| Field::read(name, &property, &required, others))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            fields,
            complete: node.flag("x-konaplate-complete")?.unwrap_or(true),
        })
    }
}

impl Field {
    fn read(
        name: &str,
        node: &Node<'_>,
        required: &[String],
        others: &Others<'_>,
    ) -> Result<Self, Error> {
        let find = |schema: &str| {
            others(schema).ok_or_else(|| node.error(format!("there is no schema {schema}")))
        };
        let is_object = |schema: &Tree| schema.get("type").and_then(Tree::text) == Some("object");
        let mut description = node.text("description")?.map(str::to_owned);
        let shape = if let Some(schema) = node.property_ref() {
            let target = find(schema)?;
            if description.is_none() {
                description = Node::new(schema, target)
                    .text("description")?
                    .map(str::to_owned);
            }
            if is_object(target) {
                Shape::Object(schema.to_owned())
            } else {
                Shape::Value(schema.to_owned())
            }
        } else {
            match node.need_text("type")? {
                "boolean" => Shape::Flag,
                "array" => {
                    let schema = node
                        .need("items")?
                        .property_ref()
                        .ok_or_else(|| node.error("its items have no named schema"))?;
                    if is_object(find(schema)?) {
                        Shape::Objects(schema.to_owned())
                    } else {
                        Shape::Values(schema.to_owned())
                    }
                }
                other => return Err(node.error(format!("{other} needs a schema of its own"))),
            }
        };
        Ok(Self {
            name: name.to_owned(),
            required: required.iter().any(|required| required == name),
            description: description.unwrap_or_default(),
            shape,
            evidence: node.word("x-konaplate-evidence", Evidence::from_word)?,
            printed: Printed::read(node)?,
            is_plain: node.text("x-konaplate-sensitive")? == Some("none"),
            text_use: node.word("x-konaplate-text", TextUse::from_word)?,
        })
    }
}
