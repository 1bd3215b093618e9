//! How much the sandbox bears: its throughput, latency and memory, beside Stoplight Prism mocking
//! the same bundle in the same run.
//!
//! The programs under load are in [`programs`], the requests in [`requests`], and what sends them
//! in [`generator`]. What came out is printed; `benches/README.md` keeps it.

pub(crate) mod gateway;
mod generator;
mod programs;
mod requests;

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use self::generator::{Limit, Tally};
use self::programs::{Program, Usage};
use self::requests::{Project, Work};

/// So many requests that everything bounded in the sandbox has its full size: its log has 10,000
/// entries, and the correlation ids that were seen are 65,536, in a table that doubles a last time
/// when about 612,000 have gone through it. Memory is flat from there on, or not at all.
const WARM_UP: u64 = 700_000;

/// How long Prism is warmed up: the just-in-time compiler wants some time.
const PRISM_WARM_UP: Duration = Duration::from_secs(5);

/// Loads both, one after the other, and prints a table.
pub(crate) fn run(seconds: u64, connections: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let whole = Duration::from_secs(seconds);
    let part = (whole / 4).max(Duration::from_secs(1));

    let (sandbox, variables) = programs::sandbox()?;
    let project = Rc::new(Project::new(&variables)?);
    let mut rows = Vec::new();
    let warm_up = Limit {
        requests: WARM_UP,
        time: Duration::from_secs(120),
    };
    let load = |program: &Program, work, time| -> Result<Row> {
        let row = measured(&runtime, program, &project, work, connections, time)?;
        println!("{}", row.line());
        Ok(row)
    };

    println!("{HEADER}");
    let run = generator::run(&sandbox, &project, Work::Prepare, 1, Limit::once());
    runtime.block_on(run)?.sound("the first recharge")?;
    let run = generator::run(&sandbox, &project, Work::Plain, connections, warm_up);
    runtime.block_on(run)?.sound("the warm-up")?;
    rows.push(load(&sandbox, Work::Plain, whole)?);
    {
        let prism = programs::prism()?;
        let warm_up = Limit {
            requests: u64::MAX,
            time: PRISM_WARM_UP,
        };
        let run = generator::run(&prism, &project, Work::Plain, connections, warm_up);
        runtime.block_on(run)?.sound("Prism's warm-up")?;
        rows.push(load(&prism, Work::Plain, whole)?);
        rows.push(load(&prism, Work::SystemRecharge, part)?);
    }
    for work in [
        Work::SystemRecharge,
        Work::BankRecharge,
        Work::EncryptedRead,
    ] {
        rows.push(load(&sandbox, work, part)?);
    }

    let ratio = rows[0].tally.per_second() / rows[1].tally.per_second();
    println!(
        "\nplain operations: {ratio:.1} times Prism's throughput; {connections} connections, {}",
        programs::versions()?
    );
    for row in &rows {
        row.tally
            .sound(row.work.name())
            .with_context(|| row.program.to_owned())?;
    }
    Ok(())
}

const HEADER: &str = "\
| what | | a second | p50, ms | p99, ms | errors | CPU a unit, µs: server | generator | RSS, MiB: start | middle | end | bytes a posting |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|";

struct Row {
    work: Work,
    program: &'static str,
    tally: Tally,
    /// Of the program and of this one.
    used: (Duration, Duration),
    /// KiB at the start, in the middle and at the end.
    resident: [u64; 3],
}

fn measured(
    runtime: &tokio::runtime::Runtime,
    program: &Program,
    project: &Rc<Project>,
    work: Work,
    connections: usize,
    time: Duration,
) -> Result<Row> {
    let own = Usage::of_this_process();
    let server = program.usage();
    let limit = Limit {
        requests: u64::MAX,
        time,
    };
    let (own_before, server_before) = (own.cpu()?, server.cpu()?);
    let start = server.resident_kib()?;
    let halfway = program.usage();
    let middle = std::thread::spawn(move || {
        std::thread::sleep(time / 2);
        halfway.resident_kib()
    });
    let tally = runtime.block_on(generator::run(program, project, work, connections, limit))?;
    let middle = middle.join().unwrap_or_else(|_| bail!("no figure"))?;
    let end = server.resident_kib()?;
    Ok(Row {
        work,
        program: program.name(),
        tally,
        used: (server.cpu()? - server_before, own.cpu()? - own_before),
        resident: [start, middle, end],
    })
}

impl Row {
    fn line(&self) -> String {
        let mib = |place: usize| self.resident[place] as f64 / 1024.0;
        let count = self.tally.count();
        let micros = |used: Duration| used.as_secs_f64() * 1e6 / count as f64;
        let a_posting = if self.work.moves_money() && self.program == programs::SANDBOX {
            let grown = self.resident[2].saturating_sub(self.resident[0]) * 1024;
            format!("{}", grown / (count as u64).max(1))
        } else {
            String::new()
        };
        format!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {} | {:.0} | {:.0} | {:.1} | {:.1} | {:.1} | {a_posting} |",
            self.work.name(),
            self.program,
            self.tally.per_second(),
            self.tally.percentile(50).as_secs_f64() * 1e3,
            self.tally.percentile(99).as_secs_f64() * 1e3,
            self.tally.errors,
            micros(self.used.0),
            micros(self.used.1),
            mib(0),
            mib(1),
            mib(2),
        )
    }
}

impl Tally {
    /// Fails where a response was not the expected one.
    fn sound(&self, what: &str) -> Result<()> {
        ensure!(
            self.errors == 0 && self.count() > 0,
            "{what}: {} as expected, {} errors, the first: {}",
            self.count(),
            self.errors,
            self.first_error.as_deref().unwrap_or("none")
        );
        Ok(())
    }
}
