//! The documents that are written by hand.

use std::path::Path;

use konaplate_spec::{Error, content};
use serde_json::Value;

use crate::document::{items, text};
use crate::files;

pub(crate) const COMMON: &str = "common.yaml";

/// One document of `openapi/src`.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// File name, such as `payments.yaml`.
    pub(crate) file: String,
    /// The text as it was written, by its content.
    pub(crate) text: String,
    /// The document.
    pub(crate) document: Value,
}

impl Source {
    /// Reads one document.
    pub(crate) fn from_yaml(file: &str, text: &str) -> Result<Self, Error> {
        let text = content(text).into_owned();
        let document =
            serde_saphyr::from_str(&text).map_err(|error| Error::new(file, error.to_string()))?;
        Ok(Self {
            file: file.to_owned(),
            text,
            document,
        })
    }

    /// The group that the document is about, from its file name.
    pub(crate) fn group(&self) -> &str {
        self.file.trim_end_matches(".yaml")
    }
}

/// The documents of a folder: the frame, what is shared, and the groups in the frame's order.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    /// `root.yaml`
    pub(crate) root: Source,
    /// `common.yaml`
    pub(crate) common: Source,
    /// A document for each tag of the frame, in that order.
    pub(crate) groups: Vec<Source>,
}

impl Sources {
    /// Reads `openapi/src`.
    pub(crate) fn load(folder: &Path) -> Result<Self, Error> {
        let read = |file: &str| Source::from_yaml(file, &files::read(&folder.join(file))?);
        let root = read("root.yaml")?;
        let common = read(COMMON)?;
        let groups = items(&root.document, "tags")
            .filter_map(|tag| text(tag, "name"))
            .map(|tag| read(&format!("{tag}.yaml")))
            .collect::<Result<Vec<_>, _>>()?;

        let listing = std::fs::read_dir(folder)
            .map_err(|error| Error::new(folder.display().to_string(), error.to_string()))?;
        for entry in listing.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let known = file == root.file
                || file == common.file
                || groups.iter().any(|group| group.file == file);
            if !known && entry.path().is_file() && is_document(&file) {
                return Err(Error::new(
                    file,
                    "no tag of root.yaml has this name, so the bundle would leave it out; give it a tag, \
                     or remove the file",
                ));
            }
        }
        Ok(Self {
            root,
            common,
            groups,
        })
    }

    /// All documents, the frame first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Source> {
        [&self.root, &self.common].into_iter().chain(&self.groups)
    }
}

/// Whether a file beside the documents is meant as one, and is not what an editor, a file manager or
/// git left there.
fn is_document(file: &str) -> bool {
    let Some((name, "yaml" | "yml" | "json")) = file.rsplit_once('.') else {
        // `recharges.yaml~`, `#recharges.yaml#`, `recharges.yaml.orig`, `README.md`.
        return false;
    };
    let hidden = name.starts_with(['.', '#', '~', '$']);
    // `recharges (copy)`, `recharges - Copy`: no group has a blank in its name.
    let copy = name.contains([' ', '(']);
    // `recharges_LOCAL_1234`: the sides of a merge.
    let side = ["_BACKUP_", "_BASE_", "_LOCAL_", "_REMOTE_"]
        .iter()
        .any(|side| name.contains(side));
    !hidden && !copy && !side
}

#[cfg(test)]
mod content_not_bytes {
    use super::*;
    use crate::bundle::join;
    use crate::files::Folder;

    const ROOT: &str = "openapi: 3.0.3\ntags:\n  - name: gifts\n";
    const SHARED: &str = "components:\n  schemas:\n    A: {type: string}\n";
    /// Its last line is the end of a block, which keeps its line break.
    const GIFTS: &str =
        "paths:\n  /gift:\n    post:\n      description: |\n        First.\n\n        Last.\n";

    /// A folder with the documents, each with its bytes changed.
    fn folder(change: impl Fn(&str) -> String) -> Folder {
        let folder = Folder::new("sources");
        for (file, text) in [
            ("root.yaml", ROOT),
            ("common.yaml", SHARED),
            ("gifts.yaml", GIFTS),
        ] {
            folder.with(file, change(text).as_bytes());
        }
        folder
    }

    fn joined(folder: &Folder) -> Result<Value, Error> {
        join(&Sources::load(folder.path())?)
    }

    #[test]
    fn documents_say_the_same_whatever_their_bytes() {
        let sound = joined(&folder(str::to_owned)).unwrap();
        let description = &sound["paths"]["/gift"]["post"]["description"];
        assert_eq!(description, "First.\n\nLast.\n");
        let changes: [fn(&str) -> String; 5] = [
            |text| text.replace('\n', "\r\n"),
            |text| format!("\u{feff}{text}"),
            |text| text.trim_end().to_owned(),
            |text| format!("\u{feff}{}", text.replace('\n', "\r\n")),
            |text| text.trim_end().replace('\n', "\r\n"),
        ];
        for change in changes {
            let folder = folder(change);
            assert_eq!(joined(&folder).unwrap(), sound, "{:?}", change(GIFTS));
            let sources = Sources::load(folder.path()).unwrap();
            assert_eq!(sources.groups[0].text, GIFTS, "lines are counted in it");
        }
    }

    #[test]
    fn leftovers_beside_the_documents_are_ignored() {
        let folder = folder(str::to_owned);
        let sound = joined(&folder).unwrap();
        for file in [
            ".gifts.yaml.swp",
            ".gifts.yaml",
            ".#gifts.yaml",
            "._gifts.yaml",
            "#gifts.yaml#",
            "gifts.yaml~",
            "~gifts.yaml",
            "gifts.yaml.orig",
            "gifts.yaml.rej",
            "gifts.yaml.bak",
            "gifts.yaml.tmp",
            "gifts (copy).yaml",
            "gifts - Copy.yaml",
            "gifts copy 2.yaml",
            "gifts_LOCAL_4711.yaml",
            "gifts_REMOTE_4711.yaml",
            ".DS_Store",
            "Thumbs.db",
            "desktop.ini",
            "4913",
        ] {
            folder.with(file, b"\xff not: [yaml");
            assert_eq!(joined(&folder).as_ref(), Ok(&sound), "{file}");
        }
        for directory in ["drafts", "drafts.yaml", ".idea"] {
            std::fs::create_dir(folder.path().join(directory)).unwrap();
            assert_eq!(joined(&folder).as_ref(), Ok(&sound), "{directory}");
        }
    }

    #[test]
    fn a_document_without_a_tag_is_not_ignored() {
        for file in [
            "cards.yaml",
            "cards.yml",
            "Gifts.yaml",
            "gifts_v2.yaml",
            "cards.json",
        ] {
            let folder = folder(str::to_owned);
            folder.with(file, b"paths: {}");
            let error = joined(&folder).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("{file}: no tag of root.yaml")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_document_that_is_not_utf_8_is_named() {
        let folder = folder(str::to_owned);
        folder.with("gifts.yaml", b"\xff\xfep\0a\0");
        let error = joined(&folder).unwrap_err().to_string();
        assert!(
            error.contains("gifts.yaml: is not UTF-8 from byte 0 on"),
            "{error}"
        );
    }
}
