//! The whole description, parsed once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::code::{Code, CodeExample};
use crate::content::content;
use crate::error::Error;
use crate::language::Language;
use crate::operation::{Body, Encryption, Example, Operation, Paging};
use crate::outcome::Outcome;
use crate::read::Node;
use crate::schema::{Printed, Schema, Shape, Text};
use crate::tree::Tree;
use crate::words::{CodeClass, Effect, Encrypted, Evidence};

/// The whole description.
#[derive(Debug, Clone)]
pub struct Spec {
    document: Value,
    version: String,
    description: String,
    groups: Vec<Group>,
    headers: Vec<Header>,
    operations: Vec<Operation>,
    schemas: Vec<Schema>,
    schema_index: BTreeMap<String, usize>,
    code_examples: Vec<CodeExample>,
    codes: Vec<Code>,
    not_found: Vec<(String, Vec<String>)>,
    requests: BTreeSet<String>,
    responses: BTreeSet<String>,
    failures: BTreeSet<String>,
}

/// A group of operations: a chapter of the vendor's reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name, such as `auto-recharges`.
    pub name: String,
    /// The vendor's title, in Korean.
    pub title: String,
    /// What it is about.
    pub description: String,
}

impl Group {
    /// The name as it is shown in English: `auto-recharges` as `Auto recharges`.
    #[must_use]
    pub fn display_name(name: &str) -> String {
        let words = name.replace('-', " ");
        let mut letters = words.chars();
        match letters.next() {
            // Short for something.
            _ if words == "atm" => "ATM".to_owned(),
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => words,
        }
    }
}

/// A header that every request carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Its name, such as `X-KM-User-AspId`.
    pub name: String,
    /// Whether it has to be there.
    pub required: bool,
    /// What it is.
    pub description: String,
    /// Rule of its value.
    pub rule: Text,
    /// What the pages print where the description says something else.
    pub printed: Option<Printed>,
}

/// A body's side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What the client sends.
    Request,
    /// What the platform responds when it carried out the call.
    Response,
    /// What it responds when it did not.
    Failure,
}

