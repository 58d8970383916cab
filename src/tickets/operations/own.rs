//! What of an event is one's own.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::tickets::OwnPart;

#[cfg(feature = "ssr")]
use {
    super::reach,
    crate::events::rules::{find, this_user},
    crate::kernel::context::{Db, Reader},
    crate::kernel::page::{Limit, Paging},
    crate::tickets::{InviteStatus, RequestStatus, WaitingStatus, sql},
};

/// Get your bookings, held seats, requests, waiting list entries and invitations for an event
///
/// Only those that are open or still valid.
#[operation(GET "/events/{id}/mine", end_user)]
pub async fn event_mine(db: &mut Reader, id: EventId) -> Result<OwnPart> {
    let (user, now) = (this_user(db)?, db.now);
    // One person's at one event: a page holds all.
    let all = Paging { cursor: None, limit: Some(Limit::EXPORT) };
    find(db, id).await?;
    let mut attendees = sql::attendees_of(db, user, Some(id), &all).await?.items;
    attendees.retain(|attendee| attendee.status.takes_seats());
    let mut requests = sql::requests_of(db, user, Some(id), &all).await?.items;
    requests.retain(|request| matches!(request.status, RequestStatus::Pending | RequestStatus::Accepted));
    let held = sql::reservations_of_requests(db.conn(), user, Some(id), now).await?;
    for request in &mut requests {
        request.reservation = held.iter().find(|hold| hold.request_id == Some(request.id)).cloned();
    }
    let mut waiting = sql::entry_list(db, id, Some(user), &all).await?.items;
    waiting.retain(|entry| matches!(entry.status, WaitingStatus::Waiting | WaitingStatus::Offered));
    let mut invites = sql::invites_of(db, user, Some(id), &all).await?.items;
    invites.retain(|invite| invite.status == InviteStatus::Pending);
    for invite in &mut invites {
        (invite.uses, invite.created_by_name) = (None, None);
    }
    let attendees = attendees.into_iter().map(|attendee| reach::as_seen(true, attendee)).collect();
    let held = sql::reservations_open(db.conn(), user, Some(id), now).await?;
    Ok(OwnPart { attendees, requests, waiting, invites, held })
}
