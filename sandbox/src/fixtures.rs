//! Who and what is there when the sandbox starts.
//!
//! Names, birth dates, bank accounts and merchants are those that the vendor's portal shows for its
//! public sandbox (fictitious people). So are the first card's number and PAR, and the card
//! product. User ids, phone numbers, the other cards and all amounts are made up for this sandbox.
//! Every id that a caller needs is listed in `sandbox/README.md`; a test compares the two.

/// ASP id of the public sandbox.
pub const ASP_ID: &str = "000170000000000";
/// Access key, made up.
pub const ACCESS_KEY: &str = "5a4db0c-0123456789abcdef0123456789abcdef";
/// Secret key that goes with the access key, made up.
pub const SECRET_KEY: &str = "sandbox-secret-key";
/// Id of the crypto key, made up.
pub const CRYPTO_KEY_ID: &str = "5a4db0c0000000000000000000000001";
/// Affiliate id, made up.
pub const AFFILIATE_ID: &str = "000170000001000";
/// The card product of ordinary cards.
pub const SERVICE_ID: &str = "000170000002000";
/// A card product for gifts, made up.
pub const GIFT_SERVICE_ID: &str = "000170000003000";
/// A card product that is not issued in advance: its physical card has to be delivered. Made up.
pub const DELIVERED_SERVICE_ID: &str = "000170000004000";
/// Merchants that KONA acquires for.
pub const MERCHANTS: [&str; 5] = [
    "410195430033901",
    "410894040073801",
    "410147370025101",
    "410616271317501",
    "410121137754301",
];

/// The password of every member that is there when the sandbox starts, made up.
pub const LOGIN_PASSWORD: &str = "246813";
/// What the partner's deposit holds when the sandbox starts, in KRW.
pub const DEPOSIT: u64 = 100_000_000;
/// The partner's id as a recharge dealer, made up.
pub const RECHARGER_ID: &str = "000170000009000";
/// Code and number of the bank account about which the payment gateway gives no clear response at
/// first: recharges from it are pending for 5 minutes.
pub const LATE_BANK_ACCOUNT: (&str, &str) = ("005", "2224444455605");
/// What is printed as the CVC on every card, made up.
pub const CVC: &str = "111";

pub(crate) const SERVER_PRIVATE_KEY: &str = include_str!("../keys/server.pkcs8.pem");
pub(crate) const SERVER_PUBLIC_KEY: &str = include_str!("../keys/server.spki.pem");
pub(crate) const CLIENT_PRIVATE_KEY: &str = include_str!("../keys/client.pkcs8.pem");
pub(crate) const CLIENT_PUBLIC_KEY: &str = include_str!("../keys/client.spki.pem");

/// A member of the sandbox.
#[derive(Debug, Clone, Copy)]
pub struct TestMember {
    /// Member id.
    pub user_id: u64,
    /// Name.
    pub name: &'static str,
    /// Mobile phone number.
    pub phone: &'static str,
    /// Date of birth, yyyyMMdd.
    pub birth_date: &'static str,
    /// Bank code, account number and balance in KRW; none for the member without an account.
    pub bank: Option<(&'static str, &'static str, u64)>,
}

impl TestMember {
    /// Login id.
    #[must_use]
    pub fn login_id(&self) -> String {
        format!("{}@sandbox.example", self.user_id)
    }

    /// Connecting information (CI): the member id, filled up with zeros in front to 88 characters.
    #[must_use]
    pub fn ci(&self) -> String {
        format!("{:088}", self.user_id)
    }
}

/// A card of the sandbox.
#[derive(Debug, Clone, Copy)]
pub struct TestCard {
    /// Member id of the holder.
    pub user_id: u64,
    /// Number.
    pub card_no: &'static str,
    /// PAR.
    pub par: &'static str,
    /// Card product.
    pub service_id: &'static str,
    /// Last month it is good for, YYMM.
    pub expiry: &'static str,
    /// Balance in KRW.
    pub balance: u64,
    /// What is particular about it.
    pub state: TestCardState,
}

/// What is particular about a test card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestCardState {
    /// Nothing.
    Ordinary,
    /// It is suspended.
    Suspended,
    /// A payment was made with it.
    Paid,
    /// A lower-limit auto recharge is set on it.
    AutoRecharge,
}