impl Spec {
    /// Reads a bundle from YAML (or JSON, which is YAML), by its [`content`].
    ///
    /// # Errors
    /// The text is not YAML, has a key twice, or lacks something that code decides on.
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        let tree: Tree = serde_saphyr::from_str(&content(text))
            .map_err(|error| Error::new("description", error.to_string()))?;
        Self::read(&tree, tree.to_value())
    }

    /// Reads a bundle that was parsed before.
    ///
    /// # Errors
    /// It lacks something that code decides on.
    pub fn from_value(document: Value) -> Result<Self, Error> {
        Self::read(&Tree::from(&document), document)
    }

    fn read(tree: &Tree, document: Value) -> Result<Self, Error> {
        let root = Node::new("", tree);
        let reader = Reader {
            document: tree,
            components: root.need("components")?,
        };
        let (schemas, schema_index) = reader.schemas()?;
        let code_examples = reader
            .components
            .entries("examples")?
            .iter()
            .map(|(name, node)| CodeExample::read(name, node))
            .collect::<Result<Vec<_>, _>>()?;
        let operations = reader.operations()?;
        let codes = codes(&code_examples, &operations);
        let mut spec = Self {
            version: root.need("info")?.need_text("version")?.to_owned(),
            description: root
                .need("info")?
                .text("description")?
                .unwrap_or_default()
                .to_owned(),
            groups: reader.groups()?,
            headers: reader.headers()?,
            not_found: root
                .entries("x-konaplate-not-found")?
                .into_iter()
                .map(|(chapter, _)| {
                    let titles = root.need("x-konaplate-not-found")?.texts(chapter)?;
                    Ok((chapter.to_owned(), titles))
                })
                .collect::<Result<_, Error>>()?,
            operations,
            schemas,
            schema_index,
            code_examples,
            codes,
            requests: BTreeSet::new(),
            responses: BTreeSet::new(),
            failures: BTreeSet::new(),
            document,
        };
        spec.requests = spec.reached(|operation| &operation.request);
        spec.responses = spec.reached(|operation| &operation.response);
        spec.failures = reader.failure_schemas();
        spec.check_fields()?;
        Ok(spec)
    }

    /// The document as it was read, for tools that compare or validate it as OpenAPI.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// `info.version`
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// `info.description`: what holds for every call, in Markdown. Empty where there is none.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The groups, in the order of the tags.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The headers that every request carries, in the order of the pages.
    #[must_use]
    pub fn headers(&self) -> &[Header] {
        &self.headers
    }

    /// All operations, in the order of the document.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations of a group, in order.
    pub fn operations_of<'s>(&'s self, group: &'s str) -> impl Iterator<Item = &'s Operation> {
        self.operations
            .iter()
            .filter(move |operation| operation.group == group)
    }

    /// The operation of that id.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The named schemas, in order.
    #[must_use]
    pub fn schemas(&self) -> &[Schema] {
        &self.schemas
    }

    /// The schema of that name. Every name that the model itself holds has one.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn schema(&self, name: &str) -> &Schema {
        self.find_schema(name)
            .unwrap_or_else(|| panic!("there is no schema {name}"))
    }

    /// The schema of that name, if there is one.
    #[must_use]
    pub fn find_schema(&self, name: &str) -> Option<&Schema> {
        self.schema_index
            .get(name)
            .map(|index| &self.schemas[*index])
    }

    /// Whether the bodies of that side reach the schema.
    #[must_use]
    pub fn reaches(&self, side: Side, schema: &str) -> bool {
        match side {
            Side::Request => self.requests.contains(schema),
            Side::Response => self.responses.contains(schema),
            Side::Failure => self.failures.contains(schema),
        }
    }

    /// Every documented failure: the entries of `components.examples`, in order.
    #[must_use]
    pub fn code_examples(&self) -> &[CodeExample] {
        &self.code_examples
    }

    /// The documented failures by code, in order of the codes.
    #[must_use]
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }

    /// The documented failure of that code.
    #[must_use]
    pub fn code(&self, code: &str) -> Option<&Code> {
        self.codes.iter().find(|known| known.code == code)
    }

    /// Titles of the vendor's menu whose pages were not found, by chapter.
    #[must_use]
    pub fn not_found(&self) -> &[(String, Vec<String>)] {
        &self.not_found
    }

    /// The rule of a field in a few words of Markdown.
    #[must_use]
    pub fn rule(&self, shape: &Shape) -> String {
        match shape {
            Shape::Flag => "true or false".to_owned(),
            Shape::Value(name) => self.schema(name).rule(),
            Shape::Object(_) => "object".to_owned(),
            Shape::Values(name) => format!("list of: {}", self.schema(name).rule()),
            Shape::Objects(_) => "list of objects".to_owned(),
        }
    }

    /// The rule of a field in that language, without what it is masked as.
    #[must_use]
    pub fn rule_in(&self, shape: &Shape, language: Language) -> String {
        let of = |name: &str| self.schema(name).rule_in(language);
        match shape {
            Shape::Flag => language.pick("true or false", "true 또는 false").to_owned(),
            Shape::Value(name) => of(name),
            Shape::Object(_) => language.pick("object", "객체").to_owned(),
            Shape::Values(name) => format!("{}: {}", language.pick("list of", "목록"), of(name)),
            Shape::Objects(_) => language.pick("list of objects", "객체 목록").to_owned(),
        }
    }

    /// A body of that schema with its sensitive values replaced by what they are.
    #[must_use]
    pub fn masked(&self, schema: &str, body: &Value) -> Value {
        let schema = self.schema(schema);
        if let Some(kind) = &schema.sensitive {
            return format!("[{kind}]").into();
        }
        let mut body = body.clone();
        for field in schema.fields() {
            let (Some(value), Some(inner)) = (body.get_mut(&field.name), field.shape.schema())
            else {
                continue;
            };
            if field.shape.is_list() {
                for item in value.as_array_mut().into_iter().flatten() {
                    *item = self.masked(inner, item);
                }
            } else {
                *value = self.masked(inner, value);
            }
        }
        body
    }

    fn reached(&self, body: impl Fn(&Operation) -> &Body) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = self
            .operations
            .iter()
            .map(|operation| body(operation).schema.as_str())
            .collect();
        while let Some(name) = open.pop() {
            if found.insert(name.to_owned())
                && let Some(schema) = self.find_schema(name)
            {
                open.extend(
                    schema
                        .fields()
                        .iter()
                        .filter_map(|field| field.shape.schema()),
                );
            }
        }
        found
    }

    /// That every field which an extension names exists, and every operation.
    fn check_fields(&self) -> Result<(), Error> {
        for operation in &self.operations {
            let has = |schema: &str, field: &str| {
                if self
                    .find_schema(schema)
                    .and_then(|s| s.field(field))
                    .is_some()
                {
                    Ok(())
                } else {
                    let problem = format!("{schema} has no field {field}");
                    Err(Error::new(operation.id.clone(), problem))
                }
            };
            let other = |id: &str| {
                self.operation(id)
                    .ok_or_else(|| Error::new(operation.id.clone(), format!("no operation {id}")))
            };
            for body in [&operation.request, &operation.response] {
                if self.find_schema(&body.schema).is_none() {
                    let problem = format!("there is no schema {}", body.schema);
                    return Err(Error::new(operation.id.clone(), problem));
                }
            }
            if let Some(outcome) = &operation.outcome {
                let own = &outcome.response;
                for field in outcome
                    .member_acts_with()
                    .into_iter()
                    .chain(own.pending.as_deref())
                    .chain(own.result.as_deref())
                {
                    has(&operation.response.schema, field)?;
                }
                if let Some(reference) = &outcome.reference {
                    has(&operation.request.schema, reference)?;
                }
                if let Some(inquiry) = &outcome.inquiry {
                    let asked = other(&inquiry.operation)?;
                    has(&asked.request.schema, &inquiry.by)?;
                    has(&asked.response.schema, &inquiry.field)?;
                    if outcome.reference.is_none() {
                        let problem = "an inquiry needs a reference to ask by";
                        return Err(Error::new(operation.id.clone(), problem));
                    }
                }
                if let Some(cancel) = &outcome.cancel {
                    other(cancel)?;
                }
            }
            if let Some(follow_up) = &operation.follow_up {
                other(follow_up)?;
            }
            if let Some(paging) = &operation.paging {
                has(&operation.request.schema, &paging.request)?;
                // The field that says which page it is may be one that was not described.
                if let Some(items) = &paging.items {
                    has(&operation.response.schema, items)?;
                }
            }
        }
        Ok(())
    }
}

