//! Points: of a member, of a card, and reserved for a payment. How many there are is in the ledger,
//! where a point is worth 1 KRW.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::ledger::{Account, CardId, Kind, Unposted, signed};
use super::schedule::Due;
use super::{Moment, State};

/// How long a reservation holds. Assumed: the page says an hour at most, and not how long.
pub(crate) const RESERVATION: Duration = Duration::from_secs(600);

/// Some points, by whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Points {
    pub(crate) of_card: u64,
    pub(crate) of_member: u64,
}

impl Points {
    pub(crate) fn total(self) -> u64 {
        self.of_card + self.of_member
    }

    /// Whether there can be so many: a stored state may say anything.
    pub(super) fn is_possible(self) -> bool {
        self.of_card
            .checked_add(self.of_member)
            .is_some_and(|total| i64::try_from(total).is_ok())
    }

    /// So many of them, at most all. Assumed: those of the card go first.
    fn first(self, count: u64) -> Self {
        let of_card = self.of_card.min(count);
        Self {
            of_card,
            of_member: self.of_member.min(count - of_card),
        }
    }

    fn without(self, used: Self) -> Self {
        Self {
            of_card: self.of_card - used.of_card,
            of_member: self.of_member - used.of_member,
        }
    }

    /// The legs that give them to whom they belong, or take them from there.
    fn legs(self, user_id: u64, card: CardId, sign: i64) -> Vec<(Account, i64)> {
        [
            (Account::CardPoints(card), self.of_card),
            (Account::Points(user_id), self.of_member),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(account, count)| (account, sign * signed(count)))
        .collect()
    }
}

/// Points that were set aside for a payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PointReservation {
    pub(crate) user_id: u64,
    pub(crate) card: CardId,
    pub(crate) points: Points,
    pub(crate) made: SystemTime,
    pub(crate) state: ReservationState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ReservationState {
    Standing,
    /// By a payment, so many of them; the rest went back.
    Used(u64),
    /// Taken back, or lapsed.
    Ended,
}

impl PointReservation {
    /// How many points it counts for in the limits of a day and a month.
    pub(crate) fn counted(&self) -> u64 {
        match self.state {
            ReservationState::Standing => self.points.total(),
            ReservationState::Used(count) => count,
            ReservationState::Ended => 0,
        }
    }
}

impl State {
    /// Points that a card can pay with: its own and those of its member.
    pub(crate) fn points_for(&self, card: CardId) -> Points {
        Points {
            of_card: self.ledger.balance(Account::CardPoints(card)),
            of_member: self
                .ledger
                .balance(Account::Points(self.card(card).user_id)),
        }
    }

    /// The reservation that stands for a card.
    pub(crate) fn reservation_of(&self, card: CardId) -> Option<(u64, PointReservation)> {
        let number = self.standing_reservations.get(&card).copied()?;
        let reservation = self.point_reservations.get(&number)?;
        Some((number, reservation.clone()))
    }

    /// Sets points aside, until they are used, taken back or lapse.
    pub(crate) fn reserve_points(
        &mut self,
        card: CardId,
        count: u64,
        moment: &Moment,
    ) -> Result<(), Unposted> {
        let available = self.points_for(card);
        let number = self
            .point_reservations
            .last_key()
            .map_or(1, |last| last + 1);
        let account = Account::ReservedPoints(number);
        if available.total() < count {
            return Err(Unposted::Overdrawn(account));
        }
        let user_id = self.card(card).user_id;
        let points = available.first(count);
        let mut legs = points.legs(user_id, card, -1);
        legs.push((account, signed(count)));
        let nr_number = self.next_nr_number(moment);
        self.post(moment, Kind::PointReservation, nr_number, &legs)?;
        let reservation = PointReservation {
            user_id,
            card,
            points,
            made: moment.time,
            state: ReservationState::Standing,
        };
        self.point_reservations.insert(number, reservation);
        self.standing_reservations.insert(card, number);
        self.plan_for(moment.time + RESERVATION, Due::PointReservation(number));
        Ok(())
    }

    /// Gives the points of a reservation back, if it still stands.
    pub(crate) fn end_reservation(&mut self, number: u64, moment: &Moment) {
        if let Some(reservation) = self.point_reservations.get(&number).cloned()
            && reservation.state == ReservationState::Standing
        {
            self.give_back(number, &reservation, reservation.points, moment);
            self.close_reservation(number, ReservationState::Ended);
        }
    }

    /// Ends a reservation of which a payment took so many points from its account; the rest goes
    /// back. Returns which were taken.
    pub(crate) fn use_reservation(&mut self, number: u64, used: u64, moment: &Moment) -> Points {
        let Some(reservation) = self.point_reservations.get(&number).cloned() else {
            return Points::default();
        };
        let taken = reservation.points.first(used);
        self.give_back(
            number,
            &reservation,
            reservation.points.without(taken),
            moment,
        );
        self.close_reservation(number, ReservationState::Used(used));
        taken
    }

    /// The legs that give the points of a payment back, with what they add up to.
    pub(crate) fn legs_of_points(&self, points: Points, card: CardId) -> Vec<(Account, i64)> {
        points.legs(self.card(card).user_id, card, 1)
    }

    fn give_back(
        &mut self,
        number: u64,
        reservation: &PointReservation,
        points: Points,
        moment: &Moment,
    ) {
        if points.total() == 0 {
            return;
        }
        let mut legs = points.legs(reservation.user_id, reservation.card, 1);
        legs.push((Account::ReservedPoints(number), -signed(points.total())));
        let nr_number = self.next_nr_number(moment);
        if let Err(why) = self.post(moment, Kind::PointReservationEnd, nr_number, &legs) {
            tracing::error!(%why, "reserved points did not go back");
        }
    }

    fn close_reservation(&mut self, number: u64, state: ReservationState) {
        if let Some(reservation) = self.point_reservations.get_mut(&number) {
            reservation.state = state;
            let card = reservation.card;
            self.standing_reservations.remove(&card);
        }
    }
}
