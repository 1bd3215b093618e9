//! `konaplate encrypt`.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use konaplate::protocol::{ContentEncryption, envelope};

use super::protocol::body::BodyArguments;
use super::protocol::keys;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Encrypts a body: prints the envelope {"encData": …} that goes over the wire.
///
/// It is encrypted for the owner of KONAPLATE_SERVER_PUBLIC_KEY, the platform. In a pipe the envelope
/// has no line break at its end, so that it can be signed and sent as it is.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate encrypt body.json
  konaplate encrypt body.json > sent.json && konaplate sign sent.json
  printf '{}' | konaplate encrypt --jwe
  konaplate encrypt --content-encryption A256GCM --key-file client.pem response.json   # a response")]
pub struct Arguments {
    #[command(flatten)]
    body: BodyArguments,

    /// Prints the JWE without the envelope.
    #[arg(long)]
    jwe: bool,

    /// What the content is encrypted with. Requests have A128GCM.
    #[arg(long, value_name = "ALGORITHM", value_enum, default_value = "A128GCM")]
    content_encryption: Algorithm,

    /// File with the receiver's public key or certificate, in the place of KONAPLATE_SERVER_PUBLIC_KEY.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Algorithm {
    /// AES-GCM with a key of 128 bits.
    #[value(name = "A128GCM")]
    A128Gcm,
    /// AES-GCM with a key of 256 bits.
    #[value(name = "A256GCM")]
    A256Gcm,
}

impl From<Algorithm> for ContentEncryption {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::A128Gcm => Self::A128Gcm,
            Algorithm::A256Gcm => Self::A256Gcm,
        }
    }
}

impl Arguments {
    /// Prints the envelope or the JWE.
    ///
    /// # Errors
    /// Body or key cannot be read, or the body is empty.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let key = keys::public_key(&context.variables, self.key_file.as_deref())?;
        let body = self.body.read(context.language)?;
        if body.is_empty() {
            return Err(Failure::bad_input("body: must not be empty")
                .next("an empty JSON object is {}, two bytes"));
        }
        let jwe = key
            .encrypt(self.content_encryption.into(), &body)
            .map_err(|error| Failure::new(Exit::Fault, error.to_string()))?;
        let mut printed = if self.jwe {
            jwe.into_bytes()
        } else {
            envelope::encrypted(&jwe)
        };
        if context.output.is_text() {
            printed.push(b'\n');
        }
        std::io::stdout()
            .write_all(&printed)
            .context("cannot write to standard output")?;
        Ok(Exit::Done)
    }
}
