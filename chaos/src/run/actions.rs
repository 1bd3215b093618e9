//! What a member wants: each kind of business, made at random.

use std::time::Duration;

use anyhow::Result;
use konaplate_sandbox::fixtures;
use serde_json::{Value, json};

use super::business::Action;
use super::{Actor, Card};

impl Actor {
    pub(super) async fn step(&mut self) -> Result<()> {
        match self.random.u8(..28) {
            0..=5 => self.recharge().await,
            6 | 7 => self.cancel_recharge().await,
            8 => self.pay().await.map(drop),
            9 | 26 | 27 => self.pay_or_cancel().await,
            10 => self.cancel_payment().await,
            11 | 12 => self.network_cancel().await,
            13 | 14 => self.refund().await,
            15 => self.transfer_to_card().await,
            16 => self.transfer_balance().await,
            17 | 18 => self.gift().await,
            19 | 20 => self.credit_card().await,
            21 => self.recharge_by_system().await,
            22 => self.auto_recharge().await,
            23 => self.apply().await,
            _ => self.read().await,
        }?;
        if self.random.u8(..4) == 0 {
            self.jump().await?;
        }
        match self.random.u8(..8) {
            // What is pending settles, windows close.
            0 => self.advance(Duration::from_secs(301)),
            // What was cancelled or refunded is paid out.
            1 => self.advance(Duration::from_secs(86_400)),
            2 => self.recover(true).await?,
            _ => {}
        }
        Ok(())
    }

    /// An amount that no other intent of the run has.
    fn amount(&mut self) -> u64 {
        self.serial += 1;
        let thousands = match self.random.u8(..12) {
            // More than a card holds, or a bank account.
            0 => self.random.u64(900..3_000),
            _ => self.random.u64(1..60),
        };
        1_000 * thousands + self.serial
    }

    fn card(&mut self) -> usize {
        // The first card is the most ordinary one.
        if self.random.bool() {
            0
        } else {
            self.random.usize(..self.cards.len())
        }
    }

