//! Runs added up, and the table of them.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use konaplate::ErrorCode;
use konaplate_journal::State;

use crate::crash::Point;
use crate::oracle::{Seen, needs_person};
use crate::run::Report;

/// Everything that is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    runs: u64,
    calls: usize,
    intents: usize,
    postings: usize,
    operations: BTreeMap<&'static str, usize>,
    /// By fault, by what the client saw, by whether the call was carried out.
    cells: BTreeMap<(String, Seen, bool), usize>,
    crashes: BTreeMap<Point, usize>,
    recovered: BTreeMap<&'static str, usize>,
    entries: BTreeMap<&'static str, usize>,
    sum_before: i64,
    sum_after: i64,
    wrong: BTreeMap<&'static str, usize>,
    /// Calls without a fault that had a documented failure code, and those of them that only a
    /// person could settle.
    refusals: usize,
    for_a_person: usize,
    /// Recoveries of two at once.
    pairs: usize,
    /// Whose clock jumped, and how often.
    jumps: BTreeMap<&'static str, usize>,
    /// Payments with a durable cancellation, and those of them whose money came back.
    durable: usize,
    taken_back: usize,
}

/// What must be zero, in the order of the table.
const MUST_BE_ZERO: [(&str, &str); 4] = [
    ("double charge", "double charges"),
    ("lost outcome", "lost outcomes"),
    ("wrong delivery", "wrong deliveries"),
    ("ledger", "faults of the ledger"),
];

impl Tally {
    /// Adds a run.
    pub fn add(&mut self, report: &Report) {
        self.runs += 1;
        self.calls += report.account.calls.len();
        self.intents += report.account.intents.len();
        self.postings += report.truth.postings.len();
        for call in &report.account.calls {
            *self.operations.entry(call.operation).or_default() += 1;
            let carried_out = report.truth.carried_out(&call.id);
            let is_documented = call
                .code
                .as_ref()
                .is_some_and(|code| !matches!(code, ErrorCode::Unknown(_)));
            if call.fault == "-" && is_documented {
                self.refusals += 1;
                self.for_a_person += usize::from(needs_person(call));
            }
            let cell = (call.fault.clone(), call.seen, carried_out);
            *self.cells.entry(cell).or_default() += 1;
        }
        self.pairs += report.pairs;
        for whose in &report.jumps {
            *self.jumps.entry(whose).or_default() += 1;
        }
        let calls = report.account.calls.iter();
        self.durable += calls.filter(|call| call.cancellation.is_some()).count();
        let entries = report.account.entries.iter();
        self.taken_back += entries
            .filter(|entry| entry.state == State::Cancelled)
            .count();
        if let Some(point) = report.crash {
            *self.crashes.entry(point).or_default() += 1;
        }
        for state in &report.recovered {
            *self.recovered.entry(state.as_str()).or_default() += 1;
        }
        for entry in &report.account.entries {
            *self.entries.entry(entry.state.as_str()).or_default() += 1;
        }
        self.sum_before += report.sum_before;
        self.sum_after += report.truth.balances.values().sum::<i64>();
        for (kind, _) in report.findings.all() {
            *self.wrong.entry(kind).or_default() += 1;
        }
    }

    /// How many runs were added.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Whether everything that must be zero is.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.wrong.is_empty() && self.sum_before == self.sum_after
    }

    /// How many calls without a fault had a documented failure code, and how many of them only a
    /// person could settle.
    #[must_use]
    pub fn refusals(&self) -> (usize, usize) {
        (self.refusals, self.for_a_person)
    }

    /// How many pieces of business were done more than once.
    #[must_use]
    pub fn double_charges(&self) -> usize {
        self.wrong.get("double charge").copied().unwrap_or(0)
    }

    /// How many calls came to this, by what was seen and whether they were carried out.
    #[must_use]
    pub fn seen(&self, seen: Seen, carried_out: bool) -> usize {
        self.cells
            .iter()
            .filter(|((_, is, was), _)| (*is, *was) == (seen, carried_out))
            .map(|(_, count)| count)
            .sum()
    }

    /// How many calls had a fault, by its name.
    #[must_use]
    pub fn fault(&self, name: &str) -> usize {
        self.cells
            .iter()
            .filter(|((fault, ..), _)| fault == name)
            .map(|(_, count)| count)
            .sum()
    }

    /// How many processes died at a point.
    #[must_use]
    pub fn crashes(&self, point: Point) -> usize {
        self.crashes.get(&point).copied().unwrap_or(0)
    }

    /// How many recoveries were of two at once.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.pairs
    }

    /// How often somebody's clock jumped.
    #[must_use]
    pub fn jumps(&self, whose: &str) -> usize {
        self.jumps.get(whose).copied().unwrap_or(0)
    }

    /// How many calls an operation had.
    #[must_use]
    pub fn calls_of(&self, operation: &str) -> usize {
        self.operations.get(operation).copied().unwrap_or(0)
    }

    /// How many entries of the journal ended in a state.
    #[must_use]
    pub fn entries(&self, state: State) -> usize {
        self.entries.get(state.as_str()).copied().unwrap_or(0)
    }
}

