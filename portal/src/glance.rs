//! An operation at a glance: what it does, what is encrypted, whether its outcome can be asked, and how
//! well it is known.

use konaplate_spec::{Effect, Encrypted, Evidence, Operation, Proves};
use maud::{Markup, html};

use crate::frame::Frame;

/// A fact in a word or two, and how much it matters.
struct Badge {
    class: &'static str,
    name: &'static str,
    text: &'static str,
}

fn badges(frame: &Frame<'_>, operation: &Operation) -> Vec<Badge> {
    let say = |english, korean| frame.language.pick(english, korean);
    let (class, text) = match operation.effect {
        Effect::Reads => ("calm", say("reads", "조회")),
        Effect::Changes => ("mild", say("changes", "변경")),
        Effect::MovesMoney => ("strong", say("moves money", "금액 이동")),
    };
    let mut badges = vec![Badge {
        class,
        name: say("Effect", "효과"),
        text,
    }];
    let sides = [
        (operation.encryption.request, say("Request", "요청")),
        (operation.encryption.response, say("Response", "응답")),
    ];
    for (encrypted, name) in sides {
        let (class, text) = match encrypted {
            Encrypted::Yes => ("mild", say("encrypted", "암호화")),
            Encrypted::No => ("calm", say("plain", "평문")),
            Encrypted::Unknown => ("open", say("not known", "미확인")),
        };
        badges.push(Badge { class, name, text });
    }
    if let Some(outcome) = &operation.outcome {
        let (class, text) = match &outcome.inquiry {
            Some(_) => ("calm", say("can be asked", "조회 가능")),
            None => ("strong", say("nothing tells it", "조회 API 없음")),
        };
        badges.push(Badge {
            class,
            name: say("Outcome", "처리 결과"),
            text,
        });
    }
    let (class, text) = match operation.evidence {
        Evidence::Page => ("calm", say("whole page", "페이지 전체")),
        Evidence::Partial => ("open", say("part of a page", "페이지 일부")),
        Evidence::ThirdParty => ("open", say("code of others", "제3자 코드")),
    };
    badges.push(Badge {
        class,
        name: say("Evidence", "근거"),
        text,
    });
    badges
}

/// The badges of an operation.
pub(crate) fn glance(frame: &Frame<'_>, operation: &Operation) -> Markup {
    html! {
        ul.glance aria-label=(frame.say("At a glance", "요약")) {
            @for badge in badges(frame, operation) {
                li class=(badge.class) { span.name { (badge.name) } " " span.text { (badge.text) } }
            }
        }
    }
}

/// What a code proves about the money.
pub(crate) fn proof(frame: &Frame<'_>, proves: Proves) -> Markup {
    let class = match proves {
        Proves::NotCarriedOut => "good",
        Proves::Declined => "mild",
        Proves::EarlierCall | Proves::Failure => "bad",
    };
    html! { span.proof.(class) { (proves.text(frame.language)) } }
}
