//! Promise: a sandbox that deviates does so, and only in what it was told.

use konaplate::protocol::{ContentEncryption, KeyWrapping, OaepHash};
use konaplate::{CorrelationId, TimeZone};
use konaplate_sandbox::{Deviations, OnWrong, ResponseIds, Sandbox, UnknownFields, fixtures};

async fn sandbox(deviations: Deviations) -> Sandbox {
    let builder = Sandbox::builder().deviations(deviations);
    builder.start().await.unwrap()
}

#[tokio::test]
async fn the_only_zone_is_the_one_that_is_taken() {
    let sandbox = sandbox(Deviations {
        time_zone: Some(TimeZone::Utc),
        ..Deviations::default()
    })
    .await;
    let error = sandbox.client().list_terms().send().await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), "sandbox:time-zone");
    let client = sandbox.client_builder().time_zone(TimeZone::Utc).build();
    client.unwrap().list_terms().send().await.unwrap();
}

#[tokio::test]
async fn responses_are_wrapped_with_the_hash_that_was_asked_for() {
    let sandbox = sandbox(Deviations {
        response_hash: OaepHash::Sha1,
        response_content: ContentEncryption::A256Gcm,
        ..Deviations::default()
    })
    .await;
    let user = fixtures::MEMBERS[0].user_id;
    let strict = sandbox.client();
    assert!(strict.get_member().user_id(user).send().await.is_err());
    let lenient = sandbox
        .client_builder()
        .key_wrapping(KeyWrapping::RsaOaep256OrSha1)
        .build()
        .unwrap();
    lenient.get_member().user_id(user).send().await.unwrap();
}

#[tokio::test]
async fn requests_of_another_hash_are_refused() {
    let sandbox = sandbox(Deviations {
        request_hashes: vec![OaepHash::Sha1],
        ..Deviations::default()
    })
    .await;
    let user = fixtures::MEMBERS[0].user_id;
    let error = sandbox.client().get_member().user_id(user).send().await;
    let code = error.unwrap_err().code().unwrap().code().to_owned();
    assert_eq!(code, "sandbox:encryption");
}

#[tokio::test]
async fn a_wrong_token_gets_what_was_asked_for() {
    let with = async |wrong_token: OnWrong| {
        let sandbox = sandbox(Deviations {
            wrong_token,
            ..Deviations::default()
        })
        .await;
        let client = sandbox
            .client_builder()
            .project_keys(fixtures::ASP_ID, fixtures::ACCESS_KEY, "another secret")
            .build()
            .unwrap();
        let sent = client.list_terms().send().await;
        sent.map(drop).map_err(|error| error.http_status())
    };
    assert_eq!(with(OnWrong::Explain).await, Err(Some(401)));
    assert_eq!(with(OnWrong::Accept).await, Ok(()));
    let (status, code) = (403, Some("000_099".to_owned()));
    assert_eq!(
        with(OnWrong::Respond { status, code }).await,
        Err(Some(403))
    );
}

#[tokio::test]
async fn a_field_that_nobody_described_is_refused_or_left_out() {
    // Of this request the description does not have all fields.
    for (unknown_fields, is_taken) in [
        (UnknownFields::AsDescribed, true),
        (UnknownFields::Refused, false),
        (UnknownFields::Ignored, true),
    ] {
        let sandbox = sandbox(Deviations {
            unknown_fields,
            ..Deviations::default()
        })
        .await;
        let client = sandbox.client();
        let sent = client.list_terms().extra("another", "1").send().await;
        assert_eq!(sent.is_ok(), is_taken, "{unknown_fields:?}");
    }
}

#[tokio::test]
async fn a_response_may_come_without_the_id_of_its_request() {
    let sandbox = sandbox(Deviations {
        response_ids: ResponseIds::Missing,
        ..Deviations::default()
    })
    .await;
    let id = CorrelationId::fresh(TimeZone::Kst);
    let request = http::Request::post("/api/v1/user/terms/all")
        .header("x-km-correlation-id", id.as_str())
        .body(b"{}".to_vec())
        .unwrap();
    let response = sandbox.respond(request).await;
    assert!(!response.headers().contains_key("x-km-correlation-id"));
}
