//! What became of a call, in a word.

use std::fmt;

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
    /// A recovery is sending the payment's network cancellation. Its success is handed out no more.
    Cancelling = "cancelling",
    /// The payment was taken back, whether it was made or not.
    Cancelled = "cancelled",
    /// It may have been carried out, and no operation tells: a person has to settle it with KONA.
    NeedsPerson = "needs_person",
}

impl State {
    /// Those of which something more is to be done.
    pub(crate) const UNSETTLED: [Self; 4] = [
        Self::Open,
        Self::AwaitingMember,
        Self::Cancelling,
        Self::NeedsPerson,
    ];

    /// Whether nothing more is done about it.
    pub(crate) fn is_settled(self) -> bool {
        !Self::UNSETTLED.contains(&self)
    }

    /// The words of those that are not settled, for a statement: `'open', ...`.
    pub(crate) fn unsettled() -> String {
        Self::UNSETTLED.map(|state| format!("'{state}'")).join(", ")
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
