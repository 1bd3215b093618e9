//! Promise: objects and lists in a request go out as they were filled in, and a fault in one is
//! named by its path before anything is sent.

use crate::support;
use crate::support::{Server, json_response};
use jiff::civil::date;
use konaplate::{CallOptions, Delivery, types};
use serde_json::json;

const SUCCESS: &str = r#"{"response": {"code": "000_000", "description": "Success"}}"#;

fn delivery() -> types::parts::CardDeliveryAddress {
    types::CardDeliveryAddress::builder()
        .address("서울특별시 중구 세종대로 110")
        .address_detail("101동 101호")
        .zip_code("04524")
}

#[tokio::test]
async fn objects_go_out_with_the_fields_that_were_added() {
    let server = Server::start(json_response(
        200,
        r#"{"response": {"code": "000_000"}, "cardApplyNo": "2026031510451200000001"}"#,
    ))
    .await;
    server
        .client()
        .apply_for_prepaid_card()
        .user_info(types::PrepaidCardMember::builder().user_id(10_000_000_001_u64))
        .address_info(delivery().extra("floor", 3))
        .service_id("000170000002000")
        .extra("isDeliveryRequired", "true")
        .send()
        .await
        .unwrap();
    assert_eq!(
        server.request().plaintext(),
        json!({
            "userInfo": {"userId": 10_000_000_001_u64},
            "addressInfo": {
                "address": "서울특별시 중구 세종대로 110", "addressDetail": "101동 101호",
                "zipCode": "04524", "floor": 3,
            },
            "serviceId": "000170000002000",
            "isDeliveryRequired": "true",
        })
    );
}

#[tokio::test]
async fn lists_go_out_in_order() {
    let server = Server::start(json_response(
        200,
        r#"{"response": {"code": "000_000"}, "serviceInfos": []}"#,
    ))
    .await;
    let client = server.client();
    client
        .list_card_products()
        .service_id_list(["000170000002000", "000170000003000"])
        .send()
        .await
        .unwrap();
    client
        .grant_points()
        .admin_point_message_info(types::PointGrantMessage::builder().reason("이벤트"))
        .point_reward_info_list([
            types::PointGrant::builder().point_type("USER"),
            types::PointGrant::builder()
                .point_type("CARD")
                .extra("amount", 500),
        ])
        .send()
        .await
        .unwrap();
    let sent: Vec<_> = server
        .requests()
        .iter()
        .map(support::Request::plaintext)
        .collect();
    assert_eq!(
        sent,
        [
            json!({"serviceIdList": ["000170000002000", "000170000003000"]}),
            json!({
                "adminPointMessageInfo": {"reason": "이벤트"},
                "pointRewardInfoList": [
                    {"pointType": "USER"},
                    {"pointType": "CARD", "amount": 500},
                ],
            }),
        ]
    );
}

#[tokio::test]
async fn a_fault_is_named_by_its_path() {
    let server = Server::start(json_response(200, SUCCESS)).await;
    let client = server.client();
    let card = || {
        client
            .apply_for_prepaid_card()
            .user_info(types::PrepaidCardMember::builder().user_id(1))
            .service_id("000170000002000")
    };
    let grant = |grants: Vec<types::parts::PointGrant>| {
        client
            .grant_points()
            .admin_point_message_info(types::PointGrantMessage::builder().reason("r"))
            .point_reward_info_list(grants)
    };
    let grant_of = types::PointGrant::builder;
    for (error, expected) in [
        (
            card()
                .address_info(delivery().zip_code("1"))
                .send()
                .await
                .unwrap_err(),
            "addressInfo.zipCode must have exactly 5 characters, and has 1",
        ),
        (
            card()
                .address_info(types::CardDeliveryAddress::builder().zip_code("04524"))
                .send()
                .await
                .unwrap_err(),
            "addressInfo.address is required",
        ),
        (
            card()
                .address_info(delivery().extra("zipCode", "04524"))
                .send()
                .await
                .unwrap_err(),
            "addressInfo.zipCode is described, and cannot be added as an extra field",
        ),
        (
            card()
                .user_info(types::PrepaidCardMember::builder())
                .send()
                .await
                .unwrap_err(),
            "userInfo.userId is required",
        ),
    ] {
        assert_eq!(
            error.to_string(),
            format!("apply_for_prepaid_card: invalid request: {expected}")
        );
        assert_eq!(error.delivery(), Delivery::NotSent);
    }
    for (error, expected) in [
        (
            grant(vec![
                grant_of().point_type("USER"),
                grant_of().point_type("BANK"),
            ])
            .send()
            .await
            .unwrap_err(),
            "pointRewardInfoList[1].pointType must be one of USER CARD",
        ),
        (
            grant(vec![grant_of()]).send().await.unwrap_err(),
            "pointRewardInfoList[0].pointType is required",
        ),
        (
            client
                .grant_points()
                .point_reward_info_list([])
                .send()
                .await
                .unwrap_err(),
            "adminPointMessageInfo is required",
        ),
    ] {
        assert_eq!(
            error.to_string(),
            format!("grant_points: invalid request: {expected}")
        );
    }
    let error = client
        .list_card_products()
        .service_id_list(["000170000002000", "1"])
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.field(), Some("serviceIdList[1]"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn dates_go_out_in_their_form() {
    let server = Server::start(json_response(200, SUCCESS)).await;
    let call = |day| {
        let client = server.client();
        async move {
            client
                .list_card_transactions()
                .par("Q180BEA3B2F1BBD8410336D66A4")
                .start_date(day)
                .end_date("20260331")
                .send()
                .await
        }
    };
    call(date(2026, 3, 1)).await.unwrap();
    assert_eq!(server.request().json()["startDate"], "20260301");
    let error = call(date(-1, 3, 1)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "list_card_transactions: invalid request: startDate must be a day that yyyyMMdd can say"
    );
}

#[tokio::test]
async fn unknown_encryption_is_plain_unless_the_call_says_otherwise() {
    let server = Server::start(json_response(
        200,
        r#"{"response": {"code": "000_000"}, "balance": 0, "approvalTime": "20260315104512345"}"#,
    ))
    .await;
    let client = server.client();
    let call = || client.cancel_payment().nr_number("KMN260315000000001");
    call().send().await.unwrap();
    call()
        .options(CallOptions::new().encrypt_request(true))
        .send()
        .await
        .unwrap();
    let requests = server.requests();
    assert_eq!(
        requests[0].json(),
        json!({"nrNumber": "KMN260315000000001"})
    );
    assert!(requests[1].json()["encData"].is_string());
    assert_eq!(requests[1].plaintext(), requests[0].json());
}
