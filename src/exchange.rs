//! One call: plaintext in, signed bytes out, answer back.
//!
//! This is the only place that sends. Typed calls and raw calls both come through here, so that
//! there is no way to send something that is not signed, and no second reading of an answer.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tracing::Span;

use crate::call::CallOptions;
use crate::error::{Delivery, Error, ErrorKind};
use crate::excerpt::masked_excerpt;
use crate::headers::{self, CorrelationId, TimeZone, Timestamp};
use crate::journal::{Intent, Journal, Outcome};
use crate::jwe::{ContentEncryption, KeyWrapping};
use crate::keys::{CryptoKey, ProjectKeys};
use crate::operation::{Encrypted, Operation};
use crate::response::Exchange;
use crate::retry::{RetryPolicy, retry_after};
use crate::sensitive::MaskedJson;
use crate::signing::{MessageForm, TranToken};
use crate::{ErrorCode, SUCCESS};

/// The largest answer that is read. The largest documented one, a page of 10,000 items, stays far
/// below it.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What all calls of a client share.
pub(crate) struct Core {
    pub(crate) base_url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) project: ProjectKeys,
    /// At most two; the first is the default.
    pub(crate) crypto: Vec<CryptoKey>,
    pub(crate) zone: TimeZone,
    pub(crate) form: MessageForm,
    pub(crate) wrapping: KeyWrapping,
    pub(crate) clock: Clock,
    pub(crate) journal: Option<Arc<dyn Journal>>,
    /// Whether an answer carried the id of its call.
    pub(crate) ids_come_back: AtomicBool,
    /// How long one attempt may take.
    pub(crate) timeout: Duration,
    /// For operations that read.
    pub(crate) retry_reads: Option<RetryPolicy>,
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("base_url", &self.base_url)
            .field("project", &self.project)
            .field("crypto", &self.crypto)
            .field("zone", &self.zone)
            .field("form", &self.form)
            .field("wrapping", &self.wrapping)
            .field("timeout", &self.timeout)
            .field("retry_reads", &self.retry_reads)
            .finish_non_exhaustive()
    }
}

/// Tells the time.
pub(crate) type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// Everything about a call but its body.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) path: Cow<'static, str>,
    /// None for a path that the description does not know.
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) options: CallOptions,
    /// What the caller asked for; `retry` decides what of it is allowed.
    pub(crate) retry: Option<RetryPolicy>,
}

impl Plan {
    pub(crate) fn of(operation: &'static Operation) -> Self {
        Self {
            path: operation.path.into(),
            operation: Some(operation),
            options: CallOptions::default(),
            retry: None,
        }
    }

    /// Id of the operation, or the path of a raw call.
    pub(crate) fn name(&self) -> Cow<'static, str> {
        match self.operation {
            Some(operation) => operation.id.into(),
            None => self.path.clone(),
        }
    }

    /// The span of the call. The exchange fills in what is known later.
    pub(crate) fn span(&self) -> Span {
        tracing::info_span!(
            "konaplate",
            operation = %self.name(),
            correlation_id = tracing::field::Empty,
            status = tracing::field::Empty,
            code = tracing::field::Empty,
            duration_ms = tracing::field::Empty,
        )
    }
}

/// A success answer: its plaintext, and how it came.
pub(crate) struct Answer {
    pub(crate) plaintext: Vec<u8>,
    pub(crate) exchange: Exchange,
}

/// The two things that are looked for at the top of every answer.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "encData", borrow)]
    enc_data: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<Status<'a>>,
}

#[derive(Deserialize)]
struct Status<'a> {
    #[serde(borrow)]
    code: Cow<'a, str>,
    /// Text by every account; whatever it is, it must not spoil the code.
    #[serde(borrow)]
    description: Option<&'a RawValue>,
}

/// A member of an answer, if it is text.
fn text_of(member: Option<&RawValue>) -> Option<String> {
    serde_json::from_str(member?.get()).ok()
}

#[derive(Serialize)]
struct Sealed<'a> {
    #[serde(rename = "encData")]
    enc_data: &'a str,
}

