//! Reading a YAML document: the only place that looks up keys.

use crate::error::Error;
use crate::tree::Tree;

/// A value of the document, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node<'d> {
    place: String,
    value: &'d Tree,
}

impl<'d> Node<'d> {
    /// The value at that place.
    #[must_use]
    pub(crate) fn new(place: impl Into<String>, value: &'d Tree) -> Self {
        Self {
            place: place.into(),
            value,
        }
    }

    /// The value itself.
    #[must_use]
    pub(crate) fn value(&self) -> &'d Tree {
        self.value
    }

    /// An error about this place.
    #[must_use]
    pub(crate) fn error(&self, problem: impl Into<String>) -> Error {
        Error::new(self.place.clone(), problem)
    }

    /// The member of that name.
    #[must_use]
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self::new(format!("{}.{key}", self.place), value))
    }

    /// The member of that name.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn need(&self, key: &str) -> Result<Self, Error> {
        self.get(key)
            .ok_or_else(|| self.error(format!("{key} is missing")))
    }

    /// The value as text.
    ///
    /// # Errors
    /// It is not.
    pub(crate) fn as_text(&self) -> Result<&'d str, Error> {
        self.value.text().ok_or_else(|| self.error("is no text"))
    }

    /// The text of a member that may be missing.
    ///
    /// # Errors
    /// It is not text.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&'d str>, Error> {
        self.get(key).map(|member| member.as_text()).transpose()
    }

    /// The text of a member.
    ///
    /// # Errors
    /// It is missing, or is not text.
    pub(crate) fn need_text(&self, key: &str) -> Result<&'d str, Error> {
        self.need(key)?.as_text()
    }

    /// The whole number of a member that may be missing.
    ///
    /// # Errors
    /// It is not a whole number from 0.
    pub(crate) fn number(&self, key: &str) -> Result<Option<u64>, Error> {
        self.get(key)
            .map(|member| {
                match member.value {
                    Tree::Number(number) => number.as_u64(),
                    _ => None,
                }
                .ok_or_else(|| member.error("is no whole number"))
            })
            .transpose()
    }

    /// The flag of a member that may be missing.
    ///
    /// # Errors
    /// It is neither true nor false.
    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, Error> {
        self.get(key)
            .map(|member| match member.value {
                Tree::Flag(flag) => Ok(*flag),
                _ => Err(member.error("is neither true nor false")),
            })
            .transpose()
    }

    /// The member's word, as a value of an enum.
    ///
    /// # Errors
    /// It is none of the enum's words.
    pub(crate) fn word<T>(
        &self,
        key: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        self.text(key)?
            .map(|word| {
                read(word).ok_or_else(|| self.error(format!("{key}: {word} is not a known word")))
            })
            .transpose()
    }

    /// The members of a mapping, none where the member is missing.
    ///
    /// # Errors
    /// It is no mapping.
    pub(crate) fn entries(&self, key: &str) -> Result<Vec<(&'d str, Self)>, Error> {
        let Some(member) = self.get(key) else {
            return Ok(Vec::new());
        };
        let Tree::Object(members) = member.value else {
            return Err(member.error("is no mapping"));
        };
        Ok(members
            .iter()
            .map(|(name, value)| {
                let place = format!("{}.{name}", member.place);
                (name.as_str(), Self::new(place, value))
            })
            .collect())
    }

    /// The items of a list, none where the member is missing.
    ///
    /// # Errors
    /// It is no list.
    pub(crate) fn items(&self, key: &str) -> Result<Vec<Self>, Error> {
        let Some(member) = self.get(key) else {
            return Ok(Vec::new());
        };
        let Tree::List(items) = member.value else {
            return Err(member.error("is no list"));
        };
        Ok(items
            .iter()
            .enumerate()
            .map(|(index, value)| Self::new(format!("{}.{index}", member.place), value))
            .collect())
    }

    /// The texts of a list, none where the member is missing.
    ///
    /// # Errors
    /// It is no list of texts.
    pub(crate) fn texts(&self, key: &str) -> Result<Vec<String>, Error> {
        self.items(key)?
            .iter()
            .map(|item| item.as_text().map(str::to_owned))
            .collect()
    }

    /// The last part of a reference: `#/components/schemas/UserId` → `UserId`.
    #[must_use]
    pub(crate) fn ref_name(&self) -> Option<&'d str> {
        self.value.get("$ref")?.text()?.rsplit('/').next()
    }

    /// The schema that a property points to, directly or through `allOf: [{$ref: …}]`, which is how
    /// OpenAPI 3.0 puts a description beside a reference.
    #[must_use]
    pub(crate) fn property_ref(&self) -> Option<&'d str> {
        self.ref_name()
            .or_else(|| match self.value.get("allOf")?.items() {
                [only] => only.get("$ref")?.text()?.rsplit('/').next(),
                _ => None,
            })
    }
}