    fn merchant(&mut self) -> &'static str {
        match self.random.u8(..16) {
            // Nobody: refused.
            0 => "410000000000000",
            _ => fixtures::MERCHANTS[self.random.usize(..fixtures::MERCHANTS.len())],
        }
    }

    fn somebody_else(&mut self) -> fixtures::TestMember {
        let me = self.user.user_id;
        let others: Vec<_> = fixtures::MEMBERS
            .iter()
            .filter(|member| member.user_id != me)
            .collect();
        *others[self.random.usize(..others.len())]
    }

    fn balance(&self, card: usize) -> u64 {
        self.sandbox
            .card_balance(&self.cards[card].par)
            .unwrap_or(0)
    }

    async fn recharge(&mut self) -> Result<()> {
        let (card, amount, merchant) = (self.card(), self.amount(), self.merchant());
        let response = self
            .business(Action {
                operation: "recharge_from_bank_account",
                amount: Some(amount),
                token: Some((card, false)),
                own_number: Some("sequenceId"),
                body: json!({"userId": self.user.user_id, "amount": amount, "merchantId": merchant}),
                cancels: false,
            })
            .await?;
        if let Some(number) = text_in(response.as_ref(), "nrNumber") {
            self.recharges.push((number, card, amount));
        }
        Ok(())
    }

    async fn cancel_recharge(&mut self) -> Result<()> {
        if self.recharges.is_empty() {
            self.recharge().await?;
        }
        let Some((number, card, amount)) = self.recharges.pop() else {
            return Ok(());
        };
        self.business(Action {
            operation: "cancel_bank_recharge",
            amount: Some(amount),
            token: Some((card, false)),
            own_number: Some("sequenceId"),
            body: json!({"userId": self.user.user_id, "nrNumber": number}),
            cancels: false,
        })
        .await
        .map(drop)
    }

    async fn pay(&mut self) -> Result<Option<Value>> {
        let (card, amount, merchant) = (self.card(), self.amount(), self.merchant());
        self.pay_so_much(card, amount, merchant).await
    }

    async fn pay_so_much(
        &mut self,
        card: usize,
        amount: u64,
        merchant: &str,
    ) -> Result<Option<Value>> {
        let response = self
            .business(Action {
                operation: "pay_with_token",
                amount: Some(amount),
                token: Some((card, false)),
                own_number: Some("transactionId"),
                body: json!({"amount": amount, "merchantId": merchant}),
                cancels: false,
            })
            .await?;
        if let Some(number) = text_in(response.as_ref(), "nrNumber") {
            self.payments.push((number, card, amount));
        }
        Ok(response)
    }

    /// A payment that is taken back if nobody knows whether it was made, by its client or, where
    /// that may be, by a recovery.
    async fn pay_or_cancel(&mut self) -> Result<()> {
        let (card, amount, merchant) = (self.card(), self.amount(), self.merchant());
        self.business(Action {
            operation: "pay_with_token",
            amount: Some(amount),
            token: Some((card, false)),
            own_number: Some("transactionId"),
            body: json!({"amount": amount, "merchantId": merchant}),
            cancels: true,
        })
        .await
        .map(drop)
    }

    async fn cancel_payment(&mut self) -> Result<()> {
        let (card, amount) = (self.card(), self.amount());
        let merchant = fixtures::MERCHANTS[self.random.usize(..fixtures::MERCHANTS.len())];
        self.pay_so_much(card, amount, merchant).await?;
        let Some((number, card, amount)) = self.payments.pop() else {
            return Ok(());
        };
        self.business(Action {
            operation: "cancel_payment",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"cardNo": self.cards[card].number, "nrNumber": number, "amount": amount,
                "merchantId": merchant}),
            cancels: false,
        })
        .await
        .map(drop)
    }

    async fn network_cancel(&mut self) -> Result<()> {
        self.pay().await?;
        let Some((number, _, amount)) = self.payments.pop() else {
            return Ok(());
        };
        self.business(Action {
            operation: "network_cancel_payment",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"nrNumber": number}),
            cancels: false,
        })
        .await
        .map(drop)
    }

    async fn refund(&mut self) -> Result<()> {
        let card = self.card();
        // So much is used that the rest may be refunded, most times.
        let rest = self.random.u64(1_000..30_000);
        let balance = self.balance(card);
        if balance > rest {
            self.pay_so_much(card, balance - rest, fixtures::MERCHANTS[0])
                .await?;
        }
        self.business(Action {
            operation: "refund_card",
            amount: None,
            token: Some((card, false)),
            own_number: Some("sequenceId"),
            body: json!({"userId": self.user.user_id, "cardExpiry": self.cards[card].expiry}),
            cancels: false,
        })
        .await
        .map(drop)
    }

    async fn transfer_to_card(&mut self) -> Result<()> {
        let (card, amount, to) = (self.card(), self.amount(), self.somebody_else());
        self.business(Action {
            operation: "transfer_to_card",
            amount: Some(amount),
            token: Some((card, false)),
            own_number: None,
            body: json!({"senderUserId": self.user.user_id, "receiverPhone": to.phone,
                "amount": amount}),
            cancels: false,
        })
        .await
        .map(drop)
    }

    async fn transfer_balance(&mut self) -> Result<()> {
        let amount = self.amount();
        let (from, to) = (self.card(), self.random.usize(..self.cards.len()));
        self.business(Action {
            operation: "transfer_balance",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"userId": self.user.user_id, "fromCardNo": self.cards[from].number,
                "toCardNo": self.cards[to].number, "amount": amount}),
            cancels: false,
        })
        .await
        .map(drop)
    }

    async fn gift(&mut self) -> Result<()> {
        let (card, to) = (self.card(), self.somebody_else());
        let amount = self.balance(card).max(1);
        let response = self
            .business(Action {
                operation: "gift_prepaid_card",
                amount: None,
                token: Some((card, false)),
                own_number: None,
                body: json!({"senderUserId": self.user.user_id.to_string(), "receiverName": to.name,
                    "receiverPhone": to.phone, "serviceId": self.cards[card].service_id,
                    "amount": amount}),
                cancels: false,
            })
            .await?;
        let Some(gift) = text_in(response.as_ref(), "transferId") else {
            return Ok(());
        };
        self.business(Action {
            operation: "accept_gifted_card",
            amount: None,
            token: None,
            own_number: None,
            body: json!({"userId": to.user_id, "transferId": gift}),
            cancels: false,
        })
        .await
        .map(drop)
    }

    async fn credit_card(&mut self) -> Result<()> {
        let (card, amount) = (self.card(), self.amount());
        let response = self
            .business(Action {
                operation: "create_credit_card_recharge",
                amount: Some(amount),
                token: Some((card, true)),
                own_number: Some("sequenceId"),
                body: json!({"userId": self.user.user_id, "amount": amount,
                    "affiliateId": fixtures::AFFILIATE_ID}),
                cancels: false,
            })
            .await?;
        let Some(window) = text_in(response.as_ref(), "redirectUrl") else {
            return Ok(());
        };
        let decision = match self.random.u8(..4) {
            0 => "decline",
            // It closes by itself.
            1 => return Ok(()),
            _ => "approve",
        };
        // The member's browser, not the client.
        let browser = reqwest::Client::builder().no_proxy().build()?;
        let shown = browser
            .post(window)
            .body(format!("decision={decision}"))
            .send()
            .await?;
        self.note(format!("the window: {decision}, {}", shown.status()));
        Ok(())
    }

    async fn recharge_by_system(&mut self) -> Result<()> {
        let (card, amount) = (self.card(), self.amount());
        self.business(Action {
            operation: "recharge_by_system",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"userId": self.user.user_id, "par": self.cards[card].par,
                "amount": amount}),
            cancels: false,
        })
        .await
        .map(drop)
    }

    /// Sets a lower limit, and pays until it is met.
    async fn auto_recharge(&mut self) -> Result<()> {
        let (card, amount) = (self.card(), self.amount().min(9_000_000));
        let threshold = self.random.u64(1..120_000);
        self.business(Action {
            operation: "update_lower_limit_auto_recharge",
            amount: Some(amount),
            token: None,
            own_number: None,
            body: json!({"userId": self.user.user_id, "par": self.cards[card].par,
                "amount": amount, "thresholdBalance": threshold}),
            cancels: false,
        })
        .await?;
        let amount = self.amount();
        self.pay_so_much(card, amount, fixtures::MERCHANTS[1])
            .await
            .map(drop)
    }

    async fn apply(&mut self) -> Result<()> {
        let service_id = match self.random.bool() {
            true => fixtures::SERVICE_ID,
            false => fixtures::GIFT_SERVICE_ID,
        };
        let response = self
            .business(Action {
                operation: "apply_for_prepaid_card",
                amount: None,
                token: None,
                own_number: None,
                body: json!({"userInfo": {"userId": self.user.user_id}, "serviceId": service_id}),
                cancels: false,
            })
            .await?;
        let response = response.as_ref();
        if let Some(number) = text_in(response, "mobileCardNo")
            && let Some(par) = text_in(response, "mobileCardPar")
        {
            self.cards.push(Card {
                number,
                par,
                service_id: service_id.to_owned(),
                // Good for five years; nothing needs it unless it is refunded.
                expiry: "3001".to_owned(),
            });
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<()> {
        for _ in 0..self.random.usize(1..4) {
            let (operation, body) = match self.random.u8(..4) {
                0 => ("get_deposit_balance", json!({})),
                1 => ("list_member_cards", json!({"userId": self.user.user_id})),
                2 => {
                    let card = self.card();
                    let body = json!({"par": self.cards[card].par, "startDate": "20250101",
                        "endDate": "20251231", "userId": self.user.user_id});
                    ("list_card_transactions", body)
                }
                _ => {
                    let known = self.random.choice(&self.sequences).cloned();
                    let sequence = known.unwrap_or_else(|| "never-sent".to_owned());
                    ("get_bank_recharge_result", json!({"sequenceId": sequence}))
                }
            };
            let order = self.order(operation, body);
            let trouble = self.trouble(90);
            self.call(None, operation, &order, trouble, false).await?;
        }
        Ok(())
    }
}

fn text_in(response: Option<&Value>, field: &str) -> Option<String> {
    response?[field].as_str().map(str::to_owned)
}
