//! The line for seats: whoever frees seats, and a job now and then, offers them to those who wait, in the
//! order they came, until the event begins. An offer holds its seats until it ends. Seats that are not enough
//! for the first party are kept for it, unless the organiser lets smaller ones pass.

use serde_json::json;
use time::Duration;

use super::bus::WaitingListChanged;
use super::sql::{self, NewReservation};
use super::{ReservationId, TicketType, TicketTypeId, WaitingEntry, WaitingId, WaitingStatus, mails, rules, seats};
use crate::events::{Event, EventId};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;

/// How many of the line are read at a time: few enough for PostgreSQL to take them from the index.
const PORTION: i32 = 100;

/// Seats that anybody can have: those of the line are not among them.
pub struct Free {
    /// The kinds, each with what is available of it.
    pub types: Vec<TicketType>,
    /// Of the whole event.
    pub left: i32,
}

impl Free {
    fn new(types: Vec<TicketType>) -> Self {
        // At least so many as of the kind with the most; how many exactly is asked only where there are some.
        let left = types.iter().map(|ticket_type| ticket_type.available).max().unwrap_or(0);
        Self { types, left }
    }

    /// Seats of the kinds that everybody sees.
    pub fn on_show(&self) -> i32 {
        let shown = self
            .types
            .iter()
            .filter(|ticket_type| !ticket_type.hidden)
            .map(|ticket_type| i64::from(ticket_type.available.max(0)));
        i32::try_from(shown.sum::<i64>()).unwrap_or(i32::MAX).min(self.left.max(0))
    }

    /// Takes seats of a kind, if there are enough.
    pub fn take(&mut self, id: TicketTypeId, seats: i32) -> bool {
        let Some(ticket_type) = self.types.iter_mut().find(|ticket_type| ticket_type.id == id) else { return false };
        if ticket_type.available < seats {
            return false;
        }
        ticket_type.available -= seats;
        self.less(seats);
        true
    }

    /// Keeps what there is of a kind for a party that needs more; where that is all the event has, nobody else
    /// gets any.
    fn keep_for(&mut self, entry: &WaitingEntry) {
        if let Some(ticket_type) = self.types.iter_mut().find(|ticket_type| ticket_type.id == entry.ticket_type_id) {
            let kept = std::mem::take(&mut ticket_type.available);
            self.less(kept);
        }
    }

    fn less(&mut self, seats: i32) {
        self.left -= seats;
        for ticket_type in &mut self.types {
            ticket_type.available = ticket_type.available.min(self.left);
        }
    }

    /// The kinds of which something can be offered, and the largest party each of them can serve: now, or where
    /// seats are collected ever.
    fn offered(&self, event: &Event, now: Timestamp) -> (Vec<TicketTypeId>, Vec<i32>) {
        let open =
            self.types.iter().filter(|ticket_type| ticket_type.available > 0 && rules::is_on_sale(ticket_type, now));
        let most = |ticket_type: &TicketType| match event.smaller_parties_pass {
            true => ticket_type.available,
            false => ticket_type.quota.unwrap_or(event.capacity).min(event.capacity),
        };
        open.map(|ticket_type| (ticket_type.id, most(ticket_type))).unzip()
    }
}

/// Who in line gets what is free, and what that leaves for others. No more of the line is read than there
/// are free seats.
async fn next_in_line(db: &mut impl Db, event: &Event, types: Vec<TicketType>) -> Result<(Vec<WaitingEntry>, Free)> {
    let now = db.cx().now;
    let (mut free, mut served, mut after) = (Free::new(types), Vec::new(), None);
    if free.left > 0 {
        let taken = sql::seats_taken(db.conn(), event.id, None, now).await?.event;
        free.left = i32::try_from(i64::from(event.capacity) - taken).unwrap_or(0).max(0);
    }
    if !rules::makes_offers(event, now) {
        return Ok((served, free));
    }
    loop {
        let (ticket_types, most) = free.offered(event, now);
        if ticket_types.is_empty() {
            return Ok((served, free));
        }
        let waiting = sql::entries_next(db.conn(), &ticket_types, &most, after, free.left.min(PORTION), now).await?;
        let Some(last) = waiting.last() else { return Ok((served, free)) };
        after = Some((last.created_at, last.id));
        for entry in waiting {
            if free.take(entry.ticket_type_id, entry.seats) {
                served.push(entry);
            } else if !event.smaller_parties_pass {
                free.keep_for(&entry);
            }
        }
    }
}

/// Offers what is free, and answers what that leaves for others. The event is locked.
pub async fn promote_waiters(tx: &mut Tx, event: &Event) -> Result<Free> {
    let now = tx.now;
    sql::offers_lapse(tx.conn(), event.id, now).await?;
    let types = sql::type_list(tx.conn(), event.id, now, true).await?;
    let (served, free) = next_in_line(tx, event, types).await?;
    for entry in served {
        let ticket_type = rules::chosen(&free.types, entry.ticket_type_id)?;
        let price = ticket_type.price.clone();
        promote(tx, event, &entry, price).await?;
    }
    Ok(free)
}

/// What can be had by those who are not in line, as of now.
pub async fn free(db: &mut impl Db, event: &Event) -> Result<Free> {
    let now = db.cx().now;
    let types = sql::type_list(db.conn(), event.id, now, false).await?;
    Ok(next_in_line(db, event, types).await?.1)
}

/// Holds seats for one who waits, and tells them. The event is locked.
pub async fn promote(tx: &mut Tx, event: &Event, entry: &WaitingEntry, price: Money) -> Result<()> {
    let now = tx.now;
    let until = now.0 + Duration::minutes(seats::offer_minutes(tx));
    let until = Timestamp(until.min(event.end_at.0));
    let hold = NewReservation {
        id: ReservationId::new(),
        event_id: event.id,
        ticket_type_id: entry.ticket_type_id,
        user_id: Some(entry.user_id),
        seats: entry.seats,
        unit_price: price,
        expires_at: until,
        request_id: None,
        invite_id: None,
        entry_id: Some(entry.id),
        promo_id: None,
        answers: json!({}),
    };
    seats::place(tx, hold).await?;
    sql::entry_offer(tx.conn(), entry.id, until, now).await?;
    changed(tx, event.id, entry.id, WaitingStatus::Offered);
    mails::offered(tx, event, entry, until).await
}

/// Says that a place in the line has changed.
pub fn changed(tx: &mut Tx, event_id: EventId, entry_id: WaitingId, status: WaitingStatus) {
    tx.emit(&WaitingListChanged { event_id, entry_id, status });
}
