//! Who holds how much, in whole KRW, by double entry.
//!
//! Every movement of money is one posting: a list of accounts and signed amounts that add up to
//! nothing, made as a whole or not at all. Nothing else in the sandbox holds a balance. Which
//! posting an operation makes, and what it is refused with, is in [`crate::operations`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;
use std::time::SystemTime;

use konaplate::CorrelationId;
use serde::{Deserialize, Serialize};

use super::table::Table;

/// A card, by its place in the sandbox's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct CardId(pub(crate) usize);

/// A bank account, registered or not, by its place in the sandbox's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct BankId(pub(crate) usize);

/// A place where money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Account {
    Card(CardId),
    Bank(BankId),
    /// By the place in [`crate::fixtures::MERCHANTS`].
    Merchant(usize),
    /// What the partner paid in for recharges by the system.
    Deposit,
    /// What left a card and is on its way to the bank account of its holder.
    Payout(CardId),
    /// A gift that was not accepted yet, by its number.
    Gift(u64),
    /// Points of a member, by the member's id, in KRW: assumed, a point is worth one.
    Points(u64),
    CardPoints(CardId),
    /// Points set aside for a payment, by the number of the reservation.
    ReservedPoints(u64),
    /// What the platform keeps.
    Fees,
    /// The rest of the world: credit cards, and where the fixtures' money comes from.
    Outside,
}

impl Account {
    /// The world may owe any amount; nobody else may.
    fn may_be_negative(self) -> bool {
        self == Self::Outside
    }

    fn holds_points(self) -> bool {
        matches!(
            self,
            Self::Points(_) | Self::CardPoints(_) | Self::ReservedPoints(_)
        )
    }
}

/// What a posting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// What everybody holds at the start, in one posting.
    Opening,
    /// A bank account that the sandbox had not seen comes with money.
    BankOpening,
    BankRecharge,
    BankRechargeCancel,
    CreditCardRecharge,
    AutoRecharge,
    SystemRecharge,
    Payment,
    PaymentCancel,
    NetworkCancel,
    Refund,
    /// What was on its way reaches the bank account.
    Payout,
    Transfer,
    Gift,
    GiftAccepted,
    /// It goes back to the card that it came from.
    GiftRefused,
    PointGrant,
    PointReservation,
    /// Points that were set aside go back.
    PointReservationEnd,
}

/// What is said of a posting besides its amounts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) nr_number: String,
    pub(crate) approval_code: String,
    pub(crate) time: SystemTime,
    /// The call whose doing it is; none where the clock or the sandbox itself moved the money.
    #[serde(with = "correlation_id")]
    pub(crate) cause: Option<CorrelationId>,
}

/// One account's part in a posting.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Leg {
    pub(crate) account: Account,
    /// Positive where it receives.
    pub(crate) amount: i64,
    /// What the account held before.
    pub(crate) before: i64,
}

/// Money that moved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Posting {
    pub(crate) entry: Entry,
    pub(crate) legs: Vec<Leg>,
}

impl Posting {
    /// The account's part in it.
    pub(crate) fn leg(&self, account: Account) -> Option<&Leg> {
        self.legs.iter().find(|leg| leg.account == account)
    }

    /// How much of a payment, or of what undoes one, was points.
    pub(crate) fn points(&self) -> u64 {
        self.legs
            .iter()
            .filter(|leg| leg.account.holds_points())
            .map(|leg| unsigned(leg.amount))
            .sum()
    }

    /// The cards that have a part.
    pub(crate) fn cards(&self) -> impl Iterator<Item = CardId> + '_ {
        self.legs.iter().filter_map(|leg| match leg.account {
            Account::Card(card) => Some(card),
            _ => None,
        })
    }

    /// The merchant's place in the fixtures, where one has a part.
    pub(crate) fn merchant(&self) -> Option<usize> {
        self.legs.iter().find_map(|leg| match leg.account {
            Account::Merchant(place) => Some(place),
            _ => None,
        })
    }
}

/// A posting in the journal, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct PostingId(pub(crate) usize);

