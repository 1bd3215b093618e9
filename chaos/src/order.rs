//! One call as data, so that it can be made here or by a process that is to die of it.

use std::time::Duration;

use konaplate::outcome::HasRecord;
use konaplate::types::{
    CreateCreditCardRechargeResponseBody, GiftPrepaidCardResponseBody, MessageLanguage,
    OneTimeTokenType, PayWithTokenResponseBody, RechargeFromBankAccountResponseBody,
};
use konaplate::{
    CallOptions, Client, CorrelationId, Error, ErrorCode, Outcome, OutcomePolicy, Processed,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::oracle::Seen;

/// A call that is to be made.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    /// Id of the operation.
    pub(crate) operation: String,
    /// The id that the call carries.
    pub(crate) id: String,
    /// The request's fields. They hold tokens: nothing prints them.
    pub(crate) body: Value,
    /// Whether it is a payment whose cancellation is to be durable.
    pub(crate) cancels: bool,
}

impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Order")
            .field("operation", &self.operation)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What is known after a call, and the question for its outcome if there was one.
#[derive(Debug)]
pub(crate) struct CallResult {
    /// What the client says of it.
    pub(crate) seen: Seen,
    /// The response's fields, where there was one.
    pub(crate) response: Option<Value>,
    /// The code of its failure.
    pub(crate) code: Option<ErrorCode>,
    /// The outcome, where it was asked for: carried out, or not.
    pub(crate) settled: Option<bool>,
    /// Whether the client says that the payment was taken back.
    pub(crate) taken_back: bool,
}

impl CallResult {
    fn of(result: Result<Value, Error>) -> Self {
        let error = result.as_ref().err();
        Self {
            seen: error.map_or(Seen::Success, Seen::of),
            code: error.and_then(Error::code).cloned(),
            response: result.ok(),
            settled: None,
            taken_back: false,
        }
    }

    /// Of a call that its caller dropped.
    pub(crate) fn dropped() -> Self {
        Self {
            seen: Seen::Dropped,
            code: None,
            response: None,
            settled: None,
            taken_back: false,
        }
    }
}

impl Order {
    fn options(&self) -> CallOptions {
        match self.id.parse::<CorrelationId>() {
            Ok(id) => CallOptions::new().correlation_id(id),
            Err(_) => CallOptions::new(),
        }
    }

    fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_default()
    }

    fn number(&self, field: &str) -> u64 {
        self.body[field].as_u64().unwrap_or_default()
    }

    /// Makes the call by its typed method where the description knows its fields, else as it is.
    pub(crate) async fn send(&self, client: &Client) -> Result<Value, Error> {
        macro_rules! typed {
            ($method:ident $(, $field:ident = $value:expr)* $(; $read:path)?) => {
                client.$method()$(.$field($value))*.options(self.options()).send().await
                    .map(|_answer| typed!(@ _answer $(, $read)?))
            };
            (@ $response:ident) => { Value::Null };
            (@ $response:ident, $read:path) => { $read(&$response) };
        }
        match self.operation.as_str() {
            "issue_one_time_token" => {
                let mut call = client.issue_one_time_token().card_no(self.text("cardNo"));
                if self.body.get("type").is_some() {
                    call = call.type_(OneTimeTokenType::Credit);
                }
                let response = call.options(self.options()).send().await;
                response.map(|response| {
                    let (token, dcvv) = (&response.one_time_token, &response.dcvv);
                    json!({"oneTimeToken": token.expose(), "dcvv": dcvv.expose()})
                })
            }
            "recharge_from_bank_account" => typed!(
                recharge_from_bank_account,
                sequence_id = self.text("sequenceId"),
                user_id = self.number("userId"),
                amount = self.number("amount"),
                one_time_token = self.text("oneTimeToken"),
                dcvv = self.text("dcvv"),
                merchant_id = self.text("merchantId");
                recharged
            ),
            "cancel_bank_recharge" => typed!(
                cancel_bank_recharge,
                sequence_id = self.text("sequenceId"),
                user_id = self.number("userId"),
                nr_number = self.text("nrNumber"),
                one_time_token = self.text("oneTimeToken"),
                dcvv = self.text("dcvv")
            ),
            "create_credit_card_recharge" => typed!(
                create_credit_card_recharge,
                sequence_id = self.text("sequenceId"),
                user_id = self.number("userId"),
                amount = self.number("amount"),
                one_time_token = self.text("oneTimeToken"),
                dcvv = self.text("dcvv"),
                affiliate_id = self.text("affiliateId");
                opened
            ),
            "pay_with_token" => typed!(
                pay_with_token,
                one_time_token = self.text("oneTimeToken"),
                dcvv = self.text("dcvv"),
                amount = self.number("amount"),
                merchant_id = self.text("merchantId"),
                transaction_id = self.text("transactionId");
                paid
            ),
            "cancel_payment" => typed!(
                cancel_payment,
                card_no = self.text("cardNo"),
                amount = self.number("amount"),
                nr_number = self.text("nrNumber"),
                merchant_id = self.text("merchantId")
            ),
            "refund_card" => typed!(
                refund_card,
                sequence_id = self.text("sequenceId"),
                user_id = self.number("userId"),
                card_expiry = self.text("cardExpiry"),
                one_time_token = self.text("oneTimeToken"),
                dcvv = self.text("dcvv")
            ),
            "transfer_balance" => typed!(
                transfer_balance,
                user_id = self.number("userId"),
                from_card_no = self.text("fromCardNo"),
                to_card_no = self.text("toCardNo"),
                amount = self.number("amount")
            ),
            "gift_prepaid_card" => typed!(
                gift_prepaid_card,
                sender_user_id = self.text("senderUserId"),
                receiver_name = self.text("receiverName"),
                receiver_phone = self.text("receiverPhone"),
                service_id = self.text("serviceId"),
                amount = self.number("amount"),
                one_time_token = self.text("oneTimeToken"),
                dcvv = self.text("dcvv"),
                locale = MessageLanguage::Ko;
                given
            ),
            "update_lower_limit_auto_recharge" => typed!(
                update_lower_limit_auto_recharge,
                user_id = self.number("userId"),
                par = self.text("par"),
                amount = self.number("amount"),
                threshold_balance = self.number("thresholdBalance")
            ),
            "get_bank_recharge_result" => typed!(
                get_bank_recharge_result,
                sequence_id = self.text("sequenceId")
            ),
            // The others take what nobody described, or are read here as they come.
            other => client
                .raw(other, self.body.clone())
                .options(self.options())
                .send()
                .await
                .map(|response| response.expose().clone()),
        }
    }

    /// The same, and then one inquiry where a response does not tell it.
    pub(crate) async fn send_for_outcome(
        &self,
        client: &Client,
        policy: OutcomePolicy,
    ) -> CallResult {
        match self.operation.as_str() {
            "recharge_from_bank_account" => result_of(
                client
                    .recharge_from_bank_account()
                    .sequence_id(self.text("sequenceId"))
                    .user_id(self.number("userId"))
                    .amount(self.number("amount"))
                    .one_time_token(self.text("oneTimeToken"))
                    .dcvv(self.text("dcvv"))
                    .merchant_id(self.text("merchantId"))
                    .options(self.options().outcome(policy))
                    .send_for_outcome()
                    .await,
                recharged,
            ),
            "cancel_bank_recharge" => result_of(
                client
                    .cancel_bank_recharge()
                    .sequence_id(self.text("sequenceId"))
                    .user_id(self.number("userId"))
                    .nr_number(self.text("nrNumber"))
                    .one_time_token(self.text("oneTimeToken"))
                    .dcvv(self.text("dcvv"))
                    .options(self.options().outcome(policy))
                    .send_for_outcome()
                    .await,
                |_| Value::Null,
            ),
            _ => self.send_once(client).await,
        }
    }

    /// Makes the call once and asks nothing. A payment with a durable cancellation is cancelled, if
    /// nobody knows whether it was made.
    pub(crate) async fn send_once(&self, client: &Client) -> CallResult {
        if self.cancels {
            return self.send_or_cancel(client).await;
        }
        CallResult::of(self.send(client).await)
    }

    async fn send_or_cancel(&self, client: &Client) -> CallResult {
        let id = self.text("transactionId");
        let moment = Duration::from_millis(1);
        let policy = OutcomePolicy::new()
            .interval(moment)
            .deadline(moment)
            .durable_cancellation(true);
        let outcome = client
            .pay_with_token()
            .one_time_token(self.text("oneTimeToken"))
            .dcvv(self.text("dcvv"))
            .amount(self.number("amount"))
            .merchant_id(self.text("merchantId"))
            .transaction_id(id)
            .options(self.options().outcome(policy))
            .send_for_outcome_or_cancel(client.network_cancel_payment().extra("transactionId", id))
            .await;
        // Nobody was asked: what is known, the call itself said.
        CallResult {
            settled: None,
            ..result_of(outcome, paid)
        }
    }
}

/// What an outcome says: carried out, not, or nothing that is proven.
pub(crate) fn said<D, A, C>(outcome: &Outcome<D, A, C>) -> Option<bool> {
    match outcome {
        Outcome::Completed(_) => Some(true),
        Outcome::NotCarriedOut(_) => Some(false),
        _ => None,
    }
}

fn result_of<T, A: HasRecord, C: HasRecord>(
    result: Result<Outcome<Processed<T>, A, C>, Error>,
    read: impl Fn(&T) -> Value,
) -> CallResult {
    match result {
        Err(error) => CallResult::of(Err(error)),
        Ok(outcome) => {
            let response = match &outcome {
                Outcome::Completed(done) => done.response().map(|response| read(response)),
                _ => None,
            };
            CallResult {
                seen: outcome.record().error().map_or(Seen::Success, Seen::of),
                response,
                code: outcome.record().code().cloned(),
                settled: said(&outcome),
                taken_back: matches!(outcome, Outcome::Cancelled(_)),
            }
        }
    }
}

/// What later calls need of a response.
fn recharged(response: &RechargeFromBankAccountResponseBody) -> Value {
    json!({"nrNumber": response.nr_number.as_str()})
}

/// The same of a payment.
fn paid(response: &PayWithTokenResponseBody) -> Value {
    json!({"nrNumber": response.nr_number.as_str()})
}

/// The same of a payment window.
fn opened(response: &CreateCreditCardRechargeResponseBody) -> Value {
    json!({"redirectUrl": response.redirect_url.as_str()})
}

/// The same of a gift.
fn given(response: &GiftPrepaidCardResponseBody) -> Value {
    json!({"transferId": response.transfer_id.as_str()})
}
