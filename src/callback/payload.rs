//! What a callback says: the kinds that are known, and their fields.
//!
//! The kinds and fields are those of one integration of the older direct line; see the
//! [module](super) for how sure that is. So every field is optional, a number is taken for text and
//! the reverse, and what is not expected is kept in `other`. Nothing here can fail.

use serde_json::{Map, Value};

use crate::value::{Decimal, Masked, MaskedJson};
use crate::value::{SensitiveRule, Text, TextRule, UnknownWord, open_enum};

/// The kinds of callbacks that were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallbackKind {
    /// A payment, charge, refund or transfer, or the cancellation of one, as it happens.
    Transaction,
    /// A member activated a card.
    CardActivated,
    /// A member left.
    MemberWithdrawn,
    /// A card is on its way. Its fields were not seen, so only a route can tell this kind.
    ShippingStatus,
    /// None of these, or not certainly one of them.
    Unknown,
}

/// A callback as far as its fields are known. The whole of it is
/// [`Callback::json`](super::Callback::json).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum CallbackPayload {
    /// See [`CallbackKind::Transaction`].
    Transaction(Box<Transaction>),
    /// See [`CallbackKind::CardActivated`].
    CardActivated(Box<CardActivated>),
    /// See [`CallbackKind::MemberWithdrawn`].
    MemberWithdrawn(Box<MemberWithdrawn>),
    /// See [`CallbackKind::ShippingStatus`].
    ShippingStatus(MaskedJson),
    /// See [`CallbackKind::Unknown`].
    Unknown(MaskedJson),
}

/// What the values that are not printed, or that are dates, are.
pub mod rules {
    use super::{SensitiveRule, TextRule};
    use crate::value::DateTimeRule;

    macro_rules! sensitive {
        ($($(#[$doc:meta])* $name:ident = $kind:literal),+ $(,)?) => {$(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl TextRule for $name {
                const NAME: &'static str = concat!("Callback", stringify!($name));
                const MIN: usize = 0;
                const MAX: Option<usize> = None;
            }

            impl SensitiveRule for $name {
                const KIND: &'static str = $kind;
            }
        )+};
    }

    sensitive! {
        /// A card number.
        CardNumber = "card-number",
        /// The PAR of a card: stands for it in requests.
        Par = "par",
        /// The name of a person.
        PersonName = "name",
        /// An address on the web. What it may carry is not known.
        Url = "url",
    }

    /// A date and time of 14 digits, `yyyyMMddHHmmss`.
    #[derive(Debug)]
    pub enum ApprovalTime {}

    impl TextRule for ApprovalTime {
        const NAME: &'static str = "CallbackApprovalTime";
        const MIN: usize = 14;
        const MAX: Option<usize> = Some(14);
    }

    impl DateTimeRule for ApprovalTime {
        const FORM: &'static str = "yyyyMMddHHmmss";
    }
}

/// When a transaction was approved: 14 digits, `yyyyMMddHHmmss`, presumably KST.
/// [`to_datetime`](Text::to_datetime) reads it.
pub type ApprovalTime = Text<rules::ApprovalTime>;

open_enum! {
    /// What a transaction is.
    TransactionType {
        /// A payment.
        Payment = "00",
        /// Money was put on the card.
        Recharge = "01",
        /// Money was given back.
        Refund = "02",
        /// Money went from card to card.
        Transfer = "03",
    }
}

open_enum! {
    /// Whether a transaction was made or undone.
    AuthOrCancel {
        /// It was made.
        Auth = "AUTH",
        /// It was cancelled.
        Cancel = "CANCEL",
    }
}

/// An amount as it came, presumably in whole KRW.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Amount(String);

impl Amount {
    /// The text, or the digits of the number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The amount in KRW. None if it is not a whole number, or out of the range of `i64`.
    #[must_use]
    pub fn krw(&self) -> Option<i64> {
        Decimal::parse(self.0.trim())?.to_i64()
    }
}

/// A transaction, as it happens.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Transaction {
    /// `userId`: the member.
    pub user_id: Option<String>,
    /// `par`: the card.
    pub par: Option<Masked<rules::Par>>,
    /// `trType`: what it is.
    pub tr_type: Option<TransactionType>,
    /// `authCancelType`: whether it was made or undone.
    pub auth_cancel_type: Option<AuthOrCancel>,
    /// `orgAmount`: presumably before discount and points.
    pub org_amount: Option<Amount>,
    /// `trAmount`: presumably what was taken off or put on the card.
    pub tr_amount: Option<Amount>,
    /// `discountAmount`.
    pub discount_amount: Option<Amount>,
    /// `pointAmount`.
    pub point_amount: Option<Amount>,
    /// `balanceAfter`: of the card.
    pub balance_after: Option<Amount>,
    /// `approvalDateTime`.
    pub approval_date_time: Option<ApprovalTime>,
    /// `merchantName`.
    pub merchant_name: Option<String>,
    /// `approvalCode`.
    pub approval_code: Option<String>,
    /// `cardNo`.
    pub card_no: Option<Masked<rules::CardNumber>>,
    /// `mti`: presumably the message type of ISO 8583.
    pub mti: Option<String>,
    /// `responseCode`: presumably that of the card network.
    pub response_code: Option<String>,
    /// `url`: what it is for is not known.
    pub url: Option<Masked<rules::Url>>,
    /// All other fields.
    pub other: MaskedJson,
}

