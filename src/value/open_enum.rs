//! Enums with an arm for words that nobody described.

use std::fmt;

/// A word of an enum that the description does not know. Only a response makes one.
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
        /// A word that is not listed is kept in `Unknown` when it comes in a response, and cannot
        /// be put into a request.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A word that the description does not know.
            Unknown(crate::value::UnknownWord),
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

        impl crate::value::Checked for $name {
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
                let word = deserializer.deserialize_any(crate::value::TextVisitor)?;
                Ok(Self::from_word(&word)
                    .unwrap_or_else(|| Self::Unknown(crate::value::UnknownWord::new(word))))
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