impl Core {
    /// A request with this plaintext, not signed yet.
    pub(crate) fn request(
        &self,
        plan: &Plan,
        plaintext: Vec<u8>,
    ) -> Result<reqwest::Request, Error> {
        self.http
            .post(format!("{}{}", self.base_url, plan.path))
            .body(plaintext)
            .build()
            .map_err(not_answered)
    }

    /// Signs and sends a request whose body is plaintext, and returns the plaintext of a success
    /// answer.
    ///
    /// Of the headers that the request brings along none is sent. It is sent once; `number` says
    /// which attempt of the call this is, from 1.
    pub(crate) async fn exchange(
        &self,
        plan: &Plan,
        request: reqwest::Request,
        number: u32,
        span: &Span,
    ) -> Result<Answer, Error> {
        let started = Instant::now();
        let timestamp = Timestamp::new((self.clock)(), self.zone);
        let id = plan
            .options
            .correlation_id
            .filter(|_| number == 1)
            .unwrap_or_else(|| CorrelationId::at(&timestamp));
        span.record("correlation_id", id.as_str());

        let result = self.attempt(plan, request, &timestamp, id, span).await;
        let elapsed = started.elapsed();
        span.record("duration_ms", elapsed.as_secs_f64() * 1_000.0);
        match result {
            Ok(mut answer) => {
                answer.exchange.elapsed = elapsed;
                answer.exchange.attempts = number;
                tracing::debug!("answered");
                Ok(answer)
            }
            Err(error) => {
                let tried = match error.kind() {
                    ErrorKind::Configuration | ErrorKind::InvalidRequest => 0,
                    _ => number,
                };
                let error = error
                    .with_operation(plan.name())
                    .with_correlation_id(id)
                    .with_attempts(tried);
                // A refusal is an answer like any other; the rest is for somebody to look at.
                if error.delivery() == Delivery::Refused {
                    tracing::debug!(kind = ?error.kind(), "refused");
                } else {
                    tracing::warn!(kind = ?error.kind(), delivery = ?error.delivery(), "failed");
                }
                Err(error)
            }
        }
    }

    async fn attempt(
        &self,
        plan: &Plan,
        mut request: reqwest::Request,
        timestamp: &Timestamp,
        id: CorrelationId,
        span: &Span,
    ) -> Result<Answer, Error> {
        let key = self.key_for(plan)?;
        let encrypt = plan.encrypts_request();
        let intent = self
            .journal
            .as_ref()
            .and_then(|_| Intent::of(plan.operation, id, (self.clock)(), bytes_of(&request)));
        if let Some(key) = key.filter(|_| encrypt) {
            let envelope = seal(key, bytes_of(&request))?;
            *request.body_mut() = Some(envelope.into());
        }
        *request.headers_mut() = self.headers(bytes_of(&request), key, timestamp, id)?;

        let Some((journal, intent)) = self.journal.as_ref().zip(intent) else {
            return self.send(plan, request, key, id, span).await;
        };
        let operation = intent.operation;
        journal
            .intend(intent)
            .await
            .map_err(|error| Intent::not_recorded(operation, error))?;
        let result = self.send(plan, request, key, id, span).await;
        let outcome = Outcome::of(
            operation,
            result.as_ref().map(|answer| answer.plaintext.as_slice()),
        );
        if let Err(error) = journal.conclude(id, outcome).await {
            // The entry stays open, and is settled as after a crash. The answer matters more.
            tracing::error!(%error, "the journal could not take the outcome of the call");
        }
        result
    }

    /// Sends a request that is signed, and reads the answer.
    async fn send(
        &self,
        plan: &Plan,
        request: reqwest::Request,
        key: Option<&CryptoKey>,
        id: CorrelationId,
        span: &Span,
    ) -> Result<Answer, Error> {
        let response = self.http.execute(request).await.map_err(not_answered)?;
        let status = response.status();
        let wait = retry_after(response.headers(), (self.clock)());
        span.record("status", status.as_u16());
        self.read(plan, response, key, id, span)
            .await
            .map(|(plaintext, mut exchange)| {
                exchange.request_encrypted = key.is_some() && plan.encrypts_request();
                Answer {
                    plaintext,
                    exchange,
                }
            })
            .map_err(|error| {
                error
                    .with_http_status(status.as_u16())
                    .with_retry_after(wait)
            })
    }

