//! What was checked, what was found, and what to do about it.

use anstyle::Style;
use anyhow::Result;
use console::{Alignment, pad_str};
use konaplate_spec::Language;
use serde_json::{Value, json};

use crate::bilingual::Bilingual;
use crate::context::Context;
use crate::failure::Exit;
use crate::output::{FAINT, GOOD, STRONG, WARNING, WRONG, styled};

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
    /// For programs.
    fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Wrong => "wrong",
            Self::NotChecked => "not checked",
        }
    }

    /// For people.
    fn word(self, language: Language) -> &'static str {
        let korean = match self {
            Self::Good => "정상",
            Self::Warning => "경고",
            Self::Wrong => "오류",
            Self::NotChecked => "미확인",
        };
        language.pick(self.name(), korean)
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

/// A check. It holds no value of a setting. Its subject is the same in every language, since programs
/// look for it.
#[derive(Debug, Clone)]
pub(super) struct Check {
    pub(super) about: About,
    pub(super) subject: String,
    pub(super) verdict: Verdict,
    pub(super) finding: Bilingual,
    pub(super) next: Option<Bilingual>,
}

impl Check {
    pub(super) fn new(
        about: About,
        subject: impl Into<String>,
        verdict: Verdict,
        finding: Bilingual,
    ) -> Self {
        Self {
            about,
            subject: subject.into(),
            verdict,
            finding,
            next: None,
        }
    }

    /// With what to do.
    pub(super) fn next(mut self, next: Bilingual) -> Self {
        self.next = Some(next);
        self
    }

    /// What two checks of one subject found.
    fn and(mut self, other: Self) -> Self {
        let both = |language| (self.finding.said(language), other.finding.said(language));
        let (here, there) = both(Language::English);
        let (here_ko, there_ko) = both(Language::Korean);
        // In Korean each is a sentence, and the first ends with a period.
        self.finding = Bilingual::new(format!("{here}; {there}"), format!("{here_ko} {there_ko}"));
        if other.verdict != Verdict::Good {
            self.verdict = other.verdict;
            self.next = other.next;
        }
        self
    }

    fn json(&self, language: Language) -> Value {
        json!({
            "check": self.subject,
            "verdict": self.verdict.name(),
            "finding": self.finding.said(language),
            "next": self.next.as_ref().map(|next| next.said(language)),
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
pub(super) fn print(context: &Context, checks: &[Check]) -> Result<()> {
    let (output, language) = (context.output, context.language);
    if !output.is_text() {
        let checks: Vec<_> = checks.iter().map(|check| check.json(language)).collect();
        return output.json(&json!({ "checks": checks }));
    }
    for check in checks {
        let word = pad_str(check.verdict.word(language), 11, Alignment::Left, None);
        output.text(&format!(
            "{} {}: {}",
            styled(check.verdict.style(), &word),
            styled(STRONG, &check.subject),
            check.finding.said(language)
        ))?;
        if let Some(next) = &check.next {
            output.text(&format!("{:<12}{}", "", next.said(language)))?;
        }
    }
    let count = |verdict| {
        let of_it = checks.iter().filter(|check| check.verdict == verdict);
        of_it.count()
    };
    let (wrong, warnings) = (count(Verdict::Wrong), count(Verdict::Warning));
    let summary = Bilingual::new(
        format!("{wrong} wrong, {warnings} warnings"),
        format!("오류 {wrong}개, 경고 {warnings}개"),
    );
    output.text(summary.said(language))
}
