//! Which call gets which fault.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::Fault;
use crate::problem::Problem;

/// Which calls get which fault.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    next: VecDeque<Fault>,
    operations: BTreeMap<&'static str, Fault>,
    rate: Option<Rate>,
}

#[derive(Debug, Clone)]
struct Rate {
    rate: f64,
    seed: u64,
    kinds: Vec<Fault>,
    random: fastrand::Rng,
}

impl Rate {
    fn draw(&mut self) -> Option<Fault> {
        // Two numbers for every draw: the sequence does not hang on what came out before.
        let (chance, kind) = (self.random.f64(), self.random.usize(..self.kinds.len()));
        (chance < self.rate).then(|| self.kinds[kind])
    }
}

impl Faults {
    pub(crate) fn add_next(&mut self, fault: Fault) -> Result<(), Problem> {
        self.next.push_back(fault.checked()?);
        Ok(())
    }

    pub(crate) fn set_operation(
        &mut self,
        operation: &'static str,
        fault: Fault,
    ) -> Result<(), Problem> {
        self.operations.insert(operation, fault.checked()?);
        Ok(())
    }

    pub(crate) fn set_rate(
        &mut self,
        rate: f64,
        seed: u64,
        kinds: Vec<Fault>,
    ) -> Result<(), Problem> {
        if !(0.0..=1.0).contains(&rate) {
            return Err(Problem::new("rate", "must be from 0 to 1"));
        }
        if kinds.is_empty() {
            return Err(Problem::new("faults", "must name one fault at least"));
        }
        let kinds: Vec<_> = kinds
            .into_iter()
            .map(Fault::checked)
            .collect::<Result<_, _>>()?;
        self.rate = Some(Rate {
            rate,
            seed,
            kinds,
            random: fastrand::Rng::with_seed(seed),
        });
        Ok(())
    }

    /// Whether calls of the operation have a fault of theirs.
    pub(super) fn has_operation(&self, operation: &str) -> bool {
        self.operations.contains_key(operation)
    }

    /// Whether calls get faults at random.
    pub(super) fn has_rate(&self) -> bool {
        self.rate.is_some()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether a new connection is to be closed at once.
    ///
    /// Nothing is known yet of what it is for, so a rate does not come in here: it would shut out
    /// the control API, too.
    pub(crate) fn refuse_connection(&mut self) -> bool {
        let refuses = self.next.front() == Some(&Fault::RefuseConnection);
        if refuses {
            self.next.pop_front();
        }
        refuses
    }

    /// The fault of a call that does not bring its own.
    pub(crate) fn take(&mut self, operation: Option<&str>) -> Option<Fault> {
        if let Some(fault) = self.next.pop_front() {
            return Some(fault);
        }
        if let Some(fault) = operation.and_then(|id| self.operations.get(id)) {
            return Some(*fault);
        }
        self.rate.as_mut().and_then(Rate::draw)
    }

    pub(crate) fn to_json(&self) -> Value {
        let names =
            |faults: &[Fault]| -> Vec<String> { faults.iter().map(ToString::to_string).collect() };
        let next: Vec<_> = self.next.iter().copied().collect();
        let operations: BTreeMap<_, _> = self
            .operations
            .iter()
            .map(|(id, fault)| (*id, fault.to_string()))
            .collect();
        json!({
            "next": names(&next),
            "operations": operations,
            "rate": self.rate.as_ref().map(|rate| json!({
                "rate": rate.rate,
                "seed": rate.seed,
                "faults": names(&rate.kinds),
            })),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_call_comes_before_its_operation_and_that_before_the_rate() {
        let mut faults = Faults::default();
        faults.set_rate(1.0, 7, vec![Fault::WrongTag]).unwrap();
        faults.set_operation("a", Fault::CloseAfter).unwrap();
        faults.add_next(Fault::CloseBefore).unwrap();
        assert_eq!(faults.take(Some("a")), Some(Fault::CloseBefore));
        assert_eq!(faults.take(Some("a")), Some(Fault::CloseAfter));
        assert_eq!(faults.take(Some("b")), Some(Fault::WrongTag));
        faults.clear();
        assert_eq!(faults.take(Some("a")), None);
    }

    #[test]
    fn a_seed_gives_the_same_faults_again() {
        let draws = |seed| {
            let mut faults = Faults::default();
            faults
                .set_rate(0.3, seed, Fault::EXAMPLES.to_vec())
                .unwrap();
            (0..500).map(|_| faults.take(None)).collect::<Vec<_>>()
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
        let hits = draws(1).iter().flatten().count();
        assert!((100..200).contains(&hits), "{hits} of 500");
    }

    #[test]
    fn a_rate_that_is_none_is_refused() {
        let mut faults = Faults::default();
        for rate in [-0.1, 1.1, f64::NAN] {
            let problem = faults.set_rate(rate, 0, vec![Fault::WrongTag]).unwrap_err();
            assert_eq!(problem.to_string(), "rate must be from 0 to 1");
        }
        let problem = faults.set_rate(0.5, 0, Vec::new()).unwrap_err();
        assert_eq!(problem.field(), "faults");
    }
}
