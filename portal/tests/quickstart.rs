//! The quick start, in both languages.

use konaplate_portal::Site;
use konaplate_spec::Spec;

fn page(language: &str) -> String {
    let spec = Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
    let file = Site::of_files(&spec).file(&format!("{language}/quickstart/"));
    String::from_utf8(file.unwrap().body).unwrap()
}

#[test]
fn every_language_has_its_place_with_a_whole_program() {
    for html in [page("en"), page("ko")] {
        for id in [
            "curl",
            "rust",
            "typescript",
            "python",
            "java",
            "kotlin",
            "go",
        ] {
            assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
            assert!(html.contains(&format!("href=\"#{id}\"")), "{id}");
            assert!(html.contains(&format!("data-snippet=\"{id}\"")), "{id}");
        }
        assert_eq!(html.matches("9491339401250765").count(), 7 * 2 + 2);
    }
}

#[test]
fn every_word_of_the_delivery_is_explained() {
    let described = include_str!("../../cli/README.md");
    for html in [page("en"), page("ko")] {
        for word in [
            "not-sent",
            "not-carried-out",
            "declined",
            "earlier-call",
            "maybe-processed",
            "processed-unreadable",
        ] {
            assert!(html.contains(&format!("<code>{word}</code>")), "{word}");
            assert!(described.contains(&format!("`{word}`")), "{word}");
        }
    }
}

#[test]
fn every_variable_of_the_client_is_there() {
    let readme = include_str!("../../README.md");
    let names = readme
        .split(|c: char| !(c.is_ascii_uppercase() || c == '_'))
        .filter(|word| word.starts_with("KONAPLATE_"));
    for html in [page("en"), page("ko")] {
        for name in names.clone() {
            assert!(html.contains(name), "{name}");
        }
    }
}

#[test]
fn the_two_languages_have_the_same_parts() {
    let of = |html: &str| {
        let tags = html.split('<').skip(1);
        let names = tags.filter_map(|tag| tag.split([' ', '>']).next().map(str::to_owned));
        names.collect::<Vec<_>>()
    };
    let main = |html: String| html.split_once("<main").unwrap().1.to_owned();
    assert_eq!(of(&main(page("en"))), of(&main(page("ko"))));
    let korean = main(page("ko"));
    for english in [
        "Start it",
        "It prints",
        "What to do",
        "Generator",
        "Variable<",
    ] {
        assert!(!korean.contains(english), "{english}");
    }
}
