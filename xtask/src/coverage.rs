use anyhow::Result;
use konaplate_codegen::Description;
use konaplate_codegen::coverage::coverage;

use crate::at_root;
use crate::bundle::BUNDLE;

pub(crate) fn run(check: bool) -> Result<()> {
    let description = Description::from_yaml(&std::fs::read_to_string(at_root(BUNDLE))?)?;
    let table = coverage(&description)?;
    if !check {
        print!("{table}");
    }
    Ok(())
}
