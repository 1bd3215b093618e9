//! What is said about a call, by whom, and what becomes of it.
//!
//! One function decides: [`weigh`]. The response of the call counts less than the result of the
//! inquiry, and that less than a person's word. Above all of them stands proof that money moved:
//! the platform's own word that it carried the call out. An assumption is no evidence: it closes
//! nothing, and ends nothing that was said.

use crate::state::State;

/// Whose word it is, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Source {
    /// Nobody's: it is assumed, or nothing was said yet.
    Nobody,
    /// The response of the call itself, or that it had none.
    Call,
    /// The result of the operation that tells the outcome.
    Inquiry,
    /// The response of the payment's network cancellation.
    Cancellation,
    /// A person, such as after asking KONA.
    Person,
}

impl Source {
    const ALL: [Self; 5] = [
        Self::Nobody,
        Self::Call,
        Self::Inquiry,
        Self::Cancellation,
        Self::Person,
    ];

    /// The word in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "none",
            Self::Call => "call",
            Self::Inquiry => "inquiry",
            Self::Cancellation => "cancellation",
            Self::Person => "person",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }
}

/// A state, and whose word it is: what an entry stands at, or what is said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The state.
    pub state: State,
    /// Whose word.
    pub source: Source,
}

impl Standing {
    /// What an entry stands at before anything was said: everything that is said is taken.
    pub const OF_AN_INTENT: Self = Self {
        state: State::Open,
        source: Source::Nobody,
    };

    /// Whether it is the platform's word that money moved.
    pub(crate) fn is_proof(self) -> bool {
        self.state == State::Completed && self.source != Source::Person
    }
}

/// What is known of a call: what its entry stands at, and what of its history counts whatever was
/// said since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Known {
    /// What the entry stands at.
    pub standing: Standing,
    /// Whether the platform has said that it was carried out.
    pub is_proven: bool,
    /// Whether a recovery has begun to take it back: its success is not handed out any more.
    pub was_cancelling: bool,
}

impl From<Standing> for Known {
    /// An entry that stands at the first that was said of it.
    fn from(standing: Standing) -> Self {
        Self {
            standing,
            is_proven: standing.is_proof(),
            was_cancelling: matches!(standing.state, State::Cancelling | State::Cancelled),
        }
    }
}

/// What becomes of an entry when something is said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighed {
    /// What it stands at then.
    pub standing: Standing,
    /// Whether two who should know contradict each other: that money moved, and that it did not.
    pub contradiction: bool,
}

/// What a state says about the money.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Moved,
    /// It moved, or may have, and is back.
    TakenBack,
    NotMoved,
    /// A last word that is no proof.
    NoProof,
    Nothing,
}

fn says(state: State) -> Says {
    match state {
        State::Completed => Says::Moved,
        State::Cancelled => Says::TakenBack,
        State::NotSent | State::NotCarriedOut | State::Failed => Says::NotMoved,
        State::Declined | State::EarlierCall => Says::NoProof,
        State::Open | State::AwaitingMember | State::Cancelling | State::NeedsPerson => {
            Says::Nothing
        }
    }
}

