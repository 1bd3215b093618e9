//! Where the older bundle comes from.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use konaplate_spec::Spec;

use crate::bundle::BUNDLE;
use crate::files;

/// An older bundle.
#[derive(Debug)]
pub(super) struct Older {
    /// A file, a revision, or a tag.
    pub(super) name: String,
    pub(super) text: String,
}

impl Older {
    /// The bundle in that file or of that revision; without one, of the newest tag `v*`. None where
    /// there is no such tag.
    pub(super) fn find(repository: &Path, named: Option<&str>) -> Result<Option<Self>> {
        let name = match named {
            Some(name) => name.to_owned(),
            None => match newest_tag(repository)? {
                Some(tag) => tag,
                None => return Ok(None),
            },
        };
        let text = if named.is_some() && Path::new(&name).is_file() {
            files::read(Path::new(&name))?
        } else {
            git(repository, &["show", &format!("{name}:{BUNDLE}")])
                .with_context(|| format!("{name} is neither a file nor a revision with a bundle"))?
        };
        Ok(Some(Self { name, text }))
    }

    /// Its values.
    pub(super) fn spec(&self) -> Result<Spec> {
        Spec::from_yaml(&self.text).with_context(|| {
            format!(
                "{}: this bundle has another form than the one that this program reads, such as the \
                 form before evidence `page` and failures `400`. It cannot be compared: name a file or a \
                 revision with a bundle of the present form",
                self.name
            )
        })
    }
}

/// The newest tag `v*`.
pub(super) fn newest_tag(repository: &Path) -> Result<Option<String>> {
    // A release is newer than its own candidates: v1.0.0-rc.1 comes before v1.0.0.
    let suffix = ["-c", "versionsort.suffix=-"];
    let list = ["tag", "--list", "v*", "--sort=-version:refname"];
    let tags = git(repository, &[&suffix[..], &list[..]].concat())?;
    Ok(tags.lines().next().map(str::to_owned))
}

fn git(repository: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .current_dir(repository)
        .args(arguments)
        .output()
        .context("git cannot be run")?;
    ensure!(
        output.status.success(),
        "git {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8(output.stdout)?)
}
