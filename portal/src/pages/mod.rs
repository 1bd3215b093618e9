//! The pages.

mod codes;
mod coverage;
mod home;
mod operation;
mod quickstart;
mod reference;
mod sandbox;
pub(crate) mod try_it;

use konaplate_spec::{Language, Operation, Spec};
use maud::{Markup, html};

use crate::File;
use crate::frame::{self, Content, Frame};
use crate::{search, shell};

/// A page.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Page<'s> {
    Home,
    Operation(&'s Operation),
    Codes,
    Coverage,
    QuickStart,
    Reference,
    /// What the sandbox knows.
    Sandbox(sandbox::View),
}

/// Every page of a language.
pub(crate) fn all(spec: &Spec, is_served: bool) -> impl Iterator<Item = Page<'_>> {
    let views = sandbox::View::ALL.into_iter().filter(move |_| is_served);
    [
        Page::Home,
        Page::Codes,
        Page::Coverage,
        Page::QuickStart,
        Page::Reference,
    ]
    .into_iter()
    .chain(spec.operations().iter().map(Page::Operation))
    .chain(views.map(Page::Sandbox))
}

impl Page<'_> {
    /// Its path below that of its language.
    pub(crate) fn path(self) -> String {
        match self {
            Self::Home => String::new(),
            Self::Operation(operation) => format!("operations/{}/", operation.id),
            Self::Codes => "codes/".to_owned(),
            Self::Coverage => "coverage/".to_owned(),
            Self::QuickStart => "quickstart/".to_owned(),
            Self::Reference => "reference/".to_owned(),
            Self::Sandbox(view) => format!("sandbox/{}/", view.name()),
        }
    }

    fn content(self, frame: &Frame<'_>) -> Content {
        match self {
            Self::Home => home::content(frame),
            Self::Operation(operation) => operation::content(frame, operation),
            Self::Codes => codes::content(frame),
            Self::Coverage => coverage::content(frame),
            Self::QuickStart => quickstart::content(frame),
            Self::Reference => reference::content(frame),
            Self::Sandbox(view) => sandbox::content(frame, view),
        }
    }

    pub(crate) fn html(self, frame: &Frame<'_>) -> Markup {
        shell::page(frame, &self.content(frame))
    }

    pub(crate) fn policy(self) -> &'static str {
        match self {
            Self::Reference => reference::POLICY,
            _ => crate::POLICY,
        }
    }
}

/// What lies beside the pages of a language.
pub(crate) fn files() -> [&'static str; 2] {
    ["search.json", "reference/konaplate.json"]
}

/// A file that is no page.
pub(crate) fn file(spec: &Spec, language: Language, path: &str) -> Option<File> {
    let json = match path {
        "search.json" => search::index(spec, language),
        "reference/konaplate.json" => reference::description(spec, language),
        _ => return None,
    };
    Some(File {
        content_type: "application/json",
        body: json.to_string().into_bytes(),
        policy: crate::POLICY,
    })
}

/// The page that one comes to without a language.
pub(crate) fn languages() -> Markup {
    let main = html! {
        h1 { "KONA PLATE Open API" }
        p { a.button href="en/" hreflang="en" { "English" } " " a.button href="ko/" lang="ko" hreflang="ko" { "한국어" } }
    };
    shell::bare("en", "KONA PLATE Open API", "", &main)
}

/// What stands where there is no page.
pub(crate) fn missing(language: Option<Language>) -> Markup {
    let say = |english, korean| language.map_or(english, |it| it.pick(english, korean));
    let code = language.map_or("en", frame::code);
    let home = language.map_or("/".to_owned(), |it| format!("/{}/", frame::code(it)));
    let title = say("Page not found", "페이지를 찾을 수 없음");
    let main = html! {
        h1 { (say("There is no such page", "페이지를 찾을 수 없습니다")) }
        p { a.button href=(home) { (say("To the first page", "첫 페이지로 이동")) } }
    };
    shell::bare(code, &format!("{title} – KONA PLATE Open API"), "/", &main)
}
