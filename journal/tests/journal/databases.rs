//! Promise: a journal lives in a user's database, beside what is there, with the rights that it has
//! and behind the pooler that it has; and says why where it cannot.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::{
    PgBouncer, Postgres, at_both, at_once, client, client_through, journal_at, recharge,
    recharge_with, responses_get_lost, run,
};
use konaplate::callback::{CallbackReceiver, CallbackSigner};
use konaplate_journal::{Journal, State};
use konaplate_sandbox::Sandbox;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Connection as _, Executor as _, PgConnection, SqlStr, SqliteConnection};

/// The first migration of an application, which calls it as we call ours.
fn applications() -> Migrator {
    let step = Migration::new(
        1,
        "journal".into(),
        MigrationType::Simple,
        SqlStr::from_static("CREATE TABLE customers (name TEXT)"),
        false,
    );
    Migrator::with_migrations(vec![step])
}

#[tokio::test]
async fn beside_an_application_with_migrations_of_its_own() {
    at_both(async |place| {
        let migrate = async || {
            if place.starts_with("postgres:") {
                let mut connection = PgConnection::connect(place).await.unwrap();
                applications().run(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            } else {
                let url = format!("sqlite:{place}?mode=rwc");
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                applications().run(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        };
        migrate().await;
        let journal = journal_at(place).await;
        migrate().await;
        let sandbox = Sandbox::start().await.unwrap();
        recharge(&client(&sandbox, &journal), &sandbox, "BESIDE-1")
            .await
            .unwrap();
        let journal = journal_at(place).await;
        let entries = journal.entries(State::Completed).await.unwrap().entries;
        assert_eq!(entries.len(), 1);
    })
    .await;
}

fn why(error: &konaplate_journal::Error) -> String {
    std::error::Error::source(error).unwrap().to_string()
}

#[tokio::test]
async fn an_older_program_goes_on_after_a_newer_one_has_migrated() {
    at_both(async |place| {
        let journal = journal_at(place).await;
        // What a newer version does: it adds what this one does not know.
        run(place, "ALTER TABLE konaplate_calls ADD COLUMN more TEXT").await;
        run(
            place,
            "INSERT INTO konaplate_migrations (version, name, taken_at) VALUES (999, 'more', 1)",
        )
        .await;
        let sandbox = Sandbox::start().await.unwrap();
        recharge(&client(&sandbox, &journal), &sandbox, "OLDER-1")
            .await
            .unwrap();
        let journal = journal_at(place).await;
        recharge(&client(&sandbox, &journal), &sandbox, "OLDER-2")
            .await
            .unwrap();
        let entries = journal.entries(State::Completed).await.unwrap().entries;
        assert_eq!(entries.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_place_with_something_that_nobody_sees_is_refused() {
    for (place, rule) in [
        (" journal.db", "must not begin with a blank"),
        ("journal.db\n", "must not end with a line break"),
        (
            "\u{feff}journal.db",
            "must not begin with a byte order mark",
        ),
        ("postgres://x@127.0.0.1:1/x ", "must not end with a blank"),
        (
            "postgres://x@127.0.0.1:1/\0x",
            "must not have a control character",
        ),
    ] {
        let error = if place.starts_with("postgres:") {
            Journal::postgres(place).await.unwrap_err()
        } else {
            Journal::sqlite(place).await.unwrap_err()
        };
        assert!(why(&error).contains(rule), "{error:?}");
        assert!(!why(&error).contains("127.0.0.1"), "{error:?}");
        assert!(!std::path::Path::new(place).exists());
    }
}

#[tokio::test]
async fn a_layout_that_was_never_released_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let url = format!("sqlite:{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    connection
        .execute("CREATE TABLE konaplate_journal (correlation_id TEXT)")
        .await
        .unwrap();
    let error = Journal::sqlite(&file).await.unwrap_err();
    assert!(why(&error).contains("konaplate_journal"), "{error:?}");
}

/// Recharges, a lost response, its recovery, and a callback: each kind of statement there is.
async fn everything_works(journal: &Journal) {
    let sandbox = Sandbox::start().await.unwrap();
    let normal = client(&sandbox, journal);
    let lossy = client_through(
        &sandbox,
        journal,
        &responses_get_lost(sandbox.address()).await,
    );
    let calls: Vec<_> = (0..20)
        .map(|number| {
            let (sandbox, normal) = (sandbox.client(), normal.clone());
            async move {
                let sequence_id = format!("ALL-{number}");
                recharge_with(&normal, &sandbox, &sequence_id).await
            }
        })
        .map(tokio::spawn)
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    recharge(&lossy, &sandbox, "ALL-LOST").await.unwrap_err();
    recharge(&normal, &sandbox, "ALL-LOST").await.unwrap_err();
    let recovery = journal.recover(&normal, at_once()).await.unwrap();
    assert_eq!(recovery.completed.len(), 1);
    assert_eq!(
        journal
            .entries(State::Completed)
            .await
            .unwrap()
            .entries
            .len(),
        21
    );
    let receiver = CallbackReceiver::builder()
        .secret_key("a secret that was issued")
        .replay_store(Arc::new(journal.clone()))
        .build()
        .unwrap();
    let signer = CallbackSigner::new("a secret that was issued", "000170000000000").unwrap();
    let signed = signer.sign("{}").unwrap();
    let callback = receiver
        .receive(&signed.headers, &signed.body)
        .await
        .unwrap();
    callback.acknowledge().await;
    receiver
        .receive(&signed.headers, &signed.body)
        .await
        .unwrap_err();
    let entry = &journal.entries(State::Completed).await.unwrap().entries[0];
    assert_eq!(journal.history(entry).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_may_create_nothing_opens_what_is_up_to_date() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let owner = postgres.journal().await;
    owner.close().await;
    run(
        &postgres.url(),
        "CREATE ROLE app LOGIN; GRANT USAGE ON SCHEMA konaplate TO app; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA konaplate TO app; \
         REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    )
    .await;
    let url = postgres.url().replace("postgres@", "app@");
    everything_works(&Journal::postgres(&url).await.unwrap()).await;
    let error = Journal::postgres_in(&url, "elsewhere").await.unwrap_err();
    let text = error.to_string();
    let tried = "the journal could not be brought up to date: permission denied";
    assert!(text.starts_with(tried), "{text}");
}

#[tokio::test]
async fn the_name_of_a_schema_is_a_name() {
    for wrong in ["", "a b", "a\"b", "Upper", &"a".repeat(64)] {
        let error = Journal::postgres_in("postgres://x@127.0.0.1:1/x", wrong)
            .await
            .unwrap_err();
        assert!(why(&error).contains("the name of the schema"), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_a_pooler_in_transaction_mode() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    drop(postgres.journal().await);
    let Some(pooler) = PgBouncer::start(&postgres, "transaction") else {
        return;
    };
    let started = Instant::now();
    // Two programs, and more connections than the pooler has to the server.
    let journal = loop {
        match Journal::postgres(&pooler.url()).await {
            Ok(journal) => break journal,
            Err(error) if started.elapsed() > Duration::from_secs(30) => panic!("{error:?}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    let other = Journal::postgres_in(&pooler.url(), "other_schema")
        .await
        .unwrap();
    // Opened while others are at work: each message outside a transaction may go elsewhere.
    let opened = (0..40).map(|_| {
        let url = pooler.url();
        tokio::spawn(async move { Journal::postgres(&url).await.map(drop) })
    });
    for opened in opened.collect::<Vec<_>>() {
        opened.await.unwrap().unwrap();
    }
    tokio::join!(everything_works(&journal), everything_works(&other));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_statements_that_each_connection_keeps() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    drop(postgres.journal().await);
    let url = format!("{}?statement-cache-capacity=100", postgres.url());
    everything_works(&Journal::postgres(&url).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_in_statement_mode_is_refused() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    drop(postgres.journal().await);
    let Some(pooler) = PgBouncer::start(&postgres, "statement") else {
        return;
    };
    let started = Instant::now();
    let why = loop {
        let error = Journal::postgres(&pooler.url()).await.unwrap_err();
        let why = why(&error);
        if !why.contains("refused") || started.elapsed() > Duration::from_secs(30) {
            break why;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(why.contains("transaction"), "{why}");
}

/// The pool of connections tries for ten seconds, and would then say only that it did.
#[tokio::test]
async fn an_error_says_why_there_is_no_connection() {
    let refusing = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = refusing.local_addr().unwrap().port();
    drop(refusing);
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let error = Journal::postgres(&url).await.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let error = Journal::sqlite(folder.path()).await.unwrap_err();
    assert_eq!(error.to_string().lines().count(), 1);
    assert!(error.to_string().contains("directory"), "{error}");

    let Some(postgres) = Postgres::start() else {
        return;
    };
    let journal = postgres.journal().await;
    drop(postgres);
    let error = journal.backlog().await.unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
}
