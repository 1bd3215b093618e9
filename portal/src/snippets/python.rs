//! Python with `urllib`.

use super::{Dialect, between_three};

pub(super) const DIALECT: Dialect = Dialect {
    id: "python",
    language: "Python",
    program: r#"# call.py: python3 call.py
import os
import urllib.error
import urllib.request

gateway = os.environ.get("KONAPLATE_GATEWAY", "http://127.0.0.1:8788")
body = BODY

request = urllib.request.Request(
    gateway + "PATH",
    data=body.encode(),
    headers={"Content-Type": "application/json"},
    method="POST",
)
# Any other exception is no response: the call may have been carried out.
try:
    with urllib.request.urlopen(request, timeout=60) as response:
        print(response.status, response.read().decode())
except urllib.error.HTTPError as failure:
    print(failure.code, failure.read().decode())
    print("Konaplate-Delivery:", failure.headers.get("Konaplate-Delivery", "maybe-processed"))
"#,
    quote,
};

fn quote(text: &str) -> String {
    let inside = between_three(text, true, "\\\"", |c| match c {
        '\\' => Some(r"\\"),
        '\r' => Some(r"\r"),
        _ => None,
    });
    format!("\"\"\"{inside}\"\"\"")
}
