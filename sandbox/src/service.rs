//! A request's one way: verify, execute, render, inject, log.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use konaplate::protocol::MessageForm;
use konaplate::types::MaskedJson;
use konaplate::{CorrelationId, Operation, TimeZone};
use serde_json::Value;

use crate::contract::{Contract, OperationContract, operation_id};
use crate::deviations::Deviations;
use crate::dispatcher::Dispatcher;
use crate::faults::inject::{self, Reply};
use crate::faults::{Fault, FaultPlan, Faults};
use crate::lock::lock;
use crate::log::{LoggedRequest, RequestLog};
use crate::platform::{NotStored, Platform};
use crate::problem::Problem;
use crate::render::{self, Rendered};
use crate::scripts::{self, Scripts};
use crate::verify::{self, REMEMBERED_IDS, Rejection, Verifier};

/// Names the fault that a call is to have.
const FAULT_HEADER: HeaderName = HeaderName::from_static("x-sandbox-fault");

/// The platform, and all that stands between it and the network.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) platform: Arc<Platform>,
    pub(crate) dispatcher: Arc<Dispatcher>,
    contract: &'static Contract,
    verifier: Verifier,
    faults: Mutex<Faults>,
    /// Those that it starts with, and starts again with after a reset.
    plan: FaultPlan,
    scripts: Mutex<Scripts>,
    log: Mutex<RequestLog>,
    held: Mutex<Vec<Held>>,
}

/// A request that was verified, and is to be delivered later.
#[derive(Debug)]
struct Held {
    operation: &'static Operation,
    id: CorrelationId,
    plaintext: MaskedJson,
}

/// A request as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incoming<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    /// Its bytes, or why they could not be read.
    pub(crate) body: Result<&'a [u8], &'a Rejection>,
}

impl Service {
    pub(crate) fn new(
        platform: Platform,
        form: MessageForm,
        deviations: Deviations,
        callbacks: Option<(&str, bool)>,
    ) -> anyhow::Result<Self> {
        let platform = Arc::new(platform);
        let dispatcher = Dispatcher::new(Arc::clone(&platform), form, callbacks)?;
        let verifier = Verifier::new(form, deviations)?;
        verifier.remember(platform.latest_causes(REMEMBERED_IDS));
        Ok(Self {
            platform,
            dispatcher: Arc::new(dispatcher),
            contract: Contract::shared()?,
            verifier,
            faults: Mutex::default(),
            plan: FaultPlan::default(),
            scripts: Mutex::default(),
            log: Mutex::default(),
            held: Mutex::default(),
        })
    }

    /// With the faults of a plan to start with.
    pub(crate) fn with_faults(mut self, plan: FaultPlan) -> Self {
        self.faults = Mutex::new(plan.faults());
        self.plan = plan;
        self
    }

    /// What goes back to a request, and after how long.
    pub(crate) fn respond(&self, request: Incoming<'_>) -> (Reply, Option<Duration>) {
        let contract = self.contract.at(request.uri.path());
        let operation = contract.map(|contract| contract.operation.id());
        let (fault, mut rendered) = match self.fault(request.headers, operation) {
            Err(rejection) => (None, Some(Rendered::rejected(&rejection))),
            Ok(fault) if !fault.is_none_or(Fault::arrives) => (fault, None),
            Ok(fault) => (fault, Some(self.decide(contract, request, fault))),
        };
        if let Some(rendered) = &mut rendered {
            rendered.identify(request.headers);
            let deviations = self.verifier.deviations();
            rendered.correlation_id = deviations.response_id(rendered.correlation_id);
        }
        let (reply, status) = inject::bytes(fault, rendered.as_ref());
        // Before anything goes out: who has a response finds the call in the log.
        self.log(request, operation, fault, status, rendered.as_ref());
        (reply, fault.and_then(Fault::delay))
    }

