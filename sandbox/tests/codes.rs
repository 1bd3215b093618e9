//! Promise: every documented code of every operation is reachable: through real state where the rule
//! is known, and on demand.

use std::collections::BTreeSet;
use std::time::Duration;

use konaplate::types::{IssueOneTimeTokenResponse, OneTimeTokenType};
use konaplate::{Client, Delivery, Error, ErrorCode, Operation, Response};
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::{Value, json};

const USER: u64 = 10_000_000_001;
const CARD: &str = "9491339401250765";
const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";

/// Codes that no rule of the sandbox leads to: what does at KONA is not known, or needs more state
/// than these operations have.
const ON_DEMAND_ONLY: [(&str, &str); 7] = [
    ("issue_one_time_token", "006_003"),
    ("issue_one_time_token", "006_031"),
    ("recharge_from_bank_account", "007_002"),
    ("update_lower_limit_auto_recharge", "007_002"),
    ("update_lower_limit_auto_recharge", "007_005"),
    ("update_lower_limit_auto_recharge", "007_006"),
    ("update_lower_limit_auto_recharge", "007_008"),
];

async fn token(
    client: &Client,
    card: &str,
    kind: Option<OneTimeTokenType>,
) -> Response<IssueOneTimeTokenResponse> {
    let mut call = client.issue_one_time_token().card_no(card);
    if let Some(kind) = kind {
        call = call.type_(kind);
    }
    call.send().await.unwrap()
}

/// A credit-card recharge that would succeed, with these changes.
async fn card_recharge(client: &Client, card: &str, changes: Value) -> Result<Value, Error> {
    let token = token(client, card, Some(OneTimeTokenType::Credit)).await;
    let body = json!({
        "sequenceId": "CARD-1", "userId": USER, "amount": 50_000,
        "oneTimeToken": token.one_time_token, "dcvv": token.dcvv, "affiliateId": fixtures::AFFILIATE_ID,
    });
    call(client, "create_credit_card_recharge", body, changes).await
}

