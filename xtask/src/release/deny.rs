//! cargo-deny: licences with their texts, crates that are banned, and where crates come from. Known faults are looked
//! up where their database can be reached.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{at_root, tools};

const VERSION: &str = "0.20.2";

pub(super) fn run(_: &Workspace) -> Result<String> {
    let program = tools::built("cargo-deny", VERSION)?;
    tools::done(cargo_deny(&program).args(["check", "bans", "licenses", "sources"]))?;
    let fetched = cargo_deny(&program).args(["fetch", "db"]).output()?;
    if !fetched.status.success() {
        // The rest says nothing of advisories, and neither does the table.
        eprint!("{}", String::from_utf8_lossy(&fetched.stderr));
        return Ok(found(None));
    }
    let checked = cargo_deny(&program)
        .args(["check", "--disable-fetch", "advisories"])
        .status()?;
    if !checked.success() {
        bail!("a dependency has known faults: the advisories above");
    }
    Ok(found(Some(())))
}

fn found(advisories: Option<()>) -> String {
    let advisories = match advisories {
        Some(()) => "no advisory",
        None => "**advisories were not checked**: their database cannot be reached",
    };
    format!("bans, licences and sources are as deny.toml says; {advisories}")
}

fn cargo_deny(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(at_root("."));
    command
}
