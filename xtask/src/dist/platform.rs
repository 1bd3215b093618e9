//! Platforms by the names that Node gives them.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, ensure};

/// A platform and its processor: `linux` and `x64`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Platform {
    pub(super) os: String,
    pub(super) cpu: String,
}

impl Platform {
    /// The one that this program was built for.
    ///
    /// # Errors
    /// Node has no name for it that is known here.
    pub(super) fn this() -> Result<Self> {
        Self::of(std::env::consts::OS, std::env::consts::ARCH)
    }

    /// From the names that Rust has.
    fn of(os: &str, cpu: &str) -> Result<Self> {
        let name = |names: &[(&str, &str)], rust: &str| {
            let found = names.iter().find(|(name, _)| *name == rust);
            found
                .map(|(_, node)| (*node).to_owned())
                .with_context(|| format!("no name of Node's is known for {rust}"))
        };
        Ok(Self {
            os: name(
                &[
                    ("linux", "linux"),
                    ("macos", "darwin"),
                    ("windows", "win32"),
                ],
                os,
            )?,
            cpu: name(&[("x86_64", "x64"), ("aarch64", "arm64")], cpu)?,
        })
    }

    /// How its program's file is called.
    pub(super) fn program(&self) -> &'static str {
        if self.os == "win32" {
            "konaplate.exe"
        } else {
            "konaplate"
        }
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.os, self.cpu)
    }
}

/// A program of another platform, as it is named on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) platform: Platform,
    pub(super) file: PathBuf,
}

impl FromStr for Given {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let form = || format!("{text} is not like darwin-arm64=FILE");
        let (platform, file) = text.split_once('=').with_context(form)?;
        let (os, cpu) = platform.split_once('-').with_context(form)?;
        let known = ["linux", "darwin", "win32"].contains(&os) && ["x64", "arm64"].contains(&cpu);
        ensure!(
            known && !file.is_empty(),
            "{text}: the platform is linux, darwin or win32, and x64 or arm64 behind it; then = and a file"
        );
        Ok(Self {
            platform: Platform {
                os: os.to_owned(),
                cpu: cpu.to_owned(),
            },
            file: file.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_nodes_names() {
        let name = |os, cpu| Platform::of(os, cpu).map(|platform| platform.to_string());
        assert_eq!(name("macos", "aarch64").unwrap(), "darwin-arm64");
        assert_eq!(name("windows", "x86_64").unwrap(), "win32-x64");
        assert_eq!(
            Platform::of("windows", "x86_64").unwrap().program(),
            "konaplate.exe"
        );
        assert!(name("linux", "riscv64").is_err());
    }

    #[test]
    fn a_program_of_another_platform_is_platform_and_file() {
        let given: Given = "darwin-arm64=a/b=c".parse().unwrap();
        assert_eq!(given.platform, Platform::of("macos", "aarch64").unwrap());
        assert_eq!(given.file, PathBuf::from("a/b=c"));
        for wrong in [
            "",
            "linux-x64",
            "linux-x64=",
            "macos-arm64=a",
            "linux=a",
            "linux-riscv64=a",
        ] {
            assert!(wrong.parse::<Given>().is_err(), "{wrong}");
        }
    }
}
