//! The two processes that `tests/kills.rs` kills: a sandbox with its state in a file, and a client
//! that recharges without end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use konaplate::ClientBuilder;
use konaplate_journal::Journal;
use konaplate_sandbox::{Sandbox, fixtures};

/// What is recharged each time, in KRW: little enough that no card gets full.
pub const AMOUNT: u64 = 10;

/// How long a client waits for a sandbox that is not there.
const PAUSE: Duration = Duration::from_millis(3);

/// A sandbox with its state in a file. It ends when it is killed.
///
/// # Errors
/// The file or the port cannot be had.
pub async fn serve(data: &Path, listen: SocketAddr) -> Result<()> {
    let sandbox = Sandbox::builder().data(data).listen(listen).start().await?;
    println!("{}", sandbox.base_url());
    std::future::pending::<()>().await;
    Ok(())
}

/// Opens the journal at a place: a URL of PostgreSQL, or a file.
///
/// # Errors
/// It cannot be opened.
pub async fn journal_at(place: &str) -> Result<Journal> {
    Ok(if place.starts_with("postgres:") {
        Journal::postgres(place).await?
    } else {
        Journal::sqlite(place).await?
    })
}

/// A client as the environment's variables say.
///
/// # Errors
/// A variable is missing or wrong.
pub fn builder() -> Result<ClientBuilder> {
    let builder = ClientBuilder::from_vars(|name| std::env::var(name).ok())?;
    Ok(builder.http(reqwest::Client::builder().no_proxy()))
}

/// Recharges without end, and prints a line for each that came back. What does not is left to the
/// journal, and the next recharge is another one. It ends when it is killed.
///
/// # Errors
/// The journal cannot be opened, or the variables are wrong.
pub async fn recharge(journal: &str, round: &str) -> Result<()> {
    let journal = Arc::new(journal_at(journal).await?);
    let client = builder()?.journal(journal).build()?;
    let member = fixtures::MEMBERS[0];
    let card = fixtures::CARDS[0];
    for number in 0_u64.. {
        let token = client.issue_one_time_token().card_no(card.card_no).send();
        let Ok(token) = token.await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let recharged = client
            .recharge_from_bank_account()
            .sequence_id(format!("{round}-{number}"))
            .user_id(member.user_id)
            .amount(AMOUNT)
            .one_time_token(&token.one_time_token)
            .dcvv(&token.dcvv)
            .merchant_id(fixtures::MERCHANTS[0])
            .send()
            .await;
        if recharged.is_ok() {
            println!("{number}");
        }
    }
    Ok(())
}
