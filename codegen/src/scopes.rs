//! What generation cannot make Rust of, said in terms of the description.
//!
//! Every name that is generated stands in a scope, beside other generated names and beside what is
//! written by hand there. [`problems`] finds the names that Rust would not take, and the shapes for
//! which the generated code would not compile; [`generate`](crate::generate::generate) makes nothing
//! of a description that has any.

mod reserved;
mod shapes;

use std::collections::BTreeMap;

use konaplate_spec::{Kind, Operation, Schema, Side, Spec};

use crate::names::{field, folded, is_identifier, later, pascal, snake};
use crate::rust_view::has_own_type;

pub use reserved::{
    CALL, CLIENT, CODES, GROUP_MODULE, MODULES, OBJECT, PART, PRELUDE, TYPES, VALUES_OF_ENUM,
};

/// What is wrong with one place of the description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place, such as `schemas/UserId` or an operation's id.
    pub place: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub hint: &'static str,
}

/// A name that is generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// What it has to be alone in, such as `konaplate::types`.
    pub scope: String,
    /// The name in Rust.
    pub rust: String,
    /// What it is made of.
    pub described: String,
    /// Where that stands in the description.
    pub place: String,
    /// What the scope has beside it, written by hand.
    reserved: &'static [&'static [&'static str]],
    /// What to do if it cannot have that name.
    hint: &'static str,
}

/// Everything that generation would stumble over.
#[must_use]
pub fn problems(spec: &Spec) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut taken: BTreeMap<(String, String), Name> = BTreeMap::new();
    for name in names(spec) {
        let problem = |problem: String| Problem {
            place: name.place.clone(),
            problem,
            hint: name.hint,
        };
        let (described, rust, scope) = (&name.described, &name.rust, &name.scope);
        if !is_identifier(rust) {
            problems.push(problem(format!(
                "{described:?} would be called {rust:?} in {scope}, which is no name in Rust"
            )));
        } else if name.reserved.iter().any(|names| names.contains(&&**rust)) {
            problems.push(problem(format!(
                "{described:?} would be called {rust} in {scope}, which has something of that name"
            )));
        }
        let key = (name.scope.clone(), folded(&name.rust));
        if let Some(other) = taken.get(&key) {
            problems.push(problem(format!(
                "{described:?} and {:?} of {} would be called {rust} and {} in {scope}: no name may be \
                 that of another but for capitals and punctuation",
                other.described, other.place, other.rust
            )));
        } else {
            taken.insert(key, name);
        }
    }
    for schema in spec.schemas().iter().filter(|schema| is_used(spec, schema)) {
        let name = &schema.name;
        let called = pascal(name);
        if called != *name {
            problems.push(Problem {
                place: format!("schemas/{name}"),
                problem: format!("a type of it would be called {called}"),
                hint: "write the name as clients do: capitals at the beginnings of words only, as in AtmCard",
            });
        }
    }
    for operation in spec.operations() {
        let called = field(&operation.id);
        if called != operation.id {
            problems.push(Problem {
                place: operation.id.clone(),
                problem: format!("a method of it would be called {called}"),
                hint: "a verb and a noun in snake case, with one underscore between two words",
            });
        }
    }
    problems.extend(shapes::problems(spec));
    problems
}

/// Every name that generation makes of the description's own.
#[must_use]
pub fn names(spec: &Spec) -> Vec<Name> {
    let mut names = Vec::new();
    groups(&mut names, spec);
    schemas(&mut names, spec);
    let code_places = spec.codes().iter().map(|code| {
        let first = code.examples.first().map(|example| example.name.as_str());
        (code, first.unwrap_or(&code.name))
    });
    for (code, example) in code_places {
        names.push(Name {
            scope: "konaplate::ErrorCode".to_owned(),
            rust: code.name.clone(),
            described: code.name.clone(),
            place: format!("examples/{example}"),
            reserved: &[CODES],
            hint: "rename the entry, or name the code in x-konaplate-code-name",
        });
    }
    names
}

