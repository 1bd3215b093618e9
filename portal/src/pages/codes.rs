//! All codes, and what each proves about the money.

use konaplate_spec::{Code, Operation, Proves};
use maud::{Markup, html};

use crate::frame::{Content, Frame};
use crate::glance::proof;

/// What a code proves, and of which operations.
struct Proof<'s> {
    /// None: the operations move no money.
    proves: Option<Proves>,
    operations: Vec<&'s Operation>,
}

/// What a code proves, the strongest proof first. Operations that have it on their page are meant, and those whose
/// outcome names it.
fn proofs<'s>(frame: &Frame<'s>, code: &Code) -> Vec<Proof<'s>> {
    let mut proofs: Vec<_> = Proves::ALL
        .iter()
        .map(|proves| Some(*proves))
        .chain([None])
        .map(|proves| Proof {
            proves,
            operations: Vec::new(),
        })
        .collect();
    for operation in frame.spec.operations() {
        let outcome = operation.outcome.as_ref();
        let is_named = outcome.is_some_and(|outcome| outcome.proof(&code.code).is_some());
        if !is_named && !code.operations.contains(&operation.id) {
            continue;
        }
        let proves = outcome.map(|outcome| outcome.proves(&code.code));
        let place = proofs.iter_mut().find(|proof| proof.proves == proves);
        if let Some(proof) = place {
            proof.operations.push(operation);
        }
    }
    proofs.retain(|proof| !proof.operations.is_empty());
    proofs
}

pub(super) fn content(frame: &Frame<'_>) -> Content {
    let title = frame.say("Failure codes", "실패 코드");
    let intro = frame.say(
        "Every failure code that the vendor's pages show, what it means, and what it proves about the money, for each operation. \
         Only proof that nothing was carried out makes a new call safe.",
        "공급사 페이지에서 확인된 모든 실패 코드의 의미와, API별로 금액에 대해 무엇을 증명하는지 정리했습니다. 미처리가 확정된 \
         경우에만 새 호출이 안전합니다.",
    );
    let main = html! {
        h1 { (title) }
        p.lead { (intro) }
        dl.facts {
            @for proves in Proves::ALL {
                dt { (proof(frame, *proves)) }
                dd { (meaning(frame, *proves)) }
            }
        }
        p {
            (frame.say(
                "A code that stands nowhere here, and any HTTP status but 400, proves nothing: the call may have been carried out.",
                "여기에 없는 코드와 HTTP 상태가 400이 아닌 응답은 아무것도 증명하지 않으며, 호출이 처리되었을 수 있습니다.",
            ))
        }
        p.filter hidden {
            label for="filter" { (frame.say("Only codes with", "포함하는 코드만 보기")) } " "
            input #filter type="search" data-filter="codes" autocomplete="off" spellcheck="false";
            " " span role="status" data-filter-count="codes" data-unit=(frame.say("codes", "개 코드")) {}
        }
        table #codes.cards {
            caption.hidden { (title) }
            thead {
                tr {
                    th scope="col" { (frame.say("Code", "코드")) }
                    th scope="col" { (frame.say("Meaning", "의미")) }
                    th scope="col" { (frame.say("What it proves about the money", "금액에 대한 증명")) }
                }
            }
            tbody {
                @for code in frame.spec.codes() { (row(frame, code)) }
            }
        }
    };
    Content::new(title, intro, main)
}

fn row(frame: &Frame<'_>, code: &Code) -> Markup {
    html! {
        tr #(code.code) tabindex="-1" {
            th scope="row" {
                a href={ "#" (code.code) } { code { (code.code) } }
                small { (code.name) }
            }
            td {
                @for example in &code.examples {
                    p { (frame.language.pick(&example.meaning, &example.meaning_ko)) }
                    @if !example.message.is_empty() { p { code.message lang="en" { (example.message) } } }
                }
                p.advice { (code.class.advice(frame.language)) }
            }
            td {
                @for group in proofs(frame, code) {
                    div.proofs {
                        @match group.proves {
                            Some(proves) => (proof(frame, proves)),
                            None => span.proof.calm { (frame.say("moves no money", "금액 이동 없음")) },
                        }
                        ul {
                            @for operation in group.operations {
                                li { a href=(frame.operation(&operation.id)) { (operation.id) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What to do, by what is proven.
fn meaning(frame: &Frame<'_>, proves: Proves) -> &'static str {
    let say = |english, korean| frame.language.pick(english, korean);
    match proves {
        Proves::NotCarriedOut => say(
            "The code can only come when nothing was carried out. A new call is safe.",
            "아무것도 처리되지 않았을 때만 반환되는 코드입니다. 새로 호출해도 안전합니다.",
        ),
        Proves::EarlierCall => say(
            "An earlier delivery of the same request can be what it speaks of. Find out what became of that one first.",
            "먼저 전달된 같은 요청 때문일 수 있습니다. 그 요청의 결과를 먼저 확인하십시오.",
        ),
        Proves::Declined => say(
            "The platform did not carry out this delivery. A new call is a new decision; it is no proof about an earlier delivery.",
            "플랫폼이 이번 요청을 처리하지 않았습니다. 새 호출은 새로 판단하십시오. 먼저 전달된 요청에 대한 증명은 아닙니다.",
        ),
        Proves::Failure => say(
            "The call may have been carried out. Ask for its outcome before anything else.",
            "호출이 처리되었을 수 있습니다. 다른 일을 하기 전에 결과를 조회하십시오.",
        ),
    }
}
