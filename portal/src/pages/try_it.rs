//! A call of an operation to the sandbox that serves the page. Its script is `try.js`.

use konaplate_spec::{CodeExample, Operation};
use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::frame::{Frame, code};
use crate::quickstart::delivery;

/// The faults to choose from, each with an example of its argument.
const FAULTS: [&str; 14] = [
    "close-before",
    "close-after",
    "delay:2000",
    "html:502",
    "html-after:502",
    "retry-after:3",
    "duplicated-request",
    "hold-request",
    "wrong-tag",
    "unknown-key-id",
    "plain-response",
    "unknown-code",
    "extra-fields",
    "cut-response:40",
];

/// What the body field shows at most before it scrolls.
const MOST_ROWS: usize = 24;

/// The form, and the place of what comes of it.
pub(crate) fn section(frame: &Frame<'_>, operation: &Operation) -> Markup {
    let examples = &operation.request.examples;
    let body = examples
        .first()
        .map_or("{}", |example| example.json.trim_end());
    let by_name: Map<String, Value> = examples
        .iter()
        .map(|example| {
            (
                example.name.clone(),
                example.json.trim_end().to_owned().into(),
            )
        })
        .collect();
    html! {
        section #try-it aria-labelledby="try-title" {
            h2 #try-title { (frame.say("Try it", "호출해 보기")) }
            p {
                (frame.say(
                    "The sandbox behind this page gets the call, signed and encrypted. No real money moves.",
                    "이 페이지를 제공하는 샌드박스로 서명·암호화한 요청을 보냅니다. 실제 금액은 이동하지 않습니다.",
                ))
            }
            noscript { p.note { (frame.say("This needs JavaScript.", "JavaScript가 필요합니다.")) } }
            form #try data-operation=(operation.id) data-path=(operation.path) data-language=(code(frame.language))
                data-examples=(Value::Object(by_name)) data-deliveries=(delivery::meanings(frame.language)) {
                p {
                    label for="try-case" { (frame.say("Case", "경우")) } " "
                    select #try-case { (cases(frame, operation)) }
                }
                p {
                    label for="try-body" { (frame.say("Request body", "요청 본문")) }
                    textarea #try-body rows=(body.lines().count().clamp(3, MOST_ROWS)) spellcheck="false"
                        autocomplete="off" autocapitalize="off" {
                        // A line break right behind the tag would be dropped, and is none of the body's.
                        "\n" (body)
                    }
                }
                details {
                    summary { (frame.say("More", "추가 설정")) }
                    p {
                        label for="try-fault" { (frame.say("Fault to inject", "주입할 장애")) } " "
                        select #try-fault {
                            option value="" { (frame.say("none", "없음")) }
                            @for fault in FAULTS { option value=(fault) { (fault) } }
                        }
                    }
                }
                p { button #try-send type="submit" { (frame.say("Send", "보내기")) } }
                p #try-status role="status" {}
            }
            div #try-result hidden {
                h3 { (frame.say("Response", "응답")) }
                pre #try-response tabindex="0" role="group" aria-label=(frame.say("Response", "응답")) {}
                h3 { (frame.say("On the wire", "전송 내용")) }
                div #try-wire {}
                h3 { (frame.say("What the sandbox did", "샌드박스의 처리 과정")) }
                div #try-trace {}
            }
        }
    }
}

fn cases(frame: &Frame<'_>, operation: &Operation) -> Markup {
    html! {
        optgroup label=(frame.say("Examples", "예시")) {
            @for example in &operation.request.examples {
                option value={ "example:" (example.name) } { (example.name) }
            }
        }
        @if !operation.failures.is_empty() {
            optgroup label=(frame.say("Failures on demand", "실패 응답")) {
                @for failure in &operation.failures {
                    option value={ "code:" (wanted(operation, failure)) } {
                        (failure.code) ": " (frame.language.pick(&failure.meaning, &failure.meaning_ko))
                    }
                }
            }
        }
    }
}

/// What the sandbox is asked for: a code, or the name of its example where the operation has the code several times.
fn wanted<'o>(operation: &Operation, failure: &'o CodeExample) -> &'o str {
    let same = operation
        .failures
        .iter()
        .filter(|other| other.code == failure.code);
    if same.count() == 1 {
        &failure.code
    } else {
        &failure.name
    }
}
