//! Whoever wants a charge to be repeated finds no method for it.

fn main() {
    let client = konaplate::Client::from_env().unwrap();
    let policy = konaplate::RetryPolicy::new();
    let _ = client.recharge_from_bank_account().retry(policy);
    let _ = client.recharge_from_bank_account().retry_unsent(policy);
    let _ = client.gift_prepaid_card().retry(policy);
}
