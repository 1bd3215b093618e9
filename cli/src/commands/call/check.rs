//! A request against the description, before anything is sent.

use konaplate::Operation;
use konaplate::protocol::shown_name;
use konaplate_sandbox::{RequestFault, faults_of_request};
use serde_json::Value;

use crate::catalogue::spec;
use crate::failure::Failure;

/// All faults of a request: those of arguments that could not be read, and those of the body.
pub(super) fn check(
    operation: Option<&'static Operation>,
    body: &Value,
    mut faults: Vec<RequestFault>,
) -> Result<(), Failure> {
    if let Some(operation) = operation {
        let unread = faults.len();
        for fault in faults_of_request(operation, body) {
            // An argument that could not be read is not missing.
            let is_told = |told: &RequestFault| {
                told.field == fault.field
                    || told.field.starts_with(&format!("{}.", fault.field))
                    || told.field.starts_with(&format!("{}[", fault.field))
            };
            if !faults[..unread].iter().any(is_told) {
                faults.push(fault);
            }
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    let lines = faults.iter().map(|RequestFault { field, rule }| {
        let field = if field.is_empty() { "body" } else { field };
        format!("\n  {field}: {rule}")
    });
    let count = match faults.len() {
        1 => "1 fault".to_owned(),
        count => format!("{count} faults"),
    };
    let cause = format!(
        "{count} in the request, which was not sent:{}",
        lines.collect::<String>()
    );
    let next = operation.map_or_else(
        || "konaplate call --help shows how fields are written".to_owned(),
        |operation| format!("konaplate show {} says what it takes", operation.id()),
    );
    Err(Failure::bad_input(cause).next(next))
}

/// Names of the request's fields that the description does not have, as far as they can be shown.
pub(super) fn undescribed(schema: &str, body: &Value) -> Vec<String> {
    let schema = spec().schema(schema);
    let mut names = Vec::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let Some(field) = schema.field(name) else {
            names.push(shown_name(name).to_owned());
            continue;
        };
        let Some(inner) = field.shape.object() else {
            continue;
        };
        let items = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        for item in items {
            let below = undescribed(inner, item);
            names.extend(below.iter().map(|below| format!("{name}.{below}")));
        }
    }
    names.dedup();
    names
}
