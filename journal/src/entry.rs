//! One call in the journal.

use std::fmt;
use std::time::SystemTime;

use konaplate::{DescribedOutcome, Inquiry, Operation};
use serde_json::{Map, Value};

/// A call that moves money, as it was written down. It holds nothing sensitive.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The id that the call carried: what KONA knows it by.
    pub correlation_id: String,
    /// Id of the operation, such as `recharge_from_bank_account`.
    pub operation: String,
    /// The partner's own number of the call, where the operation has one.
    pub sequence_id: Option<String>,
    /// When it was about to be sent.
    pub intended_at: SystemTime,
    /// Fields of the request that are not sensitive.
    pub request: Map<String, Value>,
    /// What became of it.
    pub state: State,
    /// When that was known.
    pub settled_at: Option<SystemTime>,
    /// The code, the delivery, or and what an inquiry said.
    pub detail: Option<String>,
    /// Fields of the response that are not sensitive.
    pub response: Map<String, Value>,
}

impl Entry {
    /// How the outcome of the call is asked; none where no operation returns it.
    pub(crate) fn inquiry(&self) -> Option<&'static Inquiry> {
        Operation::find(&self.operation)
            .and_then(Operation::outcome)
            .and_then(DescribedOutcome::inquiry)
    }
}

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// What became of a call.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum State { $($(#[$doc])* $name,)+ }

        impl State {
            /// The word in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            pub(crate) fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

states! {
    /// Not known yet: under way, or left open by a crash or a lost response.
    Open = "open",
    /// It never left: proof that nothing was carried out.
    NotSent = "not_sent",
    /// The platform responded with a code that is proof that nothing was carried out.
    NotCarriedOut = "not_carried_out",
    /// The platform declined it. No proof about an earlier delivery of the same request.
    Declined = "declined",
    /// The platform responded with a code that an earlier delivery of the same request could have
    /// caused, and no operation returns the outcome.
    EarlierCall = "earlier_call",
    /// It was carried out.
    Completed = "completed",
    /// The platform took it, and no money has moved by it yet: the member moves it, or does not, in
    /// the payment window or with the barcode that was in the response.
    AwaitingMember = "awaiting_member",
    /// The platform took it, and it failed: nothing happened.
    Failed = "failed",
    /// It may have been carried out, and no operation tells: a person has to settle it with KONA.
    NeedsPerson = "needs_person",
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
