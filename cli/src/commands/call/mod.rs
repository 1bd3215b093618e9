//! `konaplate call`: one call, checked before it is sent, and what became of it.

mod ask;
mod check;
mod confirm;
mod dry_run;
mod fields;
mod input;
mod mask;
mod render;
mod send;
mod verdict;

use std::borrow::Cow;
use std::time::Duration;

use clap::Args;
use konaplate::{Client, ClientBuilder, CorrelationId, Effect, Operation};
use serde_json::Value;

use self::input::Private;
use crate::catalogue;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{FAINT, styled};

/// Makes a call.
///
/// The request is checked against the description before it is sent, with every fault at once. What is
/// sensitive in it and in the response is masked, unless --expose is given. Secrets are better in a file
/// or on standard input: other programs can see arguments.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Operation, by its id or its path.
    #[arg(value_name = "OPERATION")]
    operation: String,

    /// Fields of the request, or the whole of it: name=value, list=a list=b, object.name=value,
    /// list[0].name=value, name:=json for what the description does not know, @file, or - for standard
    /// input. Whether a value is a number or a text is said by the description. Fields go over those
    /// of a body. Without any, a body that is piped in is read.
    #[arg(value_name = "NAME=VALUE|@FILE|-")]
    fields: Vec<Private>,

    /// The whole request.
    #[arg(long, value_name = "JSON")]
    json: Option<Private>,

    /// Send JSON to a path that the description does not know.
    #[arg(long)]
    raw: bool,

    /// Leave the checks of the request to the platform.
    #[arg(long)]
    no_validation: bool,

    /// Show headers, plaintext and encrypted body, and send nothing.
    #[arg(long)]
    dry_run: bool,

    /// Show what is sensitive.
    #[arg(long)]
    expose: bool,

    /// Do not ask before a call that moves money outside of this machine.
    #[arg(long, short)]
    yes: bool,

    /// Correlation id, yyMMddHHmmss- and seven lower-case hex digits; by default a fresh one.
    #[arg(long, value_name = "ID")]
    correlation_id: Option<CorrelationId>,

    /// How long the call may take; by default 20 s.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,

    /// Encrypt the request, whatever the description says.
    #[arg(long, conflicts_with = "no_encrypt")]
    encrypt: bool,

    /// Do not encrypt the request, whatever the description says.
    #[arg(long)]
    no_encrypt: bool,

    /// A header beside those of the protocol, such as 'X-Sandbox-Fault: close-after'. Can be given
    /// several times.
    #[arg(long = "header", value_name = "NAME:VALUE")]
    headers: Vec<Private>,
}

const EXAMPLES: &str = "\
Examples, with the variables of `konaplate sandbox`:
  konaplate call get_member userId=10000000001
  konaplate call get_member userId=10000000001 --expose --output text
  konaplate call issue_one_time_token cardNo=9491339401250765 --dry-run
  konaplate call list_card_products serviceIdList=000170000002000 serviceIdList=000170000003000
  konaplate call update_terms_agreement userId=10000000001 'tcList[0].tcId=29184' 'tcList[0].acceptedByUser=true'
  echo '{\"userId\": 10000000001}' | konaplate call get_member
  konaplate call get_member --json '{\"userId\": 1}' userId=10000000001
  konaplate call /api/v1/user/info userId=10000000001 --header 'X-Sandbox-Fault: close-after'

A call that moves money is recorded in the journal that KONAPLATE_JOURNAL names, a SQLite file or a URL
of PostgreSQL, before it is sent; a sequence id that is in it is not sent again.

Exit codes depend on what is known of the call, and not on the operation:
  0  done: the platform says success
  1  a fault of this machine, such as a journal that cannot be written; nothing was sent
  2  the request or a setting is wrong, or it was not confirmed; nothing was sent
  3  the platform says that it did not carry it out, or declined it. That is proof only where the text
     says so: else an earlier delivery of the same request may have been carried out
  4  it may have been carried out: no response, one that is no response of the platform, an unknown code,
     a success that leaves the outcome open, a sequence id that was used before. So for every operation;
     after one that only reads the same call again is safe
  5  no connection; nothing was sent";

/// What is called.
#[derive(Debug)]
struct Target {
    /// Its id, or its path where the description does not know it.
    name: String,
    operation: Option<&'static Operation>,
    described: Option<&'static konaplate_spec::Operation>,
}

