//! A guest's own, beside tickets: where one waits, and what one has passed on; and what everybody sees of seats.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::{EventSeats, PassedTicket, SeatsQuery, WaitingPlace};

#[cfg(feature = "ssr")]
use {
    crate::events::{
        EventId,
        rules::{find, this_user},
    },
    crate::kernel::context::{Db, Reader},
    crate::tickets::{sql, waiting_list},
};

/// List your waiting list entries
///
/// Newest first, each with its position or, if seats are offered, when the offer ends.
#[operation(GET "/me/waiting-list", end_user)]
pub async fn my_waiting_list(db: &mut Reader, query: Paging) -> Result<Page<WaitingPlace>> {
    let (user, now) = (this_user(db)?, db.now);
    sql::places_of(db, user, &query, now).await
}

/// List the tickets you have transferred
///
/// Newest first.
#[operation(GET "/me/passed-tickets", end_user)]
pub async fn my_passed_ticket_list(db: &mut Reader, query: Paging) -> Result<Page<PassedTicket>> {
    let user = this_user(db)?;
    sql::passed_by(db, user, &query).await
}

/// Get the seats left and prices of events
///
/// Counts ticket types that are on sale to everyone; drafts are left out. Seats kept for the waiting list are not
/// counted as left. At most 100 events, in one page.
#[operation(GET "/events/seats", public)]
pub async fn event_seats(db: &mut Reader, query: SeatsQuery) -> Result<Page<EventSeats>> {
    let now = db.now;
    let mut seats = sql::seats_left(db.conn(), &query.event_id, now).await?;
    let some: Vec<EventId> =
        seats.iter().filter(|one| one.left.is_some_and(|left| left > 0)).map(|one| one.event_id).collect();
    // Where somebody waits, the line says what is left for others, as on every other page.
    for event in sql::events_with_line(db.conn(), &some).await? {
        let event = find(db, event).await?;
        let free = waiting_list::free(db, &event).await?;
        if let Some(one) = seats.iter_mut().find(|one| one.event_id == event.id) {
            one.left = Some(free.on_show());
        }
    }
    Ok(seats.into())
}