const fn member(
    user_id: u64,
    name: &'static str,
    phone: &'static str,
    birth_date: &'static str,
    bank: Option<(&'static str, &'static str, u64)>,
) -> TestMember {
    TestMember {
        user_id,
        name,
        phone,
        birth_date,
        bank,
    }
}

/// Balance of the accounts that the portal marks as having one.
const FULL: u64 = 1_000_000;

/// The largest member id that there can be: above 2^63-1, so that neither a signed integer nor a
/// double-precision float holds it.
pub const LARGEST_USER_ID: u64 = 9_999_999_999_999_999_999;

/// The ten people of the portal, one without a bank account, and one with the largest member id.
pub const MEMBERS: [TestMember; 12] = [
    member(
        10_000_000_001,
        "김코나",
        "01000000001",
        "19751112",
        Some(("003", "333015555557", FULL)),
    ),
    member(
        10_000_000_002,
        "김코코",
        "01000000002",
        "19890530",
        Some(("010", "11112333333", FULL)),
    ),
    member(
        10_000_000_003,
        "박탐나",
        "01000000003",
        "19920315",
        Some(("020", "1006122222222", FULL)),
    ),
    member(
        10_000_000_004,
        "유대코",
        "01000000004",
        "19991202",
        Some(("034", "100333888888", 0)),
    ),
    member(
        10_000_000_005,
        "이모나",
        "01000000005",
        "20050628",
        Some(("092", "100666666668", 0)),
    ),
    member(
        10_000_000_006,
        "정푸루",
        "01000000006",
        "19880214",
        Some(("005", "2224444455605", FULL)),
    ),
    member(
        10_000_000_007,
        "조동백",
        "01000000007",
        "19950525",
        Some(("021", "10044444445", 0)),
    ),
    member(
        10_000_000_008,
        "최이음",
        "01000000008",
        "19970911",
        Some(("031", "505222222224", 0)),
    ),
    member(
        10_000_000_009,
        "추비즈",
        "01000000009",
        "20020126",
        Some(("045", "9002777777779", 0)),
    ),
    member(
        10_000_000_010,
        "한배코",
        "01000000010",
        "19800704",
        Some(("004", "3333015555556", FULL)),
    ),
    member(10_000_000_011, "홍길동", "01000000011", "19900101", None),
    member(
        LARGEST_USER_ID,
        "구최대",
        "01000000012",
        "19991231",
        Some(("088", "110999999999", FULL)),
    ),
];

const fn card(
    user_id: u64,
    card_no: &'static str,
    par: &'static str,
    service_id: &'static str,
    expiry: &'static str,
    balance: u64,
    state: TestCardState,
) -> TestCard {
    TestCard {
        user_id,
        card_no,
        par,
        service_id,
        expiry,
        balance,
        state,
    }
}

