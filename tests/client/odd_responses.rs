//! Promise: one odd value does not cost the whole response. An empty text in the place of an absent
//! number or object is none; what is not what is documented is set aside with its place; a row of a
//! page costs the row. What has to be there and is not was carried out all the same.

use crate::support::{Reply, Server, json_response, recharge};
use konaplate::payments::ListCardTransactions;
use konaplate::types::ListCardTransactionsResponseBody;
use konaplate::{Client, Delivery, ErrorKind, Outcome, Response};
use serde_json::{Value, json};

/// The transactions of March, of a server that responds so.
pub(crate) async fn transactions(
    reply: Reply,
) -> Result<Response<ListCardTransactionsResponseBody>, konaplate::Error> {
    let server = Server::start(reply).await;
    let client = server.client();
    march(&client).send().await
}

fn march(client: &Client) -> ListCardTransactions<'_> {
    client
        .list_card_transactions()
        .par("Q180BEA3B2F1BBD8410336D66A4")
        .start_date("20260301")
        .end_date("20260331")
}

async fn of_page(
    row: Value,
    pages: Value,
) -> Result<Response<ListCardTransactionsResponseBody>, konaplate::Error> {
    transactions(json_response(200, page(row, pages).to_string())).await
}

fn page(row: Value, page: Value) -> Value {
    json!({"response": {"code": "000_000"}, "transactionInfo": [row], "pageResponse": page})
}

#[tokio::test]
async fn an_empty_text_is_an_absent_number_or_object() {
    let row = json!({
        "balanceAfter": "", "orgAmount": "50000.00", "balanceBefore": null, "cashReciptInfo": "",
        "merchantName": "", "approvalDateTime": "",
    });
    let pages = json!({"page": "0", "totalPages": "", "numberOfElements": 1});
    let response = of_page(row, pages).await.unwrap();
    let row = &response.transaction_info[0];
    assert_eq!(row.org_amount.unwrap().get(), 50_000);
    assert!(row.balance_after.is_none() && row.balance_before.is_none());
    assert!(row.cash_recipt_info.is_none());
    // Text is text, an empty one too.
    assert_eq!(row.merchant_name.as_ref().unwrap().as_str(), "");
    let pages = response.page_response.as_ref().unwrap();
    assert!(pages.total_pages.is_none());
    assert_eq!(pages.number_of_elements.unwrap().get(), 1);

    let response = of_page(json!({}), json!("")).await.unwrap();
    assert!(response.page_response.is_none());
}

#[tokio::test]
async fn a_value_that_is_not_what_is_documented_is_named_and_kept() {
    for (field, value) in [
        ("orgAmount", json!("many")),
        ("orgAmount", json!(-5)),
        ("orgAmount", json!(0.5)),
        ("orgAmount", json!([])),
        ("approvalDateTime", json!({})),
        ("cashReciptInfo", json!(" ")),
    ] {
        let row = json!({ field: value, "merchantName": "M" });
        let response = of_page(row, json!(null)).await.unwrap();
        let read = &response.transaction_info[0];
        assert_eq!(read.merchant_name.as_ref().unwrap().as_str(), "M");
        assert!(read.org_amount.is_none() && read.cash_recipt_info.is_none());
        assert!(read.approval_date_time.is_none() && read.extra.is_empty());
        let [unread] = response.unread() else {
            panic!("one value: {:?}", response.unread());
        };
        assert_eq!(unread.expose_place(), format!("transactionInfo[0].{field}"));
        assert_eq!(unread.value().expose(), &value);
    }
}

#[tokio::test]
async fn a_bad_row_costs_the_row_and_no_page() {
    let rows = json!([{"orgAmount": 1}, "no row", {"orgAmount": 3}, null, 7]);
    let body = |page: u64, rows: &Value| {
        let pages = json!({"page": page, "totalPages": 3});
        let body = json!({"response": {"code": "000_000"}, "transactionInfo": rows,
            "pageResponse": pages});
        json_response(200, body.to_string())
    };
    let none = json!([-1, -2]);
    let server = Server::playing([body(0, &rows), body(1, &none), body(2, &rows)]).await;
    let client = server.client();
    let mut pages = march(&client).pages();
    let mut amounts = Vec::new();
    let mut unread = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        amounts.extend(
            page.transaction_info
                .iter()
                .map(|row| row.org_amount.unwrap().get()),
        );
        unread.extend(page.unread().iter().map(konaplate::Unread::expose_place));
    }
    assert_eq!(amounts, [1, 3, 1, 3]);
    let places = [1, 3, 4].map(|row| format!("transactionInfo[{row}]"));
    assert_eq!(unread[..3], places);
    assert_eq!(unread.len(), 8);
}

/// A field that has to be there: the platform carried the call out all the same, and whoever helps
/// to find the outcome knows it.
#[tokio::test]
async fn a_success_without_a_needed_field_was_carried_out_for_every_helper() {
    for (field, value) in [
        ("nrNumber", json!({})),
        ("nrNumber", json!(null)),
        ("nrNumber", json!([1])),
    ] {
        let mut body = json!({"response": {"code": "000_000"}, "nrNumber": "NR-1",
            "isPending": false, "transactionId": "T"});
        body[field] = value;
        let server = Server::start(json_response(200, body.to_string())).await;
        let client = server.client();
        let error = recharge(&client).send().await.unwrap_err();
        let outcome = recharge(&client).send_for_outcome().await.unwrap();
        assert!(matches!(outcome, Outcome::Completed(_)), "{outcome:?}");
        assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
        assert_eq!(error.delivery(), Delivery::ProcessedUnreadable);
        assert_eq!(error.response().unwrap().expose()["isPending"], false);
    }
}

/// A stream that ended here would have lost the rest without a word.
#[tokio::test]
async fn a_number_of_pages_that_cannot_be_read_is_an_error_after_the_page() {
    for pages in [
        json!({"page": 0, "totalPages": "many"}),
        json!({"page": 0, "totalPages": -1}),
        json!("page 1 of 3"),
        json!([3]),
    ] {
        let body = page(json!({"orgAmount": 1}), pages);
        let server = Server::start(json_response(200, body.to_string())).await;
        let client = server.client();
        let mut pages = march(&client).pages();
        let first = pages.next().await.unwrap().unwrap();
        assert_eq!(first.transaction_info[0].org_amount.unwrap().get(), 1);
        let error = pages.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
        assert!(error.to_string().contains("pageResponse"), "{error}");
        assert!(pages.next().await.is_none());
        assert_eq!(server.requests().len(), 1);
    }
}
