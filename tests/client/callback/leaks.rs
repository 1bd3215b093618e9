//! Promise: nothing of a callback or a key is printed.

use super::*;

/// Collects everything that is printed.
#[derive(Clone, Default)]
struct Ledger(Arc<Mutex<String>>);

impl io::Write for Ledger {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.lock().unwrap().push_str(&text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn nothing_of_a_callback_or_a_key_is_printed() {
    const SECRET: &str = "CANARYSECRET";
    let said = json!({
        "userId": "1", "par": "CANARYPAR", "trType": "CANARYWORD", "authCancelType": "CANARYTYPE",
        "cardNo": "CANARYCARD", "url": "https://CANARYURL", "new": {"CANARYNEW": "CANARYNEW"},
    });
    let activated = json!({
        "userId": "1", "cardApplyNo": "1", "physicalCardNo": "CANARYCARD",
        "receiverName": "CANARYNAME", "url": "CANARYURL", "par": "CANARYPAR",
    });
    let withdrawn =
        json!({"userId": "1", "digitalCardNo": "CANARYCARD", "physicalCardNo": "CANARYCARD"});
    let ledger = Ledger::default();
    let writer = ledger.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_max_level(tracing::Level::TRACE)
        .finish();
    let mut printed = String::new();
    support::several_dispatchers();
    tracing::subscriber::with_default(subscriber, || {
        let builder = builder().secret_key(SECRET);
        write!(printed, "{builder:?}").unwrap();
        let receiver = builder.build().unwrap();
        let plain = CallbackSigner::new(SECRET, support::ASP_ID)
            .unwrap()
            .clock(now);
        let encrypted = CallbackSigner::new(SECRET, support::ASP_ID)
            .unwrap()
            .clock(now)
            .encrypt_for(KEY_ID, key_file("client.spki.pem"))
            .unwrap();
        write!(printed, "{receiver:?} {plain:?} {encrypted:?}").unwrap();
        for json in [said, activated, withdrawn, json!({"CANARY": "CANARY"})] {
            for signer in [&plain, &encrypted] {
                let request = signer.sign(json.to_string()).unwrap();
                write!(printed, "{request:?} {:?}", request.headers).unwrap();
                let callback = receive(&receiver, &request).unwrap();
                write!(
                    printed,
                    "{callback:?} {callback:#?} {:?}",
                    callback.payload()
                )
                .unwrap();
                for kind in [
                    CallbackKind::Transaction,
                    CallbackKind::CardActivated,
                    CallbackKind::MemberWithdrawn,
                    CallbackKind::ShippingStatus,
                    CallbackKind::Unknown,
                ] {
                    write!(printed, "{:?}", callback.payload_as(kind)).unwrap();
                }
            }
        }
        let damaged = [
            b"\xEF\xBB\xBF{\"userId\":\"CANARY\",\"CANARY\":1e400}".to_vec(),
            b"{\"cardNo\":\"CANARY\xB0\xA1\",\"merchantName\":\"CANARY\xB0\",\"CANARY\xB0\":1}"
                .to_vec(),
            b"{\"userId\":\"CANARY\x01\",\"CANARY\":\"\\ud800CANARY\"}".to_vec(),
        ];
        for body in damaged {
            let callback = receive(&receiver, &plain.sign(body).unwrap()).unwrap();
            let odd = (callback.repairs(), callback.unread(), callback.bytes());
            assert!(!odd.0.is_empty());
            write!(printed, "{callback:?} {:?} {odd:?}", callback.payload()).unwrap();
        }
        let odd = [
            with(signed(), TRAN_TOKEN, "CANARY"),
            with(signed(), CORRELATION_ID, "CANARY"),
            with(signed(), ASP_ID, "CANARY"),
            with(signed(), TIME_ZONE, "CANARY"),
            with(signed(), TRAN_TIME, "CANARY"),
            with(signed(), ACCESS_KEY, "CANARY"),
            with(plain.sign("{}").unwrap(), ASP_ID, "CANARYASPID0000"),
            plain.sign("CANARY").unwrap(),
            plain.sign(r#"{"encData":"CANARY.C.C.C.C"}"#).unwrap(),
            with(
                encrypting("other.spki.pem").sign("{}").unwrap(),
                CRYPTO_KEY_ID,
                "CANARYCANARYCANARYCANARYCANARYCA",
            ),
        ];
        for request in odd {
            let error = refused(&receiver, &request);
            let response = error.acknowledgement();
            write!(
                printed,
                "{error} {error:?} {error:#?} {response:?} {}",
                String::from_utf8_lossy(response.body())
            )
            .unwrap();
        }
    });
    printed.push_str(&ledger.0.lock().unwrap());
    assert!(printed.contains("callback received") && printed.contains("callback rejected"));
    if let Some(at) = printed.find("CANARY") {
        panic!(
            "a canary turned up: {}",
            &printed[at.saturating_sub(200)..at + 20]
        );
    }
    // Of tokens and key files nothing either.
    assert!(!printed.contains("KMV1:"));
    let key = String::from_utf8(key_file("client.pkcs8.pem")).unwrap();
    for line in key.lines() {
        assert!(!printed.contains(line), "{line}");
    }
}
