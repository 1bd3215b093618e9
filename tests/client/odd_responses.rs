//! Promise: one odd value does not cost the whole response. An empty text in the place of an absent
//! number or object is none; what is text stays text.

use crate::support::{Server, json_response};
use konaplate::types::ListCardTransactionsResponseBody;
use konaplate::{ErrorKind, Response};
use serde_json::{Value, json};

async fn transactions(
    body: Value,
) -> Result<Response<ListCardTransactionsResponseBody>, konaplate::Error> {
    let server = Server::start(json_response(200, body.to_string())).await;
    server
        .client()
        .list_card_transactions()
        .par("Q180BEA3B2F1BBD8410336D66A4")
        .start_date("20260301")
        .end_date("20260331")
        .send()
        .await
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
    let response = transactions(page(row, pages)).await.unwrap();
    let row = &response.transaction_info[0];
    assert_eq!(row.org_amount.unwrap().get(), 50_000);
    assert!(row.balance_after.is_none() && row.balance_before.is_none());
    assert!(row.cash_recipt_info.is_none());
    // Text is text, an empty one too.
    assert_eq!(row.merchant_name.as_ref().unwrap().as_str(), "");
    let pages = response.page_response.as_ref().unwrap();
    assert!(pages.total_pages.is_none());
    assert_eq!(pages.number_of_elements.unwrap().get(), 1);

    let response = transactions(page(json!({}), json!(""))).await.unwrap();
    assert!(response.page_response.is_none());
}

#[tokio::test]
async fn what_is_neither_is_named_and_kept() {
    for (field, value) in [
        ("orgAmount", json!("many")),
        ("orgAmount", json!([])),
        ("cashReciptInfo", json!(" ")),
    ] {
        let error = transactions(page(json!({ field: value }), json!(null)))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnreadableResponse);
        let place = format!("transactionInfo[0].{field}");
        assert!(error.to_string().contains(&place), "{error}");
        let kept = error.response().unwrap().expose();
        assert_eq!(kept["transactionInfo"][0][field], value);
    }
}
