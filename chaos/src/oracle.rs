//! Whether the client and its journal say what is so, decided by what the platform knows.
//!
//! Nothing here asks the client. What it said is in [`Account`], what is so is in [`Truth`].

use std::collections::{BTreeMap, BTreeSet};

use konaplate::{Delivery, Error, ErrorCode};
use konaplate_journal::State;

use crate::truth::Truth;

/// What became of a call, as the client sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// A response that says success.
    Success,
    /// The client says that nothing was sent.
    NotSent,
    /// The client says that it is proven that nothing was carried out.
    NotCarriedOut,
    /// The client says that the platform declined this delivery.
    Declined,
    /// The client says that an earlier delivery may have been carried out.
    EarlierCall,
    /// The client does not know.
    MaybeProcessed,
    /// The client says that it was carried out, and cannot read the response.
    ProcessedUnreadable,
    /// The client's process died before it could say anything.
    Died,
    /// The caller dropped the call before it came back.
    Dropped,
}

impl Seen {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::Success,
        Self::NotSent,
        Self::NotCarriedOut,
        Self::Declined,
        Self::EarlierCall,
        Self::MaybeProcessed,
        Self::ProcessedUnreadable,
        Self::Died,
        Self::Dropped,
    ];

    /// What an error says. A delivery that is newer than this program is no claim.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error.delivery() {
            Delivery::NotSent => Self::NotSent,
            Delivery::NotCarriedOut => Self::NotCarriedOut,
            Delivery::Declined => Self::Declined,
            Delivery::EarlierCall => Self::EarlierCall,
            Delivery::ProcessedUnreadable => Self::ProcessedUnreadable,
            _ => Self::MaybeProcessed,
        }
    }

    /// Whether it may be said of a call that was carried out, or was not.
    #[must_use]
    pub fn may_be_said(self, carried_out: bool) -> bool {
        match self {
            Self::Success | Self::ProcessedUnreadable => carried_out,
            Self::NotSent | Self::NotCarriedOut => !carried_out,
            // No proof about another delivery of the same request.
            Self::Declined
            | Self::EarlierCall
            | Self::MaybeProcessed
            | Self::Died
            | Self::Dropped => true,
        }
    }
}

/// A call that the client made.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its place among the intents; none for a call that is part of no business.
    pub intent: Option<usize>,
    /// Its operation.
    pub operation: &'static str,
    /// Its id.
    pub id: String,
    /// The fault that was meant for it, or `-`.
    pub fault: String,
    /// What the client said.
    pub seen: Seen,
    /// The code that the response had, where it was a failure.
    pub code: Option<ErrorCode>,
    /// What the client said of the outcome after it asked for it: carried out, or not.
    pub settled: Option<bool>,
    /// Whether it is a payment with a durable cancellation, and whether the client said that it was
    /// taken back.
    pub cancellation: Option<TakenBack>,
}

/// Whether a payment was taken back, as the client said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenBack {
    /// It said so.
    Yes,
    /// It did not.
    NotSaid,
}

/// Business that is to be done once, however many calls it takes.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Its operation.
    pub operation: &'static str,
    /// Amount in KRW that no other intent of the run with its operation has; none where the amount
    /// is whatever a card holds. Its money is known by it, whoever is said to have moved it.
    pub amount: Option<u64>,
}

/// What the journal says of a call, after recovery.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Id of the call.
    pub id: String,
    /// Its operation.
    pub operation: String,
    /// What became of it.
    pub state: State,
}

/// Everything that was said in a run.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// The business.
    pub intents: Vec<Intent>,
    /// The journal after the last recovery.
    pub entries: Vec<Entry>,
}

/// What is wrong, a line each. All empty is right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Business that was done more than once.
    pub double_charges: Vec<String>,
    /// Calls of which the journal has no entry, or one that is not true.
    pub lost_outcomes: Vec<String>,
    /// What the client said and is not so.
    pub wrong_deliveries: Vec<String>,
    /// Money that came from nowhere or went there.
    pub sums: Vec<String>,
}

