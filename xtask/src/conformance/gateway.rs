//! The gateway of the program `konaplate`, between a caller and a server that gives the response of a
//! case. What it signs and encrypts is this client's: it is asked what it makes of responses.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use reqwest::redirect::Policy;
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

use super::cases::{Expect, Kit, Plaintext};
use super::settings;
use super::tally::{Ran, Tally, same};
use super::upstream::Upstream;
use crate::program::{Listening, built};

pub(super) fn run(kit: &Kit) -> Result<Ran> {
    let upstream = Upstream::start()?;
    let gateway = Gateway::start(&built(false)?, &upstream)?;
    Ok(Ran::Files(vec![
        Tally::of(
            "responses",
            &kit.responses,
            |case| &case.name,
            |case| {
                same("the key", case.private_key.as_str(), settings::RECEIVER)?;
                upstream.give(case.status, &case.headers, &case.body_base64.0);
                let got = gateway.told(&case.path, &upstream)?;
                let is_as_good = case
                    .or
                    .as_ref()
                    .is_some_and(|or| got.is(or, case.status).is_ok());
                if is_as_good {
                    return Ok(());
                }
                got.is(&case.expect, case.status)
            },
        ),
        Tally::of(
            "verdicts",
            &kit.verdicts,
            |case| &case.name,
            |case| {
                let body = json!({"response": {"code": case.code, "description": ""}});
                upstream.give(case.status, &Map::new(), body.to_string().as_bytes());
                let expected = Expect::Failure {
                    code: case.code.clone(),
                    status: case.status,
                    delivery: case.delivery.clone(),
                };
                gateway
                    .told(&case.path, &upstream)?
                    .is(&expected, case.status)
            },
        ),
    ]))
}

/// A gateway that listens, and a client of it.
struct Gateway {
    program: Listening,
    client: reqwest::Client,
    runtime: Runtime,
}

impl Gateway {
    fn start(program: &Path, upstream: &Upstream) -> Result<Self> {
        // The cases are about responses: of the requests they say the path alone.
        let arguments = ["gateway", "--listen", "127.0.0.1:0", "--no-validation"];
        let variables = settings::variables(&upstream.url())?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none());
        Ok(Self {
            program: Listening::start(program, &arguments, variables)?,
            client: client.build()?,
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// What a caller is told of a call to a path.
    fn told(&self, path: &str, upstream: &Upstream) -> Result<Told, String> {
        let call = async {
            let request = self.client.post(format!("{}{path}", self.program.url()));
            let request = request
                .header("Content-Type", "application/json")
                .body("{}");
            let response = request.send().await?;
            let header = |name: &str| {
                let value = response
                    .headers()
                    .get(name)
                    .and_then(|value| value.to_str().ok());
                value.map(str::to_owned)
            };
            let (content_type, delivery) = (header("Content-Type"), header("Konaplate-Delivery"));
            let correlation_id = header("X-KM-Correlation-Id");
            let status = response.status().as_u16();
            let body = response.bytes().await?;
            ensure!(correlation_id.is_some(), "X-KM-Correlation-Id is missing");
            Ok(Told {
                status,
                content_type: content_type.unwrap_or_default(),
                delivery,
                body: serde_json::from_slice(&body).context("the body is no JSON")?,
            })
        };
        let told = self.runtime.block_on(call);
        same("the number of requests", upstream.served(), 1)?;
        told.map_err(|error| format!("{error:#}"))
    }
}

/// What a caller is told.
struct Told {
    status: u16,
    content_type: String,
    delivery: Option<String>,
    body: Value,
}

impl Told {
    /// Whether it is what is expected of a response with that status.
    fn is(&self, expected: &Expect, upstream_status: u16) -> Result<(), String> {
        let delivery = self.delivery.as_deref();
        let body = &self.body;
        match expected {
            Expect::Success {
                plaintext: Plaintext(plaintext),
            } => {
                same("the status", self.status, upstream_status)?;
                same("Konaplate-Delivery", delivery, None)?;
                same(
                    "Content-Type",
                    self.content_type.as_str(),
                    "application/json",
                )?;
                same("the body", body, plaintext)
            }
            Expect::Failure {
                code,
                status,
                delivery: said,
            } => {
                same("the status", self.status, *status)?;
                same("Konaplate-Delivery", delivery, Some(said))?;
                same(
                    "Content-Type",
                    self.content_type.as_str(),
                    "application/json",
                )?;
                same("the code", &body["response"]["code"], &json!(code))
            }
            Expect::Problem { delivery: said } => {
                same("the status", self.status, 502)?;
                same("Konaplate-Delivery", delivery, Some(said))?;
                let problem = "application/problem+json";
                same("Content-Type", self.content_type.as_str(), problem)?;
                same("delivery", &body["delivery"], &json!(said))?;
                same(
                    "upstreamStatus",
                    &body["upstreamStatus"],
                    &json!(upstream_status),
                )
            }
        }
    }
}
