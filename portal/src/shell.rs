//! What stands around every page: head, header, menu and footer.

use konaplate_spec::Language;
use maud::{DOCTYPE, Markup, html};

use crate::frame::{Content, Frame, code};
use crate::menu;

/// The whole page.
pub(crate) fn page(frame: &Frame<'_>, content: &Content) -> Markup {
    let (other, there) = frame.in_other();
    html! {
        (DOCTYPE)
        html lang=(code(frame.language)) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(in_a_page(content.policy));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // Not `no-referrer`: a form would then be sent without an origin.
                meta name="referrer" content="same-origin";
                meta name="description" content=(content.description);
                title { (content.title) " – KONA PLATE Open API" }
                link rel="icon" href=(frame.asset("icon.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(frame.asset("site.css"));
                @for style in content.styles {
                    link rel="stylesheet" href=(frame.asset(style));
                }
                link rel="alternate" hreflang=(code(other)) href=(there);
                // Before the first paint: the theme that was chosen.
                script src=(frame.asset("theme.js")) {}
                script type="module" src=(frame.asset("site.js")) {}
                @for script in content.scripts {
                    script type="module" src=(frame.asset(script)) {}
                }
            }
            body {
                a.skip href="#main" { (frame.say("To the content", "본문으로 건너뛰기")) }
                (header(frame, other, &there))
                @if content.is_whole {
                    (content.main)
                } @else {
                    div.columns {
                        (menu::menu(frame))
                        main #main tabindex="-1" { (content.main) }
                    }
                }
                (footer(frame))
            }
        }
    }
}

/// A page of a few words, without header and menu. `root` leads to the first folder of the site.
pub(crate) fn bare(language: &str, title: &str, root: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" href={ (root) "assets/icon.svg" } type="image/svg+xml";
                link rel="stylesheet" href={ (root) "assets/site.css" };
                script src={ (root) "assets/theme.js" } {}
            }
            body.languages { main { (main) } }
        }
    }
}

fn header(frame: &Frame<'_>, other: Language, there: &str) -> Markup {
    html! {
        header.top {
            a.brand href=(frame.to("")) { span.mark aria-hidden="true" { "K" } "KONA PLATE Open API" }
            form.search role="search" aria-label=(frame.say("Reference", "레퍼런스")) {
                label.hidden for="search" { (frame.say("Search operations, codes and fields", "API, 코드, 필드 검색")) }
                input #search type="search" autocomplete="off" spellcheck="false"
                    placeholder=(frame.say("Search: 007_008, recharge …", "검색: 007_008, 충전 …"))
                    data-index=(frame.to("search.json")) data-root=(frame.to(""))
                    data-none=(frame.say("Nothing found", "검색 결과가 없습니다"))
                    role="combobox" aria-expanded="false" aria-controls="search-results" aria-autocomplete="list";
                ul #search-results role="listbox" aria-label=(frame.say("Search results", "검색 결과")) hidden {}
            }
            nav.tools aria-label=(frame.say("Pages and settings", "페이지와 설정")) {
                a href=(frame.to("quickstart/")) { (frame.say("Quick start", "빠른 시작")) }
                a href=(frame.to("codes/")) { (frame.say("Codes", "코드")) }
                a href=(frame.to("coverage/")) { (frame.say("Coverage", "확인 범위")) }
                a href=(frame.to("reference/")) { (frame.say("Schemas", "스키마")) }
                @if frame.is_served {
                    a href=(frame.to("sandbox/requests/")) { (frame.say("Sandbox", "샌드박스")) }
                }
                a href=(there) lang=(code(other)) hreflang=(code(other)) { (other.pick("English", "한국어")) }
                button #theme type="button" hidden
                    data-light=(frame.say("Light theme", "밝은 테마")) data-dark=(frame.say("Dark theme", "어두운 테마")) {}
            }
        }
    }
}

fn footer(frame: &Frame<'_>) -> Markup {
    html! {
        footer.bottom {
            p {
                (frame.say(
                    "An independent description, neither made nor endorsed by KONA I. Version ",
                    "KONA I와 무관하게 독립적으로 작성한 문서이며, KONA I가 보증하지 않습니다. 버전 ",
                ))
                (frame.spec.version()) "."
            }
        }
    }
}

/// A policy as a page itself can have it: who may frame it is said by the server alone.
fn in_a_page(policy: &str) -> String {
    let parts = policy
        .split("; ")
        .filter(|part| !part.starts_with("frame-ancestors"));
    parts.collect::<Vec<_>>().join("; ")
}
