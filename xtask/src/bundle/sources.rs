//! The documents that are written by hand.

use std::path::Path;

use konaplate_spec::Error;
use serde_json::Value;

use crate::document::{items, text};

pub(crate) const COMMON: &str = "common.yaml";

/// One document of `openapi/src`.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// File name, such as `payments.yaml`.
    pub(crate) file: String,
    /// The text as it was written.
    pub(crate) text: String,
    /// The document.
    pub(crate) document: Value,
}

impl Source {
    /// Reads one document.
    pub(crate) fn from_yaml(file: &str, text: &str) -> Result<Self, Error> {
        let document =
            serde_saphyr::from_str(text).map_err(|error| Error::new(file, error.to_string()))?;
        Ok(Self {
            file: file.to_owned(),
            text: text.to_owned(),
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
        let read = |file: &str| {
            let path = folder.join(file);
            let text = std::fs::read_to_string(&path)
                .map_err(|error| Error::new(path.display().to_string(), error.to_string()))?;
            Source::from_yaml(file, &text)
        };
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
            if !known {
                return Err(Error::new(
                    file,
                    "no tag of root.yaml has this name, so the bundle would leave it out",
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
