//! One call that moves money, as a model: client, a network that duplicates, delays and drops,
//! platform, journal, a crash, and two who recover with clocks of their own.
//!
//! [stateright](https://docs.rs/stateright) explores every interleaving. What is checked stands in
//! [`Rules::properties`](stateright::Model::properties): nobody says that nothing was carried out
//! when it was, or that it was when it was not; no entry of the journal stays open that an inquiry
//! could close; proof that money moved stands, whatever a person says; and no payment is taken back
//! whose success was handed out. What becomes of an entry decides the journal's own function,
//! [`weigh`].
//!
//! Some of the worlds are those of a call whose outcome an operation tells, some those of a payment
//! with a durable cancellation, which none tells and a recovery may take back.
//!
//! [`Rules`] says how client and journal conclude. [`Rules::NOW`] are those of the crates; each of
//! the older ones has a counterexample, which the tests replay against the real crates.
//!
//! What is left out: encryption, amounts, retries of reads. Time is left out as well: whoever
//! recovers may ask at any moment, which covers every clock.

use konaplate_journal::{Known, Source, Standing, State, weigh};
use stateright::{Model, Property};

/// How client and journal conclude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Any code that the description knows, and a 401, is proof that nothing was carried out.
    pub every_code_is_proof: bool,
    /// That the platform knows no such transaction is proof that nothing was carried out.
    pub not_found_is_proof: bool,
    /// A sequence id that the journal has was "not sent": safe to send again.
    pub reuse_is_not_sent: bool,
    /// What closes an entry first counts, a person's word included, and what comes later is dropped.
    pub first_word_counts: bool,
    /// A recovery with the client of any project settles every entry.
    pub any_project_recovers: bool,
    /// A success is handed out, whether it is on the disk or not, and whatever the journal says.
    pub hands_out_at_once: bool,
    /// A cancellation is sent without having been announced in the journal.
    pub cancels_unannounced: bool,
    /// Whether a payment is being taken back is read from the state of its entry, and a person's
    /// word hides it.
    pub state_tells_of_cancellation: bool,
}

impl Rules {
    /// Those of the crates.
    pub const NOW: Self = Self {
        every_code_is_proof: false,
        not_found_is_proof: false,
        reuse_is_not_sent: false,
        first_word_counts: false,
        any_project_recovers: false,
        hands_out_at_once: false,
        cancels_unannounced: false,
        state_tells_of_cancellation: false,
    };
}

/// What a response says, by what its code proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// Success.
    Success,
    /// A code that can only come when nothing was carried out.
    Proof,
    /// A code that an earlier delivery could have caused.
    EarlierCall,
    /// A code that declines this delivery.
    Declined,
    /// A code of a failure of the platform.
    Failure,
    /// What a gateway says in the place of the platform, such as 401.
    Gateway,
}

/// What the client says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Said {
    /// Carried out.
    Completed,
    /// Not sent.
    NotSent,
    /// Proven: not carried out.
    NotCarriedOut,
    /// Declined.
    Declined,
    /// An earlier call may have been carried out.
    EarlierCall,
    /// Nobody knows.
    Unknown,
    /// Its cancellation was sent.
    TakenBack,
}

impl Said {
    /// Whether it says that nothing was carried out.
    fn denies(self) -> bool {
        matches!(self, Self::NotSent | Self::NotCarriedOut)
    }
}

/// How far the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// Nothing was done.
    Ready,
    /// The intent is written.
    Intended,
    /// The request left.
    Waiting,
    /// It knows what it will say, and has not recorded it.
    Heard(Said),
    /// It has said it.
    Done(Said),
    /// Its process died.
    Dead,
    /// It was started again, and has sent the same sequence id again, or tried to.
    Again(Said),
}

/// What an inquiry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// `COMPLETED`
    Completed,
    /// `FAILED`
    Failed,
    /// 007_009
    NotFound,
}

