//! Single calls, and what goes wrong with them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use konaplate::{Effect, Operation, OutcomePolicy, Proves};
use konaplate_sandbox::{Fault, GatewayStatus, HtmlStatus};
use serde_json::{Value, json};

use super::Actor;
use crate::oracle::{Call, Seen, TakenBack};
use crate::order::{CallResult, Order};
use crate::unsteady::{Step, Upset};

/// One inquiry about an outcome, at once. How many fit into a longer time would hang on the
/// machine.
pub(super) const ONE_INQUIRY: OutcomePolicy = OutcomePolicy::new()
    .interval(Duration::from_millis(1))
    .deadline(Duration::from_millis(1));

/// How often a token is asked for.
const ATTEMPTS: usize = 4;

/// A fault that makes a client wait for ever.
pub(super) const FOREVER: Fault = Fault::Delay { millis: 60_000 };

/// Operations whose requests have nothing that works once: no sequence id, no token, no state that
/// the first delivery changes.
const UNPROTECTED: [&str; 3] = [
    "transfer_balance",
    "recharge_by_system",
    "update_lower_limit_auto_recharge",
];

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    None,
    /// The client knocks where nobody is.
    NobodyListens,
    /// The client does not wait for the response.
    TooLate,
    Of(Fault),
    /// Something is wrong with the journal's database, or its clock.
    Upset(Step, Kind),
}

/// What is wrong with the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// For so many milliseconds.
    Slow(u64),
    /// For longer than the client waits.
    Hangs,
    /// The same, and the caller does not wait for the client.
    HangsAndIsDropped,
    ReplyIsLost,
    /// Another machine, whose clock is ahead, recovers the call while it is under way.
    Overtaken,
}

impl Kind {
    fn label(self) -> String {
        let what = match self {
            Self::Slow(_) => "database slow",
            Self::Hangs => "database hangs",
            Self::HangsAndIsDropped => "database hangs, caller gone",
            Self::ReplyIsLost => "database's reply lost",
            Self::Overtaken => "recovered while under way",
        };
        format!("({what})")
    }
}

impl Actor {
    pub(super) fn own_number(&mut self) -> String {
        self.serial += 1;
        format!("S{}-{}-{}", self.seed, self.number, self.serial)
    }

    /// A call with an id that is the run's own.
    pub(super) fn order(&mut self, operation: &str, body: Value) -> Order {
        self.serial += 1;
        let random = u64::from(self.random.u16(..));
        Order {
            operation: operation.to_owned(),
            id: format!("250301000000-{:07x}", random << 12 | self.serial & 0xfff),
            body,
            cancels: false,
        }
    }

    /// What goes wrong with the next call, in so many of 256 cases.
    pub(super) fn trouble(&mut self, chance: u8) -> Trouble {
        let random = &mut self.random;
        if random.u8(..) >= chance {
            return Trouble::None;
        }
        let step = if random.bool() {
            Step::Intent
        } else {
            Step::Outcome
        };
        match random.u8(..30) {
            0 => return Trouble::NobodyListens,
            1 => return Trouble::TooLate,
            2 => return Trouble::Upset(step, Kind::Slow(random.u64(1..40))),
            3 => return Trouble::Upset(step, Kind::Hangs),
            4 => return Trouble::Upset(step, Kind::HangsAndIsDropped),
            5 => return Trouble::Upset(step, Kind::ReplyIsLost),
            6 | 7 => return Trouble::Upset(Step::Outcome, Kind::Overtaken),
            _ => {}
        }
        let statuses = [
            HtmlStatus::InternalServerError,
            HtmlStatus::BadGateway,
            HtmlStatus::ServiceUnavailable,
            HtmlStatus::GatewayTimeout,
        ];
        let gateways = [
            GatewayStatus::Unauthorized,
            GatewayStatus::Forbidden,
            GatewayStatus::TooManyRequests,
        ];
        Trouble::Of(match *random.choice(&Fault::EXAMPLES).unwrap_or(&FOREVER) {
            Fault::Delay { .. } => Fault::Delay {
                millis: random.u32(1..6),
            },
            // Through the head, through the body, and not at all.
            Fault::CutResponse { .. } => Fault::CutResponse {
                bytes: random.u32(..1_500),
            },
            Fault::Html { carried_out, .. } => Fault::Html {
                status: statuses[random.usize(..statuses.len())],
                carried_out,
            },
            Fault::Gateway { carried_out, .. } => Fault::Gateway {
                status: gateways[random.usize(..gateways.len())],
                carried_out,
            },
            Fault::RetryAfter { .. } => Fault::RetryAfter {
                seconds: random.u32(..4),
            },
            fault => fault,
        })
    }

    /// A token of a card, without which nothing moves: asked for until it comes or is refused.
    pub(super) async fn token(&mut self, card: usize, credit: bool) -> Result<Option<Value>> {
        let mut body = json!({"cardNo": self.cards[card].number});
        if credit {
            body["type"] = "CREDIT".into();
        }
        for attempt in 0..ATTEMPTS {
            let order = self.order("issue_one_time_token", body.clone());
            let trouble = match attempt {
                0 | 1 => self.trouble(30),
                _ => Trouble::None,
            };
            let result = self
                .call(None, "issue_one_time_token", &order, trouble, false)
                .await?;
            match result.seen {
                Seen::Success => return Ok(result.response),
                Seen::NotCarriedOut | Seen::Declined | Seen::EarlierCall => return Ok(None),
                _ => {}
            }
        }
        Ok(None)
    }