/// A member activated a card.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CardActivated {
    /// `cardApplyNo`: the application that the card came of.
    pub card_apply_no: Option<String>,
    /// `userId`: the member.
    pub user_id: Option<String>,
    /// `par`: the card.
    pub par: Option<Masked<rules::Par>>,
    /// `physicalCardNo`.
    pub physical_card_no: Option<Masked<rules::CardNumber>>,
    /// `receiverName`.
    pub receiver_name: Option<Masked<rules::PersonName>>,
    /// `receiveDay`: its form was not seen.
    pub receive_day: Option<String>,
    /// `url`: what it is for is not known.
    pub url: Option<Masked<rules::Url>>,
    /// All other fields.
    pub other: MaskedJson,
}

/// A member left.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct MemberWithdrawn {
    /// `userId`: the member.
    pub user_id: Option<String>,
    /// `par`: the card.
    pub par: Option<Masked<rules::Par>>,
    /// `digitalCardNo`.
    pub digital_card_no: Option<Masked<rules::CardNumber>>,
    /// `physicalCardNo`.
    pub physical_card_no: Option<Masked<rules::CardNumber>>,
    /// `url`: what it is for is not known.
    pub url: Option<Masked<rules::Url>>,
    /// All other fields.
    pub other: MaskedJson,
}

/// The fields that people read. In all others a character that could not be read makes another
/// value.
pub(super) const FREE_TEXT: [&str; 2] = ["merchantName", "receiverName"];

/// The four fields that must be in a transaction, and must say something.
const TRANSACTION: [&str; 4] = ["userId", "par", "trType", "authCancelType"];
const CARD_ACTIVATED: [&str; 7] = [
    "cardApplyNo",
    "userId",
    "par",
    "physicalCardNo",
    "receiverName",
    "receiveDay",
    "url",
];
const MEMBER_WITHDRAWN: [&str; 5] = ["userId", "par", "digitalCardNo", "physicalCardNo", "url"];

impl CallbackKind {
    /// Tells the kind by the fields. The rules are those of
    /// [`Callback::kind`](super::Callback::kind).
    ///
    /// Two kinds must have no field but those that were seen with them, since the callback for the
    /// state of a shipment, whose fields nobody wrote down, may well share theirs.
    pub(super) fn of(fields: &Map<String, Value>) -> Self {
        let says = |name: &str| match fields.get(name) {
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(Value::Number(_)) => true,
            _ => false,
        };
        let has = |name: &str| fields.contains_key(name);
        let only = |known: &[&str]| fields.keys().all(|name| known.contains(&name.as_str()));

        if TRANSACTION.into_iter().all(says) && !has("cardApplyNo") && !has("digitalCardNo") {
            Self::Transaction
        } else if ["userId", "cardApplyNo", "physicalCardNo"]
            .into_iter()
            .all(says)
            && only(&CARD_ACTIVATED)
        {
            Self::CardActivated
        } else if says("userId") && has("digitalCardNo") && only(&MEMBER_WITHDRAWN) {
            Self::MemberWithdrawn
        } else {
            Self::Unknown
        }
    }
}

