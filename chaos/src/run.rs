//! One run: a member, some business, faults and perhaps a crash, all of it from a seed and a number.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use fastrand::Rng;
use konaplate::{Client, SettlePolicy};
use konaplate_journal::{Journal, RecoverPolicy, Recovery, State};
use konaplate_sandbox::{Fault, HtmlStatus, Sandbox, fixtures};
use serde_json::{Value, json};

use crate::crash::{self, Mission, Point};
use crate::oracle::{self, Account, Call, Entry, Findings, Intent, Seen};
use crate::order::{Order, Told, said};
use crate::truth::Truth;

/// A client that does not wait longer, and the fault that makes it wait for ever.
const HASTY: Duration = Duration::from_millis(40);
const FOREVER: Fault = Fault::Delay { millis: 60_000 };

/// How often a piece of business is begun again where nothing happened.
const ATTEMPTS: usize = 4;

/// 2025-03-01T00:00:00Z. Runs begin up to 200 days later: the past for every machine that runs them,
/// because the journal compares the times of intents with the machine's clock.
const FIRST_DAY: u64 = 1_740_787_200;

/// One question for an outcome, at once. How many fit into a longer time would hang on the machine.
const ONE_QUESTION: SettlePolicy = SettlePolicy::new()
    .interval(Duration::from_millis(1))
    .deadline(Duration::from_millis(1));

/// What all runs have in common.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Seed of all runs.
    pub seed: u64,
    /// This program, which is started again to be killed.
    pub program: PathBuf,
    /// Where journals are kept while a run lasts.
    pub folder: PathBuf,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Report {
    /// Number of the run.
    pub number: u64,
    /// What the client and the journal said.
    pub account: Account,
    /// The platform at the end.
    pub truth: Truth,
    /// What all accounts held together before, in KRW.
    pub sum_before: i64,
    /// Where a process died, if one did.
    pub crash: Option<Point>,
    /// Entries that recoveries settled, by the state they came to, and those they left open.
    pub recovered: Vec<State>,
    /// What is wrong.
    pub findings: Findings,
    /// What happened, a line a step.
    pub steps: Vec<String>,
}

/// Carries a run out.
///
/// # Errors
/// The run could not be carried out: no port, no process, no journal. That is no finding.
pub async fn run(setting: &Setting, number: u64) -> Result<Report> {
    let mut actor = Actor::new(setting, number).await?;
    let before = Truth::of(&actor.sandbox);
    let mut random = actor.random_of(0);
    let steps = random.usize(3..=6);
    let crash = (random.u8(..4) == 0).then(|| {
        let point = Point::ALL[random.usize(..Point::ALL.len())];
        (random.usize(..steps), point)
    });
    let mut findings = Findings::default();
    for step in 0..steps {
        actor.random = actor.random_of(1 + step as u64);
        actor.doom = crash
            .filter(|(doomed, _)| *doomed == step)
            .map(|(_, point)| point);
        actor.step().await?;
        let total = actor.sandbox.ledger_total();
        if total != 0 {
            let line = format!("the total is {total} KRW after step {step}");
            findings.sums.push(line);
        }
    }
    actor.random = actor.random_of(u64::MAX);
    actor.end().await?;
    let truth = Truth::of(&actor.sandbox);
    let judged = oracle::judge(&actor.account, &before, &truth);
    findings.sums.extend(judged.sums.iter().cloned());
    Ok(Report {
        number,
        sum_before: before.balances.values().sum(),
        crash: actor.died_at,
        recovered: std::mem::take(&mut actor.recovered),
        findings: Findings {
            sums: findings.sums,
            ..judged
        },
        steps: std::mem::take(&mut actor.steps),
        account: std::mem::take(&mut actor.account),
        truth,
    })
}

