//! Promise: what was acknowledged is not handed out again; what was not comes through again.

use super::*;

#[test]
fn what_was_acknowledged_is_not_handed_out_again_whatever_its_headers() {
    let receiver = receiver();
    let first = signed();
    ready(receive(&receiver, &first).unwrap().acknowledge());

    let error = refused(&receiver, &first);
    assert_eq!(error.kind(), CallbackErrorKind::Replayed);
    // It was handled, so the platform gets what it presumably missed.
    let response = error.acknowledgement();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(body_of(&response)["response"]["code"], "000_000");

    // Time and id are not signed: anybody can change them.
    let later = signer().clock(|| now() + Duration::from_secs(60));
    let mut again = later.sign("{}").unwrap();
    again.body.clone_from(&first.body);
    let token = header(&again, TRAN_TOKEN);
    let token = format!("{}{}", &token[..23], &header(&first, TRAN_TOKEN)[23..]);
    let again = with(again, TRAN_TOKEN, &token);
    assert_eq!(
        refused(&receiver, &again).kind(),
        CallbackErrorKind::Replayed
    );
    // Encrypting it does not make it another, either.
    let encrypted = encrypting("client.spki.pem")
        .sign(transaction().to_string())
        .unwrap();
    assert_eq!(
        refused(&receiver, &encrypted).kind(),
        CallbackErrorKind::Replayed
    );
}

#[test]
fn a_correlation_id_that_comes_with_another_body_is_refused_and_not_acknowledged() {
    let receiver = receiver();
    let first = signed();
    ready(receive(&receiver, &first).unwrap().acknowledge());
    let second = signer().sign(r#"{"other":1}"#).unwrap();
    let id = header(&first, CORRELATION_ID).to_ascii_uppercase();
    let error = refused(&receiver, &with(second.clone(), CORRELATION_ID, &id));
    assert_eq!(error.kind(), CallbackErrorKind::ReusedCorrelationId);
    assert_eq!(error.status(), StatusCode::CONFLICT);
    assert_eq!(
        body_of(&error.acknowledgement())["response"]["code"],
        "999_999"
    );
    assert!(receive(&receiver, &second).is_ok());
}

#[test]
fn what_was_not_acknowledged_comes_through_again() {
    let receiver = receiver();
    let request = signed();
    drop(receive(&receiver, &request).unwrap());
    let callback = receive(&receiver, &request).unwrap();
    ready(callback.reject("999_999", "later")).unwrap();
    let panicking = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _callback = receive(&receiver, &request).unwrap();
        panic!("the handler failed");
    }));
    assert!(panicking.is_err());

    let callback = receive(&receiver, &request).unwrap();
    let error = refused(&receiver, &request);
    assert_eq!(error.kind(), CallbackErrorKind::InProgress);
    assert_eq!(error.status(), StatusCode::CONFLICT);
    ready(callback.acknowledge());
    assert_eq!(
        refused(&receiver, &request).kind(),
        CallbackErrorKind::Replayed
    );
}

#[test]
fn of_many_threads_with_one_callback_one_gets_it() {
    const THREADS: usize = 16;
    let receiver = Arc::new(receiver());
    for round in 0..50 {
        let request = signer().sign(json!({"round": round}).to_string()).unwrap();
        let barrier = Barrier::new(THREADS);
        let taken: usize = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        match receive(&receiver, &request) {
                            Ok(callback) => {
                                ready(callback.acknowledge());
                                1
                            }
                            Err(error) => {
                                assert!(matches!(
                                    error.kind(),
                                    CallbackErrorKind::Replayed | CallbackErrorKind::InProgress
                                ));
                                0
                            }
                        }
                    })
                })
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert_eq!(taken, 1, "round {round}");
    }
}

#[test]
fn the_memory_forgets_the_oldest_and_what_is_older_than_twice_the_tolerance() {
    let seconds = Arc::new(AtomicU64::new(0));
    let time = {
        let seconds = Arc::clone(&seconds);
        move || now() + Duration::from_secs(seconds.load(Ordering::Relaxed))
    };
    let receiver = builder()
        .replay_memory(2)
        .tolerance(Duration::from_secs(10))
        .clock(time.clone())
        .build()
        .unwrap();
    let signer = signer().clock(time);
    let taken = |body: &str| {
        let request = signer.sign(body).unwrap();
        match receive(&receiver, &request) {
            Ok(callback) => {
                ready(callback.acknowledge());
                true
            }
            Err(error) => {
                assert_eq!(error.kind(), CallbackErrorKind::Replayed);
                false
            }
        }
    };
    assert!(taken(r#"{"n":1}"#) && taken(r#"{"n":2}"#));
    assert!(!taken(r#"{"n":1}"#) && !taken(r#"{"n":2}"#));
    assert!(taken(r#"{"n":3}"#)); // Pushes 1 out.
    assert!(!taken(r#"{"n":2}"#) && taken(r#"{"n":1}"#));
    seconds.store(20, Ordering::Relaxed);
    assert!(!taken(r#"{"n":1}"#));
    seconds.store(21, Ordering::Relaxed);
    assert!(taken(r#"{"n":1}"#));
}

#[test]
fn a_refused_callback_leaves_nothing_in_the_memory() {
    let receiver = receiver();
    let request = encrypting("other.spki.pem").sign("{}").unwrap();
    for _ in 0..3 {
        assert_eq!(
            refused(&receiver, &request).kind(),
            CallbackErrorKind::Undecryptable
        );
    }
}
