//! The reference as files, for any server: `target/site`.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use konaplate_portal::Site;
use konaplate_spec::Spec;

use crate::bundle::BUNDLE;
use crate::{at_root, files};

/// Where it is written.
pub(crate) const FOLDER: &str = "target/site";

pub(crate) fn run(check: bool) -> Result<()> {
    let spec = Spec::from_yaml(&files::read(&at_root(BUNDLE))?)?;
    let site = Site::of_files(&spec);
    let dead = site.dead_links();
    ensure!(
        dead.is_empty(),
        "links that lead nowhere:\n{}",
        dead.join("\n")
    );
    let paths = site.paths();
    if check {
        println!("{} files, and every link leads to one of them", paths.len());
        return Ok(());
    }
    let folder = at_root(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder).context(FOLDER)?;
    }
    let mut bytes = 0;
    for path in &paths {
        let file = site
            .file(path)
            .with_context(|| format!("no file of {path}"))?;
        bytes += file.body.len();
        write(&folder, path, &file.body)?;
    }
    println!("{FOLDER}: {} files, {} KB", paths.len(), bytes / 1024);
    Ok(())
}

/// A page lies in the folder of its path, as `index.html`.
fn write(folder: &Path, path: &str, body: &[u8]) -> Result<()> {
    let is_page = path.is_empty() || path.ends_with('/');
    let mut file = folder.join(path);
    if is_page {
        file.push("index.html");
    }
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(&file, body).with_context(|| file.display().to_string())
}
