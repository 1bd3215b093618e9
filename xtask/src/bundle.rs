use anyhow::Result;
use konaplate_codegen::bundle::{Sources, bundle, to_yaml};

use crate::at_root;
use crate::fresh::keep_fresh;

pub(crate) const BUNDLE: &str = "openapi/konaplate.yaml";

pub(crate) fn run(check: bool) -> Result<()> {
    let sources = Sources::load(&at_root("openapi/src"))?;
    keep_fresh(BUNDLE, &to_yaml(&bundle(&sources)?)?, "bundle", check)
}