    /// Verifies and executes a request, renders what became of it, and injects a fault.
    fn decide(
        &self,
        contract: Option<&'static OperationContract>,
        request: Incoming<'_>,
        fault: Option<Fault>,
    ) -> Rendered {
        let (contract, body) = match operation_of(contract, request.method) {
            Ok(contract) => match request.body {
                Ok(body) => (contract, body),
                // Where the next request begins is not known.
                Err(rejection) => return Rendered::rejected(rejection).closing(),
            },
            Err(rejection) => return Rendered::rejected(&rejection),
        };
        let mut rendered = self
            .execute(contract, request.headers, body, fault)
            .unwrap_or_else(|rejection| self.rejected(&rejection));
        rendered.decided = rendered.wire_code();
        if let Some(fault) = fault {
            inject::plaintext(fault, &mut rendered, &contract.closed_fields);
        }
        rendered.encrypt(&self.verifier);
        if let Some(fault) = fault {
            inject::encrypted(fault, &mut rendered);
        }
        rendered
    }

    /// The response to a check that failed.
    fn rejected(&self, rejection: &Rejection) -> Rendered {
        let refusal = self
            .verifier
            .deviations()
            .refusal(rejection.check, rejection.status);
        match refusal {
            Some((status, body)) => Rendered::new(status, body),
            None => Rendered::rejected(rejection),
        }
    }

    /// Verifies and executes a request, and renders what became of it.
    fn execute(
        &self,
        contract: &'static OperationContract,
        headers: &HeaderMap,
        body: &[u8],
        fault: Option<Fault>,
    ) -> Result<Rendered, Rejection> {
        let operation = contract.operation;
        let now = self.platform.clock.now();
        let verified = self.verifier.verify(operation, headers, body, now)?;
        let id = verified.correlation_id;
        let deviations = self.verifier.deviations();
        let encrypted = deviations.is_encrypted(operation.response_encrypted(), verified.encrypted);
        let plaintext = deviations
            .known_fields(verified.plaintext, contract.fields())
            .map_err(|rule| Rejection::bad("schema", rule))?;
        let rendered = match self.scripted(contract, headers)? {
            Some(scripted) => scripted,
            None => match contract.fault(&plaintext) {
                Some(fault) => render::faulty(contract, &fault)?,
                None => self.deliver(contract, id, plaintext, fault),
            },
        };
        Ok(Rendered {
            encrypted,
            correlation_id: Some(id),
            ..rendered
        })
    }

    /// Delivers a request to the platform: once, twice, or later.
    fn deliver(
        &self,
        contract: &OperationContract,
        id: CorrelationId,
        plaintext: Value,
        fault: Option<Fault>,
    ) -> Rendered {
        let second_id = match fault {
            Some(Fault::HoldRequest) => {
                lock(&self.held).push(Held {
                    operation: contract.operation,
                    id,
                    plaintext: plaintext.into(),
                });
                return Rendered::new(StatusCode::ACCEPTED, Value::Null);
            }
            Some(Fault::DuplicatedRequest) => id,
            Some(Fault::DuplicatedRequestNewId) => CorrelationId::fresh(TimeZone::Kst),
            _ => return self.executed(contract, id, plaintext),
        };
        let first = self.executed(contract, id, plaintext.clone());
        self.log_delivery(contract, id, &first, fault);
        self.executed(contract, second_id, plaintext)
    }

