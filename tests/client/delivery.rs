//! Promise: whatever goes wrong, `Error::delivery()` never says that a call was not carried out
//! when it was. The sandbox knows, and so the two are compared, over thousands of calls with
//! faults.
//!
//! `cargo test --test client delivery -- --nocapture` prints the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::support;
use konaplate::types::{IssueOneTimeTokenResponseBody, OneTimeTokenType};
use konaplate::{CallOptions, Client, CorrelationId, Delivery, Error, ErrorKind, TimeZone};
use konaplate_sandbox::{Fault, Sandbox, fixtures};
use serde_json::json;

/// Runs of each of the [`WORKERS`]; most are two calls.
const RUNS: usize = 1_000;

/// Each has a sandbox of its own, and so an order of calls of its own.
const WORKERS: u64 = 3;

/// After so many runs a sandbox starts anew: members run out of money.
const RUNS_PER_LIFE: usize = 50;

/// Longer than the fastest response takes, and shorter than the delay on demand.
const SHORT: Duration = Duration::from_millis(8);
const DELAY: Fault = Fault::Delay { millis: 16 };

/// Ordinary cards whose members have money at the bank: member, card number, PAR.
const CARDS: [(u64, &str, &str); 4] = [
    (
        10_000_000_001,
        "9491339401250765",
        "Q180BEA3B2F1BBD8410336D66A4",
    ),
    (
        10_000_000_002,
        "9491330000000024",
        "Q1000000000000000000000002A",
    ),
    (
        10_000_000_003,
        "9491330000000032",
        "Q1000000000000000000000003A",
    ),
    (
        10_000_000_010,
        "9491330000000107",
        "Q1000000000000000000000010A",
    ),
];

/// What became of a call, as the client sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    Success,
    NotSent,
    NotCarriedOut,
    Declined,
    EarlierCall,
    MaybeProcessed,
    ProcessedUnreadable,
}

impl Seen {
    const ALL: [Self; 7] = [
        Self::Success,
        Self::NotSent,
        Self::NotCarriedOut,
        Self::Declined,
        Self::EarlierCall,
        Self::MaybeProcessed,
        Self::ProcessedUnreadable,
    ];

    fn of<T>(result: &Result<T, Error>) -> Self {
        match result.as_ref().map_err(Error::delivery) {
            Ok(_) => Self::Success,
            Err(Delivery::NotSent) => Self::NotSent,
            Err(Delivery::NotCarriedOut) => Self::NotCarriedOut,
            Err(Delivery::Declined) => Self::Declined,
            Err(Delivery::EarlierCall) => Self::EarlierCall,
            Err(Delivery::MaybeProcessed) => Self::MaybeProcessed,
            Err(Delivery::ProcessedUnreadable) => Self::ProcessedUnreadable,
            Err(other) => panic!("{other:?} is not in the table"),
        }
    }

    /// Whether it may be said of a call that was carried out, or was not.
    fn is_true(self, carried_out: bool) -> bool {
        match self {
            Self::Success | Self::ProcessedUnreadable => carried_out,
            Self::NotSent | Self::NotCarriedOut => !carried_out,
            // No claim about another delivery of the same request: a gateway may deliver it twice.
            Self::Declined | Self::EarlierCall | Self::MaybeProcessed => true,
        }
    }
}

/// Calls by fault, by what the client saw, and by whether they were carried out.
type Table = BTreeMap<(String, Seen, bool), usize>;

/// A sandbox, clients of it, and what was counted.
struct Lab {
    seed: u64,
    run: usize,
    random: fastrand::Rng,
    sandbox: Sandbox,
    client: Client,
    /// Does not wait for a response that is delayed.
    hasty: Client,
    /// Knocks where nobody is.
    lost: Client,
    table: Table,
    wrong: Vec<String>,
    used_sequence: Option<String>,
}

