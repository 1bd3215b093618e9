//! HTTP in, HTTP out: a request goes through the checks to its operation, and the answer back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use axum::routing::get;
use konaplate::headers::{CORRELATION_ID, CRYPTO_KEY_ID};
use konaplate::jwe::ContentEncryption;
use konaplate::{CorrelationId, Encrypted, ErrorCode, SUCCESS};
use serde_json::{Map, Value, json};

use crate::check::{Gate, Rejection, SeenIds};
use crate::clock::Clock;
use crate::contract::{Contract, FaultKind, OperationContract, SchemaFault};
use crate::fixtures;
use crate::groups::{self, Surroundings};
use crate::window;
use crate::world::{Moment, Refusal, World};

/// Names the code, or the example of the description, that a call is to be answered with.
const ANSWER_HEADER: &str = "x-sandbox-answer";

/// The largest request that is read.
const MAX_REQUEST: usize = 1024 * 1024;

/// The platform's side.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    contract: &'static Contract,
    gate: Gate,
    world: Mutex<World>,
    seen: Mutex<SeenIds>,
}

impl Platform {
    pub(crate) fn new(
        base_url: String,
        clock: Clock,
        seed: u64,
        form: konaplate::signing::MessageForm,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            base_url,
            clock,
            contract: Contract::shared()?,
            gate: Gate::new(form)?,
            world: Mutex::new(World::new(seed)),
            seen: Mutex::default(),
        })
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment::at(self.clock.now())
    }

    fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Answer {
        let Some(contract) = self.contract.at(uri.path()) else {
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
        match self.checked(contract, headers, body) {
            Ok(answer) => answer,
            Err(rejection) => Answer::rejected(&rejection),
        }
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
        if !self
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take(id)
        {
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
        let answer = match scripted(contract, headers)? {
            Some(answer) => answer,
            None => match contract.fault(&checked.plaintext) {
                Some(fault) => faulty(contract, &fault)?,
                None => self.carried_out(contract, checked.plaintext),
            },
        };
        let answer = answer.with_correlation_id(id);
        Ok(if encrypted {
            self.sealed(answer)
        } else {
            answer
        })
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
            None => Answer::new(
                StatusCode::OK,
                contract.success(None).cloned().unwrap_or_default(),
            ),
        }
    }

    fn sealed(&self, answer: Answer) -> Answer {
        let sealed = self.gate.sealing().seal(
            ContentEncryption::A128Gcm,
            answer.body.to_string().as_bytes(),
        );
        match sealed {
            Ok(jwe) => Answer {
                body: json!({ "encData": jwe }),
                encrypted: true,
                ..answer
            },
            Err(error) => Answer::rejected(&Rejection {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                check: "encryption",
                expected: error.to_string(),
            }),
        }
    }
}

/// The answer that the call asks for by `X-Sandbox-Answer`, if it asks for one.
fn scripted(
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

/// What goes back.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    body: Value,
    encrypted: bool,
    correlation_id: Option<CorrelationId>,
}

impl Answer {
    fn new(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body,
            encrypted: false,
            correlation_id: None,
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
        Self::new(StatusCode::OK, Value::Object(body))
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

    fn with_correlation_id(mut self, id: CorrelationId) -> Self {
        self.correlation_id = Some(id);
        self
    }

    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
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
            headers.insert(
                CRYPTO_KEY_ID,
                HeaderValue::from_static(fixtures::CRYPTO_KEY_ID),
            );
        }
        response
    }
}

/// All routes: the operations, and the payment window.
pub(crate) fn router(platform: Arc<Platform>) -> Router {
    Router::new()
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
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let answer = platform.answer(&method, &uri, &headers, &body);
    tracing::info!(
        path = uri.path(),
        status = answer.status.as_u16(),
        correlation_id = answer.correlation_id.map(tracing::field::display),
        "answered"
    );
    answer.into_response()
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
