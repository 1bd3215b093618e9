//! Who imports from whom: modules form no cycle, and in the client imports point down its layers.
//!
//! Reads the sources of every hand-written crate of the workspace ([`modules`]), follows each path
//! to the module that defines what it names ([`resolve`]), and looks for [`mod@cycles`] and for
//! imports against the [`layers`]. A module and one that it contains may import from each other.
//! Tests and generated code are left out.

mod cycles;
mod layers;
mod modules;
mod resolve;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use self::cycles::cycles;
use self::layers::{Layers, breaches};
use self::modules::Crate;
use self::resolve::{Import, imports};
use crate::{at_root, files};

/// The folders with hand-written crates, from the root of the project, and the layers that hold
/// there.
const CRATES: &[(&str, Option<Layers>)] = &[
    ("", Some(layers::CLIENT)),
    ("spec", None),
    ("codegen", None),
    ("sandbox", None),
    ("portal", None),
    ("journal", None),
    ("cli", None),
    ("chaos", None),
    ("model", None),
    ("xtask", None),
];

/// Prints what is wrong with the imports of each crate.
///
/// # Errors
/// Something is wrong, or a source cannot be read.
pub(crate) fn run() -> Result<()> {
    let mut wrong = 0;
    for (folder, layers) in CRATES {
        for root in roots(folder) {
            let read = |file: &Path| files::read(&at_root("").join(file)).ok();
            let of = Crate::read(&root, &read)?;
            let found = findings(&of, *layers);
            println!(
                "{}: {} modules, {}",
                root.display(),
                of.modules.len(),
                match found.len() {
                    0 => "imports are sound".to_owned(),
                    count => format!("{count} findings"),
                }
            );
            for finding in &found {
                print!("\n{finding}");
            }
            wrong += found.len();
        }
    }
    if wrong > 0 {
        bail!("{wrong} findings");
    }
    Ok(())
}

/// The roots of a package's crates: its library, its program, or both.
fn roots(folder: &str) -> impl Iterator<Item = PathBuf> {
    ["src/lib.rs", "src/main.rs"]
        .into_iter()
        .map(move |file| Path::new(folder).join(file))
        .filter(|file| at_root("").join(file).exists())
}

/// What is wrong with the imports of a crate, in words.
fn findings(of: &Crate, layers: Option<Layers>) -> Vec<String> {
    let imports = imports(of);
    let cycles = cycles(of, &imports);
    let mut found: Vec<_> = cycles
        .iter()
        .map(|cycle| {
            let names: Vec<_> = cycle
                .steps
                .iter()
                .map(|step| of.name(step.module))
                .collect();
            let mut text = format!("cycle: {} → {}\n", names.join(" → "), names[0]);
            for (index, step) in cycle.steps.iter().enumerate() {
                let next = &names[(index + 1) % names.len()];
                let _ = writeln!(text, "  {} imports from {next}:", names[index]);
                list(&mut text, of, &step.imports);
            }
            text
        })
        .collect();
    if let Some(layers) = layers {
        for breach in breaches(of, layers, &imports) {
            let mut text = format!("layers: {}\n", breach.problem);
            list(&mut text, of, &breach.imports);
            found.push(text);
        }
    }
    found
}

fn list(text: &mut String, of: &Crate, imports: &[&Import]) {
    // One path can go through several modules.
    let places: BTreeSet<_> = imports
        .iter()
        .map(|import| (import.from, import.line, &import.path))
        .collect();
    for (from, line, path) in places {
        let file = of.modules[from].file.display();
        let _ = writeln!(text, "    {file}:{line}: {path}");
    }
}
