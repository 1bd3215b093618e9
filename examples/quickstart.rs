//! The main job, end to end, on the embedded sandbox: `cargo run --example quickstart`.
//!
//! A member of the sandbox gets a one-time token, recharges a card with a credit card and from a
//! bank account, asks how the latter ended, changes an auto recharge, gives a card away, and
//! finally tries to use a sequence id twice, which is refused.

use std::fmt;
use std::time::{Duration, Instant};

use konaplate::types::{
    CreateCreditCardRechargeResponseBody, IssueOneTimeTokenResponseBody, OneTimeTokenType,
};
use konaplate::{Client, Encrypted, Error, ErrorCode, Exchange, Operation, Response};
use konaplate_sandbox::{Sandbox, fixtures};

const USER: u64 = 10_000_000_001;
const CARD: &str = "9491339401250765";
const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";
const GIFT_CARD: &str = "9491330000001014";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let client = sandbox.client();
    println!("sandbox on {}\n", sandbox.base_url());

    // 1. A token for a credit-card recharge. It lives five minutes and works once.
    let token = issue_token(&client, CARD, Some(OneTimeTokenType::Credit)).await?;

    // 2. A credit-card recharge: the member pays in the window that the response links to.
    let response = recharge_by_credit_card(&client, &token).await?;
    report("create_credit_card_recharge", &response);

    // 3. A recharge from the bank account, with a token of its own.
    let token = issue_token(&client, CARD, None).await?;
    let response = client
        .recharge_from_bank_account()
        .sequence_id("QUICKSTART-BANK-1")
        .user_id(USER)
        .amount(20_000)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .merchant_id(fixtures::MERCHANTS[0])
        .send()
        .await?;
    report("recharge_from_bank_account", &response);

    // 4. How it ended: also what to ask when the response of step 3 was lost.
    let response = client
        .get_bank_recharge_result()
        .sequence_id("QUICKSTART-BANK-1")
        .send()
        .await?;
    report("get_bank_recharge_result", &response);

    // 5. An auto recharge that fires at once, since the balance is below the new threshold.
    let response = client
        .update_lower_limit_auto_recharge()
        .user_id(USER)
        .par(PAR)
        .amount(30_000)
        .threshold_balance(150_000)
        .send()
        .await?;
    report("update_lower_limit_auto_recharge", &response);

    // 6. A gift: the amount is the balance of the card that is given.
    let token = issue_token(&client, GIFT_CARD, None).await?;
    let response = client
        .gift_prepaid_card()
        .sender_user_id("10000000001")
        .receiver_name("김코코")
        .receiver_phone("01000000002")
        .service_id(fixtures::GIFT_SERVICE_ID)
        .amount(30_000)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .locale("KO")
        .send()
        .await?;
    report("gift_prepaid_card", &response);

    // 7. The sequence id of step 2 again: refused, and nothing moves.
    let token = issue_token(&client, CARD, Some(OneTimeTokenType::Credit)).await?;
    let started = Instant::now();
    let refused = recharge_by_credit_card(&client, &token).await;
    let elapsed = started.elapsed();
    match refused {
        Err(error) if error.code() == Some(&ErrorCode::SequenceIdAlreadyUsed) => {
            report_refusal("create_credit_card_recharge", &error, elapsed);
        }
        other => return Err(format!("expected 007_008, got {other:?}").into()),
    }

    println!(
        "\ncard balance {} KRW, bank balance {} KRW",
        sandbox.card_balance(PAR).unwrap_or_default(),
        sandbox.bank_balance(USER).unwrap_or_default(),
    );
    Ok(())
}

async fn issue_token(
    client: &Client,
    card: &str,
    purpose: Option<OneTimeTokenType>,
) -> Result<Response<IssueOneTimeTokenResponseBody>, Error> {
    let mut call = client.issue_one_time_token().card_no(card);
    if let Some(purpose) = purpose {
        call = call.type_(purpose);
    }
    let response = call.send().await?;
    report("issue_one_time_token", &response);
    Ok(response)
}

async fn recharge_by_credit_card(
    client: &Client,
    token: &IssueOneTimeTokenResponseBody,
) -> Result<Response<CreateCreditCardRechargeResponseBody>, Error> {
    client
        .create_credit_card_recharge()
        .sequence_id("QUICKSTART-CARD-1")
        .user_id(USER)
        .amount(50_000)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .affiliate_id(fixtures::AFFILIATE_ID)
        .send()
        .await
}

/// The same lines for a call that was refused. Whether it was encrypted is what the description
/// says.
fn report_refusal(operation: &str, error: &Error, elapsed: Duration) {
    let described = Operation::find(operation);
    let side = |flag: Option<Encrypted>| match flag {
        Some(Encrypted::Yes) => "encrypted",
        _ => "plain",
    };
    println!(
        "{operation}\n    {} → {}  {}  {}  {:.1} ms\n    {error}\n    delivery: {:?}",
        side(described.map(Operation::request_encrypted)),
        side(described.map(Operation::response_encrypted)),
        error
            .correlation_id()
            .map(|id| id.to_string())
            .unwrap_or_default(),
        error
            .code()
            .map(|code| code.to_string())
            .unwrap_or_default(),
        elapsed.as_secs_f64() * 1_000.0,
        error.delivery(),
    );
}

/// One line for how a call went, one for its result. Secrets are masked by their types.
fn report<T: fmt::Debug>(operation: &str, response: &Response<T>) {
    let exchange: &Exchange = response.exchange();
    let side = |encrypted| if encrypted { "encrypted" } else { "plain" };
    println!(
        "{operation}\n    {} → {}  {}  {}  {:.1} ms\n    {:?}\n",
        side(exchange.request_encrypted()),
        side(exchange.response_encrypted()),
        exchange.correlation_id(),
        konaplate::SUCCESS,
        exchange.elapsed().as_secs_f64() * 1_000.0,
        **response,
    );
}
