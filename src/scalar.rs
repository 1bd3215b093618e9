//! Single values: strict when a caller makes them, tolerant when they come in an answer.
//!
//! The description gives most values a name and a rule: a sequence id has 1 to 30 characters, an
//! amount is 1 to 9,999,999,999 KRW. Each name is a type of [`crate::types`], an alias of one of
//! the types here, told apart by its rule:
//!
//! - [`Text`], a string; [`Masked`](crate::sensitive::Masked), a string that is never printed;
//! - [`Whole`], a whole number;
//! - open enums, one type each.
//!
//! Making one from a caller's value (`"…".try_into()`, or through the setter of a call) checks the
//! rule. Reading one from an answer does not: what the platform says is kept as it came, a number
//! where text is documented and the reverse included. A value from an answer is checked when it is
//! put into a request.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::OnceLock;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// What is wrong with a value. It names the rule and never the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(String);

impl Violation {
    pub(crate) fn new(rule: impl Into<String>) -> Self {
        Self(rule.into())
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

impl From<std::convert::Infallible> for Violation {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// Rule of a string of the description. Only the types of [`crate::types::rules`] are rules.
pub trait TextRule: 'static {
    /// Name of the schema.
    const NAME: &'static str;
    /// Fewest characters (Unicode scalar values).
    const MIN: usize;
    /// Most characters.
    const MAX: Option<usize>;
    /// Regular expression for the whole value.
    const PATTERN: Option<&'static str> = None;
}

/// Rule of a whole number of the description. Only the types of [`crate::types::rules`] are rules.
pub trait WholeRule: 'static {
    /// Name of the schema.
    const NAME: &'static str;
    /// Smallest value.
    const MIN: u64;
    /// Largest value.
    const MAX: u64;
}

/// Rule of a string that must not be printed.
pub trait SensitiveRule: TextRule {
    /// What it is, for the mask: `card-number`.
    const KIND: &'static str;
}

/// A value that can tell whether it follows its rule.
pub(crate) trait Checked {
    /// Checks the rule.
    fn check(&self) -> Result<(), Violation>;
}

impl Checked for bool {
    fn check(&self) -> Result<(), Violation> {
        Ok(())
    }
}

/// Checks a string against its rule.
pub(crate) fn check_text<R: TextRule>(value: &str) -> Result<(), Violation> {
    let length = value.chars().count();
    let fits = length >= R::MIN && R::MAX.is_none_or(|max| length <= max);
    if !fits {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let rule = match R::MAX {
            Some(max) if max == R::MIN => format!("exactly {max} character{}", plural(max)),
            Some(max) => format!("{} to {max} characters", R::MIN),
            None => format!("at least {} character{}", R::MIN, plural(R::MIN)),
        };
        return Err(Violation::new(format!(
            "must have {rule}, and has {length}"
        )));
    }
    if let Some(pattern) = R::PATTERN
        && !matches_pattern(pattern, value)
    {
        return Err(Violation::new(format!("must match {pattern}")));
    }
    Ok(())
}

/// Patterns are few and constant, so each is compiled once and kept.
fn matches_pattern(pattern: &'static str, value: &str) -> bool {
    use std::collections::HashMap;
    use std::sync::Mutex;
    static COMPILED: OnceLock<Mutex<HashMap<&'static str, regex_lite::Regex>>> = OnceLock::new();
    let mut compiled = COMPILED
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    compiled
        .entry(pattern)
        .or_insert_with(|| {
            regex_lite::Regex::new(pattern).expect("the lint of the description compiles patterns")
        })
        .is_match(value)
}

/// A string with a rule.
///
/// ```
/// use konaplate::types::ServiceId;
///
/// let id: ServiceId = "000170000002000".try_into()?;
/// assert_eq!(id.as_str(), "000170000002000");
///
/// let error = ServiceId::try_from("170000002000").unwrap_err();
/// assert_eq!(error.to_string(), "must have exactly 15 characters, and has 12");
/// # Ok::<(), konaplate::Violation>(())
/// ```
pub struct Text<R> {
    value: String,
    rule: PhantomData<fn() -> R>,
}

impl<R: TextRule> Text<R> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// The text, by value.
    #[must_use]
    pub fn into_string(self) -> String {
        self.value
    }
}

impl<R> std::ops::Deref for Text<R> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.value
    }
}

impl<R> AsRef<str> for Text<R> {
    fn as_ref(&self) -> &str {
        &self.value
    }
}

impl<R> fmt::Debug for Text<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.value, f)
    }
}

impl<R> fmt::Display for Text<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.value)
    }
}

