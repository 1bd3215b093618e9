//! Members and their bank accounts. What an account holds is in the ledger.

use serde::{Deserialize, Serialize};

use super::ledger::BankId;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) birth_date: String,
    pub(crate) gender: String,
    pub(crate) nationality: String,
    pub(crate) ci: String,
    pub(crate) login_id: String,
    pub(crate) password: String,
    pub(crate) join_channel: Option<String>,
    pub(crate) wrong_passwords: u32,
    /// The registered bank account.
    pub(crate) bank: Option<BankId>,
    /// Whether the membership was cancelled.
    pub(crate) left: bool,
}

/// A bank account, whoever registered it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BankAccount {
    pub(crate) code: String,
    pub(crate) number: String,
}

/// The registration of a bank account.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Registration {
    pub(crate) user_id: u64,
    pub(crate) bank: BankId,
    /// Whether the account's holder, as the request names him, is the member.
    pub(crate) is_members: bool,
    pub(crate) state: RegistrationState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RegistrationState {
    Calling,
    Authenticated,
    Registered,
    Failed,
}

impl RegistrationState {
    pub(crate) fn is_running(self) -> bool {
        matches!(self, Self::Calling | Self::Authenticated)
    }
}
