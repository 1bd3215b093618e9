//! The human text about encryption, effect, outcome and codes: what the extensions say, for readers
//! who see nothing but descriptions.

use std::fmt::Write;

use crate::language::Language;
use crate::operation::Operation;
use crate::outcome::{CompletedBy, Outcome};

impl Operation {
    /// What `bundle` puts behind the operation's own description.
    #[must_use]
    pub fn text_of_extensions(&self, language: Language) -> String {
        let request = self.encryption.request.text(language);
        let response = self.encryption.response.text(language);
        let encryption = match language {
            Language::English => {
                format!("\n\n**Encryption**: request {request}; response {response}.")
            }
            Language::Korean => format!("\n\n**암호화**: 요청 {request}, 응답 {response}."),
        };
        encryption + &self.text_for_gateway(language)
    }

    /// The same without encryption, for the view of a gateway that encrypts.
    #[must_use]
    pub fn text_for_gateway(&self, language: Language) -> String {
        let mut text = String::new();
        self.write_effect(&mut text, language);
        if let Some(outcome) = &self.outcome {
            match language {
                Language::English => write_outcome(&mut text, outcome),
                Language::Korean => write_outcome_ko(&mut text, outcome),
            }
        }
        self.write_codes(&mut text, language);
        text
    }

    fn write_effect(&self, text: &mut String, language: Language) {
        let effect = self.effect.text(language);
        let _ = write!(
            text,
            "\n\n**{}**: {effect}",
            language.pick("Effect", "효과")
        );
        if let Some(follow_up) = &self.follow_up {
            let tells = language.pick("tells how it went on.", "로 진행 결과를 조회합니다.");
            let _ = match language {
                Language::English => write!(text, " `{follow_up}` {tells}"),
                Language::Korean => write!(text, " `{follow_up}`{tells}"),
            };
        }
    }

    fn write_codes(&self, text: &mut String, language: Language) {
        if self.failures.is_empty() {
            return;
        }
        let codes: Vec<_> = self
            .failures
            .iter()
            .map(|failure| {
                let meaning = language.pick(&failure.meaning, &failure.meaning_ko);
                let meaning = meaning.trim_end_matches('.');
                match &self.outcome {
                    None => format!("`{}` {meaning}", failure.code),
                    Some(outcome) => format!(
                        "`{}` {meaning} ({})",
                        failure.code,
                        outcome.proves(&failure.code).text(language)
                    ),
                }
            })
            .collect();
        let title = match (language, self.codes_complete) {
            (Language::English, true) => "**Codes**",
            (Language::English, false) => "**Codes**, and more",
            (Language::Korean, true) => "**코드**",
            (Language::Korean, false) => "**코드**(일부)",
        };
        let _ = write!(text, "\n\n{title}: {}.", codes.join("; "));
    }
}

fn write_outcome(text: &mut String, outcome: &Outcome) {
    text.push_str("\n\n**Outcome**: completed by ");
    let _ = match &outcome.completed_by {
        CompletedBy::Platform => write!(text, "the platform."),
        CompletedBy::Member { acts_with } => {
            write!(text, "the member, with `{acts_with}` of the response.")
        }
    };
    if let Some(inquiry) = &outcome.inquiry {
        let _ = write!(
            text,
            " `{}` tells it, by `{}`: `{}` is {} when the money has moved, {} when it has not.",
            inquiry.operation,
            inquiry.by,
            inquiry.field,
            inquiry.completed.join(" or "),
            inquiry.failed.join(" or ")
        );
    }
    if let Some(cancel) = &outcome.cancel {
        let _ = write!(text, " `{cancel}` takes it back.");
    }
    let _ = write!(text, "\n\n**After a lost response**: {}", outcome.hint);
}

fn write_outcome_ko(text: &mut String, outcome: &Outcome) {
    text.push_str("\n\n**처리 결과**: ");
    let _ = match &outcome.completed_by {
        CompletedBy::Platform => write!(text, "플랫폼이 완료합니다."),
        CompletedBy::Member { acts_with } => {
            write!(
                text,
                "회원이 응답의 `{acts_with}`을(를) 이용하여 완료합니다."
            )
        }
    };
    if let Some(inquiry) = &outcome.inquiry {
        let _ = write!(
            text,
            " `{}`에서 `{}`로 조회합니다. `{}`이(가) {}이면 금액이 이동한 것이고, {}이면 이동하지 않은 것입니다.",
            inquiry.operation,
            inquiry.by,
            inquiry.field,
            inquiry.completed.join(" 또는 "),
            inquiry.failed.join(" 또는 ")
        );
    }
    if let Some(cancel) = &outcome.cancel {
        let _ = write!(text, " `{cancel}`로 취소합니다.");
    }
    let _ = write!(text, "\n\n**응답을 받지 못한 경우**: {}", outcome.hint_ko);
}