/// What an entry stands at once `said` is known, too.
#[must_use]
pub fn weigh(known: Known, said: Standing) -> Weighed {
    let standing = known.standing;
    let keep = Weighed {
        standing,
        contradiction: false,
    };
    let take = Weighed {
        standing: said,
        contradiction: false,
    };
    let contradicts = |weighed: Weighed| Weighed {
        contradiction: true,
        ..weighed
    };
    let counts_as_much = said.source >= standing.source;
    let is_persons = |standing: Standing| standing.source == Source::Person;
    match (says(standing.state), says(said.state)) {
        // That money moved is proven by the platform's word, whatever came after it; a person's is
        // a statement.
        (_, Says::NotMoved) if known.is_proven => contradicts(keep),
        (Says::NotMoved, Says::Moved) => contradicts(take),
        (Says::Moved, Says::NotMoved) if is_persons(standing) && is_persons(said) => take,
        (Says::Moved, Says::NotMoved) => contradicts(keep),
        // Its success is not handed out: it is taken back, as was begun, or may have been.
        (Says::Nothing, Says::Moved) if known.was_cancelling && !is_persons(said) => keep,
        (Says::Moved, Says::Moved) if said.source > standing.source && !is_persons(said) => take,
        (Says::TakenBack, Says::Moved) if is_persons(said) => take,
        (Says::Moved | Says::TakenBack, Says::Moved) => keep,
        (_, Says::Moved) => take,
        // What never moved cannot be taken back; the entry says more as it is.
        (Says::NotMoved, Says::TakenBack) if !is_persons(said) => keep,
        (_, Says::TakenBack) => take,
        // Taken back, and never moved: both say that the money is there.
        (Says::TakenBack, Says::NotMoved) if !is_persons(said) => keep,
        (_, Says::NotMoved) if counts_as_much => take,
        (_, Says::NotMoved) => keep,
        // What is no proof settles what is not settled.
        (Says::Nothing, Says::NoProof) if standing.state != State::Cancelling => take,
        (_, Says::NoProof) => keep,
        // That its call knows nothing ends no cancellation.
        (Says::Nothing, Says::Nothing)
            if standing.state == State::Cancelling && said.state != State::NeedsPerson =>
        {
            keep
        }
        // An assumption, or that nothing is known: of an entry that is not settled, and a person's
        // stays a person's.
        (Says::Nothing, Says::Nothing) if standing.state != State::NeedsPerson => take,
        (_, Says::Nothing) => keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(state: State, source: Source) -> Standing {
        Standing { state, source }
    }

    /// Everything that can be said: by whom it can be said.
    fn sayable() -> Vec<Standing> {
        let mut all = vec![
            at(State::Open, Source::Nobody),
            at(State::NeedsPerson, Source::Nobody),
            at(State::Cancelling, Source::Nobody),
            at(State::Cancelled, Source::Cancellation),
        ];
        for state in [
            State::Open,
            State::NotSent,
            State::NotCarriedOut,
            State::Declined,
            State::EarlierCall,
            State::Completed,
            State::AwaitingMember,
        ] {
            all.push(at(state, Source::Call));
        }
        for state in [State::Completed, State::Failed] {
            all.push(at(state, Source::Inquiry));
        }
        for state in [State::Completed, State::Failed, State::Cancelled] {
            all.push(at(state, Source::Person));
        }
        all
    }

    #[test]
    fn proof_that_money_moved_is_undone_by_nothing_but_taking_it_back() {
        for standing in sayable() {
            for said in sayable() {
                let weighed = weigh(standing.into(), said);
                if standing.is_proof() || said.is_proof() {
                    let state = weighed.standing.state;
                    let goes_on =
                        standing.state == State::Cancelling && weighed.standing == standing;
                    assert!(
                        matches!(state, State::Completed | State::Cancelled) || goes_on,
                        "{standing:?}, {said:?}: {weighed:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_was_proven_is_not_denied_whatever_came_after_it() {
        for standing in sayable() {
            let known = Known {
                is_proven: true,
                ..standing.into()
            };
            for said in sayable() {
                let weighed = weigh(known, said);
                let denies = says(said.state) == Says::NotMoved;
                assert!(!denies || weighed.standing == standing && weighed.contradiction);
            }
        }
    }

    #[test]
    fn a_success_that_comes_after_a_cancellation_was_sent_changes_nothing() {
        for state in [State::Cancelling, State::NeedsPerson, State::Cancelled] {
            let standing = at(state, Source::Nobody);
            let known = Known {
                was_cancelling: true,
                ..standing.into()
            };
            let success = at(State::Completed, Source::Call);
            assert_eq!(weigh(known, success).standing, standing);
        }
    }

    #[test]
    fn a_contradiction_is_that_it_moved_and_did_not() {
        for standing in sayable() {
            for said in sayable() {
                let pair = [says(standing.state), says(said.state)];
                let differ = pair.contains(&Says::Moved) && pair.contains(&Says::NotMoved);
                let corrects = standing.source == Source::Person
                    && said.source == Source::Person
                    && standing.state == State::Completed;
                let weighed = weigh(standing.into(), said);
                assert_eq!(
                    weighed.contradiction,
                    differ && !corrects,
                    "{standing:?}, {said:?}"
                );
            }
        }
    }

    #[test]
    fn an_assumption_closes_nothing_and_ends_nothing_that_was_said() {
        let settled = sayable()
            .into_iter()
            .filter(|standing| says(standing.state) != Says::Nothing);
        for standing in settled {
            for said in sayable() {
                if said.source == Source::Nobody {
                    assert_eq!(weigh(standing.into(), said).standing, standing, "{said:?}");
                }
            }
        }
        // That a call knows nothing ends no cancellation, and that one was in vain does.
        let cancelling = at(State::Cancelling, Source::Nobody);
        for said in sayable() {
            if says(said.state) == Says::Nothing {
                let goes_on = said.state != State::NeedsPerson;
                assert_eq!(
                    weigh(cancelling.into(), said).standing == cancelling,
                    goes_on
                );
            }
        }
        // Evidence that comes after an assumption counts.
        let assumed = at(State::NeedsPerson, Source::Nobody);
        for said in sayable() {
            if says(said.state) != Says::Nothing {
                assert_eq!(weigh(assumed.into(), said).standing, said);
            }
        }
    }

    #[test]
    fn of_what_nothing_was_said_the_first_word_counts() {
        for said in sayable() {
            let weighed = weigh(Standing::OF_AN_INTENT.into(), said);
            assert_eq!((weighed.standing, weighed.contradiction), (said, false));
        }
    }

    #[test]
    fn who_counts_more_is_heard_and_who_counts_less_is_not() {
        let not_sent = at(State::NotSent, Source::Call);
        let failed = at(State::Failed, Source::Inquiry);
        let by_hand = at(State::Failed, Source::Person);
        assert_eq!(weigh(not_sent.into(), failed).standing, failed);
        assert_eq!(weigh(failed.into(), by_hand).standing, by_hand);
        assert_eq!(weigh(by_hand.into(), failed).standing, by_hand);
        assert_eq!(weigh(failed.into(), not_sent).standing, failed);
    }

    #[test]
    fn a_person_can_correct_every_state() {
        for standing in sayable() {
            for state in [State::Completed, State::Failed, State::Cancelled] {
                let said = at(state, Source::Person);
                let weighed = weigh(standing.into(), said);
                let agrees = weighed.standing.state == state;
                let stays_proven = standing.is_proof() && state == State::Failed;
                assert_eq!(agrees, !stays_proven, "{standing:?}, {said:?}");
            }
        }
    }
}
