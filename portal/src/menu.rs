//! The menu of the vendor's page "All API": whole, with the titles whose pages nobody has seen.

use konaplate_spec::{Evidence, Group};
use maud::{Markup, html};

use crate::frame::{Frame, language_of};

/// A chapter of the vendor's menu.
struct Chapter<'s> {
    /// Its name in the description.
    name: &'s str,
    title: String,
}

/// Every chapter: those with operations first, then those of which no page was seen.
fn chapters<'f>(frame: &Frame<'f>) -> Vec<Chapter<'f>> {
    let groups = frame.spec.groups().iter().map(|group| Chapter {
        name: &group.name,
        title: frame
            .language
            .pick(&Group::display_name(&group.name), &group.title)
            .to_owned(),
    });
    let mut chapters: Vec<_> = groups.collect();
    for (name, _) in frame.spec.not_found() {
        if chapters.iter().all(|chapter| chapter.name != name) {
            let korean = match name.as_str() {
                "atm" => "ATM",
                "debit-cards" => "체크카드",
                "prepaid-cards" => "선불카드",
                other => other,
            };
            let title = frame
                .language
                .pick(&Group::display_name(name), korean)
                .to_owned();
            chapters.push(Chapter { name, title });
        }
    }
    chapters
}

/// The menu.
pub(crate) fn menu(frame: &Frame<'_>) -> Markup {
    let current = frame.path.strip_prefix("operations/");
    let current = current.and_then(|rest| frame.spec.operation(rest.trim_end_matches('/')));
    html! {
        nav.menu aria-label=(frame.say("All APIs", "전체 API")) {
            details #menu {
                summary { (frame.say("All APIs", "전체 API")) }
                @for chapter in chapters(frame) {
                    details.chapter open[current.is_some_and(|it| it.group == chapter.name)] {
                        summary { (chapter.title) }
                        ul {
                            @for operation in frame.spec.operations_of(chapter.name) {
                                li {
                                    a href=(frame.operation(&operation.id)) lang=(language_of(&operation.title))
                                        aria-current=[current.filter(|it| it.id == operation.id).map(|_| "page")]
                                        title=(frame.language.pick(&operation.summary, &operation.summary_ko)) {
                                        (operation.title)
                                    }
                                    @if operation.evidence != Evidence::Page {
                                        " " span.part { (frame.say("in part", "일부")) }
                                    }
                                }
                            }
                            @for (name, titles) in frame.spec.not_found() {
                                @if name == chapter.name {
                                    @for title in titles {
                                        li.unseen {
                                            span lang=(language_of(title)) { (title) }
                                            " " span.part { (frame.say("page not seen", "페이지 미확인")) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                p.why {
                    (frame.say(
                        "Grey titles stand in the vendor's menu, but nobody here has seen their pages: no path is known, and \
                         nothing of them is described.",
                        "회색 항목은 공급사 메뉴에 있으나 페이지를 확인하지 못한 API입니다. 경로를 알 수 없어 설명하지 않습니다.",
                    ))
                }
            }
        }
    }
}
