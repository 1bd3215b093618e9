//! The page of every operation, in both languages.

use std::sync::OnceLock;

use konaplate_portal::{LANGUAGES, Site};
use konaplate_spec::{Language, Spec};

fn spec() -> Spec {
    Spec::from_yaml(konaplate::DESCRIPTION).unwrap()
}

fn page(site: &Site<'_>, language: Language, id: &str) -> String {
    let path = format!("{}/operations/{id}/", language.pick("en", "ko"));
    String::from_utf8(site.file(&path).unwrap().body).unwrap()
}

/// Text as it stands in HTML.
fn escaped(text: &str) -> String {
    maud::html! { (text) }.into_string()
}

/// The page of every operation, by its place among them: with and without a sandbox, in each language.
fn pages() -> &'static [(usize, Language, String)] {
    static PAGES: OnceLock<Vec<(usize, Language, String)>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let spec = spec();
        let sites = [Site::of_files(&spec), Site::of_sandbox(&spec)];
        let all = spec.operations().iter().enumerate();
        all.flat_map(|(index, operation)| {
            let sites = &sites;
            LANGUAGES.into_iter().flat_map(move |language| {
                let page = move |site| (index, language, page(site, language, &operation.id));
                sites.iter().map(page)
            })
        })
        .collect()
    })
}

/// Calls a check with the page of every operation.
fn every(check: impl Fn(&Spec, &konaplate_spec::Operation, Language, &str)) {
    let spec = spec();
    for (index, language, html) in pages() {
        check(&spec, &spec.operations()[*index], *language, html);
    }
}

#[test]
fn it_says_what_is_known_of_the_operation() {
    every(|spec, operation, language, html| {
        let id = &operation.id;
        let has = |text: &str| assert!(html.contains(&escaped(text)), "{id}: {text}");
        has(&operation.path);
        has(&operation.title);
        has(language.pick(&operation.summary, &operation.summary_ko));
        for body in [&operation.request, &operation.response] {
            for placed in spec.placed(body) {
                let name = escaped(&placed.name).replace('.', ".<wbr>");
                assert!(html.contains(&name), "{id}: {name}");
                if let Some(kind) = placed.sensitive() {
                    has(kind);
                }
                for (value, _) in placed.values() {
                    has(value);
                }
            }
            for example in &body.examples {
                has(&example.json);
            }
        }
        for failure in &operation.failures {
            has(&failure.message);
            has(language.pick(&failure.meaning, &failure.meaning_ko));
            has(&format!("codes/#{}", failure.code));
        }
        for failure in &operation.unlisted_failures {
            has(failure);
        }
        for proof in operation.outcome.iter().flat_map(|it| &it.proofs) {
            has(&format!("codes/#{}", proof.code));
            if let Some(reason) = &proof.reason {
                has(language.pick(&reason.en, &reason.ko));
            }
        }
        for page in &operation.source {
            has(page);
        }
        let is_incomplete = [&operation.request, &operation.response]
            .into_iter()
            .any(|body| spec.schema(&body.schema).is_incomplete());
        let note = language.pick("there may be others", "다른 필드가 있을 수 있습니다");
        assert_eq!(html.contains(note), is_incomplete, "{id}");
    });
}

#[test]
fn a_call_that_moves_money_is_warned_of_first() {
    every(|_, operation, _, html| {
        let warning = html.find("class=\"warning\"");
        assert_eq!(warning.is_some(), operation.outcome.is_some());
        assert!(warning.is_none_or(|at| at < html.find("id=\"request\"").unwrap()));
    });
}

#[test]
fn headings_are_in_order_below_the_only_first_one() {
    every(|_, operation, _, html| {
        let mut last = 0;
        let mut first = 0;
        for (at, _) in html.match_indices("<h") {
            let Some(level) = html[at + 2..].chars().next().and_then(|c| c.to_digit(10)) else {
                continue;
            };
            assert!(
                level <= last + 1,
                "{}: {}",
                operation.id,
                &html[at..at + 40]
            );
            first += u32::from(level == 1);
            last = level;
        }
        assert_eq!(first, 1, "{}", operation.id);
    });
}

#[test]
fn no_id_is_there_twice() {
    every(|_, operation, _, html| {
        let mut ids: Vec<_> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{}", operation.id);
        for (name, at) in ["aria-labelledby=\"", " for=\"", "href=\"#"]
            .iter()
            .flat_map(|name| html.split(name).skip(1).map(move |rest| (name, rest)))
        {
            let id = at.split('"').next().unwrap();
            assert!(ids.contains(&id), "{}: {name}{id}", operation.id);
        }
    });
}

#[test]
fn what_scrolls_can_be_reached_and_has_a_name() {
    every(|_, operation, _, html| {
        for tag in ["<pre", "<div class=\"wide\""] {
            for rest in html.split(tag).skip(1) {
                let attributes = rest.split('>').next().unwrap();
                assert!(
                    attributes.contains("tabindex=\"0\""),
                    "{}: {tag}{attributes}",
                    operation.id
                );
                assert!(
                    attributes.contains("aria-label") || attributes.contains("data-language"),
                    "{}: {tag}{attributes}",
                    operation.id
                );
            }
        }
    });
}

#[test]
fn a_page_in_korean_has_no_english_words_of_its_own() {
    every(|_, operation, language, html| {
        if language == Language::English {
            return;
        }
        for words in [
            ">Request<",
            ">Response<",
            ">Codes<",
            ">Example",
            "\">required</td>",
            "\">optional</td>",
            ">Copy<",
            ">Send<",
            ">Source<",
            "Evidence:",
        ] {
            assert!(!html.contains(words), "{}: {words}", operation.id);
        }
    });
}

mod try_it {
    use super::*;

    #[test]
    fn is_there_only_where_a_sandbox_serves_the_page() {
        let with = |html: &String| html.contains("id=\"try\"") && html.contains("try.js");
        let without = |html: &String| !html.contains("id=\"try\"") && !html.contains("try.js");
        let pages = || pages().iter().map(|(_, _, html)| html);
        assert!(pages().all(|html| with(html) || without(html)));
        assert_eq!(
            pages().filter(|html| with(html)).count() * 2,
            pages().count()
        );
    }

    #[test]
    fn it_offers_every_example_and_every_code() {
        every(|_, operation, _, html| {
            if !html.contains("id=\"try\"") {
                return;
            }
            for example in &operation.request.examples {
                assert!(html.contains(&format!("value=\"example:{}\"", example.name)));
            }
            for failure in &operation.failures {
                let by_code = html.contains(&format!("value=\"code:{}\"", failure.code));
                let by_name = html.contains(&format!("value=\"code:{}\"", failure.name));
                assert!(by_code != by_name, "{}: {}", operation.id, failure.name);
            }
        });
    }
}