impl Findings {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// Everything that is wrong.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &String)> {
        [
            ("double charge", &self.double_charges),
            ("lost outcome", &self.lost_outcomes),
            ("wrong delivery", &self.wrong_deliveries),
            ("ledger", &self.sums),
        ]
        .into_iter()
        .flat_map(|(name, lines)| lines.iter().map(move |line| (name, line)))
    }
}

/// The posting that an operation is there for.
fn posting_kind(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "recharge_from_bank_account" => "bankrecharge",
        "cancel_bank_recharge" => "bankrechargecancel",
        "create_credit_card_recharge" => "creditcardrecharge",
        "recharge_by_system" => "systemrecharge",
        "pay_with_token" => "payment",
        "cancel_payment" => "paymentcancel",
        "network_cancel_payment" => "networkcancel",
        "refund_card" => "refund",
        "transfer_to_card" | "transfer_balance" => "transfer",
        "gift_prepaid_card" => "gift",
        "accept_gifted_card" => "giftaccepted",
        _ => return None,
    })
}

/// Whether the posting comes with the call, and not later by the clock or in a window.
fn posts_at_once(operation: &str) -> bool {
    !matches!(
        operation,
        "recharge_from_bank_account" | "cancel_bank_recharge" | "create_credit_card_recharge"
    ) && posting_kind(operation).is_some()
}

/// Whether a call that had a response leaves nothing but a person to find out.
#[must_use]
pub fn needs_person(call: &Call) -> bool {
    call.seen == Seen::MaybeProcessed && !can_be_asked_about(call.operation)
}

/// Whether an operation tells the outcome of this one.
fn can_be_asked_about(operation: &str) -> bool {
    konaplate::Operation::find(operation).is_some_and(|known| known.reconcile().is_some())
}

/// Compares what was said with what is so. `before` is the platform before the first call.
#[must_use]
pub fn judge(account: &Account, before: &Truth, after: &Truth) -> Findings {
    let mut findings = Findings::default();
    let judge = Judge { account, after };
    judge.charges(&mut findings);
    judge.deliveries(&mut findings);
    judge.entries(&mut findings);
    sums(before, after, &mut findings);
    findings
}

struct Judge<'a> {
    account: &'a Account,
    after: &'a Truth,
}

