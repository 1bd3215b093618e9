//! Rust, with this project's own client: it signs and encrypts by itself, and needs no gateway.

use super::Dialect;

pub(super) const DIALECT: Dialect = Dialect {
    id: "rust",
    language: "Rust",
    program: r#"// src/main.rs, with the crates konaplate, serde_json and tokio. No gateway is needed: the client signs and encrypts
// with the KONAPLATE_* variables, which `konaplate sandbox --env-file sandbox.env` writes.
use konaplate::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::from_env()?;
    let body: serde_json::Value = serde_json::from_str(BODY)?;
    match client.raw("PATH", body).send().await {
        // `expose` shows what is masked otherwise: card numbers, tokens, names.
        Ok(response) => println!("{}", response.expose()),
        // It never prints a part of the request. `delivery` says whether the call may have been carried out.
        Err(error) => println!("{error}\ndelivery: {:?}", error.delivery()),
    }
    Ok(())
}
"#,
    quote,
};

fn quote(text: &str) -> String {
    // A raw literal cannot hold one.
    if text.contains('\r') {
        let escaped = text.replace('\\', r"\\").replace('"', "\\\"");
        return format!("\"{}\"", escaped.replace('\r', r"\r"));
    }
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}
