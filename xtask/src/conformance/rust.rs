//! This client, through its public interface. What has no function of its own, such as what a response
//! says, is asked of a whole call to a server that gives the response.

use std::time::{Duration, SystemTime};

use anyhow::Result;
use konaplate::protocol::envelope::Document;
use konaplate::protocol::{
    CorrelationId, DecryptionKey, KeyWrapping, MessageForm, SigningKey, TimeZone, Timestamp,
    TranToken,
};
use konaplate::{Client, ClientBuilder, Delivery, ErrorKind};
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

use super::cases::{self, CorrelationId as Id, Envelope, Expect, Kit, Message, Plaintext, Signing};
use super::settings;
use super::tally::{Ran, Tally, same};
use super::upstream::Upstream;

type Done = Result<(), String>;

pub(super) fn run(kit: &Kit) -> Result<Ran> {
    let caller = Caller::new()?;
    let mut files = vec![
        Tally::of("signing", &kit.signing, |case| &case.name, signed),
        Tally::of(
            "correlation_ids",
            &kit.correlation_ids,
            Id::name,
            identified,
        ),
    ];
    for (file, cases) in &kit.messages {
        files.push(Tally::of(file, cases, |case| &case.name, decrypted));
    }
    files.extend([
        Tally::of(
            "jwe_negative",
            &kit.negative,
            |case| &case.name,
            |case| refused(&case.private_key, &case.jwe),
        ),
        Tally::of("envelopes", &kit.envelopes, |case| &case.name, read),
        Tally::of(
            "responses",
            &kit.responses,
            |case| &case.name,
            |case| {
                caller.gives(case.status, &case.headers, &case.body_base64.0);
                same("the key", case.private_key.as_str(), settings::RECEIVER)?;
                let got = caller.told(&case.path)?;
                if Some(&got) == case.or.as_ref() {
                    return Ok(());
                }
                same("what a caller is told", &got, &case.expect)
            },
        ),
        Tally::of(
            "verdicts",
            &kit.verdicts,
            |case| &case.name,
            |case| {
                let body = json!({"response": {"code": case.code, "description": ""}});
                caller.gives(case.status, &Map::new(), body.to_string().as_bytes());
                let got = caller.told(&case.path)?;
                let expected = Expect::Failure {
                    code: case.code.clone(),
                    status: case.status,
                    delivery: case.delivery.clone(),
                };
                same("what a caller is told", got, expected)
            },
        ),
    ]);
    Ok(Ran::Files(files))
}

impl Id {
    fn name(&self) -> &str {
        match self {
            Self::Make { name, .. } | Self::Check { name, .. } => name,
        }
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn instant(epoch_ms: u64, zone: &str) -> Result<Timestamp, String> {
    let zone: TimeZone = zone.parse().map_err(said)?;
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(epoch_ms);
    Ok(Timestamp::new(at, zone))
}

fn signed(case: &Signing) -> Done {
    let form = match case.form.as_str() {
        "raw_body" => MessageForm::RawBody,
        "base64_body" => MessageForm::Base64Body,
        other => return Err(format!("no form: {other}")),
    };
    let timestamp = instant(case.epoch_ms, &case.zone)?;
    same("the timestamp", timestamp.as_str(), &case.timestamp)?;
    same("X-KM-Tran-Time", timestamp.tran_time(), &case.tran_time)?;
    let key = SigningKey::new(&case.secret).map_err(said)?;
    let token = TranToken::sign(&key, timestamp, &case.body_base64.0, form);
    same("the token", token.as_str(), &case.token)
}

/// The client draws the hex digits itself: an id is put together of its time and those of the case.
fn identified(case: &Id) -> Done {
    match case {
        Id::Make {
            epoch_ms,
            zone,
            hex,
            id,
            ..
        } => {
            let timestamp = instant(*epoch_ms, zone)?;
            let made: CorrelationId = format!("{}-{hex}", &timestamp.tran_time()[2..])
                .parse()
                .map_err(said)?;
            same("the id", made.as_str(), id)
        }
        Id::Check { id, valid, .. } => same(
            "that it is an id",
            id.parse::<CorrelationId>().is_ok(),
            *valid,
        ),
    }
}

fn decryption_key(file: &str) -> Result<DecryptionKey, String> {
    let bytes = cases::key(file).map_err(said)?;
    DecryptionKey::from_bytes(&bytes).map_err(said)
}

fn decrypted(case: &Message) -> Done {
    if case.needs_rsa_oaep_sha1 {
        return refused(&case.private_key, &case.jwe);
    }
    let plaintext = decryption_key(&case.private_key)?
        .decrypt(&case.jwe, KeyWrapping::RsaOaep256)
        .map_err(said)?;
    same("the plaintext", &plaintext, &case.plaintext_base64.0)
}

fn refused(key: &str, jwe: &str) -> Done {
    match decryption_key(key)?.decrypt(jwe, KeyWrapping::RsaOaep256) {
        Ok(_) => Err("it decrypts".to_owned()),
        Err(_) => Ok(()),
    }
}

fn read(case: &Envelope) -> Done {
    let document = Document::parse(&case.body_base64.0);
    let enc_data = document.as_ref().and_then(Document::enc_data);
    let status = document.as_ref().and_then(Document::status);
    same("encData", enc_data, case.enc_data.as_deref())?;
    let code = status.map(|status| status.code);
    same("response.code", code, case.code.as_deref())
}

/// A client whose calls get the response of a case.
struct Caller {
    upstream: Upstream,
    runtime: Runtime,
    client: Client,
}

impl Caller {
    fn new() -> Result<Self> {
        let upstream = Upstream::start()?;
        let variables = settings::variables(&upstream.url())?;
        let value = |name: &str| {
            let found = variables.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| value.clone())
        };
        let client = ClientBuilder::from_vars(value)?
            .http(reqwest::Client::builder().no_proxy())
            .build()?;
        Ok(Self {
            upstream,
            runtime: Builder::new_current_thread().enable_all().build()?,
            client,
        })
    }

    fn gives(&self, status: u16, headers: &Map<String, Value>, body: &[u8]) {
        self.upstream.give(status, headers, body);
    }

    /// What a call to a path ends in.
    fn told(&self, path: &str) -> Result<Expect, String> {
        let call = self.client.raw(path, json!({})).send();
        let result = self.runtime.block_on(call);
        same("the number of requests", self.upstream.served(), 1)?;
        let error = match result {
            Ok(response) => {
                let plaintext = Plaintext(response.expose().clone());
                return Ok(Expect::Success { plaintext });
            }
            Err(error) => error,
        };
        let delivery = word(error.delivery())?.to_owned();
        Ok(match (error.kind(), error.code(), error.http_status()) {
            (ErrorKind::Code, Some(code), Some(status)) => Expect::Failure {
                code: code.code().to_owned(),
                status,
                delivery,
            },
            _ => Expect::Problem { delivery },
        })
    }
}

fn word(delivery: Delivery) -> Result<&'static str, String> {
    Ok(match delivery {
        Delivery::NotCarriedOut => "not-carried-out",
        Delivery::EarlierCall => "earlier-call",
        Delivery::Declined => "declined",
        Delivery::MaybeProcessed => "maybe-processed",
        Delivery::ProcessedUnreadable => "processed-unreadable",
        other => return Err(format!("{other:?} is no delivery of a response")),
    })
}
