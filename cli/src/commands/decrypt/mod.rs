//! `konaplate decrypt`.

mod message;
mod shown;
mod unwrap;
mod why;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use konaplate::protocol::KeyWrapping;

use super::protocol::body::BodyArguments;
use super::protocol::keys;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Decrypts a body: an envelope {"encData": …}, or a JWE without one, which may have blanks around it.
///
/// It is decrypted with KONAPLATE_CLIENT_PRIVATE_KEY, or else with KONAPLATE_CLIENT_PRIVATE_KEY_2. In a
/// pipe the plaintext is printed byte by byte. On a terminal it is shown with its values masked: with
/// --operation those that the description calls sensitive or does not know, otherwise all of them; --expose shows them.
/// Where it cannot be decrypted, standard error says why. Only the owner of the key should see that:
/// a server that says so much gives its key away.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate decrypt response.json                                # on a terminal: without the values
  konaplate decrypt --operation get_member response.json         # without the sensitive ones
  konaplate decrypt --expose response.json
  konaplate decrypt response.json | jq .response.code
  konaplate encrypt --key-file client.pem body.json | konaplate decrypt --key-file client.key
  konaplate decrypt --key-wrapping RSA-OAEP response.json        # allows SHA-1, too

Exit codes: 0 decrypted; 2 not decrypted, and why.")]
pub struct Arguments {
    #[command(flatten)]
    body: BodyArguments,

    /// Key wrapping that is taken; RSA-OAEP, which uses SHA-1, beside RSA-OAEP-256.
    #[arg(
        long,
        value_name = "ALGORITHM",
        value_enum,
        default_value = "RSA-OAEP-256"
    )]
    key_wrapping: Wrapping,

    /// File with the private key, in the place of KONAPLATE_CLIENT_PRIVATE_KEY.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,

    /// Operation, by id or path, whose response it is: only its sensitive values are masked.
    #[arg(long, value_name = "OPERATION")]
    operation: Option<String>,

    /// With --operation: it is the request, not the response.
    #[arg(long, requires = "operation")]
    request: bool,

    /// Shows all values on a terminal, too.
    #[arg(long)]
    expose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Wrapping {
    /// With SHA-256.
    #[value(name = "RSA-OAEP-256")]
    RsaOaep256,
    /// With SHA-256 or with SHA-1.
    #[value(name = "RSA-OAEP")]
    RsaOaep,
}

impl From<Wrapping> for KeyWrapping {
    fn from(wrapping: Wrapping) -> Self {
        match wrapping {
            Wrapping::RsaOaep256 => Self::RsaOaep256,
            Wrapping::RsaOaep => Self::RsaOaep256OrSha1,
        }
    }
}

impl Arguments {
    /// Prints the plaintext.
    ///
    /// # Errors
    /// Body or key cannot be read, or the body cannot be decrypted: says why.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let schema = self.schema()?;
        let keys = keys::private_keys(&context.variables, self.key_file.as_deref())?;
        let body = self.body.read(context.language)?;
        let jwe = message::of_body(&body)?;
        let wrapping = self.key_wrapping.into();
        let plaintext = keys
            .iter()
            .find_map(|key| key.key.decrypt(&jwe, wrapping).ok());
        let Some(plaintext) = plaintext else {
            let findings = why::not_decrypted(&jwe, &keys, wrapping);
            for finding in &findings {
                anstream::eprintln!("{}", finding.text(context.language));
            }
            return Err(Failure::bad_input("the body could not be decrypted"));
        };
        let printed = if context.output.is_text() {
            shown::for_people(&plaintext, schema, self.expose, context.language)
        } else {
            plaintext
        };
        std::io::stdout()
            .write_all(&printed)
            .context("cannot write to standard output")?;
        Ok(Exit::Done)
    }

    /// The schema of the body, where the operation is known.
    fn schema(&self) -> Result<Option<&'static str>, Failure> {
        let Some(id) = &self.operation else {
            return Ok(None);
        };
        let operation = crate::catalogue::operation(id)?;
        let body = if self.request {
            &operation.request
        } else {
            &operation.response
        };
        Ok(Some(&body.schema))
    }
}
