//! A check that failed.

use axum::http::StatusCode;

use super::Check;

/// A check failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) status: StatusCode,
    pub(crate) check: Check,
    /// What was expected and what came instead. Never a secret or a value.
    pub(crate) expected: String,
}

impl Rejection {
    pub(crate) fn bad(check: Check, expected: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            check,
            expected: expected.into(),
        }
    }

    pub(crate) fn failed(check: Check, expected: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            check,
            expected: expected.into(),
        }
    }

    pub(super) fn unauthorized(check: Check, expected: impl Into<String>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            check,
            expected: expected.into(),
        }
    }
}
