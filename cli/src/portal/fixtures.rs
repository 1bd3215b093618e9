//! Which cards the members of the sandbox have, for a page that makes one-time tokens of them, and who is paid.

use konaplate_portal::{File, POLICY};
use konaplate_sandbox::fixtures::{
    CARDS, GIFT_SERVICE_ID, MERCHANTS, SERVICE_ID, TestCard, TestCardState,
};
use serde_json::{Value, json};

/// Where the pages read it.
pub(super) const PATH: &str = "assets/fixtures.json";

/// Each member's first card for payments, and the first one to be given away.
pub(super) fn file() -> File {
    let mut cards: Vec<&TestCard> = Vec::new();
    for card in CARDS.iter().filter(|card| card.service_id == SERVICE_ID) {
        if cards.iter().all(|known| known.user_id != card.user_id) {
            cards.push(card);
        }
    }
    let cards: Vec<_> = cards.into_iter().map(shown).collect();
    let is_gift = |card: &&TestCard| {
        card.service_id == GIFT_SERVICE_ID && card.state == TestCardState::Ordinary
    };
    let gift = CARDS.iter().find(is_gift).map(shown);
    File {
        content_type: "application/json",
        body: json!({"cards": cards, "gift": gift, "merchants": MERCHANTS})
            .to_string()
            .into_bytes(),
        policy: POLICY,
    }
}

fn shown(card: &TestCard) -> Value {
    json!({
        // A text: the largest is none of JavaScript's numbers.
        "userId": card.user_id.to_string(),
        "cardNo": card.card_no,
        "par": card.par,
        "serviceId": card.service_id,
        "balance": card.balance,
    })
}
