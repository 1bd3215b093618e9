//! Values of a request as they are filled in: the first that breaks a rule is remembered and
//! reported when the call is sent.

use std::borrow::Cow;

use crate::value::{Checked, Violation};

/// A field, as a path such as `addressInfo.zipCode` or `tcList[1].tcId`, and what is wrong with it.
pub(crate) type Fault = (Cow<'static, str>, Violation);

/// What the builders of requests, and of objects in requests, have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checks {
    first: Option<Fault>,
}

/// The builder of an object inside a request.
pub(crate) trait Part {
    /// The object.
    type Object;

    /// The object, or the first fault in it.
    fn finish(self) -> Result<Self::Object, Fault>;
}

/// The setter of a field that holds a single value: a method of a builder with `checks`.
macro_rules! value_setter {
    ($(#[$doc:meta])* $field:ident: $kind:ty = $wire:literal) => {
        $(#[$doc])*
        pub fn $field<V>(mut self, value: V) -> Self
        where
            V: TryInto<$kind>,
            V::Error: Into<$crate::Violation>,
        {
            self.$field = self.checks.accept($wire, value);
            self
        }
    };
}
pub(crate) use value_setter;

impl Checks {
    /// Takes the value of a field if it follows the field's rule, and remembers if it does not.
    pub(crate) fn accept<T, V>(&mut self, field: &'static str, value: V) -> Option<T>
    where
        T: Checked,
        V: TryInto<T>,
        V::Error: Into<Violation>,
    {
        self.keep(checked(value).map_err(|violation| (field.into(), violation)))
    }

    /// Takes a list of values, each of which follows the rule.
    pub(crate) fn accept_list<T, V>(
        &mut self,
        field: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Option<Vec<T>>
    where
        T: Checked,
        V: TryInto<T>,
        V::Error: Into<Violation>,
    {
        let list = values
            .into_iter()
            .enumerate()
            .map(|(index, value)| {
                checked(value).map_err(|violation| (format!("{field}[{index}]").into(), violation))
            })
            .collect();
        self.keep(list)
    }

    /// Takes an object.
    pub(crate) fn accept_part<P: Part>(
        &mut self,
        field: &'static str,
        part: P,
    ) -> Option<P::Object> {
        self.keep(
            part.finish()
                .map_err(|(inner, violation)| (format!("{field}.{inner}").into(), violation)),
        )
    }

    /// Takes a list of objects.
    pub(crate) fn accept_parts<P: Part>(
        &mut self,
        field: &'static str,
        parts: impl IntoIterator<Item = P>,
    ) -> Option<Vec<P::Object>> {
        let list = parts
            .into_iter()
            .enumerate()
            .map(|(index, part)| {
                part.finish().map_err(|(inner, violation)| {
                    (format!("{field}[{index}].{inner}").into(), violation)
                })
            })
            .collect();
        self.keep(list)
    }

    /// Whether an extra field may be added: a described one would stand in the JSON twice.
    pub(crate) fn accept_extra(&mut self, name: &str, described: &[&str]) -> bool {
        let is_new = !described.contains(&name);
        if !is_new {
            let rule = Violation::new("is described, and cannot be added as an extra field");
            self.first
                .get_or_insert_with(|| (name.to_owned().into(), rule));
        }
        is_new
    }

    /// The first field that was given a value against its rule.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        match &self.first {
            Some(fault) => Err(fault.clone()),
            None => Ok(()),
        }
    }

    /// A fault if a required field was not given.
    pub(crate) fn required<T>(&self, field: &'static str, value: Option<T>) -> Result<T, Fault> {
        value.ok_or_else(|| (field.into(), Violation::new("is required")))
    }

    fn keep<T>(&mut self, result: Result<T, Fault>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(fault) => {
                self.first.get_or_insert(fault);
                None
            }
        }
    }
}

fn checked<T, V>(value: V) -> Result<T, Violation>
where
    T: Checked,
    V: TryInto<T>,
    V::Error: Into<Violation>,
{
    let value = value.try_into().map_err(Into::into)?;
    value.check()?;
    Ok(value)
}
