//! Ids of a caller's own that nobody else makes.

use aws_lc_rs::rand;

use super::Violation;

/// The shortest documented limit of a sequence id, which is that of a credit-card recharge.
const LENGTH: usize = 20;
const LONGEST_PREFIX: usize = 4;
/// Base 32 without letters that are taken for digits.
const ALPHABET: [u8; 32] = *b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A prefix, and random characters up to a length of 20: 80 random bits or more. Among a thousand
/// million ids two are the same with a probability below one in a million.
pub(crate) fn fresh_id(prefix: &str) -> Result<String, Violation> {
    let fits = prefix.len() <= LONGEST_PREFIX
        && prefix
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !fits {
        return Err(Violation::new(
            "must have a prefix of at most 4 characters: letters, digits, - and _",
        ));
    }
    let mut random = [0_u8; LENGTH];
    // An id that is not random could be one that was used before.
    rand::fill(&mut random).map_err(|_| Violation::new("cannot be made: no random source"))?;
    let mut id = String::with_capacity(LENGTH);
    id.push_str(prefix);
    id.extend(
        random[prefix.len()..]
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte % 32)])),
    );
    Ok(id)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_have_twenty_characters_and_are_all_different() {
        for prefix in ["", "A", "PAY-"] {
            let ids: HashSet<_> = (0..50_000).map(|_| fresh_id(prefix).unwrap()).collect();
            assert_eq!(ids.len(), 50_000);
            assert!(
                ids.iter()
                    .all(|id| id.len() == 20 && id.starts_with(prefix))
            );
        }
    }

    #[test]
    fn a_prefix_that_leaves_no_room_or_has_other_characters_is_refused() {
        for prefix in ["BANK-", "결제", "A B", "a/b"] {
            assert!(fresh_id(prefix).is_err(), "{prefix}");
        }
    }
}
