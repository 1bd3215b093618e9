//! HTTP in, HTTP out: a request goes through the checks to its operation, and the answer back, unless
//! a fault comes in between.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{self, ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri};
use axum::routing::get;
use konaplate::headers::CORRELATION_ID;
use konaplate::jwe::ContentEncryption;
use konaplate::signing::MessageForm;
use konaplate::types::MaskedJson;
use konaplate::{CorrelationId, Encrypted, Operation};
use serde_json::{Value, json};

use crate::answer::{Answer, Reply, faulty};
use crate::callbacks::Courier;
use crate::check::{Gate, REMEMBERED_IDS, Rejection, SeenIds};
use crate::clock::{self, Clock};
use crate::contract::{Contract, OperationContract};
use crate::control;
use crate::faults::{Fault, Faults, Problem};
use crate::groups::{self, Surroundings};
use crate::requests::{LoggedRequest, RequestLog};
use crate::snapshot::Snapshot;
use crate::storage::Storage;
use crate::window;
use crate::wire::Connection;
use crate::world::{Moment, NotRefused, World};

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
    /// Locked after the state.
    place: Mutex<Place>,
    seen: Mutex<SeenIds>,
    faults: Mutex<Faults>,
    scripts: Mutex<Scripts>,
    requests: Mutex<RequestLog>,
}

/// Where the state is kept.
#[derive(Debug)]
enum Place {
    Memory,
    File(Storage),
    /// It was in a file, until the sandbox was dropped.
    Closed,
}

/// What was changed could not be stored. It is in memory, and tried again with the next change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotStored;

