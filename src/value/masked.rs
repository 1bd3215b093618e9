//! Values that are never printed.
//!
//! Card numbers, dynamic CVVs, one-time tokens, names, phone numbers and PARs are [`Masked`]:
//! `Debug` and `Display` show what kind of value it is and nothing of it. A value leaves its type
//! in two ways: by `expose`, so that every such place can be found by that word, and by
//! serialising, which is how it gets into a request. [`MaskedJson`] does the same for JSON that
//! nobody described.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::text::{SensitiveRule, text_like};

/// A string with a rule that is never printed.
///
/// ```
/// use konaplate::types::CardNumber;
///
/// let card: CardNumber = "9491339401250765".try_into()?;
/// assert_eq!(format!("{card:?}"), "[card-number]");
/// assert_eq!(card.expose(), "9491339401250765");
///
/// let error = CardNumber::try_from("949133940125076").unwrap_err();
/// assert_eq!(error.to_string(), "must have exactly 16 characters, and has 15");
/// # Ok::<(), konaplate::Violation>(())
/// ```
///
/// The value leaves by [`expose`](Self::expose), and by serialising, which is how it gets into a
/// request. Where it goes from a response into a request neither is needed: setters take a
/// reference to it.
pub struct Masked<R> {
    value: String,
    rule: PhantomData<fn() -> R>,
}

impl<R: SensitiveRule> Masked<R> {
    /// The value.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.value
    }
}

impl<R: SensitiveRule> fmt::Debug for Masked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", R::KIND)
    }
}

impl<R: SensitiveRule> fmt::Display for Masked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

text_like!(Masked, SensitiveRule);

/// JSON that the description does not know: an extra field, or the response of a raw call.
///
/// `Debug` shows its kind and size only. The JSON leaves by [`expose`](Self::expose), and by
/// serialising.
///
/// ```
/// use konaplate::types::MaskedJson;
///
/// let json = MaskedJson::from(serde_json::json!({"cardNo": "9491339401250765"}));
/// assert_eq!(format!("{json:?}"), "[object of 1]");
/// assert_eq!(json.expose()["cardNo"], "9491339401250765");
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaskedJson(Value);

impl MaskedJson {
    /// The JSON.
    #[must_use]
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl<V: Into<Value>> From<V> for MaskedJson {
    fn from(value: V) -> Self {
        Self(value.into())
    }
}

impl fmt::Debug for MaskedJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Value::Null => f.write_str("[null]"),
            Value::Bool(_) => f.write_str("[boolean]"),
            Value::Number(_) => f.write_str("[number]"),
            Value::String(text) => write!(f, "[text of {}]", text.chars().count()),
            Value::Array(items) => write!(f, "[list of {}]", items.len()),
            Value::Object(members) => write!(f, "[object of {}]", members.len()),
        }
    }
}

/// Fields that the description does not know, by name.
///
/// `Debug` shows how many they are, and nothing of them: a name that nobody described can be anything.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extra(BTreeMap<String, MaskedJson>);

impl Extra {
    /// Adds a field, or replaces one.
    pub fn insert(&mut self, name: String, value: MaskedJson) -> Option<MaskedJson> {
        self.0.insert(name, value)
    }
}

impl Deref for Extra {
    type Target = BTreeMap<String, MaskedJson>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<BTreeMap<String, MaskedJson>> for Extra {
    fn from(fields: BTreeMap<String, MaskedJson>) -> Self {
        Self(fields)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} more]", self.0.len())
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Extra {
    fn schema_name() -> String {
        "Extra".to_owned()
    }

    fn is_referenceable() -> bool {
        false
    }

    fn json_schema(generator: &mut schemars::r#gen::SchemaGenerator) -> schemars::schema::Schema {
        BTreeMap::<String, MaskedJson>::json_schema(generator)
    }
}

/// Bytes as they came, of which nothing is known.
///
/// `Debug` shows how many they are. They leave by [`expose`](Self::expose).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct MaskedBytes(Vec<u8>);

impl MaskedBytes {
    /// The bytes.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for MaskedBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for MaskedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[bytes: {}]", self.0.len())
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for MaskedJson {
    fn schema_name() -> String {
        "MaskedJson".to_owned()
    }

    fn json_schema(generator: &mut schemars::r#gen::SchemaGenerator) -> schemars::schema::Schema {
        Value::json_schema(generator)
    }
}
