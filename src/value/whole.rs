//! Whole numbers.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::{Checked, Decimal, Violation};

/// Rule of a whole number of the description. Only the types of [`crate::types::rules`] are rules.
pub trait WholeRule: 'static {
    /// Name of the schema.
    const NAME: &'static str;
    /// Smallest value.
    const MIN: u64;
    /// Largest value.
    const MAX: u64;
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

/// Takes a whole number; also decimal text in its place, such as `50000.00`, and no other number: none
/// is rounded.
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
        let number = Decimal::parse(value)
            .ok_or_else(|| E::custom("text in the place of a whole number is no number"))?;
        number
            .to_u64()
            .ok_or_else(|| E::custom("a number is not whole, negative or too large"))
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
