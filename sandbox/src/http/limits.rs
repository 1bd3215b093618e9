//! How much a peer may send, and how long it may take. The README has a table of them.
//!
//! The times are far longer than a machine at work takes for any of it, and longer than clients keep
//! a connection for the next call: 90 s is usual.

use std::time::Duration;

/// The largest body of a call.
pub(super) const BODY: usize = 1024 * 1024;

/// The largest body of the control API: a snapshot.
pub(super) const CONTROL_BODY: usize = 256 * 1024 * 1024;

/// The largest head of a request: its first line and its headers.
pub(super) const HEAD: usize = 64 * 1024;

/// The most headers of a request.
pub(super) const HEADERS: usize = 100;

/// How long a head may take, from when one can come; and so how long a connection may be idle. A body
/// may take as long again.
pub(super) const READ: Duration = Duration::from_secs(120);

/// How long a peer may take none of the bytes that go out.
pub(super) const WRITE: Duration = Duration::from_secs(120);

/// How long what is not read any more is taken, so that the response before the end is not lost.
pub(super) const LINGER: Duration = Duration::from_secs(30);

/// How long calls may go on when the sandbox stops.
pub(super) const STOP: Duration = Duration::from_secs(5);

/// The most connections at once. Many systems give a process 1,024 files.
pub(super) const CONNECTIONS: usize = 800;

/// How long a connection has to wait for its peer before it is closed for the sake of another one: who
/// has just connected is about to send.
pub(super) const GRACE: Duration = Duration::from_secs(1);
