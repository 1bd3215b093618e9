//! What is known of a request afterwards: the log, and its trace.

use axum::http::{HeaderMap, StatusCode};
use konaplate::{CorrelationId, Operation};

use super::{Incoming, Service};
use crate::faults::Fault;
use crate::faults::inject::Reply;
use crate::lock::lock;
use crate::log::LoggedRequest;
use crate::render::Rendered;
use crate::trace::{Recorder, Trace};
use crate::verify::{self, Rejection};

impl Service {
    /// Begins the trace of a request, where traces are kept.
    pub(super) fn trace(&self, request: Incoming<'_>, operation: Option<&'static str>) -> Recorder {
        if self.traces.is_none() {
            return Recorder::default();
        }
        Recorder::new(
            self.platform.clock.now(),
            operation,
            (request.method, request.uri),
            request.headers,
            request.body.ok(),
        )
    }

    /// Ends a trace with what goes out, if anything does.
    pub(super) fn keep(&self, trace: Recorder, fault: Option<Fault>, reply: Option<&Reply>) {
        if let Some(traces) = &self.traces {
            trace.finish(self.verifier.form(), fault, reply, &mut lock(traces));
        }
    }

    /// The traces of a call, oldest first; none where no traces are kept.
    pub(crate) fn traces_of(&self, id: CorrelationId) -> Option<Vec<Trace>> {
        let traces = self.traces.as_ref()?;
        Some(lock(traces).of(id))
    }

    pub(super) fn log(
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
    pub(crate) fn refuse(&self, rejection: Rejection, status: Option<StatusCode>) -> Rendered {
        tracing::info!(
            status = status.map(|status| status.as_u16()),
            check = rejection.check.code(),
            "refused"
        );
        let mut rendered = Rendered::rejected(rejection).closing();
        rendered.identify(&HeaderMap::new());
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

    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        lock(&self.log).all()
    }
}
