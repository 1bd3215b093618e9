//! Who holds how much, in whole KRW, by double entry.
//!
//! Every movement of money is one posting: a list of accounts and signed amounts that add up to
//! nothing, made as a whole or not at all. Nothing else in the sandbox holds a balance. Which posting
//! an operation makes, and what it is refused with, is in [`crate::groups`].

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// A card, by its place in the sandbox's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct CardId(pub(crate) usize);

/// A bank account, registered or not, by its place in the sandbox's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BankId(pub(crate) usize);

/// A place where money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
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
    PointGrant,
    PointReservation,
    /// Points that were set aside go back.
    PointReservationEnd,
}

/// What is said of a posting besides its amounts.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) nr_number: String,
    pub(crate) approval_code: String,
    pub(crate) time: SystemTime,
}

/// One account's part in a posting.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leg {
    pub(crate) account: Account,
    /// Positive where it receives.
    pub(crate) amount: i64,
    /// What the account held before.
    pub(crate) before: i64,
}

/// Money that moved.
#[derive(Debug, Clone)]
pub(crate) struct Posting {
    pub(crate) entry: Entry,
    legs: Vec<Leg>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PostingId(usize);

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
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Accounts that hold nothing are not in it.
    balances: BTreeMap<Account, i64>,
    journal: Vec<Posting>,
    /// Places in the journal of the postings with a leg of the card.
    of_card: HashMap<CardId, Vec<usize>>,
}

impl Ledger {
    /// The balances that a sandbox starts with. The money comes from outside, so that all accounts
    /// add up to zero from the first moment on.
    pub(crate) fn opened(with: impl IntoIterator<Item = (Account, u64)>) -> Self {
        let mut ledger = Self::default();
        for (account, amount) in with {
            let amount = signed(amount);
            ledger.set(account, ledger.held(account) + amount);
            ledger.set(Account::Outside, ledger.held(Account::Outside) - amount);
        }
        ledger
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
        let sum = legs
            .iter()
            .try_fold(0_i64, |sum, (_, amount)| sum.checked_add(*amount));
        if sum != Some(0) {
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

        let id = self.journal.len();
        for leg in &made {
            self.set(leg.account, leg.before + leg.amount);
            if let Account::Card(card) = leg.account {
                self.of_card.entry(card).or_default().push(id);
            }
        }
        self.journal.push(Posting { entry, legs: made });
        Ok(PostingId(id))
    }

    /// What an account holds, in KRW; for the world outside, which may owe, none below zero.
    pub(crate) fn balance(&self, account: Account) -> u64 {
        u64::try_from(self.held(account)).unwrap_or(0)
    }

    pub(crate) fn posting(&self, id: PostingId) -> &Posting {
        &self.journal[id.0]
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
            .map(|place| &self.journal[*place])
    }

    /// How many postings were made.
    pub(crate) fn count(&self) -> usize {
        self.journal.len()
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
        }
    }

    const CARD: Account = Account::Card(CardId(0));
    const BANK: Account = Account::Bank(BankId(0));
    const SHOP: Account = Account::Merchant(0);

    #[test]
    fn a_posting_is_made_as_a_whole_or_not_at_all() {
        let mut ledger = Ledger::opened([(CARD, 100), (BANK, 50)]);
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
        let mut ledger = Ledger::opened(opening.clone());
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
                let opened: i64 = opening
                    .iter()
                    .filter(|(other, _)| *other == account)
                    .map(|(_, amount)| signed(*amount))
                    .sum();
                let moved: i64 = ledger
                    .journal
                    .iter()
                    .filter_map(|posting| posting.leg(account))
                    .map(|leg| leg.amount)
                    .sum();
                assert_eq!(ledger.held(account), opened + moved, "{account:?}");
            }
        }
    }
}