async fn bank_recharge(
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

async fn gift(client: &Client, card: &str, changes: Value) -> Result<Value, Error> {
    let token = token(client, card, None).await;
    let body = json!({
        "senderUserId": USER.to_string(), "receiverName": "김코코", "receiverPhone": "010-0000-0002",
        "serviceId": fixtures::GIFT_SERVICE_ID, "amount": 30_000,
        "oneTimeToken": token.one_time_token, "dcvv": token.dcvv, "locale": "KO",
    });
    call(client, "gift_prepaid_card", body, changes).await
}

async fn auto_recharge(client: &Client, changes: Value) -> Result<Value, Error> {
    let body = json!({"userId": USER, "par": PAR, "amount": 30_000, "thresholdBalance": 10_000});
    call(client, "update_lower_limit_auto_recharge", body, changes).await
}

/// A raw call: the typed one would refuse some of the changes. `null` removes a field.
async fn call(
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
        .map(|answer| answer.into_inner().into_inner())
}

#[track_caller]
fn refused(
    outcome: Result<Value, Error>,
    code: &str,
    seen: &mut BTreeSet<(String, String)>,
) -> Error {
    let error = outcome.expect_err(code);
    assert_eq!(error.code().map(ErrorCode::code), Some(code), "{error}");
    assert_eq!(error.delivery(), Delivery::Refused, "{error}");
    assert_eq!(error.http_status(), Some(400));
    // The sandbox says which rule it was.
    let answer = error.answer().unwrap().reveal();
    assert!(answer["sandbox"]["expected"].is_string(), "{answer}");
    seen.insert((error.operation().unwrap().to_owned(), code.to_owned()));
    error
}

#[tokio::test]
async fn through_real_state() {
    let seen = &mut BTreeSet::new();

    // One-time tokens.
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let issue = |card: &str| {
        call(
            &client,
            "issue_one_time_token",
            json!({"cardNo": card}),
            json!({}),
        )
    };
    refused(issue("9491339401250766").await, "006_002", seen);
    refused(issue("949133940125076").await, "006_002", seen);
    refused(issue("9491330000009991").await, "006_001", seen);

    // Credit-card recharges.
    let error = refused(
        card_recharge(&client, CARD, json!({"userId": 5})).await,
        "000_002",
        seen,
    );
    assert!(
        error
            .to_string()
            .contains("Invalid input parameter. userId"),
        "{error}"
    );
    let error = refused(
        card_recharge(&client, CARD, json!({"sequenceId": null})).await,
        "000_003",
        seen,
    );
    assert!(
        error
            .to_string()
            .contains("Missing required values. sequenceId"),
        "{error}"
    );
    refused(
        card_recharge(&client, CARD, json!({"affiliateId": "000000000000000"})).await,
        "007_032",
        seen,
    );
    refused(
        card_recharge(&client, CARD, json!({"amount": 999})).await,
        "007_020",
        seen,
    );
    refused(
        card_recharge(&client, CARD, json!({"amount": 0})).await,
        "007_020",
        seen,
    );
    refused(
        card_recharge(&client, "9491330000001022", json!({})).await,
        "007_021",
        seen,
    );
    refused(
        card_recharge(&client, "9491330000001063", json!({})).await,
        "007_033",
        seen,
    );
    card_recharge(&client, CARD, json!({})).await.unwrap();
    refused(
        card_recharge(&client, CARD, json!({})).await,
        "007_008",
        seen,
    );
    refused(
        card_recharge(&client, CARD, json!({"sequenceId": "CARD-2"})).await,
        "007_025",
        seen,
    );

    // Bank recharges.
    refused(
        bank_recharge(&client, 10_000_000_011, "9491330000000115", json!({})).await,
        "007_001",
        seen,
    );
    refused(
        bank_recharge(&client, USER, "9491330000001063", json!({})).await,
        "007_003",
        seen,
    );
    refused(
        bank_recharge(&client, 10_000_000_004, "9491330000000040", json!({})).await,
        "007_004",
        seen,
    );
    let result = |id: &str| {
        call(
            &client,
            "get_bank_recharge_result",
            json!({"sequenceId": id}),
            json!({}),
        )
    };
    assert_eq!(result("BANK-1").await.unwrap()["result"], "FAILED");
    refused(result("never-sent").await, "007_009", seen);
    refused(result("CARD-1").await, "007_009", seen);
    refused(result("").await, "000_002", seen);
    refused(
        bank_recharge(&client, USER, CARD, json!({"merchantId": "1"})).await,
        "000_002",
        seen,
    );

    // Auto recharges.
    refused(
        auto_recharge(&client, json!({"userId": 5})).await,
        "000_002",
        seen,
    );
    refused(
        auto_recharge(&client, json!({"amount": 0})).await,
        "007_007",
        seen,
    );
    let of = |user: u64, par: &str, more: Value| {
        let mut changes = json!({"userId": user, "par": par, "thresholdBalance": 9_999_999});
        changes
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        changes
    };
    refused(
        auto_recharge(
            &client,
            of(10_000_000_011, "Q1000000000000000000000011A", json!({})),
        )
        .await,
        "007_001",
        seen,
    );
    refused(
        auto_recharge(
            &client,
            of(10_000_000_004, "Q1000000000000000000000004A", json!({})),
        )
        .await,
        "007_004",
        seen,
    );
    refused(
        auto_recharge(&client, of(USER, "Q1000000000000000000000106A", json!({}))).await,
        "007_003",
        seen,
    );

    // Gifts.
    let card = "9491330000001014";
    refused(
        gift(&client, card, json!({"locale": "JP"})).await,
        "000_002",
        seen,
    );
    refused(
        gift(&client, card, json!({"amount": 0})).await,
        "005_022",
        seen,
    );
    refused(
        gift(&client, card, json!({"receiverPhone": "01000000001"})).await,
        "005_023",
        seen,
    );
    refused(
        gift(&client, "9491330000001030", json!({})).await,
        "005_024",
        seen,
    );
    refused(
        gift(&client, "9491330000001022", json!({})).await,
        "005_025",
        seen,
    );
    refused(
        gift(&client, card, json!({"amount": 29_999})).await,
        "005_026",
        seen,
    );
    refused(
        gift(&client, "9491330000001055", json!({})).await,
        "005_027",
        seen,
    );
    refused(
        gift(&client, "9491330000001048", json!({})).await,
        "005_028",
        seen,
    );
    refused(
        gift(&client, CARD, json!({"amount": 100_000})).await,
        "005_029",
        seen,
    );

    // What is left is on demand only, and nothing else is.
    let documented: BTreeSet<(String, String)> = Operation::all()
        .iter()
        .filter(|o| konaplate_sandbox::STATEFUL.contains(&o.id()))
        .flat_map(|o| {
            o.codes()
                .iter()
                .map(|code| (o.id().to_owned(), code.code().to_owned()))
        })
        .collect();
    let by_rule: BTreeSet<_> = seen.intersection(&documented).cloned().collect();
    let left: BTreeSet<_> = documented.difference(&by_rule).cloned().collect();
    let expected: BTreeSet<_> = ON_DEMAND_ONLY
        .iter()
        .map(|(operation, code)| ((*operation).to_owned(), (*code).to_owned()))
        .collect();
    assert_eq!(left, expected);
}

#[tokio::test]
async fn on_demand() {
    let sandbox = Sandbox::start().await.unwrap();
    for operation in Operation::all() {
        for code in operation.codes() {
            let headers = [(
                "x-sandbox-answer".parse().unwrap(),
                code.code().parse().unwrap(),
            )];
            let client = sandbox
                .client_builder()
                .http(
                    reqwest::Client::builder()
                        .no_proxy()
                        .default_headers(headers.into_iter().collect()),
                )
                .build()
                .unwrap();
            let error = client
                .raw(operation.id(), json!({}))
                .send()
                .await
                .unwrap_err();
            assert_eq!(error.code(), Some(code), "{}", operation.id());
            assert_eq!(error.delivery(), Delivery::Refused);
            assert!(
                code.messages()
                    .iter()
                    .any(|message| error.to_string().contains(message))
            );
        }
    }
}

#[tokio::test]
async fn on_demand_by_the_name_of_an_example_and_never_undocumented() {
    let sandbox = Sandbox::start().await.unwrap();
    let ask = async |wanted: &str| {
        let headers = [("x-sandbox-answer".parse().unwrap(), wanted.parse().unwrap())];
        let http = reqwest::Client::builder()
            .no_proxy()
            .default_headers(headers.into_iter().collect());
        let client = sandbox.client_builder().http(http).build().unwrap();
        let call = client.get_bank_recharge_result().sequence_id("S");
        call.send().await.unwrap_err()
    };
    let error = ask("PreviousTransactionNotFoundBadParameter").await;
    assert_eq!(error.code(), Some(&ErrorCode::PreviousTransactionNotFound));
    let error = ask("006_001").await;
    assert_eq!(error.code().unwrap().code(), "sandbox:answer");
}

#[tokio::test]
async fn state_is_true() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    assert_eq!(sandbox.card_balance(PAR), Some(100_000));

    // A bank recharge moves its amount, and its result says so.
    let answer = bank_recharge(&client, USER, CARD, json!({})).await.unwrap();
    assert_eq!(answer["isPending"], false);
    assert_eq!(answer["nrNumber"].as_str().unwrap().len(), 18);
    assert_eq!(sandbox.card_balance(PAR), Some(120_000));
    assert_eq!(sandbox.bank_balance(USER), Some(980_000));
    let result = client
        .get_bank_recharge_result()
        .sequence_id("BANK-1")
        .send()
        .await
        .unwrap();
    assert_eq!(result.result.as_str(), "COMPLETED");

    // The same again moves nothing.
    bank_recharge(&client, USER, CARD, json!({}))
        .await
        .unwrap_err();
    assert_eq!(sandbox.card_balance(PAR), Some(120_000));

    // An update above the balance changes the setting only; one below it fires at once.
    auto_recharge(&client, json!({"thresholdBalance": 119_999}))
        .await
        .unwrap();
    assert_eq!(sandbox.card_balance(PAR), Some(120_000));
    auto_recharge(&client, json!({"thresholdBalance": 120_000}))
        .await
        .unwrap();
    assert_eq!(sandbox.card_balance(PAR), Some(150_000));
    assert_eq!(sandbox.bank_balance(USER), Some(950_000));

    // A gift takes the amount off the sender's card, once.
    let gift_par = "Q1000000000000000000000101A";
    let given = gift(
        &client,
        "9491330000001014",
        json!({"senderPhone": "01000000001"}),
    )
    .await
    .unwrap();
    assert_eq!(given["transferId"].as_str().unwrap().len(), 20);
    assert_eq!(sandbox.card_balance(gift_par), Some(0));
    gift(&client, "9491330000001014", json!({}))
        .await
        .unwrap_err();
}

