//! Promise: calls that move money are in the journal before they are sent, and what the journal has is
//! not sent again.

use std::sync::Arc;

use konaplate_journal::{Filter, Journal, State};
use konaplate_sandbox::{Fault, Sandbox};

use crate::support::{RECHARGE, Served, settings};

#[tokio::test]
async fn what_moves_money_is_recorded_and_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::sqlite(folder.path().join("journal.db"))
        .await
        .unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client_builder().journal(Arc::new(journal.clone()));
    let gateway = Served::with(settings(), client.build().unwrap());

    assert_eq!(gateway.recharge("BANK-1").await.status, 200);
    let body = gateway.recharge_of("BANK-2").await;
    sandbox.fault_next(Fault::CloseAfter).unwrap();
    let lost = gateway.post(RECHARGE, body.clone()).await;
    assert_eq!(
        (lost.status, lost.delivery.as_str()),
        (502, "maybe-processed")
    );
    let entries = journal.entries(Filter::all()).await.unwrap().entries;
    let states: Vec<_> = entries.iter().map(|entry| entry.state).collect();
    assert_eq!(states, [State::Completed, State::Open]);

    let before = sandbox.requests().len();
    let again = gateway.post(RECHARGE, body).await;
    assert_eq!(again.delivery, "earlier-call", "{}", again.body);
    assert_eq!(sandbox.requests().len(), before);
    assert_eq!(sandbox.postings(), 2);
}
