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
mod tests {
    use super::*;
    use crate::truth::{Posting, Request};

    const ID: &str = "250301000000-0000001";
    const OTHER: &str = "250301000000-0000002";

    fn call(id: &str, seen: Seen) -> Call {
        Call {
            intent: Some(0),
            operation: "recharge_from_bank_account",
            id: id.to_owned(),
            fault: "-".to_owned(),
            seen,
            code: None,
            settled: None,
            cancellation: None,
        }
    }

    fn posting(id: Option<&str>, kind: &str, amount: i64) -> Posting {
        Posting {
            kind: kind.to_owned(),
            correlation_id: id.map(str::to_owned),
            legs: vec![
                ("bank:0".to_owned(), -amount),
                ("card:A".to_owned(), amount),
            ],
        }
    }

    fn request(id: &str, carried_out: bool) -> Request {
        Request {
            correlation_id: Some(id.to_owned()),
            carried_out,
            again: false,
        }
    }

    fn entry(id: &str, state: State) -> Entry {
        Entry {
            id: id.to_owned(),
            operation: "recharge_from_bank_account".to_owned(),
            state,
        }
    }

    fn before() -> Truth {
        let held = [
            ("bank:0", 1_000_000),
            ("card:A", 100_000),
            ("outside", -1_100_000),
        ];
        Truth {
            balances: held.map(|(name, held)| (name.to_owned(), held)).into(),
            ..Truth::default()
        }
    }

    /// The platform after these postings and requests.
    fn after(postings: Vec<Posting>, requests: Vec<Request>) -> Truth {
        let mut truth = before();
        for (account, amount) in postings.iter().flat_map(|posting| &posting.legs) {
            *truth.balances.entry(account.clone()).or_default() += amount;
        }
        Truth {
            postings,
            requests,
            ..truth
        }
    }

    fn account(calls: Vec<Call>, entries: Vec<Entry>) -> Account {
        let intent = Intent {
            operation: calls[0].operation,
            amount: Some(5_000),
        };
        Account {
            calls,
            intents: vec![intent],
            entries,
        }
    }

    /// How many double charges, lost outcomes, wrong deliveries, and faults of the ledger.
    fn counts(account: &Account, truth: &Truth) -> [usize; 4] {
        let found = judge(account, &before(), truth);
        [
            found.double_charges.len(),
            found.lost_outcomes.len(),
            found.wrong_deliveries.len(),
            found.sums.len(),
        ]
    }

    fn charged() -> Posting {
        posting(Some(ID), "bankrecharge", 5_000)
    }

    #[test]
    fn a_recharge_that_everybody_agrees_about_is_right() {
        let account = account(
            vec![call(ID, Seen::Success)],
            vec![entry(ID, State::Completed)],
        );
        let truth = after(vec![charged()], vec![request(ID, true)]);
        assert_eq!(counts(&account, &truth), [0; 4]);
    }

    #[test]
    fn a_doubled_posting_is_a_double_charge_whoever_is_said_to_have_made_it() {
        let once = account(
            vec![call(ID, Seen::Success)],
            vec![entry(ID, State::Completed)],
        );
        for second in [Some(ID), None, Some(OTHER)] {
            let postings = vec![charged(), posting(second, "bankrecharge", 5_000)];
            let truth = after(postings, vec![request(ID, true)]);
            assert_eq!(counts(&once, &truth), [1, 0, 0, 0], "{second:?}");
        }
        // Another amount, and another kind, are other money.
        for other in [
            posting(None, "bankrecharge", 5_001),
            posting(None, "autorecharge", 5_000),
        ] {
            let truth = after(vec![charged(), other], vec![request(ID, true)]);
            assert_eq!(counts(&once, &truth), [0; 4]);
        }
    }

    #[test]
    fn business_that_two_calls_did_is_a_double_charge() {
        let twice = account(
            vec![call(ID, Seen::MaybeProcessed), call(OTHER, Seen::Success)],
            vec![entry(ID, State::Completed), entry(OTHER, State::Completed)],
        );
        let postings = vec![charged(), posting(Some(OTHER), "bankrecharge", 5_000)];
        let truth = after(postings, vec![request(ID, true), request(OTHER, true)]);
        assert_eq!(counts(&twice, &truth), [1, 0, 0, 0]);
    }

    #[test]
    fn something_else_that_a_call_set_off_twice_is_a_double_charge() {
        let account = account(
            vec![call(ID, Seen::Success)],
            vec![entry(ID, State::Completed)],
        );
        let payout = || posting(Some(ID), "payout", 70);
        let truth = after(vec![charged(), payout(), payout()], vec![request(ID, true)]);
        assert_eq!(counts(&account, &truth), [1, 0, 0, 0]);
    }