/// Modules, the methods of the client, and the types of its calls with their setters.
fn groups(names: &mut Vec<Name>, spec: &Spec) {
    for group in spec.groups() {
        names.push(Name {
            scope: "konaplate".to_owned(),
            rust: snake(&group.name),
            described: group.name.clone(),
            place: format!("tags/{}", group.name),
            reserved: &[MODULES],
            hint: "a group is a module of the client: give it another name",
        });
    }
    let mut inquiries = Vec::new();
    for operation in spec.operations() {
        let in_client = |rust: String| Name {
            scope: "konaplate::Client".to_owned(),
            rust,
            described: operation.id.clone(),
            place: operation.id.clone(),
            reserved: &[CLIENT],
            hint: "an operation is a method of the client: give it another operationId",
        };
        names.push(in_client(operation.id.clone()));
        let inquiry = operation.outcome.as_ref().and_then(|o| o.inquiry.as_ref());
        if let Some(inquiry) = inquiry
            && !inquiries.contains(&&inquiry.operation)
        {
            inquiries.push(&inquiry.operation);
            names.push(Name {
                described: inquiry.operation.clone(),
                place: inquiry.operation.clone(),
                ..in_client(later(&inquiry.operation))
            });
        }
        call(names, spec, operation);
    }
}

fn call(names: &mut Vec<Name>, spec: &Spec, operation: &Operation) {
    let builder = pascal(&operation.id);
    let module = snake(&operation.group);
    names.push(Name {
        scope: format!("konaplate::{module}"),
        rust: builder.clone(),
        described: operation.id.clone(),
        place: operation.id.clone(),
        reserved: &[PRELUDE, GROUP_MODULE],
        hint: "an operation is a type of its group's module: give it another operationId",
    });
    let Some(request) = spec.find_schema(&operation.request.schema) else {
        return;
    };
    for f in request.fields() {
        names.push(Name {
            scope: format!("konaplate::{module}::{builder}"),
            rust: field(&f.name),
            described: f.name.clone(),
            place: format!("schemas/{}.{}", request.name, f.name),
            reserved: &[OBJECT, CALL],
            hint: FIELD,
        });
    }
}

const FIELD: &str = "the vendor names fields, so this one needs a way to rename it in codegen; until then \
    leave it out, and the object incomplete";

/// Types, their fields, and the values of enums.
fn schemas(names: &mut Vec<Name>, spec: &Spec) {
    for schema in spec.schemas().iter().filter(|schema| is_used(spec, schema)) {
        let place = format!("schemas/{}", schema.name);
        let shares_a_type = match &schema.kind {
            Kind::Enum(words) => words.open_form.is_some(),
            Kind::Object(_) => !has_own_type(schema),
            Kind::Text(_) | Kind::Integer(_) => false,
        };
        if !shares_a_type {
            names.push(Name {
                scope: "konaplate::types".to_owned(),
                rust: schema.name.clone(),
                described: schema.name.clone(),
                place: place.clone(),
                reserved: &[PRELUDE, TYPES],
                hint: "a schema is a type of the client: give it another name",
            });
        }
        let scope = format!("konaplate::types::{}", schema.name);
        for f in schema.fields() {
            let reserved: &[_] = if spec.reaches(Side::Request, &schema.name) {
                &[OBJECT, PART]
            } else {
                &[OBJECT]
            };
            names.push(Name {
                scope: scope.clone(),
                rust: field(&f.name),
                described: f.name.clone(),
                place: format!("{place}.{}", f.name),
                reserved,
                hint: FIELD,
            });
        }
        if let Kind::Enum(words) = &schema.kind {
            for value in &words.values {
                names.push(Name {
                    scope: scope.clone(),
                    rust: value.name.clone().unwrap_or_else(|| pascal(&value.word)),
                    described: value.word.clone(),
                    place: place.clone(),
                    reserved: &[VALUES_OF_ENUM],
                    hint: "give all values names for clients in x-enum-varnames, in the order of the enum",
                });
            }
        }
    }
}

/// Whether a type is made of the schema.
fn is_used(spec: &Spec, schema: &Schema) -> bool {
    [Side::Request, Side::Response]
        .iter()
        .any(|side| spec.reaches(*side, &schema.name))
}
