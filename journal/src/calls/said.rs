//! What is said about calls, and what becomes of their entries.

use std::collections::{HashMap, HashSet};

use konaplate::journal::{Conclusion, Intent, Outcome};
use konaplate::{DescribedOutcome, Operation};
use serde_json::{Map, Value, json};

use crate::database::{Row, Transaction, values};
use crate::error::Error;
use crate::evidence::{Known, Source, Standing, weigh};
use crate::state::State;

pub(super) fn text(fields: &Map<String, Value>) -> String {
    serde_json::to_string(fields).unwrap_or_default()
}

/// What is said beside a state.
#[derive(Debug, Default, Clone)]
pub(crate) struct Words {
    pub(crate) detail: Option<String>,
    pub(crate) response: Option<String>,
}

/// Something that is said about a call.
#[derive(Debug, Clone)]
pub(crate) struct Say {
    pub(crate) project: i64,
    pub(crate) correlation_id: String,
    /// The intent that it is said of, where another one could have the correlation id.
    pub(crate) intent: Option<String>,
    pub(crate) what: What,
}

/// What is said.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Outcome(Outcome),
    Standing(Standing, Words),
}

impl Say {
    pub(super) fn concluded(project: i64, conclusion: &Conclusion) -> Self {
        Self {
            project,
            correlation_id: conclusion.correlation_id.as_str().to_owned(),
            intent: None,
            what: What::Outcome(conclusion.outcome.clone()),
        }
    }

    pub(super) fn given_up(project: i64, intent: &Intent) -> Self {
        let said = Standing {
            state: State::NotSent,
            source: Source::Call,
        };
        let words = Words {
            detail: Some("its intent was given up".to_owned()),
            response: None,
        };
        Self {
            project,
            correlation_id: intent.correlation_id.as_str().to_owned(),
            intent: Some(intent.id.clone()),
            what: What::Standing(said, words),
        }
    }

    pub(super) fn is_cancellation(&self) -> bool {
        matches!(self.what, What::Outcome(Outcome::Cancelled(_)))
    }

    /// The state and the words, for a call of this operation.
    fn said(&self, operation: &str) -> (Standing, Words) {
        let outcome = || Operation::find(operation).and_then(Operation::outcome);
        match &self.what {
            What::Outcome(what) => {
                let can_be_asked = outcome().and_then(DescribedOutcome::inquiry).is_some();
                said(what, can_be_asked)
            }
            What::Standing(standing, words) => (*standing, words.clone()),
        }
    }
}

/// What an outcome says. `can_be_asked` tells whether an operation returns the outcome of the call.
pub(super) fn said(outcome: &Outcome, can_be_asked: bool) -> (Standing, Words) {
    let mut source = Source::Call;
    let mut words = Words::default();
    let code = |words: &mut Words, code: &konaplate::ErrorCode| {
        words.detail = Some(code.to_string());
    };
    let state = match outcome {
        Outcome::NotSent => State::NotSent,
        Outcome::NotCarriedOut(with) => {
            code(&mut words, with);
            State::NotCarriedOut
        }
        Outcome::Declined(with) => {
            code(&mut words, with);
            State::Declined
        }
        // An earlier delivery may have been carried out: where an operation returns the outcome, it
        // is asked.
        Outcome::EarlierCall(with) => {
            code(&mut words, with);
            if can_be_asked {
                State::Open
            } else {
                State::EarlierCall
            }
        }
        Outcome::Completed(fields) => {
            words.response = Some(text(fields));
            State::Completed
        }
        // The platform took it; whether the money has arrived, the result operation tells.
        Outcome::Pending(fields) => {
            words.response = Some(text(fields));
            State::Open
        }
        Outcome::AwaitingMember(fields) => {
            words.response = Some(text(fields));
            State::AwaitingMember
        }
        Outcome::Cancelled(by) => {
            source = Source::Cancellation;
            words.detail = Some(format!("cancelled by {by}"));
            State::Cancelled
        }
        Outcome::Unknown(delivery) => {
            words.detail = Some(format!("{delivery:?}"));
            State::Open
        }
        _ => State::Open,
    };
    (Standing { state, source }, words)
}

