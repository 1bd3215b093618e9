//! Promise: SIGTERM under load loses nothing: whatever the platform carried out, its caller had a
//! response to.
#![cfg(unix)]

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use konaplate_sandbox::{Fault, Sandbox};
use serde_json::json;

use crate::program::Program;
use crate::support::{CARD, TOKEN, plain};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_loses_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.env");
    sandbox.write_variables(&file).unwrap();
    let variables = std::fs::read_to_string(&file).unwrap();
    let variables = variables.lines().filter_map(|line| line.split_once('='));
    let mut program = Program::start(
        Command::new(env!("CARGO_BIN_EXE_konaplate"))
            .args(["gateway", "--listen", "127.0.0.1:0"])
            .envs(variables),
    );
    let url = format!("{}{TOKEN}", program.address());
    // Each takes a while, so that many are under way at the signal.
    sandbox
        .fault_operation("issue_one_time_token", Fault::Delay { millis: 200 })
        .unwrap();

    let ended = Arc::new(AtomicBool::new(false));
    let responded = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..32)
        .map(|_| {
            let (url, ended, responded) = (url.clone(), Arc::clone(&ended), Arc::clone(&responded));
            tokio::spawn(async move {
                let http = plain();
                while !ended.load(Ordering::SeqCst) {
                    let call = http.post(&url).json(&json!({ "cardNo": CARD }));
                    let Ok(response) = call.send().await else {
                        // Refused, or closed between two requests.
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        continue;
                    };
                    assert_eq!(response.status(), 200);
                    let _ = response.bytes().await.unwrap();
                    responded.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    while responded.load(Ordering::SeqCst) < 64 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let well = tokio::task::spawn_blocking(move || program.ends())
        .await
        .unwrap();
    ended.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
    assert!(well);
    let carried_out = sandbox
        .requests()
        .iter()
        .filter(|seen| seen.carried_out)
        .count();
    assert_eq!(carried_out, responded.load(Ordering::SeqCst));
}