    #[test]
    fn a_delivery_that_is_not_so_is_wrong() {
        let done = after(vec![charged()], vec![request(ID, true)]);
        let not_done = after(vec![], vec![request(ID, false)]);
        let never_came = after(vec![], vec![]);
        let state = |truth: &Truth| match truth.postings.is_empty() {
            true => State::Failed,
            false => State::Completed,
        };
        for (seen, truth, wrong) in [
            (Seen::Success, &done, 0),
            (Seen::Success, &not_done, 1),
            // It came in, it was carried out, and its money moved.
            (Seen::NotSent, &done, 3),
            (Seen::NotSent, &not_done, 1),
            (Seen::NotSent, &never_came, 0),
            (Seen::NotCarriedOut, &done, 2),
            (Seen::NotCarriedOut, &not_done, 0),
            (Seen::Declined, &done, 0),
            (Seen::Declined, &not_done, 0),
            (Seen::EarlierCall, &done, 0),
            (Seen::EarlierCall, &not_done, 0),
            (Seen::ProcessedUnreadable, &done, 0),
            (Seen::ProcessedUnreadable, &not_done, 1),
            (Seen::MaybeProcessed, &done, 0),
            (Seen::MaybeProcessed, &not_done, 0),
            (Seen::Died, &done, 0),
            (Seen::Died, &not_done, 0),
        ] {
            let account = account(vec![call(ID, seen)], vec![entry(ID, state(truth))]);
            assert_eq!(counts(&account, truth), [0, 0, wrong, 0], "{seen:?}");
        }
    }

    #[test]
    fn a_success_without_money_a_second_arrival_and_a_wrong_outcome_are_wrong() {
        let mut paid = call(ID, Seen::Success);
        paid.operation = "pay_with_token";
        let mut account = account(vec![paid], vec![entry(ID, State::NeedsPerson)]);
        account.entries[0].operation = "pay_with_token".to_owned();
        let truth = after(vec![], vec![request(ID, true)]);
        assert_eq!(counts(&account, &truth), [0, 0, 1, 0]);

        let twice = after(
            vec![posting(Some(ID), "payment", 5_000)],
            vec![request(ID, true), request(ID, false)],
        );
        assert_eq!(counts(&account, &twice), [0, 0, 1, 0]);
        // A gateway did it, and not the client.
        let mut by_gateway = twice.clone();
        by_gateway.requests[0].again = true;
        assert_eq!(counts(&account, &by_gateway), [0, 0, 0, 0]);

        account.calls = vec![call(ID, Seen::MaybeProcessed)];
        account.intents[0].operation = "recharge_from_bank_account";
        for (settled, truth, state) in [
            (true, after(vec![], vec![request(ID, true)]), State::Failed),
            (
                false,
                after(vec![charged()], vec![request(ID, true)]),
                State::Completed,
            ),
        ] {
            account.calls[0].settled = Some(settled);
            account.entries = vec![entry(ID, state)];
            assert_eq!(counts(&account, &truth), [0, 0, 1, 0], "{settled}");
        }
    }

    #[test]
    fn what_was_handed_out_is_not_taken_back_and_what_is_said_to_be_is() {
        let paid = || posting(Some(ID), "payment", 5_000);
        let back = |id| posting(Some(id), "networkcancel", 5_000);
        for (seen, said, state, cancellations, wrong) in [
            (
                Seen::Success,
                TakenBack::NotSaid,
                State::Completed,
                vec![],
                0,
            ),
            (
                Seen::Success,
                TakenBack::NotSaid,
                State::Completed,
                vec![OTHER],
                1,
            ),
            (
                Seen::MaybeProcessed,
                TakenBack::Yes,
                State::Cancelled,
                vec![OTHER],
                0,
            ),
            // The entry is not true, either.
            (
                Seen::MaybeProcessed,
                TakenBack::Yes,
                State::Cancelled,
                vec![],
                2,
            ),
            (
                Seen::MaybeProcessed,
                TakenBack::NotSaid,
                State::NeedsPerson,
                vec![OTHER],
                0,
            ),
            (
                Seen::Died,
                TakenBack::NotSaid,
                State::Cancelled,
                vec![OTHER],
                0,
            ),
            (
                Seen::Died,
                TakenBack::NotSaid,
                State::Cancelled,
                vec![OTHER, "third"],
                1,
            ),
            (
                Seen::Died,
                TakenBack::NotSaid,
                State::Cancelling,
                vec![OTHER],
                1,
            ),
        ] {
            let mut call = call(ID, seen);
            call.operation = "pay_with_token";
            call.cancellation = Some(said);
            let mut entries = vec![entry(ID, state)];
            entries[0].operation = "pay_with_token".to_owned();
            let mut requests = vec![request(ID, true)];
            let mut postings = vec![paid()];
            for id in &cancellations {
                let mut cancellation = entry(id, State::Completed);
                cancellation.operation = "network_cancel_payment".to_owned();
                entries.push(cancellation);
                requests.push(request(id, true));
                postings.push(back(id));
            }
            let account = account(vec![call], entries);
            let found = counts(&account, &after(postings, requests));
            let found: usize = found.iter().sum();
            assert_eq!(found, wrong, "{seen:?} {said:?} {state} {cancellations:?}");
        }
        // An entry of a cancellation that nobody could have sent.
        let mut stray = account(
            vec![call(ID, Seen::Success)],
            vec![entry(ID, State::Completed)],
        );
        stray.entries.push(Entry {
            id: OTHER.to_owned(),
            operation: "network_cancel_payment".to_owned(),
            state: State::NeedsPerson,
        });
        let truth = after(vec![charged()], vec![request(ID, true)]);
        assert_eq!(counts(&stray, &truth), [0, 1, 0, 0]);
    }

