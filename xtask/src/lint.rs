use anyhow::{Result, bail};
use konaplate_codegen::bundle::Sources;
use konaplate_codegen::lint::lint;

use crate::at_root;

pub(crate) fn run() -> Result<()> {
    let findings = lint(&Sources::load(&at_root("openapi/src"))?);
    for finding in &findings {
        println!("{finding}\n");
    }
    if findings.is_empty() {
        println!("the description follows the rules");
        return Ok(());
    }
    bail!("{} findings", findings.len());
}
