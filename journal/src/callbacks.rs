//! Which callbacks came.

use konaplate::callback::{CallbackClaim, Claimed, ReplayFuture, ReplayStore};

use crate::Journal;
use crate::database::{Transaction, values};
use crate::error::Error;
use crate::time::{millis, time};

/// How many rows a claim clears away at most, beside those in its own way.
const CLEARED: usize = 100;

impl ReplayStore for Journal {
    fn claim(&self, claim: CallbackClaim) -> ReplayFuture<'_, Claimed> {
        Box::pin(async move {
            let mut transaction = self.writing().await?;
            let claimed = take(&mut transaction, &claim).await.map_err(failed)?;
            transaction.commit().await.map_err(failed)?;
            Ok(claimed)
        })
    }

    fn handled(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()> {
        Box::pin(async move {
            let mut transaction = self.writing().await?;
            handled(&mut transaction, &claim).await.map_err(failed)?;
            transaction.commit().await.map_err(failed)?;
            Ok(())
        })
    }

    fn release(&self, claim: CallbackClaim) -> ReplayFuture<'_, ()> {
        Box::pin(async move {
            let mut transaction = self.writing().await?;
            release(&mut transaction, &claim).await.map_err(failed)?;
            transaction.commit().await.map_err(failed)?;
            Ok(())
        })
    }
}

impl Journal {
    async fn writing(&self) -> Result<Transaction, Error> {
        self.database().begin().await.map_err(failed)
    }
}

fn failed(error: sqlx::Error) -> Error {
    Error::new("written", error)
}

async fn take(
    transaction: &mut Transaction,
    claim: &CallbackClaim,
) -> Result<Claimed, sqlx::Error> {
    forget(transaction, claim).await?;
    let (scope, fingerprint) = (claim.scope.as_str(), claim.fingerprint.as_str());
    let sql = "INSERT INTO konaplate_callbacks \
                 (scope, fingerprint, correlation_id, first_at, last_at, forget_at, claimed_by, \
                  claimed_until) \
               VALUES ($1, $2, $3, $4, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let values = values![
        scope,
        fingerprint,
        claim.correlation_id.as_str(),
        millis(claim.came_at),
        millis(claim.forget_at),
        claim.by.as_str(),
        millis(claim.until),
    ];
    if transaction.execute(sql, values).await? == 1 {
        return Ok(Claimed::New);
    }
    // The same one, unless another one has its correlation id. What is handled for long enough is
    // taken again: a repeat.
    let sql = "UPDATE konaplate_callbacks \
               SET last_at = $3, forget_at = $4, claimed_by = $5, claimed_until = $6 \
               WHERE scope = $1 AND fingerprint = $2 AND claimed_until IS NULL AND last_at < $7 \
               RETURNING first_at";
    let values = values![
        scope,
        fingerprint,
        millis(claim.came_at),
        millis(claim.forget_at),
        claim.by.as_str(),
        millis(claim.until),
        millis(claim.repeats_after),
    ];
    if let Some(row) = transaction.row(sql, values).await? {
        let first = row.int("first_at").unwrap_or_default();
        return Ok(Claimed::Repeat { first: time(first) });
    }
    let sql = "SELECT claimed_until FROM konaplate_callbacks WHERE scope = $1 AND fingerprint = $2";
    let same = transaction.row(sql, values![scope, fingerprint]).await?;
    Ok(match same.map(|row| row.optional_int("claimed_until")) {
        Some(Ok(None)) => Claimed::Replayed,
        Some(_) => Claimed::InProgress,
        None => Claimed::ReusedCorrelationId,
    })
}

/// Forgets what is to be forgotten by now, and claims that are over: those in the way of this one
/// first.
async fn forget(transaction: &mut Transaction, claim: &CallbackClaim) -> Result<(), sqlx::Error> {
    // A claim on a repeat that is over makes it one that was handled, as it was before.
    let sql = "UPDATE konaplate_callbacks SET claimed_until = NULL, last_at = first_at \
               WHERE scope = $1 AND fingerprint = $2 AND claimed_until < $3 AND first_at < last_at";
    let now = millis(claim.came_at);
    let values = values![claim.scope.as_str(), claim.fingerprint.as_str(), now];
    transaction.execute(sql, values).await?;
    let sql = format!(
        "DELETE FROM konaplate_callbacks WHERE (scope, fingerprint) IN ( \
           SELECT scope, fingerprint FROM konaplate_callbacks AS callback \
           WHERE forget_at < $1 OR claimed_until < $1 AND first_at = last_at \
           ORDER BY CASE WHEN scope = $2 AND (fingerprint = $3 OR correlation_id = $4) \
             THEN 0 ELSE 1 END \
           LIMIT {CLEARED} {})",
        transaction.kind().skips_locked("callback")
    );
    let values = values![
        now,
        claim.scope.as_str(),
        claim.fingerprint.as_str(),
        claim.correlation_id.as_str(),
    ];
    transaction.execute(&sql, values).await?;
    Ok(())
}

async fn handled(transaction: &mut Transaction, claim: &CallbackClaim) -> Result<(), sqlx::Error> {
    let sql = "UPDATE konaplate_callbacks SET claimed_until = NULL \
               WHERE scope = $1 AND fingerprint = $2 AND claimed_by = $3";
    let values = values![
        claim.scope.as_str(),
        claim.fingerprint.as_str(),
        claim.by.as_str(),
    ];
    if transaction.execute(sql, values).await? == 0 {
        // The claim was over. It was handled all the same, unless somebody else has it now.
        let sql = "INSERT INTO konaplate_callbacks \
                     (scope, fingerprint, correlation_id, first_at, last_at, forget_at, claimed_by) \
                   VALUES ($1, $2, $3, $4, $4, $5, $6) ON CONFLICT DO NOTHING";
        let values = values![
            claim.scope.as_str(),
            claim.fingerprint.as_str(),
            claim.correlation_id.as_str(),
            millis(claim.came_at),
            millis(claim.forget_at),
            claim.by.as_str(),
        ];
        transaction.execute(sql, values).await?;
    }
    Ok(())
}

async fn release(transaction: &mut Transaction, claim: &CallbackClaim) -> Result<(), sqlx::Error> {
    let values = values![
        claim.scope.as_str(),
        claim.fingerprint.as_str(),
        claim.by.as_str(),
    ];
    // A repeat was handled before, and stays so.
    let sql = "UPDATE konaplate_callbacks SET claimed_until = NULL, last_at = first_at \
               WHERE scope = $1 AND fingerprint = $2 AND claimed_by = $3 \
                 AND claimed_until IS NOT NULL AND first_at < last_at";
    if transaction.execute(sql, values).await? == 0 {
        let sql = "DELETE FROM konaplate_callbacks \
                   WHERE scope = $1 AND fingerprint = $2 AND claimed_by = $3 \
                     AND claimed_until IS NOT NULL";
        transaction.execute(sql, values).await?;
    }
    Ok(())
}
