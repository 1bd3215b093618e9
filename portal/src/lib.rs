#![doc = include_str!("../README.md")]

mod assets;
mod exchange;
mod frame;
mod glance;
mod inline;
mod links;
mod markdown;
mod menu;
mod operation;
mod pages;
mod quickstart;
mod search;
mod shell;
mod snippets;
mod wide;

use std::collections::BTreeSet;

use konaplate_spec::{Language, Spec};

use self::frame::Frame;

/// The languages that there are pages in.
pub const LANGUAGES: [Language; 2] = [Language::English, Language::Korean];

/// The first parts of all paths.
pub const FOLDERS: [&str; 3] = ["assets", "en", "ko"];

/// What a browser may load and run on a page, as a Content-Security-Policy: what comes from the same origin, and no
/// script and no style that stands in a page.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                          font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                          frame-ancestors 'none'";

/// The pages of the reference, made of a description.
#[derive(Debug)]
pub struct Site<'s> {
    spec: &'s Spec,
    is_served: bool,
}

/// A file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its type, as HTTP names it.
    pub content_type: &'static str,
    /// What is in it.
    pub body: Vec<u8>,
    /// The Content-Security-Policy that it needs.
    pub policy: &'static str,
}

impl<'s> Site<'s> {
    /// Pages without what needs a sandbox behind them: for a server of files.
    #[must_use]
    pub fn of_files(spec: &'s Spec) -> Self {
        Self {
            spec,
            is_served: false,
        }
    }

    /// Pages that a sandbox serves: with Try It, and with what the sandbox knows.
    #[must_use]
    pub fn of_sandbox(spec: &'s Spec) -> Self {
        Self {
            spec,
            is_served: true,
        }
    }

    /// Every path, without a slash before it. That of a page ends with a slash, or is empty.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        let mut paths: BTreeSet<_> = assets::paths(self.is_served).map(str::to_owned).collect();
        paths.insert(String::new());
        for language in LANGUAGES {
            let code = frame::code(language);
            for page in pages::all(self.spec, self.is_served) {
                paths.insert(format!("{code}/{}", page.path()));
            }
            for file in pages::files() {
                paths.insert(format!("{code}/{file}"));
            }
        }
        paths
    }

    /// The file of a path.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<File> {
        if path.is_empty() {
            return Some(File::html(pages::languages(), POLICY));
        }
        if let Some(asset) = assets::find(path, self.is_served) {
            return Some(asset);
        }
        let (code, rest) = path.split_once('/')?;
        let language = LANGUAGES
            .into_iter()
            .find(|language| frame::code(*language) == code)?;
        if let Some(file) = pages::file(self.spec, language, rest) {
            return Some(file);
        }
        let page = pages::all(self.spec, self.is_served).find(|page| page.path() == rest)?;
        let frame = Frame {
            spec: self.spec,
            language,
            is_served: self.is_served,
            path: &page.path(),
        };
        Some(File::html(page.html(&frame), page.policy()))
    }

    /// What a server shows where there is no file: in the language of the path. Its links begin at the root.
    #[must_use]
    pub fn missing(&self, path: &str) -> File {
        let folder = path.split('/').next().unwrap_or_default();
        let mut languages = LANGUAGES.into_iter();
        let language = languages.find(|language| frame::code(*language) == folder);
        File::html(pages::missing(language), POLICY)
    }
}

impl File {
    fn html(page: maud::Markup, policy: &'static str) -> Self {
        Self {
            content_type: "text/html; charset=utf-8",
            body: page.into_string().into_bytes(),
            policy,
        }
    }
}