    /// The crypto key that this call uses, if any; an error where it needs one and there is none.
    fn key_for(&self, plan: &Plan) -> Result<Option<&CryptoKey>, Error> {
        let missing = |rule: &str| Error::rule(ErrorKind::Configuration, "crypto_key", rule);
        let key =
            match &plan.options.crypto_key_id {
                Some(id) => Some(self.crypto.iter().find(|key| key.id() == id).ok_or_else(
                    || missing("with the id of the call's options is not configured"),
                )?),
                None => self.crypto.first(),
            };
        if key.is_none() {
            if plan.encrypts_request() {
                return Err(missing("is missing, and the request has to be encrypted"));
            }
            if plan.answer_encrypted() == Encrypted::Yes {
                return Err(missing("is missing, and the answer comes encrypted"));
            }
        }
        let wanted = plan.encrypts_request() || plan.answer_encrypted() != Encrypted::No;
        Ok(key.filter(|_| wanted))
    }

    /// All headers of a request. The token signs the bytes of `body`, and those are sent.
    fn headers(
        &self,
        body: &[u8],
        key: Option<&CryptoKey>,
        timestamp: &Timestamp,
        id: CorrelationId,
    ) -> Result<HeaderMap, Error> {
        let token = TranToken::sign(&self.project.signing, *timestamp, body, self.form);
        let text = |value: &str| {
            HeaderValue::from_str(value)
                .map_err(|_| Error::rule(ErrorKind::InvalidRequest, "header", "is not ASCII"))
        };
        let mut token = text(token.as_str())?;
        token.set_sensitive(true);

        let mut headers = HeaderMap::with_capacity(9);
        headers.insert(headers::ASP_ID, self.project.asp_id.clone());
        headers.insert(headers::CORRELATION_ID, text(id.as_str())?);
        headers.insert(headers::ACCESS_KEY, self.project.access_key.clone());
        if let Some(key) = key {
            headers.insert(headers::CRYPTO_KEY_ID, key.id.clone());
        }
        headers.insert(headers::TRAN_TOKEN, token);
        headers.insert(headers::TRAN_TIME, text(timestamp.tran_time())?);
        headers.insert(
            headers::TIME_ZONE,
            HeaderValue::from_static(self.zone.as_str()),
        );
        headers.insert(ACCEPT, JSON);
        headers.insert(CONTENT_TYPE, JSON);
        Ok(headers)
    }

    /// Reads an answer to the point where it is known to be a success.
    async fn read(
        &self,
        plan: &Plan,
        response: reqwest::Response,
        key: Option<&CryptoKey>,
        id: CorrelationId,
        span: &Span,
    ) -> Result<(Vec<u8>, Exchange), Error> {
        let status = response.status();
        let mut exchange = Exchange::new(id, status.as_u16(), response.headers());
        let named_key = response.headers().get(headers::CRYPTO_KEY_ID).cloned();
        let body = read_body(response).await?;
        if self.is_for_another_call(&exchange) {
            return Err(unexpected("the answer to another call", &body));
        }
        if status.is_redirection() {
            return Err(unexpected("a redirect, which is not followed", &body));
        }
        if body.is_empty() {
            return Err(unexpected("an empty body", &body));
        }

        let envelope = parse_envelope(&body)?;
        let opened = match text_of(envelope.enc_data) {
            None => {
                require_success(plan, status, &envelope, &body, span)?;
                None
            }
            Some(jwe) => {
                let plaintext = self.open(&jwe, named_key.as_ref(), key)?;
                require_success(plan, status, &parse_envelope(&plaintext)?, &plaintext, span)?;
                Some(plaintext)
            }
        };
        exchange.response_encrypted = opened.is_some();
        Ok((opened.unwrap_or(body), exchange))
    }

