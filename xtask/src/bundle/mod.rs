//! Many documents for people, three for tools.
//!
//! `openapi/src` holds `root.yaml` (the frame), `common.yaml` (what is shared) and one complete
//! document a group ([`sources`]). They are [joined](join()) to one document, of which the
//! [`views`] are made: the bundle, the same in Korean, and what a client sees behind a gateway. The
//! [`flags`] are what of it a program in another language decides on.

mod flags;
mod gateway;
mod join;
mod outcomes;
pub(crate) mod sources;
mod views;
mod write;

use anyhow::Result;

use self::sources::Sources;
use crate::at_root;
use crate::fresh::keep_fresh;

pub(crate) use join::join;
pub(crate) use views::{View, view};
pub(crate) use write::to_yaml;

/// The bundle: what the client is generated from.
pub(crate) const BUNDLE: &str = "openapi/konaplate.yaml";

/// The files that are made, and what each is.
pub(crate) const FILES: [(&str, View); 3] = [
    (BUNDLE, View::English),
    ("openapi/konaplate.ko.yaml", View::Korean),
    ("openapi/konaplate-gateway.yaml", View::Gateway),
];

pub(crate) fn run(check: bool) -> Result<()> {
    let document = join(&Sources::load(&at_root("openapi/src"))?)?;
    for (file, kind) in FILES {
        keep_fresh(
            file,
            &to_yaml(&view(&document, kind)?, kind)?,
            "bundle",
            check,
        )?;
    }
    let flags = flags::flags(&document)?;
    for file in flags::FILES {
        keep_fresh(file, &flags, "bundle", check)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    #[test]
    fn the_files_that_are_made_are_fresh() {
        let document = join(&Sources::load(&at_root("openapi/src")).unwrap()).unwrap();
        for (file, kind) in FILES {
            let current = files::read(&at_root(file)).unwrap();
            let fresh = to_yaml(&view(&document, kind).unwrap(), kind).unwrap();
            assert!(current == fresh, "{file}: run `cargo xtask bundle`");
        }
        let fresh = flags::flags(&document).unwrap();
        for file in flags::FILES {
            let current = files::read(&at_root(file)).unwrap();
            assert!(current == fresh, "{file}: run `cargo xtask bundle`");
        }
    }
}
