//! curl, in a shell.

use super::Dialect;

pub(super) const DIALECT: Dialect = Dialect {
    id: "curl",
    language: "curl",
    program: r#"curl --silent --show-error --include --max-time 60 \
    --header 'Content-Type: application/json' \
    --data-raw BODY \
    "${KONAPLATE_GATEWAY:-http://127.0.0.1:8788}PATH"
# A failure has the header Konaplate-Delivery. No response: the call may have been carried out.
"#,
    quote,
};

fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
