//! The line for seats: whoever frees seats, and a job now and then, offers them to those who wait,
//! in the order they came. An offer holds its seats until it ends.

use serde_json::json;
use time::Duration;

use super::bus::LineChanged;
use super::sql::{self, NewHold};
use super::{ReservationId, WaitingEntry, WaitingId, WaitingStatus, mails, rules, seats};
use crate::events::{Event, EventId};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// Offers what is free. One who wants more than is free is passed over, so that no seat stays empty for
/// want of a party that fits; it keeps its place. The event is locked.
pub async fn offer(tx: &mut Tx, event: &Event) -> Result<()> {
    let now = tx.now;
    sql::offers_lapse(tx.conn(), event.id, now).await?;
    if !event.status.is_open() || event.end_at <= now {
        return Ok(());
    }
    let waiting = sql::entries_waiting(tx.conn(), event.id, now).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let mut types = sql::type_list(tx.conn(), event.id, now, true).await?;
    for entry in waiting {
        let Some(ticket_type) = types.iter().find(|kind| kind.id == entry.ticket_type_id) else { continue };
        if ticket_type.available < entry.seats || !rules::is_on_sale(ticket_type, now) {
            continue;
        }
        let price = ticket_type.price.clone();
        one(tx, event, &entry, price).await?;
        // The event's capacity is shared by all kinds: read anew what is left.
        types = sql::type_list(tx.conn(), event.id, now, true).await?;
        if types.iter().all(|kind| kind.available == 0) {
            break;
        }
    }
    Ok(())
}

async fn one(tx: &mut Tx, event: &Event, entry: &WaitingEntry, price: crate::kernel::money::Money) -> Result<()> {
    let now = tx.now;
    let until = now.0 + Duration::minutes(seats::offer_minutes(tx));
    let until = Timestamp(until.min(event.end_at.0));
    let hold = NewHold {
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
    tx.emit(&LineChanged { event_id, entry_id, status });
}