/// What `Text` and `Masked` have in common: both hold a string and know its rule.
macro_rules! text_like {
    ($name:ident, $bound:ident) => {
        impl<R: $bound> $name<R> {
            fn checked(value: String) -> Result<Self, $crate::scalar::Violation> {
                $crate::scalar::check_text::<R>(&value)?;
                Ok(Self::as_received(value))
            }

            /// Takes a value as the platform sent it, whatever the rule.
            pub(crate) fn as_received(value: String) -> Self {
                Self {
                    value,
                    rule: std::marker::PhantomData,
                }
            }
        }

        impl<R: $bound> $crate::scalar::Checked for $name<R> {
            fn check(&self) -> Result<(), $crate::scalar::Violation> {
                $crate::scalar::check_text::<R>(&self.value)
            }
        }

        impl<R: $bound> std::str::FromStr for $name<R> {
            type Err = $crate::scalar::Violation;
            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Self::checked(value.to_owned())
            }
        }

        impl<R: $bound> TryFrom<&str> for $name<R> {
            type Error = $crate::scalar::Violation;
            fn try_from(value: &str) -> Result<Self, Self::Error> {
                Self::checked(value.to_owned())
            }
        }

        impl<R: $bound> TryFrom<String> for $name<R> {
            type Error = $crate::scalar::Violation;
            fn try_from(value: String) -> Result<Self, Self::Error> {
                Self::checked(value)
            }
        }

        impl<R: $bound> TryFrom<&String> for $name<R> {
            type Error = $crate::scalar::Violation;
            fn try_from(value: &String) -> Result<Self, Self::Error> {
                Self::checked(value.clone())
            }
        }

        impl<R: $bound> TryFrom<&$name<R>> for $name<R> {
            type Error = $crate::scalar::Violation;
            fn try_from(value: &$name<R>) -> Result<Self, Self::Error> {
                Self::checked(value.value.clone())
            }
        }

        impl<R> Clone for $name<R> {
            fn clone(&self) -> Self {
                Self {
                    value: self.value.clone(),
                    rule: std::marker::PhantomData,
                }
            }
        }

        impl<R> PartialEq for $name<R> {
            fn eq(&self, other: &Self) -> bool {
                self.value == other.value
            }
        }

        impl<R> Eq for $name<R> {}

        impl<R> std::hash::Hash for $name<R> {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                self.value.hash(state);
            }
        }

        impl<R> serde::Serialize for $name<R> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.value)
            }
        }

        impl<'de, R: $bound> serde::Deserialize<'de> for $name<R> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer
                    .deserialize_any($crate::scalar::TextVisitor)
                    .map(Self::as_received)
            }
        }

        #[cfg(feature = "schemars")]
        impl<R: $bound> schemars::JsonSchema for $name<R> {
            fn schema_name() -> String {
                R::NAME.to_owned()
            }

            fn json_schema(
                generator: &mut schemars::r#gen::SchemaGenerator,
            ) -> schemars::schema::Schema {
                let mut schema = String::json_schema(generator).into_object();
                let string = schema.string();
                string.min_length = u32::try_from(R::MIN).ok();
                string.max_length = R::MAX.and_then(|max| u32::try_from(max).ok());
                string.pattern = R::PATTERN.map(str::to_owned);
                schema.into()
            }
        }
    };
}
pub(crate) use text_like;

text_like!(Text, TextRule);

impl<R: TextRule, N: WholeRule> TryFrom<Whole<N>> for Text<R> {
    type Error = Violation;

    /// The decimal text of a number, for ids that are a number here and text there.
    fn try_from(value: Whole<N>) -> Result<Self, Violation> {
        Self::checked(value.to_string())
    }
}

impl<R: TextRule, N: WholeRule> TryFrom<&Whole<N>> for Text<R> {
    type Error = Violation;

    fn try_from(value: &Whole<N>) -> Result<Self, Violation> {
        Self::checked(value.to_string())
    }
}

/// Takes text; also a number or a boolean in its place.
pub(crate) struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<String, E> {
        Ok(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }
}

/// A whole number with a rule, up to the largest unsigned 64-bit one.
///
/// ```
/// use konaplate::types::{AutoRechargeAmount, UserId};
///
/// let id = UserId::try_from(9_999_999_999_999_999_999_u64)?;
/// assert_eq!(id.get(), 9_999_999_999_999_999_999);
///
/// let error = AutoRechargeAmount::try_from(10_000_000_u64).unwrap_err();
/// assert_eq!(error.to_string(), "must be from 1 to 9999999, and is larger");
/// # Ok::<(), konaplate::Violation>(())
/// ```
pub struct Whole<R> {
    value: u64,
    rule: PhantomData<fn() -> R>,
}

impl<R: WholeRule> Whole<R> {
    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.value
    }

    fn as_received(value: u64) -> Self {
        Self {
            value,
            rule: PhantomData,
        }
    }

    fn violation(comparison: &str) -> Violation {
        Violation::new(format!(
            "must be from {} to {}, and is {comparison}",
            R::MIN,
            R::MAX
        ))
    }
}

impl<R: WholeRule> Checked for Whole<R> {
    fn check(&self) -> Result<(), Violation> {
        if self.value < R::MIN {
            Err(Self::violation("smaller"))
        } else if self.value > R::MAX {
            Err(Self::violation("larger"))
        } else {
            Ok(())
        }
    }
}

