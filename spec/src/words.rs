//! The words that the description's extensions use, as enums.

use std::fmt;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word that the description uses.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The value that the description calls so.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// How much of an operation, or of a field, was seen (`x-konaplate-evidence`).
    Evidence {
        /// A whole page of the vendor's reference.
        Page = "page",
        /// A part of a page.
        Partial = "partial",
        /// Public code of somebody else.
        ThirdParty = "third-party",
    }
}

words! {
    /// What an operation does (`x-konaplate-effect`).
    Effect {
        /// Nothing changes.
        Reads = "reads",
        /// Something changes, but no money moves.
        Changes = "changes",
        /// Money moves, or may move.
        MovesMoney = "moves-money",
    }
}

words! {
    /// Whether a body is encrypted (`x-konaplate-encryption`).
    Encrypted {
        /// Always.
        Yes = "true",
        /// Never.
        No = "false",
        /// Not seen.
        Unknown = "unknown",
    }
}

words! {
    /// What a code proves about the money when an operation responds with it (`proves` in
    /// `x-konaplate-outcome`).
    Proves {
        /// It can only come when nothing was carried out, by this delivery of the request or by an
        /// earlier one of the same bytes.
        NotCarriedOut = "not-carried-out",
        /// The same request, delivered before, could have caused it.
        EarlierCall = "earlier-call",
        /// The platform says no for a reason of state. True of this delivery; no proof about an
        /// earlier one of the same bytes.
        Declined = "declined",
        /// The platform itself failed: it may have been carried out.
        Failure = "failure",
    }
}

words! {
    /// What can be done about a code (`x-konaplate-class`).
    CodeClass {
        /// The calling program has to be corrected.
        CallerMistake = "caller-mistake",
        /// The member can do something about it.
        UserFixable = "user-fixable",
        /// What was asked does not fit the present state.
        StateConflict = "state-conflict",
        /// The same call may succeed later.
        TryLater = "try-later",
        /// What was seen does not tell.
        Unknown = "unknown",
    }
}

words! {
    /// What the text of a string is for (`x-konaplate-text`).
    TextUse {
        /// People read it: a name, a title, an address.
        Free = "free",
        /// Programs compare it: an id, a code, a number, a date. So is what nothing is said of.
        Token = "token",
        /// Not seen.
        Unknown = "unknown",
    }
}

words! {
    /// Written form of a date or a time (`x-konaplate-form`).
    Form {
        /// The last month of a card, two digits each.
        YearMonth = "YYMM",
        /// The last day of a card.
        ShortExpiry = "YYMMDD",
        /// A day of this century.
        ShortDate = "yyMMdd",
        /// A day.
        Date = "yyyyMMdd",
        /// A time of day.
        Time = "HHmmss",
        /// A date and time.
        DateTime = "yyyyMMddHHmmss",
        /// A date and time with milliseconds.
        DateTimeMillis = "yyyyMMddHHmmssSSS",
        /// Milliseconds since 1970-01-01T00:00:00Z, as a number.
        EpochMillis = "epoch-milliseconds",
    }
}
