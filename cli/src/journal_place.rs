//! Where the journal is: a SQLite file, or PostgreSQL.

use std::fmt;
use std::path::Path;

use anyhow::ensure;
use clap::Args;
use konaplate_journal::Journal;

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// The setting that names it where `--journal` does not.
const VARIABLE: &str = "KONAPLATE_JOURNAL";

/// The option that names it. Shows no value: a URL can have a password.
#[derive(Clone, Default, Args)]
pub struct Place {
    /// The journal, instead of KONAPLATE_JOURNAL: a SQLite file, or a URL of PostgreSQL.
    #[arg(long, value_name = "FILE|URL")]
    journal: Option<String>,
}

impl Place {
    /// Opens the journal that is named, if one is. A file that is not there is made.
    ///
    /// # Errors
    /// It cannot be opened.
    pub async fn open(&self, context: &Context) -> Result<Option<Journal>, Failure> {
        match self.named(context) {
            Some(place) => Ok(Some(open(&place).await?)),
            None => Ok(None),
        }
    }

    /// Opens the journal that is named. A file that is not there is no journal: its name may be
    /// misspelt.
    ///
    /// # Errors
    /// None is named, it is not there, or it cannot be opened.
    pub async fn open_existing(&self, context: &Context) -> Result<Journal, Failure> {
        let place = self.named(context).ok_or_else(|| {
            Failure::bad_input("journal: must be given")
                .next(format!("name it with --journal FILE|URL, or {VARIABLE}"))
        })?;
        if !is_url(&place) && !Path::new(&place).exists() {
            // What looks like part of a URL may have a password.
            let shown = if place.contains('@') { "that" } else { &place };
            return Err(
                Failure::bad_input(format!("journal: there is no file {shown}")).next(
                    "name the file that the gateway or the client of the calls was given; it is not \
                     made here",
                ),
            );
        }
        let opened = open(&place).await;
        opened.map_err(|error| Failure::new(Exit::Fault, format!("{error:#}")))
    }

    fn named(&self, context: &Context) -> Option<String> {
        let given = self.journal.clone();
        given.or_else(|| context.variables.get(VARIABLE))
    }
}

impl fmt::Debug for Place {
    /// Whether there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.journal.as_ref().map(|_| "…");
        f.debug_struct("Place").field("journal", &shown).finish()
    }
}

/// Opens the journal in a SQLite file, which is made if it is not there, or in the PostgreSQL that a
/// URL names.
///
/// # Errors
/// It cannot be opened. The URL is in no error.
pub async fn open(place: &str) -> anyhow::Result<Journal> {
    use anyhow::Context as _;

    let is_server = ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| place.starts_with(scheme));
    ensure!(
        is_server || !is_url(place),
        "journal: must be a file, or a URL that begins with postgres://"
    );
    let journal = if is_server {
        Journal::postgres(place).await
    } else {
        Journal::sqlite(place).await
    };
    journal.context("journal")
}

fn is_url(place: &str) -> bool {
    place.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_not_shown() {
        let place = Place {
            journal: Some("postgres://user:s3cr3t@host/database".to_owned()),
        };
        assert_eq!(format!("{place:?}"), r#"Place { journal: Some("…") }"#);
    }

    #[tokio::test]
    async fn a_url_of_another_database_is_no_file() {
        let error = open("mysql://user:s3cr3t@host/database").await.unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains("postgres://"), "{error}");
        assert!(!error.contains("s3cr3t"), "{error}");
    }
}
