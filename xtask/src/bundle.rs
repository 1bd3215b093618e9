use anyhow::{Result, bail};
use konaplate_codegen::bundle::{Sources, bundle, to_yaml};
use similar::TextDiff;

use crate::at_root;

pub(crate) const BUNDLE: &str = "openapi/konaplate.yaml";

pub(crate) fn run(check: bool) -> Result<()> {
    let sources = Sources::load(&at_root("openapi/src"))?;
    let fresh = to_yaml(&bundle(&sources)?)?;
    let path = at_root(BUNDLE);
    let current = std::fs::read_to_string(&path).unwrap_or_default();
    if fresh == current {
        println!("{BUNDLE} is fresh");
        return Ok(());
    }
    if check {
        let diff = TextDiff::from_lines(&current, &fresh);
        print!(
            "{}",
            diff.unified_diff().header(BUNDLE, "made from openapi/src")
        );
        bail!("{BUNDLE} is stale: run `cargo xtask bundle`");
    }
    std::fs::write(&path, fresh)?;
    println!("{BUNDLE} written");
    Ok(())
}
