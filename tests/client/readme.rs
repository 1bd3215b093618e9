//! Promise: the README's first block is a `Cargo.toml` that a person can paste. Its Rust blocks are
//! compiled and run with the documentation.

const README: &str = include_str!("../../README.md");

/// The lines of the first block in this language.
fn block(language: &str) -> Vec<&'static str> {
    let start = format!("```{language}");
    README
        .lines()
        .skip_while(|line| *line != start)
        .skip(1)
        .take_while(|line| *line != "```")
        .collect()
}

#[test]
fn the_dependencies_are_crates_of_this_repository_and_versions_that_it_uses() {
    let block = block("toml");
    assert_eq!(block[0], "[dependencies]");
    let manifest = include_str!("../../Cargo.toml");
    for line in &block[1..] {
        let (name, value) = line.split_once(" = ").unwrap();
        match value.split_once("path = \"../konaplate") {
            Some((_, folder)) => {
                let folder = folder.split('"').next().unwrap();
                let path = format!("{}{folder}/Cargo.toml", env!("CARGO_MANIFEST_DIR"));
                let package = std::fs::read_to_string(path).unwrap();
                assert!(package.contains(&format!("name = \"{name}\"")), "{name}");
            }
            None => {
                let major = value.split("version = \"").nth(1).unwrap();
                let major = major.split('"').next().unwrap();
                let used = format!("{name} = {{ version = \"{major}.");
                assert!(manifest.contains(&used), "{name} {major}");
            }
        }
    }
}

#[test]
fn no_rust_block_hides_a_line() {
    let mut in_rust = false;
    for line in README.lines() {
        match line {
            "```rust" => in_rust = true,
            "```" => in_rust = false,
            _ => assert!(
                !(in_rust && (line == "#" || line.starts_with("# "))),
                "{line}"
            ),
        }
    }
}
