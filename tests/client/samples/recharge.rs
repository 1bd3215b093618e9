use konaplate::types::{IssueOneTimeTokenResponseBody, SequenceId};
use konaplate::{Client, Error, Outcome};

async fn recharge(
    client: &Client,
    id: &SequenceId, // from SequenceId::fresh, and stored before this call
    token: &IssueOneTimeTokenResponseBody,
) -> Result<String, Error> {
    let outcome = client
        .recharge_from_bank_account()
        .sequence_id(id)
        .user_id(10_000_000_001_u64)
        .amount(20_000_u64)
        .one_time_token(&token.one_time_token)
        .dcvv(&token.dcvv)
        .merchant_id("410195430033901")
        .send_for_outcome() // asks every 2 s, for 60 s
        .await?; // an error: it was not even tried
    Ok(match outcome {
        Outcome::Completed(_) => "the card has the money".to_owned(),
        Outcome::NotCarriedOut(_) => "no money moved: a new recharge is safe".to_owned(),
        Outcome::Declined(call) => format!("declined: {:?}", call.code()),
        // Not a failure: the money may have moved, or may move yet. Do not recharge again. Later,
        // also after a crash: client.bank_recharge_outcome(id, OutcomePolicy::new())
        Outcome::EarlierCall(_) | Outcome::Unknown(_) => format!("ask later for {id}"),
    })
}
