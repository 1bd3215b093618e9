//! Promise: what happens is reported to a receiver that checks everything, until it acknowledges; and
//! nothing else is.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use konaplate::SUCCESS;
use konaplate::callback::{
    AuthOrCancel, CallbackErrorKind, CallbackKind, CallbackPayload, CallbackReceiver, Transaction,
    TransactionType,
};
use konaplate::types::MaskedJson;
use konaplate_sandbox::{CallbackState, Fault, Sandbox, fixtures};
use serde_json::{Value, json};

use crate::support::{CARD, CARD_2, PAR, PAR_2, USER};

const USER_2: u64 = 10_000_000_002;

/// What a receiver does with the next callbacks instead of taking them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    /// This one, with the code of success.
    Status(u16),
    /// Status 200, and another code.
    Code,
    /// It is handled, and the response says otherwise: as if it was lost.
    Lost,
    Redirect,
}

/// A callback that was taken.
struct Taken {
    kind: CallbackKind,
    payload: CallbackPayload,
    json: MaskedJson,
    fingerprint: String,
    encrypted: bool,
    key_id: Option<String>,
}

/// An endpoint as a partner has one.
struct Endpoint {
    receiver: CallbackReceiver,
    /// For each of the next requests.
    instead: Mutex<Vec<Reply>>,
    taken: Mutex<Vec<Taken>>,
    refused: Mutex<Vec<CallbackErrorKind>>,
    ids: Mutex<Vec<String>>,
}

impl Endpoint {
    async fn start(sandbox: &Sandbox) -> (Arc<Self>, String) {
        let endpoint = Arc::new(Self {
            receiver: sandbox.callback_receiver().build().unwrap(),
            instead: Mutex::default(),
            taken: Mutex::default(),
            refused: Mutex::default(),
            ids: Mutex::default(),
        });
        let app = Router::new()
            .route("/kona", post(receive))
            .with_state(Arc::clone(&endpoint));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/kona", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (endpoint, url)
    }

    fn then(&self, responses: impl IntoIterator<Item = Reply>) {
        let mut responses: Vec<_> = responses.into_iter().collect();
        responses.reverse();
        *self.instead.lock().unwrap() = responses;
    }

    /// How many requests came.
    fn requests(&self) -> usize {
        self.ids.lock().unwrap().len()
    }

    fn take(&self) -> Vec<Taken> {
        std::mem::take(&mut self.taken.lock().unwrap())
    }

