//! `ErrorCode`, generated from the description, and the codes nobody described.

use std::fmt;

/// A code that the description does not know. Only a response makes one.
#[derive(Clone)]
pub struct UnknownCode {
    code: String,
    /// Whether the client knows that the local sandbox sent it.
    is_sandbox: bool,
}

impl UnknownCode {
    /// The code as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.code
    }

    /// Whether printing it gives nothing away: it has the form of the vendor's codes, `nnn_nnn`, or
    /// the local sandbox sent it.
    fn is_printable(&self) -> bool {
        let digits = |text: &str| text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
        let mut parts = self.code.split('_');
        let is_code = [parts.next(), parts.next()]
            .iter()
            .all(|part| part.is_some_and(digits));
        self.is_sandbox || is_code && parts.next().is_none()
    }
}

impl PartialEq for UnknownCode {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for UnknownCode {}

impl std::hash::Hash for UnknownCode {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.code.hash(state);
    }
}

impl ErrorCode {
    /// The same code, known to be the local sandbox's if it has the form of those.
    pub(crate) fn of_sandbox(mut self) -> Self {
        if let Self::Unknown(code) = &mut self {
            code.is_sandbox = is_sandbox_code(&code.code);
        }
        self
    }

    /// Whether the client knows that the local sandbox sent it.
    pub(crate) fn is_sandbox(&self) -> bool {
        matches!(self, Self::Unknown(code) if code.is_sandbox)
    }
}

/// Codes of the local sandbox start so; the platform's never do. Only a client that was told so by
/// [`ClientBuilder::shows_sandbox_messages`](crate::ClientBuilder::shows_sandbox_messages) shows
/// them: any server can send one.
pub const SANDBOX_PREFIX: &str = "sandbox:";

/// Whether a code has the form of the local sandbox's, `sandbox:<check>`, so that nothing else is in
/// it.
#[must_use]
pub fn is_sandbox_code(code: &str) -> bool {
    let check = code.strip_prefix(SANDBOX_PREFIX);
    check.is_some_and(|check| check.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
}

impl fmt::Debug for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_printable() {
            f.pad(&self.code)
        } else {
            write!(f, "[code of {} characters]", self.code.chars().count())
        }
    }
}

/// What can be done about a code.
///
/// It sorts; it does not decide. Whether a call may be repeated is what
/// [`Error::delivery`](crate::Error::delivery) says: what a code proves about the money is
/// [`Operation::proves`](crate::Operation::proves).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorClass {
    /// The calling program has to be corrected: a parameter, an id, the order of calls.
    CallerMistake,
    /// The member can do something about it: another card, a smaller amount, the right password.
    UserFixable,
    /// What was asked does not fit the present state: done before, in progress, terminated.
    StateConflict,
    /// Trouble of the platform or behind it: the same may succeed later.
    TryLater,
    /// What was seen does not tell, or nobody described the code.
    Unknown,
}

macro_rules! error_codes {
    ($table:literal; $(
        $(#[$doc:meta])*
        $name:ident = $code:literal, $class:ident, $meaning:literal, $meaning_ko:literal,
        [$($message:literal),*], [$($operation:literal),*];
    )+) => {
        /// A failure code of the platform.
        ///
        /// The list is open: the vendor's code tables are cut off on long pages, so a code may come
        /// that nobody described. It is then `Unknown`.
        ///
        /// ```
        /// use konaplate::{ErrorClass, ErrorCode};
        ///
        /// let code = ErrorCode::from_wire("007_008");
        /// assert_eq!(code, ErrorCode::SequenceIdAlreadyUsed);
        /// assert_eq!(code.code(), "007_008");
        /// assert_eq!(code.class(), ErrorClass::StateConflict);
        /// assert!(code.operations().contains(&"create_credit_card_recharge"));
        /// ```
        ///
        #[doc = $table]
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)+
            /// A code that the description does not know.
            Unknown(UnknownCode),
        }

        impl ErrorCode {
            /// Every documented code, in order.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code on the wire, such as `007_008`.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$name => $code,)+
                    Self::Unknown(code) => code.as_str(),
                }
            }

            /// Reads a code of the wire.
            #[must_use]
            pub fn from_wire(code: &str) -> Self {
                match code {
                    $($code => Self::$name,)+
                    other => Self::Unknown(UnknownCode {
                        code: other.to_owned(),
                        is_sandbox: false,
                    }),
                }
            }

            /// What it means. None for a code that the description does not know.
            #[must_use]
            pub fn meaning(&self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($meaning),)+
                    Self::Unknown(_) => None,
                }
            }

            /// What it means, in Korean. None for a code that the description does not know.
            #[must_use]
            pub fn meaning_ko(&self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($meaning_ko),)+
                    Self::Unknown(_) => None,
                }
            }

            /// What can be done about it.
            #[must_use]
            pub fn class(&self) -> ErrorClass {
                match self {
                    $(Self::$name => ErrorClass::$class,)+
                    Self::Unknown(_) => ErrorClass::Unknown,
                }
            }

            /// The messages that were seen with it. They vary: never decide by them.
            #[must_use]
            pub fn messages(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($message),*],)+
                    Self::Unknown(_) => &[],
                }
            }

            /// Ids of the operations whose pages list it.
            #[must_use]
            pub fn operations(&self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &[$($operation),*],)+
                    Self::Unknown(_) => &[],
                }
            }
        }

        impl std::fmt::Display for ErrorCode {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    Self::Unknown(code) => std::fmt::Display::fmt(code, f),
                    known => f.pad(known.code()),
                }
            }
        }
    };
}
include!(concat!(env!("OUT_DIR"), "/codes.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_wire(code.code()), *code);
            assert!(code.meaning().is_some());
            assert!(!code.messages().is_empty());
        }
    }

    #[test]
    fn an_unknown_code_is_kept_and_printed_only_in_the_form_of_a_code() {
        for (wire, printed) in [
            ("999_123", "999_123"),
            ("sandbox:tran-token", "[code of 18 characters]"),
            ("999_123_456", "[code of 11 characters]"),
            ("9491339401250765", "[code of 16 characters]"),
            ("sandbox:9491339401250765", "[code of 24 characters]"),
            ("", "[code of 0 characters]"),
        ] {
            let code = ErrorCode::from_wire(wire);
            assert_eq!(code.code(), wire);
            assert_eq!(code.to_string(), printed);
            assert_eq!(code.meaning(), None);
        }
    }

    #[test]
    fn a_client_of_the_sandbox_shows_the_sandboxs_codes_and_no_others() {
        for (wire, printed) in [
            ("sandbox:tran-token", "sandbox:tran-token"),
            ("sandbox:9491339401250765", "[code of 24 characters]"),
            ("sandbox:Kim Kona", "[code of 16 characters]"),
            ("9491339401250765", "[code of 16 characters]"),
            ("007_008", "007_008"),
        ] {
            let code = ErrorCode::from_wire(wire).of_sandbox();
            assert_eq!(code.to_string(), printed);
            assert_eq!(code.is_sandbox(), printed.starts_with(SANDBOX_PREFIX));
            assert_eq!(code, ErrorCode::from_wire(wire));
        }
    }
}
