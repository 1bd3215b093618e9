//! Promise: pages come in order and end, whatever the platform says.

use crate::support;
use crate::support::{Reply, Server, json_response, reply};
use konaplate::{Client, ErrorKind, types};
use serde_json::{Value, json};

/// A page with that many transactions.
fn page(page: u64, total: u64, items: usize) -> Reply {
    let body = json!({
        "response": {"code": "000_000"},
        "pageResponse": {"page": page, "totalPages": total, "numberOfElements": items},
        "transactionInfo": vec![json!({"trType": "00"}); items],
    });
    json_response(200, body.to_string())
}

fn pages(client: &Client) -> konaplate::Pages<'_, types::ListCardTransactionsResponseBody> {
    client
        .list_card_transactions()
        .par("Q180BEA3B2F1BBD8410336D66A4")
        .start_date("20260301")
        .end_date("20260331")
        .page_request(types::PageRequest::builder().page_size(2))
        .pages()
}

/// How many pages came, and the error that ended them if one did.
async fn read(
    mut pages: konaplate::Pages<'_, types::ListCardTransactionsResponseBody>,
) -> (usize, Option<konaplate::Error>) {
    let mut count = 0;
    while let Some(page) = pages.next().await {
        match page {
            Ok(_) => count += 1,
            Err(error) => {
                assert!(pages.next().await.is_none(), "an error is the end");
                return (count, Some(error));
            }
        }
    }
    assert!(pages.next().await.is_none(), "the end is the end");
    (count, None)
}

#[tokio::test]
async fn each_page_is_asked_for_once_and_in_order() {
    let server = Server::start_with(|n| page(n as u64, 3, if n == 2 { 1 } else { 2 })).await;
    let client = server.client();
    let (count, error) = read(pages(&client)).await;
    assert_eq!((count, error.is_none()), (3, true));
    let requests = server.requests();
    let asked: Vec<Value> = requests
        .iter()
        .map(|request| request.json()["pageRequest"].clone())
        .collect();
    assert_eq!(
        asked,
        [
            json!({"page": 0, "pageSize": 2}),
            json!({"page": 1, "pageSize": 2}),
            json!({"page": 2, "pageSize": 2}),
        ]
    );
    let ids: std::collections::BTreeSet<_> = requests
        .iter()
        .map(|request| request.header("x-km-correlation-id").to_owned())
        .collect();
    assert_eq!(ids.len(), 3, "each page is a call of its own");
}

#[tokio::test]
async fn it_starts_at_the_page_that_was_asked_for() {
    let server = Server::start_with(|n| page(n as u64 + 4, 6, 2)).await;
    let client = server.client();
    let pages = client
        .list_card_transactions()
        .par("Q180BEA3B2F1BBD8410336D66A4")
        .start_date("20260301")
        .end_date("20260331")
        .page_request(types::PageRequest::builder().page(4))
        .pages();
    assert_eq!(read(pages).await.0, 2);
    assert_eq!(server.requests()[1].json()["pageRequest"]["page"], 5);
}

#[tokio::test]
async fn a_wrong_total_does_not_make_it_ask_for_ever() {
    // Always the first page.
    let server = Server::start_with(|_| page(0, 1_000_000, 2)).await;
    assert_eq!(read(pages(&server.client())).await.0, 2);
    assert_eq!(server.requests().len(), 2);

    // Pages with nothing in them.
    let server = Server::start_with(|n| page(n as u64, 1_000_000, if n < 3 { 2 } else { 0 })).await;
    assert_eq!(read(pages(&server.client())).await.0, 4);

    // No word of pages.
    let server = Server::start(json_response(200, r#"{"response": {"code": "000_000"}}"#)).await;
    assert_eq!(read(pages(&server.client())).await.0, 1);

    // A total below where it is.
    let server = Server::start_with(|n| page(n as u64, 0, 2)).await;
    assert_eq!(read(pages(&server.client())).await.0, 1);

    // Full pages without end: there are no pages after number 1,000.
    let server = Server::start_with(|n| page(n as u64, u64::MAX, 1)).await;
    assert_eq!(read(pages(&server.client())).await.0, 1_001);
}

#[tokio::test]
async fn an_error_is_passed_on_and_ends_it() {
    let server = Server::start_with(|n| match n {
        0 => page(0, 3, 2),
        _ => reply(502, &[], "<html>"),
    })
    .await;
    let (count, error) = read(pages(&server.client())).await;
    assert_eq!(count, 1);
    assert_eq!(error.unwrap().kind(), ErrorKind::UnexpectedResponse);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn an_invalid_request_is_the_first_and_only_item() {
    let server = Server::start(page(0, 3, 2)).await;
    let client = server.client();
    let call = client.list_card_transactions().par("short");
    let (count, error) = read(call.pages()).await;
    assert_eq!(count, 0);
    assert_eq!(error.unwrap().field(), Some("par"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn pages_are_followed_where_the_response_is_not_described() {
    let server = Server::start_with(|n| {
        let body = json!({
            "response": {"code": "000_000"},
            "pageResponse": {"page": n, "totalPages": 2},
        });
        support::reply(
            200,
            &[("x-km-crypto-key-id", support::KEY_ID)],
            support::encrypted_for_client(&body.to_string()),
        )
    })
    .await;
    let client = server.client();
    let mut pages = client
        .list_card_gifts()
        .search_type("SENT")
        .user_id(10_000_000_001_u64)
        .pages();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        page.unwrap();
        count += 1;
    }
    assert_eq!(count, 2);
}
