//! What the sandbox knows: where the money is, what came in, and what is to go wrong.

use maud::html;

use crate::frame::{Content, Frame};

/// A page of the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    Requests,
    Ledger,
    Faults,
    Clock,
    Callbacks,
}

impl View {
    pub(crate) const ALL: [Self; 5] = [
        Self::Requests,
        Self::Ledger,
        Self::Faults,
        Self::Clock,
        Self::Callbacks,
    ];

    /// Its name in addresses.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Ledger => "ledger",
            Self::Faults => "faults",
            Self::Clock => "clock",
            Self::Callbacks => "callbacks",
        }
    }
}

pub(super) fn content(_: &Frame<'_>, view: View) -> Content {
    Content::new(view.name(), "", html! {})
}
