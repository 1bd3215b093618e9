//! Promise: what was acknowledged is not handed out again, by no receiver that shares the journal,
//! before or after a restart; what was not acknowledged comes through again; and nothing that a
//! callback says is stored.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::support::{at_both, journal_at};
use http::StatusCode;
use konaplate::callback::{CallbackErrorKind, CallbackReceiver, CallbackSigner, SignedCallback};
use konaplate_journal::Journal;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

const SECRET: &str = "a secret that was issued";
const ASP_ID: &str = "000170000000000";
const BODY: &str = r#"{"userId":"10000000001","cardNo":"9491339401250765"}"#;

/// A clock that a test moves.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn pass(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    fn now(&self) -> SystemTime {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_539_112);
        start + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn receiver(&self, journal: &Journal) -> CallbackReceiver {
        self.remembers_for(journal, Duration::from_secs(7 * 24 * 60 * 60))
    }

    fn remembers_for(&self, journal: &Journal, memory: Duration) -> CallbackReceiver {
        let clock = self.clone();
        CallbackReceiver::builder()
            .remember_for(memory)
            .secret_key(SECRET)
            .clock(move || clock.now())
            .replay_store(Arc::new(journal.clone()))
            .build()
            .unwrap()
    }

    /// The body with a fresh correlation id, signed now.
    fn signed(&self, body: &str) -> SignedCallback {
        let clock = self.clone();
        let signer = CallbackSigner::new(SECRET, ASP_ID).unwrap();
        signer.clock(move || clock.now()).sign(body).unwrap()
    }
}

async fn refused(receiver: &CallbackReceiver, request: &SignedCallback) -> CallbackErrorKind {
    let received = receiver.receive(&request.headers, &request.body).await;
    received.unwrap_err().kind()
}

/// Receives and acknowledges.
async fn handle(receiver: &CallbackReceiver, request: &SignedCallback) {
    let received = receiver.receive(&request.headers, &request.body).await;
    let response = received.unwrap().acknowledge().await;
    assert_eq!(response.status(), StatusCode::OK);
}

/// How many callbacks are kept.
async fn rows(place: &str) -> i64 {
    let sql = "SELECT COUNT(*) FROM konaplate_callbacks";
    let (count,): (i64,) = if place.starts_with("postgres:") {
        let sql = "SELECT COUNT(*) FROM konaplate.konaplate_callbacks";
        let mut connection = PgConnection::connect(place).await.unwrap();
        sqlx::query_as(sql)
            .fetch_one(&mut connection)
            .await
            .unwrap()
    } else {
        let mut connection = SqliteConnection::connect(place).await.unwrap();
        sqlx::query_as(sql)
            .fetch_one(&mut connection)
            .await
            .unwrap()
    };
    count
}

#[tokio::test]
async fn what_was_acknowledged_is_known_after_a_restart_and_on_another_machine() {
    at_both(async |place| {
        let clock = Clock::default();
        let first = clock.receiver(&journal_at(place).await);
        let other = clock.receiver(&journal_at(place).await);
        let request = clock.signed(BODY);
        handle(&first, &request).await;
        drop(first);
        let restarted = clock.receiver(&journal_at(place).await);
        for receiver in [&other, &restarted] {
            assert_eq!(
                refused(receiver, &request).await,
                CallbackErrorKind::Replayed
            );
            // A copy with another time and another correlation id is a copy.
            let copy = clock.signed(BODY);
            let error = receiver
                .receive(&copy.headers, &copy.body)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), CallbackErrorKind::Replayed);
            assert_eq!(error.acknowledgement().status(), StatusCode::OK);
            // Its correlation id with another body is nobody's.
            let mut reused = clock.signed("{}");
            let id = request.headers["x-km-correlation-id"].clone();
            reused.headers.insert("x-km-correlation-id", id);
            let kind = refused(receiver, &reused).await;
            assert_eq!(kind, CallbackErrorKind::ReusedCorrelationId);
        }
    })
    .await;
}

