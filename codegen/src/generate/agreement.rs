//! That progenitor's types have the names by which the code beside them calls them.

use std::collections::BTreeSet;

use konaplate_spec::{Error, Spec};

use super::edits::types;
use crate::names::field;
use crate::rust_view::{keeps_unknown_fields, objects};

/// Compares each object's struct with the description.
///
/// # Errors
/// An object has no struct, or a field of it has another name there.
pub(super) fn check(file: &mut syn::File, spec: &Spec) -> Result<(), Error> {
    let items = types(file).map_or(&[][..], |items| items);
    for object in objects(spec) {
        let place = format!("schemas/{}", object.name);
        let found = items.iter().find_map(|item| match item {
            syn::Item::Struct(item) if item.ident == object.name => Some(item),
            _ => None,
        });
        let Some(found) = found else {
            return Err(Error::new(place, "progenitor makes no struct of that name"));
        };
        let idents = found.fields.iter().filter_map(|field| field.ident.as_ref());
        let found: BTreeSet<_> = idents.map(ToString::to_string).collect();
        let mut expected: BTreeSet<_> = object.fields().iter().map(|f| field(&f.name)).collect();
        if keeps_unknown_fields(spec, object) {
            expected.insert("extra".to_owned());
        }
        if found != expected {
            let differing: Vec<_> = found.symmetric_difference(&expected).cloned().collect();
            let problem = format!(
                "progenitor names fields otherwise: {}",
                differing.join(", ")
            );
            return Err(Error::new(place, problem));
        }
    }
    Ok(())
}
