//! The form of what is signed.

use clap::ValueEnum;
use konaplate::protocol::MessageForm;

/// What of a body is signed. The vendor's text leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::commands) enum Form {
    /// The bytes of the body.
    #[default]
    Raw,
    /// The base64 text of the body.
    Base64,
}

impl From<Form> for MessageForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Raw => Self::RawBody,
            Form::Base64 => Self::Base64Body,
        }
    }
}
