//! What the calls settle, and what they do not.

use serde_json::{Value, json};

/// A point that the description and the README call not certain.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    /// A short name for programs.
    pub(super) name: &'static str,
    /// The point, in words.
    pub(super) point: &'static str,
    /// What it is; none where the responses do not tell.
    pub(super) settled: Option<String>,
    /// Why it is not settled, or what there is to say beside.
    pub(super) note: String,
    /// The calls that it stands on.
    pub(super) calls: Vec<usize>,
    /// The settings of the client that go with it.
    pub(super) setting: Option<&'static str>,
    /// The point as the README's table of certainty has it, if it has.
    pub(super) readme: Option<&'static str>,
}

impl Finding {
    pub(super) fn new(name: &'static str, point: &'static str) -> Self {
        Self {
            name,
            point,
            settled: None,
            note: String::new(),
            calls: Vec::new(),
            setting: None,
            readme: None,
        }
    }

    /// It is so, by these calls.
    pub(super) fn settled(
        mut self,
        what: impl Into<String>,
        calls: impl IntoIterator<Item = usize>,
    ) -> Self {
        self.settled = Some(what.into());
        self.on(calls)
    }

    /// It is not settled, or there is more to say.
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// It stands on these calls.
    pub(super) fn on(mut self, calls: impl IntoIterator<Item = usize>) -> Self {
        self.calls.extend(calls);
        self.calls.sort_unstable();
        self.calls.dedup();
        self
    }

    pub(super) fn setting(mut self, setting: &'static str) -> Self {
        self.setting = Some(setting);
        self
    }

    pub(super) fn readme(mut self, point: &'static str) -> Self {
        self.readme = Some(point);
        self
    }

    /// What there is to say.
    pub(super) fn says(&self) -> String {
        match (&self.settled, self.note.as_str()) {
            (Some(what), "") => what.clone(),
            (Some(what), note) => format!("{what}; {note}"),
            (None, "") => "not settled".to_owned(),
            (None, note) => format!("not settled: {note}"),
        }
    }

    /// The calls, in words.
    pub(super) fn stands_on(&self) -> String {
        let numbers: Vec<_> = self.calls.iter().map(ToString::to_string).collect();
        if numbers.is_empty() {
            "none".to_owned()
        } else {
            numbers.join(", ")
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "point": self.point,
            "settled": self.settled,
            "note": self.note,
            "calls": self.calls,
            "setting": self.setting,
        })
    }
}
