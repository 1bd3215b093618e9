//! Promise: the rules of the crates hold in every interleaving; each of the older rules is refuted,
//! and what refutes it does not deceive the real crates.

use std::time::Duration;

use konaplate::journal::{Concluded, Conclusion, Intent, JournalFuture};
use konaplate::types::IssueOneTimeTokenResponseBody;
use konaplate::{CallOptions, Client, Delivery, Outcome, OutcomePolicy};
use konaplate_journal::{Filter, Journal, RecoverPolicy, Settlement, State};
use konaplate_model::{
    Action, Decision, HANDED_OUT_STANDS, NO_FALSE_DENIAL, NO_FALSE_SUCCESS, PROOF_STANDS, Rules,
};
use konaplate_sandbox::{Fault, Sandbox, fixtures};
use stateright::{Checker, Model};

const USER: u64 = 10_000_000_001;
const CARD: &str = "9491339401250765";
const PAR: &str = "Q180BEA3B2F1BBD8410336D66A4";
const AMOUNT: u64 = 20_000;

#[test]
fn the_rules_hold_in_every_interleaving() {
    let checker = Rules::NOW.checker().spawn_bfs().join();
    println!("{} states", checker.unique_state_count());
    checker.assert_properties();
    assert!(checker.unique_state_count() > 1_000);
}

/// A way on which a promise is broken.
fn breaks(promise: &'static str, rules: Rules) -> Vec<Action> {
    let checker = rules.checker().spawn_bfs().join();
    let path = checker.discovery(promise);
    path.expect("the old rule is refuted").into_actions()
}

/// A way on which somebody says that nothing was carried out when it was.
fn counterexample(rules: Rules) -> Vec<Action> {
    breaks(NO_FALSE_DENIAL, rules)
}

fn at_once() -> RecoverPolicy {
    let mut policy = RecoverPolicy::default();
    policy.min_age = Duration::ZERO;
    policy.not_found_after = Duration::ZERO;
    policy.pause = Duration::ZERO;
    policy
}

/// Client, journal and sandbox, as real as they are.
struct Stage {
    sandbox: Sandbox,
    journal: Journal,
    client: Client,
    before: u64,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn new() -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::sqlite(folder.path().join("journal.db"))
            .await
            .unwrap();
        let client = sandbox
            .client_builder()
            .journal(std::sync::Arc::new(journal.clone()))
            .build()
            .unwrap();
        Self {
            before: sandbox.card_balance(PAR).unwrap(),
            sandbox,
            journal,
            client,
            _folder: folder,
        }
    }

    async fn token(&self) -> konaplate::Response<IssueOneTimeTokenResponseBody> {
        let client = self.sandbox.client();
        let call = client.issue_one_time_token().card_no(CARD);
        call.send().await.unwrap()
    }

    /// Sends the recharge, with what happens to it on the way.
    async fn recharge(&self, fault: Option<Fault>) -> Result<String, konaplate::Error> {
        let token = self.token().await;
        if let Some(fault) = fault {
            self.sandbox.fault_next(fault).unwrap();
        }
        let moment = Duration::from_millis(1);
        let once = OutcomePolicy::new().interval(moment).deadline(moment);
        let outcome = self
            .client
            .recharge_from_bank_account()
            .sequence_id("MODEL-1")
            .user_id(USER)
            .amount(AMOUNT)
            .one_time_token(&token.one_time_token)
            .dcvv(&token.dcvv)
            .merchant_id(fixtures::MERCHANTS[0])
            .options(CallOptions::new().outcome(once))
            .send_for_outcome()
            .await?;
        let verdict = match outcome {
            Outcome::Completed(_) => "completed",
            Outcome::NotCarriedOut(_) => "not carried out",
            Outcome::Declined(_) => "declined",
            Outcome::EarlierCall(_) => "earlier call",
            Outcome::Unknown(_) => "unknown",
        };
        Ok(verdict.to_owned())
    }

    async fn recover(&self) {
        // Entries are told apart by the millisecond.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let policy = at_once();
        // Whoever recovers may come at any time, when no call is under way any more.
        self.journal
            .pass_time(Duration::from_secs(60))
            .await
            .unwrap();
        self.journal
            .recover(&self.sandbox.client(), policy)
            .await
            .unwrap();
    }

    /// The journal denies nothing that moved money.
    async fn denies_nothing(&self) {
        let moved = self.sandbox.card_balance(PAR) == Some(self.before + AMOUNT);
        assert!(moved, "the scenario moves money");
        for state in [State::NotSent, State::NotCarriedOut, State::Failed] {
            let page = self.journal.entries(state).await.unwrap();
            assert!(page.entries.is_empty(), "{state}: {page:?}");
        }
    }
}

