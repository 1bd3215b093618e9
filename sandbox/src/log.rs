//! The log of what came in, with nothing in it that is anybody's secret.

use std::collections::VecDeque;
use std::time::SystemTime;

use konaplate::CorrelationId;

use crate::faults::Fault;

/// How many requests are remembered; the oldest go first.
const REMEMBERED: usize = 10_000;

/// A request that the sandbox got, and what became of it. It holds no header, no field and no body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// The sandbox's time.
    pub time: SystemTime,
    /// Id of the operation; none for a path that the description does not have, for bytes that are no
    /// request, and for a connection that was refused.
    pub operation: Option<&'static str>,
    /// Correlation id, where the request had a well-formed one.
    pub correlation_id: Option<CorrelationId>,
    /// HTTP status of the response, be it cut or not; none where none was to go out.
    pub status: Option<u16>,
    /// What the platform decided, though the response may not say so: `000_000`, a documented code,
    /// or one of the sandbox's own. None where the call did not come so far. A code of a scripted
    /// response that looks like none of these is `…`.
    pub code: Option<String>,
    /// Whether the call had its effect. False for a refusal, for a scripted response, and for a
    /// fault that comes before. For an operation that reads: whether it was read. Of an operation
    /// without state here ([`STATEFUL`](crate::STATEFUL)) it says whether the example stood in for
    /// success.
    pub carried_out: bool,
    /// The fault that it got.
    pub fault: Option<Fault>,
}

/// The requests that came last.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(VecDeque<LoggedRequest>);

impl RequestLog {
    pub(crate) fn push(&mut self, request: LoggedRequest) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(request);
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<LoggedRequest> {
        self.0.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_bounded_and_the_oldest_go_first() {
        let entry = |status| LoggedRequest {
            time: SystemTime::UNIX_EPOCH,
            operation: None,
            correlation_id: None,
            status: Some(status),
            code: None,
            carried_out: false,
            fault: None,
        };
        let mut log = RequestLog::default();
        for n in 0..=REMEMBERED {
            log.push(entry(u16::try_from(n).unwrap()));
        }
        let all = log.all();
        assert_eq!(all.len(), REMEMBERED);
        assert_eq!(all[0].status, Some(1));
    }
}
