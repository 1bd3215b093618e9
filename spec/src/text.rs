//! The human text about encryption, effect, outcome and codes: what the extensions say, for readers
//! who see nothing but descriptions.

use std::fmt::Write;

use crate::operation::Operation;
use crate::outcome::{CompletedBy, Outcome};
use crate::words::{Effect, Encrypted, Proves};

/// A language of the made text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Korean.
    Korean,
}

impl Language {
    fn pick<'a>(self, english: &'a str, korean: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Korean => korean,
        }
    }
}

impl Operation {
    /// What `bundle` puts behind the operation's own description.
    #[must_use]
    pub fn text_of_extensions(&self, language: Language) -> String {
        let flag = |flag| match flag {
            Encrypted::Yes => language.pick("encrypted", "암호화"),
            Encrypted::No => language.pick("plain", "평문"),
            Encrypted::Unknown => {
                language.pick("not known whether encrypted", "암호화 여부 미확인")
            }
        };
        let request = flag(self.encryption.request);
        let response = flag(self.encryption.response);
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
        let effect = match self.effect {
            Effect::Reads => {
                language.pick("reads; nothing changes.", "조회만 하며 변경하지 않습니다.")
            }
            Effect::Changes => language.pick(
                "changes something, but moves no money.",
                "상태를 변경하지만 금액은 이동하지 않습니다.",
            ),
            Effect::MovesMoney => language.pick("moves money.", "금액이 이동합니다."),
        };
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
                        words_for(outcome.proves(&failure.code), language)
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

/// What a code proves, in a few words.
fn words_for(proves: Proves, language: Language) -> &'static str {
    match proves {
        Proves::NotCarriedOut => language.pick("proof that nothing was carried out", "미처리 확정"),
        Proves::EarlierCall => language.pick(
            "an earlier delivery of the request may be the cause",
            "같은 요청이 먼저 처리되었을 수 있음",
        ),
        Proves::Declined => language.pick("declined", "거절"),
        Proves::Failure => language.pick("may have been carried out", "처리되었을 수 있음"),
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