#[tokio::test]
async fn every_code_was_no_proof() {
    let actions = counterexample(Rules {
        every_code_is_proof: true,
        ..Rules::NOW
    });
    println!("{actions:?}");
    // It is delivered twice, carried out and responded to with a failure, or by a gateway.
    let fault = if actions.contains(&Action::GatewayResponds) {
        Fault::Gateway {
            status: konaplate_sandbox::GatewayStatus::Unauthorized,
            carried_out: true,
        }
    } else if actions.contains(&Action::Duplicate) {
        Fault::DuplicatedRequest
    } else {
        assert!(actions.contains(&Action::Deliver(Decision::ExecuteAndFail)));
        Fault::FailureAfter { code: 7_004 }
    };
    // And the others of the same kind.
    for fault in [
        fault,
        Fault::FailureAfter { code: 7_004 },
        Fault::FailureAfter { code: 7_003 },
        Fault::DuplicatedRequest,
        Fault::DuplicatedRequestNewId,
        Fault::Gateway {
            status: konaplate_sandbox::GatewayStatus::Unauthorized,
            carried_out: true,
        },
    ] {
        let stage = Stage::new().await;
        let verdict = stage.recharge(Some(fault)).await.unwrap();
        assert_eq!(verdict, "completed", "{fault}: the inquiry tells");
        stage.denies_nothing().await;
    }
}

#[tokio::test]
async fn that_the_platform_knows_nothing_was_no_proof() {
    let actions = counterexample(Rules {
        not_found_is_proof: true,
        ..Rules::NOW
    });
    println!("{actions:?}");
    // It was asked about before it arrived.
    let asked = actions
        .iter()
        .position(|action| matches!(action, Action::Ask(_)));
    let delivered = actions
        .iter()
        .position(|action| matches!(action, Action::Deliver(_)));
    assert!(asked.unwrap() < delivered.unwrap());

    let stage = Stage::new().await;
    let verdict = stage.recharge(Some(Fault::HoldRequest)).await.unwrap();
    assert_eq!(verdict, "unknown");
    stage.recover().await;
    assert_eq!(stage.sandbox.deliver_held(), 1);
    stage.denies_nothing().await;
}

#[tokio::test]
async fn a_sequence_id_that_was_used_was_no_proof() {
    let actions = counterexample(Rules {
        reuse_is_not_sent: true,
        ..Rules::NOW
    });
    println!("{actions:?}");
    assert!(actions.contains(&Action::UseAgain));

    let stage = Stage::new().await;
    // The response is lost and the process dies: nobody asked.
    stage
        .sandbox
        .fault_operation("get_bank_recharge_result", Fault::CloseBefore)
        .unwrap();
    let verdict = stage.recharge(Some(Fault::CloseAfter)).await.unwrap();
    assert_eq!(verdict, "unknown");
    stage.sandbox.clear_faults();
    // Started again, with the same sequence id: the journal keeps it from being sent, and the
    // inquiry tells.
    let verdict = stage.recharge(None).await.unwrap();
    assert_eq!(verdict, "completed");
    let error = stage
        .client
        .recharge_from_bank_account()
        .sequence_id("MODEL-1")
        .user_id(USER)
        .amount(AMOUNT)
        .one_time_token("5297000000000021")
        .dcvv("802")
        .merchant_id(fixtures::MERCHANTS[0])
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.delivery(), Delivery::EarlierCall);
    stage.denies_nothing().await;
}

#[tokio::test]
async fn the_first_word_did_not_have_to_be_the_last() {
    let actions = breaks(
        PROOF_STANDS,
        Rules {
            first_word_counts: true,
            ..Rules::NOW
        },
    );
    println!("{actions:?}");
    // Somebody closed the entry before the platform's word came.
    assert!(matches!(
        actions.last(),
        Some(Action::Conclude | Action::Settle(_))
    ));

    let stage = Stage::new().await;
    let verdict = stage.recharge(Some(Fault::CloseAfter)).await.unwrap();
    assert_eq!(verdict, "completed", "its own inquiry tells");
    let page = stage.journal.entries(Filter::all()).await.unwrap();
    let id = page.entries[0].correlation_id.parse().unwrap();
    let settlement = Settlement::NotCarriedOut;
    let project = stage.client.project();
    let settled = stage
        .journal
        .settle_by_hand(&project, id, settlement, "given up");
    settled.await.unwrap();
    // Late, the platform's word comes.
    let intent = konaplate::journal::Intent::new(project.clone(), "recharge_from_bank_account", id);
    let proof = konaplate::journal::Outcome::Completed(serde_json::Map::new());
    konaplate::journal::Journal::conclude(&stage.journal, intent.concluded(proof))
        .await
        .unwrap();
    stage.denies_nothing().await;
    let contradicted = stage.journal.entries(Filter::contradicted()).await.unwrap();
    assert_eq!(contradicted.entries.len(), 1);
}

