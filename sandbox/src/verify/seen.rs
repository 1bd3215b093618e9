//! The correlation ids that were seen: each names one call.

use std::collections::{HashSet, VecDeque};

use konaplate::CorrelationId;

/// How many correlation ids are remembered to find one that is used twice.
pub(crate) const REMEMBERED_IDS: usize = 65_536;

/// The correlation ids that were seen last.
#[derive(Debug, Default)]
pub(super) struct SeenIds {
    set: HashSet<CorrelationId>,
    order: VecDeque<CorrelationId>,
}

impl SeenIds {
    /// Whether the id is new; it is not, afterwards.
    pub(super) fn take(&mut self, id: CorrelationId) -> bool {
        if !self.set.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED_IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_memory_stays_bounded() {
        let mut seen = SeenIds::default();
        let id = |n: usize| {
            format!("260315104512-{n:07x}")
                .parse::<CorrelationId>()
                .unwrap()
        };
        assert!(seen.take(id(0)));
        assert!(!seen.take(id(0)));
        for n in 1..=REMEMBERED_IDS {
            assert!(seen.take(id(n)));
        }
        assert_eq!(seen.order.len(), REMEMBERED_IDS);
        assert_eq!(seen.set.len(), REMEMBERED_IDS);
        assert!(seen.take(id(0)), "the oldest is forgotten");
    }
}
