//! Promise: a success is never an empty success. What is no clean JSON comes out repaired where that
//! is unambiguous, and the response says so; else it is a success that cannot be read, with its
//! bytes. An id, an amount, a code or a date is never repaired.

use crate::callback::{receive_bytes, transaction};
use crate::odd_responses::transactions;
use crate::support::{Server, encrypted_for_client, reply};
use konaplate::types::{
    ListCardTransactionsResponseBody, RechargeFromBankAccountResponseBody as Recharged,
};
use konaplate::{Delivery, Error, ErrorCode, ErrorKind, Outcome, RepairKind, Response};
use serde_json::{Value, json};

async fn list(body: &[u8]) -> Result<Response<ListCardTransactionsResponseBody>, Error> {
    transactions(reply(200, &[], body)).await
}

/// The bytes of JSON in which `@` is a byte of another character set.
fn broken(json: &str) -> Vec<u8> {
    json.bytes()
        .flat_map(|byte| {
            if byte == b'@' {
                vec![0xB0, 0xA1]
            } else {
                vec![byte]
            }
        })
        .collect()
}

fn kinds<T>(response: &Response<T>) -> Vec<RepairKind> {
    response
        .repairs()
        .iter()
        .map(konaplate::Repair::kind)
        .collect()
}

const PAGE: &str = r#"{"response":{"code":"000_000","description":"ok"},"transactionInfo":[{"merchantName":"M","nrNumber":"NR-1","orgAmount":5000}]}"#;

#[tokio::test]
async fn what_stands_before_or_around_the_text_is_taken_away() {
    let utf16 = |units: Vec<u8>| units;
    for (body, kind) in [
        (
            [b"\xEF\xBB\xBF", PAGE.as_bytes()].concat(),
            RepairKind::ByteOrderMark,
        ),
        (
            utf16(
                [0xFEFF]
                    .into_iter()
                    .chain(PAGE.encode_utf16())
                    .flat_map(u16::to_le_bytes)
                    .collect(),
            ),
            RepairKind::Utf16,
        ),
        (
            utf16(
                [0xFEFF]
                    .into_iter()
                    .chain(PAGE.encode_utf16())
                    .flat_map(u16::to_be_bytes)
                    .collect(),
            ),
            RepairKind::Utf16,
        ),
    ] {
        let response = list(&body).await.unwrap();
        assert_eq!(kinds(&response), [kind]);
        assert_eq!(response.bytes().unwrap().expose(), body);
        let row = &response.transaction_info[0];
        assert_eq!(row.org_amount.unwrap().get(), 5_000);
    }
    let clean = list(PAGE.as_bytes()).await.unwrap();
    assert!(clean.repairs().is_empty() && clean.unread().is_empty() && clean.bytes().is_none());
}