/// Adds what is said about calls to their histories, and makes each entry what it stands at then.
/// What was known before; none where there is no such entry.
pub(crate) async fn say(
    transaction: &mut Transaction,
    says: &[Say],
) -> Result<Vec<Option<Known>>, sqlx::Error> {
    let mut before = vec![None; says.len()];
    // What is said twice of one call is said one after the other.
    let mut left: Vec<usize> = (0..says.len()).collect();
    while !left.is_empty() {
        let mut seen = HashSet::new();
        let (these, later): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|&place| seen.insert((says[place].project, &says[place].correlation_id)));
        let entries = standings(transaction, says, &these).await?;
        let mut told = Vec::with_capacity(these.len());
        for place in these {
            let key = (says[place].project, says[place].correlation_id.clone());
            let is_meant = |entry: &&Before| {
                let intent = says[place].intent.as_ref();
                intent.is_none_or(|intent| *intent == entry.intent)
            };
            if let Some(entry) = entries.get(&key).filter(is_meant) {
                before[place] = Some(entry.known);
                told.push(entry.told(&says[place]));
            }
        }
        write(transaction, &told).await?;
        left = later;
    }
    Ok(before)
}

/// An entry before something is said about it.
struct Before {
    number: i64,
    intent: String,
    operation: String,
    known: Known,
    contradicted: bool,
}

/// What is written when something was said.
struct Told {
    number: i64,
    project: i64,
    intent: String,
    said: Standing,
    words: Words,
    before: Standing,
    after: Standing,
    contradicted: bool,
}

async fn standings(
    transaction: &mut Transaction,
    says: &[Say],
    places: &[usize],
) -> Result<HashMap<(i64, String), Before>, sqlx::Error> {
    let keys = places.iter().map(|&place| {
        let Say {
            project,
            correlation_id,
            ..
        } = &says[place];
        json!({"project": project, "id": correlation_id})
    });
    let sql = format!(
        "SELECT call.number, call.project, call.correlation_id, call.intent, call.operation, \
           call.state, call.source, call.contradicted, \
           (SELECT count(*) FROM konaplate_history AS said WHERE said.call = call.number \
             AND said.state = 'completed' AND said.source <> 'person') AS is_proven, \
           (SELECT count(*) FROM konaplate_history AS said WHERE said.call = call.number \
             AND said.state IN ('cancelling', 'cancelled')) AS was_cancelling \
         FROM konaplate_calls AS call \
         WHERE (call.project, call.correlation_id) IN ( \
           SELECT CAST(item.value ->> 'project' AS BIGINT), item.value ->> 'id' FROM {{items}}) \
         ORDER BY call.number {}",
        transaction.kind().waits_for_row()
    );
    let rows = transaction.each(&sql, keys).await?;
    let read = |row: &Row| {
        let key = (row.int("project")?, row.text("correlation_id")?.to_owned());
        let before = Before {
            number: row.int("number")?,
            intent: row.text("intent")?.to_owned(),
            operation: row.text("operation")?.to_owned(),
            known: Known {
                standing: standing(row)?,
                is_proven: row.int("is_proven")? != 0,
                was_cancelling: row.int("was_cancelling")? != 0,
            },
            contradicted: row.int("contradicted")? != 0,
        };
        Ok((key, before))
    };
    rows.iter()
        .map(read)
        .collect::<Result<_, Error>>()
        .map_err(|error| sqlx::Error::Decode(error.into()))
}

