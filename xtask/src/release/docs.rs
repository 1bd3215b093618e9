//! The documentation, built as where it is published: all features, no network, and no warning.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{at_root, tools};

pub(super) fn run(workspace: &Workspace) -> Result<String> {
    let isolated = is_isolated();
    let mut command = if isolated {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net"]);
        command.arg(tools::cargo().get_program());
        command
    } else {
        tools::cargo()
    };
    tools::done(
        command
            .current_dir(at_root("."))
            .env("RUSTDOCFLAGS", "-D warnings")
            .args([
                "doc",
                "--offline",
                "--locked",
                "--workspace",
                "--no-deps",
                "--all-features",
            ]),
    )?;
    let network = if isolated {
        "without a network"
    } else {
        "offline; a namespace without a network cannot be made here"
    };
    let crates = workspace.packages.iter().filter(|package| package.own);
    Ok(format!(
        "{} crates, all features, {network}",
        crates.count()
    ))
}

/// Whether a process can be kept from the network here.
fn is_isolated() -> bool {
    let status = Command::new("unshare")
        .args(["--map-root-user", "--net", "true"])
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
