//! From plaintext to what goes out: time, ids, journal entry, encryption, headers, signature.

use http::HeaderMap;
use serde_json::Map;

use super::Pipeline;
use super::caller::Caller;
use super::plan::Plan;
use crate::credentials::{CryptoKey, Keyring};
use crate::error::{Delivery, Error, ErrorKind};
use crate::journal::{Intent, Project, plain_fields};
use crate::operation::{Effect, Encrypted};
use crate::protocol::{CorrelationId, RequestSigner, Timestamp, headers};
use crate::value::fresh_id;

/// A request that is ready to be sent, once.
pub(super) struct Prepared<'a> {
    pub(super) request: reqwest::Request,
    pub(super) caller: &'a Caller,
    /// The crypto key that the request names, if any.
    pub(super) key: Option<&'a CryptoKey>,
    /// What a journal is told before the request leaves, if there is one and the call moves money.
    pub(super) intent: Option<Intent>,
}

impl Pipeline {
    /// A request with this plaintext, not signed yet.
    pub(crate) fn request(
        &self,
        plan: &Plan,
        plaintext: Vec<u8>,
    ) -> Result<reqwest::Request, Error> {
        let base = &self.base;
        let mut url = base.clone();
        url.set_path(&format!(
            "{}{}",
            base.path().trim_end_matches('/'),
            plan.path
        ));
        self.http
            .post(url)
            .body(plaintext)
            .build()
            .map_err(|error| {
                Error::new(
                    ErrorKind::InvalidRequest,
                    Delivery::NotSent,
                    "the request could not be built",
                )
                .with_source(error.without_url())
            })
    }

    /// Makes a request whose body is plaintext what goes out. Of the headers that it brings along
    /// none is sent.
    pub(super) fn prepare<'a>(
        &self,
        plan: &Plan,
        mut request: reqwest::Request,
        caller: &'a Caller,
        timestamp: Timestamp,
        id: CorrelationId,
    ) -> Result<Prepared<'a>, Error> {
        let key = key_for(plan, &caller.keyring)?;
        let intent = match &self.journal {
            Some(_) => self.intent(plan, id, &caller.project, bytes_of(&request))?,
            None => None,
        };
        if let Some(key) = key.filter(|_| plan.encrypts_request()) {
            let body = key.encrypt(bytes_of(&request)).map_err(|error| {
                Error::new(
                    ErrorKind::InvalidRequest,
                    Delivery::NotSent,
                    error.to_string(),
                )
            })?;
            *request.body_mut() = Some(body.into());
        }
        let signer = RequestSigner {
            asp_id: &caller.asp_id,
            access_key: Some(&caller.access_key),
            crypto_key_id: key.map(CryptoKey::id),
            zone: self.zone,
            key: &caller.signing,
            form: self.form,
        };
        let signed = signer.sign(timestamp, id, bytes_of(&request));
        *request.headers_mut() = match &plan.options.headers {
            Some(others) => with_others(signed, others)?,
            None => signed,
        };
        Ok(Prepared {
            request,
            caller,
            key,
            intent,
        })
    }

    /// What a journal is told of a call, if it is one to write down.
    fn intent(
        &self,
        plan: &Plan,
        id: CorrelationId,
        project: &Project,
        plaintext: &[u8],
    ) -> Result<Option<Intent>, Error> {
        if plan.effect() != Effect::MovesMoney {
            return Ok(None);
        }
        let intent_id = fresh_id("")
            .map_err(|rule| Error::rule(ErrorKind::Journal, "the id of an intent", rule))?;
        // What the description does not know could be sensitive.
        let fields = plan.operation.map(|operation| {
            let body: Map<_, _> = serde_json::from_slice(plaintext).unwrap_or_default();
            plain_fields(&body, operation.plain_request)
        });
        Ok(Some(Intent {
            id: intent_id,
            project: project.clone(),
            operation: plan.operation,
            name: plan.name(),
            correlation_id: id,
            time: (self.clock)(),
            deadline: self.timeout,
            fields: fields.unwrap_or_default(),
            cancellation: plan.cancellation.clone(),
        }))
    }
}

/// The crypto key that this call uses, if any; an error where it needs one and there is none.
fn key_for<'a>(plan: &Plan, keyring: &'a Keyring) -> Result<Option<&'a CryptoKey>, Error> {
    let missing = |rule: &str| Error::rule(ErrorKind::Configuration, "crypto_key", rule);
    let key = match &plan.options.crypto_key_id {
        Some(id) => Some(
            keyring
                .find(id.as_bytes())
                .ok_or_else(|| missing("with the id of the call's options is not configured"))?,
        ),
        None => keyring.first(),
    };
    if key.is_none() {
        if plan.encrypts_request() {
            return Err(missing("is missing, and the request has to be encrypted"));
        }
        if plan.response_encrypted() == Encrypted::Yes {
            return Err(missing("is missing, and the response comes encrypted"));
        }
    }
    let wanted = plan.encrypts_request() || plan.response_encrypted() != Encrypted::No;
    Ok(key.filter(|_| wanted))
}

/// The headers of the protocol, and those that the caller adds.
fn with_others(mut signed: HeaderMap, others: &HeaderMap) -> Result<HeaderMap, Error> {
    for (name, value) in others {
        if headers::is_taken(name) {
            let rule = "must not be one of the protocol's or the connection's";
            return Err(Error::rule(ErrorKind::InvalidRequest, "header", rule));
        }
        signed.insert(name, value.clone());
    }
    Ok(signed)
}

/// The body of a request that is held in memory, as all of ours are.
fn bytes_of(request: &reqwest::Request) -> &[u8] {
    request
        .body()
        .and_then(reqwest::Body::as_bytes)
        .unwrap_or_default()
}
