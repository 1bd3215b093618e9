//! Whether every link of the pages leads somewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::Site;

/// A page: where its links lead, and where links can lead in it.
struct Page {
    links: Vec<String>,
    ids: BTreeSet<String>,
}

/// The values of an attribute. Maud writes each as ` name="value"`, and no text with quotes in it.
fn values<'h>(html: &'h str, attribute: &str) -> impl Iterator<Item = &'h str> {
    let start = format!(" {attribute}=\"");
    let length = start.len();
    let places: Vec<_> = html
        .match_indices(&start)
        .map(|(place, _)| place + length)
        .collect();
    places
        .into_iter()
        .filter_map(|place| html[place..].split('"').next())
}

/// A link of a page as a path below the site's root, and its fragment. None where it leads away.
fn resolved<'l>(page: &str, link: &'l str) -> Option<(String, &'l str)> {
    let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() {
        return Some((page.to_owned(), fragment));
    }
    if path.contains(':') || path.starts_with('/') {
        return None;
    }
    let folder = page.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<_> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let mut rest = path.split('/').peekable();
    while let Some(part) = rest.next() {
        match part {
            ".." => {
                parts.pop()?;
            }
            "." => {}
            "" if rest.peek().is_none() => {}
            part => parts.push(part),
        }
    }
    let is_folder = path.ends_with('/') || path.ends_with("..");
    let end = if is_folder && !parts.is_empty() {
        "/"
    } else {
        ""
    };
    Some((parts.join("/") + end, fragment))
}

impl Site<'_> {
    /// Links and sources of the pages that lead nowhere on the site, or away from it, each with its page.
    #[must_use]
    pub fn dead_links(&self) -> Vec<String> {
        let mut pages = BTreeMap::new();
        let paths = self.paths();
        for path in &paths {
            let Some(file) = self
                .file(path)
                .filter(|file| file.content_type.starts_with("text/html"))
            else {
                continue;
            };
            let html = String::from_utf8_lossy(&file.body);
            let of = |attribute| values(&html, attribute).map(str::to_owned);
            let page = Page {
                links: of("href")
                    .chain(of("src"))
                    .chain(of("data-index"))
                    .collect(),
                ids: of("id").collect(),
            };
            pages.insert(path.as_str(), page);
        }
        let mut dead = Vec::new();
        for (path, page) in &pages {
            for link in &page.links {
                let is_there = resolved(path, link).is_some_and(|(to, fragment)| {
                    paths.contains(&to)
                        && (fragment.is_empty()
                            || pages
                                .get(to.as_str())
                                .is_none_or(|page| page.ids.contains(fragment)))
                });
                if !is_there {
                    dead.push(format!("/{path}: {link}"));
                }
            }
        }
        dead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_resolved_as_browsers_do() {
        let page = "en/operations/get_member/";
        for (link, expected) in [
            ("#codes", Some((page, "codes"))),
            ("../../", Some(("en/", ""))),
            ("../../codes/#007_008", Some(("en/codes/", "007_008"))),
            ("../../../assets/site.css", Some(("assets/site.css", ""))),
            ("../../../ko/", Some(("ko/", ""))),
            ("../../../", Some(("", ""))),
            ("../../../../x", None),
            ("http://example.com/", None),
            ("/codes/", None),
        ] {
            let expected =
                expected.map(|(path, fragment): (&str, &str)| (path.to_owned(), fragment));
            assert_eq!(resolved(page, link), expected, "{link}");
        }
    }
}
