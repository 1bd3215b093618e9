//! The pages of the sandbox, in both languages: frames that their scripts fill.

use std::collections::BTreeSet;

use konaplate_portal::Site;
use konaplate_spec::Spec;

const VIEWS: [&str; 5] = ["requests", "ledger", "faults", "clock", "callbacks"];

fn spec() -> Spec {
    Spec::from_yaml(konaplate::DESCRIPTION).unwrap()
}

fn text(site: &Site<'_>, path: &str) -> String {
    let file = site.file(path);
    let file = file.unwrap_or_else(|| panic!("{path} is not there"));
    String::from_utf8(file.body).unwrap()
}

/// What stands behind a start, up to a quotation mark.
fn values<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    let parts = text.split(start).skip(1);
    parts.filter_map(|rest| rest.split('"').next()).collect()
}

/// Calls a check with each page.
fn every(check: impl Fn(&Site<'_>, &str, &str)) {
    let spec = spec();
    let site = Site::of_sandbox(&spec);
    for language in ["en", "ko"] {
        for view in VIEWS {
            let path = format!("{language}/sandbox/{view}/");
            check(&site, &path, &text(&site, &path));
        }
    }
}

#[test]
fn a_server_of_files_has_none_of_them() {
    let spec = spec();
    let paths = Site::of_files(&spec).paths();
    let is_of_sandbox = |path: &&String| path.contains("sandbox/") || path.ends_with("/try.js");
    assert_eq!(paths.iter().find(is_of_sandbox), None);
}

#[test]
fn each_leads_to_the_others_and_says_where_it_is() {
    every(|_, path, html| {
        let (_, tabs) = html.split_once("<nav class=\"tabs\"").unwrap();
        let (tabs, _) = tabs.split_once("</nav>").unwrap();
        for view in VIEWS {
            assert!(
                tabs.contains(&format!("sandbox/{view}/\"")),
                "{path}: {view}"
            );
        }
        assert_eq!(tabs.matches("aria-current=\"page\"").count(), 1, "{path}");
    });
}

#[test]
fn ids_are_there_once_and_what_names_one_finds_it() {
    every(|_, path, html| {
        let ids = values(html, " id=\"");
        let once: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), once.len(), "{path}");
        for name in ["aria-labelledby=\"", " for=\"", " list=\"", "href=\"#"] {
            for id in values(html, name) {
                assert!(once.contains(id), "{path}: {name}{id}");
            }
        }
    });
}

#[test]
fn a_script_has_every_element_that_it_asks_for_and_every_module() {
    every(|site, path, html| {
        let ids: BTreeSet<_> = values(html, " id=\"").into_iter().collect();
        let view = path.split('/').nth(2).unwrap();
        let script = text(site, &format!("assets/sandbox/{view}.js"));
        for id in values(&script, "byId(\"") {
            assert!(ids.contains(id), "{path}: {id}");
        }
        for id in ["status", "alert"] {
            assert!(ids.contains(id), "{path}: {id}");
        }
        for module in values(&script, " from \"") {
            let place = match module.strip_prefix("../") {
                Some(above) => format!("assets/{above}"),
                None => format!("assets/sandbox/{}", module.trim_start_matches("./")),
            };
            assert!(site.file(&place).is_some(), "{path}: {module}");
        }
    });
}

#[test]
fn no_script_of_our_own_writes_html() {
    let spec = spec();
    let site = Site::of_sandbox(&spec);
    // Redoc's own are held by the policy of its page.
    let is_ours = |path: &&String| path.ends_with(".js") && !path.contains("/vendor/");
    for path in site.paths().iter().filter(is_ours) {
        let script = text(&site, path);
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
        ] {
            assert!(!script.contains(way), "{path}: {way}");
        }
    }
}

#[test]
fn what_is_missing_is_said_in_the_language_of_its_path() {
    let spec = spec();
    let site = Site::of_sandbox(&spec);
    for (path, part) in [
        ("ko/none/", "lang=\"ko\""),
        ("en/none/", "lang=\"en\""),
        ("fr/none/", "href=\"/\""),
    ] {
        let html = String::from_utf8(site.missing(path).body).unwrap();
        assert!(html.contains(part), "{path}: {html}");
    }
}
