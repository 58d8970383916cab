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

/// Get a printable list of all tickets by guest name
///
/// Includes the short codes and who is already inside. Void tickets are listed too and marked as void.
#[operation(GET "/events/{id}/door-list", staff = TicketsManage, end_user, scoped)]
pub async fn door_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<DoorTicket>> {
    find_run(db, id, TicketsManage).await?;
    sql::door_list(db, id, &query).await
}
