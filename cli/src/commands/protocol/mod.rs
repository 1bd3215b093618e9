//! What `sign`, `verify`, `encrypt` and `decrypt` share: bodies, keys, instants, findings, and how JSON is written.

pub(super) mod body;
pub(super) mod finding;
pub(super) mod form;
pub(super) mod instant;
pub(super) mod json;
pub(super) mod keys;
