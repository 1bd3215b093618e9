//! Promise: clients, calls and errors go where an async service needs them.

use crate::support;
use konaplate::{Client, Error};

fn everywhere<T: Send + Sync + 'static>() {}
fn sendable<T: Send>(value: T) -> T {
    value
}

#[test]
fn clients_and_errors_are_send_and_sync_and_errors_one_word() {
    everywhere::<Client>();
    everywhere::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Error>>(), size_of::<usize>());
}

#[tokio::test]
async fn a_call_can_be_spawned() {
    let client = support::builder("http://127.0.0.1:1").build().unwrap();
    let typed = client.clone();
    let call = tokio::spawn(async move {
        let call = typed.issue_one_time_token().card_no("9491339401250765");
        sendable(call.send()).await
    });
    call.await.unwrap().unwrap_err();
    let raw = tokio::spawn(async move {
        let call = client.raw("/api/v1/x", serde_json::json!({}));
        sendable(call.send()).await
    });
    raw.await.unwrap().unwrap_err();
}