    fn executed(
        &self,
        contract: &OperationContract,
        id: CorrelationId,
        plaintext: Value,
    ) -> Rendered {
        let executed = self.platform.execute(contract.operation, id, plaintext);
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
        } in held
        {
            let Some(contract) = self.contract.at(operation.path()) else {
                continue;
            };
            let rendered = self.executed(contract, id, plaintext.expose().clone());
            self.log_delivery(contract, id, &rendered, Some(Fault::HoldRequest));
        }
        count
    }

    /// Logs a delivery whose response goes nowhere.
    fn log_delivery(
        &self,
        contract: &OperationContract,
        id: CorrelationId,
        rendered: &Rendered,
        fault: Option<Fault>,
    ) {
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

    /// The fault that the call asks for by `X-Sandbox-Fault`, or the one that waits for it.
    fn fault(
        &self,
        headers: &HeaderMap,
        operation: Option<&str>,
    ) -> Result<Option<Fault>, Rejection> {
        let Some(wanted) = verify::optional(headers, &FAULT_HEADER, "fault")? else {
            return Ok(self.faults().take(operation));
        };
        let fault = wanted.parse();
        fault.map(Some).map_err(|problem: Problem| {
            Rejection::bad("fault", format!("X-Sandbox-Fault: {problem}"))
        })
    }

    /// The response that the call asks for by itself, or that was scripted for it, if there is one.
    fn scripted(
        &self,
        contract: &OperationContract,
        headers: &HeaderMap,
    ) -> Result<Option<Rendered>, Rejection> {
        if let Some(wanted) = scripts::wanted(contract, headers)? {
            return Ok(Some(wanted));
        }
        Ok(lock(&self.scripts).take(contract.operation.id()))
    }

    fn log(
        &self,
        request: Incoming<'_>,
        operation: Option<&'static str>,
        fault: Option<Fault>,
        status: Option<StatusCode>,
        rendered: Option<&Rendered>,
    ) {
        let id = verify::correlation_id(request.headers).ok();
        tracing::info!(
            path = Operation::shown_path(request.uri.path()),
            status = status.map(|status| status.as_u16()),
            correlation_id = id.map(tracing::field::display),
            fault = fault.map(tracing::field::display),
            "responded"
        );
        lock(&self.log).push(LoggedRequest {
            time: self.platform.clock.now(),
            operation,
            correlation_id: id,
            status: status.map(|status| status.as_u16()),
            code: rendered.and_then(Rendered::code),
            carried_out: rendered.is_some_and(|rendered| rendered.carried_out),
            fault,
        });
    }

    /// Refuses what is no request, with this status, or in another way. The log has it then.
    pub(crate) fn refuse(&self, rejection: &Rejection, status: Option<StatusCode>) -> Rendered {
        let mut rendered = Rendered::rejected(rejection).closing();
        rendered.identify(&HeaderMap::new());
        tracing::info!(
            status = status.map(|status| status.as_u16()),
            check = rejection.check,
            "refused"
        );
        lock(&self.log).push(LoggedRequest {
            time: self.platform.clock.now(),
            operation: None,
            correlation_id: None,
            status: status.map(|status| status.as_u16()),
            code: rendered.code(),
            carried_out: false,
            fault: None,
        });
        rendered
    }

    /// Whether a new connection is to be closed at once.
    pub(crate) fn refuses_connection(&self) -> bool {
        let refuses = self.faults().refuse_connection();
        if refuses {
            lock(&self.log).push(LoggedRequest {
                time: self.platform.clock.now(),
                operation: None,
                correlation_id: None,
                status: None,
                code: None,
                carried_out: false,
                fault: Some(Fault::RefuseConnection),
            });
        }
        refuses
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        lock(&self.log).all()
    }

    /// Gives an operation a fault, on every call of it.
    pub(crate) fn fault_operation(&self, operation: &str, fault: Fault) -> Result<(), Problem> {
        self.faults().set_operation(operation_id(operation)?, fault)
    }

    /// Lets the next call of an operation have this response. Returns how many wait for it now.
    pub(crate) fn script_response(
        &self,
        operation: &str,
        status: u16,
        body: Value,
    ) -> Result<usize, Problem> {
        lock(&self.scripts).add(operation_id(operation)?, status, body)
    }

    /// Everything as it was at the start, but for the address.
    pub(crate) fn reset(&self) -> Result<(), NotStored> {
        self.platform.reset()?;
        *self.faults() = self.plan.faults();
        *lock(&self.scripts) = Scripts::default();
        self.verifier.remember([]);
        *lock(&self.log) = RequestLog::default();
        lock(&self.held).clear();
        self.dispatcher.reset();
        Ok(())
    }
}

/// The operation that a request is for.
fn operation_of(
    contract: Option<&'static OperationContract>,
    method: &Method,
) -> Result<&'static OperationContract, Rejection> {
    let contract = contract.ok_or_else(|| Rejection {
        status: StatusCode::NOT_FOUND,
        check: "path",
        expected: "the description has no operation at this path".to_owned(),
    })?;
    if method != Method::POST {
        return Err(Rejection {
            status: StatusCode::METHOD_NOT_ALLOWED,
            check: "method",
            expected: "every operation is a POST".to_owned(),
        });
    }
    Ok(contract)
}
