//! HTTP in, HTTP out: a request goes through the checks to its operation, and the answer back, unless
//! a fault comes in between.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::routing::get;
use konaplate::headers::{CORRELATION_ID, CRYPTO_KEY_ID};
use konaplate::jwe::ContentEncryption;
use konaplate::signing::MessageForm;
use konaplate::types::MaskedJson;
use konaplate::{CorrelationId, Encrypted, ErrorCode, Operation, SUCCESS};
use serde_json::{Map, Value, json};

use crate::callbacks::Courier;
use crate::check::{Gate, Rejection, SeenIds};
use crate::clock::Clock;
use crate::contract::{Contract, FaultKind, OperationContract, SchemaFault};
use crate::control;
use crate::faults::{Fault, Faults, Problem};
use crate::fixtures;
use crate::groups::{self, Surroundings};
use crate::requests::{LoggedRequest, RequestLog, shown_code};
use crate::window;
use crate::wire::{Connection, Instead};
use crate::world::{Moment, Refusal, World};

/// Names the code, or the example of the description, that a call is to be answered with.
const ANSWER_HEADER: &str = "x-sandbox-answer";

/// Names the fault that a call is to have.
const FAULT_HEADER: &str = "x-sandbox-fault";

/// The id of a crypto key that nobody has.
const UNKNOWN_KEY_ID: HeaderValue = HeaderValue::from_static("ffffffffffffffffffffffffffffffff");

/// The largest request that is read.
const MAX_REQUEST: usize = 1024 * 1024;

/// The platform's side.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    pub(crate) courier: Courier,
    contract: &'static Contract,
    gate: Gate,
    /// Of the state that it starts with, and starts again with after a reset.
    seed: u64,
    world: Mutex<World>,
    seen: Mutex<SeenIds>,
    faults: Mutex<Faults>,
    scripts: Mutex<Scripts>,
    requests: Mutex<RequestLog>,
}

