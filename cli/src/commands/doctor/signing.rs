//! What the token signs, in which zone, how far a clock may be off, and what a wrong token or key gets.

use konaplate::TimeZone;
use konaplate::protocol::MessageForm;

use super::finding::Finding;
use super::observation::Told;
use super::probe::Question;
use super::session::{Made, Session};
use super::variant::Variant;

/// Seconds that clocks are shifted by: between the tolerances that are usual, so that the time that a
/// call takes decides nothing.
const SHIFTS: [i64; 10] = [10, 20, 45, 90, 150, 240, 450, 1200, 2700, 5400];
/// A shift that nobody tolerates who looks at the time.
const A_DAY: i64 = 86_400;

/// In how many ways a call is signed until one is accepted.
pub(super) const WAYS: usize = 4;

/// A call that the platform accepts, which the others differ from in one thing.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub(super) question: Question,
    pub(super) variant: Variant,
    pub(super) made: Made,
}

/// Looks for a call that is accepted: the first question in the client's way, then in others.
pub(super) async fn base(session: &mut Session, questions: &[Question]) -> Option<Base> {
    for question in questions {
        for zone in [TimeZone::Kst, TimeZone::Utc] {
            for form in [MessageForm::RawBody, MessageForm::Base64Body] {
                let variant = Variant {
                    form,
                    zone,
                    ..Variant::default()
                };
                let made = session.call(question, variant).await?;
                if made.told == Told::Accepted {
                    let question = question.clone();
                    return Some(Base {
                        question,
                        variant,
                        made,
                    });
                }
            }
        }
    }
    None
}

fn other(form: MessageForm) -> MessageForm {
    match form {
        MessageForm::RawBody => MessageForm::Base64Body,
        _ => MessageForm::RawBody,
    }
}

fn words(form: MessageForm) -> &'static str {
    match form {
        MessageForm::RawBody => "the body's bytes",
        _ => "the base64 text of the body",
    }
}

/// The time zone.
pub(super) async fn time_zone(session: &mut Session, base: Option<&Base>) -> Finding {
    let finding = Finding::new("time-zone", "time zone of the timestamps").readme("Time zone");
    let Some(base) = base else {
        return finding.note("no call was accepted");
    };
    let zone = base.variant.zone;
    let setting = match zone {
        TimeZone::Utc => ".time_zone(TimeZone::Utc)",
        _ => ".time_zone(TimeZone::Kst)",
    };
    let finding = finding.setting(setting);
    let rest = match zone {
        TimeZone::Kst => TimeZone::Utc,
        _ => TimeZone::Kst,
    };
    let variant = Variant {
        zone: rest,
        ..base.variant
    };
    let made = session.once(&base.question, variant).await;
    let calls = [Some(base.made), made]
        .into_iter()
        .flatten()
        .map(|made| made.number);
    match made.map(|made| made.told) {
        Some(Told::Accepted) => finding.settled("KST and UTC are accepted", calls),
        Some(Told::Refused) => {
            finding.settled(format!("{zone} is accepted, {rest} is refused"), calls)
        }
        Some(Told::Nothing) | None => finding
            .settled(format!("{zone} is accepted"), calls)
            .note(format!("whether {rest} is, the responses do not tell")),
    }
}

/// How far the time of a call may be behind the platform's, and ahead of it.
pub(super) async fn clock_skew(session: &mut Session, base: Option<&Base>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, point, sign) in [
        ("clock-behind", "how far a clock may be behind", -1),
        ("clock-ahead", "how far a clock may be ahead", 1),
    ] {
        let finding = Finding::new(name, point);
        findings.push(match base {
            Some(base) => one_side(session, base, sign, finding).await,
            None => finding.note("no call was accepted"),
        });
    }
    findings
}

