use anyhow::Result;
use konaplate_codegen::Description;
use konaplate_codegen::coverage::{page, table};

use crate::at_root;
use crate::bundle::BUNDLE;
use crate::fresh::keep_fresh;

pub(crate) fn run(check: bool) -> Result<()> {
    let description = Description::from_yaml(&std::fs::read_to_string(at_root(BUNDLE))?)?;
    print!("{}", table(&description)?);
    keep_fresh(
        "openapi/COVERAGE.md",
        &page(&description)?,
        "coverage",
        check,
    )
}