/// Somebody who recovers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recoverer {
    /// Has not begun.
    Idle,
    /// Was told this, and has not written it.
    Asked(Answer),
    /// Is done.
    Done(Answer),
    /// Is about to send the payment's cancellation.
    Cancelling,
    /// Has sent it, and had a success, or something that is none.
    Cancelled(bool),
}

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    /// The request is malformed, which it is every time.
    pub malformed: bool,
    /// It is a payment with a durable cancellation.
    pub durable: bool,
    /// Deliveries of the request that are on their way.
    pub requests: u8,
    /// Whether a gateway has duplicated it.
    pub duplicated: bool,
    /// How often it was carried out.
    pub executed: u8,
    /// It was taken and failed, for good: the sequence id is used.
    pub failed: bool,
    /// It was carried out and taken back.
    pub taken_back: bool,
    /// Responses on their way, sorted.
    pub replies: Vec<Reply>,
    /// The client.
    pub client: Client,
    /// The journal's entry; none before there is an intent.
    pub entry: Option<Standing>,
    /// What is written in the background: the client did not wait for it.
    pub background: Option<Said>,
    /// Whether the entry's history has a cancellation.
    pub was_cancelling: bool,
    /// Whether the journal was given the platform's own word that it was carried out.
    pub is_proven: bool,
    /// Whether a person has given it up.
    pub given_up: bool,
    /// Two who recover.
    pub recoverers: [Recoverer; 2],
}

/// What the platform makes of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Carries it out.
    Execute,
    /// Declines it, for a reason of state.
    Decline,
    /// Takes it and fails, for good.
    Fail,
    /// Carries it out, and responds with a failure.
    ExecuteAndFail,
    /// Finds that the same request came before.
    FindEarlier,
    /// Finds it malformed.
    Reject,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The client writes its intent.
    Intend,
    /// The client sends.
    Send,
    /// The client cannot connect.
    FailToConnect,
    /// A gateway duplicates the request.
    Duplicate,
    /// A delivery is lost.
    DropRequest,
    /// A delivery reaches the platform.
    Deliver(Decision),
    /// A gateway responds in the place of the platform.
    GatewayResponds,
    /// A response is lost.
    DropReply(Reply),
    /// A response reaches the client.
    Receive(Reply),
    /// The client waits no longer.
    GiveUp,
    /// The client records what it heard, and says it.
    Conclude,
    /// The client says what it heard, and the journal has it later.
    SayFirst,
    /// What was left to the background is recorded.
    Record,
    /// The client, which does not know whether it paid, sends the cancellation. Its response comes,
    /// or does not.
    Cancel(bool),
    /// The client's process dies.
    Crash,
    /// The program is started again and uses the same sequence id.
    UseAgain,
    /// A person says that it was not carried out.
    GiveUpByHand,
    /// Somebody asks for the outcome of an open entry.
    Ask(usize),
    /// Somebody asks with the client of another project, which this answers.
    AskElsewhere(usize, Answer),
    /// And writes what was said.
    Settle(usize),
    /// Somebody is about to send the cancellation of an open payment.
    Announce(usize),
    /// And sends it. Its response comes, or does not.
    SendCancellation(usize, bool),
    /// Somebody leaves an open payment to a person.
    LeaveToPerson,
}

impl Rules {
    /// What the client makes of a response.
    fn said(self, reply: Reply) -> Said {
        match reply {
            Reply::Success => Said::Completed,
            Reply::Proof => Said::NotCarriedOut,
            _ if self.every_code_is_proof => Said::NotCarriedOut,
            Reply::EarlierCall => Said::EarlierCall,
            Reply::Declined => Said::Declined,
            Reply::Failure | Reply::Gateway => Said::Unknown,
        }
    }

    /// What becomes of an entry when this is said about it.
    fn weighed(self, world: &World, said: Standing) -> Option<Standing> {
        let standing = world.entry?;
        if self.first_word_counts {
            let is_open = standing.state == State::Open;
            return Some(if is_open { said } else { standing });
        }
        let known = Known {
            standing,
            is_proven: world.is_proven,
            was_cancelling: world.was_cancelling,
        };
        Some(weigh(known, said).standing)
    }

    /// What the journal makes of an inquiry.
    fn inquired(self, answer: Answer) -> Standing {
        let by_inquiry = |state| Standing {
            state,
            source: Source::Inquiry,
        };
        match answer {
            Answer::Completed => by_inquiry(State::Completed),
            Answer::Failed => by_inquiry(State::Failed),
            Answer::NotFound if self.not_found_is_proof => by_inquiry(State::Failed),
            Answer::NotFound => Standing {
                state: State::NeedsPerson,
                source: Source::Nobody,
            },
        }
    }
}

/// What a recovery says before it sends a cancellation.
const CANCELLING: Standing = Standing {
    state: State::Cancelling,
    source: Source::Nobody,
};

/// What is said when a cancellation succeeds.
const TAKEN_BACK: Standing = Standing {
    state: State::Cancelled,
    source: Source::Cancellation,
};