/// Answers that wait for the next calls of their operations.
type Scripts = HashMap<&'static str, VecDeque<(StatusCode, MaskedJson)>>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Platform {
    pub(crate) fn new(
        base_url: String,
        seed: u64,
        form: MessageForm,
        data: Option<&Path>,
        callbacks: Option<(&str, bool)>,
    ) -> anyhow::Result<Self> {
        let mut storage = data.map(Storage::open).transpose()?;
        let stored = match &mut storage {
            Some(storage) => storage.load()?,
            None => None,
        };
        let (mut world, state) =
            stored.unwrap_or_else(|| (World::new(seed), clock::State::default()));
        if let Some(storage) = &mut storage {
            storage.save(&world, state)?;
        }
        let mut seen = SeenIds::default();
        for id in world.ledger.latest_causes(REMEMBERED_IDS) {
            seen.take(id);
        }
        let clock = Clock::default();
        clock.set(state);
        let courier = Courier::new(clock.clone(), form, callbacks)?;
        courier.open(&mut world);
        Ok(Self {
            courier,
            base_url,
            clock,
            contract: Contract::shared()?,
            gate: Gate::new(form)?,
            seed,
            world: Mutex::new(world),
            place: Mutex::new(storage.map_or(Place::Memory, Place::File)),
            seen: Mutex::new(seen),
            faults: Mutex::default(),
            scripts: Mutex::default(),
            requests: Mutex::default(),
        })
    }

    /// Lets something happen to the state, after what was due, and stores what that changed.
    pub(crate) fn change<T>(
        &self,
        happens: impl FnOnce(&mut World, &Moment) -> T,
    ) -> Result<T, NotStored> {
        let mut world = lock(&self.world);
        let moment = self.moment();
        world.settle_due(&moment);
        let result = happens(&mut world, &moment);
        self.store(&mut world, Storage::save)?;
        Ok(result)
    }

    /// The state as it is now, after what was due.
    pub(crate) fn settled(&self) -> MutexGuard<'_, World> {
        let mut world = lock(&self.world);
        world.settle_due(&self.moment());
        // What is not stored now is still known as changed, and stored with the next change.
        let _ = self.store(&mut world, Storage::save);
        world
    }

    fn store(
        &self,
        world: &mut World,
        write: impl FnOnce(&mut Storage, &World, clock::State) -> rusqlite::Result<()>,
    ) -> Result<(), NotStored> {
        match &mut *lock(&self.place) {
            Place::Memory => {}
            Place::File(storage) => {
                write(storage, world, self.clock.state()).map_err(|error| {
                    tracing::error!(%error, "the state could not be stored");
                    NotStored
                })?;
            }
            Place::Closed => return Err(NotStored),
        }
        world.forget_changes();
        Ok(())
    }

    /// Lets go of the file. A call that still comes in on an open connection is not carried out for
    /// good, and told so.
    pub(crate) fn close(&self) {
        let mut place = lock(&self.place);
        if matches!(*place, Place::File(_)) {
            *place = Place::Closed;
        }
    }

    pub(crate) fn advance_clock(&self, by: Duration) {
        self.clock.advance(by);
        drop(self.settled());
    }

    pub(crate) fn stop_clock_at(&self, time: SystemTime) {
        // What was due before a clock that is set back.
        drop(self.settled());
        self.clock.stop_at(time);
        drop(self.settled());
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.settled(), self.clock.state())
    }

    pub(crate) fn load(&self, snapshot: &Snapshot) -> Result<(), Problem> {
        let (restored, clock) = snapshot.restore()?;
        self.replace_state(restored, clock)
            .map_err(|NotStored| Problem::new("snapshot", "could not be stored"))
    }

    /// Puts another state in the place of the one there: in the file first, so that a file which does
    /// not take it leaves everything as it was.
    fn replace_state(&self, mut state: World, clock: clock::State) -> Result<(), NotStored> {
        let mut world = lock(&self.world);
        self.courier.open(&mut state);
        self.store(&mut state, |storage, state, _| {
            storage.replace(state, clock)
        })?;
        *world = state;
        self.clock.set(clock);
        Ok(())
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

    /// Refuses a gift, as its receiver.
    pub(crate) fn refuse_gift(&self, transfer_id: &str) -> Result<(), Problem> {
        let rule = match self.change(|world, moment| world.refuse_gift(transfer_id, moment)) {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(NotRefused::NoGift)) => "must be of a gift",
            Ok(Err(NotRefused::NotWaiting)) => "must be of a gift that waits to be accepted",
            Err(NotStored) => "was refused, which could not be stored",
        };
        Err(Problem::new("transferId", rule))
    }

    /// Everything as it was at the start, but for the address.
    pub(crate) fn reset(&self) -> Result<(), NotStored> {
        self.replace_state(World::new(self.seed), clock::State::default())?;
        self.faults().clear();
        lock(&self.scripts).clear();
        *lock(&self.seen) = SeenIds::default();
        *lock(&self.requests) = RequestLog::default();
        self.courier.reset();
        // The address that callbacks start with is there again.
        self.courier.open(&mut lock(&self.world));
        Ok(())
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
                None => self.carried_out(contract, id, checked.plaintext),
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

    fn carried_out(
        &self,
        contract: &OperationContract,
        correlation_id: CorrelationId,
        plaintext: Value,
    ) -> Answer {
        let outcome = self.change(|world, moment| {
            let surroundings = Surroundings {
                moment: *moment,
                correlation_id,
                base_url: &self.base_url,
            };
            groups::handle(world, &surroundings, contract.operation, plaintext)
        });
        match outcome {
            Ok(Some(Ok(fields))) => Answer::success(contract, fields),
            Ok(Some(Err(refusal))) => Answer::refused(contract, &refusal),
            // There is no state of it here: the description's example stands in.
            Ok(None) => Answer {
                carried_out: true,
                ..Answer::new(
                    StatusCode::OK,
                    contract.success(None).cloned().unwrap_or_default(),
                )
            },
            Err(NotStored) => Answer {
                carried_out: true,
                ..Answer::rejected(&Rejection {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    check: "storage",
                    expected:
                        "the file of the sandbox takes what was changed; its log says why not"
                            .to_owned(),
                })
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
    extract::Path(id): extract::Path<String>,
) -> Response<Body> {
    window::show(&platform, &id)
}

async fn decide_window(
    State(platform): State<Arc<Platform>>,
    extract::Path(id): extract::Path<String>,
    body: Bytes,
) -> Response<Body> {
    window::decide(&platform, &id, &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Account, CardId, Kind};

    fn at(file: &Path) -> Platform {
        let form = MessageForm::default();
        Platform::new("http://sandbox".to_owned(), 0, form, Some(file), None).unwrap()
    }

    fn spend(platform: &Platform) -> Result<(), NotStored> {
        platform.change(|world, moment| {
            let number = world.next_nr_number(moment);
            let accounts = (Account::Card(CardId(1)), Account::Merchant(0));
            world
                .transfer(moment, Kind::Payment, number, accounts, 500)
                .unwrap();
        })
    }

    #[test]
    fn what_a_file_does_not_take_is_told_and_stored_later_and_nothing_is_mixed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sandbox.db");
        let platform = at(&file);
        let takes_nothing = |yes: bool| match &*lock(&platform.place) {
            Place::File(storage) => storage.refuse_writes(yes),
            _ => panic!("it is in a file"),
        };
        let snapshot = platform.snapshot();
        spend(&platform).unwrap();

        takes_nothing(true);
        assert_eq!(spend(&platform), Err(NotStored));
        assert_eq!(platform.reset(), Err(NotStored));
        assert!(platform.load(&snapshot).is_err());
        assert_eq!(platform.settled().ledger.count(), 2);
        takes_nothing(false);
        spend(&platform).unwrap();
        let kept = platform.settled().dump();
        platform.close();
        assert_eq!(spend(&platform), Err(NotStored));

        let again = at(&file);
        assert_eq!(again.settled().ledger.count(), 3);
        assert!(again.settled().dump() == kept);
        again.reset().unwrap();
        again.close();
        assert!(at(&file).snapshot() == snapshot);
    }
}
