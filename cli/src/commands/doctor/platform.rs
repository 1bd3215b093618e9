//! `konaplate doctor --platform`: finds out what the description marks as not certain, with the user's
//! own keys and operations that only read. What was found is in English in every language, as the report
//! has it; what is said around it is in the language that was asked for.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use console::{Alignment, pad_str};
use konaplate_spec::Language;
use serde_json::{Value, json};

use super::connection::http;
use super::finding::Finding;
use super::observation::{ResponseId, Told};
use super::probe::{Prober, Question};
use super::project::Project;
use super::session::{MOST_CALLS, Session};
use super::signing::Base;
use super::variant::Variant;
use super::{encryption, report, signing};
use crate::bilingual::Bilingual;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::loopback::is_loopback;
use crate::output::{FAINT, GOOD, STRONG, WARNING, styled};

/// Options of `--platform`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of --platform")]
pub(super) struct Options {
    /// A member who may be asked about: more operations and encrypted responses can be probed.
    #[arg(long, value_name = "ID", requires = "platform")]
    user_id: Option<u64>,

    /// The sequence id of a recharge of yours that may be asked about.
    #[arg(long, value_name = "ID", requires = "platform")]
    sequence_id: Option<String>,

    /// File for the report, which is written anew.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "konaplate-doctor.md",
        requires = "platform"
    )]
    report: PathBuf,

    /// Does not ask before calls go to another machine.
    #[arg(long, requires = "platform")]
    yes: bool,
}

impl Options {
    /// Finds out, prints what was found, and writes the report.
    pub(super) async fn run(&self, context: &Context, ahead: Option<i64>) -> Result<Exit, Failure> {
        let project = Project::read(&context.variables)?;
        let plain = self.plain_questions()?;
        let encrypted = self.encrypted_question()?;
        self.ask(&project, plain.len(), context.language)?;
        // Before the calls: what they tell must not be lost to a folder that is not there.
        let mut file = report_file(&self.report)?;
        let http = http(&project.url).context("cannot set up HTTP")?;
        let prober = Prober {
            project,
            http,
            // A difference that `Date` cannot tell from none is none.
            ahead: ahead.filter(|ahead| ahead.abs() > 2).unwrap_or_default(),
        };
        let mut session = Session::new(prober);
        let (base, findings) = probe(&mut session, &plain, &encrypted).await;
        file.write_all(report::markdown(&session, &findings).as_bytes())
            .with_context(|| format!("cannot write to {}", self.report.display()))?;
        self.print(context, &session, &findings)?;
        Ok(if base.is_some() && session.stopped.is_none() {
            Exit::Done
        } else {
            Exit::NotCarriedOut
        })
    }

    /// What is asked without encryption: the first needs nothing but the keys.
    fn plain_questions(&self) -> Result<Vec<Question>, Failure> {
        let mut questions = vec![Question::new("list_terms", [])?];
        if let Some(user_id) = self.user_id {
            let of = || [("userId", Value::from(user_id))];
            questions.push(Question::new("get_auto_recharge_readiness", of())?);
            questions.push(Question::new("list_member_cards", of())?);
        }
        if let Some(id) = &self.sequence_id {
            let fields = [("sequenceId", Value::from(id.as_str()))];
            questions.push(Question::new("get_bank_recharge_result", fields)?);
        }
        Ok(questions)
    }

    /// What is asked with encryption: whether a login id that nobody has is free, unless a member is
    /// named.
    fn encrypted_question(&self) -> Result<Question, Failure> {
        match self.user_id {
            Some(user_id) => Question::new("get_member", [("userId", user_id.into())]),
            None => {
                let login_id = "konaplate-doctor@nobody.invalid";
                Question::new("check_registration_id", [("loginId", login_id.into())])
            }
        }
    }

    /// Says what is about to happen, and asks whether it may.
    fn ask(&self, project: &Project, questions: usize, language: Language) -> Result<(), Failure> {
        anstream::eprintln!("{}", plan(signing::WAYS * questions).said(language));
        if self.yes || is_loopback(&project.url) {
            return Ok(());
        }
        let refused =
            |cause: &str| Err(Failure::bad_input(cause).next("pass --yes to make the calls"));
        if !std::io::stdin().is_terminal() {
            return refused(
                "confirmation: the platform is another machine, and there is nobody to ask",
            );
        }
        let asked = dialoguer::Confirm::new()
            .with_prompt(language.pick(
                "Make these calls with your keys?",
                "자신의 키로 이와 같이 호출하시겠습니까?",
            ))
            .default(false)
            .interact();
        match asked {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => refused("confirmation: no call was made"),
        }
    }

    fn print(
        &self,
        context: &Context,
        session: &Session,
        findings: &[Finding],
    ) -> Result<(), Failure> {
        let (output, language) = (context.output, context.language);
        if !output.is_text() {
            let findings: Vec<_> = findings.iter().map(Finding::json).collect();
            output.json(&json!({
                "calls": session.calls.len(),
                "stopped": session.stopped,
                "findings": findings,
                "report": self.report.display().to_string(),
            }))?;
            return Ok(());
        }
        for finding in findings {
            let (style, word) = match &finding.settled {
                Some(_) => (GOOD, language.pick("settled", "확정")),
                None => (WARNING, language.pick("open", "미확정")),
            };
            let word = pad_str(word, 8, Alignment::Left, None);
            output.text(&format!(
                "{} {}: {} {}",
                styled(style, &word),
                styled(STRONG, finding.point),
                finding.says(),
                styled(FAINT, &format!("(calls {})", finding.stands_on())),
            ))?;
        }
        if let Some(why) = &session.stopped {
            let stopped = Bilingual::new(format!("stopped: {why}"), format!("중단했습니다: {why}"));
            output.text(&styled(WARNING, stopped.said(language)))?;
        }
        output.text(language.pick(
            "\nThe client's settings that go with it:",
            "\n이에 맞는 클라이언트 설정:",
        ))?;
        for setting in report::settings(findings) {
            output.text(&format!("  {setting}"))?;
        }
        let (calls, report) = (session.calls.len(), self.report.display());
        let summary = Bilingual::new(
            format!("\n{calls} calls; the report is in {report}"),
            format!("\n호출은 {calls}번이며, 보고서는 {report}에 있습니다."),
        );
        output.text(summary.said(language))?;
        Ok(())
    }
}

