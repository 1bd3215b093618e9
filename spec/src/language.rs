//! What the words of the extensions say to people, in the languages of the description.

use crate::words::{CodeClass, Effect, Encrypted, Evidence, Proves};

/// A language of the made text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Korean.
    Korean,
}

impl Language {
    /// The one of two texts that is in this language.
    #[must_use]
    pub fn pick<'a>(self, english: &'a str, korean: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Korean => korean,
        }
    }
}

impl Encrypted {
    /// Whether a body is encrypted, in a word or two.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Self::Yes => language.pick("encrypted", "암호화"),
            Self::No => language.pick("plain", "평문"),
            Self::Unknown => language.pick("not known whether encrypted", "암호화 여부 미확인"),
        }
    }
}

impl Effect {
    /// What an operation does, as the end of a sentence.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Self::Reads => {
                language.pick("reads; nothing changes.", "조회만 하며 변경하지 않습니다.")
            }
            Self::Changes => language.pick(
                "changes something, but moves no money.",
                "상태를 변경하지만 금액은 이동하지 않습니다.",
            ),
            Self::MovesMoney => language.pick("moves money.", "금액이 이동합니다."),
        }
    }
}

impl Evidence {
    /// How much was seen, in a few words.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Self::Page => language.pick("whole page", "페이지 전체"),
            Self::Partial => language.pick("part of a page", "페이지 일부"),
            Self::ThirdParty => language.pick("code of others", "제3자의 공개 코드"),
        }
    }
}

impl Proves {
    /// What a code proves, in a few words.
    #[must_use]
    pub fn text(self, language: Language) -> &'static str {
        match self {
            Self::NotCarriedOut => {
                language.pick("proof that nothing was carried out", "미처리 확정")
            }
            Self::EarlierCall => language.pick(
                "an earlier delivery of the request may be the cause",
                "같은 요청이 먼저 처리되었을 수 있음",
            ),
            Self::Declined => language.pick("declined", "거절"),
            Self::Failure => language.pick("may have been carried out", "처리되었을 수 있음"),
        }
    }
}

impl CodeClass {
    /// What can be done about a code, as advice. Whether a new call is safe is what the code
    /// [`Proves`].
    #[must_use]
    pub fn advice(self, language: Language) -> &'static str {
        match self {
            Self::CallerMistake => language.pick(
                "Correct the calling program: a parameter, an id, or the order of calls.",
                "호출하는 프로그램을 수정하십시오. 파라미터, ID 또는 호출 순서가 올바르지 않습니다.",
            ),
            Self::UserFixable => language.pick(
                "Tell the member, who can do something about it: another card, another amount, the right data.",
                "회원에게 안내하십시오. 다른 카드나 다른 금액, 올바른 정보로 회원이 해결할 수 있습니다.",
            ),
            Self::StateConflict => language.pick(
                "What was asked does not fit the present state: it was done before, is in progress, or was ended. Look the state up first.",
                "현재 상태에서 할 수 없는 요청입니다. 이미 처리되었거나 진행 중이거나 종료된 상태입니다. 먼저 상태를 조회하십시오.",
            ),
            Self::TryLater => language.pick(
                "The platform, or what is behind it, has trouble. A call may succeed later; one that may have been carried out is asked about first.",
                "플랫폼 또는 연계 시스템의 장애입니다. 나중에는 성공할 수 있으나, 처리되었을 수 있는 호출은 먼저 결과를 확인하십시오.",
            ),
            Self::Unknown => language.pick(
                "What was seen does not tell what can be done. Ask KONA, with the correlation id of the call.",
                "확인된 내용만으로는 조치 방법을 알 수 없습니다. 호출의 상관관계 ID(correlation id)로 KONA에 문의하십시오.",
            ),
        }
    }
}
