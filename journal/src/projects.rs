//! Which project an entry is of.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use konaplate::journal::{KeyDigest, Project};

use crate::database::{Transaction, values};

/// The numbers of the projects that were looked up.
#[derive(Debug, Clone, Default)]
pub(crate) struct Projects(Arc<Mutex<HashMap<Project, i64>>>);

impl Projects {
    /// The number of a project, which is made if it is not there. Access keys that come together
    /// are those of one project from now on.
    pub(crate) async fn number(
        &self,
        transaction: &mut Transaction,
        project: &Project,
    ) -> Result<i64, sqlx::Error> {
        if let Some(number) = self.known(project) {
            return Ok(number);
        }
        let mut found = Vec::new();
        for key in project.keys() {
            found.push(find(transaction, project, key).await?);
        }
        let number = match found.iter().flatten().next() {
            Some(&number) => number,
            None => insert(transaction, project).await?,
        };
        if found.iter().flatten().any(|&other| other != number) {
            // Entries and holds stay where they are; the one of the key in use goes on.
            tracing::error!(
                asp_id = project.asp_id(),
                "the journal knows two access keys of one client as those of two projects"
            );
        }
        for (key, known) in project.keys().iter().zip(&found) {
            if known.is_none() {
                let sql = "INSERT INTO konaplate_project_keys (base_url, key_digest, project) \
                           VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
                transaction
                    .execute(sql, values![project.base_url(), key.as_str(), number])
                    .await?;
            }
        }
        Ok(number)
    }

    /// Of use once the transaction that looked it up is committed.
    pub(crate) fn remember(&self, project: &Project, number: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(project.clone(), number);
    }

    fn known(&self, project: &Project) -> Option<i64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(project).copied()
    }
}

async fn find(
    transaction: &mut Transaction,
    project: &Project,
    key: &KeyDigest,
) -> Result<Option<i64>, sqlx::Error> {
    let sql = "SELECT project FROM konaplate_project_keys WHERE base_url = $1 AND key_digest = $2";
    let row = transaction
        .row(sql, values![project.base_url(), key.as_str()])
        .await?;
    Ok(row.and_then(|row| row.int("project").ok()))
}

async fn insert(transaction: &mut Transaction, project: &Project) -> Result<i64, sqlx::Error> {
    // Of two that make the same project the second waits for the first, and finds it.
    #[cfg(feature = "postgres")]
    if transaction.kind() == crate::database::Kind::Postgres {
        transaction
            .execute(
                "LOCK TABLE konaplate_projects IN SHARE ROW EXCLUSIVE MODE",
                &[],
            )
            .await?;
    }
    for key in project.keys() {
        if let Some(number) = find(transaction, project, key).await? {
            return Ok(number);
        }
    }
    let sql = "INSERT INTO konaplate_projects (base_url, asp_id) VALUES ($1, $2) RETURNING number";
    let row = transaction
        .row(sql, values![project.base_url(), project.asp_id()])
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    row.int("number")
        .map_err(|error| sqlx::Error::Decode(error.into()))
}
