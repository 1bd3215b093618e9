//! Intents: each holds its sequence id, and makes an entry.

use std::collections::HashSet;

use konaplate::journal::Intent;
use konaplate::{DescribedOutcome, Operation};
use serde_json::{Value, json};

use super::Done;
use super::said::text;
use crate::database::{Row, Transaction, values};
use crate::evidence::Standing;
use crate::time::{duration, millis};

/// The number that a sequence id is, as text.
fn sequence_id(intent: &Intent) -> Option<String> {
    let outcome = intent.operation.and_then(Operation::outcome);
    let reference = outcome.and_then(DescribedOutcome::reference);
    match reference.and_then(|field| intent.fields.get(field)) {
        Some(Value::String(text)) => Some(text.clone()),
        // Raw calls can send a number. The platform may take it for the same as its digits.
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    }
}

/// An intent, its place among the steps, and the number of its project.
pub(super) type Intended<'a> = (usize, i64, &'a Intent);

/// Writes intents down, each unless another call of its project holds its sequence id.
pub(super) async fn intend(
    transaction: &mut Transaction,
    intents: Vec<Intended<'_>>,
    done: &mut Vec<(usize, Done)>,
) -> Result<(), sqlx::Error> {
    let mut free = Vec::with_capacity(intents.len());
    // Of several with one sequence id the database lets one insert it. In one order for all who
    // write, so that no two wait for each other.
    let mut holds: Vec<_> = intents
        .iter()
        .filter_map(|&(_, project, intent)| Some((project, sequence_id(intent)?, intent)))
        .collect();
    holds.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    let rows = holds.iter().map(|(project, sequence_id, intent)| {
        json!({"project": project, "sequence_id": sequence_id, "intent": intent.id})
    });
    let sql = "INSERT INTO konaplate_holds (project, sequence_id, intent) \
               SELECT CAST(item.value ->> 'project' AS BIGINT), item.value ->> 'sequence_id', \
                 item.value ->> 'intent' \
               FROM {items} WHERE TRUE ON CONFLICT DO NOTHING RETURNING intent";
    let held = transaction.each(sql, rows).await?;
    let held = intents_of(&held);
    for &(place, project, intent) in &intents {
        let is_free = match sequence_id(intent) {
            None => true,
            Some(_) if held.contains(intent.id.as_str()) => true,
            // The reply to an earlier commit may have been lost.
            Some(sequence_id) => holds_it(transaction, project, &sequence_id, intent).await?,
        };
        if is_free {
            free.push((place, project, intent));
        } else {
            done.push((place, Done::SequenceIdUsed));
        }
    }
    let inserted = insert(transaction, &free).await?;
    let inserted = intents_of(&inserted);
    for (place, project, intent) in free {
        let is_inserted = inserted.contains(intent.id.as_str());
        if is_inserted || was_inserted(transaction, project, intent).await? {
            done.push((place, Done::Intended));
            continue;
        }
        // Another call has the correlation id, or this one was given up before it came this far.
        let sql = "DELETE FROM konaplate_holds WHERE project = $1 AND intent = $2";
        transaction
            .execute(sql, values![project, intent.id.as_str()])
            .await?;
        done.push((place, Done::CorrelationIdUsed));
    }
    Ok(())
}

pub(super) fn intents_of(rows: &[Row]) -> HashSet<&str> {
    rows.iter()
        .filter_map(|row| row.text("intent").ok())
        .collect()
}

/// Whether this intent holds the sequence id already.
async fn holds_it(
    transaction: &mut Transaction,
    project: i64,
    sequence_id: &str,
    intent: &Intent,
) -> Result<bool, sqlx::Error> {
    let sql = "SELECT intent FROM konaplate_holds \
               WHERE project = $1 AND sequence_id = $2 AND intent = $3";
    let values = values![project, sequence_id, intent.id.as_str()];
    Ok(transaction.row(sql, values).await?.is_some())
}

/// Whether this very intent is written already, and nothing was said about it.
async fn was_inserted(
    transaction: &mut Transaction,
    project: i64,
    intent: &Intent,
) -> Result<bool, sqlx::Error> {
    let sql = "SELECT intent FROM konaplate_calls \
               WHERE project = $1 AND correlation_id = $2 AND intent = $3 \
                 AND state = 'open' AND ended_at IS NULL";
    let id = intent.correlation_id.as_str();
    let values = values![project, id, intent.id.as_str()];
    Ok(transaction.row(sql, values).await?.is_some())
}

/// What an intent says of its entry.
pub(super) fn fields_of(project: i64, intent: &Intent) -> Value {
    json!({
        "project": project,
        "id": intent.correlation_id.as_str(),
        "intent": intent.id,
        "operation": intent.name,
        "sequence_id": sequence_id(intent),
        "intended_at": millis(intent.time),
        // The time limit is by the client's clock, and a busy process is a little late.
        "lasts": duration(intent.deadline + intent.deadline / 4),
        "request": text(&intent.fields),
        "cancellation": intent.cancellation.as_ref().map(text),
    })
}

/// Inserts entries that are not there. Which.
pub(super) async fn insert(
    transaction: &mut Transaction,
    intents: &[Intended<'_>],
) -> Result<Vec<Row>, sqlx::Error> {
    if intents.is_empty() {
        return Ok(Vec::new());
    }
    let now = transaction.now().await?;
    let rows = intents.iter().map(|&(_, project, intent)| {
        let mut fields = fields_of(project, intent);
        fields["began_at"] = json!(now);
        fields
    });
    let sql = "INSERT INTO konaplate_calls \
                 (project, correlation_id, intent, operation, sequence_id, intended_at, began_at, \
                  ends_by, request, cancellation, state, source) \
               SELECT CAST(item.value ->> 'project' AS BIGINT), item.value ->> 'id', \
                 item.value ->> 'intent', item.value ->> 'operation', \
                 item.value ->> 'sequence_id', \
                 CAST(item.value ->> 'intended_at' AS BIGINT), \
                 CAST(item.value ->> 'began_at' AS BIGINT), \
                 CAST(item.value ->> 'began_at' AS BIGINT) \
                   + CAST(item.value ->> 'lasts' AS BIGINT), item.value ->> 'request', \
                 item.value ->> 'cancellation', 'open', 'none' \
               FROM {items} WHERE TRUE ON CONFLICT DO NOTHING RETURNING intent";
    let inserted = transaction.each(sql, rows).await?;
    for _ in &inserted {
        transaction.stands(Standing::OF_AN_INTENT);
    }
    Ok(inserted)
}
