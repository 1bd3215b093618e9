//! Several steps with one commit.
//!
//! A commit waits for the disk, whatever was written. So the steps that come while one is under way
//! are taken together in the next: a caller still returns when its own step is on the disk, and a
//! disk that does some hundred commits a second serves thousands of calls.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::calls::{self, Done, Step};
use crate::database::{Database, Kind};
use crate::error::Error;
use crate::projects::Projects;

/// Steps in one transaction at most. More would make the first wait for the last.
const MOST: usize = 256;
/// How long a transaction may take, its commit included. A database that hangs longer fails it.
const LONGEST: Duration = Duration::from_secs(30);

/// What has to be written, in order, and who waits for it.
#[derive(Debug, Clone)]
pub(crate) struct Writer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    database: Database,
    projects: Projects,
    queue: Mutex<Queue>,
    /// How many transactions may be open at a time.
    most_running: usize,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Job>,
    running: usize,
}

#[derive(Debug)]
struct Job {
    step: Step,
    reply: oneshot::Sender<Result<Done, Error>>,
}

impl Job {
    /// Nobody waits for an intent that was given up, and its call is not sent.
    fn is_wanted(&self) -> bool {
        !(self.reply.is_closed() && matches!(self.step, Step::Intend(_)))
    }
}

impl Writer {
    pub(crate) fn new(database: Database, projects: Projects) -> Self {
        let most_running = match database.kind() {
            // One writer at a time.
            #[cfg(feature = "sqlite")]
            Kind::Sqlite => 1,
            // Each has its round trips to wait for; the server joins commits by itself.
            #[cfg(feature = "postgres")]
            Kind::Postgres => 4,
        };
        Self(Arc::new(Shared {
            database,
            projects,
            queue: Mutex::default(),
            most_running,
        }))
    }

    /// Takes a step. It is on the disk when this returns.
    ///
    /// Dropped, an intent is not written if it was not begun yet; everything else is taken all the
    /// same.
    pub(crate) async fn take(&self, step: Step) -> Result<Done, Error> {
        #[cfg(feature = "metrics")]
        let (name, started) = (step.name(), std::time::Instant::now());
        let (reply, done) = oneshot::channel();
        {
            let mut queue = self.0.queue();
            queue.waiting.push_back(Job { step, reply });
            if queue.running < self.0.most_running {
                queue.running += 1;
                // A task of its own: what others wait for does not end with whoever began it.
                tokio::spawn(Running(Some(Arc::clone(&self.0))).work());
            }
        }
        let done = done.await;
        let done = done.unwrap_or_else(|_| Err(Error::new("written", "the runtime was shut down")));
        #[cfg(feature = "metrics")]
        crate::metrics::written(name, started, done.is_err());
        done
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to run transactions, until there is nothing left to do.
struct Running(Option<Arc<Shared>>);

impl Drop for Running {
    fn drop(&mut self) {
        // With its runtime, in the middle of it.
        if let Some(shared) = self.0.take() {
            shared.queue().running -= 1;
        }
    }
}

impl Running {
    async fn work(mut self) {
        while let Some(shared) = self.0.clone() {
            let jobs: Vec<Job> = {
                let mut queue = shared.queue();
                if queue.waiting.is_empty() {
                    // In one step with the look: whoever comes later starts another task.
                    queue.running -= 1;
                    self.0 = None;
                    return;
                }
                let several = queue.waiting.len().min(MOST);
                queue.waiting.drain(..several).collect()
            };
            let jobs: Vec<Job> = jobs.into_iter().filter(Job::is_wanted).collect();
            if !jobs.is_empty() {
                shared.run(jobs).await;
            }
        }
    }
}

impl Shared {
    async fn run(&self, mut jobs: Vec<Job>) {
        let steps: Vec<&Step> = jobs.iter().map(|job| &job.step).collect();
        match self.transaction(&steps).await {
            Ok(done) => {
                for (job, done) in jobs.into_iter().zip(done) {
                    let _ = job.reply.send(Ok(done));
                }
            }
            Err(error) if jobs.len() == 1 => {
                if let Some(job) = jobs.pop() {
                    let _ = job.reply.send(Err(Error::new("written", error)));
                }
            }
            // One of them is at fault, or the commit: each by itself then.
            Err(_) => {
                for job in jobs.into_iter().filter(Job::is_wanted) {
                    let done = self.transaction(&[&job.step]).await.map(|done| done[0]);
                    let _ = job
                        .reply
                        .send(done.map_err(|error| Error::new("written", error)));
                }
            }
        }
    }

    /// Takes steps in one transaction: all or none.
    async fn transaction(&self, steps: &[&Step]) -> Result<Vec<Done>, sqlx::Error> {
        let Self {
            database, projects, ..
        } = self;
        let all = async {
            let mut transaction = database.begin().await?;
            let done = calls::take(&mut transaction, projects, steps).await?;
            let mut found = Vec::new();
            for step in steps {
                let project = step.project();
                if !found.iter().any(|(known, _)| *known == project) {
                    found.push((project, projects.number(&mut transaction, project).await?));
                }
            }
            transaction.commit().await?;
            for (project, number) in found {
                projects.remember(project, number);
            }
            Ok(done)
        };
        tokio::time::timeout(LONGEST, all)
            .await
            .unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }
}