#[tokio::test]
async fn free_text_is_repaired_and_what_programs_compare_is_not() {
    for (merchant, kind) in [
        ("@ 1호점", RepairKind::Replaced),
        (r"\ud800 1호점", RepairKind::Replaced),
        (r"\udc00\ud800 1호점", RepairKind::Replaced),
        ("\u{1} 1호점", RepairKind::Escaped),
    ] {
        let body = broken(&PAGE.replace("\"M\"", &format!("\"{merchant}\"")));
        let response = list(&body).await.unwrap();
        assert_eq!(kinds(&response), [kind], "{merchant}");
        assert_eq!(
            response.repairs()[0].expose_place(),
            "transactionInfo[0].merchantName"
        );
        let read = response.transaction_info[0].merchant_name.as_ref().unwrap();
        assert!(read.ends_with(" 1호점"), "{read}");
        assert!(response.unread().is_empty());
    }
    for (field, bad) in [
        ("nrNumber", r#""nrNumber":"NR-@""#),
        ("nrNumber", r#""nrNumber":"NR-\ud83d""#),
        ("orgAmount", r#""orgAmount":"50@""#),
        ("approvalDateTime", r#""approvalDateTime":"202603@""#),
        ("newId", r#""newId":"@""#),
    ] {
        let body = broken(&format!(
            r#"{{"response":{{"code":"000_000"}},"transactionInfo":[{{{bad},"merchantName":"M"}}]}}"#
        ));
        let response = list(&body).await.unwrap();
        let row = &response.transaction_info[0];
        assert!(row.nr_number.is_none() && row.org_amount.is_none() && row.extra.is_empty());
        assert!(row.approval_date_time.is_none());
        assert_eq!(row.merchant_name.as_ref().unwrap().as_str(), "M");
        let [unread] = response.unread() else {
            panic!("one value: {:?}", response.unread());
        };
        assert_eq!(unread.expose_place(), format!("transactionInfo[0].{field}"));
        assert!(
            unread
                .value()
                .expose()
                .as_str()
                .unwrap()
                .contains('\u{FFFD}')
        );
        assert_eq!(response.bytes().unwrap().expose(), body);
    }
}

#[tokio::test]
async fn deep_nesting_and_bare_words_cost_nothing_else() {
    let deep = format!("{}{}", "[".repeat(3_000), "]".repeat(3_000));
    for (value, kind) in [
        (deep.as_str(), RepairKind::NestedAsText),
        ("NaN", RepairKind::NumberAsText),
        ("-Infinity", RepairKind::NumberAsText),
        ("1e400", RepairKind::NumberAsText),
    ] {
        let body = PAGE.replace(
            r#""merchantName""#,
            &format!(r#""new":{value},"merchantName""#),
        );
        let response = list(body.as_bytes()).await.unwrap();
        assert_eq!(kinds(&response), [kind]);
        let row = &response.transaction_info[0];
        assert_eq!(row.org_amount.unwrap().get(), 5_000);
        assert_eq!(row.extra.len(), 1);
    }
}

async fn recharge(status: u16, body: &[u8]) -> Result<Response<Recharged>, Error> {
    let server = Server::start(reply(status, &[], body)).await;
    crate::support::recharge(&server.client()).send().await
}

#[tokio::test]
async fn a_success_that_is_no_json_further_on_is_processed_and_unreadable() {
    for rest in [
        r#","nrNumber":"NR-1","isPending":tru"#,
        r#","nrNumber":"\x"}"#,
        r#","nrNumber":"NR-1","isPending":false,}"#,
        r#","nrNumber":"NR-1","isPending":false} <!-- served by -->"#,
        r#","nrNumber":'NR-1'}"#,
    ] {
        let body = format!(r#"{{"response":{{"code":"000_000","description":"ok"}}{rest}"#);
        for body in [body.clone(), encrypted_for_client(&body)] {
            let error = recharge(200, body.as_bytes()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnreadableResponse, "{rest}");
            assert_eq!(error.delivery(), Delivery::ProcessedUnreadable);
            let read = error.response().unwrap().expose();
            assert_eq!(read["response"]["code"], "000_000");
            let bytes = error.response_bytes().unwrap().expose();
            assert!(bytes.ends_with(rest.as_bytes()), "{rest}");
        }
    }
}

#[tokio::test]
async fn an_id_that_has_to_be_there_and_is_damaged_leaves_a_success_with_its_bytes() {
    for field in ["transactionId", "redirectUrl"] {
        let mut body = json!({
            "response": {"code": "000_000"},
            "transactionId": "12345678901234567890",
            "redirectUrl": "http://127.0.0.1/x",
        });
        body[field] = json!("12@");
        let body = broken(&body.to_string());
        let server = Server::start(reply(200, &[], &body)).await;
        let outcome = server
            .client()
            .create_credit_card_recharge()
            .sequence_id("CARD-1")
            .user_id(10_000_000_001_u64)
            .amount(20_000_u64)
            .one_time_token("5297000000000021")
            .dcvv("802")
            .affiliate_id("000170000001000")
            .send()
            .await;
        let Err(error) = outcome else {
            panic!("{field} is optional");
        };
        assert_eq!(error.delivery(), Delivery::ProcessedUnreadable, "{error}");
        assert_eq!(error.response_bytes().unwrap().expose(), body);
    }
}

#[tokio::test]
async fn what_says_nothing_is_an_error_that_has_what_came() {
    for body in [
        &b"null"[..],
        b"\"000_000\"",
        b"\x00\x01",
        b"{\"response\":{\"code\":\"000_@\"}}",
        b"{\"response\":{\"code\":\"000_000\",\"code\":\"000_001\"}}",
        b"{\"response\":{\"code\":\"000_000\"},\"response\":{\"code\":\"000_001\"}}",
        b"\xEF\xBB\xBF",
    ] {
        let body = broken(&String::from_utf8_lossy(body));
        let error = recharge(200, &body).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert_eq!(error.delivery(), Delivery::MaybeProcessed);
        assert_eq!(error.response_bytes().unwrap().expose(), body);
    }
}

/// Point 21 of what was tried: a gateway that writes its messages in EUC-KR.
#[tokio::test]
async fn a_documented_code_is_read_whatever_charset_the_message_is_in() {
    for message in ["@@ @", r"\ud800", "ok\u{0}", "@\\\"@"] {
        for charset in [
            "application/json; charset=euc-kr",
            "text/html; charset=utf-16",
            "",
        ] {
            let body = broken(&format!(
                r#"{{"response":{{"description":"{message}","code":"007_003"}}}}"#
            ));
            let headers = [("content-type", charset)];
            let headers = if charset.is_empty() {
                &[][..]
            } else {
                &headers[..]
            };
            let server = Server::start(reply(400, headers, &body)).await;
            let outcome = crate::support::recharge(&server.client())
                .send_for_outcome()
                .await
                .unwrap();
            let Outcome::Declined(record) = outcome else {
                panic!("another outcome: {outcome:?}");
            };
            let error = record.error().unwrap();
            assert_eq!(error.code(), Some(&ErrorCode::CreditLimitExceeded));
            assert!(!error.to_string().contains('\u{FFFD}'));
        }
    }
}

#[tokio::test]
async fn a_raw_call_leaves_out_what_nobody_knows_to_be_free_text() {
    let body =
        broken(r#"{"response":{"code":"000_000","description":"@"},"a":{"b":["1","@","3"]}}"#);
    let server = Server::start(reply(200, &[], &body)).await;
    let response = server
        .client()
        .raw("/api/v9/new/thing", json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.expose()["a"], json!({"b": ["1", "3"]}));
    let places: Vec<_> = response
        .unread()
        .iter()
        .map(|unread| unread.expose_place())
        .collect();
    assert_eq!(places, ["a.b[1]"]);
    assert_eq!(response.repairs().len(), 2);
}

#[test]
fn a_callback_is_verified_over_its_bytes_and_read_like_a_response() {
    let fields = transaction().to_string();
    let marked = [b"\xEF\xBB\xBF", fields.as_bytes()].concat();
    let damaged = broken(&fields.replace("가게", "@").replace("123456", "12@"));
    let digits = fields.replace(r#""95500""#, "95500000000000000000000");
    for (body, repairs, unread) in [
        (marked, &[RepairKind::ByteOrderMark][..], &[][..]),
        (
            damaged,
            &[RepairKind::Replaced, RepairKind::Replaced],
            &["approvalCode"],
        ),
        (digits.into_bytes(), &[RepairKind::NumberAsText], &[]),
    ] {
        let callback = receive_bytes(&body).unwrap();
        let found: Vec<_> = callback
            .repairs()
            .iter()
            .map(konaplate::Repair::kind)
            .collect();
        assert_eq!(found, repairs);
        let places: Vec<_> = callback
            .unread()
            .iter()
            .map(|unread| unread.expose_place())
            .collect();
        assert_eq!(places, unread);
        assert_eq!(callback.bytes().expose(), body);
        let konaplate::callback::CallbackPayload::Transaction(read) = callback.payload() else {
            panic!("another kind");
        };
        assert_eq!(read.approval_code.is_none(), !unread.is_empty());
        assert!(read.merchant_name.is_some());
        assert!(read.balance_after.is_some());
    }
    let twice: Value = transaction();
    assert!(receive_bytes(format!("{twice}{twice}").as_bytes()).is_err());
}