struct Reader<'d> {
    document: &'d Tree,
    components: Node<'d>,
}

impl<'d> Reader<'d> {
    fn resolve(&self, node: Node<'d>) -> Result<Node<'d>, Error> {
        let mut node = node;
        for _ in 0..16 {
            let Some(reference) = node.value().get("$ref").and_then(Tree::text) else {
                return Ok(node);
            };
            let target = reference
                .strip_prefix('#')
                .and_then(|pointer| self.document.pointer(pointer))
                .ok_or_else(|| node.error(format!("{reference} leads to nothing")))?;
            node = Node::new(reference, target);
        }
        Err(node.error("references go round in a circle"))
    }

    fn schemas(&self) -> Result<(Vec<Schema>, BTreeMap<String, usize>), Error> {
        let all = self.components.value().get("schemas");
        let others = |name: &str| all.and_then(|all| all.get(name));
        let mut schemas = Vec::new();
        let mut index = BTreeMap::new();
        for (name, node) in self.components.entries("schemas")? {
            index.insert(name.to_owned(), schemas.len());
            schemas.push(Schema::read(name, &node, &others)?);
        }
        Ok((schemas, index))
    }

    fn groups(&self) -> Result<Vec<Group>, Error> {
        Node::new("", self.document)
            .items("tags")?
            .iter()
            .map(|tag| {
                Ok(Group {
                    name: tag.need_text("name")?.to_owned(),
                    title: tag
                        .text("x-konaplate-title")?
                        .unwrap_or_default()
                        .to_owned(),
                    description: tag.text("description")?.unwrap_or_default().to_owned(),
                })
            })
            .collect()
    }

    fn headers(&self) -> Result<Vec<Header>, Error> {
        let mut headers = Vec::new();
        for (_, node) in self.components.entries("parameters")? {
            headers.push(Header {
                name: node.need_text("name")?.to_owned(),
                required: node.flag("required")?.unwrap_or(false),
                description: node.need_text("description")?.to_owned(),
                rule: Text::read(&node.need("schema")?)?,
                printed: Printed::read(&node)?,
            });
        }
        for (_, node) in self.components.entries("securitySchemes")? {
            headers.push(Header {
                name: node.need_text("name")?.to_owned(),
                required: true,
                description: node.need_text("description")?.to_owned(),
                rule: Text::read(&node.need("x-konaplate-schema")?)?,
                printed: Printed::read(&node)?,
            });
        }
        Ok(headers)
    }

    fn operations(&self) -> Result<Vec<Operation>, Error> {
        let root = Node::new("", self.document);
        let mut operations = Vec::new();
        for (path, item) in root.entries("paths")? {
            for (method, raw) in item.value().members() {
                let place = raw.get("operationId").and_then(Tree::text).unwrap_or(path);
                operations.push(self.operation(path, method, &Node::new(place, raw))?);
            }
        }
        Ok(operations)
    }

    fn operation(&self, path: &str, method: &str, node: &Node<'d>) -> Result<Operation, Error> {
        let own = |key: &str| node.need_text(key).map(str::to_owned);
        let flags = node.need("x-konaplate-encryption")?;
        let flag = |side: &str| -> Result<Encrypted, Error> {
            let flag = flags.need(side)?;
            match flag.value() {
                Tree::Flag(true) => Ok(Encrypted::Yes),
                Tree::Flag(false) => Ok(Encrypted::No),
                Tree::Text(word) if word == "unknown" => Ok(Encrypted::Unknown),
                _ => Err(flag.error("is none of true, false, unknown")),
            }
        };
        let responses = node.need("responses")?;
        let failures = match responses.get("400") {
            None => Vec::new(),
            Some(failure) => {
                let media = json_media(&self.resolve(failure)?)?;
                media
                    .entries("examples")?
                    .into_iter()
                    .map(|(name, example)| CodeExample::read(name, &self.resolve(example)?))
                    .collect::<Result<_, _>>()?
            }
        };
        let versions = node.need("x-konaplate-versions")?;
        let needed = |what: Option<Effect>| what.ok_or_else(|| node.error("no effect"));
        let mut operation = Operation {
            id: own("operationId")?,
            path: path.to_owned(),
            method: method.to_ascii_uppercase(),
            group: node
                .texts("tags")?
                .into_iter()
                .next()
                .ok_or_else(|| node.error("no tag"))?,
            summary: own("summary")?,
            summary_ko: own("x-konaplate-ko")?,
            description: own("description")?,
            title: own("x-konaplate-title")?,
            evidence: node
                .word("x-konaplate-evidence", Evidence::from_word)?
                .ok_or_else(|| node.error("no evidence"))?,
            source: node.texts("x-konaplate-source")?,
            version_shown: versions.need_text("shown")?.to_owned(),
            versions: versions.texts("offered")?,
            deprecated: node.flag("deprecated")?.unwrap_or_default(),
            effect: needed(node.word("x-konaplate-effect", Effect::from_word)?)?,
            outcome: node
                .get("x-konaplate-outcome")
                .map(|outcome| Outcome::read(&outcome))
                .transpose()?,
            follow_up: node.text("x-konaplate-follow-up")?.map(str::to_owned),
            encryption: Encryption {
                request: flag("request")?,
                response: flag("response")?,
            },
            codes_complete: node
                .flag("x-konaplate-codes-complete")?
                .ok_or_else(|| node.error("x-konaplate-codes-complete is missing"))?,
            unlisted_failures: node.texts("x-konaplate-unlisted-failures")?,
            printed: Printed::read(node)?,
            paging: node
                .get("x-konaplate-paging")
                .map(|node| paging(&node))
                .transpose()?,
            request: self.body(node.need("requestBody")?)?,
            response: self.body(responses.need("200")?)?,
            failures,
        };
        if operation.outcome.is_some() != (operation.effect == Effect::MovesMoney) {
            return Err(
                node.error("x-konaplate-outcome belongs to what moves money, and to nothing else")
            );
        }
        // The bundle has the text of the extensions behind the description; the sources do not.
        let added = operation.text_of_extensions(Language::English);
        if let Some(own) = operation.description.strip_suffix(&added) {
            operation.description = own.to_owned();
        }
        Ok(operation)
    }

    fn body(&self, node: Node<'d>) -> Result<Body, Error> {
        let media = json_media(&self.resolve(node)?)?;
        let schema = media
            .need("schema")?
            .ref_name()
            .ok_or_else(|| media.error("its schema has no name"))?;
        let examples = media
            .entries("examples")?
            .into_iter()
            .map(|(name, example)| {
                let example = self.resolve(example)?;
                let value = example.need("value")?.value();
                Ok(Example {
                    name: name.to_owned(),
                    summary: example.text("summary")?.unwrap_or_default().to_owned(),
                    value: value.to_value(),
                    json: value.to_json(),
                })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Body {
            schema: schema.to_owned(),
            examples,
        })
    }

    /// Names of the schemas of failures, and what they reach.
    fn failure_schemas(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = Vec::new();
        let paths = self.document.get("paths").map_or(&[][..], Tree::members);
        for operation in paths.iter().flat_map(|(_, item)| item.members()) {
            if let Some(failure) = operation.1.pointer("/responses/400") {
                collect(failure, &mut open);
            }
        }
        while let Some(name) = open.pop() {
            if let Some(schema) = self
                .document
                .pointer(&format!("/components/schemas/{name}"))
                && found.insert(name)
            {
                collect(schema, &mut open);
            }
        }
        found
    }
}

/// Names of the schemas that a part of the document refers to.
fn collect(tree: &Tree, names: &mut Vec<String>) {
    if let Some(name) = tree
        .get("$ref")
        .and_then(Tree::text)
        .and_then(|reference| reference.strip_prefix("#/components/schemas/"))
    {
        names.push(name.to_owned());
    }
    let members = tree.members().iter().map(|(_, member)| member);
    for inner in members.chain(tree.items()) {
        collect(inner, names);
    }
}

fn json_media<'d>(body: &Node<'d>) -> Result<Node<'d>, Error> {
    body.need("content")?.need("application/json")
}

