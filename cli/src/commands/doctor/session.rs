//! The calls that are made of a platform: a bounded number, one at a time, and none after a sign of
//! trouble.

use super::observation::{Observation, Told};
use super::probe::{Prober, Question};
use super::variant::Variant;

/// The most calls.
pub(super) const MOST_CALLS: usize = 40;

/// Calls, in the order in which they were made. A call has its place, from 1, as its number.
#[derive(Debug)]
pub(super) struct Session {
    prober: Prober,
    pub(super) calls: Vec<Observation>,
    /// Why no more calls are made.
    pub(super) stopped: Option<String>,
}

/// A call that was made: its number, and what it told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) number: usize,
    pub(super) told: Told,
}

impl Session {
    pub(super) fn new(prober: Prober) -> Self {
        Self {
            prober,
            calls: Vec::new(),
            stopped: None,
        }
    }

    /// Whether there is a crypto key.
    pub(super) fn can_encrypt(&self) -> bool {
        self.prober.project.crypto.is_some()
    }

    /// Makes a call. None where no more calls are made, or the response was a sign of trouble.
    pub(super) async fn call(&mut self, question: &Question, variant: Variant) -> Option<Made> {
        if self.stopped.is_some() {
            return None;
        }
        if self.calls.len() == MOST_CALLS {
            self.stop(format!("the limit of {MOST_CALLS} calls is reached"));
            return None;
        }
        let observation = self.prober.call(question, variant).await;
        let told = observation.told();
        let trouble = observation.trouble();
        self.calls.push(observation);
        if let Some(why) = trouble {
            self.stop(why);
            return None;
        }
        Some(Made {
            number: self.calls.len(),
            told,
        })
    }

    /// The same as a call that was made before, if there is one, or else that call.
    pub(super) async fn once(&mut self, question: &Question, variant: Variant) -> Option<Made> {
        let place = self
            .calls
            .iter()
            .position(|call| call.operation.id == question.operation.id && call.variant == variant);
        match place {
            Some(place) => Some(Made {
                number: place + 1,
                told: self.calls[place].told(),
            }),
            None => self.call(question, variant).await,
        }
    }

    /// Makes a call that was accepted before, and makes no more if it is not any more.
    pub(super) async fn still_accepts(&mut self, question: &Question, variant: Variant) -> bool {
        match self.call(question, variant).await {
            Some(made) if made.told == Told::Accepted => true,
            Some(made) => {
                self.stop(format!(
                    "call {} was accepted before, and is not any more: the key may be locked",
                    made.number
                ));
                false
            }
            None => false,
        }
    }

    /// What came of a call.
    pub(super) fn came(&self, number: usize) -> String {
        self.calls[number - 1].to_string()
    }

    fn stop(&mut self, why: String) {
        self.stopped.get_or_insert(why);
    }
}
