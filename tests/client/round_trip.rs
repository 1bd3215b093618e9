//! Promise: values arrive as they were sent, and what comes back is kept as it came.

use crate::support;
use crate::support::{Server, encrypted_for_client, json_response};
use konaplate::types::{
    BankRechargeResult, GetBankRechargeResultResponseBody, GiftPrepaidCardResponseBody,
    IssueOneTimeTokenResponseBody, RechargeFromBankAccountResponseBody, UserId,
};
use serde_json::{Value, json};

const SUCCESS: &str = r#"{"response":{"code":"000_000"},"transferId":"20260315104512000002"}"#;

#[tokio::test]
async fn korean_names_an_emoji_and_ten_digits_arrive() {
    let server = Server::start(json_response(200, encrypted_for_client(SUCCESS))).await;
    let user = UserId::try_from(9_999_999_999_999_999_999_u64).unwrap();
    server
        .client()
        .gift_prepaid_card()
        .sender_user_id(user)
        .sender_name("남궁민수")
        .receiver_name("김코코 🎁👨‍👩‍👧")
        .receiver_phone("010-0000-0002")
        .service_id("000170000002000")
        .amount(9_999_999_999_u64)
        .one_time_token("5297000000000013")
        .dcvv("007")
        .locale("EN")
        .send()
        .await
        .unwrap();
    assert_eq!(
        server.request().plaintext(),
        json!({
            "senderUserId": "9999999999999999999",
            "senderName": "남궁민수",
            "receiverName": "김코코 🎁👨‍👩‍👧",
            "receiverPhone": "010-0000-0002",
            "serviceId": "000170000002000",
            "amount": 9_999_999_999_u64,
            "oneTimeToken": "5297000000000013",
            "dcvv": "007",
            "locale": "EN",
        })
    );
}