impl CallbackPayload {
    pub(super) fn read(kind: CallbackKind, fields: &Map<String, Value>) -> Self {
        let mut fields = Fields(fields.clone());
        match kind {
            CallbackKind::Transaction => Self::Transaction(Box::new(Transaction {
                user_id: fields.text("userId"),
                par: fields.masked("par"),
                tr_type: fields.text("trType").map(|word| {
                    TransactionType::from_word(&word)
                        .unwrap_or_else(|| TransactionType::Unknown(UnknownWord::new(word)))
                }),
                auth_cancel_type: fields.text("authCancelType").map(|word| {
                    AuthOrCancel::from_word(&word)
                        .unwrap_or_else(|| AuthOrCancel::Unknown(UnknownWord::new(word)))
                }),
                org_amount: fields.text("orgAmount").map(Amount),
                tr_amount: fields.text("trAmount").map(Amount),
                discount_amount: fields.text("discountAmount").map(Amount),
                point_amount: fields.text("pointAmount").map(Amount),
                balance_after: fields.text("balanceAfter").map(Amount),
                approval_date_time: fields.text("approvalDateTime").map(Text::as_received),
                merchant_name: fields.text("merchantName"),
                approval_code: fields.text("approvalCode"),
                card_no: fields.masked("cardNo"),
                mti: fields.text("mti"),
                response_code: fields.text("responseCode"),
                url: fields.masked("url"),
                other: fields.other(),
            })),
            CallbackKind::CardActivated => Self::CardActivated(Box::new(CardActivated {
                card_apply_no: fields.text("cardApplyNo"),
                user_id: fields.text("userId"),
                par: fields.masked("par"),
                physical_card_no: fields.masked("physicalCardNo"),
                receiver_name: fields.masked("receiverName"),
                receive_day: fields.text("receiveDay"),
                url: fields.masked("url"),
                other: fields.other(),
            })),
            CallbackKind::MemberWithdrawn => Self::MemberWithdrawn(Box::new(MemberWithdrawn {
                user_id: fields.text("userId"),
                par: fields.masked("par"),
                digital_card_no: fields.masked("digitalCardNo"),
                physical_card_no: fields.masked("physicalCardNo"),
                url: fields.masked("url"),
                other: fields.other(),
            })),
            CallbackKind::ShippingStatus => Self::ShippingStatus(fields.other()),
            CallbackKind::Unknown => Self::Unknown(fields.other()),
        }
    }
}

/// From 2^53 on a float is written with an exponent, or stands for integers between which it cannot
/// tell.
fn is_large(number: f64) -> bool {
    number.abs() >= 9_007_199_254_740_992.0
}

/// The fields that were not taken yet.
struct Fields(Map<String, Value>);

impl Fields {
    /// Takes a field that is text or a number. Null is none; anything else stays among the others.
    fn text(&mut self, name: &str) -> Option<String> {
        match self.0.get_mut(name)? {
            Value::String(text) => {
                let text = std::mem::take(text);
                self.0.remove(name);
                Some(text)
            }
            // A float of that size has another text than its digits.
            Value::Number(number) if number.is_f64() && number.as_f64().is_none_or(is_large) => {
                None
            }
            Value::Number(number) => {
                let text = number.to_string();
                self.0.remove(name);
                Some(text)
            }
            Value::Null => {
                self.0.remove(name);
                None
            }
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn masked<R: SensitiveRule>(&mut self, name: &str) -> Option<Masked<R>> {
        self.text(name).map(Masked::as_received)
    }

    fn other(self) -> MaskedJson {
        MaskedJson::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_amount_is_whole_won_or_none() {
        for (text, krw) in [
            ("4500", Some(4_500)),
            (" -4500 ", Some(-4_500)),
            ("4500.00", Some(4_500)),
            ("0", Some(0)),
            ("4500.5", None),
            ("4,500", None),
            ("4.5e3", Some(4_500)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("4.5e400", None),
            ("", None),
            (".0", None),
            ("9223372036854775808", None),
        ] {
            assert_eq!(Amount(text.to_owned()).krw(), krw, "{text}");
        }
    }

    fn kind(json: Value) -> CallbackKind {
        CallbackKind::of(json.as_object().unwrap())
    }

    #[test]
    fn fields_tell_the_kind_only_without_a_doubt() {
        use CallbackKind::{CardActivated, MemberWithdrawn, Transaction, Unknown};
        let cases = [
            (
                json!({"userId": 1, "par": "Q", "trType": "00", "authCancelType": "AUTH", "new": 1}),
                Transaction,
            ),
            (
                json!({"userId": 1, "par": "Q", "trType": "00", "authCancelType": " "}),
                Unknown,
            ),
            (
                json!({"userId": 1, "par": null, "trType": "00", "authCancelType": "AUTH"}),
                Unknown,
            ),
            (
                json!({"userId": 1, "par": "Q", "trType": "00", "authCancelType": "AUTH",
                       "cardApplyNo": "A"}),
                Unknown,
            ),
            (
                json!({"userId": "1", "cardApplyNo": "A", "physicalCardNo": "9"}),
                CardActivated,
            ),
            // A shipment may have these, and more.
            (
                json!({"userId": "1", "cardApplyNo": "A", "physicalCardNo": "9", "status": "S"}),
                Unknown,
            ),
            (json!({"userId": "1", "cardApplyNo": "A"}), Unknown),
            (
                json!({"userId": "1", "par": "Q", "digitalCardNo": null}),
                MemberWithdrawn,
            ),
            (
                json!({"userId": "1", "par": "Q", "physicalCardNo": "9"}),
                Unknown,
            ),
            (
                json!({"userId": "1", "digitalCardNo": "9", "cardApplyNo": "A", "physicalCardNo": "9"}),
                Unknown,
            ),
            (json!({}), Unknown),
        ];
        for (fields, expected) in cases {
            assert_eq!(kind(fields.clone()), expected, "{fields}");
        }
    }
}