fn paging(node: &Node<'_>) -> Result<Paging, Error> {
    let optional = |key: &str| node.text(key).map(|text| text.map(str::to_owned));
    Ok(Paging {
        request: node.need_text("request")?.to_owned(),
        page: node.need_text("page")?.to_owned(),
        response: optional("response")?,
        response_page: optional("response-page")?,
        total_pages: optional("total-pages")?,
        items: optional("items")?,
    })
}

fn codes(examples: &[CodeExample], operations: &[Operation]) -> Vec<Code> {
    let mut codes: BTreeMap<&str, Code> = BTreeMap::new();
    for example in examples {
        codes
            .entry(&example.code)
            // The first example of a code names it and says its class.
            .or_insert_with(|| Code {
                code: example.code.clone(),
                name: example
                    .code_name
                    .clone()
                    .unwrap_or_else(|| example.name.clone()),
                class: example.class.unwrap_or(CodeClass::Unknown),
                examples: Vec::new(),
                operations: Vec::new(),
            })
            .examples
            .push(example.clone());
    }
    for operation in operations {
        for failure in &operation.failures {
            if let Some(code) = codes.get_mut(failure.code.as_str())
                && !code.operations.contains(&operation.id)
            {
                code.operations.push(operation.id.clone());
            }
        }
    }
    codes.into_values().collect()
}
