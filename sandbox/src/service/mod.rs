//! A request's one way: verify, execute, render, inject, log.

mod deliver;
mod record;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use konaplate::protocol::MessageForm;
use serde_json::Value;

use self::deliver::Held;
use crate::contract::{Contract, OperationContract, operation_id};
use crate::deviations::Deviations;
use crate::dispatcher::Dispatcher;
use crate::faults::inject::{self, Reply};
use crate::faults::{Fault, FaultPlan, Faults};
use crate::lock::lock;
use crate::log::RequestLog;
use crate::platform::{NotStored, Platform};
use crate::problem::Problem;
use crate::render::{self, Rendered};
use crate::scripts::{self, Scripts};
use crate::trace::{Recorder, Traces};
use crate::verify::{self, Check, REMEMBERED_IDS, Rejection, Verifier};

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
    /// Where they are kept.
    traces: Option<Mutex<Traces>>,
    held: Mutex<Vec<Held>>,
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
            traces: None,
            held: Mutex::default(),
        })
    }

    /// With the faults of a plan to start with.
    pub(crate) fn with_faults(mut self, plan: FaultPlan) -> Self {
        self.faults = Mutex::new(plan.faults());
        self.plan = plan;
        self
    }

    /// With traces of the calls, or without.
    pub(crate) fn with_traces(mut self, keeps: bool) -> Self {
        self.traces = keeps.then(Mutex::default);
        self
    }

    /// What goes back to a request, and after how long.
    pub(crate) fn respond(&self, request: Incoming<'_>) -> (Reply, Option<Duration>) {
        let contract = self.contract.at(request.uri.path());
        let operation = contract.map(|contract| contract.operation.id());
        let mut trace = self.trace(request, operation);
        let (fault, mut rendered) = match self.fault(request.headers, operation) {
            Err(rejection) => {
                let refusal = Rendered::rejected(rejection);
                (None, Some(trace.refused(refusal)))
            }
            Ok(fault) if !fault.is_none_or(Fault::arrives) => {
                trace.passed_before(Check::Path);
                (fault, None)
            }
            Ok(fault) => {
                let decided = self.decide(contract, request, fault, &mut trace);
                (fault, Some(decided))
            }
        };
        if let Some(rendered) = &mut rendered {
            rendered.identify(request.headers);
            trace.identified(rendered.correlation_id);
            let deviations = self.verifier.deviations();
            rendered.correlation_id = deviations.response_id(rendered.correlation_id);
        }
        let (reply, status) = inject::bytes(fault, rendered.as_ref());
        // Before anything goes out: who has a response finds the call in the log, and its trace.
        self.log(request, operation, fault, status, rendered.as_ref());
        self.keep(trace, fault, Some(&reply));
        (reply, fault.and_then(Fault::delay))
    }

    /// Verifies and executes a request, renders what became of it, and injects a fault.
    fn decide(
        &self,
        contract: Option<&'static OperationContract>,
        request: Incoming<'_>,
        fault: Option<Fault>,
        trace: &mut Recorder,
    ) -> Rendered {
        let (contract, body) = match operation_of(contract, request.method) {
            Ok(contract) => match request.body {
                Ok(body) => (contract, body),
                // Where the next request begins is not known.
                Err(rejection) => {
                    return trace.refused(Rendered::rejected(rejection.clone()).closing());
                }
            },
            Err(rejection) => return trace.refused(Rendered::rejected(rejection)),
        };
        let mut rendered = self
            .execute(contract, request.headers, body, fault, trace)
            .unwrap_or_else(|rejection| self.rejected(rejection));
        rendered.decided = rendered.wire_code();
        if let Some(fault) = fault {
            inject::plaintext(fault, &mut rendered, &contract.closed_fields);
        }
        trace.rendered(&rendered);
        rendered.encrypt(&self.verifier);
        if let Some(fault) = fault {
            inject::encrypted(fault, &mut rendered);
        }
        rendered
    }

    /// The response to a check that failed.
    fn rejected(&self, rejection: Rejection) -> Rendered {
        let refusal = self
            .verifier
            .deviations()
            .refusal(rejection.check.code(), rejection.status);
        match refusal {
            Some((status, body)) => Rendered::failing(status, body, rejection),
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
        trace: &mut Recorder,
    ) -> Result<Rendered, Rejection> {
        let operation = contract.operation;
        let now = self.platform.clock.now();
        let decrypted = |plaintext: &[u8], encrypted| trace.decrypted(plaintext, encrypted);
        let verified = self
            .verifier
            .verify(operation, headers, body, now, decrypted)?;
        let id = verified.correlation_id;
        let deviations = self.verifier.deviations();
        let encrypted = deviations.is_encrypted(operation.response_encrypted(), verified.encrypted);
        let rendered = if let Some(scripted) = self.scripted(contract, headers)? {
            trace.passed_before(Check::Schema);
            scripted
        } else {
            let plaintext = deviations
                .known_fields(verified.plaintext, contract.fields())
                .map_err(|rule| Rejection::bad(Check::Schema, rule))?;
            match contract.fault(&plaintext) {
                Some(fault) => render::faulty(contract, &fault)?,
                None => self.deliver(contract, id, plaintext, fault, trace),
            }
        };
        Ok(Rendered {
            encrypted,
            correlation_id: Some(id),
            ..rendered
        })
    }

    /// The fault that the call asks for by `X-Sandbox-Fault`, or the one that waits for it.
    fn fault(
        &self,
        headers: &HeaderMap,
        operation: Option<&str>,
    ) -> Result<Option<Fault>, Rejection> {
        let Some(wanted) = verify::optional(headers, &FAULT_HEADER, Check::Fault)? else {
            return Ok(self.faults().take(operation));
        };
        let fault = wanted.parse();
        fault.map(Some).map_err(|problem: Problem| {
            Rejection::bad(Check::Fault, format!("X-Sandbox-Fault: {problem}"))
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

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
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
        if let Some(traces) = &self.traces {
            *lock(traces) = Traces::default();
        }
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
        check: Check::Path,
        expected: "the description has no operation at this path".to_owned(),
    })?;
    if method != Method::POST {
        return Err(Rejection {
            status: StatusCode::METHOD_NOT_ALLOWED,
            check: Check::Method,
            expected: "every operation is a POST".to_owned(),
        });
    }
    Ok(contract)
}
