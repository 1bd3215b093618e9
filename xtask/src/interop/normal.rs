//! The normal form of what a scenario prints: `interop/scenario.md`, "Normalization".

use serde_json::Value;

/// Members whose values differ from run to run.
const VARYING: [&str; 9] = [
    "approvalCode",
    "approvalTime",
    "dcvv",
    "expiryTime",
    "nrNumber",
    "oneTimeToken",
    "redirectUrl",
    "transactionId",
    "transferId",
];

/// The document with the shapes of ids and times in the place of their values.
pub(super) fn normal(document: &Value) -> Value {
    match document {
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    Value::String(text) if VARYING.contains(&name.as_str()) => shape(text).into(),
                    value => normal(value),
                };
                (name.clone(), value)
            })
            .collect(),
        value => value.clone(),
    }
}

fn shape(text: &str) -> String {
    without_port(text)
        .chars()
        .map(|c| match c {
            '0'..='9' => '9',
            'a'..='z' | 'A'..='Z' => 'a',
            other => other,
        })
        .collect()
}

/// A URL of this machine without its port, whose length varies.
fn without_port(text: &str) -> String {
    let host = "://127.0.0.1:";
    let Some((before, after)) = text.split_once(host) else {
        return text.to_owned();
    };
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}{}{after}", host.trim_end_matches(':'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_and_times_have_their_shapes() {
        let document = json!({
            "token": {"oneTimeToken": "5297000000000013", "expiryTime": "1773539142345"},
            "window": {"redirectUrl": "http://127.0.0.1:40123/pay?id=7b"},
            "history": {"items": [{"nrNumber": "KMN1", "trAmount": 20_000, "trType": "01"}]},
        });
        let expected = json!({
            "token": {"oneTimeToken": "9999999999999999", "expiryTime": "9999999999999"},
            "window": {"redirectUrl": "aaaa://999.9.9.9/aaa?aa=9a"},
            "history": {"items": [{"nrNumber": "aaa9", "trAmount": 20_000, "trType": "01"}]},
        });
        assert_eq!(normal(&document), expected);
    }

    #[test]
    fn an_id_that_became_a_number_shows() {
        let spoilt = json!({"nrNumber": 1, "userId": "9999999999999999999"});
        assert_eq!(normal(&spoilt), spoilt);
    }
}