    /// Whether an answer carries the id of another call: on a connection that is kept alive, an answer
    /// that came twice is taken for the answer to the next call.
    ///
    /// That answers carry their call's id is not documented, only likely. So it is held against an
    /// answer only when another one of this client has shown it. The first answer on a connection
    /// cannot be such a second one.
    fn is_for_another_call(&self, exchange: &Exchange) -> bool {
        let Some(answered) = &exchange.answered_correlation_id else {
            return false;
        };
        if answered == exchange.correlation_id.as_str() {
            self.ids_come_back.store(true, Ordering::Relaxed);
            return false;
        }
        self.ids_come_back.load(Ordering::Relaxed)
    }

    /// Opens an answer with the key it names, or else with the key of the request.
    fn open(
        &self,
        jwe: &str,
        named: Option<&HeaderValue>,
        requested: Option<&CryptoKey>,
    ) -> Result<Vec<u8>, Error> {
        let failed =
            |message: &str| Error::new(ErrorKind::Decryption, Delivery::MaybeProcessed, message);
        let key = match named {
            Some(id) => self
                .crypto
                .iter()
                .find(|key| key.id == *id)
                .ok_or_else(|| failed("it is encrypted for a crypto key that is not configured"))?,
            None => requested
                .or_else(|| self.crypto.first())
                .ok_or_else(|| failed("it is encrypted, and no crypto key is configured"))?,
        };
        key.opening
            .open(jwe, self.wrapping)
            .map_err(|error| failed(&error.to_string()).with_source(error))
    }
}

impl Plan {
    fn encrypts_request(&self) -> bool {
        self.options.encrypt_request.unwrap_or_else(|| {
            self.operation
                .is_some_and(|operation| operation.request_encrypted == Encrypted::Yes)
        })
    }

    fn answer_encrypted(&self) -> Encrypted {
        self.operation
            .map_or(Encrypted::Unknown, |operation| operation.response_encrypted)
    }
}

/// The body of a request that is held in memory, as all of ours are.
fn bytes_of(request: &reqwest::Request) -> &[u8] {
    request
        .body()
        .and_then(reqwest::Body::as_bytes)
        .unwrap_or_default()
}

fn seal(key: &CryptoKey, plaintext: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = |error: &dyn fmt::Display| {
        Error::new(
            ErrorKind::InvalidRequest,
            Delivery::NotSent,
            error.to_string(),
        )
    };
    let jwe = key
        .sealing
        .seal(ContentEncryption::A128Gcm, plaintext)
        .map_err(|error| failed(&error))?;
    serde_json::to_vec(&Sealed { enc_data: &jwe }).map_err(|error| failed(&error))
}

/// The request was handed to the network and no answer came.
fn not_answered(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let (kind, delivery, message) = if error.is_connect() {
        (
            ErrorKind::Connect,
            Delivery::NotSent,
            "the platform could not be reached",
        )
    } else if error.is_builder() {
        (
            ErrorKind::InvalidRequest,
            Delivery::NotSent,
            "the request could not be built",
        )
    } else if error.is_timeout() {
        (
            ErrorKind::Timeout,
            Delivery::MaybeProcessed,
            "the call was sent",
        )
    } else {
        (
            ErrorKind::Transport,
            Delivery::MaybeProcessed,
            "before an answer came",
        )
    };
    Error::new(kind, delivery, message).with_source(error)
}

async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, Error> {
    let broken = |error: reqwest::Error| {
        let error = error.without_url();
        let (kind, message) = if error.is_timeout() {
            (ErrorKind::Timeout, "the answer began and did not end")
        } else {
            (ErrorKind::Transport, "the answer is cut off")
        };
        Error::new(kind, Delivery::MaybeProcessed, message).with_source(error)
    };
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(unexpected("more than 16 MiB", &[]));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn parse_envelope(body: &[u8]) -> Result<Envelope<'_>, Error> {
    serde_json::from_slice(body).map_err(|_| unexpected("no JSON object with a code", body))
}

