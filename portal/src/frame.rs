//! What stands around every page: head, header, menu, and where links lead.

use konaplate_spec::{Language, Spec};
use maud::{DOCTYPE, Markup, html};

use crate::menu;

/// What a page is made in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'f> {
    pub(crate) spec: &'f Spec,
    pub(crate) language: Language,
    pub(crate) is_served: bool,
    /// The page's own path below that of its language.
    pub(crate) path: &'f str,
}

/// What is particular to a page.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) title: String,
    /// A sentence, for search engines and previews.
    pub(crate) description: String,
    pub(crate) main: Markup,
    /// Modules beside those that every page has, by their names in the assets.
    pub(crate) scripts: &'static [&'static str],
    pub(crate) styles: &'static [&'static str],
    pub(crate) policy: &'static str,
}

impl Content {
    pub(crate) fn new(
        title: impl Into<String>,
        description: impl Into<String>,
        main: Markup,
    ) -> Self {
        Self {
            title: title.into(),
            description: description.into(),
            main,
            scripts: &[],
            styles: &[],
            policy: crate::POLICY,
        }
    }
}

/// A language in addresses and attributes (BCP 47).
pub(crate) fn code(language: Language) -> &'static str {
    language.pick("en", "ko")
}

/// The language of a text of the vendor's, which may be either.
pub(crate) fn language_of(text: &str) -> &'static str {
    let is_hangul = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
    if text.contains(is_hangul) { "ko" } else { "en" }
}

impl Frame<'_> {
    /// A text of the page's language.
    pub(crate) fn say<'t>(&self, english: &'t str, korean: &'t str) -> &'t str {
        self.language.pick(english, korean)
    }

    /// The way up to the folder of the page's language.
    fn up(&self) -> String {
        let depth = self.path.matches('/').count();
        match depth {
            0 => "./".to_owned(),
            depth => "../".repeat(depth),
        }
    }

    /// A link to a page of the same language.
    pub(crate) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.up())
    }

    /// A link to an operation.
    pub(crate) fn operation(&self, id: &str) -> String {
        self.to(&format!("operations/{id}/"))
    }

    /// A link to a code in the list of all.
    pub(crate) fn code(&self, code: &str) -> String {
        self.to(&format!("codes/#{code}"))
    }

    /// A link to an asset.
    pub(crate) fn asset(&self, name: &str) -> String {
        format!("{}../assets/{name}", self.up())
    }

    /// The same page in the other language.
    fn in_other(&self) -> (Language, String) {
        let other = match self.language {
            Language::English => Language::Korean,
            Language::Korean => Language::English,
        };
        (
            other,
            format!("{}../{}/{}", self.up(), code(other), self.path),
        )
    }

    /// The whole page.
    pub(crate) fn page(&self, content: &Content) -> Markup {
        let (other, there) = self.in_other();
        html! {
            (DOCTYPE)
            html lang=(code(self.language)) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(in_a_page(content.policy));
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    // Not `no-referrer`: a form would then be sent without an origin.
                    meta name="referrer" content="same-origin";
                    meta name="description" content=(content.description);
                    title { (content.title) " – KONA PLATE Open API" }
                    link rel="icon" href=(self.asset("icon.svg")) type="image/svg+xml";
                    link rel="stylesheet" href=(self.asset("site.css"));
                    @for style in content.styles {
                        link rel="stylesheet" href=(self.asset(style));
                    }
                    link rel="alternate" hreflang=(code(other)) href=(there);
                    // Before the first paint: the theme that was chosen.
                    script src=(self.asset("theme.js")) {}
                    script type="module" src=(self.asset("site.js")) {}
                    @for script in content.scripts {
                        script type="module" src=(self.asset(script)) {}
                    }
                }
                body {
                    a.skip href="#main" { (self.say("To the content", "본문으로 건너뛰기")) }
                    (self.header(other, &there))
                    div.columns {
                        (menu::menu(self))
                        main #main tabindex="-1" { (content.main) }
                    }
                    (self.footer())
                }
            }
        }
    }

    fn header(&self, other: Language, there: &str) -> Markup {
        html! {
            header.top {
                a.brand href=(self.to("")) { span.mark aria-hidden="true" { "K" } "KONA PLATE Open API" }
                form.search role="search" {
                    label.hidden for="search" { (self.say("Search operations, codes and fields", "API, 코드, 필드 검색")) }
                    input #search type="search" autocomplete="off" spellcheck="false"
                        placeholder=(self.say("Search: 007_008, recharge …", "검색: 007_008, 충전 …"))
                        data-index=(self.to("search.json")) data-root=(self.to(""))
                        data-none=(self.say("Nothing found", "검색 결과가 없습니다"))
                        role="combobox" aria-expanded="false" aria-controls="search-results" aria-autocomplete="list";
                    ul #search-results role="listbox" aria-label=(self.say("Search results", "검색 결과")) hidden {}
                }
                nav.tools aria-label=(self.say("Pages and settings", "페이지와 설정")) {
                    a href=(self.to("quickstart/")) { (self.say("Quick start", "빠른 시작")) }
                    a href=(self.to("codes/")) { (self.say("Codes", "코드")) }
                    a href=(self.to("coverage/")) { (self.say("Coverage", "확인 범위")) }
                    a href=(self.to("reference/")) { (self.say("Schemas", "스키마")) }
                    @if self.is_served {
                        a href=(self.to("sandbox/requests/")) { (self.say("Sandbox", "샌드박스")) }
                    }
                    a href=(there) lang=(code(other)) hreflang=(code(other)) { (other.pick("English", "한국어")) }
                    button #theme type="button" hidden
                        data-light=(self.say("Light theme", "밝은 테마")) data-dark=(self.say("Dark theme", "어두운 테마")) {}
                }
            }
        }
    }

    fn footer(&self) -> Markup {
        html! {
            footer.bottom {
                p {
                    (self.say(
                        "An independent description, neither made nor endorsed by KONA I. Version ",
                        "KONA I와 무관하게 독립적으로 작성한 문서이며, KONA I가 보증하지 않습니다. 버전 ",
                    ))
                    (self.spec.version()) "."
                }
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
