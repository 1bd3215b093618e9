//! What `sign`, `verify`, `encrypt` and `decrypt` share: bodies, keys, instants, findings.

pub(super) mod body;
pub(super) mod finding;
pub(super) mod form;
pub(super) mod instant;
pub(super) mod keys;
