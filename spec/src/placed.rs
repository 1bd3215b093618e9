//! The fields of a body in a row, those of its objects behind a dot.

use crate::operation::Body;
use crate::schema::{Field, Kind, Schema};
use crate::spec::Spec;

/// A field of a body, by its whole name.
#[derive(Debug, Clone)]
pub struct Placed<'s> {
    /// Its name with the objects that it is in: `tcList[].tcId`.
    pub name: String,
    /// The field.
    pub field: &'s Field,
    /// The schema of what it holds; none of a flag.
    pub schema: Option<&'s Schema>,
}

impl Spec {
    /// Every field of a body: an object first, and then what is in it.
    #[must_use]
    pub fn placed(&self, body: &Body) -> Vec<Placed<'_>> {
        let mut found = Vec::new();
        self.place("", self.schema(&body.schema), &mut found);
        found
    }

    fn place<'s>(&'s self, place: &str, schema: &'s Schema, found: &mut Vec<Placed<'s>>) {
        for field in schema.fields() {
            let list = if field.shape.is_list() { "[]" } else { "" };
            let name = format!("{place}{}{list}", field.name);
            let inner = format!("{name}.");
            let schema = field.shape.schema().map(|name| self.schema(name));
            found.push(Placed {
                name,
                field,
                schema,
            });
            if let Some(object) = field.shape.object() {
                self.place(&inner, self.schema(object), found);
            }
        }
    }
}

impl<'s> Placed<'s> {
    /// What kind of sensitive data it holds.
    #[must_use]
    pub fn sensitive(&self) -> Option<&'s str> {
        self.schema?.sensitive.as_deref()
    }

    /// What its values mean, where the description lists them.
    #[must_use]
    pub fn values(&self) -> Vec<(&'s str, &'s str)> {
        let Some(schema) = self.schema else {
            return Vec::new();
        };
        let of_enum = match &schema.kind {
            Kind::Enum(words) => words.values.as_slice(),
            _ => &[],
        };
        of_enum
            .iter()
            .map(|value| (value.word.as_str(), value.meaning.as_str()))
            .chain(
                schema
                    .known_values
                    .iter()
                    .map(|(word, meaning)| (word.as_str(), meaning.as_str())),
            )
            .collect()
    }
}