impl Lab {
    async fn new(seed: u64) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        // Taken and given back: nobody listens there now.
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nowhere = format!("http://{}", nobody.local_addr().unwrap());
        Self {
            seed,
            run: 0,
            random: fastrand::Rng::with_seed(seed),
            client: sandbox.client(),
            hasty: sandbox.client_builder().timeout(SHORT).build().unwrap(),
            lost: sandbox.client_builder().base_url(nowhere).build().unwrap(),
            sandbox,
            table: Table::new(),
            wrong: Vec::new(),
            used_sequence: None,
        }
    }

    /// A fault for the next call, or none, and the client to make it with.
    fn next(&mut self) -> (String, Client) {
        if self.random.u8(..) < 40 {
            return ("-".to_owned(), self.client.clone());
        }
        if self.random.u8(..) < 8 {
            return ("(nobody listens)".to_owned(), self.lost.clone());
        }
        let fault = match *self.random.choice(&Fault::EXAMPLES).unwrap() {
            Fault::Delay { .. } => DELAY,
            // Through the head, through the body, and not at all.
            Fault::CutResponse { .. } => Fault::CutResponse {
                bytes: self.random.u32(..1_500),
            },
            fault => fault,
        };
        self.sandbox.fault_next(fault).unwrap();
        let client = match fault {
            DELAY => self.hasty.clone(),
            // Has no connection yet, and so gets none.
            Fault::RefuseConnection if self.random.bool() => self.sandbox.client(),
            _ => self.client.clone(),
        };
        (kind(fault), client)
    }

    fn observe<T>(&mut self, fault: &str, id: CorrelationId, result: &Result<T, Error>) {
        let seen = Seen::of(result);
        let entries: Vec<_> = self
            .sandbox
            .requests()
            .into_iter()
            .filter(|entry| entry.correlation_id == Some(id))
            .collect();
        // A call that nobody waited for may come late, and take the fault that was meant for
        // another.
        let fault = match entries.first() {
            Some(entry) => entry.fault.map_or_else(|| "-".to_owned(), kind),
            None => fault.to_owned(),
        };
        let carried_out = entries.iter().any(|entry| entry.carried_out);
        let is_doubled = fault.starts_with("duplicated-request");
        let twice = entries.len() > 1 + usize::from(is_doubled);
        if !seen.is_true(carried_out) || twice {
            let error = result.as_ref().err().map(ToString::to_string);
            self.wrong.push(format!(
                "seed {}, run {}, {fault}: {seen:?} for {entries:?}: {error:?}",
                self.seed, self.run
            ));
        }
        *self.table.entry((fault, seen, carried_out)).or_default() += 1;
        // A fault whose call never came is not for the next one.
        self.sandbox.clear_faults();
    }

    async fn token(
        &mut self,
        card: &str,
        kind: Option<OneTimeTokenType>,
        (fault, client): (String, Client),
    ) -> Option<IssueOneTimeTokenResponseBody> {
        let (id, options) = options();
        let mut call = client.issue_one_time_token().card_no(card).options(options);
        if let Some(kind) = kind {
            call = call.type_(kind);
        }
        let result = call.send().await;
        self.observe(&fault, id, &result);
        result.ok().map(konaplate::Response::into_inner)
    }

    fn plain(&self) -> (String, Client) {
        ("-".to_owned(), self.client.clone())
    }

    fn sequence(&mut self) -> String {
        // Now and then one that was used before.
        let fresh = format!("S-{}-{}", self.seed, self.run);
        match &self.used_sequence {
            Some(used) if self.random.u8(..) < 40 => used.clone(),
            _ => self.used_sequence.insert(fresh).clone(),
        }
    }

    async fn recharge_from_bank_account(&mut self) {
        let (user_id, card, _) = *self.random.choice(&CARDS).unwrap();
        let plain = self.plain();
        let Some(token) = self.token(card, None, plain).await else {
            return;
        };
        let sequence = self.sequence();
        // 0 breaks the field's rule before anything is sent; some merchants do not exist.
        let amount = if self.random.u8(..) < 10 {
            0_u64
        } else {
            1_000
        };
        let merchant = match self.random.u8(..) {
            ..40 => "410000000000000",
            _ => fixtures::MERCHANTS[0],
        };
        let (fault, client) = self.next();
        let (id, options) = options();
        let result = client
            .recharge_from_bank_account()
            .sequence_id(sequence)
            .user_id(user_id)
            .amount(amount)
            .one_time_token(token.one_time_token)
            .dcvv(token.dcvv)
            .merchant_id(merchant)
            .options(options)
            .send()
            .await;
        self.observe(&fault, id, &result);
    }

    async fn create_credit_card_recharge(&mut self) {
        let (user_id, card, _) = *self.random.choice(&CARDS).unwrap();
        let plain = self.plain();
        let Some(token) = self
            .token(card, Some(OneTimeTokenType::Credit), plain)
            .await
        else {
            return;
        };
        let sequence = self.sequence();
        // Below the smallest amount it is refused.
        let amount = if self.random.bool() { 5_000_u64 } else { 10 };
        let (fault, client) = self.next();
        let (id, options) = options();
        let result = client
            .create_credit_card_recharge()
            .sequence_id(sequence)
            .user_id(user_id)
            .amount(amount)
            .one_time_token(token.one_time_token)
            .dcvv(token.dcvv)
            .affiliate_id(fixtures::AFFILIATE_ID)
            .options(options)
            .send()
            .await;
        self.observe(&fault, id, &result);
    }

    async fn gift_prepaid_card(&mut self) {
        let (user_id, card, par) = *self.random.choice(&CARDS).unwrap();
        let plain = self.plain();
        let Some(token) = self.token(card, None, plain).await else {
            return;
        };
        // Another amount than the card's balance is refused; what was given away has none.
        let amount = self.sandbox.card_balance(par).unwrap_or(0).max(1);
        let (fault, client) = self.next();
        let (id, options) = options();
        let result = client
            .gift_prepaid_card()
            .sender_user_id(user_id.to_string())
            .receiver_name("최이음")
            .receiver_phone("01000000008")
            .service_id(fixtures::SERVICE_ID)
            .amount(amount)
            .one_time_token(token.one_time_token)
            .dcvv(token.dcvv)
            .locale(konaplate::types::MessageLanguage::Ko)
            .options(options)
            .send()
            .await;
        self.observe(&fault, id, &result);
    }

    async fn recharge_by_system(&mut self) {
        let (user, _, par) = *self.random.choice(&CARDS).unwrap();
        // With nothing, which is no amount whatever happened before.
        let amount: u64 = if self.random.bool() { 0 } else { 1_000 };
        let (fault, client) = self.next();
        let (id, options) = options();
        let body = json!({"userId": user, "par": par, "amount": amount});
        let call = client.raw("recharge_by_system", body).options(options);
        let result = call.send().await;
        self.observe(&fault, id, &result);
    }

    async fn issue_one_time_token(&mut self) {
        let (_, card, _) = *self.random.choice(&CARDS).unwrap();
        // The last digit of the other makes no card number of it.
        let card = if self.random.u8(..) < 60 {
            "9491339401250766"
        } else {
            card
        };
        let next = self.next();
        self.token(card, None, next).await;
    }

    async fn get_bank_recharge_result(&mut self) {
        let sequence = match &self.used_sequence {
            Some(used) if self.random.bool() => used.clone(),
            _ => "never-sent".to_owned(),
        };
        let (fault, client) = self.next();
        let (id, options) = options();
        let result = client
            .get_bank_recharge_result()
            .sequence_id(sequence)
            .options(options)
            .send()
            .await;
        self.observe(&fault, id, &result);
    }

    async fn go(mut self) -> (Table, Vec<String>) {
        while self.run < RUNS {
            match self.random.u8(..6) {
                5 => self.recharge_by_system().await,
                0 => self.recharge_from_bank_account().await,
                1 => self.create_credit_card_recharge().await,
                2 => self.gift_prepaid_card().await,
                3 => self.issue_one_time_token().await,
                _ => self.get_bank_recharge_result().await,
            }
            self.run += 1;
            if self.run.is_multiple_of(RUNS_PER_LIFE) {
                self.sandbox.reset();
                self.used_sequence = None;
            }
        }
        (self.table, self.wrong)
    }
}