/// Answers that wait for the next calls of their operations.
type Scripts = HashMap<&'static str, VecDeque<(StatusCode, MaskedJson)>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Platform {
    pub(crate) fn new(
        base_url: String,
        clock: Clock,
        seed: u64,
        form: MessageForm,
        callbacks: Option<(&str, bool)>,
    ) -> anyhow::Result<Self> {
        let courier = Courier::new(clock.clone(), form, callbacks)?;
        let mut world = World::new(seed);
        courier.open(&mut world);
        Ok(Self {
            courier,
            base_url,
            clock,
            contract: Contract::shared()?,
            gate: Gate::new(form)?,
            seed,
            world: Mutex::new(world),
            seen: Mutex::default(),
            faults: Mutex::default(),
            scripts: Mutex::default(),
            requests: Mutex::default(),
        })
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub(crate) fn advance_clock(&self, by: Duration) {
        self.clock.advance(by);
        drop(self.settled());
    }

    pub(crate) fn stop_clock_at(&self, time: SystemTime) {
        self.clock.stop_at(time);
        drop(self.settled());
    }

    /// The state as it is now, after what was due.
    pub(crate) fn settled(&self) -> MutexGuard<'_, World> {
        let mut world = self.world();
        world.settle_due(&self.moment());
        world
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        lock(&self.requests).all()
    }

    /// Gives an operation a fault, on every call of it.
    pub(crate) fn fault_operation(&self, operation: &str, fault: Fault) -> Result<(), Problem> {
        self.faults().set_operation(operation_id(operation)?, fault)
    }

    /// Lets the next call of an operation have this answer. Returns how many wait for it now.
    pub(crate) fn script_answer(
        &self,
        operation: &str,
        status: u16,
        body: Value,
    ) -> Result<usize, Problem> {
        let operation = operation_id(operation)?;
        let status = StatusCode::from_u16(status)
            .ok()
            .filter(|status| (200..600).contains(&status.as_u16()))
            .ok_or_else(|| Problem::new("status", "must be from 200 to 599"))?;
        if !body.is_object() {
            return Err(Problem::new("body", "must be a JSON object"));
        }
        let mut scripts = lock(&self.scripts);
        let waiting = scripts.entry(operation).or_default();
        waiting.push_back((status, body.into()));
        Ok(waiting.len())
    }

    /// Everything as it was at the start, but for the address.
    pub(crate) fn reset(&self) {
        self.clock.reset();
        self.faults().clear();
        lock(&self.scripts).clear();
        *lock(&self.seen) = SeenIds::default();
        {
            let mut world = self.world();
            *world = World::new(self.seed);
            self.courier.reset(&mut world);
        }
        *lock(&self.requests) = RequestLog::default();
    }

    /// Whether a new connection is to be closed at once.
    pub(crate) fn refuses_connection(&self) -> bool {
        let refuses = self.faults().refuse_connection();
        if refuses {
            self.log(None, None, Some(Fault::RefuseConnection), None, None);
        }
        refuses
    }

    fn log(
        &self,
        operation: Option<&'static str>,
        correlation_id: Option<CorrelationId>,
        fault: Option<Fault>,
        status: Option<StatusCode>,
        answer: Option<&Answer>,
    ) {
        let request = LoggedRequest {
            time: self.clock.now(),
            operation,
            correlation_id,
            status: status.map(|status| status.as_u16()),
            code: answer.and_then(Answer::code),
            carried_out: answer.is_some_and(|answer| answer.carried_out),
            fault,
        };
        lock(&self.requests).push(request);
    }

    /// A call with its fault, if it has one: what goes back, after how long.
    fn respond(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> (Reply, Option<Duration>) {
        let contract = self.contract.at(uri.path());
        let operation = contract.map(|contract| contract.operation.id());
        let id = headers
            .get(CORRELATION_ID)
            .and_then(|id| id.to_str().ok()?.parse().ok());
        let fault = match wanted_fault(headers) {
            Ok(Some(fault)) => Some(fault),
            Ok(None) => self.faults().take(operation),
            Err(rejection) => {
                let answer = Answer::rejected(&rejection);
                self.log(operation, id, None, Some(answer.status), Some(&answer));
                return (Reply::Whole(answer.into_response()), None);
            }
        };
        let answer = fault
            .is_none_or(Fault::carries_out)
            .then(|| self.answer(contract, method, headers, body, fault));
        let status = match fault {
            Some(Fault::RefuseConnection | Fault::CloseBefore | Fault::CloseAfter) => None,
            Some(Fault::Html { status, .. }) => Some(status.code()),
            Some(Fault::RetryAfter { .. }) => Some(StatusCode::SERVICE_UNAVAILABLE),
            _ => answer.as_ref().map(|answer| answer.status),
        };
        // Before anything goes out: who has an answer finds the call in the log.
        self.log(operation, id, fault, status, answer.as_ref());
        tracing::info!(
            path = uri.path(),
            status = status.map(|status| status.as_u16()),
            correlation_id = id.map(tracing::field::display),
            fault = fault.map(tracing::field::display),
            "answered"
        );
        (Reply::new(fault, answer), fault.and_then(Fault::delay))
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment::at(self.clock.now())
    }

    fn answer(
        &self,
        contract: Option<&OperationContract>,
        method: &Method,
        headers: &HeaderMap,
        body: &[u8],
        fault: Option<Fault>,
    ) -> Answer {
        let Some(contract) = contract else {
            return Answer::rejected(&Rejection {
                status: StatusCode::NOT_FOUND,
                check: "path",
                expected: "the description has no operation at this path".to_owned(),
            });
        };
        if method != Method::POST {
            return Answer::rejected(&Rejection {
                status: StatusCode::METHOD_NOT_ALLOWED,
                check: "method",
                expected: "every operation is a POST".to_owned(),
            });
        }
        let mut answer = self
            .checked(contract, headers, body)
            .unwrap_or_else(|rejection| Answer::rejected(&rejection));
        answer.decided = answer.wire_code();
        let Some(fault) = fault else {
            return self.sealed(answer);
        };
        fault.spoil(
            &mut answer.status,
            &mut answer.body,
            &contract.closed_fields,
        );
        match fault {
            Fault::PlainAnswer => answer.encrypted = false,
            Fault::WrongTag | Fault::UnknownKeyId => answer.encrypted = true,
            _ => {}
        }
        let mut answer = self.sealed(answer);
        match fault {
            Fault::UnknownKeyId => answer.key_id = UNKNOWN_KEY_ID,
            Fault::WrongTag => answer.break_tag(),
            _ => {}
        }
        answer
    }

    fn checked(
        &self,
        contract: &OperationContract,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Answer, Rejection> {
        let operation = contract.operation;
        let checked = self
            .gate
            .check(operation, headers, body, self.clock.now())?;
        let id = checked.correlation_id;
        if !lock(&self.seen).take(id) {
            return Err(Rejection::bad(
                "correlation-id",
                "X-KM-Correlation-Id must be fresh, and was used before",
            ));
        }
        let encrypted = match operation.response_encrypted() {
            Encrypted::Yes => true,
            Encrypted::No => false,
            // Nobody knows: an encrypted question gets an encrypted answer.
            Encrypted::Unknown => checked.encrypted,
        };
        let answer = match self.scripted(contract, headers)? {
            Some(answer) => answer,
            None => match contract.fault(&checked.plaintext) {
                Some(fault) => faulty(contract, &fault)?,
                None => self.carried_out(contract, checked.plaintext),
            },
        };
        Ok(Answer {
            encrypted,
            correlation_id: Some(id),
            ..answer
        })
    }

    /// The answer that was laid ready for the call, or that it asks for by itself, if there is one.
    fn scripted(
        &self,
        contract: &OperationContract,
        headers: &HeaderMap,
    ) -> Result<Option<Answer>, Rejection> {
        if let Some(answer) = wanted_answer(contract, headers)? {
            return Ok(Some(answer));
        }
        let laid_ready = lock(&self.scripts)
            .get_mut(contract.operation.id())
            .and_then(VecDeque::pop_front);
        Ok(laid_ready.map(|(status, body)| Answer::new(status, body.reveal().clone())))
    }

    fn carried_out(&self, contract: &OperationContract, plaintext: Value) -> Answer {
        let surroundings = Surroundings {
            moment: self.moment(),
            base_url: &self.base_url,
        };
        let outcome = groups::handle(
            &mut self.world(),
            &surroundings,
            contract.operation,
            plaintext,
        );
        match outcome {
            Some(Ok(fields)) => Answer::success(contract, fields),
            Some(Err(refusal)) => Answer::refused(contract, &refusal),
            // There is no state of it here: the description's example stands in.
            None => Answer {
                carried_out: true,
                ..Answer::new(
                    StatusCode::OK,
                    contract.success(None).cloned().unwrap_or_default(),
                )
            },
        }
    }

    /// Encrypts an answer that is to be encrypted.
    fn sealed(&self, answer: Answer) -> Answer {
        if !answer.encrypted {
            return answer;
        }
        let sealed = self.gate.sealing().seal(
            ContentEncryption::A128Gcm,
            answer.body.to_string().as_bytes(),
        );
        match sealed {
            Ok(jwe) => Answer {
                body: json!({ "encData": jwe }),
                ..answer
            },
            Err(error) => Answer {
                carried_out: answer.carried_out,
                ..Answer::rejected(&Rejection {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    check: "encryption",
                    expected: error.to_string(),
                })
            },
        }
    }
}

/// The id of an operation as the description has it.
fn operation_id(id: &str) -> Result<&'static str, Problem> {
    Operation::find(id)
        .filter(|operation| operation.id() == id)
        .map(|operation| operation.id())
        .ok_or_else(|| Problem::new("operation", "must be the id of one of the operations"))
}