    fn take_transactions(&self) -> Vec<Transaction> {
        self.take()
            .into_iter()
            .map(|taken| match taken.payload {
                CallbackPayload::Transaction(transaction) => *transaction,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[track_caller]
    fn refused_nothing(&self) {
        assert_eq!(*self.refused.lock().unwrap(), []);
    }
}

async fn receive(
    State(endpoint): State<Arc<Endpoint>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    assert!(!headers.contains_key("x-km-access-key"));
    let id = headers["x-km-correlation-id"].to_str().unwrap().to_owned();
    endpoint.ids.lock().unwrap().push(id);
    let instead = endpoint.instead.lock().unwrap().pop();
    let response = |status: u16, code: &str| {
        let envelope = json!({"response": {"code": code, "description": ""}});
        let response = Response::builder().status(status);
        response.body(Body::from(envelope.to_string())).unwrap()
    };
    match instead {
        Some(Reply::Status(status)) => return response(status, SUCCESS),
        Some(Reply::Code) => return response(200, "999_999"),
        Some(Reply::Redirect) => {
            let redirect = Response::builder().status(307).header("location", "/kona");
            return redirect.body(Body::empty()).unwrap();
        }
        Some(Reply::Lost) | None => {}
    }
    match endpoint.receiver.receive(&headers, &body).await {
        Ok(callback) => {
            endpoint.taken.lock().unwrap().push(Taken {
                kind: callback.kind(),
                payload: callback.payload(),
                json: callback.json().clone(),
                fingerprint: callback.fingerprint().to_owned(),
                encrypted: callback.encrypted(),
                key_id: headers
                    .get("x-km-crypto-key-id")
                    .map(|id| id.to_str().unwrap().to_owned()),
            });
            let acknowledged = callback.acknowledge().await.into_response().map(Body::from);
            if instead == Some(Reply::Lost) {
                return response(502, SUCCESS);
            }
            acknowledged
        }
        Err(error) => {
            endpoint.refused.lock().unwrap().push(error.kind());
            error.acknowledgement().into_response().map(Body::from)
        }
    }
}

struct Stage {
    sandbox: Sandbox,
    endpoint: Arc<Endpoint>,
    url: String,
}

impl Stage {
    /// A sandbox whose clock stands, with a receiver.
    async fn new() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let noon: jiff::Timestamp = "2026-03-15T12:00:00+09:00".parse().unwrap();
        sandbox.stop_clock_at(noon.into());
        let (endpoint, url) = Endpoint::start(&sandbox).await;
        sandbox.send_callbacks_to(&url).unwrap();
        Self {
            sandbox,
            endpoint,
            url,
        }
    }

    async fn try_call(&self, operation: &str, body: Value) -> Result<Value, konaplate::Error> {
        let response = self.sandbox.client().raw(operation, body).send().await?;
        Ok(response.expose().clone())
    }

    async fn call(&self, operation: &str, body: Value) -> Value {
        let response = self.try_call(operation, body).await;
        response.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    async fn with_token(&self, card: &str, mut body: Value) -> Value {
        let token = self
            .call("issue_one_time_token", json!({"cardNo": card}))
            .await;
        body["oneTimeToken"] = token["oneTimeToken"].clone();
        body["dcvv"] = token["dcvv"].clone();
        body
    }

    async fn pay(&self, amount: u64) -> Value {
        let body = json!({"amount": amount, "merchantId": fixtures::MERCHANTS[2]});
        let body = self.with_token(CARD, body).await;
        self.call("pay_with_token", body).await
    }

    async fn delivered(&self) -> Vec<Transaction> {
        self.sandbox.deliver_callbacks().await;
        self.endpoint.take_transactions()
    }

    /// Of the one callback that there is.
    #[track_caller]
    fn state(&self) -> (CallbackState, u32, Option<u16>) {
        let callbacks = self.sandbox.callbacks();
        assert_eq!(callbacks.len(), 1, "{callbacks:?}");
        let one = &callbacks[0];
        (one.state, one.tries, one.last_status)
    }
}

/// Type, AUTH or CANCEL, amount, balance.
type Reported = (TransactionType, AuthOrCancel, i64, i64);

fn reported(transaction: &Transaction) -> Reported {
    let krw = |amount: &Option<konaplate::callback::Amount>| amount.as_ref().unwrap().krw();
    (
        transaction.tr_type.clone().unwrap(),
        transaction.auth_cancel_type.clone().unwrap(),
        krw(&transaction.tr_amount).unwrap(),
        krw(&transaction.balance_after).unwrap(),
    )
}

#[tokio::test]
async fn a_payment_is_reported_as_the_response_and_the_history_have_it() {
    let stage = Stage::new().await;
    let paid = stage.pay(4_500).await;
    let taken = stage.delivered().await;
    stage.endpoint.refused_nothing();
    let [payment] = taken.as_slice() else {
        panic!("{taken:?}");
    };
    assert_eq!(
        reported(payment),
        (
            TransactionType::Payment,
            AuthOrCancel::Auth,
            4_500,
            paid["balance"].as_i64().unwrap()
        )
    );
    assert_eq!(payment.user_id.as_deref(), Some("10000000001"));
    assert_eq!(payment.par.as_ref().unwrap().expose(), PAR);
    assert_eq!(payment.card_no.as_ref().unwrap().expose(), CARD);
    assert_eq!(
        payment.approval_code.as_deref(),
        paid["approvalCode"].as_str()
    );
    assert_eq!(
        payment.approval_date_time.as_ref().unwrap().as_str(),
        "20260315120000"
    );
    assert_eq!(payment.merchant_name.as_deref(), Some("Sandbox merchant 3"));
    // Nothing that nobody saw in a callback.
    assert_eq!(payment.other.expose(), &json!({}));
    let listed = stage
        .call(
            "list_card_transactions",
            json!({"par": PAR, "startDate": "20260315", "endDate": "20260315",
                "pageRequest": {"page": 0, "pageSize": 10}}),
        )
        .await;
    let listed = &listed["transactionInfo"][0];
    assert_eq!(listed["approvalCode"], paid["approvalCode"]);
    assert_eq!(listed["trType"], "00");
}

#[tokio::test]
async fn everything_that_moves_a_cards_money_is_reported_once_for_each_card() {
    let stage = Stage::new().await;
    let (payment, recharge, refund, transfer) = (
        TransactionType::Payment,
        TransactionType::Recharge,
        TransactionType::Refund,
        TransactionType::Transfer,
    );
    let (auth, cancel) = (AuthOrCancel::Auth, AuthOrCancel::Cancel);
    let expect = async |expected: &[Reported]| {
        let taken: Vec<_> = stage.delivered().await.iter().map(reported).collect();
        assert_eq!(taken, expected);
        stage.endpoint.refused_nothing();
    };

    let paid = stage.pay(40_000).await;
    expect(&[(payment.clone(), auth.clone(), 40_000, 60_000)]).await;
    stage
        .call(
            "cancel_payment",
            json!({"cardNo": CARD, "amount": 40_000, "nrNumber": paid["nrNumber"],
                "merchantId": fixtures::MERCHANTS[2]}),
        )
        .await;
    expect(&[(payment.clone(), cancel.clone(), 40_000, 100_000)]).await;

    let bank = json!({"sequenceId": "B", "userId": USER, "amount": 5_000,
        "merchantId": fixtures::MERCHANTS[0]});
    let bank = stage.with_token(CARD, bank).await;
    let made = stage.call("recharge_from_bank_account", bank).await;
    expect(&[(recharge.clone(), auth.clone(), 5_000, 105_000)]).await;
    let undo = json!({"sequenceId": "C", "userId": USER, "nrNumber": made["nrNumber"]});
    let undo = stage.with_token(CARD, undo).await;
    stage.call("cancel_bank_recharge", undo).await;
    expect(&[(recharge.clone(), cancel, 5_000, 100_000)]).await;
    // The payout moves nothing on a card.
    stage.sandbox.advance_clock(Duration::from_secs(86_400));
    expect(&[]).await;

    let send = json!({"senderUserId": USER, "receiverPhone": "01000000002", "amount": 70_000});
    let send = stage.with_token(CARD, send).await;
    stage.call("transfer_to_card", send).await;
    expect(&[
        (transfer.clone(), auth.clone(), 70_000, 30_000),
        (transfer, auth.clone(), 70_000, 170_000),
    ])
    .await;

    let back = json!({"sequenceId": "R", "userId": USER, "cardExpiry": "3108"});
    let back = stage.with_token(CARD, back).await;
    stage.call("refund_card", back).await;
    expect(&[(refund, auth.clone(), 30_000, 0)]).await;

    // At its lower limit a payment sets off an auto recharge, after itself.
    stage
        .call(
            "update_lower_limit_auto_recharge",
            json!({"userId": USER, "par": PAR, "amount": 10_000, "thresholdBalance": 2_000}),
        )
        .await;
    expect(&[(recharge.clone(), auth.clone(), 10_000, 10_000)]).await;
    stage.pay(8_000).await;
    expect(&[
        (payment, auth.clone(), 8_000, 2_000),
        (recharge, auth, 10_000, 12_000),
    ])
    .await;
}

#[tokio::test]
async fn what_points_paid_stands_apart() {
    let stage = Stage::new().await;
    let grant = json!({"adminPointMessageInfo": {"reason": "spring"}, "pointRewardInfoList": [
        {"pointType": "USER", "userId": USER, "pointAmount": 700}]});
    stage.call("grant_points", grant).await;
    let reserve = json!({"cardNo": CARD, "pointAmount": 700});
    stage.call("reserve_points", reserve).await;
    stage.pay(1_000).await;
    // Neither the grant nor the reservation has a part on a card.
    let taken = stage.delivered().await;
    let [payment] = taken.as_slice() else {
        panic!("{taken:?}");
    };
    assert_eq!(reported(payment).2, 300);
    let krw = |amount: &Option<konaplate::callback::Amount>| amount.as_ref().unwrap().krw();
    assert_eq!(krw(&payment.org_amount), Some(1_000));
    assert_eq!(krw(&payment.point_amount), Some(700));
    assert_eq!(krw(&payment.balance_after), Some(99_700));
}

#[tokio::test]
async fn what_happens_by_the_clock_is_reported_without_a_call() {
    let sandbox = Sandbox::start().await.unwrap();
    let (endpoint, url) = Endpoint::start(&sandbox).await;
    sandbox.send_callbacks_to(&url).unwrap();
    // Nothing stops this clock; it is moved to just before the late response of the bank.
    let client = sandbox.client();
    let token = client
        .issue_one_time_token()
        .card_no("9491330000000065")
        .send()
        .await
        .unwrap();
    let body = json!({"sequenceId": "L", "userId": 10_000_000_006_u64, "amount": 1_000,
        "merchantId": fixtures::MERCHANTS[0], "oneTimeToken": token.one_time_token,
        "dcvv": token.dcvv});
    let made = client.raw("recharge_from_bank_account", body).send().await;
    assert_eq!(made.unwrap().expose()["isPending"], true);
    sandbox.advance_clock(Duration::from_secs(297));
    // What is left of the five minutes passes by itself, and nobody calls.
    while endpoint.requests() == 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let taken = endpoint.take_transactions();
    assert_eq!(taken.len(), 1);
    assert_eq!(reported(&taken[0]).2, 1_000);
    endpoint.refused_nothing();
}

#[tokio::test]
async fn a_registered_card_and_a_cancelled_membership_are_reported() {
    let stage = Stage::new().await;
    let user = 10_000_000_011_u64;
    let applied = stage
        .call(
            "apply_for_prepaid_card",
            json!({"userInfo": {"userId": user}, "serviceId": fixtures::SERVICE_ID,
                "addressInfo": {"address": "a", "addressDetail": "b", "zipCode": "04799"},
                "isDeliveryRequired": true}),
        )
        .await;
    let number = applied["cardApplyNo"].as_str().unwrap().to_owned();
    stage.sandbox.advance_clock(Duration::from_secs(3 * 86_400));
    let physical = fixtures::physical_card_no(&number);
    stage
        .call(
            "register_physical_card",
            json!({"userId": user, "physicalCardNo": physical, "physicalCardExpDate": "3103",
                "physicalCardCVC": fixtures::CVC, "cardApplyNo": number}),
        )
        .await;
    stage.sandbox.deliver_callbacks().await;
    let taken = stage.endpoint.take();
    stage.endpoint.refused_nothing();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].kind, CallbackKind::CardActivated);
    let CallbackPayload::CardActivated(card) = &taken[0].payload else {
        panic!("{:?}", taken[0].payload);
    };
    assert_eq!(card.card_apply_no.as_ref(), Some(&number));
    assert_eq!(card.user_id.as_deref(), Some("10000000011"));
    assert_eq!(
        card.par.as_ref().unwrap().expose(),
        applied["mobileCardPar"].as_str().unwrap()
    );
    assert_eq!(*card.physical_card_no.as_ref().unwrap().expose(), physical);
    assert_eq!(card.receiver_name.as_ref().unwrap().expose(), "홍길동");
    assert_eq!(card.receive_day.as_deref(), Some("20260318"));
    assert_eq!(card.other.expose(), &json!({}));

    // He spends what he has, and leaves.
    let own_card = "9491330000000115";
    let spend = json!({"amount": 100_000, "merchantId": fixtures::MERCHANTS[0]});
    let spend = stage.with_token(own_card, spend).await;
    stage.call("pay_with_token", spend).await;
    stage
        .call("cancel_membership", json!({"userId": user}))
        .await;
    stage.sandbox.deliver_callbacks().await;
    let taken = stage.endpoint.take();
    stage.endpoint.refused_nothing();
    let kinds: Vec<_> = taken.iter().map(|taken| taken.kind).collect();
    assert_eq!(
        kinds,
        [CallbackKind::Transaction, CallbackKind::MemberWithdrawn]
    );
    let CallbackPayload::MemberWithdrawn(member) = &taken[1].payload else {
        panic!("{:?}", taken[1].payload);
    };
    assert_eq!(member.user_id.as_deref(), Some("10000000011"));
    assert_eq!(member.digital_card_no.as_ref().unwrap().expose(), own_card);
    assert_eq!(member.physical_card_no, None);
    assert_eq!(member.other.expose(), &json!({}));
}

#[tokio::test]
async fn a_receiver_that_fails_twice_gets_it_a_third_time() {
    let stage = Stage::new().await;
    stage.endpoint.then([Reply::Status(503), Reply::Code]);
    stage.pay(1_000).await;
    for _ in 0..3 {
        stage.sandbox.deliver_callbacks().await;
    }
    assert_eq!(stage.state(), (CallbackState::Delivered, 3, Some(200)));
    assert_eq!(stage.endpoint.take_transactions().len(), 1);
    assert_eq!(stage.endpoint.requests(), 3);
    // Each attempt had an id of its own.
    let ids = stage.endpoint.ids.lock().unwrap().clone();
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
    stage.endpoint.refused_nothing();
    // It is not sent any more.
    stage.sandbox.deliver_callbacks().await;
    assert_eq!(stage.endpoint.requests(), 3);
}

#[tokio::test]
async fn the_second_attempt_comes_by_itself() {
    let stage = Stage::new().await;
    stage.endpoint.then([Reply::Status(500)]);
    let began = Instant::now();
    stage.pay(1_000).await;
    while stage.endpoint.requests() < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(stage.endpoint.requests(), 2);
    assert_eq!(stage.endpoint.take_transactions().len(), 1);
}

#[tokio::test]
async fn one_that_nobody_acknowledges_is_given_up_after_six_attempts() {
    let stage = Stage::new().await;
    stage.endpoint.then([Reply::Status(500); 20]);
    stage.pay(1_000).await;
    for _ in 0..8 {
        stage.sandbox.deliver_callbacks().await;
    }
    assert_eq!(stage.state(), (CallbackState::GivenUp, 6, Some(500)));
    assert_eq!(stage.endpoint.requests(), 6);
    assert!(stage.endpoint.take().is_empty());
}

#[tokio::test]
async fn an_acknowledgement_is_status_200_and_the_code_of_success() {
    for response in [Reply::Status(201), Reply::Code, Reply::Redirect] {
        let stage = Stage::new().await;
        stage.endpoint.then([response; 20]);
        stage.pay(1_000).await;
        stage.sandbox.deliver_callbacks().await;
        let (state, tries, _) = stage.state();
        assert_eq!(state, CallbackState::Waiting, "{response:?}");
        // A redirect is not followed.
        assert_eq!(stage.endpoint.requests(), usize::try_from(tries).unwrap());
    }
    // Nobody listens there.
    let stage = Stage::new().await;
    stage
        .sandbox
        .send_callbacks_to("http://127.0.0.1:9/kona")
        .unwrap();
    stage.pay(1_000).await;
    stage.sandbox.deliver_callbacks().await;
    let (state, _, last_status) = stage.state();
    assert_eq!((state, last_status), (CallbackState::Waiting, None));
}

#[tokio::test]
async fn a_receiver_rejects_what_it_took_when_its_response_is_lost() {
    for encrypted in [false, true] {
        let stage = Stage::new().await;
        if encrypted {
            stage
                .sandbox
                .send_encrypted_callbacks_to(&stage.url)
                .unwrap();
        }
        stage.endpoint.then([Reply::Lost]);
        stage.pay(1_000).await;
        for _ in 0..2 {
            stage.sandbox.deliver_callbacks().await;
        }
        // The receiver responses a repetition with a success.
        assert_eq!(stage.state(), (CallbackState::Delivered, 2, Some(200)));
        assert_eq!(
            *stage.endpoint.refused.lock().unwrap(),
            [CallbackErrorKind::Replayed]
        );
        assert_eq!(stage.endpoint.take().len(), 1);

        // The same payment once more is another event.
        stage.pay(1_000).await;
        stage.sandbox.deliver_callbacks().await;
        let taken = stage.endpoint.take();
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].encrypted, encrypted);
        assert_eq!(taken[0].fingerprint.len(), 64);
    }
}