/// Name of a fault without its number.
fn kind(fault: Fault) -> String {
    let name = fault.to_string();
    name.split(':').next().unwrap_or_default().to_owned()
}

fn options() -> (CorrelationId, CallOptions) {
    let id = CorrelationId::fresh(TimeZone::Kst);
    (id, CallOptions::new().correlation_id(id))
}

/// The table of `(row, seen, carried out)` with these rows.
fn print(table: &Table) -> String {
    let mut text = format!(
        "{:20} {:>12} {:>16}\n",
        "all faults", "carried out", "not carried out"
    );
    let sum = |fault: Option<&str>, seen, carried_out| -> usize {
        table
            .iter()
            .filter(|((name, s, c), _)| {
                fault.is_none_or(|fault| name == fault) && *s == seen && *c == carried_out
            })
            .map(|(_, count)| count)
            .sum()
    };
    for seen in Seen::ALL {
        let [yes, no] = [true, false].map(|carried_out| sum(None, seen, carried_out));
        writeln!(text, "{:20} {yes:12} {no:16}", format!("{seen:?}")).unwrap();
    }
    writeln!(
        text,
        "\n{:20} calls: client's view/carried out or not",
        "by fault"
    )
    .unwrap();
    let mut faults: Vec<_> = table.keys().map(|(fault, ..)| fault.as_str()).collect();
    faults.dedup();
    for fault in faults {
        write!(text, "{fault:20}").unwrap();
        for seen in Seen::ALL {
            for (carried_out, word) in [(true, "done"), (false, "not done")] {
                let count = sum(Some(fault), seen, carried_out);
                if count > 0 {
                    write!(text, " {seen:?}/{word}: {count}").unwrap();
                }
            }
        }
        text.push('\n');
    }
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn what_is_said_of_a_call_is_true_whatever_goes_wrong() {
    let workers: Vec<_> = (1..=WORKERS)
        .map(|seed| tokio::spawn(async move { Lab::new(seed).await.go().await }))
        .collect();
    let mut table = Table::new();
    let mut wrong = Vec::new();
    for worker in workers {
        let (counts, wrongs) = worker.await.unwrap();
        for (cell, count) in counts {
            *table.entry(cell).or_default() += count;
        }
        wrong.extend(wrongs);
    }
    println!("{}", print(&table));
    assert!(
        wrong.is_empty(),
        "{} wrong, such as\n{}",
        wrong.len(),
        wrong[0]
    );

    // It means something only if everything that can be right came up.
    let count = |of: &dyn Fn(&str, Seen, bool) -> bool| -> usize {
        table
            .iter()
            .filter(|((fault, seen, carried_out), _)| of(fault, *seen, *carried_out))
            .map(|(_, count)| count)
            .sum()
    };
    for seen in Seen::ALL {
        for carried_out in [true, false] {
            let calls = count(&|_, s, c| (s, c) == (seen, carried_out));
            assert_eq!(
                calls > 0,
                seen.is_true(carried_out),
                "{seen:?} {carried_out}"
            );
        }
    }
    for fault in Fault::EXAMPLES {
        let kind = kind(fault);
        assert!(
            count(&|f, _, _| f == kind) > 20,
            "{fault} came up too seldom"
        );
        // What the fault says of itself.
        let done = count(&|f, _, carried_out| f == kind && carried_out);
        assert_eq!(done > 0, fault.carries_out(), "{fault}");
    }
}

#[tokio::test]
async fn a_response_that_comes_late_is_not_taken_for_the_next_calls() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let refused = || {
        client
            .get_bank_recharge_result()
            .sequence_id("never-sent")
            .send()
    };
    let carried_out = || client.issue_one_time_token().card_no(CARDS[0].1).send();

    sandbox.fault_next(Fault::StaleResponse).unwrap();
    assert_eq!(refused().await.unwrap_err().delivery(), Delivery::Declined);
    let error = carried_out().await.unwrap_err();
    assert!(sandbox.requests().last().unwrap().carried_out);
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
    assert_eq!(error.delivery(), Delivery::MaybeProcessed);
    assert!(
        error.to_string().contains("the response to another call"),
        "{error}"
    );

    // The other way round: what was refused must not look like success.
    sandbox.fault_next(Fault::StaleResponse).unwrap();
    carried_out().await.unwrap();
    let error = refused().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
    // And the connection is not used for more.
    carried_out().await.unwrap();
}

/// That responses carry the id of their call is not documented.
#[tokio::test]
async fn a_platform_with_ids_of_its_own_is_understood() {
    let body = r#"{"response":{"code":"000_000"},"result":"COMPLETED"}"#;
    let own = ("x-km-correlation-id", "260315104512-0000000");
    let server = support::Server::start(support::reply(200, &[own], body)).await;
    let client = server.client();
    for _ in 0..2 {
        let call = client.get_bank_recharge_result().sequence_id("S");
        let response = call.send().await.unwrap();
        assert_eq!(response.exchange().response_correlation_id(), Some(own.1));
    }
}