/// The fault that the call asks for by `X-Sandbox-Fault`, if it asks for one.
fn wanted_fault(headers: &HeaderMap) -> Result<Option<Fault>, Rejection> {
    let Some(wanted) = headers.get(FAULT_HEADER) else {
        return Ok(None);
    };
    wanted
        .to_str()
        .unwrap_or_default()
        .parse()
        .map(Some)
        .map_err(|problem: Problem| Rejection::bad("fault", format!("X-Sandbox-Fault: {problem}")))
}

/// The answer that the call asks for by `X-Sandbox-Answer`, if it asks for one.
fn wanted_answer(
    contract: &OperationContract,
    headers: &HeaderMap,
) -> Result<Option<Answer>, Rejection> {
    let Some(wanted) = headers.get(ANSWER_HEADER) else {
        return Ok(None);
    };
    let wanted = wanted.to_str().unwrap_or_default();
    if let Some(body) = contract.success(Some(wanted)) {
        return Ok(Some(Answer::new(StatusCode::OK, body.clone())));
    }
    let failure = contract.failure(wanted).ok_or_else(|| {
        Rejection::bad(
            "answer",
            "X-Sandbox-Answer must be a failure code that the description lists for this \
             operation, or the name of one of its examples",
        )
    })?;
    let envelope = json!({"response": {"code": failure.code, "description": failure.message}});
    Ok(Some(Answer::new(StatusCode::BAD_REQUEST, envelope)))
}