macro_rules! whole_from {
    ($($int:ty),+) => {$(
        impl<R: WholeRule> TryFrom<$int> for Whole<R> {
            type Error = Violation;
            fn try_from(value: $int) -> Result<Self, Violation> {
                // Whatever does not fit into u64 is negative or larger than any maximum.
                #[allow(unused_comparisons)]
                let comparison = if value < 0 { "smaller" } else { "larger" };
                let value = u64::try_from(value).map_err(|_| Self::violation(comparison))?;
                let whole = Self::as_received(value);
                whole.check()?;
                Ok(whole)
            }
        }
    )+};
}
whole_from!(
    u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize
);

impl<R: WholeRule> TryFrom<&Whole<R>> for Whole<R> {
    type Error = Violation;

    fn try_from(value: &Whole<R>) -> Result<Self, Violation> {
        value.check()?;
        Ok(*value)
    }
}

impl<R> Clone for Whole<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Whole<R> {}

impl<R> PartialEq for Whole<R> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<R> Eq for Whole<R> {}

impl<R> PartialOrd for Whole<R> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<R> Ord for Whole<R> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl<R> Hash for Whole<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<R> fmt::Debug for Whole<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.value, f)
    }
}

impl<R> fmt::Display for Whole<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}

impl<R> Serialize for Whole<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.value)
    }
}

impl<'de, R: WholeRule> Deserialize<'de> for Whole<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(WholeVisitor)
            .map(Self::as_received)
    }
}

/// Takes a whole number; also its decimal text in its place.
struct WholeVisitor;

impl Visitor<'_> for WholeVisitor {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<u64, E> {
        Ok(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<u64, E> {
        u64::try_from(value).map_err(|_| E::custom("a whole number is negative"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<u64, E> {
        // Some JSON writers print 50000 as 50000.0. Above 2^53 a float is no longer exact.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && (0.0..=EXACT).contains(&value) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let whole = value as u64;
            Ok(whole)
        } else {
            Err(E::custom("a number is not whole"))
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<u64, E> {
        value.parse().map_err(|_| {
            E::custom("text in the place of a whole number has other characters than digits")
        })
    }
}

#[cfg(feature = "schemars")]
impl<R: WholeRule> schemars::JsonSchema for Whole<R> {
    fn schema_name() -> String {
        R::NAME.to_owned()
    }

    fn json_schema(generator: &mut schemars::r#gen::SchemaGenerator) -> schemars::schema::Schema {
        let mut schema = u64::json_schema(generator).into_object();
        // schemars 0.8 holds bounds as f64, which rounds the maximum of a user id; the extension
        // keeps it exact.
        #[allow(clippy::cast_precision_loss)]
        {
            schema.number().minimum = Some(R::MIN as f64);
            schema.number().maximum = Some(R::MAX as f64);
        }
        schema
            .extensions
            .insert("x-exact-maximum".to_owned(), R::MAX.into());
        schema.into()
    }
}

/// A word of an enum that the description does not know. Only an answer makes one.
///
/// It is not printed: what an unknown word may hold is not known either.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownWord(String);

impl UnknownWord {
    pub(crate) fn new(word: String) -> Self {
        Self(word)
    }

    /// The word as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} characters]", self.0.chars().count())
    }
}

/// Defines an enum of words with an arm for the words that nobody described.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        ///
        /// A word that is not listed is kept in `Unknown` when it comes in an answer, and cannot be
        /// put into a request.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A word that the description does not know.
            Unknown(crate::scalar::UnknownWord),
        }

        impl $name {
            /// The word on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word.as_str(),
                }
            }

            fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }

            const RULE: &'static str = concat!("must be one of", $(" ", $word,)+);
        }

        impl crate::scalar::Checked for $name {
            fn check(&self) -> Result<(), crate::Violation> {
                match self {
                    Self::Unknown(_) => Err(crate::Violation::new(Self::RULE)),
                    _ => Ok(()),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::Violation;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::from_word(word).ok_or_else(|| crate::Violation::new(Self::RULE))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = crate::Violation;
            fn try_from(word: &str) -> Result<Self, Self::Error> {
                word.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::Violation;
            fn try_from(word: String) -> Result<Self, Self::Error> {
                word.parse()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = deserializer.deserialize_any(crate::scalar::TextVisitor)?;
                Ok(Self::from_word(&word)
                    .unwrap_or_else(|| Self::Unknown(crate::scalar::UnknownWord::new(word))))
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> String {
                stringify!($name).to_owned()
            }

            fn json_schema(
                generator: &mut schemars::r#gen::SchemaGenerator,
            ) -> schemars::schema::Schema {
                let mut schema = <String as schemars::JsonSchema>::json_schema(generator).into_object();
                schema.enum_values = Some(vec![$($word.into()),+]);
                schema.into()
            }
        }
    };
}
pub(crate) use open_enum;
