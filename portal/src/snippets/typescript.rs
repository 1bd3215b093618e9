//! TypeScript with `fetch`. It is JavaScript as well, for a Node that reads no types.

use super::Dialect;

pub(super) const DIALECT: Dialect = Dialect {
    id: "typescript",
    language: "TypeScript",
    program: r#"// call.mjs: node call.mjs
const gateway = process.env.KONAPLATE_GATEWAY ?? "http://127.0.0.1:8788";
const body = BODY;

// An exception is no response: the call may have been carried out.
const response = await fetch(`${gateway}PATH`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body,
  redirect: "error",
  signal: AbortSignal.timeout(60_000),
});
console.log(response.status, await response.text());
if (!response.ok) {
  console.log("Konaplate-Delivery:", response.headers.get("Konaplate-Delivery") ?? "maybe-processed");
}
"#,
    quote,
};

fn quote(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('`', r"\`");
    let escaped = escaped.replace("${", r"\${").replace('\r', r"\r");
    format!("`{escaped}`")
}
