//! The pages as a whole.

use std::sync::LazyLock;

use konaplate_portal::{FOLDERS, LANGUAGES, Site};
use konaplate_spec::Spec;

static SPEC: LazyLock<Spec> = LazyLock::new(|| Spec::from_yaml(konaplate::DESCRIPTION).unwrap());

fn html(site: &Site<'_>, path: &str) -> String {
    String::from_utf8(site.file(path).expect(path).body).unwrap()
}

#[test]
fn every_link_leads_to_a_page_of_the_site() {
    for site in [Site::of_files(&SPEC), Site::of_sandbox(&SPEC)] {
        let dead = site.dead_links();
        assert!(dead.is_empty(), "{dead:#?}");
    }
}

#[test]
fn every_path_is_a_file_and_every_page_has_one_heading_and_no_script_in_it() {
    for site in [Site::of_files(&SPEC), Site::of_sandbox(&SPEC)] {
        for path in site.paths() {
            let file = site.file(&path).expect(&path);
            let folder = path.split('/').next().unwrap();
            assert!(path.is_empty() || FOLDERS.contains(&folder), "{path}");
            assert!(!file.body.is_empty(), "{path}");
            if !file.content_type.starts_with("text/html") {
                continue;
            }
            let html = String::from_utf8(file.body).unwrap();
            assert_eq!(html.matches("<h1").count(), 1, "{path}");
            assert!(
                !html.contains(" style=\"") && !html.contains("<style"),
                "{path}"
            );
            for (place, _) in html.match_indices("<script") {
                assert!(
                    html[place..].split('>').next().unwrap().contains(" src=\""),
                    "{path}"
                );
            }
        }
    }
}

#[test]
fn there_is_a_page_of_each_operation_and_a_row_of_each_code_in_both_languages() {
    let site = Site::of_files(&SPEC);
    for language in LANGUAGES {
        let code = language.pick("en", "ko");
        let codes = html(&site, &format!("{code}/codes/"));
        for code in SPEC.codes() {
            assert!(
                codes.contains(&format!(" id=\"{}\"", code.code)),
                "{}",
                code.code
            );
        }
        for operation in SPEC.operations() {
            let page = html(&site, &format!("{code}/operations/{}/", operation.id));
            assert!(page.contains(&operation.path), "{}", operation.id);
            assert!(
                page.contains(
                    language
                        .pick(&operation.summary, &operation.summary_ko)
                        .split(['<', '&', '"'])
                        .next()
                        .unwrap()
                )
            );
        }
    }
}

#[test]
fn the_menu_has_every_title_of_the_vendors() {
    let home = html(&Site::of_files(&SPEC), "en/");
    let escaped = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
    };
    for operation in SPEC.operations() {
        assert!(
            home.contains(&escaped(&operation.title)),
            "{}",
            operation.title
        );
    }
    for (_, titles) in SPEC.not_found() {
        for title in titles {
            assert!(home.contains(&escaped(title)), "{title}");
        }
    }
}

#[test]
fn only_what_a_sandbox_serves_has_try_it() {
    let path = "en/operations/get_member/";
    assert!(!html(&Site::of_files(&SPEC), path).contains("id=\"try\""));
    assert!(html(&Site::of_sandbox(&SPEC), path).contains("id=\"try\""));
    assert!(
        !Site::of_files(&SPEC)
            .paths()
            .iter()
            .any(|path| path.contains("sandbox/"))
    );
}
