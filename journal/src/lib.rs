#![doc = include_str!("../README.md")]

mod callbacks;
mod entry;
mod error;
mod recover;
mod store;

use std::path::Path;
use std::time::SystemTime;

use konaplate::CorrelationId;
use konaplate::journal::{Intent, JournalFuture, Outcome};

pub use entry::{Entry, State};
pub use error::Error;
pub use recover::{RecoverPolicy, Recovery};
use store::Store;

/// A journal, in a SQLite file or in PostgreSQL.
///
/// Clones share their connections. It keeps calls that move money for
/// [`ClientBuilder::journal`](konaplate::ClientBuilder::journal), and which callbacks came lately
/// for [`replay_store`](konaplate::callback::CallbackReceiverBuilder::replay_store).
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
/// use konaplate_journal::{Journal, RecoverPolicy};
///
/// let journal = Journal::sqlite("konaplate-journal.db").await?;
/// let client = konaplate::Client::builder()
///     // ... base URL and keys
///     .journal(Arc::new(journal.clone()))
///     .build()?;
///
/// // At the start, and every few minutes: settle what was left open.
/// let recovery = journal.recover(&client, RecoverPolicy::default()).await?;
/// for entry in &recovery.needs_person {
///     println!("settle with KONA: {} {}", entry.operation, entry.correlation_id);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Journal {
    store: Store,
}

impl Journal {
    /// Opens a journal in a SQLite file, which is made if it is not there, for its owner alone
    /// (mode 0600 on Unix). For one machine; several processes of it may share the file.
    ///
    /// # Errors
    /// The file cannot be opened or written, or was written by a newer version of this crate. An
    /// empty name, `:memory:` and a directory are no journal.
    pub async fn sqlite(file: impl AsRef<Path>) -> Result<Self, Error> {
        let store = Store::sqlite(file.as_ref()).await?;
        Ok(Self { store })
    }

    /// Opens a journal in PostgreSQL, by a URL such as `postgres://user:password@host/database`.
    /// Its table is made if it is not there. For several machines.
    ///
    /// # Errors
    /// The server cannot be reached, or the table cannot be made. The URL is in no error.
    pub async fn postgres(url: &str) -> Result<Self, Error> {
        let store = Store::postgres(url).await?;
        Ok(Self { store })
    }

    /// The entries whose outcome is not known, oldest first: calls under way, and those that a
    /// crash or a lost response left open.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn open_entries(&self) -> Result<Vec<Entry>, Error> {
        self.store.in_state(State::Open).await
    }

    /// The entries in that state, oldest first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn entries(&self, state: State) -> Result<Vec<Entry>, Error> {
        self.store.in_state(state).await
    }

    /// The entry of a call.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn entry(&self, correlation_id: CorrelationId) -> Result<Option<Entry>, Error> {
        self.store.entry(correlation_id.as_str()).await
    }

    /// Closes an entry that a person settled, such as with KONA by its correlation id, or corrects
    /// it, with a note that says why.
    ///
    /// Whether there was such an entry. One that is completed stays so: that money moved is proven,
    /// and no word that it did not undoes that.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub async fn settle_by_hand(
        &self,
        correlation_id: CorrelationId,
        completed: bool,
        note: &str,
    ) -> Result<bool, Error> {
        let state = if completed {
            State::Completed
        } else {
            State::Failed
        };
        self.store
            .settle_by_hand(correlation_id.as_str(), state, note, SystemTime::now())
            .await
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }
}

impl konaplate::journal::Journal for Journal {
    fn intend(&self, intent: Intent) -> JournalFuture<'_> {
        Box::pin(async move { self.store.insert(&intent).await })
    }

    fn conclude(&self, correlation_id: CorrelationId, outcome: Outcome) -> JournalFuture<'_> {
        Box::pin(async move {
            self.store
                .conclude(correlation_id.as_str(), &outcome, SystemTime::now())
                .await
                .map_err(Into::into)
        })
    }
}
