//! The HTTP client and the keys inside cannot be reached around the signing.

fn main() {
    let client = konaplate::Client::from_env().unwrap();
    let _ = client.core();
}
