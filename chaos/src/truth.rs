//! What the platform knows: its ledger and its log, read once and never asked of the client.
//!
//! This is the only module that knows how the sandbox shows them.

use std::collections::BTreeMap;

use konaplate_sandbox::{Fault, Sandbox};

/// Ledger and log at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truth {
    /// What all accounts hold together, in KRW, by the sandbox's own account: 0.
    pub total: i64,
    /// What each account holds, in KRW.
    pub balances: BTreeMap<String, i64>,
    /// Money that moved, oldest first.
    pub postings: Vec<Posting>,
    /// Calls that came in, oldest first.
    pub requests: Vec<Request>,
}

/// Money that moved, once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posting {
    /// What for, in small letters without anything between them: `bankrecharge`.
    pub kind: String,
    /// The call that caused it; none for what the clock did.
    pub correlation_id: Option<String>,
    /// Accounts, and what they received, in KRW.
    pub legs: Vec<(String, i64)>,
}

impl Posting {
    /// The largest amount that an account received, in KRW.
    #[must_use]
    pub fn amount(&self) -> u64 {
        let largest = self.legs.iter().map(|(_, amount)| *amount).max();
        largest.map_or(0, i64::unsigned_abs)
    }
}

/// A call that came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub correlation_id: Option<String>,
    /// Whether it had its effect.
    pub carried_out: bool,
    /// Whether a gateway held it or delivered it twice: it is in the log more than once.
    pub again: bool,
}

impl Truth {
    /// Reads a sandbox's ledger and log.
    #[must_use]
    pub fn of(sandbox: &Sandbox) -> Self {
        let ledger = sandbox.ledger();
        let requests = sandbox.requests().into_iter().map(|request| Request {
            correlation_id: request.correlation_id.map(|id| id.to_string()),
            carried_out: request.carried_out,
            again: matches!(
                request.fault,
                Some(Fault::DuplicatedRequest | Fault::DuplicatedRequestNewId | Fault::HoldRequest)
            ),
        });
        Self {
            total: ledger.total,
            balances: ledger
                .accounts
                .into_iter()
                .map(|account| (account.name, account.balance))
                .collect(),
            postings: ledger
                .postings
                .into_iter()
                .map(|posting| Posting {
                    kind: plain(posting.kind),
                    correlation_id: posting.correlation_id.map(|id| id.to_string()),
                    legs: posting
                        .legs
                        .into_iter()
                        .map(|leg| (leg.account, leg.amount))
                        .collect(),
                })
                .collect(),
            requests: requests.collect(),
        }
    }

    /// The calls that came in with that id.
    pub fn requests_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Request> {
        self.requests
            .iter()
            .filter(move |request| request.correlation_id.as_deref() == Some(id))
    }

    /// Whether a call with that id had its effect.
    #[must_use]
    pub fn carried_out(&self, id: &str) -> bool {
        self.requests_of(id).any(|request| request.carried_out)
    }
}

/// A kind of posting, however it is spelt.
fn plain(kind: &str) -> String {
    kind.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
