//! Programs that call the operation.

use konaplate_spec::Operation;
use maud::{Markup, html};

use super::copy;
use crate::frame::Frame;
use crate::snippets::{self, Snippet};

/// The section of programs, with the operation's first example.
pub(crate) fn section(frame: &Frame<'_>, operation: &Operation) -> Markup {
    let example = operation.request.examples.first();
    let json = example.map_or("{}", |example| example.json.trim_end());
    html! {
        section #code aria-labelledby="code-title" {
            h2 #code-title { (frame.say("Code", "코드 예제")) }
            p {
                (frame.say("For a gateway, which checks, signs and encrypts: ", "검사, 서명, 암호화를 대신하는 게이트웨이를 호출합니다. "))
                code { "konaplate gateway --sandbox" }
                (frame.say(" starts one, with a sandbox behind it. ", " 명령으로 샌드박스와 함께 실행합니다. "))
                a href=(frame.to("quickstart/")) { (frame.say("Quick start", "빠른 시작")) }
            }
            @if operation.outcome.is_some() {
                p.note {
                    (frame.say(
                        "None of these sends the call a second time, and none should: without a response it may have been carried out.",
                        "아래 코드는 호출을 다시 보내지 않습니다. 응답을 받지 못한 호출은 처리되었을 수 있으므로 다시 보내지 마십시오.",
                    ))
                }
            }
            div.snippets {
                @for snippet in snippets::all(operation, json) { (details(frame, &snippet)) }
            }
        }
    }
}

/// A program, hidden behind the name of its language but for the first.
pub(crate) fn details(frame: &Frame<'_>, snippet: &Snippet) -> Markup {
    html! {
        details open[snippet.id == "curl"] {
            summary { (snippet.language) }
            (copy(frame, &snippet.text(), snippet.language))
            (program(snippet))
        }
    }
}

/// A program, with its body apart.
pub(crate) fn program(snippet: &Snippet) -> Markup {
    html! {
        pre tabindex="0" role="group" aria-label=(snippet.language) data-snippet=(snippet.id) {
            span { (snippet.before) } span.body { (snippet.body) } span { (snippet.after) }
        }
    }
}