/// Why a posting was not made. No balance has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unposted {
    /// No leg moves anything.
    Nothing,
    /// The legs do not add up to zero, or to no number.
    Unbalanced,
    /// An account stands in two legs.
    Twice,
    /// The account does not hold so much.
    Overdrawn(Account),
}

impl fmt::Display for Unposted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "there is nothing to move",
            Self::Unbalanced => "the posting does not add up to zero",
            Self::Twice => "an account cannot pay itself",
            Self::Overdrawn(Account::Card(_)) => "the card does not hold so much",
            Self::Overdrawn(Account::Bank(_)) => "the bank account does not hold so much",
            Self::Overdrawn(Account::Deposit) => "the deposit does not hold so much",
            Self::Overdrawn(_) => "the account does not hold so much",
        })
    }
}

/// All balances, and the postings that made them.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Accounts that hold nothing are not in it.
    pub(crate) balances: Table<Account, i64>,
    pub(crate) journal: Table<PostingId, Posting>,
    /// The postings with a leg of the card, but for the opening. It follows from the journal.
    of_card: HashMap<CardId, Vec<PostingId>>,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("accounts", &self.balances.len())
            .field("postings", &self.journal.len())
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// A ledger with the balances that a sandbox starts with: its first posting. The money comes from
    /// outside, so that all accounts add up to zero from the first moment on.
    ///
    /// # Errors
    /// Nobody starts with anything, an account is there twice, or the sum is no number.
    pub(crate) fn opened(with: impl IntoIterator<Item = (Account, u64)>) -> Result<Self, Unposted> {
        let mut legs: Vec<_> = with
            .into_iter()
            .filter(|(_, amount)| *amount > 0)
            .map(|(account, amount)| (account, signed(amount)))
            .collect();
        let sum = add_up(legs.iter().map(|(_, amount)| *amount)).ok_or(Unposted::Unbalanced)?;
        legs.push((Account::Outside, -sum));
        let mut ledger = Self::default();
        let entry = Entry {
            kind: Kind::Opening,
            nr_number: String::new(),
            approval_code: String::new(),
            time: SystemTime::UNIX_EPOCH,
            cause: None,
        };
        ledger.post(entry, &legs)?;
        Ok(ledger)
    }

    /// Moves money, as a whole or not at all.
    pub(crate) fn post(
        &mut self,
        entry: Entry,
        legs: &[(Account, i64)],
    ) -> Result<PostingId, Unposted> {
        if legs.iter().all(|(_, amount)| *amount == 0) {
            return Err(Unposted::Nothing);
        }
        if add_up(legs.iter().map(|(_, amount)| *amount)) != Some(0) {
            return Err(Unposted::Unbalanced);
        }
        let mut made = Vec::with_capacity(legs.len());
        for (place, (account, amount)) in legs.iter().copied().enumerate() {
            if legs[..place].iter().any(|(other, _)| *other == account) {
                return Err(Unposted::Twice);
            }
            let before = self.held(account);
            let after = before.checked_add(amount).ok_or(Unposted::Unbalanced)?;
            if after < 0 && !account.may_be_negative() {
                return Err(Unposted::Overdrawn(account));
            }
            made.push(Leg {
                account,
                amount,
                before,
            });
        }

        let id = PostingId(self.journal.len());
        for leg in &made {
            self.set(leg.account, leg.before + leg.amount);
        }
        let posting = Posting { entry, legs: made };
        self.enter(id, &posting);
        self.journal.insert(id, posting);
        Ok(id)
    }

    fn enter(&mut self, id: PostingId, posting: &Posting) {
        // What a card starts with is no transaction of it.
        if posting.entry.kind == Kind::Opening {
            return;
        }
        for leg in &posting.legs {
            if let Account::Card(card) = leg.account {
                self.of_card.entry(card).or_default().push(id);
            }
        }
    }

    /// Makes good what follows from balances and journal when these were loaded, if they hold what
    /// a ledger can hold.
    pub(crate) fn finish_loading(&mut self) -> Result<(), &'static str> {
        let journal = std::mem::take(&mut self.journal);
        self.of_card.clear();
        let mut held = BTreeMap::<Account, i64>::new();
        for (place, (id, posting)) in journal.iter().enumerate() {
            if id.0 != place {
                return Err("the postings must be numbered from 0 without a gap");
            }
            let accounts: BTreeSet<_> = posting.legs.iter().map(|leg| leg.account).collect();
            let sum = add_up(posting.legs.iter().map(|leg| leg.amount));
            let fits = |leg: &Leg| leg.before.checked_add(leg.amount).is_some();
            if accounts.len() != posting.legs.len()
                || sum != Some(0)
                || !posting.legs.iter().all(fits)
            {
                return Err("each posting must add up to zero, with an account in one leg only");
            }
            for leg in &posting.legs {
                let held = held.entry(leg.account).or_default();
                if leg.before != *held {
                    return Err("each leg must say what the postings before it left");
                }
                *held += leg.amount;
            }
            self.enter(*id, posting);
        }
        self.journal = journal;
        held.retain(|_, held| *held != 0);
        if !self.balances.iter().eq(held.iter()) {
            return Err("each account must hold what its postings add up to");
        }
        let overdrawn = |(account, held): (&Account, &i64)| *held < 0 && !account.may_be_negative();
        if self.balances.iter().any(overdrawn) {
            return Err("no account but the world outside may hold less than nothing");
        }
        if add_up(self.balances.values().copied()) != Some(0) {
            return Err("all accounts must hold nothing together");
        }
        Ok(())
    }

    /// What an account holds, in KRW; for the world outside, which may owe, none below zero.
    pub(crate) fn balance(&self, account: Account) -> u64 {
        u64::try_from(self.held(account)).unwrap_or(0)
    }

    pub(crate) fn posting(&self, id: PostingId) -> &Posting {
        self.journal.get(&id).expect("a posting is never taken out")
    }

    /// What an account held right after a posting, which may have set off others.
    pub(crate) fn balance_after(&self, id: PostingId, account: Account) -> u64 {
        self.posting(id).leg(account).map_or_else(
            || self.balance(account),
            |leg| unsigned(leg.before + leg.amount),
        )
    }

    /// The postings of a card, the oldest first.
    pub(crate) fn of_card(&self, card: CardId) -> impl DoubleEndedIterator<Item = &Posting> {
        self.of_card
            .get(&card)
            .into_iter()
            .flatten()
            .map(|id| self.posting(*id))
    }

    /// The accounts that hold anything, and what.
    pub(crate) fn accounts(&self) -> impl Iterator<Item = (Account, i64)> {
        self.balances
            .iter()
            .map(|(account, held)| (*account, *held))
    }

    /// Postings by their numbers, oldest first.
    pub(crate) fn postings(
        &self,
        numbers: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = (PostingId, &Posting)> {
        self.journal
            .range(PostingId(numbers.start)..PostingId(numbers.end.max(numbers.start)))
            .map(|(id, posting)| (*id, posting))
    }

    /// The calls that made the last postings, so many at most.
    pub(crate) fn latest_causes(&self, count: usize) -> impl Iterator<Item = CorrelationId> {
        let first = self.len().saturating_sub(count);
        self.postings(first..usize::MAX)
            .filter_map(|(_, posting)| posting.entry.cause)
    }

    /// How many postings there are, with that of the opening.
    pub(crate) fn len(&self) -> usize {
        self.journal.len()
    }

    /// How many postings were made since the opening.
    pub(crate) fn count(&self) -> usize {
        let opening = self.journal.get(&PostingId(0));
        let opening = opening.is_some_and(|posting| posting.entry.kind == Kind::Opening);
        self.len() - usize::from(opening)
    }

    /// What all accounts hold together. Zero, always.
    pub(crate) fn total(&self) -> i64 {
        self.balances.values().sum()
    }

    fn held(&self, account: Account) -> i64 {
        self.balances.get(&account).copied().unwrap_or(0)
    }

    fn set(&mut self, account: Account, amount: i64) {
        if amount == 0 {
            self.balances.remove(&account);
        } else {
            self.balances.insert(account, amount);
        }
    }
}

