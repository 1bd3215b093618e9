//! Who may call: whoever brings a token, `Authorization: Bearer …` (RFC 6750).

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use axum::http::{HeaderMap, StatusCode, header};
use subtle::{Choice, ConstantTimeEq as _};

use super::problem::{Problem, Refused};

/// The fewest characters of a token: 32 of base64 are 192 bits.
const SHORTEST: usize = 32;

/// Tokens, each of which opens the gateway: the old one and the new one, while one takes the other's
/// place.
#[derive(Clone)]
pub struct Tokens(Arc<[String]>);

impl Tokens {
    /// Reads a file with a token a line.
    ///
    /// # Errors
    /// The file cannot be read, has no token, or one that is too short or not in visible ASCII.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("token-file: cannot read {}", file.display()))?;
        let tokens: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
        ensure!(
            !tokens.is_empty(),
            "token-file: must have a token in a line"
        );
        let is_good =
            |token: &&str| token.len() >= SHORTEST && token.bytes().all(|b| b.is_ascii_graphic());
        ensure!(
            tokens.iter().all(is_good),
            "token-file: each line must be a token of at least {SHORTEST} visible ASCII characters"
        );
        Ok(Self(tokens.into_iter().map(str::to_owned).collect()))
    }

    /// Refuses a request without one of the tokens.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Refused> {
        let mut sent = headers.get_all(header::AUTHORIZATION).iter();
        let token = sent.next().and_then(|value| bearer(value.as_bytes()));
        if sent.next().is_none() && token.is_some_and(|token| self.accept(token)) {
            return Ok(());
        }
        let detail = "Authorization must be Bearer with one of the gateway's tokens";
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "token", detail);
        Err(problem.header(header::WWW_AUTHENTICATE, "Bearer").into())
    }

    fn accept(&self, token: &[u8]) -> bool {
        // All are compared, whichever it is.
        let equal = self.0.iter().map(|known| known.as_bytes().ct_eq(token));
        equal.fold(Choice::from(0), |any, one| any | one).into()
    }
}

impl fmt::Debug for Tokens {
    /// How many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} tokens]", self.0.len())
    }
}

/// The token behind the scheme, whose name has no case.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Tokens> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, text).unwrap();
        Tokens::read(&file)
    }

    #[test]
    fn every_line_is_a_token() {
        let (old, new) = ("a".repeat(32), "b".repeat(40));
        let tokens = of(&format!("{old}\r\n\n{new}\n")).unwrap();
        assert!(tokens.accept(old.as_bytes()) && tokens.accept(new.as_bytes()));
        for other in [
            "",
            "a",
            &"a".repeat(31),
            &"a".repeat(33),
            &format!("{old}\n{new}"),
        ] {
            assert!(!tokens.accept(other.as_bytes()), "{other}");
        }
        assert_eq!(format!("{tokens:?}"), "[2 tokens]");
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_repeated() {
        for text in [
            "",
            "\n\n",
            "short",
            &format!("{} ", "a".repeat(40)),
            &"가".repeat(20),
        ] {
            let error = format!("{:#}", of(text).unwrap_err());
            assert!(error.starts_with("token-file: "), "{error}");
            assert!(
                text.trim().is_empty() || !error.contains(text.trim()),
                "{error}"
            );
        }
    }

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        assert_eq!(bearer(b"bearer abc"), Some(&b"abc"[..]));
        assert_eq!(bearer(b"Basic abc"), None);
        assert_eq!(bearer(b"Bearer"), None);
    }
}
