//! Codes of gifts that are sent.

use konaplate_sandbox::Sandbox;
use serde_json::json;

use super::{Seen, refused};
use crate::support::{CARD, gift};

pub(crate) async fn gifts(seen: &mut Seen) {
    let sandbox = Sandbox::start().await.unwrap();
    let client = sandbox.client();
    let card = "9491330000001014";
    refused(
        gift(&client, card, json!({"locale": "JP"})).await,
        "000_002",
        seen,
    );
    refused(
        gift(&client, card, json!({"amount": 0})).await,
        "005_022",
        seen,
    );
    refused(
        gift(&client, card, json!({"receiverPhone": "01000000001"})).await,
        "005_023",
        seen,
    );
    refused(
        gift(&client, "9491330000001030", json!({})).await,
        "005_024",
        seen,
    );
    refused(
        gift(&client, "9491330000001022", json!({})).await,
        "005_025",
        seen,
    );
    refused(
        gift(&client, card, json!({"amount": 29_999})).await,
        "005_026",
        seen,
    );
    refused(
        gift(&client, "9491330000001055", json!({})).await,
        "005_027",
        seen,
    );
    refused(
        gift(&client, "9491330000001048", json!({})).await,
        "005_028",
        seen,
    );
    refused(
        gift(&client, CARD, json!({"amount": 100_000})).await,
        "005_029",
        seen,
    );
}
