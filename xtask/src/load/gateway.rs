//! What a gateway costs: the sandbox alone, behind nginx, and behind the gateway, in turns.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use konaplate::protocol::{ContentEncryption, DecryptionKey, EncryptionKey, KeyWrapping};

use super::generator::{self, Limit, Tally};
use super::programs::{self, Program, Usage};
use super::requests::{Project, Work};
use crate::at_root;

/// How long each program is loaded before it is the next one's turn.
const SLICE: Duration = Duration::from_secs(10);

/// What came of a program and a kind of work.
#[derive(Default)]
struct Sum {
    tally: Tally,
    /// Of the program itself, of the sandbox behind it, and of the generator.
    used: [Duration; 3],
}

/// Loads all three for so many seconds each, and prints a table.
pub(crate) fn run(seconds: u64, connections: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (sandbox, variables) = programs::sandbox()?;
    let project = Rc::new(Project::new(&variables)?);
    let gateway = programs::gateway(&variables)?;
    let nginx = programs::nginx(&sandbox)?;
    let all = [&sandbox, &nginx, &gateway];
    let run = generator::run(&sandbox, &project, Work::Prepare, 1, Limit::once());
    runtime.block_on(run)?.sound("the first recharge")?;

    println!(
        "| what | through | a second | p50, ms | p99, ms | errors | CPU a request, µs: itself | sandbox | generator |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    let rounds = (seconds / SLICE.as_secs()).max(1);
    let slice = SLICE.min(Duration::from_secs(seconds));
    for work in [Work::Plain, Work::EncryptedRead] {
        let mut sums = [Sum::default(), Sum::default(), Sum::default()];
        let mut decrypted = 0.0;
        for round in 0..=rounds {
            for (program, sum) in all.into_iter().zip(&mut sums) {
                let of = measured(
                    &runtime,
                    program,
                    &sandbox,
                    &project,
                    work,
                    connections,
                    slice,
                )?;
                // The first round warms up.
                if round > 0 {
                    sum.add(of);
                }
            }
            if work == Work::EncryptedRead && round > 0 {
                decrypted += decryptions(slice / 5)? / rounds as f64;
            }
        }
        for (program, sum) in all.into_iter().zip(&sums) {
            println!("{}", sum.line(work, program));
        }
        let [sandbox_alone, nginx, gateway] = &sums;
        let ratio = gateway.tally.per_second() / nginx.tally.per_second();
        println!("\n{}: gateway / nginx = {ratio:.2}", work.name());
        if work == Work::EncryptedRead {
            // The sandbox decrypts the request, and the gateway the response.
            let share =
                |sum: &Sum, a_call: f64| sum.tally.per_second() * a_call / decrypted * 100.0;
            println!(
                "{decrypted:.0} decryptions a second on all cores; of the calls that they allow: sandbox \
                 {:.0} %, nginx {:.0} % (one decryption a call), gateway {:.0} % (two)\n",
                share(sandbox_alone, 1.0),
                share(nginx, 1.0),
                share(gateway, 2.0),
            );
        }
        for (program, sum) in all.into_iter().zip(&sums) {
            // Two processes may draw the same correlation id in the same second, and the sandbox refuses the
            // second one.
            let Tally { errors, .. } = &sum.tally;
            let few = sum.tally.count() as u64 / 100_000;
            ensure!(
                *errors <= few,
                "{}: {errors} errors, the first: {:?}",
                program.name(),
                sum.tally.first_error
            );
        }
    }
    println!(
        "{connections} connections, {} s each in slices of {} s, {}",
        seconds,
        slice.as_secs(),
        programs::versions()?
    );
    Ok(())
}

fn measured(
    runtime: &tokio::runtime::Runtime,
    program: &Program,
    sandbox: &Program,
    project: &Rc<Project>,
    work: Work,
    connections: usize,
    time: Duration,
) -> Result<Sum> {
    let limit = Limit {
        requests: u64::MAX,
        time,
    };
    let used = || -> Result<[Duration; 3]> {
        Ok([
            program.cpu()?,
            sandbox.cpu()?,
            Usage::of_this_process().cpu()?,
        ])
    };
    let before = used()?;
    let tally = runtime.block_on(generator::run(program, project, work, connections, limit))?;
    let after = used()?;
    Ok(Sum {
        tally,
        used: std::array::from_fn(|place| after[place] - before[place]),
    })
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.tally.add(other.tally);
        for (all, used) in self.used.iter_mut().zip(other.used) {
            *all += used;
        }
    }

    fn line(&self, work: Work, program: &Program) -> String {
        let count = self.tally.count() as f64;
        let micros = |place: usize| self.used[place].as_secs_f64() * 1e6 / count;
        let itself = match program.name() {
            programs::SANDBOX => String::new(),
            _ => format!("{:.0}", micros(0)),
        };
        format!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {} | {itself} | {:.0} | {:.0} |",
            work.name(),
            program.name(),
            self.tally.per_second(),
            self.tally.percentile(50).as_secs_f64() * 1e3,
            self.tally.percentile(99).as_secs_f64() * 1e3,
            self.tally.errors,
            micros(1),
            micros(2),
        )
    }
}

/// How many messages all cores decrypt a second, each for itself.
fn decryptions(time: Duration) -> Result<f64> {
    let key = |name: &str| std::fs::read(at_root(&format!("openapi/conformance/keys/{name}")));
    let encryption = EncryptionKey::from_bytes(&key("client.spki.pem")?)?;
    let decryption = DecryptionKey::from_bytes(&key("client.pkcs8.pem")?)?;
    let jwe = encryption.encrypt(ContentEncryption::A128Gcm, &[b'a'; 300])?;
    let cores = std::thread::available_parallelism()?.get();
    let begun = Instant::now();
    let count: u64 = std::thread::scope(|scope| {
        let work = || {
            let mut count = 0;
            while begun.elapsed() < time {
                let is_plain = decryption.decrypt(&jwe, KeyWrapping::RsaOaep256).is_ok();
                count += u64::from(is_plain);
            }
            count
        };
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or(0))
            .sum()
    });
    Ok(count as f64 / begun.elapsed().as_secs_f64())
}