#[tokio::test]
async fn what_was_rejected_or_dropped_comes_through_again_and_what_is_handled_does_not() {
    at_both(async |place| {
        let clock = Clock::default();
        let journal = journal_at(place).await;
        let (one, two) = (
            clock.receiver(&journal),
            clock.receiver(&journal_at(place).await),
        );
        let request = clock.signed(BODY);

        let callback = one.receive(&request.headers, &request.body).await.unwrap();
        assert_eq!(refused(&two, &request).await, CallbackErrorKind::InProgress);
        let response = callback.reject("999_999", "not now").await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);

        let callback = two.receive(&request.headers, &request.body).await.unwrap();
        assert_eq!(refused(&one, &request).await, CallbackErrorKind::InProgress);
        drop(callback);
        // It is forgotten by a task of its own.
        while rows(place).await > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        handle(&one, &request).await;
        assert_eq!(refused(&two, &request).await, CallbackErrorKind::Replayed);
    })
    .await;
}

#[tokio::test]
async fn what_a_crash_interrupted_is_free_after_a_minute_and_a_late_end_counts() {
    at_both(async |place| {
        let clock = Clock::default();
        let journal = journal_at(place).await;
        let receiver = clock.receiver(&journal);
        let request = clock.signed(BODY);
        let crashed = receiver
            .receive(&request.headers, &request.body)
            .await
            .unwrap();
        std::mem::forget(crashed);
        clock.pass(Duration::from_secs(60));
        assert_eq!(
            refused(&receiver, &request).await,
            CallbackErrorKind::InProgress
        );
        clock.pass(Duration::from_millis(1));
        let again = receiver
            .receive(&request.headers, &request.body)
            .await
            .unwrap();

        // It takes so long that it is forgotten, and it is handled in the end.
        clock.pass(Duration::from_secs(61));
        handle(&receiver, &clock.signed("{}")).await;
        assert_eq!(rows(place).await, 1);
        again.acknowledge().await;
        assert_eq!(
            refused(&receiver, &request).await,
            CallbackErrorKind::Replayed
        );

        // A claim that somebody else took over is theirs.
        let slow_request = clock.signed(r#"{"n":1}"#);
        let slow = receiver
            .receive(&slow_request.headers, &slow_request.body)
            .await
            .unwrap();
        clock.pass(Duration::from_secs(61));
        let theirs = receiver
            .receive(&slow_request.headers, &slow_request.body)
            .await
            .unwrap();
        slow.reject("999_999", "too late").await.unwrap();
        assert_eq!(
            refused(&receiver, &slow_request).await,
            CallbackErrorKind::InProgress
        );
        theirs.acknowledge().await;
    })
    .await;
}

#[tokio::test]
async fn what_comes_again_later_is_handed_out_as_a_repeat_and_forgotten_in_the_end() {
    at_both(async |place| {
        let clock = Clock::default();
        let journal = journal_at(place).await;
        let receiver = clock.remembers_for(&journal, Duration::from_secs(3_600));
        let first = clock.now();
        for n in 0..150 {
            handle(&receiver, &clock.signed(&format!(r#"{{"n":{n}}}"#))).await;
        }
        let again = async || clock.signed(r#"{"n":149}"#);
        clock.pass(Duration::from_secs(600));
        let kind = refused(&receiver, &again().await).await;
        assert_eq!(kind, CallbackErrorKind::Replayed);

        clock.pass(Duration::from_millis(1));
        let signed = again().await;
        let received = receiver.receive(&signed.headers, &signed.body).await;
        let repeat = received.unwrap();
        assert_eq!(repeat.repeats(), Some(first));
        // One has it at a time, and whoever lets it go leaves it handled as it was.
        let kind = refused(&receiver, &again().await).await;
        assert_eq!(kind, CallbackErrorKind::InProgress);
        repeat.reject("999_999", "not now").await.unwrap();
        let signed = again().await;
        let received = receiver.receive(&signed.headers, &signed.body).await;
        let repeat = received.unwrap();
        assert_eq!(repeat.repeats(), Some(first));
        repeat.acknowledge().await;
        // Acknowledged, it is known again for as long as before.
        let kind = refused(&receiver, &again().await).await;
        assert_eq!(kind, CallbackErrorKind::Replayed);

        assert_eq!(rows(place).await, 150);
        clock.pass(Duration::from_secs(3_601));
        handle(&receiver, &clock.signed(r#"{"n":149}"#)).await;
        assert_eq!(rows(place).await, 51, "a hundred at a time");
        let signed = clock.signed(r#"{"n":0}"#);
        let received = receiver.receive(&signed.headers, &signed.body).await;
        let forgotten = received.unwrap();
        assert_eq!(forgotten.repeats(), None);
        forgotten.acknowledge().await;
        assert_eq!(rows(place).await, 2);
    })
    .await;
}

/// What a project is told says nothing of another one's.
#[tokio::test]
async fn two_projects_share_a_journal_and_no_callback() {
    at_both(async |place| {
        let clock = Clock::default();
        let journal = journal_at(place).await;
        let receiver_of = |asp_id: &str| {
            let clock = clock.clone();
            CallbackReceiver::builder()
                .secret_key(SECRET)
                .asp_id(asp_id)
                .clock(move || clock.now())
                .replay_store(Arc::new(journal.clone()))
                .build()
                .unwrap()
        };
        // The same bytes, and the same correlation id.
        let request = clock.signed(BODY);
        let mut other = request.clone();
        let asp_id = http::HeaderValue::from_static("000170000000001");
        other.headers.insert("x-km-user-aspid", asp_id);
        handle(&receiver_of(ASP_ID), &request).await;
        handle(&receiver_of("000170000000001"), &other).await;
        let kind = refused(&receiver_of(ASP_ID), &request).await;
        assert_eq!(kind, CallbackErrorKind::Replayed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_receivers_with_one_callback_one_gets_it() {
    at_both(async |place| {
        let clock = Clock::default();
        let mut receivers = Vec::new();
        for _ in 0..4 {
            receivers.push(Arc::new(clock.receiver(&journal_at(place).await)));
        }
        let stale = Arc::new(Mutex::new(0));
        for round in 0..10 {
            // What a crash left behind is taken over by one, too.
            let request = clock.signed(&format!(r#"{{"round":{round}}}"#));
            let crashed = receivers[0].receive(&request.headers, &request.body).await;
            std::mem::forget(crashed.unwrap());
            clock.pass(Duration::from_secs(61));
            let tasks: Vec<_> = receivers
                .iter()
                .cycle()
                .take(12)
                .map(|receiver| {
                    let (receiver, request) = (Arc::clone(receiver), request.clone());
                    let stale = Arc::clone(&stale);
                    tokio::spawn(async move {
                        match receiver.receive(&request.headers, &request.body).await {
                            Ok(callback) => {
                                *stale.lock().unwrap() += 1;
                                callback.acknowledge().await;
                            }
                            Err(error) => assert!(
                                matches!(
                                    error.kind(),
                                    CallbackErrorKind::InProgress | CallbackErrorKind::Replayed
                                ),
                                "{error}"
                            ),
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
        assert_eq!(*stale.lock().unwrap(), 10);
    })
    .await;
}

#[tokio::test]
async fn nothing_that_a_callback_says_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let clock = Clock::default();
    let receiver = clock.receiver(&Journal::sqlite(&file).await.unwrap());
    let request = clock.signed(BODY);
    handle(&receiver, &request).await;
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    let contains = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    assert!(contains(
        request.headers["x-km-correlation-id"].to_str().unwrap()
    ));
    for secret in ["9491339401250765", "10000000001", SECRET] {
        assert!(!contains(secret), "what a callback says is in the file");
    }
}

#[tokio::test]
async fn a_journal_that_cannot_be_asked_hands_nothing_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let clock = Clock::default();
    let receiver = clock.receiver(&Journal::sqlite(&file).await.unwrap());
    let handled = clock.signed("{}");
    let callback = receiver
        .receive(&handled.headers, &handled.body)
        .await
        .unwrap();
    let mut connection = SqliteConnection::connect(file.to_str().unwrap())
        .await
        .unwrap();
    sqlx::query("DROP TABLE konaplate_callbacks")
        .execute(&mut connection)
        .await
        .unwrap();
    let request = clock.signed(BODY);
    let received = receiver.receive(&request.headers, &request.body).await;
    let error = received.unwrap_err();
    assert_eq!(error.kind(), CallbackErrorKind::ReplayStore);
    assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
    // What was handled is acknowledged all the same.
    assert_eq!(callback.acknowledge().await.status(), StatusCode::OK);
}
