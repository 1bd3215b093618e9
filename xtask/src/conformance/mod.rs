//! Whether every implementation does what `openapi/conformance` expects: this client, the gateway, and the
//! middleware of each other language. `openapi/conformance/README.md` says what the files are.

mod cases;
mod gateway;
mod languages;
mod rust;
mod settings;
mod table;
mod tally;
mod upstream;

use anyhow::{Result, bail, ensure};

use self::cases::Kit;
use self::tally::{Ran, Row};
use crate::steps;

/// Runs these implementations, or all, and prints a table.
///
/// # Errors
/// A case failed, or could not be run. On CI (the variable `CI` is set) nothing may be missing either.
pub(crate) fn run(names: &[String]) -> Result<()> {
    let all = all();
    if let Some(name) = names.iter().find(|name| !all.contains(&name.as_str())) {
        bail!("{name} is no implementation: {}", all.join(", "));
    }
    let wanted = |name: &&str| names.is_empty() || names.iter().any(|other| other == name);
    let kit = Kit::read()?;
    let rows: Vec<_> = all
        .into_iter()
        .filter(wanted)
        .map(|name| {
            eprintln!("{name}");
            let ran = of(name, &kit).unwrap_or_else(|error| Ran::Broken(format!("{error:#}")));
            Row { name, ran }
        })
        .collect();
    print!("{}", table::table(&rows));
    let on_ci = std::env::var_os("CI").is_some();
    let failed: Vec<_> = rows
        .iter()
        .filter(|row| !row.is_good(on_ci))
        .map(|row| row.name)
        .collect();
    ensure!(failed.is_empty(), "not as expected: {}", failed.join(", "));
    Ok(())
}

fn all() -> Vec<&'static str> {
    ["rust", "gateway"]
        .into_iter()
        .chain(steps::languages())
        .collect()
}

fn of(name: &str, kit: &Kit) -> Result<Ran> {
    match name {
        "rust" => rust::run(kit),
        "gateway" => gateway::run(kit),
        language => languages::run(language, kit),
    }
}
