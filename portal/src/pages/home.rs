//! The first page: every operation at a glance.

use konaplate_spec::Group;
use maud::html;

use crate::frame::{Content, Frame, language_of};
use crate::glance::glance;
use crate::markdown::markdown;

pub(super) fn content(frame: &Frame<'_>) -> Content {
    let spec = frame.spec;
    let title = frame.say("Reference", "레퍼런스");
    let intro = frame.say(
        "The Korean prepaid-card and payment platform: its operations, what each call does to the money, how it is signed and \
         encrypted, and how well each of them is known.",
        "한국의 선불카드·결제 플랫폼 API 레퍼런스입니다. API마다 호출이 금액에 미치는 효과, 서명과 암호화 방식, 그리고 확인된 \
         범위를 설명합니다.",
    );
    let main = html! {
        h1 { "KONA PLATE Open API" }
        p.lead { (intro) }
        p.figures {
            strong { (spec.operations().len()) } " " (frame.say("operations", "개 API")) ", "
            strong { (spec.codes().len()) } " " (frame.say("failure codes", "개 실패 코드")) ", "
            a href=(frame.to("coverage/")) { (frame.say("what is known, and how well", "확인 범위와 근거")) }
        }
        p.actions {
            a.button.first href=(frame.to("quickstart/")) { (frame.say("Quick start", "빠른 시작")) } " "
            a.button href=(frame.to("codes/")) { (frame.say("All codes", "전체 코드")) } " "
            a.button href="#protocol" { (frame.say("Signing and encryption", "서명과 암호화")) }
        }
        @for group in spec.groups() {
            section.group aria-labelledby=(group.name) {
                h2 #(group.name) {
                    (frame.language.pick(&Group::display_name(&group.name), &group.title))
                    @if frame.language == konaplate_spec::Language::English { " " small lang="ko" { (group.title) } }
                }
                p lang="en" { (group.description) }
                ul.operations {
                    @for operation in spec.operations_of(&group.name) {
                        li {
                            div.name {
                                a href=(frame.operation(&operation.id)) { code { (operation.id) } }
                                span { (frame.language.pick(&operation.summary, &operation.summary_ko)) }
                                small lang=(language_of(&operation.title)) { (operation.title) }
                            }
                            (glance(frame, operation))
                        }
                    }
                }
            }
        }
        section #protocol aria-labelledby="protocol-title" {
            h2 #protocol-title { (frame.say("Every call", "모든 호출")) }
            div lang="en" { (markdown(spec.description(), 1)) }
        }
    };
    Content::new(title, intro, main)
}
