//! `konaplate show`.

mod command;
mod fields;
mod json;
mod text;

use clap::Args;
use konaplate_spec::{Language, Operation};
use serde_json::Value;

use crate::catalogue;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::layout::Layout;

/// Shows all that is known of an operation: fields, codes and what each proves about the money,
/// encryption, effect, outcome, evidence, and a command to copy.
///
/// In the names of fields a dot leads into an object, and [] stands behind a list.
///
/// As JSON it is one object: id, path, method, group, summary, title (the vendor's), description,
/// effect, follow_up, encryption, evidence, version, versions, deprecated; request and response, each
/// with schema, complete and fields (name, type, rule, required, sensitive, description, values,
/// evidence, printed); codes (code, name, message, meaning, class, listed, proves, reason),
/// codes_complete, unlisted_failures; outcome (completed_by, member_acts_with, reference, pending,
/// result, inquiry, cancel, hint), paging, printed, and command. What there is none of is null.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate show get_member
  konaplate show /api/v1/recharges/by-bank-accounts/no-hce
  konaplate show pay_with_token --lang ko
  konaplate show get_member --output json")]
pub struct Arguments {
    /// Id or path of the operation; konaplate operations lists them.
    #[arg(value_name = "OPERATION")]
    operation: String,
}

/// What is shown of an operation.
#[derive(Debug)]
pub struct Shown {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Value,
}

/// All that is known of an operation, in that language.
#[must_use]
pub fn shown(operation: &Operation, language: Language, layout: Layout) -> Shown {
    Shown {
        text: text::text(operation, language, layout),
        json: json::object(operation, language),
    }
}

impl Arguments {
    /// Prints it.
    ///
    /// # Errors
    /// There is no such operation, or nobody takes it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let operation = catalogue::operation(&self.operation)?;
        let shown = shown(operation, context.language, Layout::of_terminal());
        if context.output.is_text() {
            context.output.text(&shown.text)?;
        } else {
            context.output.json(&shown.json)?;
        }
        Ok(Exit::Done)
    }
}
