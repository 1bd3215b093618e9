//! Files that are made from others and kept in the repository.

use std::path::Path;

use anyhow::{Result, bail};
use konaplate_spec::content;
use similar::TextDiff;

use crate::{at_root, files};

/// Writes a file if its content is not what it should be; with `check` prints the difference and fails.
pub(crate) fn keep_fresh(file: &str, fresh: &str, command: &str, check: bool) -> Result<()> {
    keep(&at_root(file), file, fresh, command, check)
}

/// The same for the file at that path.
fn keep(path: &Path, file: &str, fresh: &str, command: &str, check: bool) -> Result<()> {
    let current = if path.exists() {
        files::read(path)?
    } else {
        String::new()
    };
    if content(fresh) == current {
        println!("{file} is fresh");
        return Ok(());
    }
    if check {
        let diff = TextDiff::from_lines(current.as_str(), fresh);
        print!("{}", diff.unified_diff().header(file, "what it should be"));
        bail!("{file} is stale: run `cargo xtask {command}`");
    }
    std::fs::write(path, fresh)?;
    println!("{file} written");
    Ok(())
}

#[cfg(test)]
mod content_not_bytes {
    use super::*;
    use crate::files::Folder;

    /// Whether the check passes where the file has these bytes.
    fn passes(bytes: &[u8]) -> bool {
        let folder = Folder::new("fresh");
        let path = folder.with("made.md", bytes);
        let passes = keep(&path, "made.md", "# Made\n\ntext\n", "make", true).is_ok();
        assert_eq!(
            std::fs::read(&path).unwrap(),
            bytes,
            "a check writes nothing"
        );
        passes
    }

    #[test]
    fn a_made_file_is_fresh_whatever_the_checkout_made_of_its_lines() {
        for bytes in [
            "# Made\n\ntext\n",
            "# Made\r\n\r\ntext\r\n",
            "\u{feff}# Made\n\ntext\n",
            "# Made\n\ntext",
            "\u{feff}# Made\r\n\r\ntext",
        ] {
            assert!(passes(bytes.as_bytes()), "{bytes:?}");
        }
    }

    #[test]
    fn a_made_file_with_other_content_is_stale() {
        for bytes in [
            "# Made\n\nother\n",
            "# Made\n\ntext\n\n",
            "# Made\ntext\n",
            "",
        ] {
            assert!(!passes(bytes.as_bytes()), "{bytes:?}");
        }
        assert!(!passes(b"# Made\n\xff\n"));
    }

    #[test]
    fn what_has_the_content_is_not_written_again() {
        let folder = Folder::new("fresh-kept");
        let path = folder.with("made.md", b"a\r\n");
        keep(&path, "made.md", "a\n", "make", false).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"a\r\n");
        keep(&path, "made.md", "b\n", "make", false).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"b\n");
    }
}
