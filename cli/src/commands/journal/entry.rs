//! An entry as it is shown.

use std::time::SystemTime;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use jiff::{Timestamp, Unit};
use konaplate::Operation;
use konaplate_journal::{Entry, Page, Said, Unreadable};
use serde_json::{Value, json};

use crate::context::Context;
use crate::failure::Failure;

/// What is shown in place of a path: anything can be in it.
const UNKNOWN: &str = "(a path that the description does not know)";

pub(super) fn operation(entry: &Entry) -> &str {
    Operation::find(&entry.operation).map_or(UNKNOWN, Operation::id)
}

/// What was said, in words of which none is the path of the call, and none does something to a terminal.
pub(super) fn detail(entry: &Entry, detail: Option<&str>) -> Option<String> {
    let text = detail?;
    let is_known = Operation::find(&entry.operation).is_some();
    Some(if is_known {
        plain(text)
    } else {
        plain(&text.replace(&entry.operation, UNKNOWN))
    })
}

/// A text without characters that do something to a terminal.
pub(super) fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// A time, to the millisecond.
pub(super) fn time(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(|_| "?".to_owned(), |time| time.to_string())
}

/// A time for people, to the second.
pub(super) fn seconds(time: SystemTime) -> String {
    let time = Timestamp::try_from(time).and_then(|time| time.round(Unit::Second));
    time.map_or_else(|_| "?".to_owned(), |time| time.to_string())
}

/// Since when an entry is what it is: an open one since its call was about to be sent.
pub(super) fn since(entry: &Entry) -> SystemTime {
    entry.settled_at.unwrap_or(entry.intended_at)
}

/// Whose word, and which.
pub(super) fn known(entry: &Entry) -> String {
    let source = entry.source.as_str();
    match detail(entry, entry.detail.as_deref()) {
        Some(detail) => format!("{source}: {detail}"),
        None if entry.ended_at.is_none() && source == "none" => "nothing was said yet".to_owned(),
        None => source.to_owned(),
    }
}

pub(super) fn entry_json(entry: &Entry) -> Value {
    json!({
        "correlationId": entry.correlation_id,
        "operation": Operation::find(&entry.operation).map(Operation::id),
        "sequenceId": entry.sequence_id,
        "state": entry.state.as_str(),
        "source": entry.source.as_str(),
        "detail": detail(entry, entry.detail.as_deref()),
        "since": time(since(entry)),
        "sentAt": time(entry.intended_at),
        "endedAt": entry.ended_at.map(time),
        "contradicted": entry.contradicted,
        "baseUrl": entry.base_url,
        "aspId": entry.asp_id,
    })
}

pub(super) fn said_json(entry: &Entry, said: &Said) -> Value {
    json!({
        "at": time(said.at),
        "source": said.source.as_str(),
        "state": said.state.as_str(),
        "detail": detail(entry, said.detail.as_deref()),
    })
}

pub(super) fn unreadable_json(unreadable: &[Unreadable]) -> Value {
    let shown = unreadable
        .iter()
        .map(|entry| json!({"correlationId": entry.correlation_id, "reason": entry.reason}));
    Value::Array(shown.collect())
}

/// A table without lines.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(header.iter().copied());
    table
}

/// Entries for people.
pub(super) fn entries_table(entries: &[Entry]) -> Table {
    let mut table = table(&[
        "correlation id",
        "operation",
        "sequence id",
        "state",
        "since",
        "project",
        "known",
    ]);
    for entry in entries {
        table.add_row([
            plain(&entry.correlation_id),
            operation(entry).to_owned(),
            plain(entry.sequence_id.as_deref().unwrap_or("-")),
            entry.state.to_string(),
            seconds(since(entry)),
            plain(&entry.asp_id),
            known(entry),
        ]);
    }
    table
}

/// What of a page could not be read, and how to go on, for people.
pub(super) fn rest(context: &Context, page: &Page, command: &str) -> Result<(), Failure> {
    unreadable(context, &page.unreadable)?;
    if let Some(next) = page.next {
        let more = format!("\nthere is more: konaplate journal {command} --after {next}");
        context.output.text(&more)?;
    }
    Ok(())
}

/// What could not be read, for people.
pub(super) fn unreadable(context: &Context, unreadable: &[Unreadable]) -> Result<(), Failure> {
    for entry in unreadable {
        let id = entry.correlation_id.as_deref().unwrap_or("an entry");
        let line = format!("{} cannot be read: {}", plain(id), plain(&entry.reason));
        context.output.text(&line)?;
    }
    Ok(())
}
