//! Processes that die: one makes a single call with a journal and stops at a chosen point, where it
//! is killed.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use konaplate::journal::{Concluded, Conclusion, Intent, JournalFuture};
use konaplate::{ClientBuilder, CorrelationId};
use konaplate_sandbox::Sandbox;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use crate::order::Order;
use crate::place::Place;

/// How long a process may take to come to its point.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a process says when it is at its point.
const HERE: &str = "here";

/// Where in a call a process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Point {
    /// The journal has nothing of the call yet.
    BeforeIntent,
    /// The journal has the intent; nothing was sent.
    AfterIntent,
    /// The platform has decided, and its response is on its way.
    BeforeResponse,
    /// The response was read; the journal does not have it yet.
    BeforeOutcome,
    /// The journal has the outcome; the caller does not.
    AfterOutcome,
}

impl Point {
    /// All of them, in the order in which a call comes by.
    pub const ALL: [Self; 5] = [
        Self::BeforeIntent,
        Self::AfterIntent,
        Self::BeforeResponse,
        Self::BeforeOutcome,
        Self::AfterOutcome,
    ];

    /// Whether the call is sent before.
    pub(crate) fn is_sent(self) -> bool {
        !matches!(self, Self::BeforeIntent | Self::AfterIntent)
    }
}

/// What a process is to die of. It comes on its standard input: it holds a token.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Mission {
    pub(crate) place: Place,
    /// Its clock, in milliseconds since 1970.
    pub(crate) now: u64,
    pub(crate) point: Point,
    pub(crate) order: Order,
}

/// A journal that stops its process at a point.
#[derive(Debug)]
struct Doomed {
    inner: konaplate_journal::Journal,
    point: Point,
}

impl Doomed {
    async fn pass(&self, point: Point) {
        if self.point == point {
            println!("{HERE}");
            std::future::pending::<()>().await;
        }
    }
}

impl konaplate::journal::Journal for Doomed {
    fn intend(&self, intent: Intent) -> JournalFuture<'_> {
        Box::pin(async move {
            self.pass(Point::BeforeIntent).await;
            self.inner.intend(intent).await?;
            self.pass(Point::AfterIntent).await;
            Ok(())
        })
    }

    fn conclude(&self, conclusion: Conclusion) -> JournalFuture<'_, Concluded> {
        Box::pin(async move {
            self.pass(Point::BeforeOutcome).await;
            let concluded = self.inner.conclude(conclusion).await?;
            self.pass(Point::AfterOutcome).await;
            Ok(concluded)
        })
    }

    fn abandon(&self, intent: Intent) -> JournalFuture<'_> {
        self.inner.abandon(intent)
    }
}

/// The process: makes the call of its mission. It does not come back from it.
///
/// # Errors
/// The mission cannot be read, or the call came to its end.
pub async fn die() -> Result<()> {
    let mut mission = Vec::new();
    tokio::io::stdin().read_to_end(&mut mission).await?;
    let mission: Mission = serde_json::from_slice(&mission).context("no mission")?;
    let journal = mission.place.open().await?;
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(mission.now);
    let client = ClientBuilder::from_vars(|name| std::env::var(name).ok())?
        .http(reqwest::Client::builder().no_proxy())
        .clock(move || now)
        .journal(Arc::new(Doomed {
            inner: journal,
            point: mission.point,
        }))
        .build()?;
    let result = mission.order.send_once(&client).await;
    bail!("the call was over before its process: {:?}", result.seen)
}

/// Starts a process on a mission, and kills it at its point.
pub(crate) async fn kill(program: &Path, sandbox: &Sandbox, mission: &Mission) -> Result<()> {
    let mut child = Command::new(program)
        .arg("die")
        .envs(sandbox.variables())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("the process that is to die does not start")?;
    let mut input = child.stdin.take().context("no standard input")?;
    input.write_all(&serde_json::to_vec(mission)?).await?;
    drop(input);
    let output = child.stdout.take().context("no standard output")?;
    let at_point = async {
        if mission.point == Point::BeforeResponse {
            let id = Some(mission.order.id.as_str());
            let came_in = || {
                let log = sandbox.requests();
                log.iter()
                    .any(|request| request.correlation_id.as_ref().map(CorrelationId::as_str) == id)
            };
            while !came_in() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            return Ok(());
        }
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).await?;
        anyhow::ensure!(line.trim_end() == HERE, "it ended before its point");
        Ok(())
    };
    let came = tokio::time::timeout(PATIENCE, at_point).await;
    // SIGKILL on Unix: nothing of it runs any more.
    child.start_kill()?;
    child.wait().await?;
    came.context("the process did not come to its point in time")??;
    Ok(())
}
