//! A check that failed.

use axum::http::StatusCode;

/// A check failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) status: StatusCode,
    /// Name of the check, as in `sandbox:<check>`.
    pub(crate) check: &'static str,
    /// What was expected and what came instead. Never a secret or a value.
    pub(crate) expected: String,
}

impl Rejection {
    pub(crate) fn bad(check: &'static str, expected: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            check,
            expected: expected.into(),
        }
    }

    pub(crate) fn failed(check: &'static str, expected: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            check,
            expected: expected.into(),
        }
    }

    pub(super) fn unauthorized(check: &'static str, expected: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            check,
            expected: expected.into(),
        }
    }
}