/// A request that breaks its schema is answered with the documented code for that, if the operation
/// has one; the vendor's codes tell a missing value, a wrong one, and an amount that is too small
/// apart.
fn faulty(contract: &OperationContract, fault: &SchemaFault) -> Result<Answer, Rejection> {
    let expected = format!("{}: {}", fault.field, fault.expected);
    let candidates: &[ErrorCode] = match (fault.kind, fault.field.as_str()) {
        (FaultKind::TooSmall, "amount") => &[
            ErrorCode::GiftAmountZero,
            ErrorCode::RechargeBelowMinimumAmount,
            ErrorCode::RechargeAmountNotPositive,
            ErrorCode::InvalidInputParameter,
        ],
        (FaultKind::Missing, _) => &[
            ErrorCode::MissingRequiredValue,
            ErrorCode::InvalidInputParameter,
        ],
        (_, "cardNo") => &[
            ErrorCode::TokenCardNumberInvalid,
            ErrorCode::InvalidInputParameter,
        ],
        _ => &[ErrorCode::InvalidInputParameter],
    };
    let code = candidates
        .iter()
        .find(|code| contract.failure(code.code()).is_some())
        .ok_or_else(|| Rejection::bad("schema", expected.clone()))?;
    let message = contract.message(code, Some(&fault.field));
    Ok(Answer::failure(code.code(), &message, "schema", &expected))
}

/// What the platform has to say.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    body: Value,
    /// Whether it is, or has to be, encrypted.
    encrypted: bool,
    key_id: HeaderValue,
    correlation_id: Option<CorrelationId>,
    /// Whether the call had its effect.
    carried_out: bool,
    /// The code before it was encrypted and things went wrong with it.
    decided: Option<String>,
}

impl Answer {
    fn new(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body,
            encrypted: false,
            key_id: HeaderValue::from_static(fixtures::CRYPTO_KEY_ID),
            correlation_id: None,
            carried_out: false,
            decided: None,
        }
    }

    fn success(contract: &OperationContract, fields: Value) -> Self {
        let mut body = Map::new();
        body.insert(
            "response".to_owned(),
            json!({"code": SUCCESS, "description": contract.success_message()}),
        );
        if let Value::Object(fields) = fields {
            body.extend(fields);
        }
        Self {
            carried_out: true,
            ..Self::new(StatusCode::OK, Value::Object(body))
        }
    }

    fn refused(contract: &OperationContract, refusal: &Refusal) -> Self {
        let documented = contract.failure(refusal.code.code()).is_some();
        if refusal.field.is_some() && !documented {
            return Self::rejected(&Rejection::bad("state", &refusal.rule));
        }
        let message = contract.message(&refusal.code, refusal.field);
        Self::failure(refusal.code.code(), &message, "state", &refusal.rule)
    }

    /// A failure with a documented code, and beside the envelope what the sandbox has to say of it.
    fn failure(code: &str, message: &str, check: &str, expected: &str) -> Self {
        let body = json!({
            "response": {"code": code, "description": message},
            "sandbox": {"check": check, "expected": expected},
        });
        Self::new(StatusCode::BAD_REQUEST, body)
    }

    fn rejected(rejection: &Rejection) -> Self {
        let code = format!(
            "{}{}",
            konaplate::error_code::SANDBOX_PREFIX,
            rejection.check
        );
        let body = json!({
            "response": {"code": code, "description": rejection.expected},
            "sandbox": {"check": rejection.check, "expected": rejection.expected},
        });
        Self::new(rejection.status, body)
    }

    fn wire_code(&self) -> Option<String> {
        self.body["response"]["code"].as_str().map(shown_code)
    }

    /// The code that the platform decided on.
    fn code(&self) -> Option<String> {
        self.decided.clone().or_else(|| self.wire_code())
    }

    /// Makes the authentication tag of the JWE a wrong one.
    fn break_tag(&mut self) {
        let Some((rest, tag)) = self.body["encData"]
            .as_str()
            .and_then(|jwe| jwe.rsplit_once('.'))
        else {
            return;
        };
        let first = if tag.starts_with('A') { 'B' } else { 'A' };
        let broken = format!("{rest}.{first}{}", tag.get(1..).unwrap_or_default());
        self.body["encData"] = broken.into();
    }

    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Some(id) = self
            .correlation_id
            .and_then(|id| HeaderValue::from_str(id.as_str()).ok())
        {
            headers.insert(CORRELATION_ID, id);
        }
        if self.encrypted {
            headers.insert(CRYPTO_KEY_ID, self.key_id.clone());
        }
        headers
    }

    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body.to_string()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers();
        response
    }

    /// The answer as it is on the wire, with a Content-Length that this makes of its body's.
    fn bytes(&self, length: impl FnOnce(usize) -> usize) -> Vec<u8> {
        let body = self.body.to_string();
        let mut bytes = format!("HTTP/1.1 {}\r\n", self.status).into_bytes();
        for (name, value) in &self.headers() {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        let length = length(body.len());
        bytes.extend_from_slice(format!("content-length: {length}\r\n\r\n").as_bytes());
        bytes.extend_from_slice(body.as_bytes());
        bytes
    }
}

