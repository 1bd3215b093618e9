//! Which callbacks came lately: the second table, in either database.
//!
//! Each step is one statement, and the two unique columns decide between claimants.

use konaplate::callback::{CallbackClaim, Claimed, ReplayFuture, ReplayStore};

use crate::Journal;
use crate::error::Error;
use crate::store::{Changed, Store, millis, run};

/// How many rows a claim clears away at most, beside those in its own way.
const CLEARED: usize = 100;

impl ReplayStore for Journal {
    fn claim(&self, claim: CallbackClaim) -> ReplayFuture<'_, Claimed> {
        Box::pin(async move {
            self.store()
                .claim_callback(&claim)
                .await
                .map_err(Into::into)
        })
    }

    fn handled(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()> {
        Box::pin(async move {
            self.store()
                .callback_handled(&claim)
                .await
                .map_err(Into::into)
        })
    }

    fn release(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()> {
        Box::pin(async move {
            self.store()
                .release_callback(&claim)
                .await
                .map_err(Into::into)
        })
    }
}

impl Store {
    async fn claim_callback(&self, claim: &CallbackClaim) -> Result<Claimed, Error> {
        // What is in the way may be gone before it is looked at.
        for _ in 0..3 {
            self.forget_callbacks(claim).await?;
            let Changed(rows) = run!(
                self,
                "written",
                execute,
                "INSERT INTO konaplate_callbacks \
                   (fingerprint, correlation_id, came_at, claimed_by, claimed_until) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                claim.fingerprint.as_str(),
                claim.correlation_id.as_str(),
                millis(claim.came_at),
                claim.by.as_str(),
                millis(claim.until)
            )?;
            if rows == 1 {
                return Ok(Claimed::New);
            }
            if let Some(known) = self.known_callback(claim).await? {
                return Ok(known);
            }
        }
        Ok(Claimed::InProgress)
    }

    /// Why a callback could not be taken, if that is still so.
    async fn known_callback(&self, claim: &CallbackClaim) -> Result<Option<Claimed>, Error> {
        let sql = "SELECT fingerprint, claimed_until FROM konaplate_callbacks \
                   WHERE fingerprint = $1 OR correlation_id = $2";
        let (fingerprint, id) = (claim.fingerprint.as_str(), claim.correlation_id.as_str());
        let rows: Result<Vec<(String, Option<i64>)>, sqlx::Error> = match self {
            Self::Sqlite(pool) => {
                let query = sqlx::query_as(sql).bind(fingerprint).bind(id);
                query.fetch_all(pool).await
            }
            Self::Postgres(pool) => {
                let query = sqlx::query_as(sql).bind(fingerprint).bind(id);
                query.fetch_all(pool).await
            }
        };
        let rows = rows.map_err(|error| Error::new("read", error))?;
        let same = rows.iter().find(|(known, _)| known == fingerprint);
        Ok(match same {
            Some((_, None)) => Some(Claimed::Replayed),
            Some((_, Some(_))) => Some(Claimed::InProgress),
            None if !rows.is_empty() => Some(Claimed::ReusedCorrelationId),
            None => None,
        })
    }

    /// Forgets what came too long ago, and claims that are over: those in the way of this one
    /// first.
    async fn forget_callbacks(&self, claim: &CallbackClaim) -> Result<(), Error> {
        // PostgreSQL skips what somebody else is forgetting: two that wait for each other's rows
        // would be a deadlock.
        let lock = match self {
            Self::Sqlite(_) => "",
            Self::Postgres(_) => "FOR UPDATE SKIP LOCKED",
        };
        let sql = format!(
            "DELETE FROM konaplate_callbacks WHERE fingerprint IN ( \
               SELECT fingerprint FROM konaplate_callbacks \
               WHERE came_at < $1 OR claimed_until < $2 \
               ORDER BY CASE WHEN fingerprint = $3 OR correlation_id = $4 THEN 0 ELSE 1 END \
               LIMIT {CLEARED} {lock})"
        );
        let Changed(_) = run!(
            self,
            "written",
            execute,
            &sql,
            millis(claim.forget_before),
            millis(claim.came_at),
            claim.fingerprint.as_str(),
            claim.correlation_id.as_str()
        )?;
        Ok(())
    }

    async fn callback_handled(&self, claim: &CallbackClaim) -> Result<(), Error> {
        let Changed(rows) = run!(
            self,
            "written",
            execute,
            "UPDATE konaplate_callbacks SET claimed_until = NULL \
             WHERE fingerprint = $1 AND claimed_by = $2",
            claim.fingerprint.as_str(),
            claim.by.as_str()
        )?;
        if rows == 0 {
            // The claim was over. It was handled all the same, unless somebody else has it now.
            let Changed(_) = run!(
                self,
                "written",
                execute,
                "INSERT INTO konaplate_callbacks (fingerprint, correlation_id, came_at, claimed_by) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                claim.fingerprint.as_str(),
                claim.correlation_id.as_str(),
                millis(claim.came_at),
                claim.by.as_str()
            )?;
        }
        Ok(())
    }

    async fn release_callback(&self, claim: &CallbackClaim) -> Result<(), Error> {
        let Changed(_) = run!(
            self,
            "written",
            execute,
            "DELETE FROM konaplate_callbacks \
             WHERE fingerprint = $1 AND claimed_by = $2 AND claimed_until IS NOT NULL",
            claim.fingerprint.as_str(),
            claim.by.as_str()
        )?;
        Ok(())
    }
}