/// A number from three others, spread.
fn mixed(seed: u64, run: u64, step: u64) -> u64 {
    let mut random = Rng::with_seed(seed);
    let mut random = Rng::with_seed(random.u64(..) ^ run.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    Rng::with_seed(random.u64(..) ^ step.wrapping_mul(0xd6e8_feb8_6659_fd93)).u64(..)
}

/// A card that the member can use.
#[derive(Debug, Clone)]
struct Card {
    number: String,
    par: String,
    service_id: String,
    expiry: String,
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    /// The client knocks where nobody is.
    NobodyListens,
    /// The client does not wait for the answer.
    TooLate,
    Of(Fault),
}

/// Business to be done: everything of a call but its token and its own number.
struct Deed {
    operation: &'static str,
    /// See [`Intent::amount`].
    amount: Option<u64>,
    /// The card that a token is needed of, and whether it is one for credit cards.
    token: Option<(usize, bool)>,
    /// The field for the caller's own number, where there is one.
    own_number: Option<&'static str>,
    body: Value,
}

/// Whoever does the business: an integrator who wants each piece of it done once.
struct Actor {
    seed: u64,
    number: u64,
    program: PathBuf,
    random: Rng,
    sandbox: Sandbox,
    /// The sandbox's clock, which nobody else moves: since 1970.
    now: Duration,
    journal_file: PathBuf,
    journal: Journal,
    client: Client,
    hasty: Client,
    lost: Client,
    /// Whether connections are kept alive, so that a call can meet what a former one left behind.
    keeps_alive: bool,
    user: fixtures::TestMember,
    cards: Vec<Card>,
    /// `nrNumber`, place of the card, and amount of what can be cancelled.
    recharges: Vec<(String, usize, u64)>,
    payments: Vec<(String, usize, u64)>,
    sequences: Vec<String>,
    /// Where the next call that moves money is to kill its process.
    doom: Option<Point>,
    died_at: Option<Point>,
    recovered: Vec<State>,
    account: Account,
    steps: Vec<String>,
    /// Counts what has to be told apart.
    serial: u64,
}

impl Actor {
    async fn new(setting: &Setting, number: u64) -> Result<Self> {
        let mut random = Rng::with_seed(mixed(setting.seed, number, u64::MAX - 1));
        let sandbox = Sandbox::builder().seed(random.u64(..)).start().await?;
        let start = Duration::from_secs(FIRST_DAY + random.u64(..200 * 86_400));
        sandbox.stop_clock_at(SystemTime::UNIX_EPOCH + start);
        let user = *random
            .choice(&fixtures::MEMBERS)
            .context("there are members")?;
        // The member with several cards comes up as often as the others together.
        let user = if random.bool() {
            fixtures::MEMBERS[0]
        } else {
            user
        };
        let keeps_alive = random.u8(..3) == 0;
        let journal_file = setting.folder.join(format!("{number}.db"));
        remove(&journal_file);
        let journal = Journal::sqlite(&journal_file).await?;
        let [client, hasty, lost] = clients(&sandbox, &journal, keeps_alive)?;
        let cards = fixtures::CARDS
            .iter()
            .filter(|card| card.user_id == user.user_id)
            .map(|card| Card {
                number: card.card_no.to_owned(),
                par: card.par.to_owned(),
                service_id: card.service_id.to_owned(),
                expiry: card.expiry.to_owned(),
            })
            .collect();
        let mut actor = Self {
            seed: setting.seed,
            number,
            program: setting.program.clone(),
            random,
            sandbox,
            now: start,
            journal_file,
            journal,
            client,
            hasty,
            lost,
            keeps_alive,
            user,
            cards,
            recharges: Vec::new(),
            payments: Vec::new(),
            sequences: Vec::new(),
            doom: None,
            died_at: None,
            recovered: Vec::new(),
            account: Account::default(),
            steps: Vec::new(),
            serial: 0,
        };
        let kept = if keeps_alive { "kept" } else { "not kept" };
        actor.note(format!(
            "member {} with {} cards, connections are {kept} alive",
            actor.user.user_id,
            actor.cards.len()
        ));
        Ok(actor)
    }

    fn random_of(&self, step: u64) -> Rng {
        Rng::with_seed(mixed(self.seed, self.number, step))
    }

    fn note(&mut self, line: String) {
        self.steps.push(line);
    }

    // Business.

    async fn step(&mut self) -> Result<()> {
        match self.random.u8(..26) {
            0..=5 => self.recharge().await,
            6 | 7 => self.cancel_recharge().await,
            8 | 9 => self.pay().await.map(drop),
            10 => self.cancel_payment().await,
            11 | 12 => self.network_cancel().await,
            13 | 14 => self.refund().await,
            15 => self.transfer_to_card().await,
            16 => self.transfer_balance().await,
            17 | 18 => self.gift().await,
            19 | 20 => self.credit_card().await,
            21 => self.recharge_by_system().await,
            22 => self.auto_recharge().await,
            23 => self.apply().await,
            _ => self.read().await,
        }?;
        match self.random.u8(..8) {
            // What is pending settles, windows close.
            0 => self.advance(Duration::from_secs(301)),
            // What was cancelled or refunded is paid out.
            1 => self.advance(Duration::from_secs(86_400)),
            2 => self.recover(true).await?,
            _ => {}
        }
        Ok(())
    }

    fn advance(&mut self, by: Duration) {
        self.sandbox.advance_clock(by);
        self.now += by;
        self.note(format!("the clock moves {} s ahead", by.as_secs()));
    }

    /// An amount that no other intent of the run has.
    fn amount(&mut self) -> u64 {
        self.serial += 1;
        let thousands = match self.random.u8(..12) {
            // More than a card holds, or a bank account.
            0 => self.random.u64(900..3_000),
            _ => self.random.u64(1..60),
        };
        1_000 * thousands + self.serial
    }

    fn card(&mut self) -> usize {
        // The first card is the most ordinary one.
        if self.random.bool() {
            0
        } else {
            self.random.usize(..self.cards.len())
        }
    }

    fn merchant(&mut self) -> &'static str {
        match self.random.u8(..16) {
            // Nobody: refused.
            0 => "410000000000000",
            _ => fixtures::MERCHANTS[self.random.usize(..fixtures::MERCHANTS.len())],
        }
    }

    fn somebody_else(&mut self) -> fixtures::TestMember {
        let me = self.user.user_id;
        let others: Vec<_> = fixtures::MEMBERS
            .iter()
            .filter(|member| member.user_id != me)
            .collect();
        *others[self.random.usize(..others.len())]
    }

    fn balance(&self, card: usize) -> u64 {
        self.sandbox
            .card_balance(&self.cards[card].par)
            .unwrap_or(0)
    }

    async fn recharge(&mut self) -> Result<()> {
        let (card, amount, merchant) = (self.card(), self.amount(), self.merchant());
        let answer = self
            .business(Deed {
                operation: "recharge_from_bank_account",
                amount: Some(amount),
                token: Some((card, false)),
                own_number: Some("sequenceId"),
                body: json!({"userId": self.user.user_id, "amount": amount, "merchantId": merchant}),
            })
            .await?;
        if let Some(number) = text_in(answer.as_ref(), "nrNumber") {
            self.recharges.push((number, card, amount));
        }
        Ok(())
    }

    async fn cancel_recharge(&mut self) -> Result<()> {
        if self.recharges.is_empty() {
            self.recharge().await?;
        }
        let Some((number, card, amount)) = self.recharges.pop() else {
            return Ok(());
        };
        self.business(Deed {
            operation: "cancel_bank_recharge",
            amount: Some(amount),
            token: Some((card, false)),
            own_number: Some("sequenceId"),
            body: json!({"userId": self.user.user_id, "nrNumber": number}),
        })
        .await
        .map(drop)
    }

    async fn pay(&mut self) -> Result<Option<Value>> {
        let (card, amount, merchant) = (self.card(), self.amount(), self.merchant());
        self.pay_so_much(card, amount, merchant).await
    }

    async fn pay_so_much(
        &mut self,
        card: usize,
        amount: u64,
        merchant: &str,
    ) -> Result<Option<Value>> {
        let answer = self
            .business(Deed {
                operation: "pay_with_token",
                amount: Some(amount),
                token: Some((card, false)),
                own_number: Some("transactionId"),
                body: json!({"amount": amount, "merchantId": merchant}),
            })
            .await?;
        if let Some(number) = text_in(answer.as_ref(), "nrNumber") {
            self.payments.push((number, card, amount));
        }
        Ok(answer)
    }

    async fn cancel_payment(&mut self) -> Result<()> {
        let (card, amount) = (self.card(), self.amount());
        let merchant = fixtures::MERCHANTS[self.random.usize(..fixtures::MERCHANTS.len())];
        self.pay_so_much(card, amount, merchant).await?;
        let Some((number, card, amount)) = self.payments.pop() else {
            return Ok(());
        };
        self.business(Deed {
            operation: "cancel_payment",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"cardNo": self.cards[card].number, "nrNumber": number, "amount": amount,
                "merchantId": merchant}),
        })
        .await
        .map(drop)
    }

    async fn network_cancel(&mut self) -> Result<()> {
        self.pay().await?;
        let Some((number, _, amount)) = self.payments.pop() else {
            return Ok(());
        };
        self.business(Deed {
            operation: "network_cancel_payment",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"nrNumber": number}),
        })
        .await
        .map(drop)
    }

    async fn refund(&mut self) -> Result<()> {
        let card = self.card();
        // So much is used that the rest may be refunded, most times.
        let rest = self.random.u64(1_000..30_000);
        let balance = self.balance(card);
        if balance > rest {
            self.pay_so_much(card, balance - rest, fixtures::MERCHANTS[0])
                .await?;
        }
        self.business(Deed {
            operation: "refund_card",
            amount: None,
            token: Some((card, false)),
            own_number: Some("sequenceId"),
            body: json!({"userId": self.user.user_id, "cardExpiry": self.cards[card].expiry}),
        })
        .await
        .map(drop)
    }

    async fn transfer_to_card(&mut self) -> Result<()> {
        let (card, amount, to) = (self.card(), self.amount(), self.somebody_else());
        self.business(Deed {
            operation: "transfer_to_card",
            amount: Some(amount),
            token: Some((card, false)),
            own_number: None,
            body: json!({"senderUserId": self.user.user_id, "receiverPhone": to.phone,
                "amount": amount}),
        })
        .await
        .map(drop)
    }

    async fn transfer_balance(&mut self) -> Result<()> {
        let amount = self.amount();
        let (from, to) = (self.card(), self.random.usize(..self.cards.len()));
        self.business(Deed {
            operation: "transfer_balance",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"userId": self.user.user_id, "fromCardNo": self.cards[from].number,
                "toCardNo": self.cards[to].number, "amount": amount}),
        })
        .await
        .map(drop)
    }

    async fn gift(&mut self) -> Result<()> {
        let (card, to) = (self.card(), self.somebody_else());
        let amount = self.balance(card).max(1);
        let answer = self
            .business(Deed {
                operation: "gift_prepaid_card",
                amount: None,
                token: Some((card, false)),
                own_number: None,
                body: json!({"senderUserId": self.user.user_id.to_string(), "receiverName": to.name,
                    "receiverPhone": to.phone, "serviceId": self.cards[card].service_id,
                    "amount": amount}),
            })
            .await?;
        let Some(gift) = text_in(answer.as_ref(), "transferId") else {
            return Ok(());
        };
        self.business(Deed {
            operation: "accept_gifted_card",
            amount: None,
            token: None,
            own_number: None,
            body: json!({"userId": to.user_id, "transferId": gift}),
        })
        .await
        .map(drop)
    }

    async fn credit_card(&mut self) -> Result<()> {
        let (card, amount) = (self.card(), self.amount());
        let answer = self
            .business(Deed {
                operation: "create_credit_card_recharge",
                amount: Some(amount),
                token: Some((card, true)),
                own_number: Some("sequenceId"),
                body: json!({"userId": self.user.user_id, "amount": amount,
                    "affiliateId": fixtures::AFFILIATE_ID}),
            })
            .await?;
        let Some(window) = text_in(answer.as_ref(), "redirectUrl") else {
            return Ok(());
        };
        let decision = match self.random.u8(..4) {
            0 => "decline",
            // It closes by itself.
            1 => return Ok(()),
            _ => "approve",
        };
        // The member's browser, not the client.
        let browser = reqwest::Client::builder().no_proxy().build()?;
        let shown = browser
            .post(window)
            .body(format!("decision={decision}"))
            .send()
            .await?;
        self.note(format!("the window: {decision}, {}", shown.status()));
        Ok(())
    }

    async fn recharge_by_system(&mut self) -> Result<()> {
        let (card, amount) = (self.card(), self.amount());
        self.business(Deed {
            operation: "recharge_by_system",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"userId": self.user.user_id, "par": self.cards[card].par,
                "amount": amount}),
        })
        .await
        .map(drop)
    }

    /// Sets a lower limit, and pays until it is met.
    async fn auto_recharge(&mut self) -> Result<()> {
        let (card, amount) = (self.card(), self.amount().min(9_000_000));
        let threshold = self.random.u64(1..120_000);
        self.business(Deed {
            operation: "update_lower_limit_auto_recharge",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"userId": self.user.user_id, "par": self.cards[card].par,
                "amount": amount, "thresholdBalance": threshold}),
        })
        .await?;
        let amount = self.amount();
        self.pay_so_much(card, amount, fixtures::MERCHANTS[1])
            .await
            .map(drop)
    }

    async fn apply(&mut self) -> Result<()> {
        let service_id = match self.random.bool() {
            true => fixtures::SERVICE_ID,
            false => fixtures::GIFT_SERVICE_ID,
        };
        let answer = self
            .business(Deed {
                operation: "apply_for_prepaid_card",
                amount: None,
                token: None,
                own_number: None,
                body: json!({"userInfo": {"userId": self.user.user_id}, "serviceId": service_id}),
            })
            .await?;
        let answer = answer.as_ref();
        if let Some(number) = text_in(answer, "mobileCardNo")
            && let Some(par) = text_in(answer, "mobileCardPar")
        {
            self.cards.push(Card {
                number,
                par,
                service_id: service_id.to_owned(),
                // Good for five years; nothing needs it unless it is refunded.
                expiry: "3001".to_owned(),
            });
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<()> {
        for _ in 0..self.random.usize(1..4) {
            let (operation, body) = match self.random.u8(..4) {
                0 => ("get_deposit_balance", json!({})),
                1 => ("list_member_cards", json!({"userId": self.user.user_id})),
                2 => {
                    let card = self.card();
                    let body = json!({"par": self.cards[card].par, "startDate": "20250101",
                        "endDate": "20251231", "userId": self.user.user_id});
                    ("list_card_transactions", body)
                }
                _ => {
                    let known = self.random.choice(&self.sequences).cloned();
                    let sequence = known.unwrap_or_else(|| "never-sent".to_owned());
                    ("get_bank_recharge_result", json!({"sequenceId": sequence}))
                }
            };
            let order = self.order(operation, body);
            let trouble = self.trouble(90);
            self.call(None, operation, &order, trouble, false).await?;
        }
        Ok(())
    }

    /// Does a piece of business once: begins again only where nothing happened for certain.
    async fn business(&mut self, deed: Deed) -> Result<Option<Value>> {
        let intent = self.account.intents.len();
        self.account.intents.push(Intent {
            operation: deed.operation,
            amount: deed.amount,
        });
        let amount = deed.amount.map(|amount| format!(" of {amount} KRW"));
        self.note(format!(
            "intent {intent}: {}{}",
            deed.operation,
            amount.unwrap_or_default()
        ));
        let can_be_asked = deed.own_number == Some("sequenceId")
            && matches!(
                deed.operation,
                "recharge_from_bank_account" | "cancel_bank_recharge"
            );
        let settles = can_be_asked && self.random.bool();
        let mut own_number = self.own_number();
        for attempt in 0..ATTEMPTS {
            let mut body = deed.body.clone();
            if let Some((card, credit)) = deed.token {
                let Some(token) = self.token(card, credit).await? else {
                    return Ok(None);
                };
                body["oneTimeToken"] = token["oneTimeToken"].clone();
                body["dcvv"] = token["dcvv"].clone();
            }
            if let Some(field) = deed.own_number {
                // Nothing happened before: the same number may come again, or another one.
                if attempt > 0 && self.random.bool() {
                    own_number = self.own_number();
                }
                body[field] = own_number.as_str().into();
                if field == "sequenceId" {
                    self.sequences.push(own_number.clone());
                }
            }
            let order = self.order(deed.operation, body);
            if let Some(point) = self.doom.take() {
                match self.crash(intent, deed.operation, order, point).await? {
                    None | Some(State::NotSent | State::Failed) => continue,
                    Some(_) => return Ok(None),
                }
            }
            let trouble = self.trouble(100);
            let told = self
                .call(Some(intent), deed.operation, &order, trouble, settles)
                .await?;
            match (told.seen, told.settled) {
                (Seen::Success, None) => return Ok(told.answer),
                (Seen::Success, Some(true)) => return Ok(told.answer),
                (Seen::Refused, _) => return Ok(None),
                (Seen::NotSent, _) | (_, Some(false)) => continue,
                (_, Some(true)) => return Ok(None),
                _ => {}
            }
            // Nobody knows. Ask, or have the journal ask; and if that does not help either, leave it.
            if settles {
                match self.settle(&own_number).await? {
                    Some(false) => continue,
                    Some(true) => return Ok(None),
                    None => {}
                }
            } else if self.random.bool() {
                self.recover(true).await?;
                let id = order.id.parse().ok().context("an id is one")?;
                let entry = self.journal.entry(id).await?;
                if entry.is_some_and(|entry| entry.state == State::Failed) {
                    continue;
                }
            }
            return Ok(None);
        }
        Ok(None)
    }

    /// Asks for the outcome of the call that was made last, twice at most.
    async fn settle(&mut self, sequence: &str) -> Result<Option<bool>> {
        for _ in 0..2 {
            if self.random.bool() {
                self.advance(Duration::from_secs(301));
            }
            let trouble = self.trouble(60);
            if let Trouble::Of(fault) = trouble {
                self.sandbox.fault_next(fault)?;
            }
            let settled = self
                .client
                .settle_bank_recharge(sequence, ONE_QUESTION)
                .await;
            self.quiet().await;
            let outcome = settled.as_ref().ok().and_then(said);
            self.note(format!("  asked for the outcome: {outcome:?}"));
            if let (Some(outcome), Some(call)) = (outcome, self.account.calls.last_mut()) {
                call.settled = Some(outcome);
                return Ok(Some(outcome));
            }
        }
        Ok(None)
    }

    // Calls.

    fn own_number(&mut self) -> String {
        self.serial += 1;
        format!("S{}-{}-{}", self.seed, self.number, self.serial)
    }

    /// A call with an id that is the run's own.
    fn order(&mut self, operation: &str, body: Value) -> Order {
        self.serial += 1;
        let random = u64::from(self.random.u16(..));
        Order {
            operation: operation.to_owned(),
            id: format!("250301000000-{:07x}", random << 12 | self.serial & 0xfff),
            body,
        }
    }

    /// What goes wrong with the next call, in so many of 256 cases.
    fn trouble(&mut self, chance: u8) -> Trouble {
        let random = &mut self.random;
        if random.u8(..) >= chance {
            return Trouble::None;
        }
        match random.u8(..24) {
            0 => return Trouble::NobodyListens,
            1 => return Trouble::TooLate,
            _ => {}
        }
        let statuses = [
            HtmlStatus::InternalServerError,
            HtmlStatus::BadGateway,
            HtmlStatus::ServiceUnavailable,
            HtmlStatus::GatewayTimeout,
        ];
        Trouble::Of(match *random.choice(&Fault::EXAMPLES).unwrap_or(&FOREVER) {
            Fault::Delay { .. } => Fault::Delay {
                millis: random.u32(1..6),
            },
            // Through the head, through the body, and not at all.
            Fault::CutAnswer { .. } => Fault::CutAnswer {
                bytes: random.u32(..1_500),
            },
            Fault::Html { carried_out, .. } => Fault::Html {
                status: statuses[random.usize(..statuses.len())],
                carried_out,
            },
            Fault::RetryAfter { .. } => Fault::RetryAfter {
                seconds: random.u32(..4),
            },
            fault => fault,
        })
    }

    /// A token of a card, without which nothing moves: asked for until it comes or is refused.
    async fn token(&mut self, card: usize, credit: bool) -> Result<Option<Value>> {
        let mut body = json!({"cardNo": self.cards[card].number});
        if credit {
            body["type"] = "CREDIT".into();
        }
        for attempt in 0..ATTEMPTS {
            let order = self.order("issue_one_time_token", body.clone());
            let trouble = match attempt {
                0 | 1 => self.trouble(30),
                _ => Trouble::None,
            };
            let told = self
                .call(None, "issue_one_time_token", &order, trouble, false)
                .await?;
            match told.seen {
                Seen::Success => return Ok(told.answer),
                Seen::Refused => return Ok(None),
                _ => {}
            }
        }
        Ok(None)
    }

    async fn call(
        &mut self,
        intent: Option<usize>,
        operation: &'static str,
        order: &Order,
        trouble: Trouble,
        settles: bool,
    ) -> Result<Told> {
        let (fault, client) = match trouble {
            Trouble::None => ("-".to_owned(), self.client.clone()),
            Trouble::NobodyListens => ("(nobody listens)".to_owned(), self.lost.clone()),
            Trouble::TooLate => {
                self.sandbox.fault_next(FOREVER)?;
                ("(too late)".to_owned(), self.hasty.clone())
            }
            Trouble::Of(fault) => {
                self.sandbox.fault_next(fault)?;
                (kind_of(fault), self.client.clone())
            }
        };
        let told = if settles {
            // The question may get lost, too.
            if trouble != Trouble::NobodyListens
                && let Trouble::Of(second) = self.trouble(40)
            {
                self.sandbox.fault_next(second)?;
            }
            order.send_and_settle(&client, ONE_QUESTION).await
        } else {
            order.tell(&client).await
        };
        if trouble == Trouble::TooLate {
            self.arrival(&order.id).await;
        }
        self.quiet().await;
        let settled = told.settled.map(|done| format!(", settled: {done}"));
        self.note(format!(
            "  {operation} {}, fault {fault}: {:?}{}",
            order.id,
            told.seen,
            settled.unwrap_or_default()
        ));
        self.account.calls.push(Call {
            intent,
            operation,
            id: order.id.clone(),
            fault,
            seen: told.seen,
            settled: told.settled,
        });
        Ok(told)
    }

    /// Waits until a call that nobody waits for any more has come in, or never will.
    async fn arrival(&self, id: &str) {
        for _ in 0..1_000 {
            let log = self.sandbox.requests();
            let is_it = |request: &konaplate_sandbox::LoggedRequest| {
                request
                    .correlation_id
                    .is_some_and(|known| known.as_str() == id)
            };
            if log.iter().any(is_it) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// No fault waits for the next call, and no bytes are on their way to it.
    async fn quiet(&self) {
        self.sandbox.clear_faults();
        if self.keeps_alive {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    // Crashes and recovery.

    /// Makes a call in a process that dies of it, and starts anew: what the journal says of the call
    /// after a recovery.
    async fn crash(
        &mut self,
        intent: usize,
        operation: &'static str,
        order: Order,
        point: Point,
    ) -> Result<Option<State>> {
        let trouble = match (point, point.is_sent()) {
            (Point::BeforeAnswer, _) => Trouble::Of(FOREVER),
            (_, true) => self.trouble(60),
            (_, false) => Trouble::None,
        };
        let fault = match trouble {
            Trouble::Of(fault) => {
                self.sandbox.fault_next(fault)?;
                kind_of(fault)
            }
            _ => "-".to_owned(),
        };
        let mission = Mission {
            journal: self.journal_file.clone(),
            now: u64::try_from(self.now.as_millis())?,
            point,
            order,
        };
        crash::kill(&self.program, &self.sandbox, &mission).await?;
        self.quiet().await;
        let id = mission.order.id;
        self.note(format!(
            "  {operation} {id}, fault {fault}: the process died, {point:?}"
        ));
        self.died_at = Some(point);
        self.account.calls.push(Call {
            intent: Some(intent),
            operation,
            id: id.clone(),
            fault,
            seen: Seen::Died,
            settled: None,
        });
        // The process that comes after it knows the file and nothing else.
        self.journal = Journal::sqlite(&self.journal_file).await?;
        [self.client, self.hasty, self.lost] =
            clients(&self.sandbox, &self.journal, self.keeps_alive)?;
        self.recover(self.random.clone().bool()).await?;
        let id = id.parse().ok().context("an id is one")?;
        let entry = self.journal.entry(id).await?;
        Ok(entry.map(|entry| entry.state))
    }

    /// Has the journal settle what is open. Its questions may get lost, too.
    async fn recover(&mut self, with_faults: bool) -> Result<()> {
        for _ in 0..3 {
            if with_faults && let Trouble::Of(fault) = self.trouble(60) {
                self.sandbox.fault_next(fault)?;
            }
        }
        // Entries are told apart by the millisecond.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let mut policy = RecoverPolicy::default();
        policy.min_age = Duration::ZERO;
        // Nothing is on its way here: what the platform does not know never came.
        policy.not_found_after = Duration::ZERO;
        policy.claim = Duration::ZERO;
        let recovery = self.journal.recover(&self.client, policy).await?;
        self.quiet().await;
        let Recovery {
            completed,
            failed,
            still_open,
            needs_person,
            ..
        } = recovery;
        self.note(format!(
            "recovery: {} completed, {} failed, {} still open, {} for a person",
            completed.len(),
            failed.len(),
            still_open.len(),
            needs_person.len()
        ));
        let entries = [completed, failed, still_open, needs_person];
        let states = entries.iter().flatten().map(|entry| entry.state);
        self.recovered.extend(states);
        Ok(())
    }

    /// Lets everything settle that can, and reads the journal.
    async fn end(&mut self) -> Result<()> {
        // Pending recharges, and then what is paid out on the next day.
        self.advance(Duration::from_secs(301));
        self.advance(Duration::from_secs(2 * 86_400));
        // A question can meet what a former call left behind on its connection: ask again then.
        for _ in 0..3 {
            self.recover(false).await?;
            if self.journal.open_entries().await?.is_empty() {
                break;
            }
        }
        for state in [
            State::Open,
            State::NotSent,
            State::Refused,
            State::Completed,
            State::Failed,
            State::NeedsPerson,
        ] {
            for entry in self.journal.entries(state).await? {
                self.account.entries.push(Entry {
                    id: entry.correlation_id,
                    operation: entry.operation,
                    state: entry.state,
                });
            }
        }
        Ok(())
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        remove(&self.journal_file);
    }
}

/// Removes a journal's file and those that SQLite keeps beside it.
fn remove(journal: &Path) {
    for end in ["", "-wal", "-shm"] {
        let mut name = journal.as_os_str().to_owned();
        name.push(end);
        // It need not be there.
        let _ = std::fs::remove_file(name);
    }
}

/// A client as it should be, one that does not wait, and one that knocks where nobody is.
fn clients(sandbox: &Sandbox, journal: &Journal, keeps_alive: bool) -> Result<[Client; 3]> {
    let builder = || {
        let idle = if keeps_alive { 4 } else { 0 };
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(idle);
        sandbox
            .client_builder()
            .http(http)
            .journal(Arc::new(journal.clone()))
    };
    // A port that nobody is given, unlike one that was free a moment ago.
    let nowhere = "http://127.0.0.1:1";
    Ok([
        builder().build()?,
        builder().timeout(HASTY).build()?,
        builder().base_url(nowhere).build()?,
    ])
}

/// Name of a fault without its number.
fn kind_of(fault: Fault) -> String {
    let name = fault.to_string();
    name.split(':').next().unwrap_or_default().to_owned()
}

fn text_in(answer: Option<&Value>, field: &str) -> Option<String> {
    answer?[field].as_str().map(str::to_owned)
}
