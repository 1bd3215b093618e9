//! Codes of members and bank accounts.

use serde_json::{Value, json};

use super::{Seen, Stage};
use crate::support::call;

pub(crate) async fn members_and_bank_accounts(seen: &mut Seen) {
    let stage = Stage::new().await;
    let member = json!({"loginId": "new@sandbox.example", "loginPassword": "246813", "birthDate": "19900101",
        "nationality": "Korean", "gender": "Female", "userName": "김코나", "mobileNumber": "01000000099"});
    let with = |field: &str, value: Value| {
        let mut body = member.clone();
        body[field] = value;
        body
    };
    let mut incomplete = member.clone();
    incomplete.as_object_mut().unwrap().remove("loginId");
    stage
        .refused(
            seen,
            "register_member",
            [
                ("000_002", with("loginPassword", json!("24681x"))),
                ("000_003", incomplete),
                (
                    "001_001",
                    with("loginId", json!("10000000001@sandbox.example")),
                ),
            ],
        )
        .await;
    let new = stage.ok("register_member", member.clone()).await;
    let login = |id: &str, password: &str| json!({"loginId": id, "loginPassword": password});
    let own = "new@sandbox.example";
    stage
        .refused(
            seen,
            "verify_password",
            [
                ("001_006", login("nobody@sandbox.example", "246813")),
                ("001_045", login(own, "000000")),
            ],
        )
        .await;
    stage.ok("verify_password", login(own, "246813")).await;
    for _ in 0..5 {
        let outcome = call(&stage.client, "verify_password", login(own, "0"), json!({})).await;
        assert_eq!(
            outcome.unwrap_err().code().unwrap().code(),
            "sandbox:schema"
        );
        let wrong = [("001_045", login(own, "000000"))];
        stage.refused(seen, "verify_password", wrong).await;
    }
    let locked = [("001_069", login(own, "246813"))];
    stage.refused(seen, "verify_password", locked).await;
    stage
        .ok("cancel_membership", json!({"userId": new["userId"]}))
        .await;
    let gone = [("001_068", login(own, "246813"))];
    stage.refused(seen, "verify_password", gone).await;

    let account = json!({"userId": 10_000_000_011_u64, "bankAccount": "1234567890", "bankCode": "003",
        "bankName": "IBK기업은행", "userName": "홍길동", "birthDate": "19900101"});
    stage.ok("register_bank_account", account.clone()).await;
    let again = [("002_013", account)];
    stage.refused(seen, "register_bank_account", again).await;
    let unknown = [("002_019", json!({"regNo": "2026031510451200000001"}))];
    stage
        .refused(seen, "get_bank_account_registration", unknown)
        .await;
}
