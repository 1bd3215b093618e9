//! What was checked, what was found, and what to do about it.

use anstyle::Style;
use anyhow::Result;
use serde_json::{Value, json};

use crate::failure::Exit;
use crate::output::{FAINT, GOOD, Output, STRONG, WARNING, WRONG, styled};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Warning,
    Wrong,
    /// It could not be made, since another one failed.
    NotChecked,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
            Self::NotChecked => "not checked",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::Good => GOOD,
            Self::Warning => WARNING,
            Self::Wrong => WRONG,
            Self::NotChecked => FAINT,
        }
    }
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Configuration,
    Connection,
}

/// A check. It holds no value of a setting.
#[derive(Debug, Clone)]
pub(super) struct Check {
    pub(super) about: About,
    pub(super) subject: String,
    pub(super) verdict: Verdict,
    pub(super) finding: String,
    pub(super) next: Option<String>,
}

impl Check {
    pub(super) fn new(
        about: About,
        subject: impl Into<String>,
        verdict: Verdict,
        finding: impl Into<String>,
    ) -> Self {
        Self {
            about,
            subject: subject.into(),
            verdict,
            finding: finding.into(),
            next: None,
        }
    }

    /// With what to do.
    pub(super) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// What two checks of one subject found.
    fn and(mut self, other: Self) -> Self {
        self.finding = format!("{}; {}", self.finding, other.finding);
        if other.verdict != Verdict::Good {
            self.verdict = other.verdict;
            self.next = other.next;
        }
        self
    }

    fn json(&self) -> Value {
        json!({
            "check": self.subject,
            "verdict": self.verdict.word(),
            "finding": self.finding,
            "next": self.next,
        })
    }
}

/// Adds checks. Those of a subject that is there go to it.
pub(super) fn add(checks: &mut Vec<Check>, more: Vec<Check>) {
    for check in more {
        match checks.iter_mut().find(|it| it.subject == check.subject) {
            Some(there) => *there = there.clone().and(check),
            None => checks.push(check),
        }
    }
}

/// How the command ends: settings come before the connection, which needs them.
pub(super) fn exit_of(checks: &[Check]) -> Exit {
    let is_wrong = |about| {
        let mut of_it = checks.iter().filter(|check| check.about == about);
        of_it.any(|check| check.verdict == Verdict::Wrong)
    };
    if is_wrong(About::Configuration) {
        Exit::BadInput
    } else if is_wrong(About::Connection) {
        Exit::NoConnection
    } else {
        Exit::Done
    }
}

/// Prints a line a check, and below it what to do.
pub(super) fn print(output: Output, checks: &[Check]) -> Result<()> {
    if !output.is_text() {
        let checks: Vec<_> = checks.iter().map(Check::json).collect();
        return output.json(&json!({ "checks": checks }));
    }
    for check in checks {
        let word = format!("{:<11}", check.verdict.word());
        output.text(&format!(
            "{} {}: {}",
            styled(check.verdict.style(), &word),
            styled(STRONG, &check.subject),
            check.finding
        ))?;
        if let Some(next) = &check.next {
            output.text(&format!("{:<12}{next}", ""))?;
        }
    }
    let count = |verdict| {
        let of_it = checks.iter().filter(|check| check.verdict == verdict);
        of_it.count()
    };
    output.text(&format!(
        "{} wrong, {} warnings",
        count(Verdict::Wrong),
        count(Verdict::Warning)
    ))
}
