//! Where callbacks go, and what became of them.

use konaplate::callback::CallbackKind;
use serde_json::{Value, json};

use super::Fields;
use crate::dispatcher::{CallbackState, LoggedCallback};
use crate::problem::Problem;
use crate::service::Service;

pub(super) fn show(service: &Service, _: Fields) -> Result<Value, Problem> {
    let callbacks: Vec<_> = service
        .dispatcher
        .callbacks()
        .iter()
        .map(callback_json)
        .collect();
    let (url, encrypted) = service.dispatcher.address().unzip();
    Ok(json!({
        "url": url,
        "encrypted": encrypted,
        "callbacks": callbacks,
    }))
}

pub(super) fn send(service: &Service, mut fields: Fields) -> Result<Value, Problem> {
    let url = fields.text("url")?;
    let encrypted = fields.flag("encrypted")?;
    fields.finish()?;
    service.dispatcher.send_to(&url, encrypted)?;
    show(service, Fields::default())
}

pub(super) fn stop(service: &Service, fields: Fields) -> Result<Value, Problem> {
    service.dispatcher.stop();
    show(service, fields)
}

fn callback_json(callback: &LoggedCallback) -> Value {
    json!({
        "id": callback.id,
        "kind": match callback.kind {
            CallbackKind::CardActivated => "card-activated",
            CallbackKind::MemberWithdrawn => "member-withdrawn",
            _ => "transaction",
        },
        "state": match callback.state {
            CallbackState::Waiting => "waiting",
            CallbackState::Delivered => "delivered",
            CallbackState::GivenUp => "given-up",
        },
        "tries": callback.tries,
        "lastStatus": callback.last_status,
    })
}
