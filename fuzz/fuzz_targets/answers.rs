//! Any JSON is read as an answer or refused, without a panic; what was read is written again and reads
//! as the same; and its fields print nothing that is sensitive.
#![no_main]

use konaplate::types;
use libfuzzer_sys::fuzz_target;

fn read<T>(data: &[u8])
where
    T: serde::de::DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug,
{
    if let Ok(answer) = serde_json::from_slice::<T>(data) {
        let written = serde_json::to_vec(&answer).unwrap();
        let again: T = serde_json::from_slice(&written).unwrap();
        assert!(answer == again);
        let _ = format!("{answer:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    read::<types::IssueOneTimeTokenResponse>(data);
    read::<types::RechargeFromBankAccountResponse>(data);
    read::<types::GetBankRechargeResultResponse>(data);
    read::<types::ListCardTransactionsResponse>(data);
    read::<types::ListMemberCardsResponse>(data);
    read::<types::GetMemberResponse>(data);
    read::<types::GetRefundFeeResponse>(data);
    read::<types::ListMileageHistoryResponse>(data);
    read::<types::RegisterMemberRequest>(data);
    read::<types::GrantPointsRequest>(data);
});
