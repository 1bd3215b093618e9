//! What the journal knows of the calls with a sequence id.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, get};
use jiff::Timestamp;
use konaplate::journal::Project;
use konaplate::{Delivery, Operation};
use konaplate_journal::{self as journal, Entry, Filter, Journal};
use serde_json::{Value, json};

use super::problem::{Problem, Refused};

/// Where it is asked.
pub(super) const PATH: &str = "/outcomes/{sequenceId}";

/// How many correlation ids are shown.
const MOST: usize = 20;

/// The journal, and whose calls are shown of it.
#[derive(Debug)]
pub(super) struct Outcomes {
    pub(super) journal: Journal,
    pub(super) project: Project,
}

impl Outcomes {
    /// What answers at [`PATH`].
    pub(super) fn route<S: Clone>(self) -> MethodRouter<S> {
        get(outcome).fallback(only_get).with_state(Arc::new(self))
    }

    async fn of(&self, sequence_id: &str) -> Result<Value, Refused> {
        let (mut decides, mut ids) = (None::<Entry>, Vec::new());
        let mut filter = Filter::all().sequence_id(sequence_id).of(&self.project);
        loop {
            let page = self.journal.entries(filter.clone()).await;
            let page = page.map_err(|error| unreadable(&error))?;
            if let Some(entry) = page.unreadable.first() {
                return Err(unreadable(&entry.reason));
            }
            for entry in page.entries {
                ids.push(entry.correlation_id.clone());
                // The later of two that weigh the same.
                if decides
                    .as_ref()
                    .is_none_or(|before| weight(before) <= weight(&entry))
                {
                    decides = Some(entry);
                }
            }
            match page.next {
                Some(place) => filter = filter.after(place),
                None => break,
            }
        }
        let entry = decides.ok_or_else(none)?;
        ids.reverse();
        ids.truncate(MOST);
        Ok(shown(sequence_id, &entry, &ids))
    }
}

async fn outcome(
    State(outcomes): State<Arc<Outcomes>>,
    Path(sequence_id): Path<String>,
) -> Response {
    match outcomes.of(&sequence_id).await {
        Ok(outcome) => Json(outcome).into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn only_get() -> Response {
    let detail = "an outcome is asked for by GET";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail)
        .header(header::ALLOW, "GET")
        .into_response()
}

/// No call is known, which is no proof that there was none.
fn none() -> Refused {
    let detail = "the journal has no call with this sequence id: that proves nothing about the money, since \
                  another program may have sent one, or the entry may have been removed";
    let (status, title) = (StatusCode::NOT_FOUND, "no outcome is known");
    Problem::of(
        status,
        "no-outcome",
        title,
        detail,
        Delivery::MaybeProcessed,
    )
    .into()
}

fn unreadable(why: &dyn std::fmt::Display) -> Refused {
    tracing::error!(%why, "an outcome could not be read from the journal");
    let detail = "the journal cannot be read; the gateway's log has more";
    let (status, title) = (
        StatusCode::SERVICE_UNAVAILABLE,
        "the journal cannot be read",
    );
    Problem::of(status, "journal", title, detail, Delivery::MaybeProcessed).into()
}

/// Of several calls the one that says most about the money decides. All but one were not sent.
fn weight(entry: &Entry) -> u8 {
    match entry.state {
        journal::State::NotSent => 0,
        journal::State::NotCarriedOut | journal::State::Failed => 1,
        journal::State::Declined => 2,
        journal::State::Cancelled => 3,
        journal::State::Completed => 5,
        _ => 4,
    }
}

/// The word that says what became of the call.
fn word(entry: &Entry) -> &'static str {
    match entry.state {
        journal::State::Completed => "completed",
        journal::State::Cancelled => "cancelled",
        // One who should know says that the money moved.
        _ if entry.contradicted => "needs-person",
        journal::State::NotSent | journal::State::NotCarriedOut | journal::State::Failed => {
            "not-carried-out"
        }
        journal::State::Declined => "declined",
        journal::State::EarlierCall => "earlier-call",
        journal::State::AwaitingMember => "awaiting-member",
        journal::State::NeedsPerson => "needs-person",
        // Of what is not known here nobody says that nothing moved.
        _ => "open",
    }
}

fn shown(sequence_id: &str, entry: &Entry, ids: &[String]) -> Value {
    let since = entry.settled_at.unwrap_or(entry.intended_at);
    let mut shown = json!({
        "sequenceId": sequence_id,
        "outcome": word(entry),
        "state": entry.state.as_str(),
        "source": entry.source.as_str(),
        "contradicted": entry.contradicted,
        "correlationId": entry.correlation_id,
        "correlationIds": ids,
    });
    if let Ok(since) = Timestamp::try_from(since) {
        shown["since"] = since.to_string().into();
    }
    // What the description does not know is a path, and anything can be in it.
    if let Some(operation) = Operation::find(&entry.operation) {
        shown["operation"] = operation.id().into();
    }
    shown
}
