//! Promise: the file of variables works as it stands, wherever people hand it to.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use konaplate_sandbox::Sandbox;

type Variables = BTreeMap<String, String>;

/// What is in the file, by the sandbox's own word.
async fn written(file: &Path) -> Variables {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.write_variables(file).unwrap();
    let variables = sandbox.variables();
    assert_eq!(variables.len(), 7);
    variables
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

/// The variables of ours in the output of a program that prints `NAME=value`, one a line.
fn of_ours(output: &[u8]) -> Variables {
    let text = std::str::from_utf8(output).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines
        .filter(|(name, _)| name.starts_with("KONAPLATE_"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What a program prints that reads the file. None where the machine does not have it.
fn read_by(program: &str, arguments: &[&str], file: &Path) -> Option<Variables> {
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("FILE", file)
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(of_ours(&output.stdout))
}

#[tokio::test]
async fn every_reader_that_the_machine_has_reads_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.env");
    let expected = written(&file).await;
    let node_option = format!("--env-file={}", file.display());
    let print_all = "for (const [k, v] of Object.entries(process.env)) console.log(k + '=' + v)";
    let dotenv = "import os\nfrom dotenv import dotenv_values\n\
                  for k, v in dotenv_values(os.environ['FILE']).items(): print(k + '=' + v)";
    let mut readers = 0;
    for (program, arguments) in [
        ("sh", &["-c", "set -a; . \"$FILE\"; env"][..]),
        ("bash", &["-c", "set -a; . \"$FILE\"; env"]),
        // Without `set -a`, as people export one by one.
        ("sh", &["-c", "export $(cat \"$FILE\"); env"]),
        ("env", &["-S", "sh -c 'env $(cat \"$FILE\") env'"]),
        ("node", &[&node_option, "-e", print_all]),
        ("python3", &["-c", dotenv]),
    ] {
        match read_by(program, arguments, &file) {
            Some(read) => {
                readers += 1;
                assert_eq!(read, expected, "{program} {arguments:?}");
            }
            None => eprintln!("the machine has no {program} for this: {arguments:?}"),
        }
    }
    assert!(readers > 1, "every machine has a shell");
}

/// Docker takes what stands behind the first `=` as it is, quotes included
/// (`docker run --help`, `--env-file`); so do systemd's units but for quotes.
#[tokio::test]
async fn what_is_taken_literally_is_the_value() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.env");
    let expected = written(&file).await;
    let text = std::fs::read(&file).unwrap();
    assert_eq!(of_ours(&text), expected);
    for value in expected.values() {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "+/=:.-_".contains(c);
        assert!(
            value.chars().all(is_plain),
            "a value needs quotes somewhere"
        );
    }
}
