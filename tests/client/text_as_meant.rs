//! Promise: text is compared as people mean it. A name is sent composed, however it was put in; an
//! id that only looks like one is refused, and the error says what is in it.

use crate::support::{Server, builder, json_response};
use konaplate::types::{BankAccountNumber, MemberName, PersonName, SequenceId};
use konaplate::value::composed;
use konaplate_sandbox::{Sandbox, fixtures};
use serde_json::json;
use std::time::Duration;

/// 김코나 as macOS writes it in file names.
const DECOMPOSED: &str = "\u{1100}\u{1175}\u{11b7}\u{110f}\u{1169}\u{1102}\u{1161}";

#[tokio::test]
async fn names_are_sent_composed() {
    for (written, meant) in [
        (DECOMPOSED, "김코나"),
        ("e\u{301}va", "éva"),
        ("\u{212b}ngstro\u{308}m", "Ångström"),
        ("김코나", "김코나"),
    ] {
        assert_eq!(composed(written), meant);
        let name = PersonName::try_from(written).unwrap();
        assert_eq!(name.expose(), meant);
        assert_eq!(name, PersonName::try_from(meant).unwrap());
    }
    // The rule counts what is sent.
    assert!(MemberName::try_from("\u{1100}\u{1175}\u{11b7}".repeat(100)).is_ok());
    assert!(MemberName::try_from("김".repeat(101)).is_err());
}

#[tokio::test]
async fn what_the_platform_wrote_is_kept() {
    let body =
        json!({"response": {"code": "000_000"}, "transactionInfo": [{"merchantName": DECOMPOSED}]});
    let server = Server::start(json_response(200, body.to_string())).await;
    let response = server
        .client()
        .list_card_transactions()
        .par("Q180BEA3B2F1BBD8410336D66A4")
        .start_date("20260301")
        .end_date("20260331")
        .send()
        .await
        .unwrap();
    let name = response.transaction_info[0].merchant_name.as_ref().unwrap();
    assert_eq!(name.as_str(), DECOMPOSED);
}

#[tokio::test]
async fn an_id_that_looks_like_another_is_refused_by_what_is_in_it() {
    for (id, what, at) in [
        ("BANK-１", "a full-width character", 6),
        ("ＢANK-1", "a full-width character", 1),
        ("BANK－1", "a full-width character", 5),
        ("BANK-1 ", "a blank", 7),
        ("\u{3000}BANK-1", "a blank", 1),
        ("BANK\u{a0}1", "a blank", 5),
        ("BANK-1\n", "a line break", 7),
        ("BA\u{200b}NK", "a character without width", 3),
        ("\u{feff}BANK-1", "a byte order mark", 1),
        ("BANK\0", "a control character", 5),
    ] {
        let error = SequenceId::try_from(id).unwrap_err();
        let expected = format!("must not have {what}, and has one at character {at}");
        assert_eq!(error.to_string(), expected);
    }
    assert!(BankAccountNumber::try_from("１１０２３４５６７８９０").is_err());
    let error = builder("http://127.0.0.1:1")
        .build()
        .unwrap()
        .list_card_transactions()
        .par("Q180BEA3B2F1BBD8410336D66A４")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("par"));
    assert!(
        error.to_string().contains("a full-width character"),
        "{error}"
    );
}

/// Hangul syllables as their letters (Unicode, section 3.12).
fn decomposed(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let Some(syllable) = u32::from(c).checked_sub(0xac00).filter(|at| *at < 11_172) else {
                return vec![c];
            };
            let letters = [
                0x1100 + syllable / 588,
                0x1161 + syllable % 588 / 28,
                0x11a7 + syllable % 28,
            ];
            let is_there = |letter: &u32| *letter != 0x11a7;
            letters
                .into_iter()
                .filter(is_there)
                .filter_map(char::from_u32)
                .collect()
        })
        .collect()
}

/// The sandbox compares the account's holder with the member, whoever sent the name in whatever form.
#[tokio::test]
async fn the_sandbox_takes_a_decomposed_name_for_the_same_one() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let member = &fixtures::MEMBERS[10];
    assert_ne!(decomposed(member.name), member.name);
    assert_eq!(decomposed("김코나"), DECOMPOSED);
    for (name, status) in [
        (decomposed("김코나"), "BANK_ACC_REG_FAILED"),
        (decomposed(member.name), "BANK_ACC_REGISTERED"),
    ] {
        // A raw call sends what it is given, as a program in another language does.
        let request = json!({"userId": member.user_id, "bankAccount": "1234567890",
            "bankCode": "003", "bankName": "IBK기업은행", "userName": name,
            "birthDate": member.birth_date});
        let call = client.raw("register_bank_account", request);
        let number = call.send().await.unwrap().expose()["bankAccRegNo"].clone();
        sandbox.advance_clock(Duration::from_secs(60));
        let call = client.raw("get_bank_account_registration", json!({"regNo": number}));
        let state = call.send().await.unwrap();
        assert_eq!(state.expose()["status"], status);
    }
}
