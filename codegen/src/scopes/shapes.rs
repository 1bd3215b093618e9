//! Shapes for which the generated code would not compile: objects that hold themselves, and fields
//! that an extension names and that have another type than the code for it expects.

use konaplate_spec::{Field, Kind, Operation, Paging, Schema, Shape, Spec};

use super::Problem;
use crate::rust_view::type_name;

/// The cancellations that the client carries out, each with the payment that it takes back.
const CANCELLATIONS: [(&str, &str); 1] = [("pay_with_token", "network_cancel_payment")];

/// All of them.
pub(super) fn problems(spec: &Spec) -> Vec<Problem> {
    let mut problems = Vec::new();
    for schema in spec.schemas() {
        if holds(spec, schema, &schema.name, &mut Vec::new()) {
            problems.push(Problem {
                place: format!("schemas/{}", schema.name),
                problem: "an object that holds itself".to_owned(),
                hint: "the generated types have no end then: describe the inner one as an object of its own",
            });
        }
    }
    for operation in spec.operations() {
        let mut add = |problem: String, hint| {
            problems.push(Problem {
                place: operation.id.clone(),
                problem,
                hint,
            });
        };
        outcome(&mut add, spec, operation);
        if let Some(paging) = &operation.paging {
            pages(&mut add, spec, operation, paging);
        }
    }
    problems
}

/// Whether an object is reached from itself.
fn holds<'s>(spec: &'s Spec, from: &'s Schema, name: &str, seen: &mut Vec<&'s str>) -> bool {
    from.fields().iter().any(|field| {
        let Some(inner) = field.shape.object() else {
            return false;
        };
        if inner == name {
            return true;
        }
        if seen.contains(&inner) {
            return false;
        }
        seen.push(inner);
        spec.find_schema(inner)
            .is_some_and(|inner| holds(spec, inner, name, seen))
    })
}

/// Takes what is wrong, and what to do about it.
type Add<'a> = dyn FnMut(String, &'static str) + 'a;

fn outcome(add: &mut Add<'_>, spec: &Spec, operation: &Operation) {
    let Some(outcome) = &operation.outcome else {
        return;
    };
    let request = spec.schema(&operation.request.schema);
    let reference = outcome
        .reference
        .as_ref()
        .and_then(|name| request.field(name));
    if let Some(reference) = reference
        && !is_plain_text(spec, reference)
    {
        add(
            format!("its reference {} is no plain text", reference.name),
            "calls are found by a sequence id: a string that is not masked",
        );
    }
    if let Some(cancel) = &outcome.cancel
        && !CANCELLATIONS.contains(&(operation.id.as_str(), cancel.as_str()))
    {
        add(
            format!("its cancellation {cancel} is none that the client carries out"),
            "the client takes back pay_with_token alone; another one is written by hand first",
        );
    }
    for other in outcome
        .inquiry
        .iter()
        .map(|inquiry| &inquiry.operation)
        .chain(&outcome.cancel)
        .chain(&operation.follow_up)
    {
        if spec.operation(other).is_some_and(|other| other.deprecated) {
            add(
                format!("{other}, which it leads to, is deprecated"),
                "generated code would call what clients are warned of: lead to the operation that takes its place",
            );
        }
    }
    let Some(inquiry) = &outcome.inquiry else {
        return;
    };
    let Some(asked) = spec.operation(&inquiry.operation) else {
        return;
    };
    let by = spec.schema(&asked.request.schema).field(&inquiry.by);
    if type_of(spec, by) != type_of(spec, reference) {
        add(
            format!(
                "{} of the inquiry is of another schema than its reference",
                inquiry.by
            ),
            "the inquiry takes the value of the reference: refer to one schema in both",
        );
    }
    let field = spec.schema(&asked.response.schema).field(&inquiry.field);
    let says = field.is_some_and(|field| {
        field.required && matches!(&field.shape, Shape::Value(name) if has_words(spec.schema(name)))
    });
    if !says {
        add(
            format!("{} of the inquiry is no required text", inquiry.field),
            "the outcome is read from a field that is always there: an enum, or a string that is not masked",
        );
    }
}

/// The type of a field, or of what its list holds.
fn type_of<'s>(spec: &'s Spec, field: Option<&'s Field>) -> Option<&'s str> {
    let name = field.and_then(|field| field.shape.schema())?;
    Some(type_name(spec, name))
}

fn is_plain_text(spec: &Spec, field: &Field) -> bool {
    let Shape::Value(name) = &field.shape else {
        return false;
    };
    let schema = spec.schema(name);
    matches!(schema.kind, Kind::Text(_)) && schema.sensitive.is_none()
}

fn has_words(schema: &Schema) -> bool {
    match schema.kind {
        Kind::Enum(_) => true,
        Kind::Text(_) => schema.sensitive.is_none(),
        Kind::Integer(_) | Kind::Object(_) => false,
    }
}

fn pages(add: &mut Add<'_>, spec: &Spec, operation: &Operation, paging: &Paging) {
    let inside = |body: &str, field: &str| {
        let field = spec.schema(body).field(field)?;
        match &field.shape {
            Shape::Object(object) => Some(spec.schema(object)),
            _ => None,
        }
    };
    let mut number = |object: Option<&Schema>, name: &str| {
        let field = object.and_then(|object| object.field(name));
        let is_number = field.is_some_and(|field| {
            !field.required
                && matches!(&field.shape, Shape::Value(name)
                    if matches!(spec.schema(name).kind, Kind::Integer(_)))
        });
        if !is_number {
            add(
                format!("x-konaplate-paging: {name} is no optional number"),
                "pages are counted: an integer that is not required, in an object",
            );
        }
    };
    number(
        inside(&operation.request.schema, &paging.request),
        &paging.page,
    );
    let Some(response) = &paging.response else {
        return;
    };
    // One that was not described comes in the form that it has elsewhere.
    if spec
        .schema(&operation.response.schema)
        .field(response)
        .is_some()
    {
        let page = inside(&operation.response.schema, response);
        for name in paging.response_page.iter().chain(&paging.total_pages) {
            number(page, name);
        }
    }
}
