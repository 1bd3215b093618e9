//! progenitor's client would send plaintext without headers.

fn main() {
    let _ = konaplate::generated::Client::new_with_client;
}
