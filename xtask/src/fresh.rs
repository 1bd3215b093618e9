//! Files that are made from others and kept in the repository.

use anyhow::{Result, bail};
use similar::TextDiff;

use crate::at_root;

/// Writes a file if it is not what it should be; with `check` prints the difference and fails.
pub(crate) fn keep_fresh(file: &str, fresh: &str, command: &str, check: bool) -> Result<()> {
    let path = at_root(file);
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    if fresh == current {
        println!("{file} is fresh");
        return Ok(());
    }
    if check {
        let diff = TextDiff::from_lines(current.as_str(), fresh);
        print!("{}", diff.unified_diff().header(file, "what it should be"));
        bail!("{file} is stale: run `cargo xtask {command}`");
    }
    std::fs::write(&path, fresh)?;
    println!("{file} written");
    Ok(())
}