#[tokio::test]
async fn the_largest_user_id_is_a_number_on_the_wire() {
    let server = Server::start(json_response(200, r#"{"response":{"code":"000_000"}}"#)).await;
    server
        .client()
        .update_lower_limit_auto_recharge()
        .user_id(9_999_999_999_999_999_999_u64)
        .par("Q180BEA3B2F1BBD8410336D66A4")
        .amount(9_999_999)
        .threshold_balance(1)
        .send()
        .await
        .unwrap();
    let request = server.request();
    let plaintext = request.plaintext();
    assert_eq!(
        plaintext["userId"].as_u64(),
        Some(9_999_999_999_999_999_999)
    );
    let jwe = request.json()["encData"].as_str().unwrap().to_owned();
    let text = String::from_utf8(support::open_as_server(&jwe)).unwrap();
    assert!(text.contains(r#""userId":9999999999999999999"#), "{text}");
}

#[tokio::test]
async fn optional_fields_that_are_not_set_are_not_sent() {
    let server = Server::start(json_response(200, encrypted_for_client("{}"))).await;
    let _ = server
        .client()
        .issue_one_time_token()
        .card_no("9491339401250765")
        .send()
        .await;
    assert_eq!(
        server.request().plaintext(),
        json!({"cardNo": "9491339401250765"})
    );
}

#[tokio::test]
async fn extra_fields_go_along_in_an_open_request() {
    let response = r#"{"response":{"code":"000_000"},"nrNumber":"KMN1","isPending":true}"#;
    let server = Server::start(json_response(200, response)).await;
    server
        .client()
        .recharge_from_bank_account()
        .sequence_id("S")
        .user_id(1)
        .amount(1)
        .one_time_token("5297000000000013")
        .dcvv("471")
        .merchant_id("410195430033901")
        .extra("benefit", json!({"rate": 10}))
        .send()
        .await
        .unwrap();
    assert_eq!(server.request().json()["benefit"], json!({"rate": 10}));
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

#[test]
fn longer_shorter_and_empty_values_are_kept() {
    let response: IssueOneTimeTokenResponseBody = read(json!({
        "response": {"code": "000_000", "description": ""},
        "oneTimeToken": "52970000000000139999",
        "dcvv": "",
        "expiryTime": 99_999_999_999_999_u64,
    }));
    assert_eq!(response.one_time_token.expose(), "52970000000000139999");
    assert_eq!(response.dcvv.expose(), "");
    assert_eq!(response.expiry_time.get(), 99_999_999_999_999);
    assert_eq!(response.response.description.unwrap().expose(), "");
}

#[test]
fn a_number_may_come_as_text_and_text_as_a_number() {
    let response: IssueOneTimeTokenResponseBody = read(json!({
        "response": {"code": "000_000"},
        "oneTimeToken": 5_297_000_000_000_013_u64,
        "dcvv": 471,
        "expiryTime": "1773539142345",
    }));
    assert_eq!(response.one_time_token.expose(), "5297000000000013");
    assert_eq!(response.dcvv.expose(), "471");
    assert_eq!(response.expiry_time.get(), 1_773_539_142_345);
    let response: GiftPrepaidCardResponseBody = read(json!({
        "response": {"code": "000_000"},
        "transferId": 9_999_999_999_999_999_999_u64,
    }));
    assert_eq!(response.transfer_id.as_str(), "9999999999999999999");
    let response: GiftPrepaidCardResponseBody = read(json!({
        "response": {"code": "000_000"}, "transferId": true,
    }));
    assert_eq!(response.transfer_id.as_str(), "true");
    let id: UserId = read(json!("9999999999999999999"));
    assert_eq!(id.get(), 9_999_999_999_999_999_999);
    let id: UserId = read(json!(5.0));
    assert_eq!(id.get(), 5);
    for wrong in [
        json!("12a"),
        json!(-1),
        json!(1.5),
        json!(true),
        json!(1e300),
        json!({}),
    ] {
        assert!(
            serde_json::from_value::<UserId>(wrong.clone()).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn null_is_an_optional_field_that_is_not_there() {
    let response: GetBankRechargeResultResponseBody = read(json!({
        "response": {"code": "000_000", "description": null},
        "result": "PENDING",
    }));
    assert_eq!(response.response.description, None);
    assert_eq!(response.result, BankRechargeResult::Pending);
}

#[test]
fn unknown_fields_and_words_are_kept() {
    let wire = json!({
        "response": {"code": "000_000", "message": "also here"},
        "result": "PARTLY",
        "nrNumber": "KMN260315000000001",
        "more": {"of": ["this"]},
    });
    let response: GetBankRechargeResultResponseBody = read(wire);
    assert_eq!(response.result.as_str(), "PARTLY");
    assert!(matches!(response.result, BankRechargeResult::Unknown(_)));
    assert_eq!(response.nr_number.as_deref(), Some("KMN260315000000001"));
    assert_eq!(response.extra["more"].expose()["of"][0], "this");
    assert_eq!(response.response.extra["message"].expose(), "also here");
}

#[tokio::test]
async fn a_value_from_a_response_is_checked_when_it_is_sent() {
    let response: RechargeFromBankAccountResponseBody = read(json!({
        "response": {"code": "000_000"}, "nrNumber": "KMN1", "isPending": false,
    }));
    assert!(!response.is_pending);
    let token: IssueOneTimeTokenResponseBody = read(json!({
        "response": {"code": "000_000"}, "oneTimeToken": "52970000000000139", "dcvv": "471", "expiryTime": 1,
    }));
    let server = Server::start(json_response(200, "{}")).await;
    let client = server.client();
    let call = |token: &IssueOneTimeTokenResponseBody| {
        client
            .recharge_from_bank_account()
            .sequence_id("S")
            .user_id(1)
            .amount(1)
            .one_time_token(token.one_time_token.clone())
            .dcvv(&token.dcvv)
            .merchant_id("410195430033901")
    };
    let error = call(&token).send().await.unwrap_err();
    assert_eq!(error.field(), Some("oneTimeToken"));
    assert!(server.requests().is_empty());
}

#[test]
fn an_unknown_word_of_a_response_cannot_be_sent() {
    use konaplate::types::MessageLanguage;
    let unknown: MessageLanguage = read(json!("JP"));
    let client = support::builder("http://127.0.0.1:1").build().unwrap();
    let call = client.gift_prepaid_card().locale(unknown);
    let error = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(call.send())
        .unwrap_err();
    assert_eq!(error.field(), Some("locale"));
}
