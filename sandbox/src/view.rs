//! The ledger as tests see it: who holds what, and every posting with the call that caused it.

use std::fmt;
use std::time::SystemTime;

use konaplate::CorrelationId;
use serde_json::{Value, json};

use crate::platform::clock::rfc3339;
use crate::state::State;
use crate::state::ledger::{Account, Kind};

/// Who holds what, and how it came to be so.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerView {
    /// What all accounts hold together, in KRW: always 0, since the world outside owes what the
    /// others hold.
    pub total: i64,
    /// The accounts that hold anything.
    pub accounts: Vec<AccountView>,
    /// What everybody held at the start, as one posting of kind `opening`, and then money that moved,
    /// oldest first. Added up they are what the accounts hold.
    pub postings: Vec<PostingView>,
}

/// An account that holds something.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountView {
    /// `card:<PAR>`, `payout:<PAR>` (on its way from that card to its holder's bank), `bank:<n>` by
    /// the order in which bank accounts became known, `merchant:<merchantId>`, `gift:<n>` (not
    /// accepted yet), `points:<userId>`, `card-points:<PAR>`, `reserved-points:<n>`, `deposit`,
    /// `fees` or `outside`.
    pub name: String,
    /// Whose card, payout, points or registered bank account it is.
    pub user_id: Option<u64>,
    /// In KRW. Below zero for the world outside only.
    pub balance: i64,
}

/// Money that moved, as a whole.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostingView {
    /// From 0, without a gap.
    pub number: usize,
    /// The sandbox's time.
    pub time: SystemTime,
    /// What it was for, such as `bank_recharge` or `payment_cancel`.
    pub kind: &'static str,
    /// The call whose doing it is, at once or later: a recharge that was pending has the id of the
    /// call that asked for it, one through a payment window that of the call which opened the
    /// window. None for what nobody asked for in a call: auto recharges, payouts, money that bank
    /// accounts come with.
    pub correlation_id: Option<CorrelationId>,
    /// The platform's number of the transaction, `nrNumber`.
    pub nr_number: String,
    /// The accounts that took part. Their amounts add up to nothing.
    pub legs: Vec<LegView>,
}

/// An account's part in a posting.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LegView {
    /// Name of the account, as in [`AccountView`].
    pub account: String,
    /// In KRW, positive where the account receives.
    pub amount: i64,
}

/// How much there is: the names of accounts hold PARs.
impl fmt::Debug for LedgerView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerView")
            .field("total", &self.total)
            .field("accounts", &self.accounts.len())
            .field("postings", &self.postings.len())
            .finish()
    }
}

impl fmt::Debug for AccountView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountView")
            .field("name", &shown(&self.name))
            .field("balance", &self.balance)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PostingView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostingView")
            .field("number", &self.number)
            .field("kind", &self.kind)
            .field("correlation_id", &self.correlation_id)
            .field("legs", &self.legs)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LegView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegView")
            .field("account", &shown(&self.account))
            .field("amount", &self.amount)
            .finish()
    }
}

/// The kind of an account by its name.
fn shown(name: &str) -> &str {
    name.split(':').next().unwrap_or_default()
}

impl LedgerView {
    /// What is there now; of the postings those with these numbers.
    pub(crate) fn of(state: &State, numbers: std::ops::Range<usize>) -> Self {
        let accounts = state
            .ledger
            .accounts()
            .map(|(account, balance)| AccountView {
                name: name(state, account),
                user_id: state.holder(account),
                balance,
            })
            .collect();
        Self {
            total: state.ledger.total(),
            accounts,
            postings: Self::postings(state, numbers),
        }
    }

    /// The postings with these numbers.
    pub(crate) fn postings(state: &State, numbers: std::ops::Range<usize>) -> Vec<PostingView> {
        state
            .ledger
            .postings(numbers)
            .map(|(id, posting)| PostingView {
                number: id.0,
                time: posting.entry.time,
                kind: posting.entry.kind.word(),
                correlation_id: posting.entry.cause,
                nr_number: posting.entry.nr_number.clone(),
                legs: posting
                    .legs
                    .iter()
                    .map(|leg| LegView {
                        account: name(state, leg.account),
                        amount: leg.amount,
                    })
                    .collect(),
            })
            .collect()
    }

    pub(crate) fn to_json(&self, count: usize) -> Value {
        let accounts: Vec<_> = self
            .accounts
            .iter()
            .map(|account| {
                json!({
                    "name": account.name,
                    "userId": account.user_id,
                    "balance": account.balance,
                })
            })
            .collect();
        let postings: Vec<_> = self.postings.iter().map(PostingView::to_json).collect();
        json!({
            "total": self.total,
            "accounts": accounts,
            "postings": postings,
            "count": count,
        })
    }
}

impl PostingView {
    pub(crate) fn to_json(&self) -> Value {
        let legs: Vec<_> = self
            .legs
            .iter()
            .map(|leg| json!({"account": leg.account, "amount": leg.amount}))
            .collect();
        json!({
            "number": self.number,
            "time": rfc3339(self.time),
            "kind": self.kind,
            "correlationId": self.correlation_id.map(|id| id.to_string()),
            "nrNumber": self.nr_number,
            "legs": legs,
        })
    }
}

fn name(state: &State, account: Account) -> String {
    match account {
        Account::Card(card) => format!("card:{}", state.card(card).par),
        Account::Payout(card) => format!("payout:{}", state.card(card).par),
        Account::Bank(bank) => format!("bank:{}", bank.0),
        Account::Merchant(place) => format!("merchant:{}", crate::fixtures::MERCHANTS[place]),
        Account::Gift(number) => format!("gift:{number}"),
        Account::Points(user_id) => format!("points:{user_id}"),
        Account::CardPoints(card) => format!("card-points:{}", state.card(card).par),
        Account::ReservedPoints(number) => format!("reserved-points:{number}"),
        Account::Deposit => "deposit".to_owned(),
        Account::Fees => "fees".to_owned(),
        Account::Outside => "outside".to_owned(),
    }
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::BankOpening => "bank_opening",
            Self::BankRecharge => "bank_recharge",
            Self::BankRechargeCancel => "bank_recharge_cancel",
            Self::CreditCardRecharge => "credit_card_recharge",
            Self::AutoRecharge => "auto_recharge",
            Self::SystemRecharge => "system_recharge",
            Self::Payment => "payment",
            Self::PaymentCancel => "payment_cancel",
            Self::NetworkCancel => "network_cancel",
            Self::Refund => "refund",
            Self::Payout => "payout",
            Self::Transfer => "transfer",
            Self::Gift => "gift",
            Self::GiftAccepted => "gift_accepted",
            Self::GiftRefused => "gift_refused",
            Self::PointGrant => "point_grant",
            Self::PointReservation => "point_reservation",
            Self::PointReservationEnd => "point_reservation_end",
        }
    }
}