    #[test]
    fn an_entry_that_is_missing_or_not_true_is_a_lost_outcome() {
        let done = after(vec![charged()], vec![request(ID, true)]);
        let not_done = after(vec![], vec![request(ID, false)]);
        let never_came = after(vec![], vec![]);
        let died = || vec![call(ID, Seen::Died)];
        for (state, truth, lost) in [
            (None, &done, 1),
            (None, &not_done, 1),
            (None, &never_came, 0),
            (Some(State::Completed), &done, 0),
            (Some(State::Completed), &not_done, 1),
            (Some(State::Completed), &never_came, 1),
            (Some(State::Failed), &done, 1),
            (Some(State::Failed), &not_done, 0),
            (Some(State::Failed), &never_came, 0),
            (Some(State::NotCarriedOut), &done, 1),
            (Some(State::Declined), &done, 0),
            (Some(State::EarlierCall), &done, 0),
            (Some(State::NotSent), &done, 1),
            (Some(State::NotSent), &not_done, 1),
            (Some(State::NotSent), &never_came, 0),
            // get_bank_recharge_result would have returned it.
            (Some(State::Open), &done, 1),
            (Some(State::NeedsPerson), &done, 1),
        ] {
            let entries = state.map(|state| entry(ID, state)).into_iter().collect();
            let account = account(died(), entries);
            assert_eq!(counts(&account, truth), [0, lost, 0, 0], "{state:?}");
        }
        let entries = vec![entry(ID, State::Completed), entry(ID, State::Completed)];
        assert_eq!(counts(&account(died(), entries), &done), [0, 1, 0, 0]);
        let entries = vec![entry(ID, State::Completed), entry(OTHER, State::Failed)];
        assert_eq!(counts(&account(died(), entries), &done), [0, 1, 0, 0]);
    }

    #[test]
    fn a_person_is_asked_only_where_no_operation_tells() {
        let mut paid = call(ID, Seen::MaybeProcessed);
        paid.operation = "pay_with_token";
        let mut account = account(vec![paid], vec![entry(ID, State::NeedsPerson)]);
        account.entries[0].operation = "pay_with_token".to_owned();
        let postings = vec![posting(Some(ID), "payment", 5_000)];
        let truth = after(postings, vec![request(ID, true)]);
        assert_eq!(counts(&account, &truth), [0; 4]);
        account.entries[0].state = State::Open;
        assert_eq!(counts(&account, &truth), [0, 1, 0, 0]);
        account.entries[0].state = State::NotCarriedOut;
        assert_eq!(counts(&account, &truth), [0, 1, 0, 0]);
    }

    #[test]
    fn money_from_nowhere_is_found_whatever_the_total_says() {
        let account = account(
            vec![call(ID, Seen::Success)],
            vec![entry(ID, State::Completed)],
        );
        let right = after(vec![charged()], vec![request(ID, true)]);

        let mut half = right.clone();
        half.postings[0].legs.pop();
        half.balances.insert("card:A".to_owned(), 100_000);
        // The sum changed, the total does not say so, and the posting is a half one.
        assert_eq!(counts(&account, &half), [0, 0, 0, 3]);

        let mut swapped = right.clone();
        swapped.balances.insert("card:A".to_owned(), 100_000);
        swapped.balances.insert("card:B".to_owned(), 5_000);
        assert_eq!(counts(&account, &swapped), [0, 0, 0, 2]);

        let mut total = right;
        total.total = 1;
        assert_eq!(counts(&account, &total), [0, 0, 0, 1]);
    }
}
