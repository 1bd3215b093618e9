//! `konaplate sign`.

use std::path::PathBuf;
use std::time::SystemTime;

use axum::http::{HeaderName, HeaderValue};
use clap::Args;
use konaplate::protocol::headers;
use konaplate::protocol::{RequestSigner, SigningKey, TranToken};
use konaplate::{CorrelationId, TimeZone};
use serde_json::{Map, Value};

use super::protocol::body::{BodyArguments, without_line_break};
use super::protocol::form::Form;
use super::protocol::instant::Instant;
use super::protocol::keys;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{WARNING, styled};
use crate::variables::Variables;

/// Signs a body: prints the headers that a call with it has.
///
/// The body is what goes over the wire: of an encrypted call that is the envelope {"encData": …}, as
/// konaplate encrypt prints it. The secret key is KONAPLATE_SECRET_KEY. Headers whose setting is
/// missing are left out. The access key is masked unless --expose is there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  konaplate sign body.json
  printf '{}' | konaplate sign --token
  konaplate encrypt body.json | konaplate sign
  konaplate sign --time 2026-03-15T10:45:12.345+09:00 --correlation-id 260315104512-0a1b2c3 body.json
  konaplate sign --expose --output text body.json > headers
  curl -H @headers --data-binary @body.json \"$KONAPLATE_BASE_URL/api/v1/…\"")]
pub struct Arguments {
    #[command(flatten)]
    body: BodyArguments,

    /// Prints the token only.
    #[arg(long)]
    token: bool,

    /// When the call is made: RFC 3339, seconds since 1970, or the 17 digits of a token; by default now.
    #[arg(long, value_name = "INSTANT")]
    time: Option<Instant>,

    /// Zone of the timestamps: KST or UTC.
    #[arg(long, value_name = "ZONE", default_value = "KST")]
    zone: TimeZone,

    /// What of the body is signed.
    #[arg(long, value_name = "FORM", value_enum, default_value = "raw")]
    message_form: Form,

    /// Id of the call: 12 digits, a hyphen, 7 lower-case hex digits; by default a fresh one.
    #[arg(long, value_name = "ID")]
    correlation_id: Option<CorrelationId>,

    /// File with the secret key, in the place of KONAPLATE_SECRET_KEY.
    #[arg(long, value_name = "FILE")]
    secret_key_file: Option<PathBuf>,

    /// Shows the access key, too.
    #[arg(long)]
    expose: bool,
}

impl Arguments {
    /// Prints headers or token.
    ///
    /// # Errors
    /// Body or key cannot be read, or a setting is none that a header can have.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let secret = keys::secret_key(&context.variables, self.secret_key_file.as_deref())?;
        let key = SigningKey::new(&secret)
            .map_err(|rule| Failure::bad_input(format!("secret key: {rule}")))?;
        let body = self.body.read(context.language)?;
        if without_line_break(&body).len() != body.len() {
            note(
                "the body ends with a line break, which is signed: send it, too, or take it off with --trim",
            );
        }
        let time = self.time.unwrap_or_else(|| Instant::At(SystemTime::now()));
        let timestamp = time.timestamp(self.zone);
        if self.token {
            let token = TranToken::sign(&key, timestamp, &body, self.message_form.into());
            context.output.text(token.as_str())?;
            return Ok(Exit::Done);
        }
        let variables = &context.variables;
        let asp_id = setting(variables, "KONAPLATE_ASP_ID")?;
        let access_key = setting(variables, keys::ACCESS_KEY)?;
        let crypto_key_id = setting(variables, "KONAPLATE_CRYPTO_KEY_ID")?;
        let missing = HeaderValue::from_static("");
        let signer = RequestSigner {
            asp_id: asp_id.as_ref().unwrap_or(&missing),
            access_key: access_key.as_ref(),
            crypto_key_id: crypto_key_id.as_ref(),
            zone: self.zone,
            key: &key,
            form: self.message_form.into(),
        };
        let id = match self.correlation_id {
            Some(id) => id,
            None => fresh_id(timestamp.tran_time(), self.zone)?,
        };
        let signed = signer.sign(timestamp, id, &body);
        let shown = signed.iter().filter(|(_, value)| !value.is_empty());
        let shown = shown.map(|(name, value)| {
            let text = if *name == headers::ACCESS_KEY && !self.expose {
                "[access-key]"
            } else {
                value.to_str().unwrap_or_default()
            };
            (written(name), text)
        });
        for (value, name) in [
            (&asp_id, "KONAPLATE_ASP_ID"),
            (&access_key, keys::ACCESS_KEY),
        ] {
            if value.is_none() {
                note(&format!("{name} is not set, and its header left out"));
            }
        }
        if context.output.is_text() {
            let lines: Vec<_> = shown
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
            context.output.text(&lines.join("\n"))?;
        } else {
            let object: Map<_, Value> = shown
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            context.output.json(&object.into())?;
        }
        Ok(Exit::Done)
    }
}

/// A hint beside what is printed.
fn note(text: &str) {
    anstream::eprintln!("{} {text}", styled(WARNING, "note:"));
}

/// A fresh id of a call at that time.
fn fresh_id(tran_time: &str, zone: TimeZone) -> Result<CorrelationId, Failure> {
    let fresh = CorrelationId::fresh(zone);
    let id = format!("{}{}", &tran_time[2..], &fresh.as_str()[12..]);
    id.parse()
        .map_err(|rule| Failure::new(Exit::Fault, format!("correlation id: {rule}")))
}

/// The value that a header has of a setting.
fn setting(variables: &Variables, name: &str) -> Result<Option<HeaderValue>, Failure> {
    let Some(text) = keys::setting_text(variables, name)? else {
        return Ok(None);
    };
    let value = HeaderValue::from_str(&text)
        .ok()
        .filter(|value| value.to_str().is_ok())
        .ok_or_else(|| Failure::bad_input(format!("{name}: must be visible ASCII characters")))?;
    Ok(Some(value))
}

/// A header's name as the vendor writes it.
fn written(name: &HeaderName) -> &str {
    match name.as_str() {
        "x-km-user-aspid" => "X-KM-User-AspId",
        "x-km-correlation-id" => "X-KM-Correlation-Id",
        "x-km-access-key" => "X-KM-Access-Key",
        "x-km-crypto-key-id" => "X-KM-Crypto-Key-Id",
        "x-km-tran-token" => "X-KM-Tran-Token",
        "x-km-tran-time" => "X-KM-Tran-Time",
        "x-km-time-zone" => "X-KM-Time-Zone",
        "accept" => "Accept",
        "content-type" => "Content-Type",
        other => other,
    }
}
