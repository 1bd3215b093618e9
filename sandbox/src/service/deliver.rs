//! Deliveries to the platform: once, twice, or later.

use axum::http::StatusCode;
use konaplate::types::MaskedJson;
use konaplate::{CorrelationId, Operation, TimeZone};
use serde_json::Value;

use super::Service;
use crate::contract::OperationContract;
use crate::faults::Fault;
use crate::lock::lock;
use crate::log::LoggedRequest;
use crate::render::{self, Rendered};
use crate::trace::Recorder;
use crate::verify::Check;

/// A request that was verified, and is to be delivered later.
#[derive(Debug)]
pub(super) struct Held {
    operation: &'static Operation,
    id: CorrelationId,
    plaintext: MaskedJson,
    trace: Recorder,
}

impl Service {
    /// Delivers a request to the platform: once, twice, or later.
    pub(super) fn deliver(
        &self,
        contract: &OperationContract,
        id: CorrelationId,
        plaintext: Value,
        fault: Option<Fault>,
        trace: &mut Recorder,
    ) -> Rendered {
        let second_id = match fault {
            Some(Fault::HoldRequest) => {
                trace.passed_before(Check::State);
                lock(&self.held).push(Held {
                    operation: contract.operation,
                    id,
                    plaintext: plaintext.into(),
                    trace: trace.clone(),
                });
                return Rendered::new(StatusCode::ACCEPTED, Value::Null);
            }
            Some(Fault::DuplicatedRequest) => id,
            Some(Fault::DuplicatedRequestNewId) => CorrelationId::fresh(TimeZone::Kst),
            _ => return self.executed(contract, id, plaintext, trace),
        };
        let mut first_trace = trace.clone();
        let first = self.executed(contract, id, plaintext.clone(), &mut first_trace);
        self.log_delivery(contract, id, &first, fault, first_trace);
        self.executed(contract, second_id, plaintext, trace)
    }

    fn executed(
        &self,
        contract: &OperationContract,
        id: CorrelationId,
        plaintext: Value,
        trace: &mut Recorder,
    ) -> Rendered {
        let executed = |state: &_, postings| trace.executed(id, state, postings);
        let executed = self
            .platform
            .execute(contract.operation, id, plaintext, executed);
        render::executed(contract, executed)
    }

    /// Delivers what is held, in the order in which it came. Returns how many requests that were.
    pub(crate) fn deliver_held(&self) -> usize {
        let held = std::mem::take(&mut *lock(&self.held));
        let count = held.len();
        for Held {
            operation,
            id,
            plaintext,
            mut trace,
        } in held
        {
            let Some(contract) = self.contract.at(operation.path()) else {
                continue;
            };
            let rendered = self.executed(contract, id, plaintext.expose().clone(), &mut trace);
            let fault = Some(Fault::HoldRequest);
            self.log_delivery(contract, id, &rendered, fault, trace);
        }
        count
    }

    /// Logs a delivery whose response goes nowhere, and ends its trace.
    fn log_delivery(
        &self,
        contract: &OperationContract,
        id: CorrelationId,
        rendered: &Rendered,
        fault: Option<Fault>,
        mut trace: Recorder,
    ) {
        trace.rendered(rendered);
        self.keep(trace, fault, None);
        lock(&self.log).push(LoggedRequest {
            time: self.platform.clock.now(),
            operation: Some(contract.operation.id()),
            correlation_id: Some(id),
            status: None,
            code: rendered.code(),
            carried_out: rendered.carried_out,
            fault,
        });
    }
}
