//! Promise: what callers can notice of an operation changes only with a reviewed snapshot.
//!
//! One snapshot an operation in `snapshots/`. `cargo insta review` shows what a change of the
//! description does to them.

use konaplate_codegen::Description;
use konaplate_codegen::surface::surfaces;

#[test]
fn every_operation_has_the_surface_that_was_reviewed() {
    let description = Description::from_yaml(konaplate::DESCRIPTION).unwrap();
    let surfaces = surfaces(&description).unwrap();
    assert_eq!(surfaces.len(), konaplate::Operation::all().len());
    for (id, surface) in surfaces {
        insta::assert_snapshot!(id, surface);
    }
}
