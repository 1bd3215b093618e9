//! Metrics of the journal, through the facade of the crate [`metrics`]: for the feature
//! `metrics`, which is off by default, and turns on that of the client.
//!
//! Nothing is collected here: the program installs a recorder, and calls [`describe`] once after
//! that. Gauges are set by [`Journal::backlog`](crate::Journal::backlog), which the program calls
//! from time to time, in one of the processes that share the journal.
//!
//! | name | kind | attributes |
//! |---|---|---|
//! | [`WRITE_DURATION`] | histogram, s | `konaplate.journal.step`: `intend`, `conclude`, `abandon`; `error.type`: `journal`, absent where it was written |
//! | [`STATES`] | counter | `konaplate.journal.state`, `konaplate.journal.source`: the words of [`State`](crate::State) and [`Source`](crate::Source) |
//! | [`WAITING`] | gauge | the project; `konaplate.journal.state`; `konaplate.journal.age`: the words of [`Age`](crate::Age) |
//! | [`OLDEST`] | gauge, s | the project; `konaplate.journal.state` |
//! | [`CONTRADICTED`] | gauge | the project |
//!
//! The project is `konaplate.asp_id` and `konaplate.base_url`.

use std::time::Instant;

use metrics::{
    Label, Unit, counter, describe_counter, describe_gauge, describe_histogram, histogram,
};

use crate::evidence::Standing;

/// How long it took until an intent or an outcome was on the disk, or failed. Seconds. What it
/// waited for others is counted.
pub const WRITE_DURATION: &str = "konaplate.journal.write.duration";
/// How often an entry came to stand at a state: `open` when it is written, then whatever is said of
/// it.
pub const STATES: &str = "konaplate.journal.states";
/// How many entries are not settled, by state and age.
pub const WAITING: &str = "konaplate.journal.waiting";
/// How old the oldest entry is that is not settled, by state. Seconds; 0 where there is none.
pub const OLDEST: &str = "konaplate.journal.oldest";
/// How many entries there are of which two who should know contradict each other.
pub const CONTRADICTED: &str = "konaplate.journal.contradicted";

/// Says to the recorder what the metrics are. To be called once it is installed.
pub fn describe() {
    describe_histogram!(
        WRITE_DURATION,
        Unit::Seconds,
        "Duration of writing an intent or an outcome to the journal"
    );
    describe_counter!(STATES, Unit::Count, "Entries that came to stand at a state");
    describe_gauge!(WAITING, Unit::Count, "Entries that are not settled");
    describe_gauge!(
        OLDEST,
        Unit::Seconds,
        "Age of the oldest entry that is not settled"
    );
    describe_gauge!(CONTRADICTED, Unit::Count, "Entries with a contradiction");
}

/// A step began at `started` and ended, or failed.
pub(crate) fn written(step: &'static str, started: Instant, failed: bool) {
    let mut labels = vec![Label::new("konaplate.journal.step", step)];
    if failed {
        labels.push(Label::new("error.type", "journal"));
    }
    histogram!(WRITE_DURATION, labels).record(started.elapsed());
}

/// Entries stand at this, each at one.
pub(crate) fn stand(standings: &[Standing]) {
    for standing in standings {
        let labels = vec![
            Label::new("konaplate.journal.state", standing.state.as_str()),
            Label::new("konaplate.journal.source", standing.source.as_str()),
        ];
        counter!(STATES, labels).increment(1);
    }
}