impl Judge<'_> {
    /// How often the money of a call moved because of it.
    fn own_postings(&self, call: &Call) -> usize {
        let kind = posting_kind(call.operation);
        let postings = self.after.postings.iter();
        postings
            .filter(|posting| {
                posting.correlation_id.as_ref() == Some(&call.id)
                    && Some(posting.kind.as_str()) == kind
            })
            .count()
    }

    /// How often the money of an intent moved and no call of this run is said to have done it.
    fn stray_postings(&self, intent: &Intent) -> usize {
        let Some(amount) = intent.amount else {
            return 0;
        };
        let kind = posting_kind(intent.operation);
        let is_known = |id: &String| self.account.calls.iter().any(|call| call.id == *id);
        let postings = self.after.postings.iter();
        postings
            .filter(|posting| {
                Some(posting.kind.as_str()) == kind
                    && posting.amount() == amount
                    && !posting.correlation_id.as_ref().is_some_and(is_known)
            })
            .count()
    }

    /// How often the money of a payment with a durable cancellation came back. Nothing else of a run
    /// has its amount.
    fn taken_back(&self, call: &Call) -> usize {
        let intent = call
            .intent
            .and_then(|place| self.account.intents.get(place));
        let amount = intent.and_then(|intent| intent.amount);
        let postings = self.after.postings.iter();
        postings
            .filter(|posting| posting.kind == "networkcancel" && Some(posting.amount()) == amount)
            .count()
    }

    /// Whether the money of a call moved, be it later.
    fn moved(&self, call: &Call) -> bool {
        self.own_postings(call) > 0
            || (self.after.carried_out(&call.id)
                && call
                    .intent
                    .and_then(|place| self.account.intents.get(place))
                    .is_some_and(|intent| self.stray_postings(intent) > 0))
    }

    fn charges(&self, findings: &mut Findings) {
        for (place, intent) in self.account.intents.iter().enumerate() {
            let calls = self.account.calls.iter();
            let own: usize = calls
                .filter(|call| call.intent == Some(place))
                .map(|call| self.own_postings(call))
                .sum();
            let stray = self.stray_postings(intent);
            if own + stray > 1 {
                findings.double_charges.push(format!(
                    "intent {place}, {}: {own} postings by its calls and {stray} by nobody's",
                    intent.operation
                ));
            }
        }
        // Nothing else that a call sets off may happen twice either.
        let mut seen = BTreeMap::<_, usize>::new();
        for posting in &self.after.postings {
            if let Some(id) = &posting.correlation_id {
                *seen.entry((id, &posting.kind)).or_default() += 1;
            }
        }
        for ((id, kind), count) in seen {
            let is_of_intent = |call: &&Call| {
                call.id == *id
                    && call.intent.is_some()
                    && posting_kind(call.operation) == Some(kind)
            };
            let is_counted = self.account.calls.iter().any(|call| is_of_intent(&call));
            if count > 1 && !is_counted {
                let line = format!("{count} postings {kind} by the call {id}");
                findings.double_charges.push(line);
            }
        }
    }

    fn deliveries(&self, findings: &mut Findings) {
        for call in &self.account.calls {
            let Call {
                operation,
                id,
                fault,
                seen,
                ..
            } = call;
            let mut wrong = |what: &str| {
                let line = format!("{operation} {id}, fault {fault}: {seen:?}, but {what}");
                findings.wrong_deliveries.push(line);
            };
            let carried_out = self.after.carried_out(id);
            let posted = self.own_postings(call);
            let came_in = self.after.requests_of(id).count();
            let is_doubled = self.after.requests_of(id).any(|request| request.again);
            if came_in > 1 + usize::from(is_doubled) {
                wrong("it came in more than once");
            }
            if *seen == Seen::NotSent && came_in > 0 {
                wrong("it came in");
            }
            if !seen.may_be_said(carried_out) {
                wrong(if carried_out {
                    "it was carried out"
                } else {
                    "it was not carried out"
                });
            }
            if matches!(seen, Seen::NotSent | Seen::NotCarriedOut) && posted > 0 {
                wrong("its money moved");
            }
            let has_succeeded = matches!(seen, Seen::Success | Seen::ProcessedUnreadable);
            if has_succeeded && posts_at_once(operation) && posted == 0 {
                wrong("its money did not move");
            }
            if call.cancellation.is_some() {
                let taken_back = self.taken_back(call);
                if has_succeeded && taken_back > 0 {
                    wrong("it was taken back after its success was handed out");
                }
                if call.cancellation == Some(TakenBack::Yes) && carried_out && taken_back == 0 {
                    wrong("its money did not come back");
                }
                if taken_back > 1 {
                    wrong("it was taken back twice");
                }
            }
            match call.settled {
                Some(true) if !self.moved(call) => {
                    wrong("settled as completed, and no money moved")
                }
                Some(false) if self.moved(call) => wrong("settled as failed, and money moved"),
                _ => {}
            }
        }
    }

    fn entries(&self, findings: &mut Findings) {
        let lost = &mut findings.lost_outcomes;
        let mut entries = BTreeMap::new();
        for entry in &self.account.entries {
            if entries.insert(entry.id.as_str(), entry).is_some() {
                lost.push(format!("{}: two entries", entry.id));
            }
        }
        // A cancellation that the client sent, or a recovery, is a call like any other.
        let known: BTreeSet<_> = self.account.calls.iter().map(|call| &call.id).collect();
        let unknown = self.account.entries.iter();
        let unknown = unknown.filter(|entry| !known.contains(&entry.id));
        let cancels = self
            .account
            .calls
            .iter()
            .any(|call| call.cancellation.is_some());
        let (cancellations, others): (Vec<_>, Vec<_>) =
            unknown.partition(|entry| cancels && entry.operation == "network_cancel_payment");
        for entry in others {
            lost.push(format!("{}: an entry of no call", entry.id));
        }
        let cancellations = cancellations.into_iter().map(|entry| Call {
            intent: None,
            operation: "network_cancel_payment",
            id: entry.id.clone(),
            fault: "-".to_owned(),
            seen: Seen::MaybeProcessed,
            code: None,
            settled: None,
            cancellation: None,
        });
        let cancellations: Vec<_> = cancellations.collect();
        for call in self.account.calls.iter().chain(&cancellations) {
            let (operation, id) = (call.operation, &call.id);
            let moves_money = konaplate::Operation::find(operation)
                .is_some_and(|known| known.effect() == konaplate::Effect::MovesMoney);
            if !moves_money {
                continue;
            }
            let came_in = self.after.requests_of(id).next().is_some();
            let Some(entry) = entries.get(id.as_str()) else {
                if came_in {
                    lost.push(format!("{operation} {id}: it came in, and has no entry"));
                }
                continue;
            };
            let state = entry.state;
            let carried_out = self.after.carried_out(id);
            let moved = self.moved(call);
            let agrees = match state {
                State::NotSent => !came_in,
                State::NotCarriedOut | State::Failed => {
                    !carried_out_for_good(call, carried_out, moved)
                }
                // What was said of one delivery, and no claim about another.
                State::Declined | State::EarlierCall => true,
                State::Completed => {
                    carried_out
                        && (moved || !(posts_at_once(operation) || can_be_asked_about(operation)))
                }
                // The success of a cancellation: the platform knew the payment.
                State::Cancelled => carried_out && self.taken_back(call) > 0,
                // The window was opened, and what the member did in it no operation tells.
                State::AwaitingMember => carried_out && !can_be_asked_about(operation),
                // Honest only where nobody can be asked, or the platform does not know it.
                State::NeedsPerson => !can_be_asked_about(operation) || !carried_out,
                // The last recovery was given an hour of quiet: nothing may be left over.
                _ => false,
            };
            if entry.operation != operation || !agrees {
                lost.push(format!(
                    "{operation} {id}: {state} in the journal as {}; came in: {came_in}, carried \
                     out: {carried_out}, money moved: {moved}",
                    entry.operation
                ));
            }
        }
    }
}