#[tokio::test]
async fn the_word_of_another_project_was_no_word() {
    for promise in [NO_FALSE_DENIAL, NO_FALSE_SUCCESS] {
        let actions = breaks(
            promise,
            Rules {
                any_project_recovers: true,
                // What made a denial of it.
                not_found_is_proof: promise == NO_FALSE_DENIAL,
                ..Rules::NOW
            },
        );
        println!("{actions:?}");
    }
    let stage = Stage::new().await;
    stage
        .sandbox
        .fault_operation("get_bank_recharge_result", Fault::CloseBefore)
        .unwrap();
    let verdict = stage.recharge(Some(Fault::CloseAfter)).await.unwrap();
    assert_eq!(verdict, "unknown");
    let elsewhere = Sandbox::start().await.unwrap();
    let mut policy = RecoverPolicy::default();
    policy.not_found_after = Duration::ZERO;
    stage
        .journal
        .pass_time(Duration::from_secs(3_600))
        .await
        .unwrap();
    let recovery = stage
        .journal
        .recover(&elsewhere.client(), policy)
        .await
        .unwrap();
    assert_eq!(recovery.left_to_other_projects, 1);
    stage.denies_nothing().await;
    let open = stage.journal.entries(State::Open).await.unwrap();
    assert_eq!(open.entries.len(), 1);
}

/// A journal in which somebody takes a payment back just when its response has come.
#[derive(Debug)]
struct Overtaken {
    journal: Journal,
    recovers: Client,
    /// Whether a person settles it then.
    settles: bool,
}

impl konaplate::journal::Journal for Overtaken {
    fn intend(&self, intent: Intent) -> JournalFuture<'_> {
        self.journal.intend(intent)
    }

    fn conclude(&self, conclusion: Conclusion) -> JournalFuture<'_, Concluded> {
        Box::pin(async move {
            let mut policy = at_once();
            policy.send_cancellations = true;
            // A clock that is ahead: the call seems to be over.
            self.journal.pass_time(Duration::from_secs(60)).await?;
            self.journal.recover(&self.recovers, policy).await?;
            if self.settles {
                let (project, id) = (&conclusion.project, conclusion.correlation_id);
                let said = Settlement::NotCarriedOut;
                self.journal
                    .settle_by_hand(project, id, said, "given up")
                    .await?;
            }
            self.journal.conclude(conclusion).await
        })
    }

    fn abandon(&self, intent: Intent) -> JournalFuture<'_> {
        self.journal.abandon(intent)
    }
}

#[tokio::test]
async fn a_success_could_be_handed_out_and_its_payment_be_taken_back() {
    for rules in [
        Rules {
            hands_out_at_once: true,
            ..Rules::NOW
        },
        Rules {
            cancels_unannounced: true,
            ..Rules::NOW
        },
        Rules {
            state_tells_of_cancellation: true,
            ..Rules::NOW
        },
    ] {
        let actions = breaks(HANDED_OUT_STANDS, rules);
        println!("{actions:?}");
        // Where the state tells, only a person hides it.
        let by_hand = actions.contains(&Action::GiveUpByHand);
        assert!(by_hand || !rules.state_tells_of_cancellation);
    }
    for settles in [false, true] {
        let stage = Stage::new().await;
        let overtaken = Overtaken {
            journal: stage.journal.clone(),
            recovers: stage.sandbox.client(),
            settles,
        };
        let client = stage
            .sandbox
            .client_builder()
            .journal(std::sync::Arc::new(overtaken))
            .build()
            .unwrap();
        let token = stage.token().await;
        let moment = Duration::from_millis(1);
        let policy = OutcomePolicy::new()
            .interval(moment)
            .deadline(moment)
            .durable_cancellation(true);
        let cancellation = client.network_cancel_payment();
        let outcome = client
            .pay_with_token()
            .one_time_token(&token.one_time_token)
            .dcvv(&token.dcvv)
            .amount(3_000_u64)
            .merchant_id(fixtures::MERCHANTS[0])
            .transaction_id("PAY-1")
            .options(CallOptions::new().outcome(policy))
            .send_for_outcome_or_cancel(cancellation.extra("transactionId", "PAY-1"))
            .await
            .unwrap();
        assert_eq!(stage.sandbox.card_balance(PAR), Some(stage.before));
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    }
}