async fn one_side(session: &mut Session, base: &Base, sign: i64, finding: Finding) -> Finding {
    let mut calls = vec![base.made.number];
    let mut shifted = async |seconds: i64| {
        let variant = Variant {
            shift: sign * seconds,
            ..base.variant
        };
        let made = session.call(&base.question, variant).await?;
        calls.push(made.number);
        Some(made.told)
    };
    let unsettled =
        |finding: Finding, calls: Vec<usize>| finding.note("the responses do not tell").on(calls);
    match shifted(A_DAY).await {
        Some(Told::Accepted) => {
            let what = "a day or more: the time is not looked at, or hardly";
            return finding.settled(what, calls);
        }
        Some(Told::Refused) => {}
        Some(Told::Nothing) | None => return unsettled(finding, calls),
    }
    // All below `accepted` shifts are taken to be accepted, and all from `refused` on to be refused.
    let (mut accepted, mut refused) = (0, SHIFTS.len());
    while accepted < refused {
        let middle = usize::midpoint(accepted, refused);
        match shifted(SHIFTS[middle]).await {
            Some(Told::Accepted) => accepted = middle + 1,
            Some(Told::Refused) => refused = middle,
            Some(Told::Nothing) | None => return unsettled(finding, calls),
        }
    }
    let least = accepted.checked_sub(1).map_or(0, |place| SHIFTS[place]);
    let most = SHIFTS.get(refused).copied().unwrap_or(A_DAY);
    let what = format!("{least} s are accepted, {most} s are refused");
    finding.settled(what, calls)
}

/// What the token signs, and what a token gets that is wrong.
pub(super) async fn token(session: &mut Session, base: Option<&Base>) -> Vec<Finding> {
    let form = Finding::new("message-form", "what the token signs")
        .readme("What the token signs: the body, or its base64 text");
    let length = Finding::new("token-length", "length of the token")
        .readme("Token length: printed 66, the sample has 67");
    let wrong = Finding::new("wrong-token", "what a wrong token gets");
    let Some(base) = base else {
        let why = "no call was accepted";
        return vec![form.note(why), length.note(why), wrong.note(why)];
    };
    let (this, rest) = (base.variant.form, other(base.variant.form));
    let form = form.setting(match this {
        MessageForm::RawBody => ".message_form(MessageForm::RawBody)",
        _ => ".message_form(MessageForm::Base64Body)",
    });
    let variant = Variant {
        form: rest,
        ..base.variant
    };
    let in_other_form = session.once(&base.question, variant).await;
    let variant = Variant {
        is_foreign_token: true,
        ..base.variant
    };
    let foreign = session.call(&base.question, variant).await;
    if foreign.is_some() {
        session.still_accepts(&base.question, base.variant).await;
    }
    let made = [Some(base.made), in_other_form, foreign]
        .into_iter()
        .flatten();
    let calls: Vec<_> = made.map(|made| made.number).collect();
    let form = match (told(in_other_form), told(foreign)) {
        (Told::Refused, Told::Refused) => form.settled(words(this), calls),
        (Told::Accepted, Told::Refused) => form.settled("both forms are accepted", calls),
        (_, Told::Accepted) => form.note("a wrong token is accepted, too").on(calls),
        (_, Told::Nothing) | (Told::Nothing, _) => form
            .note(format!(
                "a token over {} is accepted; the rest the responses do not tell",
                words(this)
            ))
            .on(calls),
    };
    // Where wrong ones are accepted, tokens may not be looked at.
    let length = match (told(foreign), foreign) {
        (Told::Refused, Some(foreign)) => {
            length.settled("67 characters", [base.made.number, foreign.number])
        }
        _ => length.note("whether tokens are verified, the responses do not tell"),
    };
    vec![form, length, what_it_gets(session, wrong, foreign)]
}

/// What a request gets with another access key. It is tried once, and after everything else.
pub(super) async fn access_key(session: &mut Session, base: Option<&Base>) -> Finding {
    let finding = Finding::new("wrong-access-key", "what a wrong access key gets");
    let Some(base) = base else {
        return finding.note("no call was accepted");
    };
    let variant = Variant {
        is_foreign_key: true,
        ..base.variant
    };
    let made = session.call(&base.question, variant).await;
    if made.is_some() {
        session.still_accepts(&base.question, base.variant).await;
    }
    what_it_gets(session, finding, made)
}

fn told(made: Option<Made>) -> Told {
    made.map_or(Told::Nothing, |made| made.told)
}

/// What came of a call that was made wrong.
fn what_it_gets(session: &Session, finding: Finding, made: Option<Made>) -> Finding {
    match made {
        Some(made) if made.told == Told::Accepted => {
            finding.settled("success: it is not looked at", [made.number])
        }
        Some(made) => finding.settled(session.came(made.number), [made.number]),
        None => finding.note("no call was made, or the platform asked for a pause"),
    }
}
