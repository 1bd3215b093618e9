//! All schemas, drawn by Redoc: see `REFERENCE.md`.

use konaplate_spec::{Language, Spec};
use maud::html;
use serde_json::Value;

use crate::frame::{Content, Frame};

/// That of all pages, and the hash of the empty text: Redoc adds its rules to an empty style.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The description as Redoc reads it.
pub(super) fn description(spec: &Spec, language: Language) -> Value {
    match language {
        Language::English => spec.document().clone(),
        Language::Korean => spec.in_korean(),
    }
}

pub(super) fn content(frame: &Frame<'_>) -> Content {
    let title = frame.say("All schemas", "전체 스키마");
    let intro = frame.say(
        "The whole description as it stands, with every schema and example.",
        "모든 스키마와 예시를 포함한 API 명세 전체입니다.",
    );
    let main = html! {
        div #reference data-description="konaplate.json" {
            main #main tabindex="-1" {
                h1 { (title) }
                p.lead { (intro) }
                ul {
                    @for operation in frame.spec.operations() {
                        li {
                            a href=(frame.operation(&operation.id)) { (operation.id) } " "
                            (frame.language.pick(&operation.summary, &operation.summary_ko))
                        }
                    }
                }
            }
        }
        aside.drawn aria-label="Redoc" {
            p {
                (frame.say("Drawn by Redoc, under the ", "Redoc으로 표시합니다. "))
                a href=(frame.asset("vendor/redoc/LICENSE")) { (frame.say("MIT licence", "MIT 라이선스")) }
            }
        }
    };
    Content {
        scripts: &["reference.js"],
        styles: &["reference.css"],
        policy: POLICY,
        is_whole: true,
        ..Content::new(title, intro, main)
    }
}
