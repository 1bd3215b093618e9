//! Whether the program runs as it has to, where it was installed.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::tools;
use crate::workspace::Workspace;

/// Ends a check that would hang.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the program by this command, in the folder where it was installed: it says its version, passes on the code that
/// it ends with, and is a sandbox that ends well at SIGTERM.
///
/// # Errors
/// One of these does not hold.
pub(super) fn check(command: &[&str], folder: &Path, workspace: &Workspace) -> Result<()> {
    let version = tools::printed(program(command, folder)?.arg("--version"))?;
    let expected = format!("konaplate {}\n", workspace.program()?.version);
    ensure!(
        version == expected,
        "--version printed {version:?} and not {expected:?}"
    );
    let refused = program(command, folder)?
        .arg("no-such-command")
        .stderr(Stdio::null())
        .status()?;
    ensure!(
        refused.code() == Some(2),
        "a command that is none ended with {refused} and not with the code 2"
    );
    sandbox(command, folder, Ends::Well)
}

/// How a sandbox has to end at SIGTERM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// With the code 0, when nothing listens any more.
    Well,
    /// With any code, and the program may take longer than what started it.
    Anyhow,
}

/// Starts a sandbox, and ends it.
///
/// # Errors
/// It does not listen, does not end like that, or goes on.
pub(super) fn sandbox(command: &[&str], folder: &Path, ends: Ends) -> Result<()> {
    let mut child = program(command, folder)?
        .args(["sandbox", "--listen", "127.0.0.1:0"])
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let ended = listening(&mut child).and_then(|address| {
        TcpStream::connect(&address).with_context(|| format!("nobody listens on {address}"))?;
        terminate(&child)?;
        let status = child.wait()?;
        ensure!(
            ends == Ends::Anyhow || status.success(),
            "at SIGTERM the sandbox ended with {status}"
        );
        let started = Instant::now();
        while TcpStream::connect(&address).is_ok() {
            ensure!(
                ends == Ends::Anyhow && started.elapsed() < PATIENCE,
                "something still listens on {address} after the program has ended"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    });
    // An error means that it has ended already.
    let _ = child.kill();
    let _ = child.wait();
    ended
}

/// Where it says that it listens.
fn listening(child: &mut Child) -> Result<String> {
    let output = child.stdout.take().context("its output")?;
    for line in BufReader::new(output).lines() {
        if let Some(url) = line?.strip_prefix("listening on ") {
            let address = url
                .strip_prefix("http://")
                .context("it listens on no URL")?;
            return Ok(address.to_owned());
        }
    }
    anyhow::bail!("the sandbox ended before it listened: {}", child.wait()?)
}

/// Asks it to end.
fn terminate(child: &Child) -> Result<()> {
    tools::done(Command::new("kill").args(["-TERM", &child.id().to_string()]))
}

fn program(command: &[&str], folder: &Path) -> Result<Command> {
    let (name, arguments) = command.split_first().context("a command has a name")?;
    let mut program = Command::new(name);
    program
        .current_dir(folder)
        .args(arguments)
        .env("NO_PROXY", "127.0.0.1");
    Ok(program)
}
