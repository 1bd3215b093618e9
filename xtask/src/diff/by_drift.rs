//! Lets drift compare the documents, and puts its findings into this project's classes.

use drift::{ChangeClass, ChangeDetails, ChangeInfo, JsonPathStack};
use konaplate_codegen::Description;

use super::view::views;
use super::{Changes, Class};

/// What drift notices and cannot judge, and [`super::schemas`] does, of a named schema.
const JUDGED_HERE: [&str; 5] = [
    "integer schema changed",
    "object additionalProperties changed",
    "object properties changed",
    "object required properties changed",
    "string schema changed",
];

pub(super) fn compare(
    changes: &mut Changes,
    old: &Description,
    new: &Description,
) -> anyhow::Result<()> {
    let (old, new) = views(changes, old, new);
    for change in drift::compare(&old, &new)? {
        // All paths lead to the same place; they differ in the operation that they came from.
        let Some(path) = change.paths.first() else {
            continue;
        };
        let same = base(&path.old) == base(&path.new);
        for info in change.changes {
            let own_schema = same && base(&path.new).starts_with("#/components/schemas/");
            if own_schema
                && info.class == ChangeClass::Unhandled
                && info.new_subpath.is_empty()
                && JUDGED_HERE.contains(&info.message.as_str())
            {
                continue;
            }
            let place = if info.details == ChangeDetails::Removed {
                place(base(&path.old), &info.old_subpath)
            } else {
                place(base(&path.new), &info.new_subpath)
            };
            changes.add(class(&info), place, text(&info));
        }
    }
    Ok(())
}

fn class(info: &ChangeInfo) -> Class {
    match info.class {
        ChangeClass::BackwardIncompatible | ChangeClass::Incompatible | ChangeClass::Unhandled => {
            Class::Breaking
        }
        ChangeClass::ForwardIncompatible => Class::Compatible,
        ChangeClass::Trivial => Class::Trivial,
    }
}

fn text(info: &ChangeInfo) -> String {
    match info.class {
        ChangeClass::Unhandled => format!(
            "{}; taken as breaking, since drift cannot tell",
            info.message
        ),
        _ => info.message.clone(),
    }
}

fn base(path: &JsonPathStack) -> &str {
    path.base_and_subpath().0
}

/// `#/components/schemas/UserId` → `schema UserId`, `#/paths/~1a~1b/post` → `POST /a/b`.
fn place(base: &str, subpath: &str) -> String {
    let base = match base.strip_prefix("#/components/schemas/") {
        Some(name) => format!("schema {name}"),
        None => match base
            .strip_prefix("#/paths/")
            .and_then(|rest| rest.split_once('/'))
        {
            Some((path, method)) => format!("{} {}", method.to_ascii_uppercase(), plain(path)),
            None => base.trim_start_matches("#/").to_owned(),
        },
    };
    if subpath.is_empty() {
        base
    } else {
        format!("{base} {}", plain(subpath).replace("properties/", ""))
    }
}

fn plain(pointer: &str) -> String {
    pointer.replace("~1", "/").replace("~0", "~")
}
