//! One run: a member, some business, faults and perhaps a crash, all of it from a seed and a
//! number.

mod actions;
mod business;
mod calls;
mod crashes;

use std::path::PathBuf;
use std::sync::Arc;
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

/// A client that does not wait longer. Its request has come in by then on a busy machine, too: a
/// replay would else go another way.
const HASTY: Duration = Duration::from_millis(400);

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
    actor.place.clear(&actor.journal).await?;
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
    client: Client,
    hasty: Client,
    lost: Client,
    /// Of another project.
    stranger: Client,
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
        let place = Place::of_run(number, &setting.folder, setting.postgres.as_deref());
        let journal = place.open().await?;
        let [client, hasty, lost, stranger] = clients(&sandbox, &journal, keeps_alive)?;
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
            client,
            hasty,
            lost,
            stranger,
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

    fn advance(&mut self, by: Duration) {
        self.sandbox.advance_clock(by);
        self.now += by;
        self.note(format!("the clock moves {} s ahead", by.as_secs()));
    }
}

/// A client as it should be, one that does not wait, one that knocks where nobody is, and one of
/// another project.
fn clients(sandbox: &Sandbox, journal: &Journal, keeps_alive: bool) -> Result<[Client; 4]> {
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
    // A port that nobody is given, unlike one that was free a moment ago. It stands for a proxy, so
    // that the project is the same one.
    let nowhere = reqwest::Proxy::http("http://127.0.0.1:1")?;
    Ok([
        builder().build()?,
        builder().timeout(HASTY).build()?,
        builder()
            .http(reqwest::Client::builder().proxy(nowhere))
            .build()?,
        builder()
            .base_url(sandbox.base_url().replace("127.0.0.1", "localhost"))
            .build()?,
    ])
}