/// What is about to happen, until a call is accepted with this many tokens at most.
fn plan(tokens: usize) -> Bilingual {
    Bilingual::new(
        format!(
            "at most {MOST_CALLS} calls, one at a time, of operations that only read: until one is \
             accepted, at most {tokens} with tokens of different forms and zones; a wrong token twice, \
             in the end; and a wrong access key once, last"
        ),
        format!(
            "조회만 하는 API를 한 번에 하나씩 최대 {MOST_CALLS}번 호출합니다. 호출 하나가 받아들여질 때까지 형식과 \
             시간대가 다른 토큰으로 최대 {tokens}번 호출하고, 끝에 잘못된 토큰으로 두 번, 마지막으로 잘못된 \
             액세스 키로 한 번 호출합니다."
        ),
    )
}

fn report_file(path: &Path) -> Result<std::fs::File, Failure> {
    std::fs::File::create(path).map_err(|error| {
        let cause = format!("report: cannot write {}: {error}", path.display());
        Failure::new(Exit::Fault, cause).next("name another file with --report")
    })
}

/// Makes the calls: what is likely to be accepted first, what is wrong last.
async fn probe(
    session: &mut Session,
    plain: &[Question],
    encrypted: &Question,
) -> (Option<Base>, Vec<Finding>) {
    let base = signing::base(session, plain).await;
    let based = base.as_ref();
    let requests = encryption::requests(session, based, encrypted).await;
    if let Some(base) = based {
        for question in plain {
            session.once(question, base.variant).await;
        }
    }
    let unknown_field = unknown_field(session, based).await;
    let time_zone = signing::time_zone(session, based).await;
    let clock_skew = signing::clock_skew(session, based).await;
    let token = signing::token(session, based).await;
    let access_key = signing::access_key(session, based).await;
    let mut findings = token;
    findings.extend(requests);
    findings.extend(encryption::responses(session));
    findings.push(time_zone);
    findings.extend(clock_skew);
    findings.push(access_key);
    findings.push(unknown_field);
    findings.push(response_ids(session));
    findings.push(encryption::unknown_responses(session));
    findings.push(failures(session));
    (base, findings)
}

/// What a field gets that nobody described.
async fn unknown_field(session: &mut Session, base: Option<&Base>) -> Finding {
    let finding = Finding::new("unknown-field", "what an unknown field gets");
    let Some(base) = base else {
        return finding.note("no call was accepted");
    };
    let variant = Variant {
        has_unknown_field: true,
        ..base.variant
    };
    let Some(made) = session.call(&base.question, variant).await else {
        return finding.note("no call was made, or the platform asked for a pause");
    };
    let calls = [base.made.number, made.number];
    let finding = finding.note(format!("of {}", base.question.operation.id));
    match made.told {
        Told::Accepted => finding.settled("nothing: the request is accepted with it", calls),
        Told::Refused => finding.settled(session.came(made.number), calls),
        Told::Nothing => finding.note(session.came(made.number)).on(calls),
    }
}

/// Which HTTP statuses failures have.
fn failures(session: &Session) -> Finding {
    let finding = Finding::new("failure-status", "HTTP status of failures").readme(
        "A failure with a code that is not documented for the operation, or with another HTTP status \
         than 400",
    );
    let failed: Vec<_> = (1..)
        .zip(&session.calls)
        .filter(|(_, call)| call.told() != Told::Accepted)
        .filter_map(|(number, call)| Some((number, call.response()?.status)))
        .collect();
    if failed.is_empty() {
        return finding.note("no call failed");
    }
    let statuses: BTreeSet<_> = failed
        .iter()
        .map(|(_, status)| status.to_string())
        .collect();
    let statuses: Vec<_> = statuses.into_iter().collect();
    finding.settled(
        statuses.join(", "),
        failed.iter().map(|(number, _)| *number),
    )
}

/// Whether responses carry the correlation id of their request.
fn response_ids(session: &Session) -> Finding {
    let finding = Finding::new("response-id", "correlation id of responses");
    let ids: Vec<_> = (1..)
        .zip(&session.calls)
        .filter_map(|(number, call)| Some((number, call.response()?.id, call.told())))
        .collect();
    if ids.is_empty() {
        return finding.note("no response came");
    }
    let words = |id: ResponseId| match id {
        ResponseId::OfRequest => "the request's",
        ResponseId::Other => "another one",
        ResponseId::Missing => "none",
    };
    let said = |is_accepted: bool| {
        let of_it = ids
            .iter()
            .filter(|(.., told)| (*told == Told::Accepted) == is_accepted);
        let words: BTreeSet<_> = of_it.map(|(_, id, _)| words(*id)).collect();
        words.into_iter().collect::<Vec<_>>().join(" or ")
    };
    let (good, bad) = (said(true), said(false));
    let what = match (good.as_str(), bad.as_str()) {
        (good, "") => format!("success has {good}"),
        ("", bad) => format!("failures have {bad}"),
        (good, bad) if good == bad => format!("every response has {good}"),
        (good, bad) => format!("success has {good}, failures have {bad}"),
    };
    finding.settled(what, ids.iter().map(|(number, ..)| *number))
}