/// What a pending call came to is known by its money; what is not pending, by the call.
fn carried_out_for_good(call: &Call, carried_out: bool, moved: bool) -> bool {
    if can_be_asked_about(call.operation) {
        moved
    } else {
        carried_out || moved
    }
}

/// The balances have to be what they were and what was posted, and add up to what they did.
fn sums(before: &Truth, after: &Truth, findings: &mut Findings) {
    let held = |truth: &Truth| truth.balances.values().sum::<i64>();
    let (was, is) = (held(before), held(after));
    if was != is {
        findings
            .sums
            .push(format!("the accounts held {was} KRW and hold {is}"));
    }
    if after.total != is {
        findings.sums.push(format!(
            "the total is {} KRW, and the accounts hold {is}",
            after.total
        ));
    }
    let mut explained = before.balances.clone();
    for (number, posting) in after
        .postings
        .iter()
        .enumerate()
        .skip(before.postings.len())
    {
        let sum: i64 = posting.legs.iter().map(|(_, amount)| amount).sum();
        if sum != 0 {
            let line = format!("posting {number}, {}: {sum} KRW too many", posting.kind);
            findings.sums.push(line);
        }
        for (account, amount) in &posting.legs {
            *explained.entry(account.clone()).or_default() += amount;
        }
    }
    let accounts: BTreeSet<_> = explained.keys().chain(after.balances.keys()).collect();
    for account in accounts {
        let of = |balances: &BTreeMap<String, i64>| balances.get(account).copied().unwrap_or(0);
        let (explained, is) = (of(&explained), of(&after.balances));
        if explained != is {
            let line = format!("an account holds {is} KRW, and its postings say {explained}");
            findings.sums.push(line);
        }
    }
}

#[cfg(test)]
mod tests;
