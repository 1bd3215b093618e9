//! Files for their owner alone. The keys in them are the sandbox's, which everybody knows; what a
//! test sends need not be.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file to write it anew, for its owner alone (mode 0600 on Unix), also where it was there
/// with other permissions.
pub(crate) fn create(file: &Path) -> io::Result<File> {
    let file = options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(file)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// Makes a file where there is none, for its owner alone.
pub(crate) fn make(file: &Path) -> io::Result<()> {
    match options().write(true).create_new(true).open(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn options() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "the mode is Unix's"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
