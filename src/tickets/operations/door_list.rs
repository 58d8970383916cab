//! The door list, for when nothing else works.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::DoorTicket;

#[cfg(feature = "ssr")]
use {
    crate::events::rules::find_run,
    crate::kernel::{context::Reader, permissions::Permission::TicketsManage},
    crate::tickets::sql,
};

/// Every ticket of an event by the guest's name, for paper
///
/// With the codes that can be typed, and who is in already. Void tickets are there too, so that nobody takes them for
/// forgotten ones.
#[operation(GET "/events/{id}/door-list", staff = TicketsManage, end_user, scoped)]
pub async fn door_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<DoorTicket>> {
    find_run(db, id, TicketsManage).await?;
    sql::door_list(db, id, &query).await
}