/// An amount as a leg has it. The largest amount of the description has 12 digits; one that no leg
/// can hold becomes one that no account holds.
pub(crate) fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

/// The sum, if it is a number that an account can hold.
fn add_up(amounts: impl IntoIterator<Item = i64>) -> Option<i64> {
    amounts
        .into_iter()
        .try_fold(0_i64, |sum, amount| sum.checked_add(amount))
}

/// The correlation id of a call, as text where it is stored.
pub(crate) mod correlation_id {
    use konaplate::CorrelationId;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        id: &Option<CorrelationId>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        id.as_ref().map(CorrelationId::as_str).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<CorrelationId>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|id| id.parse().map_err(D::Error::custom))
            .transpose()
    }
}

/// The size of a leg's amount.
pub(crate) fn unsigned(amount: i64) -> u64 {
    amount.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            kind: Kind::Transfer,
            nr_number: String::new(),
            approval_code: String::new(),
            time: SystemTime::UNIX_EPOCH,
            cause: None,
        }
    }

    const CARD: Account = Account::Card(CardId(0));
    const BANK: Account = Account::Bank(BankId(0));
    const SHOP: Account = Account::Merchant(0);

    #[test]
    fn a_posting_is_made_as_a_whole_or_not_at_all() {
        let mut ledger = Ledger::opened([(CARD, 100), (BANK, 50)]).unwrap();
        assert_eq!((ledger.total(), ledger.count()), (0, 0));
        for (legs, why) in [
            (&[] as &[_], Unposted::Nothing),
            (&[(CARD, 0), (BANK, 0)], Unposted::Nothing),
            (&[(CARD, -10), (BANK, 11)], Unposted::Unbalanced),
            (&[(CARD, i64::MAX), (BANK, i64::MAX)], Unposted::Unbalanced),
            (&[(CARD, -10), (CARD, 10)], Unposted::Twice),
            (&[(SHOP, 101), (CARD, -101)], Unposted::Overdrawn(CARD)),
            (
                &[(SHOP, 111), (CARD, -60), (BANK, -51)],
                Unposted::Overdrawn(BANK),
            ),
        ] {
            assert_eq!(ledger.post(entry(), legs), Err(why));
            assert_eq!((ledger.balance(CARD), ledger.balance(BANK)), (100, 50));
            assert_eq!((ledger.balance(SHOP), ledger.count()), (0, 0));
        }
        let id = ledger
            .post(entry(), &[(SHOP, 110), (CARD, -60), (BANK, -50)])
            .unwrap();
        assert_eq!((ledger.balance(CARD), ledger.balance(BANK)), (40, 0));
        assert_eq!(ledger.balance_after(id, SHOP), 110);
        assert_eq!((ledger.total(), ledger.count()), (0, 1));
    }

    #[test]
    fn thousands_of_random_postings_keep_the_sum_and_the_journal_explains_every_balance() {
        let mut random = fastrand::Rng::with_seed(4);
        let accounts: Vec<_> = (0..6)
            .map(|n| Account::Card(CardId(n)))
            .chain([
                BANK,
                SHOP,
                Account::Deposit,
                Account::Fees,
                Account::Outside,
            ])
            .chain([Account::Gift(1), Account::Payout(CardId(0))])
            .collect();
        let opening: Vec<_> = accounts[..8].iter().map(|a| (*a, 1_000)).collect();
        let mut ledger = Ledger::opened(opening).unwrap();
        let mut refused = 0;
        for _ in 0..20_000 {
            let mut legs: Vec<_> = (0..random.usize(1..5))
                .map(|_| {
                    (
                        accounts[random.usize(..accounts.len())],
                        random.i64(-900..900),
                    )
                })
                .collect();
            // Most of them balanced, some not.
            if random.u8(..10) > 0 {
                let rest: i64 = legs[1..].iter().map(|(_, amount)| amount).sum();
                legs[0].1 = -rest;
            }
            refused += usize::from(ledger.post(entry(), &legs).is_err());
            assert_eq!(ledger.total(), 0);
        }
        assert!(refused > 1_000 && ledger.count() > 1_000, "{refused}");
        for account in accounts {
            if account != Account::Outside {
                assert!(ledger.held(account) >= 0, "{account:?}");
                let moved: i64 = ledger
                    .journal
                    .values()
                    .filter_map(|posting| posting.leg(account))
                    .map(|leg| leg.amount)
                    .sum();
                assert_eq!(ledger.held(account), moved, "{account:?}");
            }
        }
    }
}