#[tokio::test]
async fn an_encrypted_callback_names_the_key_that_was_issued_first() {
    let stage = Stage::new().await;
    stage
        .sandbox
        .send_encrypted_callbacks_to(&stage.url)
        .unwrap();
    stage.pay(2_000).await;
    stage.sandbox.deliver_callbacks().await;
    let taken = stage.endpoint.take();
    stage.endpoint.refused_nothing();
    assert_eq!(taken.len(), 1);
    assert!(taken[0].encrypted);
    assert_eq!(taken[0].key_id.as_deref(), Some(fixtures::CRYPTO_KEY_ID));
    assert_eq!(taken[0].json.expose()["trAmount"], "2000");
}

#[tokio::test]
async fn a_refusal_is_not_unknown_and_a_lost_response_is() {
    let stage = Stage::new().await;
    let body = json!({"amount": 100_001, "merchantId": fixtures::MERCHANTS[0]});
    let body = stage.with_token(CARD, body).await;
    stage.try_call("pay_with_token", body).await.unwrap_err();
    let transfer = json!({"userId": USER, "fromCardNo": CARD, "toCardNo": CARD_2, "amount": 1});
    stage
        .try_call("transfer_balance", transfer)
        .await
        .unwrap_err();
    stage
        .try_call("cancel_membership", json!({"userId": USER}))
        .await
        .unwrap_err();
    stage.sandbox.deliver_callbacks().await;
    assert_eq!(stage.sandbox.callbacks(), []);
    assert_eq!(stage.endpoint.requests(), 0);

    let body = json!({"amount": 1_000, "merchantId": fixtures::MERCHANTS[0]});
    let body = stage.with_token(CARD, body).await;
    stage.sandbox.fault_next(Fault::CloseAfter).unwrap();
    stage.try_call("pay_with_token", body).await.unwrap_err();
    assert_eq!(stage.delivered().await.len(), 1);
}

