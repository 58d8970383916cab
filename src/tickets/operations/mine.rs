//! A guest's own, beside tickets: where one waits, and what one has passed on; and what everybody sees of seats.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::{EventSeats, PassedTicket, SeatsQuery, WaitingPlace};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::this_user,
    crate::kernel::context::{Db, Reader},
    crate::tickets::sql,
};

/// Where you wait for seats, the latest first
///
/// Each with its place in the line; once seats are offered there is an end to the offer instead.
#[operation(GET "/me/waiting-list", end_user)]
pub async fn my_waiting_list(db: &mut Reader, query: Paging) -> Result<Page<WaitingPlace>> {
    let (user, now) = (this_user(db)?, db.now);
    sql::places_of(db, user, &query, now).await
}

/// Tickets you have passed on, the latest first
#[operation(GET "/me/passed-tickets", end_user)]
pub async fn my_passed_ticket_list(db: &mut Reader, query: Paging) -> Result<Page<PassedTicket>> {
    let user = this_user(db)?;
    sql::passed_by(db, user, &query).await
}

/// What is left of the seats of events, and what they cost
///
/// Of kinds of tickets that are on show; drafts are left out. One page: at most 100 events are asked for.
#[operation(GET "/events/seats", public)]
pub async fn event_seats(db: &mut Reader, query: SeatsQuery) -> Result<Page<EventSeats>> {
    let now = db.now;
    Ok(sql::seats_left(db.conn(), &query.event_id, now).await?.into())
}
