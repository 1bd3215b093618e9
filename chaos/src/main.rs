//! `konaplate-chaos --runs 10000 --seed 1`: runs, a table of them, and exit code 1 if any of it is
//! wrong.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use konaplate_chaos::run::{self, Report, Setting};
use konaplate_chaos::tally::Tally;
use konaplate_chaos::{crash, kills};
use tokio::sync::mpsc;

/// Runs at the same time. They wait now and then: more than the machine has cores.
const WORKERS: usize = 6;

/// How many failures are printed.
const SHOWN: usize = 5;

/// How often a line says how far it is where no terminal shows a bar.
const PACE: Duration = Duration::from_secs(5);

/// Random members, calls, faults and crashes against the sandbox, and whether the money agrees with
/// what was said of it.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    runs: Runs,
}

#[derive(Debug, Args)]
struct Runs {
    /// How many runs.
    #[arg(long, default_value_t = 10_000)]
    runs: u64,
    /// Seed of all of them.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Carry out this run of the seed only, and say all that happens.
    #[arg(long, value_name = "RUN")]
    only: Option<u64>,
    /// Keep the journals of every other run in this PostgreSQL database, each in a schema of its
    /// own.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Write the table, too, with date, seed and number of runs, as Markdown.
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

/// What this program starts itself as.
#[derive(Debug, Subcommand)]
enum Part {
    /// Makes one call, and is killed.
    #[command(hide = true)]
    Die,
    /// A sandbox with its state in a file.
    #[command(hide = true)]
    Serve {
        #[arg(long)]
        data: PathBuf,
        #[arg(long)]
        listen: SocketAddr,
    },
    /// A client that recharges without end.
    #[command(hide = true)]
    Recharge {
        /// File, or URL of PostgreSQL.
        #[arg(long)]
        journal: String,
        /// Start of the sequence ids.
        #[arg(long)]
        round: String,
    },
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    match arguments.part {
        Some(Part::Die) => crash::die().await,
        Some(Part::Serve { data, listen }) => kills::serve(&data, listen).await,
        Some(Part::Recharge { journal, round }) => kills::recharge(&journal, &round).await,
        None => return all(arguments.runs).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

async fn all(arguments: Runs) -> Result<ExitCode> {
    let folder = tempfile::tempdir().context("no folder for journals")?;
    let setting = Arc::new(Setting {
        seed: arguments.seed,
        program: std::env::current_exe()?,
        folder: folder.path().to_owned(),
        postgres: arguments.postgres.clone(),
        careless: false,
    });
    let numbers = match arguments.only {
        Some(only) => only..only + 1,
        None => 0..arguments.runs,
    };
    let count = numbers.end - numbers.start;
    let started = Instant::now();
    let mut reports = carried_out(Arc::clone(&setting), numbers);
    let mut tally = Tally::default();
    let mut failures = 0;
    let progress = Progress::new(count);
    while let Some((number, report)) = reports.recv().await {
        let report =
            report.with_context(|| format!("run {number} of seed {} stopped", setting.seed))?;
        tally.add(&report);
        let is_wrong = !report.findings.is_empty();
        failures += usize::from(is_wrong);
        if arguments.only.is_some() || is_wrong && failures <= SHOWN {
            progress.say(&described(&report, setting.seed));
        }
        progress.show(tally.runs(), failures);
    }
    progress.finish();
    anyhow::ensure!(tally.runs() == count, "a run came to no end");

    let seconds = started.elapsed().as_secs_f64();
    let today = jiff::Zoned::now().date();
    println!("{tally}");
    println!("seed {}, {count} runs, {seconds:.1} s", setting.seed);
    if let Some(file) = arguments.table {
        let text = format!(
            "# Chaos, {today}\n\nSeed {}, {count} runs, {seconds:.0} s.\n\n{tally}",
            setting.seed
        );
        std::fs::write(&file, text.trim_end().to_owned() + "\n")
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    if tally.is_clean() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("{failures} of them went wrong");
    Ok(ExitCode::FAILURE)
}

/// Carries runs out, several at a time. Their reports come in any order.
fn carried_out(
    setting: Arc<Setting>,
    numbers: std::ops::Range<u64>,
) -> mpsc::Receiver<(u64, Result<Report>)> {
    let (reports, received) = mpsc::channel(WORKERS);
    let next = Arc::new(AtomicU64::new(numbers.start));
    for _ in 0..WORKERS {
        let (setting, next, reports) = (Arc::clone(&setting), Arc::clone(&next), reports.clone());
        let end = numbers.end;
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    return;
                }
                let report = run::run(&setting, number).await;
                // Nobody listens any more after a run that stopped.
                if reports.send((number, report)).await.is_err() {
                    return;
                }
            }
        });
    }
    received
}

/// A run in words.
fn described(report: &Report, seed: u64) -> String {
    let mut lines = vec![format!("run {} of seed {seed}", report.number)];
    lines.extend(report.steps.iter().map(|step| format!("  {step}")));
    lines.extend(
        report
            .findings
            .all()
            .map(|(kind, line)| format!("  {}: {line}", kind.to_uppercase())),
    );
    lines.push(format!(
        "replay: cargo run --release -p xtask -- chaos --seed {seed} --only {}",
        report.number
    ));
    lines.join("\n")
}

/// A bar on a terminal, a line now and then elsewhere.
struct Progress {
    bar: Option<ProgressBar>,
    count: u64,
    last: std::cell::Cell<Instant>,
}

impl Progress {
    fn new(count: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(count), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {per_sec} {eta} {msg}");
            match style {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self {
            bar,
            count,
            last: std::cell::Cell::new(Instant::now()),
        }
    }

    fn show(&self, done: u64, failures: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(format!("{failures} wrong"));
        } else if self.last.get().elapsed() >= PACE {
            self.last.set(Instant::now());
            eprintln!("{done} of {} runs, {failures} wrong", self.count);
        }
    }

    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| println!("{text}")),
            None => println!("{text}"),
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
