//! Text files of the project, read by their content: line ends are the checkout's, and a byte order
//! mark is the editor's.

use std::path::Path;

use konaplate_spec::{Error, content};

/// The content of a file, as a checkout with `\n` has it.
///
/// # Errors
/// It cannot be read, or is not UTF-8.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let error = |problem: String| Error::new(path.display().to_string(), problem);
    let bytes = std::fs::read(path).map_err(|problem| error(problem.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|problem| {
        let place = problem.utf8_error().valid_up_to();
        error(format!(
            "is not UTF-8 from byte {place} on: save it as UTF-8"
        ))
    })?;
    Ok(content(&text).into_owned())
}

/// A folder for files of a test, gone with its value.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Folder(std::path::PathBuf);

#[cfg(test)]
impl Folder {
    /// An empty folder. The name is one of its own for each test.
    pub(crate) fn new(name: &str) -> Self {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("konaplate-{name}-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file in it.
    pub(crate) fn with(&self, file: &str, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.0.join(file);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

#[cfg(test)]
impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod content_not_bytes {
    use super::*;

    #[test]
    fn a_file_that_is_not_utf_8_is_an_error_that_says_so() {
        let folder = Folder::new("encoding");
        for bytes in [&b"a: 1\nb: \xff"[..], b"\xff\xfea\0", b"caf\xe9"] {
            let error = read(&folder.with("a.yaml", bytes)).unwrap_err().to_string();
            assert!(error.contains("a.yaml: is not UTF-8 from byte"), "{error}");
        }
    }

    /// Runs git in a folder, as on a system whose git writes `\r\n`.
    fn git(folder: &Folder, arguments: &[&str]) {
        let settings = [
            "core.autocrlf=true",
            "user.name=test",
            "user.email=test@example.com",
        ];
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        let output = std::process::Command::new("git")
            .current_dir(folder.path())
            .args(settings)
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    #[test]
    fn a_checkout_has_the_bytes_of_the_repository_whatever_the_system() {
        let folder = Folder::new("attributes");
        git(&folder, &["init", "--quiet"]);
        let attributes = std::fs::read(crate::at_root(".gitattributes")).unwrap();
        folder.with(".gitattributes", &attributes);
        std::fs::create_dir_all(folder.path().join("fuzz/seeds/jwe")).unwrap();
        let files = [
            ("a.yaml", &b"a: 1\nb: 2\n"[..]),
            ("a.snap", b"a\nb\n"),
            ("script", b"#!/bin/sh\ntrue\n"),
            ("key.der", b"0\r\n0\n"),
            ("fuzz/seeds/jwe/seed", b"a\r\nb\n"),
        ];
        for (file, bytes) in files {
            folder.with(file, bytes);
        }
        git(&folder, &["add", "."]);
        git(&folder, &["commit", "--quiet", "--message", "files"]);
        for (file, _) in files {
            std::fs::remove_file(folder.path().join(file)).unwrap();
        }
        git(&folder, &["checkout", "--quiet", "--", "."]);
        for (file, bytes) in files {
            assert_eq!(
                std::fs::read(folder.path().join(file)).unwrap(),
                bytes,
                "{file}"
            );
        }
    }
}