fn unexpected(what: &str, body: &[u8]) -> Error {
    let excerpt = masked_excerpt(body);
    let message = if excerpt.is_empty() {
        what.to_owned()
    } else {
        format!("{what}: “{excerpt}”")
    };
    Error::new(
        ErrorKind::UnexpectedAnswer,
        Delivery::MaybeProcessed,
        message,
    )
    .with_answer(masked_json(body))
}

pub(crate) fn masked_json(body: &[u8]) -> Option<MaskedJson> {
    serde_json::from_slice::<Value>(body)
        .ok()
        .map(MaskedJson::from)
}

/// An error unless the platform says that the call succeeded.
fn require_success(
    plan: &Plan,
    status: StatusCode,
    envelope: &Envelope<'_>,
    plaintext: &[u8],
    span: &Span,
) -> Result<(), Error> {
    let answered = envelope
        .response
        .as_ref()
        .ok_or_else(|| unexpected("JSON without response.code", plaintext))?;
    if answered.code == SUCCESS {
        span.record("code", SUCCESS);
        if !status.is_success() {
            return Err(unexpected(
                "a success code with a status of failure",
                plaintext,
            ));
        }
        return Ok(());
    }
    let code = ErrorCode::from_wire(&answered.code);
    span.record("code", tracing::field::display(&code));
    let description = text_of(answered.description).unwrap_or_default();
    Err(refused(plan, status, code, &description).with_answer(masked_json(plaintext)))
}

/// The platform answered with a code that is not success.
fn refused(plan: &Plan, status: StatusCode, code: ErrorCode, description: &str) -> Error {
    let documented = !matches!(code, ErrorCode::Unknown(_));
    let from_sandbox = matches!(&code, ErrorCode::Unknown(unknown) if unknown.is_sandbox());
    // A code that the description knows says that the call was not carried out, and so does a 401.
    // Of an unknown code nobody can say that, and a 5XX may come after the work was done.
    let certain = documented || from_sandbox || status == StatusCode::UNAUTHORIZED;
    let delivery = if certain && !status.is_server_error() {
        Delivery::Refused
    } else {
        Delivery::MaybeProcessed
    };
    let message = if from_sandbox || is_documented_message(plan, &code, description) {
        format!("{code} {description}")
    } else {
        let meaning = code
            .meaning()
            .map(|meaning| format!(" {meaning}"))
            .unwrap_or_default();
        match masked_excerpt(description.as_bytes()) {
            excerpt if excerpt.is_empty() => format!("{code}{meaning}"),
            excerpt => format!("{code}{meaning} “{excerpt}”"),
        }
    };
    Error::new(ErrorKind::Code, delivery, message).with_code(code)
}

/// Whether a message is one of the description's, or one of them with another field's name at its
/// end. Then it repeats nothing of the request and may be shown.
fn is_documented_message(plan: &Plan, code: &ErrorCode, message: &str) -> bool {
    let fields = plan.operation.map_or(&[][..], |operation| operation.fields);
    // A field inside an object is named by its path: cardInfo.oldCardNo, tcList[1].tcId.
    let is_field = |path: &str| {
        path.split(['.', '[', ']'])
            .filter(|part| !part.is_empty())
            .all(|part| fields.contains(&part) || (part.len() <= 3 && part.parse::<u16>().is_ok()))
    };
    code.messages().iter().any(|documented| {
        let stem = documented
            .rsplit_once(". ")
            .map_or(documented.trim_end_matches('.'), |(stem, _)| stem);
        *documented == message
            || message
                .strip_prefix(stem)
                .map(|rest| rest.trim_start_matches(['.', ' ']))
                .is_some_and(is_field)
    })
}

impl Exchange {
    fn new(correlation_id: CorrelationId, http_status: u16, headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        Self {
            correlation_id,
            http_status,
            answered_correlation_id: text(headers::CORRELATION_ID),
            crypto_key_id: text(headers::CRYPTO_KEY_ID),
            request_encrypted: false,
            response_encrypted: false,
            attempts: 1,
            elapsed: Duration::ZERO,
        }
    }
}
