//! Promise: who follows README's sample to the letter never charges twice, whatever gateways do to
//! the request and its response.

use std::time::Duration;

use crate::support;
use konaplate::Outcome;
use konaplate::types::SequenceId;
use konaplate_sandbox::{Fault, Sandbox};

/// The block of README as it stands there.
mod readme {
    include!("recharge.rs");

    pub(super) async fn follow(
        client: &Client,
        id: &SequenceId,
        token: &IssueOneTimeTokenResponseBody,
    ) -> Result<String, Error> {
        recharge(client, id, token).await
    }
}

const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";
const CARD: &str = "9491339401250765";
const AMOUNT: u64 = 20_000;
const HAS_MONEY: &str = "the card has the money";

#[test]
fn the_sample_is_readmes() {
    let readme = include_str!("../../../README.md");
    let sample = include_str!("recharge.rs");
    assert!(readme.contains(&format!("```rust\n{sample}```")));
}

/// Recharges once, as README says: with a new sequence id after a proof that no money moved, and
/// never otherwise.
async fn follows_readme(sandbox: &Sandbox, fault: Fault) -> String {
    let client = sandbox
        .client_builder()
        // For responses that come late.
        .timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    let mut fault = Some(fault);
    loop {
        let id = SequenceId::fresh("BNK-").unwrap();
        let tokens = sandbox.client();
        let token = tokens.issue_one_time_token().card_no(CARD);
        let token = token.send().await.unwrap();
        if let Some(fault) = fault.take() {
            sandbox.fault_next(fault).unwrap();
        }
        // The sample waits for a minute at most; what is unknown then is asked about later.
        let said = readme::follow(&client, &id, &token);
        let said = tokio::time::timeout(Duration::from_secs(5), said).await;
        let Ok(said) = said else {
            sandbox.deliver_held();
            let later = client
                .bank_recharge_outcome(&id, support::short())
                .await
                .unwrap();
            match later {
                Outcome::Completed(_) => return HAS_MONEY.to_owned(),
                Outcome::NotCarriedOut(_) => continue,
                // Not known: it never arrived. A person asks KONA, and nothing is sent again.
                _ => return "unknown".to_owned(),
            }
        };
        match said.unwrap().as_str() {
            "no money moved: a new recharge is safe" => {}
            other => return other.to_owned(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_readme_never_charges_twice() {
    let mut runs = Vec::new();
    for fault in Fault::EXAMPLES {
        // At once, because inquiries wait.
        runs.push(tokio::spawn(async move {
            let sandbox = Sandbox::start().await.unwrap();
            let before = sandbox.card_balance(PAR).unwrap();
            let said = follows_readme(&sandbox, fault).await;
            sandbox.deliver_held();
            let moved = sandbox.card_balance(PAR).unwrap() - before;
            // A request that arrives is known in the end, and moves the money once.
            let arrives = fault.carries_out() || fault == Fault::HoldRequest;
            let (word, expected) = match arrives {
                true => (HAS_MONEY, AMOUNT),
                false => ("unknown", 0),
            };
            assert_eq!((said.as_str(), moved), (word, expected), "{fault}");
            assert_eq!(sandbox.ledger_total(), 0, "{fault}");
        }));
    }
    for run in runs {
        run.await.unwrap();
    }
}