#[tokio::test]
async fn nothing_is_recorded_before_there_is_an_address_and_after_it_is_taken_away() {
    let sandbox = Sandbox::start().await.unwrap();
    let recharge = async |sandbox: &Sandbox| {
        let body = json!({"userId": USER_2, "par": PAR_2, "amount": 1_000});
        let client = sandbox.client();
        client.raw("recharge_by_system", body).send().await.unwrap();
    };
    recharge(&sandbox).await;
    let (endpoint, url) = Endpoint::start(&sandbox).await;
    sandbox.send_callbacks_to(&url).unwrap();
    sandbox.deliver_callbacks().await;
    assert_eq!(endpoint.requests(), 0);
    recharge(&sandbox).await;
    sandbox.stop_callbacks();
    recharge(&sandbox).await;
    sandbox.deliver_callbacks().await;
    let before = endpoint.requests();
    // The one in between is sent when there is an address again, if it was not before.
    sandbox.send_callbacks_to(&url).unwrap();
    sandbox.deliver_callbacks().await;
    assert!(before <= 1);
    assert_eq!(endpoint.take_transactions().len(), 1);

    // A reset takes the address away that the sandbox did not start with.
    sandbox.reset();
    recharge(&sandbox).await;
    assert_eq!(sandbox.callbacks(), []);
    // And brings back the one that it started with.
    let sandbox = Sandbox::builder().callbacks(&url).start().await.unwrap();
    sandbox.stop_callbacks();
    sandbox.reset();
    recharge(&sandbox).await;
    sandbox.deliver_callbacks().await;
    assert_eq!(endpoint.take_transactions().len(), 1);
}