impl Target {
    fn find(id_or_path: &str, raw: bool) -> Result<Self, Failure> {
        let is_path = id_or_path.starts_with('/');
        if is_path && Operation::find(id_or_path).is_none() {
            if !raw {
                let cause = "operation: the description does not know this path";
                let next = "--raw sends JSON to it; konaplate operations lists what there is";
                return Err(Failure::bad_input(cause).next(next));
            }
            return Ok(Self {
                name: id_or_path.to_owned(),
                operation: None,
                described: None,
            });
        }
        let described = catalogue::operation(id_or_path)?;
        if raw {
            let cause = "raw: is for a path that the description does not know";
            return Err(Failure::bad_input(cause).next("leave --raw out; name:=json still works"));
        }
        Ok(Self {
            name: described.id.clone(),
            operation: Operation::find(&described.id),
            described: Some(described),
        })
    }

    fn path(&self) -> &str {
        self.operation
            .map_or(&self.name, |operation| operation.path())
    }

    /// What can be shown of it.
    fn name(&self) -> Cow<'_, str> {
        match self.operation {
            Some(_) => Cow::Borrowed(&self.name),
            None => Operation::shown_path(&self.name).into(),
        }
    }

    /// What it does. What the description does not know may move money.
    fn effect(&self) -> Effect {
        self.operation.map_or(Effect::MovesMoney, Operation::effect)
    }

    fn request_schema(&self) -> Option<&'static str> {
        self.described
            .map(|described| described.request.schema.as_str())
    }

    fn response_schema(&self) -> Option<&'static str> {
        self.described
            .map(|described| described.response.schema.as_str())
    }
}

impl Arguments {
    /// Makes the call.
    ///
    /// # Errors
    /// The request or a setting is wrong, or the call did not end in a plain success.
    pub async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let target = Target::find(&self.operation, self.raw)?;
        let body = self.checked_body(&target)?;
        let headers = send::headers(&self.headers)?;
        let encrypt = match (self.encrypt, self.no_encrypt) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        let (builder, client) = self.client(context)?;
        let project = client.project();
        let base_url = project.base_url();
        if self.dry_run {
            let draft = dry_run::Draft {
                target: &target,
                base_url,
                body: &body,
                correlation_id: self.correlation_id,
                encrypt,
                headers: &headers,
            };
            return draft.print(context, self.expose);
        }
        let moves_money = target.effect() == Effect::MovesMoney;
        if moves_money && !self.yes && !confirm::is_loopback(base_url) {
            confirm::confirm(&target, &body, base_url, context.language)?;
        }
        let call = send::Call {
            target: &target,
            body,
            options: send::options(self.correlation_id, encrypt, headers),
            expose: self.expose,
        };
        call.send(context, builder).await
    }

    /// The request, without a fault.
    fn checked_body(&self, target: &Target) -> Result<Value, Failure> {
        let json = self.json.as_ref().map(Private::expose);
        let (mut body, fields) = input::body(json, &self.fields)?;
        let faults = fields::write(&fields, target.request_schema(), &mut body);
        let body = Value::Object(body);
        let operation = target.operation.filter(|_| !self.no_validation);
        check::check(operation, &body, faults)?;
        if let Some(schema) = target.request_schema() {
            let names = check::undescribed(schema, &body);
            if !names.is_empty() {
                let note = format!(
                    "not in the description, and sent as it is: {}",
                    names.join(", ")
                );
                anstream::eprintln!("{}", styled(FAINT, &note));
            }
        }
        Ok(body)
    }

    /// The client of the settings, and what it is made of: a journal may be added to that.
    fn client(&self, context: &Context) -> Result<(ClientBuilder, Client), Failure> {
        let builder = || {
            let variable = |name: &str| context.variables.get(name);
            let mut builder = ClientBuilder::from_vars(variable).map_err(not_set_up)?;
            if let Some(timeout) = self.timeout {
                builder = builder.timeout(timeout);
            }
            Ok::<_, Failure>(builder)
        };
        let client = builder()?.build().map_err(not_set_up)?;
        let mut builder = builder()?;
        if confirm::is_loopback(client.project().base_url()) {
            // The sandbox says what it expected of a request that it refuses.
            builder = builder.shows_sandbox_messages();
        }
        Ok((builder, client))
    }
}

fn not_set_up(error: konaplate::Error) -> Failure {
    Failure::bad_input(error.to_string()).next(
        "konaplate doctor checks the settings; konaplate sandbox --env-file .env makes some of a sandbox",
    )
}

fn seconds(text: &str) -> Result<Duration, String> {
    let rule = "must be a number of seconds above 0, such as 5 or 0.5";
    let seconds: f64 = text.parse().map_err(|_| rule.to_owned())?;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|_| rule.to_owned())?;
    if duration.is_zero() {
        return Err(rule.to_owned());
    }
    Ok(duration)
}