/// Rows of a Markdown table.
fn table<const N: usize>(
    f: &mut fmt::Formatter<'_>,
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> fmt::Result {
    let mut marks = vec!["---:"; N];
    marks[0] = "---";
    writeln!(f, "| {} |\n| {} |", head.join(" | "), marks.join(" | "))?;
    for row in rows {
        writeln!(f, "| {} |", row.join(" | "))?;
    }
    f.write_char('\n')
}

/// As Markdown.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = |name: &str, count: &dyn fmt::Display| [name.to_owned(), count.to_string()];
        let crashes: usize = self.crashes.values().sum();
        let with_fault = self.calls - self.fault("-");
        let mut rows = vec![
            pair("runs", &self.runs),
            pair("calls", &self.calls),
            pair("calls with a fault", &with_fault),
            pair("business that was wanted", &self.intents),
            pair("postings", &self.postings),
            pair("processes killed", &crashes),
            pair("recoveries by two at once", &self.pairs),
            pair("payments with a durable cancellation", &self.durable),
            pair("of them taken back", &self.taken_back),
        ];
        for (kind, name) in MUST_BE_ZERO {
            let count = self.wrong.get(kind).copied().unwrap_or(0);
            rows.push(pair(&format!("**{name}**"), &format!("**{count}**")));
        }
        rows.push(pair("ledger sum before, KRW", &self.sum_before));
        rows.push(pair("ledger sum after, KRW", &self.sum_after));
        rows.push(pair("documented codes without a fault", &self.refusals));
        rows.push(pair(
            "of them only a person could settle",
            &self.for_a_person,
        ));
        table(f, ["", "count"], rows)?;

        let seen = Seen::ALL.map(|seen| {
            let [yes, no] = [true, false].map(|out| self.seen(seen, out).to_string());
            [format!("{seen:?}"), yes, no]
        });
        table(
            f,
            ["the client says", "carried out", "not carried out"],
            seen,
        )?;

        let mut faults: Vec<_> = self
            .cells
            .keys()
            .map(|(fault, ..)| fault.as_str())
            .collect();
        faults.dedup();
        let faults = faults.into_iter().map(|fault| {
            let out = |carried_out| {
                self.cells
                    .iter()
                    .filter(|((name, _, was), _)| name == fault && *was == carried_out)
                    .map(|(_, count)| count)
                    .sum::<usize>()
            };
            let name = if fault == "-" { "none" } else { fault };
            [
                name.to_owned(),
                out(true).to_string(),
                out(false).to_string(),
            ]
        });
        table(f, ["fault", "carried out", "not carried out"], faults)?;

        let crashes = Point::ALL.map(|point| pair(&format!("{point:?}"), &self.crashes(point)));
        table(f, ["process killed", "runs"], crashes)?;
        let jumps = self.jumps.iter().map(|(whose, count)| pair(whose, count));
        table(f, ["clock that jumps", "times"], jumps)?;
        let recovered = self
            .recovered
            .iter()
            .map(|(state, count)| pair(state, count));
        table(f, ["recovery made it", "entries"], recovered)?;
        let entries = self.entries.iter().map(|(state, count)| pair(state, count));
        table(f, ["journal at the end", "entries"], entries)?;
        let operations = self.operations.iter().map(|(id, count)| pair(id, count));
        table(f, ["operation", "calls"], operations)
    }
}
