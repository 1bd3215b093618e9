//! What changes something can be repeated if it was not sent, and not otherwise.

fn main() {
    let client = konaplate::Client::from_env().unwrap();
    let policy = konaplate::RetryPolicy::new();
    let _ = client.deregister_auto_recharge().retry(policy);
}
