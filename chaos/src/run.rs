//! One run: a member, some business, faults and perhaps a crash, all of it from a seed and a
//! number.

mod actions;
mod business;
mod calls;
mod crashes;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use fastrand::Rng;
use konaplate::Client;
use konaplate_journal::{Journal, State};
use konaplate_sandbox::{Sandbox, fixtures};

use crate::crash::Point;
use crate::oracle::{self, Account, Findings};
use crate::place::Place;
use crate::truth::Truth;
use crate::unsteady::Unsteady;

/// A client that does not wait longer. Its request has come in by then on a busy machine, too: a
/// replay would else go another way.
const HASTY: Duration = Duration::from_millis(400);

/// A client that has its response by then, on a busy machine, too, and waits no longer for its
/// journal.
const SECOND: Duration = Duration::from_secs(1);

/// 2025-03-01T00:00:00Z. Runs begin up to 200 days later: the past for every machine that runs
/// them, because the journal compares the times of intents with the machine's clock.
const FIRST_DAY: u64 = 1_740_787_200;

/// What all runs have in common.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Seed of all runs.
    pub seed: u64,
    /// This program, which is started again to be killed.
    pub program: PathBuf,
    /// Where journals are kept while a run lasts.
    pub folder: PathBuf,
    /// A PostgreSQL database for the journals of every other run.
    pub postgres: Option<String>,
    /// Whether a call without a response is sent again, which must never be done: runs have to
    /// notice.
    pub careless: bool,
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
    /// How many recoveries were of two at once.
    pub pairs: usize,
    /// Whose clocks jumped: the client's, the platform's, the journal's.
    pub jumps: Vec<&'static str>,
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
    let sums = match actor.business_of_a_run().await {
        Ok(sums) => sums,
        Err(error) => {
            let steps = actor.steps.join("\n  ");
            return Err(error.context(format!("it stopped after\n  {steps}")));
        }
    };
    let truth = Truth::of(&actor.sandbox);
    let judged = oracle::judge(&actor.account, &before, &truth);
    Ok(Report {
        number,
        sum_before: before.balances.values().sum(),
        crash: actor.died_at,
        recovered: std::mem::take(&mut actor.recovered),
        pairs: actor.pairs,
        jumps: std::mem::take(&mut actor.jumps),
        findings: Findings {
            sums: [sums, judged.sums].concat(),
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

/// Whoever does the business: an integrator who wants each piece of it done once.
struct Actor {
    seed: u64,
    number: u64,
    program: PathBuf,
    careless: bool,
    random: Rng,
    sandbox: Sandbox,
    /// The sandbox's clock, which nobody else moves: since 1970.
    now: Duration,
    place: Place,
    journal: Journal,
    clients: Clients,
    /// The journal of the clients.
    unsteady: Arc<Unsteady>,
    /// Whether recoveries take payments back whose caller said that they may.
    sends_cancellations: bool,
    /// Milliseconds since 1970 by the client's clock, which is wrong now and then.
    clock: Arc<AtomicU64>,
    /// How far it is ahead of the platform's, in milliseconds.
    skew: i64,
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
    pairs: usize,
    jumps: Vec<&'static str>,
    account: Account,
    steps: Vec<String>,
    /// Counts what has to be told apart.
    serial: u64,
}

impl Actor {
    /// Some steps, in one of which the client's process may die, and what is settled after them.
    /// What was wrong with the ledger on the way.
    async fn business_of_a_run(&mut self) -> Result<Vec<String>> {
        let mut random = self.random_of(0);
        let steps = random.usize(3..=6);
        let crash = (random.u8(..4) == 0).then(|| {
            let point = Point::ALL[random.usize(..Point::ALL.len())];
            (random.usize(..steps), point)
        });
        let mut sums = Vec::new();
        for step in 0..steps {
            self.random = self.random_of(1 + step as u64);
            self.doom = crash
                .filter(|(doomed, _)| *doomed == step)
                .map(|(_, point)| point);
            // Boxed: with all kinds of business in it, it is too large for a thread's stack.
            Box::pin(self.step()).await?;
            let total = self.sandbox.ledger_total();
            if total != 0 {
                sums.push(format!("the total is {total} KRW after step {step}"));
            }
        }
        self.random = self.random_of(u64::MAX);
        self.end().await?;
        self.unsteady.close().await;
        self.place.clear(&self.journal).await?;
        Ok(sums)
    }

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
        let sends_cancellations = random.bool();
        let place = Place::of_run(number, &setting.folder, setting.postgres.as_deref());
        let journal = place.open().await?;
        let unsteady = Arc::new(Unsteady::new(journal.clone(), place.clone()));
        let clock = Arc::new(AtomicU64::new(u64::try_from(start.as_millis())?));
        let clients = Clients::new(&sandbox, &unsteady, &clock, keeps_alive)?;
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
            careless: setting.careless,
            random,
            sandbox,
            now: start,
            place,
            journal,
            clients,
            unsteady,
            sends_cancellations,
            clock,
            skew: 0,
            keeps_alive,
            user,
            cards,
            recharges: Vec::new(),
            payments: Vec::new(),
            sequences: Vec::new(),
            doom: None,
            died_at: None,
            recovered: Vec::new(),
            pairs: 0,
            jumps: Vec::new(),
            account: Account::default(),
            steps: Vec::new(),
            serial: 0,
        };
        let kept = if keeps_alive { "kept" } else { "not kept" };
        actor.note(format!(
            "member {} with {} cards, connections are {kept} alive, cancellations {} sent by \
             recoveries",
            actor.user.user_id,
            actor.cards.len(),
            if sends_cancellations {
                "are"
            } else {
                "are not"
            }
        ));
        Ok(actor)
    }

    fn random_of(&self, step: u64) -> Rng {
        Rng::with_seed(mixed(self.seed, self.number, step))
    }

    fn note(&mut self, line: String) {
        self.steps.push(line);
    }

    fn advance(&mut self, by: Duration) {
        self.sandbox.advance_clock(by);
        self.now += by;
        self.set_clock();
        self.note(format!("the clock moves {} s ahead", by.as_secs()));
    }

    /// Sets the client's clock by the platform's, as wrong as it is.
    fn set_clock(&self) {
        let now = u64::try_from(self.now.as_millis()).unwrap_or_default();
        let now = now.saturating_add_signed(self.skew);
        self.clock.store(now, Ordering::Relaxed);
    }

    /// Somebody's clock jumps.
    async fn jump(&mut self) -> Result<()> {
        let by = Duration::from_secs(self.random.u64(1..7_200));
        match self.random.u8(..6) {
            0 | 1 => {
                self.skew = match self.random.u8(..8) {
                    0 => 0,
                    // Further off than the platform allows: it takes nothing.
                    1 => 7_200_000,
                    2 => -7_200_000,
                    _ => self.random.i64(-290_000..290_000),
                };
                self.set_clock();
                self.jumps.push("client's");
                self.note(format!("the client's clock is {} ms ahead", self.skew));
            }
            2 => {
                let by = Duration::from_secs(self.random.u64(1..120));
                self.now -= by;
                self.sandbox
                    .stop_clock_at(SystemTime::UNIX_EPOCH + self.now);
                self.set_clock();
                self.jumps.push("platform's");
                let by = by.as_secs();
                self.note(format!("the platform's clock is set back by {by} s"));
            }
            3 | 4 => {
                self.journal.pass_time(by).await?;
                self.jumps.push("journal's");
                let by = by.as_secs();
                self.note(format!("the journal's clock jumps {by} s ahead"));
            }
            _ => {
                self.journal.turn_back(by).await?;
                self.jumps.push("journal's");
                let by = by.as_secs();
                self.note(format!("the journal's clock is set back by {by} s"));
            }
        }
        Ok(())
    }

    /// The clients of a program that was started again.
    fn start_over(&mut self) -> Result<()> {
        let unsteady = Unsteady::new(self.journal.clone(), self.place.clone());
        self.unsteady = Arc::new(unsteady);
        self.clients = Clients::new(&self.sandbox, &self.unsteady, &self.clock, self.keeps_alive)?;
        Ok(())
    }
}

/// The clients of a program.
struct Clients {
    /// As it should be.
    normal: Client,
    /// Does not wait for the response.
    hasty: Client,
    /// Waits for the response, and not much longer.
    second: Client,
    /// Knocks where nobody is.
    lost: Client,
    /// Of another project.
    stranger: Client,
}

impl Clients {
    fn new(
        sandbox: &Sandbox,
        journal: &Arc<Unsteady>,
        clock: &Arc<AtomicU64>,
        keeps_alive: bool,
    ) -> Result<Self> {
        let builder = || {
            let idle = if keeps_alive { 4 } else { 0 };
            let http = reqwest::Client::builder()
                .no_proxy()
                .pool_max_idle_per_host(idle);
            let clock = Arc::clone(clock);
            sandbox
                .client_builder()
                .http(http)
                .clock(move || {
                    SystemTime::UNIX_EPOCH + Duration::from_millis(clock.load(Ordering::Relaxed))
                })
                .journal(Arc::<Unsteady>::clone(journal))
        };
        // A port that nobody is given, unlike one that was free a moment ago. It stands for a
        // proxy, so that the project is the same one.
        let nowhere = reqwest::Proxy::http("http://127.0.0.1:1")?;
        Ok(Self {
            normal: builder().build()?,
            hasty: builder().timeout(HASTY).build()?,
            second: builder().timeout(SECOND).build()?,
            lost: builder()
                .http(reqwest::Client::builder().proxy(nowhere))
                .build()?,
            stranger: builder()
                .base_url(sandbox.base_url().replace("127.0.0.1", "localhost"))
                .build()?,
        })
    }
}
