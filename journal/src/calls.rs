//! What is written about a call, each as a step of a transaction that others may share.

use std::collections::{HashMap, HashSet};

#[cfg(feature = "postgres")]
mod at_once;

use konaplate::journal::{Concluded, Conclusion, Intent, Outcome, Project, SequenceIdUsed};
use konaplate::{DescribedOutcome, Operation};
use serde_json::{Map, Value, json};

use crate::database::{Row, Transaction, values};
use crate::error::Error;
use crate::evidence::{Known, Source, Standing, weigh};
use crate::projects::Projects;
use crate::state::State;
use crate::time::{duration, millis};

/// A step, and what it needs.
#[derive(Debug)]
pub(crate) enum Step {
    Intend(Box<Intent>),
    Conclude(Box<Conclusion>),
    Abandon(Box<Intent>),
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Concluded(Concluded),
    Intended,
    SequenceIdUsed,
    CorrelationIdUsed,
}

impl Step {
    pub(crate) fn project(&self) -> &Project {
        match self {
            Self::Intend(intent) | Self::Abandon(intent) => &intent.project,
            Self::Conclude(conclusion) => &conclusion.project,
        }
    }
}

#[cfg(feature = "metrics")]
impl Step {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Intend(_) => "intend",
            Self::Conclude(_) => "conclude",
            Self::Abandon(_) => "abandon",
        }
    }
}

/// Takes steps with a few statements, however many they are.
pub(crate) async fn take(
    transaction: &mut Transaction,
    projects: &Projects,
    steps: &[&Step],
) -> Result<Vec<Done>, sqlx::Error> {
    let mut intents = Vec::new();
    let mut given_up = Vec::new();
    let mut says = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let project = projects.number(transaction, step.project()).await?;
        match step {
            Step::Intend(intent) => intents.push((place, project, &**intent)),
            Step::Abandon(intent) => {
                given_up.push((place, project, &**intent));
                says.push((place, Say::given_up(project, intent)));
            }
            Step::Conclude(conclusion) => {
                says.push((place, Say::concluded(project, conclusion)));
            }
        }
    }
    let mut done = vec![Done::Concluded(Concluded::Recorded); steps.len()];
    for (place, intended) in intend(transaction, intents).await? {
        done[place] = intended;
    }
    // If an intent is just being written elsewhere, this waits for it.
    insert(transaction, &given_up).await?;
    let (places, says): (Vec<_>, Vec<_>) = says.into_iter().unzip();
    let before = say(transaction, &says).await?;
    for ((place, say), before) in places.into_iter().zip(&says).zip(before) {
        // A success that comes when a cancellation is on its way, or was, must not be handed out.
        let is_late = before.is_some_and(|before| before.was_cancelling);
        if is_late && !say.is_cancellation() {
            done[place] = Done::Concluded(Concluded::BeingCancelled);
        }
    }
    Ok(done)
}

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

fn text(fields: &Map<String, Value>) -> String {
    serde_json::to_string(fields).unwrap_or_default()
}

type Intended<'a> = (usize, i64, &'a Intent);

/// Writes intents down, each unless another call of its project holds its sequence id.
async fn intend(
    transaction: &mut Transaction,
    intents: Vec<Intended<'_>>,
) -> Result<Vec<(usize, Done)>, sqlx::Error> {
    let mut done = Vec::with_capacity(intents.len());
    #[cfg(feature = "postgres")]
    let intents = at_once::intend(transaction, intents, &mut done).await?;
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
    Ok(done)
}

#[cfg(feature = "postgres")]
fn ids(rows: &[Row]) -> HashSet<(i64, &str)> {
    rows.iter()
        .filter_map(|row| Some((row.int("project").ok()?, row.text("correlation_id").ok()?)))
        .collect()
}

fn intents_of(rows: &[Row]) -> HashSet<&str> {
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
fn fields_of(project: i64, intent: &Intent) -> Value {
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
async fn insert(
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
    fn concluded(project: i64, conclusion: &Conclusion) -> Self {
        Self {
            project,
            correlation_id: conclusion.correlation_id.as_str().to_owned(),
            intent: None,
            what: What::Outcome(conclusion.outcome.clone()),
        }
    }

    fn given_up(project: i64, intent: &Intent) -> Self {
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

    fn is_cancellation(&self) -> bool {
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
fn said(outcome: &Outcome, can_be_asked: bool) -> (Standing, Words) {
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
    let left: Vec<usize> = (0..says.len()).collect();
    #[cfg(feature = "postgres")]
    let left = at_once::say(transaction, says, left, &mut before).await?;
    // What is said twice of one call is said one after the other.
    let mut left = left;
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

impl Done {
    /// The error of an intent that was not written.
    pub(crate) fn intended(self) -> Result<(), konaplate::journal::JournalError> {
        match self {
            Self::SequenceIdUsed => Err(SequenceIdUsed.into()),
            Self::CorrelationIdUsed => Err(Error::new(
                "written",
                "another call of the project has the correlation id, or this one was given up",
            )
            .into()),
            Self::Intended | Self::Concluded(_) => Ok(()),
        }
    }

    pub(crate) fn concluded(self) -> Concluded {
        match self {
            Self::Concluded(concluded) => concluded,
            _ => Concluded::Recorded,
        }
    }
}
