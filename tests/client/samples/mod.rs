//! Promise: who follows README's sample to the letter never charges twice, whatever gateways do to
//! the request and its response.

use std::time::Duration;

use konaplate::types::SequenceId;
use konaplate::{Outcome, OutcomePolicy};
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
                .bank_recharge_outcome(&id, OutcomePolicy::new())
                .await
                .unwrap();
            match later {
                Outcome::Completed(_) => return "the card has the money".to_owned(),
                Outcome::NotCarriedOut(_) => continue,
                other => panic!("{other:?}"),
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
        // Nobody ever hears of what never arrived: a minute is not waited for here.
        let never_arrives = matches!(
            fault,
            Fault::RefuseConnection
                | Fault::CloseBefore
                | Fault::Html {
                    carried_out: false,
                    ..
                }
                | Fault::Gateway {
                    carried_out: false,
                    ..
                }
                | Fault::RetryAfter { .. }
        );
        if never_arrives {
            continue;
        }
        // At once, because inquiries wait.
        runs.push(tokio::spawn(async move {
            let sandbox = Sandbox::start().await.unwrap();
            let before = sandbox.card_balance(PAR).unwrap();
            let said = follows_readme(&sandbox, fault).await;
            sandbox.deliver_held();
            let moved = sandbox.card_balance(PAR).unwrap() - before;
            assert_eq!(said, "the card has the money", "{fault}");
            assert_eq!(moved, AMOUNT, "{fault}");
            assert_eq!(sandbox.ledger_total(), 0, "{fault}");
        }));
    }
    for run in runs {
        run.await.unwrap();
    }
}