#[tokio::test]
async fn a_token_works_once_for_its_card_its_type_and_its_time() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let recharge = |token: &IssueOneTimeTokenResponse, dcvv: &str, sequence: &str, user: u64| {
        client
            .recharge_from_bank_account()
            .sequence_id(sequence)
            .user_id(user)
            .amount(1)
            .one_time_token(&token.one_time_token)
            .dcvv(dcvv)
            .merchant_id(fixtures::MERCHANTS[0])
            .send()
    };
    let expected = |error: Error| {
        assert_eq!(
            error.code(),
            Some(&ErrorCode::InvalidInputParameter),
            "{error}"
        );
        error.answer().unwrap().reveal()["sandbox"]["expected"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let ordinary = token(&client, CARD, None).await;
    recharge(&ordinary, ordinary.dcvv.reveal(), "1", USER)
        .await
        .unwrap();
    let error = recharge(&ordinary, ordinary.dcvv.reveal(), "2", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "no such token, or it was used before");

    let credit = token(&client, CARD, Some(OneTimeTokenType::Credit)).await;
    let error = recharge(&credit, credit.dcvv.reveal(), "3", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "a token without a type is needed");

    let other_card = token(&client, "9491330000000024", None).await;
    let error = recharge(&other_card, other_card.dcvv.reveal(), "4", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "the token is for a card of another member");

    let ordinary = token(&client, CARD, None).await;
    let wrong = if ordinary.dcvv.reveal() == "000" {
        "001"
    } else {
        "000"
    };
    let error = recharge(&ordinary, wrong, "5", USER).await.unwrap_err();
    assert_eq!(expected(error), "it is not the one issued with the token");

    let ordinary = token(&client, CARD, None).await;
    sandbox.advance_clock(Duration::from_secs(31));
    let error = recharge(&ordinary, ordinary.dcvv.reveal(), "6", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "the token has expired");

    let credit = token(&client, CARD, Some(OneTimeTokenType::Credit)).await;
    let lives = credit.expiry_time.get() - ordinary.expiry_time.get();
    assert!((270_000..310_000).contains(&lives), "{lives} ms");
}

#[tokio::test]
async fn the_payment_window_approves_and_declines() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let browser = reqwest::Client::builder().no_proxy().build().unwrap();
    let open = async |sequence: &str| {
        let answer = card_recharge(&client, CARD, json!({"sequenceId": sequence}))
            .await
            .unwrap();
        answer["redirectUrl"].as_str().unwrap().to_owned()
    };
    let decide = async |url: &str, decision: &str| {
        let body = format!("decision={decision}");
        let answer = browser.post(url).body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };

    let url = open("CARD-1").await;
    assert!(url.len() <= 200);
    let page = browser
        .get(&url)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert!(page.contains("50000 KRW"));
    assert_eq!(decide(&url, "nonsense").await.0, 400);
    assert_eq!(sandbox.card_balance(PAR), Some(100_000));
    let (status, page) = decide(&url, "approve").await;
    assert_eq!(status, 200);
    assert!(page.contains("Approved"));
    assert_eq!(sandbox.card_balance(PAR), Some(150_000));
    assert_eq!(decide(&url, "approve").await.0, 409);
    assert_eq!(sandbox.card_balance(PAR), Some(150_000));

    let url = open("CARD-2").await;
    assert!(decide(&url, "decline").await.1.contains("Declined"));
    let url = open("CARD-3").await;
    sandbox.advance_clock(Duration::from_secs(301));
    assert_eq!(decide(&url, "approve").await.0, 409);
    assert_eq!(sandbox.card_balance(PAR), Some(150_000));
    assert_eq!(
        decide(&url.replace("window/", "window/9"), "approve")
            .await
            .0,
        404
    );
}
