//! The fields of a request of the control API, and of an entry of a plan.

use serde_json::{Map, Value, json};

use crate::problem::Problem;
use konaplate::protocol::strict_object;

/// The fields of a request, each to be taken once.
#[derive(Debug, Default)]
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        strict_object(body).map(Self).map_err(|why| {
            let rule = format!("must be a JSON object in UTF-8: {why}");
            Problem::new("body", rule)
        })
    }

    pub(crate) fn of_object(object: Map<String, Value>) -> Self {
        Self(object)
    }

    /// Of a query every value is text, or a whole number.
    pub(crate) fn of_query(query: &str) -> Self {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let fields = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = value
                .parse::<u64>()
                .map_or_else(|_| json!(value), |number| json!(number));
            (name.to_owned(), value)
        });
        Self(fields.collect())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn take(&mut self, name: &str) -> Result<Value, Problem> {
        self.0
            .remove(name)
            .ok_or_else(|| Problem::new(name, "is required"))
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<String, Problem> {
        match self.take(name)? {
            Value::String(text) => Ok(text),
            _ => Err(Problem::new(name, "must be text")),
        }
    }

    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        self.take(name)?
            .as_bool()
            .ok_or_else(|| Problem::new(name, "must be true or false"))
    }

    pub(crate) fn whole(&mut self, name: &str) -> Result<u64, Problem> {
        self.take(name)?
            .as_u64()
            .ok_or_else(|| Problem::new(name, "must be a whole number that is not negative"))
    }

    pub(crate) fn find_whole(&mut self, name: &str) -> Result<Option<u64>, Problem> {
        match self.has(name) {
            true => self.whole(name).map(Some),
            false => Ok(None),
        }
    }

    /// All of them, of a request whose fields are not told apart here.
    pub(crate) fn all(self) -> Map<String, Value> {
        self.0
    }

    /// Nothing may be left: a misspelt field would else be lost.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.0.keys().next() {
            Some(name) => Err(Problem::new(name, "is not a field of this request")),
            None => Ok(()),
        }
    }
}
