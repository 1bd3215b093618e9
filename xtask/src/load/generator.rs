//! Sends requests and waits for their responses, on connections that stay open, one request at a
//! time on each.
//!
//! Bare tokio sockets on one thread, and httparse for the responses' heads: the generator shares
//! the cores with what it loads, so it does nothing that it need not, as an HTTP client would.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::programs::Program;
use super::requests::{Form, Project, Request, Work};

/// Where a run ends: at whatever comes first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) requests: u64,
    pub(super) time: Duration,
}

impl Limit {
    pub(super) fn once() -> Self {
        Self {
            requests: 1,
            time: Duration::from_secs(10),
        }
    }
}

/// What came of a run.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// How long each unit of work took, in microseconds, sorted at the end.
    latencies: Vec<u32>,
    time: Duration,
    pub(super) errors: u64,
    pub(super) first_error: Option<String>,
}

impl Tally {
    pub(super) fn count(&self) -> usize {
        self.latencies.len()
    }

    pub(super) fn per_second(&self) -> f64 {
        self.count() as f64 / self.time.as_secs_f64()
    }

    /// Both together, as if one had gone on where the other ended.
    pub(super) fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.latencies.sort_unstable();
        self.time += other.time;
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }

    /// The time that so many percent of all took at most.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let place = (self.count() * percent).div_ceil(100).saturating_sub(1);
        let micros = self.latencies.get(place).copied().unwrap_or_default();
        Duration::from_micros(micros.into())
    }
}

thread_local! {
    /// Numbers units of work across runs, so that no sequence id comes twice.
    static NUMBER: Cell<u64> = const { Cell::new(0) };
}

/// How long past its end a run waits for the responses that are due.
const GRACE: Duration = Duration::from_secs(10);

/// What the connections of a run share.
struct Run {
    project: Rc<Project>,
    work: Work,
    until: Instant,
    left: Cell<u64>,
    tally: RefCell<Tally>,
}

/// Does the work on so many connections at once.
pub(super) async fn run(
    program: &Program,
    project: &Rc<Project>,
    work: Work,
    connections: usize,
    limit: Limit,
) -> Result<Tally> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(program).await?);
    }
    let begun = Instant::now();
    let run = Rc::new(Run {
        project: Rc::clone(project),
        work,
        until: begun + limit.time,
        left: Cell::new(limit.requests),
        tally: RefCell::default(),
    });
    let workers = tokio::task::LocalSet::new();
    for connection in open {
        workers.spawn_local(Rc::clone(&run).work_on(connection));
    }
    tokio::time::timeout(limit.time + GRACE, workers)
        .await
        .context("a response did not come")?;
    let mut tally = run.tally.take();
    tally.time = begun.elapsed();
    tally.latencies.sort_unstable();
    Ok(tally)
}

impl Run {
    async fn work_on(self: Rc<Self>, mut connection: Connection) {
        while self.left.get() > 0 && Instant::now() < self.until {
            self.left.set(self.left.get() - 1);
            let number = NUMBER.get();
            NUMBER.set(number + 1);
            let begun = Instant::now();
            let outcome = connection.unit(&self.project, self.work, number).await;
            let took = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
            let mut tally = self.tally.borrow_mut();
            tally.latencies.push(took);
            if let Err(error) = outcome {
                tally.errors += 1;
                tally.first_error.get_or_insert(format!("{error:#}"));
                // What the connection is good for now is not known.
                break;
            }
        }
    }
}

/// A connection with its buffers.
struct Connection {
    form: Form,
    stream: TcpStream,
    out: Vec<u8>,
    input: Vec<u8>,
}

impl Connection {
    async fn open(program: &Program) -> Result<Self> {
        let stream = TcpStream::connect(program.address()).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            form: program.form(),
            stream,
            out: Vec::new(),
            input: Vec::with_capacity(16 * 1024),
        })
    }

    /// A request and its response, and the second ones where the work has them.
    async fn unit(&mut self, project: &Project, work: Work, number: u64) -> Result<()> {
        let request = project.first(work, number);
        self.call(project, &request, number).await?;
        if let Some(request) = project.second(work, number, self.form, self.body())? {
            self.call(project, &request, number).await?;
        }
        Ok(())
    }

    async fn call(&mut self, project: &Project, request: &Request, number: u64) -> Result<()> {
        project.write(request, self.form, &mut self.out)?;
        self.stream.write_all(&self.out).await?;
        let status = self.read().await?;
        project.expect(request, self.form, number, status, self.body())
    }

    /// Reads a response to its end and leaves its body in the buffer.
    async fn read(&mut self) -> Result<u16> {
        self.input.clear();
        loop {
            let read = self.stream.read_buf(&mut self.input).await?;
            ensure!(read > 0, "the connection was closed");
            let Some(head) = head(&self.input)? else {
                continue;
            };
            let whole = head.length + head.body;
            while self.input.len() < whole {
                let read = self.stream.read_buf(&mut self.input).await?;
                ensure!(read > 0, "the connection was closed");
            }
            ensure!(self.input.len() == whole, "more than the response came");
            self.input.drain(..head.length);
            return Ok(head.status);
        }
    }

    fn body(&self) -> &[u8] {
        &self.input
    }
}

/// What the head of a response says.
struct Head {
    status: u16,
    /// Of the head.
    length: usize,
    /// Of the body.
    body: usize,
}

/// The head, if it is there as a whole.
fn head(bytes: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(bytes)? else {
        return Ok(None);
    };
    let body = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .context("a response without Content-Length")?;
    Ok(Some(Head {
        status: response.code.context("a response without status")?,
        length,
        body: std::str::from_utf8(body.value)?.parse()?,
    }))
}