/// What a recovery says when it has sent enough of them.
const IN_VAIN: Standing = Standing {
    state: State::NeedsPerson,
    source: Source::Cancellation,
};

/// What the journal makes of what the client says.
fn concluded(said: Said) -> Standing {
    let state = match said {
        Said::Completed => State::Completed,
        Said::NotSent => State::NotSent,
        Said::NotCarriedOut => State::NotCarriedOut,
        Said::Declined => State::Declined,
        Said::EarlierCall | Said::Unknown | Said::TakenBack => State::Open,
    };
    Standing {
        state,
        source: Source::Call,
    }
}

impl World {
    /// A cancellation reaches the platform: whether it is carried out.
    fn take_back(&mut self) -> bool {
        let can_be = self.executed > 0 && !self.taken_back;
        self.taken_back |= can_be;
        can_be
    }

    /// The journal is told what the client heard.
    fn record(&mut self, rules: Rules, said: Said) {
        self.entry = rules.weighed(self, concluded(said));
        self.is_proven |= said == Said::Completed;
    }

    /// What the client says of what it heard: before the journal has it, or after.
    fn said_of(&self, rules: Rules, said: Said, is_recorded: bool) -> Said {
        let is_kept = self.durable && said == Said::Completed && !rules.hands_out_at_once;
        let is_being_cancelled = if rules.state_tells_of_cancellation {
            self.is(State::Cancelling) || self.is(State::Cancelled)
        } else {
            self.was_cancelling
        };
        if is_kept && (!is_recorded || is_being_cancelled) {
            Said::Unknown
        } else {
            said
        }
    }

    /// What the platform can make of a delivery.
    fn decisions(&self) -> &'static [Decision] {
        if self.malformed {
            &[Decision::Reject]
        } else if self.executed > 0 {
            // The card's state has changed: a decline is as likely as "the sequence id is used".
            &[Decision::FindEarlier, Decision::Decline]
        } else if self.failed {
            &[Decision::FindEarlier]
        } else {
            &[
                Decision::Execute,
                Decision::Decline,
                Decision::Fail,
                Decision::ExecuteAndFail,
            ]
        }
    }

    fn answer(&self) -> Answer {
        if self.executed > 0 {
            Answer::Completed
        } else if self.failed {
            Answer::Failed
        } else {
            Answer::NotFound
        }
    }

    fn deliver(&mut self, decision: Decision) {
        self.requests -= 1;
        let reply = match decision {
            Decision::Execute => {
                self.executed += 1;
                Reply::Success
            }
            Decision::ExecuteAndFail => {
                self.executed += 1;
                Reply::Failure
            }
            Decision::Fail => {
                self.failed = true;
                Reply::Failure
            }
            Decision::Decline => Reply::Declined,
            Decision::FindEarlier => Reply::EarlierCall,
            Decision::Reject => Reply::Proof,
        };
        self.add(reply);
    }

    fn add(&mut self, reply: Reply) {
        self.replies.push(reply);
        self.replies.sort_unstable();
    }

    fn remove(&mut self, reply: Reply) {
        if let Some(place) = self.replies.iter().position(|other| *other == reply) {
            self.replies.remove(place);
        }
    }

    /// Whether somebody says that nothing was carried out.
    fn is_denied(&self) -> bool {
        let by_client = match self.client {
            Client::Heard(said) | Client::Done(said) | Client::Again(said) => said.denies(),
            _ => false,
        };
        by_client || self.entry.is_some_and(denies)
    }

    fn is(&self, state: State) -> bool {
        self.entry.is_some_and(|entry| entry.state == state)
    }
}

/// Whether an entry says that nothing was carried out, by another word than a person's.
fn denies(entry: Standing) -> bool {
    let says_so = matches!(
        entry.state,
        State::NotSent | State::NotCarriedOut | State::Failed
    );
    says_so && entry.source != Source::Person
}