#[tokio::test]
async fn an_address_elsewhere_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    for url in ["http://192.0.2.1/kona", "https://127.0.0.1/kona", "kona"] {
        let problem = sandbox.send_callbacks_to(url).unwrap_err();
        assert_eq!(problem.field(), "url");
        let builder = Sandbox::builder().callbacks(url);
        assert!(builder.start().await.is_err());
    }
}

#[tokio::test]
async fn the_control_api_shows_what_became_of_them_and_nothing_of_what_they_tell() {
    let stage = Stage::new().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("{}/__sandbox/callbacks", stage.sandbox.base_url());
    let post = async |path: &str, body: Value| {
        http.post(format!("{address}{path}"))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    let response = post("", json!({"url": stage.url, "encrypted": true})).await;
    let response: Value = serde_json::from_str(&response).unwrap();
    assert_eq!(
        response,
        json!({"url": stage.url, "encrypted": true, "callbacks": []})
    );
    stage.endpoint.then([Reply::Status(500)]);
    stage.pay(1_000).await;
    post("/deliver", json!({})).await;
    let text = post("/deliver", json!({})).await;
    let response: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        response["callbacks"],
        json!([{"id": 1, "kind": "transaction", "state": "delivered", "tries": 2,
            "lastStatus": 200}])
    );
    assert!(stage.endpoint.take()[0].encrypted);
    let debug = format!("{:?}", stage.sandbox.callbacks());
    for secret in [CARD, PAR, "10000000001", fixtures::SECRET_KEY, "99000"] {
        assert!(
            !text.contains(secret) && !debug.contains(secret),
            "{secret}"
        );
    }
    let response = http.delete(&address).send().await.unwrap();
    let response: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(
        (&response["url"], &response["encrypted"]),
        (&Value::Null, &Value::Null)
    );
}
