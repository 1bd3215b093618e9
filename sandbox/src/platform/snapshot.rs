//! The whole state with its clock, to be kept and loaded again.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::platform::clock;
use crate::platform::storage::FORMAT;
use crate::problem::Problem;
use crate::state::{Broken, State};

/// State and clock of a sandbox at one moment.
///
/// It is JSON, of a format that is this version's own: to be kept beside a test, not to be written
/// by hand. It holds everything that the sandbox knows, card numbers among it; `Debug` shows
/// nothing of it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use konaplate_sandbox::{Sandbox, Snapshot};
///
/// let sandbox = Sandbox::start().await?;
/// let before = sandbox.snapshot().to_json();
/// // ... a test that moves money ...
/// sandbox.load(&Snapshot::from_json(&before)?)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Snapshot(Value);

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}

impl Snapshot {
    pub(crate) fn of(state: &State, clock: clock::Setting) -> Self {
        let mut json = state.dump();
        json["format"] = json!(FORMAT);
        json["clock"] = json!(clock);
        Self(json)
    }

    /// Reads a snapshot as [`Snapshot::to_json`] wrote it.
    ///
    /// # Errors
    /// It is not a JSON object.
    pub fn from_json(json: &str) -> Result<Self, Problem> {
        serde_json::from_str(json)
            .ok()
            .filter(Value::is_object)
            .map(Self)
            .ok_or_else(|| Problem::new("snapshot", "must be a JSON object in UTF-8"))
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.0.to_string()
    }

    pub(crate) fn from_fields(fields: Map<String, Value>) -> Self {
        Self(Value::Object(fields))
    }

    pub(crate) fn json(&self) -> &Value {
        &self.0
    }

    /// The state that it holds, all rows of it counting as changed, and the clock.
    pub(crate) fn restore(&self) -> Result<(State, clock::Setting), Problem> {
        if self.0["format"] != json!(FORMAT) {
            return Err(Problem::new(
                "format",
                format!("must be {FORMAT}: another version of the sandbox took the snapshot"),
            ));
        }
        let clock: clock::Setting = read(&self.0, "clock")?;
        if !clock.is_possible() {
            return Err(Problem::new(
                "clock",
                "must be in the years from 2000 to 2099",
            ));
        }
        let numbers = read(&self.0, "numbers")?;
        let tables: Map<String, Value> = read(&self.0, "tables")?;
        let mut rows = Vec::new();
        for (name, table) in tables {
            let pairs: Vec<(Value, Value)> = serde_json::from_value(table)
                .map_err(|_| Problem::new("tables", "must be lists of pairs, of key and row"))?;
            let table = pairs
                .into_iter()
                .map(|(key, row)| (name.clone(), key.to_string(), row.to_string()));
            rows.extend(table);
        }
        let mut state =
            State::restored(numbers, rows).map_err(|Broken(rule)| Problem::new("tables", rule))?;
        state.mark_all_changed();
        Ok((state, clock))
    }
}

fn read<T: serde::de::DeserializeOwned>(json: &Value, field: &str) -> Result<T, Problem> {
    serde_json::from_value(json[field].clone())
        .map_err(|_| Problem::new(field, "must be as a snapshot has it"))
}