impl Model for Rules {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        [(false, false), (true, false), (false, true)]
            .map(|(malformed, durable)| World {
                malformed,
                durable,
                requests: 0,
                duplicated: false,
                executed: 0,
                failed: false,
                taken_back: false,
                replies: Vec::new(),
                client: Client::Ready,
                entry: None,
                background: None,
                was_cancelling: false,
                is_proven: false,
                given_up: false,
                recoverers: [Recoverer::Idle; 2],
            })
            .into()
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        match world.client {
            Client::Ready => actions.push(Action::Intend),
            Client::Intended => actions.extend([Action::Send, Action::FailToConnect]),
            Client::Waiting => {
                actions.push(Action::GiveUp);
                actions.extend(world.replies.iter().copied().map(Action::Receive));
                if world.requests > 0 {
                    actions.push(Action::GatewayResponds);
                }
            }
            Client::Heard(_) => actions.extend([Action::Conclude, Action::SayFirst]),
            Client::Done(Said::Unknown | Said::EarlierCall) if world.durable => {
                actions.extend([true, false].map(Action::Cancel));
            }
            // A payment has no sequence id.
            Client::Dead if world.durable => {}
            Client::Dead | Client::Done(Said::Unknown) => actions.push(Action::UseAgain),
            Client::Done(_) | Client::Again(_) => {}
        }
        if matches!(
            world.client,
            Client::Intended | Client::Waiting | Client::Heard(_)
        ) || world.background.is_some()
        {
            actions.push(Action::Crash);
        }
        if world.background.is_some() {
            actions.push(Action::Record);
        }
        if world.requests > 0 {
            actions.push(Action::DropRequest);
            actions.extend(world.decisions().iter().copied().map(Action::Deliver));
            if !world.duplicated {
                actions.push(Action::Duplicate);
            }
        }
        actions.extend(world.replies.iter().copied().map(Action::DropReply));
        if world.entry.is_some() && !world.given_up {
            actions.push(Action::GiveUpByHand);
        }
        for (place, recoverer) in world.recoverers.iter().enumerate() {
            match recoverer {
                Recoverer::Idle if world.durable => {
                    if world.is(State::Open) || world.is(State::Cancelling) {
                        actions.push(Action::Announce(place));
                    }
                }
                Recoverer::Cancelling => {
                    actions
                        .extend([true, false].map(|comes| Action::SendCancellation(place, comes)));
                }
                Recoverer::Idle if world.is(State::Open) => {
                    actions.push(Action::Ask(place));
                    if self.any_project_recovers {
                        // It knows no such call, or another one with the same sequence id.
                        for answer in [Answer::NotFound, Answer::Completed] {
                            actions.push(Action::AskElsewhere(place, answer));
                        }
                    }
                }
                Recoverer::Asked(_) | Recoverer::Cancelled(_) => {
                    actions.push(Action::Settle(place));
                }
                Recoverer::Idle | Recoverer::Done(_) => {}
            }
        }
        if world.durable && world.is(State::Open) {
            actions.push(Action::LeaveToPerson);
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Intend => {
                next.client = Client::Intended;
                next.entry = Some(Standing::OF_AN_INTENT);
            }
            Action::Send => {
                next.client = Client::Waiting;
                next.requests = 1;
            }
            Action::FailToConnect => next.client = Client::Heard(Said::NotSent),
            Action::Duplicate => {
                next.duplicated = true;
                next.requests += 1;
            }
            Action::DropRequest => next.requests -= 1,
            Action::Deliver(decision) => next.deliver(decision),
            Action::GatewayResponds => next.client = Client::Heard(self.said(Reply::Gateway)),
            Action::DropReply(reply) => next.remove(reply),
            Action::Receive(reply) => {
                next.remove(reply);
                next.client = Client::Heard(self.said(reply));
            }
            Action::GiveUp => next.client = Client::Heard(Said::Unknown),
            Action::Conclude => {
                let Client::Heard(said) = world.client else {
                    return None;
                };
                next.client = Client::Done(world.said_of(*self, said, true));
                next.record(*self, said);
            }
            Action::SayFirst => {
                let Client::Heard(said) = world.client else {
                    return None;
                };
                next.client = Client::Done(world.said_of(*self, said, false));
                next.background = Some(said);
            }
            Action::Record => {
                let said = next.background.take()?;
                next.record(*self, said);
            }
            Action::Cancel(comes) => {
                next.client = Client::Done(Said::TakenBack);
                if next.take_back() && comes {
                    next.entry = self.weighed(world, TAKEN_BACK);
                    next.was_cancelling = true;
                }
            }
            Action::Crash => {
                next.background = None;
                // What was said was said.
                if !matches!(world.client, Client::Done(_) | Client::Again(_)) {
                    next.client = Client::Dead;
                }
            }
            Action::UseAgain => {
                // The journal has an entry with this sequence id, and keeps it from being sent.
                next.client = Client::Again(if self.reuse_is_not_sent {
                    Said::NotSent
                } else {
                    Said::EarlierCall
                });
            }
            Action::GiveUpByHand => {
                next.given_up = true;
                let by_hand = Standing {
                    state: State::Failed,
                    source: Source::Person,
                };
                next.entry = self.weighed(world, by_hand);
            }
            Action::Ask(place) => next.recoverers[place] = Recoverer::Asked(world.answer()),
            Action::AskElsewhere(place, answer) => {
                next.recoverers[place] = Recoverer::Asked(answer);
            }
            Action::Announce(place) => {
                next.recoverers[place] = Recoverer::Cancelling;
                if !self.cancels_unannounced {
                    next.entry = self.weighed(world, CANCELLING);
                    next.was_cancelling = true;
                }
            }
            Action::SendCancellation(place, comes) => {
                let is_carried_out = next.take_back();
                next.recoverers[place] = Recoverer::Cancelled(is_carried_out && comes);
            }
            Action::LeaveToPerson => {
                next.entry = self.weighed(world, self.inquired(Answer::NotFound));
            }
            Action::Settle(place) => {
                if let Recoverer::Cancelled(is_done) = world.recoverers[place] {
                    let said = if is_done { TAKEN_BACK } else { IN_VAIN };
                    next.recoverers[place] = Recoverer::Done(Answer::NotFound);
                    next.entry = self.weighed(world, said);
                    next.was_cancelling |= is_done;
                    return Some(next);
                }
                let Recoverer::Asked(answer) = world.recoverers[place] else {
                    return None;
                };
                next.recoverers[place] = Recoverer::Done(answer);
                next.entry = self.weighed(world, self.inquired(answer));
                next.is_proven |= answer == Answer::Completed;
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NO_FALSE_DENIAL, |_, world: &World| {
                !(world.is_denied() && world.executed > 0)
            }),
            Property::always(EVIDENCE_CLOSES, |_, world: &World| {
                let is_told = world.recoverers.iter().any(|recoverer| {
                    matches!(
                        recoverer,
                        Recoverer::Done(Answer::Completed | Answer::Failed)
                    )
                });
                !(is_told && world.is(State::Open))
            }),
            Property::always(PROOF_STANDS, |_, world: &World| {
                // Taken back, or perhaps: neither says that it did not move.
                let goes_back = world.was_cancelling
                    && [State::Cancelling, State::Cancelled, State::NeedsPerson]
                        .iter()
                        .any(|state| world.is(*state));
                !world.is_proven || world.is(State::Completed) || goes_back
            }),
            Property::always(HANDED_OUT_STANDS, |_, world: &World| {
                !(world.client == Client::Done(Said::Completed) && world.taken_back)
            }),
            Property::always(NO_FALSE_RETURN, |_, world: &World| {
                !world.is(State::Cancelled) || world.taken_back
            }),
            Property::always(NO_FALSE_SUCCESS, |_, world: &World| {
                !world.is(State::Completed) || world.executed > 0
            }),
            Property::always("it is carried out once at most", |_, world: &World| {
                world.executed <= 1
            }),
            // That the others are not true of nothing.
            Property::sometimes("it is carried out and declined", |_, world: &World| {
                world.executed > 0 && world.client == Client::Done(Said::Declined)
            }),
            Property::sometimes("it is proven not to be carried out", |_, world: &World| {
                world.client == Client::Done(Said::NotCarriedOut)
            }),
            Property::sometimes("a crash is taken back", |_, world: &World| {
                world.client == Client::Dead && world.is(State::Cancelled)
            }),
            Property::sometimes("a crash is recovered", |_, world: &World| {
                world.client == Client::Dead && world.is(State::Completed)
            }),
        ]
    }
}

/// The first promise.
pub const NO_FALSE_DENIAL: &str = "nobody says that nothing was carried out when it was";

/// The second one.
pub const EVIDENCE_CLOSES: &str = "no entry stays open that evidence could close";

/// The third one.
pub const PROOF_STANDS: &str = "the platform's word that it was carried out stands";

/// The fourth one.
pub const NO_FALSE_SUCCESS: &str = "no entry says that it was carried out when it was not";

/// The fifth one, of payments with a durable cancellation.
pub const HANDED_OUT_STANDS: &str = "no success that was handed out is taken back";

/// The sixth one.
pub const NO_FALSE_RETURN: &str = "no entry says that it was taken back when it was not";
