//! The usual steps as one statement each, in PostgreSQL: every statement is a way to the server and
//! back, twice where a pooler forbids to prepare it. What is not usual is left to the others.

use std::collections::HashSet;

use konaplate::journal::Outcome;
use serde_json::json;

use super::Done;
use super::intents::{Intended, fields_of, intents_of};
use super::said::{Say, What, said};
use crate::database::postgres::NOW;
use crate::database::{Kind, Row, Transaction};
use crate::evidence::{Source, Standing};

/// Writes intents down whose sequence ids and correlation ids are new. What is left.
pub(super) async fn intend<'a>(
    transaction: &mut Transaction,
    mut intents: Vec<Intended<'a>>,
    done: &mut Vec<(usize, Done)>,
) -> Result<Vec<Intended<'a>>, sqlx::Error> {
    if transaction.kind() != Kind::Postgres {
        return Ok(intents);
    }
    let items = intents
        .iter()
        .map(|&(_, project, intent)| fields_of(project, intent));
    let sql = format!(
        "WITH item AS (SELECT value FROM {{items}}), \
         held AS ( \
           INSERT INTO konaplate_holds (project, sequence_id, intent) \
           SELECT CAST(value ->> 'project' AS bigint), value ->> 'sequence_id', \
             value ->> 'intent' \
           FROM item WHERE value ->> 'sequence_id' IS NOT NULL ORDER BY 1, 2 \
           ON CONFLICT DO NOTHING RETURNING intent), \
         intended AS ( \
           INSERT INTO konaplate_calls \
             (project, correlation_id, intent, operation, sequence_id, intended_at, began_at, \
              ends_by, request, cancellation, state, source) \
           SELECT CAST(value ->> 'project' AS bigint), value ->> 'id', value ->> 'intent', \
             value ->> 'operation', value ->> 'sequence_id', CAST(value ->> 'intended_at' AS bigint), {NOW}, \
             {NOW} + CAST(value ->> 'lasts' AS bigint), value ->> 'request', \
             value ->> 'cancellation', 'open', 'none' \
           FROM item WHERE value ->> 'sequence_id' IS NULL \
             OR value ->> 'intent' IN (SELECT intent FROM held) \
           ON CONFLICT DO NOTHING RETURNING intent) \
         SELECT intent FROM intended"
    );
    let written = transaction.each(&sql, items).await?;
    let written = intents_of(&written);
    intents.retain(|&(place, _, intent)| {
        let is_written = written.contains(intent.id.as_str());
        if is_written {
            transaction.stands(Standing::OF_AN_INTENT);
            done.push((place, Done::Intended));
        }
        !is_written
    });
    Ok(intents)
}

/// Says what became of calls of which nothing was said before: they stand at it then. What is left.
///
/// Left is also what is said twice, what depends on the operation, and what gives a sequence id
/// back.
pub(super) async fn say(
    transaction: &mut Transaction,
    mut says: Vec<(usize, Say)>,
) -> Result<Vec<(usize, Say)>, sqlx::Error> {
    if transaction.kind() != Kind::Postgres {
        return Ok(says);
    }
    let mut seen = HashSet::new();
    let mut twice = HashSet::new();
    for (_, say) in &says {
        let key = (say.project, say.correlation_id.as_str());
        if !seen.insert(key) {
            twice.insert(key);
        }
    }
    let items = says.iter().filter_map(|(_, say)| {
        let What::Outcome(outcome) = &say.what else {
            return None;
        };
        let is_usual = !matches!(outcome, Outcome::EarlierCall(_) | Outcome::NotSent);
        let (said, words) = said(outcome, false);
        let is_once = !twice.contains(&(say.project, say.correlation_id.as_str()));
        (is_usual && is_once && said.source == Source::Call).then(|| {
            json!({
                "project": say.project,
                "id": say.correlation_id,
                "state": said.state.as_str(),
                "settled": said.state.is_settled(),
                "detail": words.detail,
                "response": words.response,
            })
        })
    });
    let sql = format!(
        "WITH item AS (SELECT value FROM {{items}}), \
         told AS ( \
           UPDATE konaplate_calls AS call SET state = value ->> 'state', source = 'call', \
             ended_at = {NOW}, \
             settled_at = CASE WHEN CAST(value ->> 'settled' AS boolean) THEN {NOW} END, \
             detail = value ->> 'detail', response = value ->> 'response' \
           FROM item \
           WHERE call.project = CAST(value ->> 'project' AS bigint) \
             AND call.correlation_id = value ->> 'id' \
             AND call.state = 'open' AND call.source = 'none' AND call.contradicted = 0 \
           RETURNING call.number, call.project, call.correlation_id, call.state, call.detail, \
             call.response), \
         noted AS ( \
           INSERT INTO konaplate_history (call, said_at, source, state, detail, response) \
           SELECT number, {NOW}, 'call', state, detail, response FROM told) \
         SELECT project, correlation_id FROM told"
    );
    let written = transaction.each(&sql, items).await?;
    let written = ids(&written);
    says.retain(|(_, say)| {
        let is_written = written.contains(&(say.project, say.correlation_id.as_str()));
        if is_written && let What::Outcome(outcome) = &say.what {
            transaction.stands(said(outcome, false).0);
        }
        !is_written
    });
    Ok(says)
}

fn ids(rows: &[Row]) -> HashSet<(i64, &str)> {
    rows.iter()
        .filter_map(|row| Some((row.int("project").ok()?, row.text("correlation_id").ok()?)))
        .collect()
}