impl Before {
    fn told(&self, say: &Say) -> Told {
        let (said, words) = say.said(&self.operation);
        let standing = self.known.standing;
        let weighed = weigh(self.known, said);
        if weighed.contradiction {
            tracing::error!(
                correlation_id = say.correlation_id,
                recorded = %standing.state,
                recorded_by = standing.source.as_str(),
                said = %said.state,
                said_by = said.source.as_str(),
                "two who should know contradict each other about a call that moves money"
            );
        }
        // A person who says what the entry stands at then ends a contradiction.
        let ends_it = said.source == Source::Person && weighed.standing.state == said.state;
        Told {
            number: self.number,
            project: say.project,
            intent: self.intent.clone(),
            said,
            words,
            before: standing,
            after: weighed.standing,
            contradicted: (weighed.contradiction || self.contradicted) && !ends_it,
        }
    }
}

async fn write(transaction: &mut Transaction, told: &[Told]) -> Result<(), sqlx::Error> {
    if told.is_empty() {
        return Ok(());
    }
    let now = transaction.now().await?;
    let rows = || {
        told.iter().map(|told| {
            let after = told.after;
            // The words are those of what the entry stands at.
            let is_news = after == told.said;
            json!({
                "number": told.number,
                "said_at": now,
                "said": told.said.state.as_str(),
                "said_by": told.said.source.as_str(),
                "detail": told.words.detail,
                "response": told.words.response,
                "state": after.state.as_str(),
                "source": after.source.as_str(),
                "contradicted": i64::from(told.contradicted),
                "is_news": i64::from(is_news),
                "settled_at": after.state.is_settled().then_some(now),
            })
        })
    };
    let sql = "INSERT INTO konaplate_history (call, said_at, source, state, detail, response) \
               SELECT CAST(item.value ->> 'number' AS BIGINT), \
                 CAST(item.value ->> 'said_at' AS BIGINT), item.value ->> 'said_by', \
                 item.value ->> 'said', item.value ->> 'detail', item.value ->> 'response' \
               FROM {items} WHERE TRUE";
    transaction.each(sql, rows()).await?;
    let sql = "UPDATE konaplate_calls SET \
                 state = item.value ->> 'state', \
                 source = item.value ->> 'source', \
                 contradicted = CAST(item.value ->> 'contradicted' AS BIGINT), \
                 ended_at = CASE WHEN item.value ->> 'said_by' = 'call' \
                   THEN COALESCE(ended_at, CAST(item.value ->> 'said_at' AS BIGINT)) \
                   ELSE ended_at END, \
                 settled_at = CASE WHEN CAST(item.value ->> 'is_news' AS BIGINT) = 1 \
                   THEN CAST(item.value ->> 'settled_at' AS BIGINT) ELSE settled_at END, \
                 detail = CASE WHEN CAST(item.value ->> 'is_news' AS BIGINT) = 1 \
                   THEN item.value ->> 'detail' ELSE detail END, \
                 response = CASE WHEN CAST(item.value ->> 'is_news' AS BIGINT) = 1 \
                   THEN COALESCE(item.value ->> 'response', response) ELSE response END \
               FROM {items} WHERE number = CAST(item.value ->> 'number' AS BIGINT)";
    transaction.each(sql, rows()).await?;
    for told in told.iter().filter(|told| told.after != told.before) {
        transaction.stands(told.after);
    }
    // What never left gives its sequence id back.
    let not_sent = told
        .iter()
        .filter(|told| told.after.state == State::NotSent);
    for told in not_sent {
        let sql = "DELETE FROM konaplate_holds WHERE project = $1 AND intent = $2";
        let values = values![told.project, told.intent.as_str()];
        transaction.execute(sql, values).await?;
    }
    Ok(())
}

pub(crate) fn standing(row: &Row) -> Result<Standing, Error> {
    let state = State::from_word(row.text("state")?);
    let source = Source::from_word(row.text("source")?);
    match (state, source) {
        (Some(state), Some(source)) => Ok(Standing { state, source }),
        _ => Err(Error::new(
            "read",
            "an entry has a state of a newer version",
        )),
    }
}
