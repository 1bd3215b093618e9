//! A code of the description.

use konaplate_spec::{Code, Effect, Language, Operation, Proves};
use serde_json::{Value, json};

use super::Explanation;
use crate::catalogue::spec;
use crate::layout::Layout;
use crate::output::{STRONG, styled};

/// A code as one operation responds with it.
struct Use {
    operation: &'static Operation,
    /// Whether the operation's own page lists it.
    is_listed: bool,
    /// What it proves about the money, where the operation moves any.
    proves: Option<Proves>,
    /// Why, of a proof that nothing was carried out.
    reason: Option<&'static konaplate_spec::Reason>,
}

/// Whether a new call is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NewCall {
    /// It is.
    Safe,
    /// This delivery did nothing, by the platform's word: a new call is a new decision.
    Decide,
    /// Not before it is known what became of the earlier one.
    AskFirst,
}

impl NewCall {
    fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Decide => "decide",
            Self::AskFirst => "ask-first",
        }
    }
}

impl Use {
    fn of(operation: &'static Operation, code: &Code) -> Option<Self> {
        let is_listed = code.operations.contains(&operation.id);
        let outcome = operation.outcome.as_ref();
        let proof = outcome.and_then(|outcome| outcome.proof(&code.code));
        (is_listed || proof.is_some()).then(|| Self {
            operation,
            is_listed,
            proves: outcome.map(|outcome| outcome.proves(&code.code)),
            reason: proof.and_then(|proof| proof.reason.as_ref()),
        })
    }

    fn new_call(&self) -> NewCall {
        match (self.proves, self.operation.effect) {
            (Some(Proves::NotCarriedOut), _) | (None, Effect::Reads) => NewCall::Safe,
            (Some(Proves::Declined), _) | (None, Effect::Changes) => NewCall::Decide,
            (Some(Proves::EarlierCall | Proves::Failure), _) | (None, Effect::MovesMoney) => {
                NewCall::AskFirst
            }
        }
    }

    /// What to do where the money may have moved.
    fn hint(&self, language: Language) -> Option<&'static str> {
        let outcome = self.operation.outcome.as_ref()?;
        (self.new_call() != NewCall::Safe).then(|| language.pick(&outcome.hint, &outcome.hint_ko))
    }

    fn proves_text(&self, language: Language) -> String {
        let Some(proves) = self.proves else {
            return self.operation.effect.text(language).to_owned();
        };
        let text = proves.text(language);
        match (self.reason, proves) {
            (Some(reason), _) => format!("{text}: {}", language.pick(&reason.en, &reason.ko)),
            (None, Proves::Declined) => format!(
                "{text}{}",
                language.pick(
                    ": true of this delivery, no proof about an earlier one of the same bytes",
                    ": 이번 전송에만 해당하며, 먼저 전송된 같은 요청에 대한 증명은 아님",
                )
            ),
            (None, _) => text.to_owned(),
        }
    }

    fn new_call_text(&self, language: Language) -> &'static str {
        match (self.new_call(), self.proves) {
            (NewCall::Safe, Some(_)) => language.pick("safe, once corrected", "수정 후 안전함"),
            (NewCall::Safe, None) => language.pick("safe: it reads", "안전함(조회)"),
            (NewCall::Decide, Some(_)) => language.pick(
                "a new decision, if the request was sent once",
                "한 번만 전송한 경우에 새로 결정",
            ),
            (NewCall::Decide, None) => language.pick("look at the state first", "먼저 상태를 확인"),
            (NewCall::AskFirst, _) => language.pick(
                "not before the outcome is known",
                "결과를 확인하기 전에는 안 됨",
            ),
        }
    }

    fn json(&self, language: Language) -> Value {
        json!({
            "id": self.operation.id,
            "effect": self.operation.effect.word(),
            "listed": self.is_listed,
            "proves": self.proves.map(Proves::word),
            "reason": self.reason.map(|reason| language.pick(&reason.en, &reason.ko)),
            "new_call": self.new_call().word(),
            "hint": self.hint(language),
        })
    }
}