/// One ordinary card a member, and six cards of 김코나 for the cases that are not ordinary.
pub const CARDS: [TestCard; 18] = {
    use TestCardState::{AutoRecharge, Ordinary, Paid, Suspended};
    [
        card(
            10_000_000_001,
            "9491339401250765",
            "Q180BEA3B2F1BBD8410336D66A4",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_002,
            "9491330000000024",
            "Q1000000000000000000000002A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_003,
            "9491330000000032",
            "Q1000000000000000000000003A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_004,
            "9491330000000040",
            "Q1000000000000000000000004A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_005,
            "9491330000000057",
            "Q1000000000000000000000005A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_006,
            "9491330000000065",
            "Q1000000000000000000000006A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_007,
            "9491330000000073",
            "Q1000000000000000000000007A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_008,
            "9491330000000081",
            "Q1000000000000000000000008A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_009,
            "9491330000000099",
            "Q1000000000000000000000009A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_010,
            "9491330000000107",
            "Q1000000000000000000000010A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_011,
            "9491330000000115",
            "Q1000000000000000000000011A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
        card(
            10_000_000_001,
            "9491330000001014",
            "Q1000000000000000000000101A",
            GIFT_SERVICE_ID,
            "3108",
            30_000,
            Ordinary,
        ),
        card(
            10_000_000_001,
            "9491330000001022",
            "Q1000000000000000000000102A",
            GIFT_SERVICE_ID,
            "2412",
            30_000,
            Ordinary,
        ),
        card(
            10_000_000_001,
            "9491330000001030",
            "Q1000000000000000000000103A",
            GIFT_SERVICE_ID,
            "3108",
            30_000,
            Suspended,
        ),
        card(
            10_000_000_001,
            "9491330000001048",
            "Q1000000000000000000000104A",
            GIFT_SERVICE_ID,
            "3108",
            30_000,
            Paid,
        ),
        card(
            10_000_000_001,
            "9491330000001055",
            "Q1000000000000000000000105A",
            GIFT_SERVICE_ID,
            "3108",
            30_000,
            AutoRecharge,
        ),
        card(
            10_000_000_001,
            "9491330000001063",
            "Q1000000000000000000000106A",
            SERVICE_ID,
            "3108",
            1_990_000,
            Ordinary,
        ),
        card(
            LARGEST_USER_ID,
            "9491330000000123",
            "Q1000000000000000000000012A",
            SERVICE_ID,
            "3108",
            100_000,
            Ordinary,
        ),
    ]
};

/// The Luhn check of a card number (ISO/IEC 7812-1, annex B).
pub(crate) fn passes_luhn(card_no: &str) -> bool {
    let mut sum = 0;
    for (place, digit) in card_no.bytes().rev().enumerate() {
        if !digit.is_ascii_digit() {
            return false;
        }
        let digit = u32::from(digit - b'0');
        sum += match (place % 2, digit) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => 2 * digit - 9,
            (_, digit) => 2 * digit,
        };
    }
    !card_no.is_empty() && sum % 10 == 0
}

/// The digits with the check digit that makes them pass.
pub(crate) fn with_check_digit(digits: &str) -> String {
    (0..10)
        .map(|check| format!("{digits}{check}"))
        .find(|number| passes_luhn(number))
        .unwrap_or_default()
}

/// Name of a card product.
pub(crate) fn service_name(service_id: &str) -> &'static str {
    match service_id {
        GIFT_SERVICE_ID => "Sandbox gift card",
        DELIVERED_SERVICE_ID => "Sandbox delivered card",
        _ => "Sandbox card",
    }
}

/// Number of the physical card that is delivered for an application: 949134, the last nine digits
/// of the application's number, and a check digit.
#[must_use]
pub fn physical_card_no(card_apply_no: &str) -> String {
    let start = card_apply_no.len().saturating_sub(9);
    with_check_digit(&format!(
        "949134{}",
        card_apply_no.get(start..).unwrap_or_default()
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn numbers_pass_luhn_and_pars_have_27_characters() {
        for card in CARDS {
            assert_eq!(card.card_no.len(), 16);
            assert!(passes_luhn(card.card_no), "{}", card.par);
            assert_eq!(card.par.len(), 27, "{}", card.par);
            assert!(MEMBERS.iter().any(|member| member.user_id == card.user_id));
        }
        assert!(!passes_luhn("9491339401250766"));
    }

    #[test]
    fn nothing_is_there_twice() {
        let cards: HashSet<_> = CARDS.iter().map(|card| card.card_no).collect();
        let pars: HashSet<_> = CARDS.iter().map(|card| card.par).collect();
        let members: HashSet<_> = MEMBERS.iter().map(|member| member.user_id).collect();
        assert_eq!((cards.len(), pars.len(), members.len()), (18, 18, 12));
    }

    #[test]
    fn the_readme_lists_every_id() {
        let readme = include_str!("../README.md");
        let ids = CARDS
            .iter()
            .flat_map(|card| [card.card_no, card.par])
            .chain(MERCHANTS)
            .chain([
                AFFILIATE_ID,
                SERVICE_ID,
                GIFT_SERVICE_ID,
                DELIVERED_SERVICE_ID,
                RECHARGER_ID,
                LOGIN_PASSWORD,
                CVC,
                ASP_ID,
                ACCESS_KEY,
                SECRET_KEY,
                CRYPTO_KEY_ID,
            ])
            .chain(
                MEMBERS
                    .iter()
                    .flat_map(|member| [member.name, member.phone]),
            )
            .map(str::to_owned)
            .chain(MEMBERS.iter().map(|member| member.user_id.to_string()));
        for id in ids {
            assert!(readme.contains(&id), "{id}");
        }
    }
}
