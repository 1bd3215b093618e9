//! Promise: a one-time token works once, for its card, its type and its time.

use std::time::Duration;

use konaplate::types::{IssueOneTimeTokenResponseBody, OneTimeTokenType};
use konaplate::{Error, ErrorCode};
use konaplate_sandbox::{Sandbox, fixtures};

use crate::support::{CARD, USER, now, token};

#[tokio::test]
async fn a_token_works_once_for_its_card_its_type_and_its_time() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.stop_clock_at(now());
    let client = sandbox.client();
    let recharge =
        |token: &IssueOneTimeTokenResponseBody, dcvv: &str, sequence: &str, user: u64| {
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
        error.response().unwrap().expose()["sandbox"]["expected"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let ordinary = token(&client, CARD, None).await;
    recharge(&ordinary, ordinary.dcvv.expose(), "1", USER)
        .await
        .unwrap();
    let error = recharge(&ordinary, ordinary.dcvv.expose(), "2", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "no such token, or it was used before");

    let credit = token(&client, CARD, Some(OneTimeTokenType::Credit)).await;
    let error = recharge(&credit, credit.dcvv.expose(), "3", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "a token without a type is needed");

    let other_card = token(&client, "9491330000000024", None).await;
    let error = recharge(&other_card, other_card.dcvv.expose(), "4", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "the token is for a card of another member");

    let ordinary = token(&client, CARD, None).await;
    let wrong = if ordinary.dcvv.expose() == "000" {
        "001"
    } else {
        "000"
    };
    let error = recharge(&ordinary, wrong, "5", USER).await.unwrap_err();
    assert_eq!(expected(error), "it is not the one issued with the token");

    let ordinary = token(&client, CARD, None).await;
    sandbox.advance_clock(Duration::from_secs(31));
    let error = recharge(&ordinary, ordinary.dcvv.expose(), "6", USER)
        .await
        .unwrap_err();
    assert_eq!(expected(error), "the token has expired");

    let credit = token(&client, CARD, Some(OneTimeTokenType::Credit)).await;
    let lives = credit.expiry_time.get() - ordinary.expiry_time.get();
    // Five minutes and half a minute, and 31 seconds between them.
    assert_eq!(lives, 301_000);
}