    pub(super) async fn call(
        &mut self,
        intent: Option<usize>,
        operation: &'static str,
        order: &Order,
        trouble: Trouble,
        settles: bool,
    ) -> Result<CallResult> {
        let trouble = match trouble {
            // What nobody writes down is not upset by it.
            Trouble::Upset(..) if !moves_money(operation) => Trouble::None,
            trouble => trouble,
        };
        let (fault, client) = match trouble {
            Trouble::None => ("-".to_owned(), self.clients.normal.clone()),
            Trouble::NobodyListens => ("(nobody listens)".to_owned(), self.clients.lost.clone()),
            Trouble::TooLate => {
                self.sandbox.fault_next(FOREVER)?;
                ("(too late)".to_owned(), self.clients.hasty.clone())
            }
            Trouble::Of(fault) => {
                let fault = self.fitting(fault, operation);
                self.sandbox.fault_next(fault)?;
                (kind_of(fault), self.clients.normal.clone())
            }
            Trouble::Upset(step, kind) => {
                let client = match kind {
                    Kind::Hangs => self.clients.second.clone(),
                    _ => self.clients.normal.clone(),
                };
                let upset = self.upset(kind).await?;
                self.unsteady.upset_next(step, upset);
                (kind.label(), client)
            }
        };
        // Boxed: an operation's future is large, and this holds those of all.
        let once = Box::pin(order.send_once(&client));
        let result = if matches!(trouble, Trouble::Upset(_, Kind::HangsAndIsDropped)) {
            tokio::select! {
                result = once => result,
                () = self.unsteady.hangs() => CallResult::dropped(),
            }
        } else if settles {
            // The question may get lost, too.
            if trouble != Trouble::NobodyListens
                && let Trouble::Of(second) = self.trouble(40)
            {
                self.sandbox.fault_next(second)?;
            }
            Box::pin(order.send_for_outcome(&client, ONE_INQUIRY)).await
        } else {
            once.await
        };
        if trouble == Trouble::TooLate {
            self.arrival(&order.id).await;
        }
        self.unsteady.calm().await?;
        self.quiet().await;
        // What is held arrives now, or after the next call, or before the journal asks.
        if self.random.bool() {
            self.sandbox.deliver_held();
        }
        let settled = result.settled.map(|done| format!(", settled: {done}"));
        self.note(format!(
            "  {operation} {}, fault {fault}: {:?}{}",
            order.id,
            result.seen,
            settled.unwrap_or_default()
        ));
        self.account.calls.push(Call {
            intent,
            operation,
            id: order.id.clone(),
            fault,
            seen: result.seen,
            code: result.code.clone(),
            settled: result.settled,
            cancellation: order.cancels.then_some(if result.taken_back {
                TakenBack::Yes
            } else {
                TakenBack::NotSaid
            }),
        });
        Ok(result)
    }

    async fn upset(&self, kind: Kind) -> Result<Upset> {
        Ok(match kind {
            Kind::Slow(millis) => Upset::Slow(Duration::from_millis(millis)),
            Kind::Hangs | Kind::HangsAndIsDropped => Upset::Hangs,
            Kind::ReplyIsLost => Upset::ReplyIsLost,
            Kind::Overtaken => {
                let journal = self.unsteady.other().await?.clone();
                let client = self
                    .sandbox
                    .client_builder()
                    .http(
                        reqwest::Client::builder()
                            .no_proxy()
                            .pool_max_idle_per_host(0),
                    )
                    .journal(Arc::new(journal))
                    .build()?;
                Upset::Overtaken(Box::new((client, self.policy())))
            }
        })
    }

    /// The fault as it fits the operation.
    fn fitting(&mut self, fault: Fault, operation: &str) -> Fault {
        match fault {
            // Nothing in such a request keeps the platform from carrying it out twice.
            Fault::DuplicatedRequest | Fault::DuplicatedRequestNewId
                if UNPROTECTED.contains(&operation) =>
            {
                Fault::CloseAfter
            }
            // A code of its own, and none that would be a proof.
            Fault::FailureAfter { .. } => {
                let known = Operation::find(operation);
                let codes: Vec<_> = known
                    .into_iter()
                    .flat_map(|known| known.codes().iter().map(move |code| (known, code)))
                    .filter(|(known, code)| known.proves(code) != Proves::NotCarriedOut)
                    .filter_map(|(_, code)| code.code().replace('_', "").parse().ok())
                    .collect();
                let code = self.random.choice(&codes).copied();
                code.map_or(fault, |code| Fault::FailureAfter { code })
            }
            fault => fault,
        }
    }

    /// Waits until a call that nobody waits for any more has come in, or never will.
    async fn arrival(&self, id: &str) {
        for _ in 0..1_000 {
            let log = self.sandbox.requests();
            let is_it = |request: &konaplate_sandbox::LoggedRequest| {
                request
                    .correlation_id
                    .is_some_and(|known| known.as_str() == id)
            };
            if log.iter().any(is_it) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// No fault waits for the next call, and no bytes are on their way to it.
    pub(super) async fn quiet(&self) {
        self.sandbox.clear_faults();
        if self.keeps_alive {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

fn moves_money(operation: &str) -> bool {
    Operation::find(operation).is_some_and(|known| known.effect() == Effect::MovesMoney)
}

/// Name of a fault without its number.
pub(super) fn kind_of(fault: Fault) -> String {
    let name = fault.to_string();
    name.split(':').next().unwrap_or_default().to_owned()
}
