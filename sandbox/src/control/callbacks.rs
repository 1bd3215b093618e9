//! Where callbacks go, and what became of them.

use konaplate::callback::CallbackKind;
use serde_json::{Value, json};

use super::Fields;
use crate::callbacks::{CallbackState, LoggedCallback};
use crate::faults::Problem;
use crate::server::Platform;

pub(super) fn show(platform: &Platform, _: Fields) -> Result<Value, Problem> {
    let callbacks: Vec<_> = platform.callbacks().iter().map(callback_json).collect();
    let (url, encrypted) = platform.courier.address().unzip();
    Ok(json!({
        "url": url,
        "encrypted": encrypted,
        "callbacks": callbacks,
    }))
}

pub(super) fn send(platform: &Platform, mut fields: Fields) -> Result<Value, Problem> {
    let url = fields.text("url")?;
    let encrypted = fields.flag("encrypted")?;
    fields.finish()?;
    platform.send_callbacks_to(&url, encrypted)?;
    show(platform, Fields::default())
}

pub(super) fn stop(platform: &Platform, fields: Fields) -> Result<Value, Problem> {
    platform.stop_callbacks();
    show(platform, fields)
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
