//! Strings.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use serde::de::{self, Visitor};

use super::setting::unseen;
use super::{Violation, Whole, WholeRule};

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
    /// What it is for.
    const USE: TextUse = TextUse::Token;
}

/// What the text of a string is for (`x-konaplate-text`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextUse {
    /// People read it: a name, a title, an address. What is sent is in the normal form C of Unicode
    /// ([`composed`]).
    Free,
    /// Programs compare it: an id, a code, a number, a date. What is sent has no blanks, nothing
    /// that nobody sees, and no full-width form of an ASCII character.
    Token,
    /// Not seen. What is sent is what the caller gives.
    Unknown,
}

/// Text in the normal form C of Unicode, in which the same letters are the same characters: a
/// Hangul syllable that came as its letters, as macOS writes file names, is one character.
///
/// ```
/// use konaplate::value::composed;
///
/// assert_eq!(composed("\u{1100}\u{1175}\u{11b7}"), "김");
/// assert_eq!(composed("김"), "김");
/// ```
#[must_use]
pub fn composed(text: &str) -> Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// A caller's text as it is sent.
pub(crate) fn as_sent<R: TextRule>(value: String) -> String {
    match R::USE {
        TextUse::Free if !value.is_ascii() => composed(&value).into_owned(),
        _ => value,
    }
}

/// Checks that text which programs compare is what it looks like.
fn check_token(value: &str) -> Result<(), Violation> {
    let disguise = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' | '\u{ffe0}'..='\u{ffe6}' => Some("a full-width character"),
        c if c.is_control() && !c.is_whitespace() => Some("a control character"),
        c => unseen(c),
    };
    let found = value
        .chars()
        .zip(1..)
        .find_map(|(c, at)| Some((disguise(c)?, at)));
    match found {
        None => Ok(()),
        Some((what, at)) => Err(Violation::new(format!(
            "must not have {what}, and has one at character {at}"
        ))),
    }
}

/// Rule of a string that must not be printed.
pub trait SensitiveRule: TextRule {
    /// What it is, for the mask: `card-number`.
    const KIND: &'static str;
}

/// Checks a string against its rule.
pub(crate) fn check_text<R: TextRule>(value: &str) -> Result<(), Violation> {
    if R::USE == TextUse::Token {
        check_token(value)?;
    }
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
            fn checked(value: String) -> Result<Self, $crate::value::Violation> {
                let value = $crate::value::as_sent::<R>(value);
                $crate::value::check_text::<R>(&value)?;
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

        impl<R: $bound> $crate::value::Checked for $name<R> {
            fn check(&self) -> Result<(), $crate::value::Violation> {
                $crate::value::check_text::<R>(&self.value)
            }
        }

        impl<R: $bound> std::str::FromStr for $name<R> {
            type Err = $crate::value::Violation;
            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Self::checked(value.to_owned())
            }
        }

        impl<R: $bound> TryFrom<&str> for $name<R> {
            type Error = $crate::value::Violation;
            fn try_from(value: &str) -> Result<Self, Self::Error> {
                Self::checked(value.to_owned())
            }
        }

        impl<R: $bound> TryFrom<String> for $name<R> {
            type Error = $crate::value::Violation;
            fn try_from(value: String) -> Result<Self, Self::Error> {
                Self::checked(value)
            }
        }

        impl<R: $bound> TryFrom<&String> for $name<R> {
            type Error = $crate::value::Violation;
            fn try_from(value: &String) -> Result<Self, Self::Error> {
                Self::checked(value.clone())
            }
        }

        impl<R: $bound> TryFrom<&$name<R>> for $name<R> {
            type Error = $crate::value::Violation;
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
                    .deserialize_any($crate::value::TextVisitor)
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

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }
}
