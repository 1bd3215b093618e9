//! What is described, and how well it is known.

use konaplate_spec::{Encrypted, Evidence, Group, Operation, Seen, SeenFields};
use maud::{Markup, html};

use crate::frame::{Content, Frame, language_of};
use crate::wide::wide;

pub(super) fn content(frame: &Frame<'_>) -> Content {
    let title = frame.say("Coverage", "확인 범위");
    let intro = frame.say(
        "What is known of each operation, and how well: what to trust, and what to verify in the vendor's sandbox before money \
         depends on it.",
        "API별로 무엇이 어느 정도 확인되었는지 정리했습니다. 금액이 걸리기 전에 공급사 샌드박스에서 검증해야 할 내용을 알 수 있습니다.",
    );
    let main = html! {
        h1 { (title) }
        p.lead { (intro) }
        (figures(frame))
        @for group in frame.spec.groups() {
            h2 #(group.name) { (frame.language.pick(&Group::display_name(&group.name), &group.title)) }
            (table(frame, &group.name))
        }
        h2 #not-found { (frame.say("Not found", "확인하지 못한 API")) }
        p {
            (frame.say(
                "The menu of the vendor's reference has these titles, too. Nobody here has seen their pages: no path is known, and \
                 nothing of them is described.",
                "공급사 레퍼런스 메뉴에 있으나 페이지를 확인하지 못한 API입니다. 경로를 알 수 없어 설명하지 않습니다.",
            ))
        }
        table.cards {
            caption.hidden { (frame.say("Titles without a page", "페이지를 확인하지 못한 제목")) }
            thead { tr { th scope="col" { (frame.say("Chapter", "분류")) } th scope="col" { (frame.say("Titles", "제목")) } } }
            tbody {
                @for (chapter, titles) in frame.spec.not_found() {
                    tr {
                        th scope="row" { (Group::display_name(chapter)) }
                        td { ul.plain { @for title in titles { li lang=(language_of(title)) { (title) } } } }
                    }
                }
            }
        }
    };
    Content::new(title, intro, main)
}

fn figures(frame: &Frame<'_>) -> Markup {
    let spec = frame.spec;
    let title = frame.say("Operations by group and evidence", "그룹과 근거별 API 수");
    html! {
        (wide(title, &html! {
            table {
                caption.hidden { (title) }
                thead {
                    tr {
                        th scope="col" { (frame.say("Group", "그룹")) }
                        @for evidence in Evidence::ALL { th.number scope="col" { (evidence.text(frame.language)) } }
                        th.number scope="col" { (frame.say("all", "전체")) }
                    }
                }
                tbody {
                    @for group in spec.groups() {
                        tr {
                            th scope="row" { a href={ "#" (group.name) } { (frame.language.pick(&Group::display_name(&group.name), &group.title)) } }
                            @for evidence in Evidence::ALL { td.number { (spec.count(Some(&group.name), Some(*evidence))) } }
                            td.number { (spec.count(Some(&group.name), None)) }
                        }
                    }
                    tr.sum {
                        th scope="row" { (frame.say("all", "전체")) }
                        @for evidence in Evidence::ALL { td.number { (spec.count(None, Some(*evidence))) } }
                        td.number { (spec.count(None, None)) }
                    }
                }
            }
        }))
    }
}

fn table(frame: &Frame<'_>, group: &str) -> Markup {
    html! {
        table.cards {
            caption.hidden { (Group::display_name(group)) }
            thead {
                tr {
                    @for column in columns(frame) { th scope="col" { (column) } }
                }
            }
            tbody {
                @for operation in frame.spec.operations_of(group) { (row(frame, operation)) }
            }
        }
    }
}

fn columns(frame: &Frame<'_>) -> [&'static str; 6] {
    let say = |english, korean| frame.language.pick(english, korean);
    [
        say("Operation", "API"),
        say("Evidence", "근거"),
        say("Request", "요청"),
        say("Response", "응답"),
        say("Codes", "코드"),
        say("Encrypted", "암호화"),
    ]
}

fn row(frame: &Frame<'_>, operation: &Operation) -> Markup {
    let [_, evidence, request, response, codes, encrypted] = columns(frame);
    html! {
        tr {
            th scope="row" {
                a href=(frame.operation(&operation.id)) { (operation.id) }
                small lang=(language_of(&operation.title)) { (operation.title) }
            }
            td data-label=(evidence) { (operation.evidence.text(frame.language)) }
            td data-label=(request) { (seen(frame, frame.spec.seen(&operation.request))) }
            td data-label=(response) { (seen(frame, frame.spec.seen(&operation.response))) }
            td data-label=(codes) { (codes_of(frame, operation)) }
            td data-label=(encrypted) {
                (flag(frame, operation.encryption.request)) " / " (flag(frame, operation.encryption.response))
            }
        }
    }
}

fn seen(frame: &Frame<'_>, seen: Seen) -> String {
    let words = match seen.fields {
        SeenFields::Whole => frame.say("whole", "전체"),
        SeenFields::InPart => frame.say("in part", "일부"),
        SeenFields::NotSeen => frame.say("not seen", "미확인"),
    };
    match seen.third_party {
        0 => words.to_owned(),
        more => format!("{words} +{more}"),
    }
}

fn codes_of(frame: &Frame<'_>, operation: &Operation) -> String {
    let mut words = match (operation.failures.len(), operation.codes_complete) {
        (0, true) => frame.say("none", "없음").to_owned(),
        (0, false) => frame.say("not seen", "미확인").to_owned(),
        (seen, true) => seen.to_string(),
        (seen, false) => format!("{seen}, {}", frame.say("more", "더 있음")),
    };
    let by_name = operation.unlisted_failures.len();
    if by_name > 0 {
        let text = frame.say("by name only", "개는 이름만 확인");
        words.push_str(&format!("; {by_name} {text}"));
    }
    words
}

fn flag(frame: &Frame<'_>, encrypted: Encrypted) -> &'static str {
    match encrypted {
        Encrypted::Yes => frame.language.pick("yes", "예"),
        Encrypted::No => frame.language.pick("no", "아니요"),
        Encrypted::Unknown => "?",
    }
}
