//! What the tests share: the members and cards that they use, and calls with changed fields.

use std::time::{Duration, SystemTime};

use http::Request;
use konaplate::protocol::{MessageForm, SigningKey, Timestamp, TranToken, headers};
use konaplate::types::{IssueOneTimeTokenResponseBody, OneTimeTokenType};
use konaplate::{Client, CorrelationId, Error, Operation, Response, TimeZone};
use konaplate_sandbox::fixtures;
use serde_json::{Value, json};

pub(crate) const USER: u64 = 10_000_000_001;
pub(crate) const CARD: &str = "9491339401250765";
pub(crate) const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";
pub(crate) const CARD_2: &str = "9491330000000024";
pub(crate) const PAR_2: &str = "Q1000000000000000000000002A";
/// About whose bank account the payment gateway gives no clear response at first: recharges are
/// pending for five minutes.
pub(crate) const LATE_USER: u64 = 10_000_000_006;
pub(crate) const LATE_CARD: &str = "9491330000000065";
pub(crate) const LATE_PAR: &str = "Q1000000000000000000000006A";

pub(crate) async fn token(
    client: &Client,
    card: &str,
    kind: Option<OneTimeTokenType>,
) -> Response<IssueOneTimeTokenResponseBody> {
    let mut call = client.issue_one_time_token().card_no(card);
    if let Some(kind) = kind {
        call = call.type_(kind);
    }
    call.send().await.unwrap()
}

/// A credit-card recharge that would succeed, with these changes.
pub(crate) async fn card_recharge(
    client: &Client,
    card: &str,
    changes: Value,
) -> Result<Value, Error> {
    let token = token(client, card, Some(OneTimeTokenType::Credit)).await;
    let body = json!({
        "sequenceId": "CARD-1", "userId": USER, "amount": 50_000,
        "oneTimeToken": token.one_time_token, "dcvv": token.dcvv, "affiliateId": fixtures::AFFILIATE_ID,
    });
    call(client, "create_credit_card_recharge", body, changes).await
}

pub(crate) async fn bank_recharge(
    client: &Client,
    user_id: u64,
    card: &str,
    changes: Value,
) -> Result<Value, Error> {
    let token = token(client, card, None).await;
    let body = json!({
        "sequenceId": "BANK-1", "userId": user_id, "amount": 20_000,
        "oneTimeToken": token.one_time_token, "dcvv": token.dcvv, "merchantId": fixtures::MERCHANTS[0],
    });
    call(client, "recharge_from_bank_account", body, changes).await
}

pub(crate) async fn gift(client: &Client, card: &str, changes: Value) -> Result<Value, Error> {
    let token = token(client, card, None).await;
    let body = json!({
        "senderUserId": USER.to_string(), "receiverName": "김코코", "receiverPhone": "010-0000-0002",
        "serviceId": fixtures::GIFT_SERVICE_ID, "amount": 30_000,
        "oneTimeToken": token.one_time_token, "dcvv": token.dcvv, "locale": "KO",
    });
    call(client, "gift_prepaid_card", body, changes).await
}

pub(crate) async fn auto_recharge(client: &Client, changes: Value) -> Result<Value, Error> {
    let body = json!({"userId": USER, "par": PAR, "amount": 30_000, "thresholdBalance": 10_000});
    call(client, "update_lower_limit_auto_recharge", body, changes).await
}

/// A raw call: the typed one would refuse some of the changes. `null` removes a field.
pub(crate) async fn call(
    client: &Client,
    operation: &str,
    mut body: Value,
    changes: Value,
) -> Result<Value, Error> {
    for (field, value) in changes.as_object().into_iter().flatten() {
        if value.is_null() {
            body.as_object_mut().unwrap().remove(field);
        } else {
            body[field] = value.clone();
        }
    }
    client
        .raw(operation, body)
        .send()
        .await
        .map(|response| response.expose().clone())
}

/// A time at which a sandbox's clock can stand: 2026-03-15T10:45:12+09:00.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_539_112)
}

/// A request to a sandbox whose clock stands at [`now`], as it is on the wire, signed and plain.
pub(crate) fn signed_request(operation: &str, body: &Value) -> Request<Vec<u8>> {
    let body = body.to_string().into_bytes();
    let now = Timestamp::new(now(), TimeZone::Kst);
    let key = SigningKey::new(fixtures::SECRET_KEY).unwrap();
    let token = TranToken::sign(&key, now, &body, MessageForm::RawBody);
    let id = CorrelationId::fresh(TimeZone::Kst);
    Request::post(Operation::find(operation).unwrap().path())
        .header(headers::ASP_ID, fixtures::ASP_ID)
        .header(headers::ACCESS_KEY, fixtures::ACCESS_KEY)
        .header(headers::CORRELATION_ID, id.as_str())
        .header(headers::TIME_ZONE, "KST")
        .header(headers::TRAN_TIME, now.tran_time())
        .header(headers::TRAN_TOKEN, token.as_str())
        .header("content-type", "application/json")
        .body(body)
        .unwrap()
}
