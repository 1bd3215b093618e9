//! What drift gets to see of a description.
//!
//! It reads documents with openapiv3, whose bounds of integers are signed: the maximum of a member
//! id, 9999999999999999999, would make the schema one of no type at all. Such bounds are clamped in
//! both documents; [`super::schemas`] compares the real ones.
//!
//! It also panics where one side has a media type that the other lacks. Such an operation is left
//! out of both views, and is breaking.

use konaplate_codegen::Description;
use serde_json::Value;

use super::{Change, Changes, Class};

/// Both documents, as drift can compare them.
pub(super) fn views(changes: &mut Changes, old: &Description, new: &Description) -> (Value, Value) {
    let (mut old_view, mut new_view) = (clamped(old.as_value()), clamped(new.as_value()));
    for (path, item) in paths(old.as_value()) {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let Some(other) = new.as_value()["paths"][path].get(method) else {
                continue;
            };
            if !bodies_are_comparable(&(old, operation), &(new, other)) {
                changes.0.insert(Change {
                    class: Class::Breaking,
                    place: format!("{} {path}", method.to_ascii_uppercase()),
                    text: "a body has other media types, or a schema where there was none"
                        .to_owned(),
                });
                for view in [&mut old_view, &mut new_view] {
                    if let Some(item) = view["paths"][path].as_object_mut() {
                        item.remove(method);
                    }
                }
            }
        }
    }
    (old_view, new_view)
}

fn paths(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document["paths"].as_object().into_iter().flatten()
}

fn clamped(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, member)| {
                let bound = matches!(key.as_str(), "minimum" | "maximum");
                let member = match member.as_u64() {
                    Some(number) if bound => Value::from(i64::try_from(number).unwrap_or(i64::MAX)),
                    _ => clamped(member),
                };
                (key.clone(), member)
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(clamped).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

type Side<'d> = (&'d Description, &'d Value);

fn bodies_are_comparable(old: &Side<'_>, new: &Side<'_>) -> bool {
    let responses = |(_, operation): &Side<'_>| -> Vec<String> {
        let map = operation["responses"].as_object();
        map.into_iter()
            .flatten()
            .map(|(status, _)| status.clone())
            .collect()
    };
    let mut both = vec!["/requestBody".to_owned()];
    let of_new = responses(new);
    both.extend(
        responses(old)
            .into_iter()
            .filter(|status| of_new.contains(status))
            .map(|status| format!("/responses/{status}")),
    );
    both.iter().all(|pointer| {
        match (media(old, pointer), media(new, pointer)) {
            (Some(old), Some(new)) => old == new,
            // A body that comes or goes is one of drift's own findings.
            _ => true,
        }
    })
}

/// The media types of a body, and whether each has a schema.
fn media((description, operation): &Side<'_>, pointer: &str) -> Option<Vec<(String, bool)>> {
    let body = description.resolve(operation.pointer(pointer)?).ok()?;
    let content = body.get("content").and_then(Value::as_object);
    let mut media: Vec<_> = content
        .into_iter()
        .flatten()
        .map(|(kind, media)| (kind.clone(), media.get("schema").is_some()))
        .collect();
    media.sort();
    Some(media)
}