/// What goes back.
#[derive(Debug)]
enum Reply {
    /// A response, as HTTP has them.
    Whole(Response<Body>),
    /// Something that is none.
    Raw(Instead),
}

impl Reply {
    /// What a fault makes of an answer. There is none where the fault came before.
    fn new(fault: Option<Fault>, answer: Option<Answer>) -> Self {
        let closed = || {
            Self::Raw(Instead {
                close: true,
                ..Instead::default()
            })
        };
        let Some(fault) = fault else {
            return answer.map_or_else(closed, |answer| Self::Whole(answer.into_response()));
        };
        match fault {
            Fault::Html { status, .. } => return Self::Whole(page(status.code(), None)),
            Fault::RetryAfter { seconds } => {
                return Self::Whole(page(StatusCode::SERVICE_UNAVAILABLE, Some(seconds)));
            }
            _ => {}
        }
        // What is left needs an answer, or closes the connection.
        let Some(answer) = answer else {
            return closed();
        };
        let bytes = || answer.bytes(|length| length);
        Self::Raw(match fault {
            Fault::CloseAfter => return closed(),
            Fault::CutAnswer { bytes: kept } => {
                let mut bytes = bytes();
                bytes.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
                Instead {
                    bytes,
                    close: true,
                    ..Instead::default()
                }
            }
            Fault::LengthTooLarge => Instead {
                bytes: answer.bytes(|length| length + 64),
                close: true,
                ..Instead::default()
            },
            Fault::LengthTooSmall => Instead {
                bytes: answer.bytes(|length| length / 2),
                ..Instead::default()
            },
            Fault::DuplicatedAnswer => Instead {
                bytes: bytes().repeat(2),
                ..Instead::default()
            },
            Fault::StaleAnswer => Instead {
                bytes: bytes(),
                before_next: bytes(),
                close: false,
            },
            _ => return Self::Whole(answer.into_response()),
        })
    }

    fn deliver(self, connection: &Connection) -> Response<Body> {
        match self {
            Self::Whole(response) => response,
            Self::Raw(instead) => {
                connection.replace_answer(instead);
                Response::default()
            }
        }
    }
}

/// A page such as gateways have.
fn page(status: StatusCode, retry_after: Option<u32>) -> Response<Body> {
    let html = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// All routes: the operations, the payment window, and the control API.
pub(crate) fn router(platform: Arc<Platform>) -> Router {
    control::routes()
        .route(
            "/__sandbox/payment-window/{id}",
            get(show_window).post(decide_window),
        )
        .fallback(operations)
        .layer(DefaultBodyLimit::max(MAX_REQUEST))
        .with_state(platform)
}

async fn operations(
    State(platform): State<Arc<Platform>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let (reply, delay) = platform.respond(&method, &uri, &headers, &body);
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    reply.deliver(&connection)
}

async fn show_window(
    State(platform): State<Arc<Platform>>,
    Path(id): Path<String>,
) -> Response<Body> {
    window::show(&platform, &id)
}

async fn decide_window(
    State(platform): State<Arc<Platform>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Response<Body> {
    window::decide(&platform, &id, &body)
}