/// What the description says of it.
pub(super) fn explanation(code: &Code, language: Language, layout: Layout) -> Explanation {
    let uses: Vec<_> = spec()
        .operations()
        .iter()
        .filter_map(|operation| Use::of(operation, code))
        .collect();
    Explanation {
        text: text(code, &uses, language, layout),
        json: json(code, &uses, language),
    }
}

fn meanings(code: &Code, language: Language) -> Vec<&str> {
    let meanings = code.examples.iter();
    meanings
        .map(|example| language.pick(&example.meaning, &example.meaning_ko))
        .collect()
}

/// The messages that were seen, each once.
fn messages(code: &Code) -> Vec<&str> {
    let mut messages: Vec<&str> = Vec::new();
    for example in &code.examples {
        if !example.message.is_empty() && !messages.contains(&example.message.as_str()) {
            messages.push(&example.message);
        }
    }
    messages
}

fn json(code: &Code, uses: &[Use], language: Language) -> Value {
    json!({
        "code": code.code,
        "kind": "documented",
        "name": code.name,
        "class": code.class.word(),
        "meanings": meanings(code, language),
        "messages": messages(code),
        "advice": code.class.advice(language),
        "operations": uses.iter().map(|found| found.json(language)).collect::<Value>(),
        "otherwise": Proves::Failure.word(),
    })
}

fn text(code: &Code, uses: &[Use], language: Language, layout: Layout) -> String {
    let mut seen = messages(code).join("\n");
    if seen.is_empty() {
        language.pick("none", "확인되지 않음").clone_into(&mut seen);
    }
    let pairs = [
        (
            language.pick("Meaning", "의미"),
            meanings(code, language).join("\n"),
        ),
        (language.pick("Messages seen", "확인된 메시지"), seen),
        (
            language.pick("What can be done", "조치"),
            code.class.advice(language).to_owned(),
        ),
    ];
    let mut text = format!("{}  {}\n\n", styled(STRONG, &code.code), code.name);
    text.push_str(&layout.pairs(&pairs));
    if !uses.is_empty() {
        text.push('\n');
        text.push_str(&layout.section(
            language.pick(
                "Operations that respond with it, and what it proves",
                "이 코드로 응답하는 API와 증명하는 내용",
            ),
            &table(uses, language, layout),
        ));
    }
    text.push_str("\n\n");
    text.push_str(&layout.paragraphs(language.pick(
        "From any other operation that moves money, and with any HTTP status but 400, it proves nothing: the call may have been carried out.",
        "금액을 이동하는 그 밖의 API에서, 또는 HTTP 상태가 400이 아닌 응답에서는 아무것도 증명하지 않습니다. 호출이 처리되었을 수 있습니다.",
    )));
    let asked: Vec<_> = uses
        .iter()
        .filter(|found| found.new_call() == NewCall::AskFirst)
        .filter_map(|found| {
            let hint = found.hint(language)?;
            Some((found.operation.id.as_str(), hint.to_owned()))
        })
        .collect();
    if !asked.is_empty() {
        let hints: Vec<_> = asked
            .iter()
            .map(|(id, hint)| format!("  {id}\n{}", layout.paragraphs(hint)))
            .collect();
        text.push('\n');
        text.push_str(&layout.section(
            language.pick(
                "What to do where the money may have moved",
                "금액이 이동했을 수 있는 경우의 조치",
            ),
            &hints.join("\n\n"),
        ));
    }
    text
}

fn table(uses: &[Use], language: Language, layout: Layout) -> String {
    let columns = [
        (language.pick("Operation", "API"), 36),
        (language.pick("A new call is", "새 호출"), 20),
        (language.pick("What it proves", "증명하는 내용"), 0),
    ];
    let rows: Vec<_> = uses
        .iter()
        .map(|found| {
            let mut proves = found.proves_text(language);
            if !found.is_listed {
                proves.push_str(language.pick(
                    " (not seen on the page of this operation)",
                    " (이 API의 페이지에서는 확인되지 않음)",
                ));
            }
            vec![
                found.operation.id.clone(),
                found.new_call_text(language).to_owned(),
                proves,
            ]
        })
        .collect();
    layout.table(&columns, &rows)
}
