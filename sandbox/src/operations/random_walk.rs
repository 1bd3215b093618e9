//! Promise: whatever is asked, in whatever order, no money comes from nowhere or goes there.

use std::time::{Duration, SystemTime};

use konaplate::{CorrelationId, Effect, ErrorCode, Operation, Proves, TimeZone};
use serde_json::{Value, json};

use super::{Context, STATEFUL, handle};
use crate::contract::Contract;
use crate::fixtures::{
    AFFILIATE_ID, CARDS, DELIVERED_SERVICE_ID, GIFT_SERVICE_ID, LOGIN_PASSWORD, MEMBERS, MERCHANTS,
    SERVICE_ID, TestCard, physical_card_no,
};
use crate::state::ledger::{Account, CardId};
use crate::state::{HOLDING_LIMIT, Moment, Refusal, State, WindowState};

/// Calls operations at random, mostly in ways that can succeed.
struct Walk {
    state: State,
    random: fastrand::Rng,
    now: SystemTime,
    /// What responses named, to be named again.
    nr_numbers: Vec<String>,
    transfers: Vec<String>,
    applications: Vec<String>,
    calls: usize,
    /// Rows by table and key.
    stored: std::collections::BTreeMap<(&'static str, String), String>,
    carried_out: std::collections::BTreeMap<&'static str, usize>,
    /// Codes that were proof, and codes of a second delivery after the first was carried out.
    proofs: std::collections::BTreeSet<(&'static str, String)>,
    after_the_first: std::collections::BTreeSet<(&'static str, String)>,
    /// Operations that were carried out and delivered once more, with the same id or another.
    delivered_again: std::collections::BTreeSet<(&'static str, bool)>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut state = State::new(seed);
        state.records_callbacks = true;
        Self {
            state,
            random: fastrand::Rng::with_seed(seed),
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_500_000),
            nr_numbers: vec!["KMN260315999999999".to_owned()],
            transfers: vec!["20260315104512999999".to_owned()],
            applications: vec!["2026031510451299999999".to_owned()],
            calls: 0,
            stored: std::collections::BTreeMap::new(),
            carried_out: std::collections::BTreeMap::new(),
            proofs: std::collections::BTreeSet::new(),
            after_the_first: std::collections::BTreeSet::new(),
            delivered_again: std::collections::BTreeSet::new(),
        }
    }

    fn one_of<T: Clone>(random: &mut fastrand::Rng, list: &[T]) -> T {
        list[random.usize(..list.len())].clone()
    }

    fn amount(&mut self) -> u64 {
        let random = &mut self.random;
        match random.u8(..10) {
            0 => 0,
            1 => random.u64(1..3_000_000),
            _ => random.u64(1..80_000),
        }
    }

    fn call(&mut self, id: &'static str, request: Value) -> Option<Value> {
        let operation = Operation::find(id).unwrap();
        let context = Context {
            moment: Moment::at(self.now),
            correlation_id: CorrelationId::fresh(TimeZone::Kst),
            base_url: "http://sandbox",
        };
        // What is due is no doing of the call.
        self.state.settle_due(&context.moment);
        self.store();
        let before = self.state.ledger.count();
        let contract = Contract::shared().unwrap().at(operation.path()).unwrap();
        let follows_schema = contract.fault(&request).is_none();
        let outcome = handle(&mut self.state, &context, operation, request.clone()).unwrap();
        self.calls += 1;
        assert_eq!(self.state.ledger.total(), 0, "{id}");
        // What comes up seldom is delivered twice whenever it does.
        let is_rare = self.carried_out.get(id).is_none_or(|count| *count < 12);
        if operation.effect() == Effect::MovesMoney && (is_rare || self.random.u8(..4) == 0) {
            self.deliver_again(operation, &context, request, outcome.as_ref().map(drop));
        }
        match outcome {
            Ok(response) => {
                let faults = contract.response_faults(&response);
                assert!(faults.is_empty(), "{id}: {faults:?}");
                *self.carried_out.entry(id).or_default() += 1;
                Some(response)
            }
            Err(refusal) => {
                assert_eq!(
                    self.state.ledger.count(),
                    before,
                    "{id}: refused and posted"
                );
                let is_unread = refusal.field == Some(super::BODY);
                assert!(
                    !(follows_schema && is_unread),
                    "{id}: follows its schema and does not read as its type"
                );
                // The two that pages other than the operation's speak of: see RULES.md.
                let taken = matches!(
                    refusal.code,
                    ErrorCode::SequenceIdAlreadyUsed | ErrorCode::PaymentAlreadyRequested
                );
                let is_documented = operation.codes().contains(&refusal.code);
                assert!(
                    is_documented || refusal.field.is_some() || taken,
                    "{id}: {} {}",
                    refusal.code.code(),
                    refusal.rule
                );
                None
            }
        }
    }

    /// A gateway delivers a request twice, with its correlation id or with another one. What the
    /// description calls a proof that nothing was carried out must be true of both deliveries. This
    /// refutes a mark, and never justifies one.
    fn deliver_again(
        &mut self,
        operation: &'static Operation,
        context: &Context<'_>,
        request: Value,
        first: Result<(), &Refusal>,
    ) {
        let proves = |refusal: &Refusal| operation.proves(&refusal.code);
        let has_same_id = self.random.bool();
        let context = Context {
            moment: Moment::at(self.now),
            correlation_id: if has_same_id {
                context.correlation_id
            } else {
                CorrelationId::fresh(TimeZone::Kst)
            },
            base_url: context.base_url,
        };
        if first.is_ok() {
            self.delivered_again.insert((operation.id(), has_same_id));
        }
        let second = handle(&mut self.state, &context, operation, request).unwrap();
        let id = operation.id();
        if let Err(refusal) = &second {
            let code = refusal.code.code();
            let is_proof = proves(refusal) == Proves::NotCarriedOut;
            assert!(
                !(is_proof && first.is_ok()),
                "{id}: {code} after it was carried out"
            );
            if is_proof {
                self.proofs.insert((id, code.to_owned()));
            } else if first.is_ok() {
                self.after_the_first.insert((id, code.to_owned()));
            }
        }
        if let Err(refusal) = first
            && proves(refusal) == Proves::NotCarriedOut
        {
            assert!(
                second.is_err(),
                "{id}: {} and then carried out",
                refusal.code.code()
            );
        }
    }

    /// Puts away what changed, as a file would.
    fn store(&mut self) {
        for (table, rows) in self.state.changes() {
            for (key, row) in rows {
                match row {
                    Some(row) => self.stored.insert((table, key), row),
                    None => self.stored.remove(&(table, key)),
                };
            }
        }
        self.state.forget_changes();
    }

    /// That what was put away, change by change, is the state as it is now, and loads as that.
    fn check_stored(&mut self) {
        self.store();
        let rows = self
            .stored
            .iter()
            .map(|((table, key), row)| ((*table).to_owned(), key.clone(), row.clone()));
        let restored = State::restored(self.state.numbers(), rows).unwrap();
        assert!(restored.dump() == self.state.dump());
    }

    /// A token of a card, and its dynamic CVV.
    fn token(&mut self, card: &TestCard, kind: Option<&str>) -> (Value, Value) {
        let mut request = json!({"cardNo": card.card_no});
        if let Some(kind) = kind {
            request["type"] = json!(kind);
        }
        match self.call("issue_one_time_token", request) {
            Some(token) => (token["oneTimeToken"].clone(), token["dcvv"].clone()),
            None => (json!("5297000000000000"), json!("000")),
        }
    }

    fn keep(list: &mut Vec<String>, response: Option<&Value>, field: &str) {
        if let Some(value) = response.and_then(|response| response[field].as_str()) {
            list.push(value.to_owned());
        }
    }

    /// A callback for each card of each posting, and no two alike.
    fn every_callback_comes_once(&self) {
        // No call issues more than one card.
        let mut expected: usize = (0..CARDS.len() + self.calls)
            .map(|place| self.state.ledger.of_card(CardId(place)).count())
            .sum();
        let mut bodies = std::collections::BTreeSet::new();
        for event in self.state.callbacks_waiting.values() {
            assert!(bodies.insert(&event.body));
            let body: Value = serde_json::from_str(&event.body).unwrap();
            if body["trType"].is_string() {
                let krw = |name: &str| body[name].as_str().unwrap().parse::<u64>().unwrap();
                assert_eq!(krw("orgAmount"), krw("trAmount") + krw("pointAmount"));
                expected -= 1;
            }
        }
        assert_eq!(expected, 0);
    }

    /// Once their time is over they are where they were, or paid.
    fn no_points_stay_reserved(&mut self) {
        let later = Moment::at(self.now + Duration::from_secs(3_600));
        self.state.settle_due(&later);
        assert_eq!(self.state.ledger.total(), 0);
        for number in self.state.point_reservations.keys() {
            let held = self.state.ledger.balance(Account::ReservedPoints(*number));
            assert_eq!(held, 0);
        }
        assert!(self.state.point_reservations.len() > 10);
    }

    fn step(&mut self) {
        // Three of four cards are ordinary ones.
        let places = if self.random.u8(..4) > 0 {
            4
        } else {
            CARDS.len()
        };
        let card = CARDS[self.random.usize(..places)];
        let user = card.user_id;
        let other = Self::one_of(&mut self.random, &MEMBERS);
        let merchant = Self::one_of(&mut self.random, &MERCHANTS);
        let nr_number = Self::one_of(&mut self.random, &self.nr_numbers);
        let transfer = Self::one_of(&mut self.random, &self.transfers);
        let application = Self::one_of(&mut self.random, &self.applications);
        let amount = self.amount();
        let sequence = format!("S{}", self.random.u32(..1_000_000));
        let own = json!({"userId": user, "par": card.par, "amount": amount,
            "thresholdBalance": 1 + amount / 2, "type": null});
        match self.random.u8(..34) {
            0..=3 => {
                let (token, dcvv) = self.token(&card, None);
                let response = self.call(
                    "recharge_from_bank_account",
                    json!({"sequenceId": sequence, "userId": user, "amount": amount.max(1),
                        "oneTimeToken": token, "dcvv": dcvv, "merchantId": merchant}),
                );
                Self::keep(&mut self.nr_numbers, response.as_ref(), "nrNumber");
                let result = json!({"sequenceId": sequence});
                self.call("get_bank_recharge_result", result);
            }
            4 | 5 => {
                let (token, dcvv) = self.token(&card, None);
                self.call(
                    "cancel_bank_recharge",
                    json!({"sequenceId": sequence, "userId": user, "nrNumber": nr_number,
                        "oneTimeToken": token, "dcvv": dcvv}),
                );
            }
            6..=9 => {
                let (token, dcvv) = self.token(&card, None);
                let id = format!("P{}", self.random.u16(..));
                let response = self.call(
                    "pay_with_token",
                    json!({"oneTimeToken": token, "dcvv": dcvv, "amount": amount,
                        "merchantId": merchant, "transactionId": id}),
                );
                Self::keep(&mut self.nr_numbers, response.as_ref(), "nrNumber");
                if self.random.bool() {
                    let undo = match self.random.bool() {
                        true => json!({"transactionId": id}),
                        false => json!({"nrNumber": nr_number}),
                    };
                    self.call("network_cancel_payment", undo.clone());
                    self.call("network_cancel_payment", undo);
                } else if let Some(response) = response {
                    let undo = json!({"cardNo": card.card_no, "nrNumber": response["nrNumber"],
                        "amount": amount, "merchantId": merchant});
                    self.call("cancel_payment", undo.clone());
                    assert_eq!(self.call("cancel_payment", undo), None);
                }
            }
            10 => {
                let (token, _) = self.token(&card, None);
                let request = json!({"oneTimeToken": token, "userId": user});
                self.call("get_refund_fee", request);
            }
            11 | 12 => {
                let (token, dcvv) = self.token(&card, None);
                self.call(
                    "refund_card",
                    json!({"sequenceId": sequence, "userId": user, "cardExpiry": card.expiry,
                        "oneTimeToken": token, "dcvv": dcvv}),
                );
            }
            13 | 14 => {
                let (token, dcvv) = self.token(&card, None);
                self.call(
                    "transfer_to_card",
                    json!({"senderUserId": user, "receiverPhone": other.phone, "amount": amount,
                        "oneTimeToken": token, "dcvv": dcvv}),
                );
            }
            15 => {
                let to = Self::one_of(&mut self.random, &CARDS);
                self.call(
                    "transfer_balance",
                    json!({"userId": user, "fromCardNo": card.card_no, "toCardNo": to.card_no,
                        "amount": amount}),
                );
            }
            16 => {
                let (token, dcvv) = self.token(&card, None);
                let balance = self
                    .state
                    .card_by_par(card.par)
                    .map(|id| self.state.balance(id));
                let response = self.call(
                    "gift_prepaid_card",
                    json!({"senderUserId": user.to_string(), "receiverName": other.name,
                        "receiverPhone": other.phone, "serviceId": card.service_id,
                        "amount": balance, "oneTimeToken": token, "dcvv": dcvv, "locale": "KO"}),
                );
                Self::keep(&mut self.transfers, response.as_ref(), "transferId");
            }
            17 => {
                let request = json!({"userId": other.user_id, "transferId": transfer});
                self.call("accept_gifted_card", request);
            }
            18 => {
                let (token, dcvv) = self.token(&card, Some("CREDIT"));
                self.call(
                    "create_credit_card_recharge",
                    json!({"sequenceId": sequence, "userId": user, "amount": amount.max(1),
                        "oneTimeToken": token, "dcvv": dcvv, "affiliateId": AFFILIATE_ID}),
                );
            }
            19 => {
                let open = self
                    .state
                    .windows
                    .iter()
                    .find(|(_, window)| window.state == WindowState::Open)
                    .map(|(id, _)| id.clone());
                if let Some(id) = open {
                    let approve = self.random.bool();
                    self.state.decide(&id, approve, &Moment::at(self.now));
                    assert_eq!(self.state.ledger.total(), 0);
                }
            }
            20 => drop(self.call(
                "update_lower_limit_auto_recharge",
                json!({"userId": user, "par": card.par, "amount": amount.max(1),
                    "thresholdBalance": 1 + amount / 2}),
            )),
            21 => {
                let mut request = own;
                request["reloadDate"] = json!(self.random.u8(..33).to_string());
                self.call("register_monthly_auto_recharge", request);
            }
            22 => drop(self.call("deregister_auto_recharge", own)),
            23 => drop(self.call("register_credit_card_auto_recharge", own)),
            24 => {
                self.call("update_credit_card_auto_recharge", own.clone());
                if self.random.bool() {
                    self.call("deregister_credit_card_auto_recharge", own);
                }
            }
            25 => drop(self.call("register_payment_auto_recharge", own)),
            26 => drop(self.call("recharge_by_system", own)),
            27 => {
                let status = if self.random.u8(..4) == 0 {
                    "SUSPEND"
                } else {
                    "RESUME"
                };
                let request = json!({"userId": user, "par": card.par, "status": status});
                self.call("update_card_status", request);
            }
            28 => {
                let product = [SERVICE_ID, GIFT_SERVICE_ID, DELIVERED_SERVICE_ID];
                let product = Self::one_of(&mut self.random, &product);
                let response = self.call(
                    "apply_for_prepaid_card",
                    json!({"userInfo": {"userId": user}, "serviceId": product,
                        "addressInfo": {"address": "1 Sejong-daero", "addressDetail": "2F",
                            "zipCode": "04524"},
                        "isDeliveryRequired": true}),
                );
                Self::keep(&mut self.applications, response.as_ref(), "cardApplyNo");
                self.call(
                    "register_physical_card",
                    json!({"userId": user, "physicalCardNo": physical_card_no(&application),
                        "physicalCardExpDate": "3103", "physicalCardCVC": "111",
                        "cardApplyNo": application}),
                );
            }
            29 => {
                self.call(
                    "register_bank_account",
                    json!({"userId": other.user_id, "bankAccount": sequence, "bankCode": "003",
                        "userName": other.name, "birthDate": other.birth_date}),
                );
                if self.random.u8(..4) == 0 {
                    let request = json!({"userId": other.user_id});
                    self.call("delete_bank_account", request);
                }
            }
            30 => {
                let request = json!({"userId": user, "par": card.par});
                self.call("terminate_card", request.clone());
                self.call(
                    "verify_password",
                    json!({"loginId": other.login_id(), "loginPassword": LOGIN_PASSWORD}),
                );
                if self.random.u8(..8) == 0 {
                    self.call("cancel_membership", request);
                }
            }
            31 => {
                let grant = match self.random.bool() {
                    true => json!({"pointType": "USER", "userId": user, "pointAmount": amount}),
                    false => json!({"pointType": "CARD", "userId": user, "par": card.par,
                        "pointAmount": amount}),
                };
                self.call(
                    "grant_points",
                    json!({"adminPointMessageInfo": {"reason": "walk"},
                        "pointRewardInfoList": [grant.clone(), grant]}),
                );
            }
            32 => {
                let mut request = json!({"cardNo": card.card_no, "pointAmount": amount});
                self.call("reserve_points", request.clone());
                if self.random.u8(..3) == 0 {
                    request["type"] = json!("CANCEL");
                    self.call("reserve_points", request);
                }
            }
            _ => self.now += Duration::from_secs(self.random.u64(..200_000)),
        }
    }
}

#[test]
fn thousands_of_random_operations_never_make_or_lose_money() {
    let mut carried_out = std::collections::BTreeMap::<_, usize>::new();
    let mut proofs = std::collections::BTreeSet::new();
    let mut after_the_first = std::collections::BTreeSet::new();
    let mut delivered_again = std::collections::BTreeSet::new();
    let mut postings = 0;
    for seed in 0..4 {
        let mut walk = Walk::new(seed);
        for _ in 0..2_500 {
            walk.step();
        }
        assert!(walk.calls > 2_500);
        walk.check_stored();
        for (id, count) in &walk.carried_out {
            *carried_out.entry(*id).or_default() += count;
        }
        proofs.append(&mut walk.proofs);
        after_the_first.append(&mut walk.after_the_first);
        delivered_again.append(&mut walk.delivered_again);
        postings += walk.state.ledger.count();
        walk.every_callback_comes_once();
        walk.no_points_stay_reserved();
        // Nothing that a card may not hold: only what comes back to it may go past the limit.
        for user in MEMBERS {
            for card in walk.state.cards_ever_of(user.user_id) {
                assert!(walk.state.balance(card) < 2 * HOLDING_LIMIT);
                let payout = walk.state.ledger.balance(Account::Payout(card));
                assert!(payout <= 2 * HOLDING_LIMIT);
            }
        }
    }
    assert!(postings > 1_000, "{postings}");
    // Both kinds come up.
    assert!(!proofs.is_empty());
    assert!(after_the_first.len() > 5, "{after_the_first:?}");
    // The walk comes through everything that moves money.
    for id in STATEFUL {
        let moves_money = Operation::find(id).unwrap().effect() == konaplate::Effect::MovesMoney;
        assert!(
            !moves_money || carried_out.get(id).is_some_and(|count| *count > 2),
            "{id}: {carried_out:?}"
        );
        let twice = [true, false].map(|same_id| delivered_again.contains(&(id, same_id)));
        assert!(
            !moves_money || twice == [true, true],
            "{id} was not delivered twice"
        );
    }
}
