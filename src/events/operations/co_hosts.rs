//! Who organises beside the host.

use operation::operation;

use crate::events::{CoHost, CoHostId, EventId, NewCoHost};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    crate::events::{bus::EventChanged, rules, sql},
    crate::kernel::{
        context::{Db, Reader, Tx},
        permissions::Permission::EventsManage,
    },
    crate::partners,
};

/// List the co-hosts of an event
#[operation(GET "/events/{id}/co-hosts", staff = EventsRead, end_user, public, scoped)]
pub async fn event_co_host_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<CoHost>> {
    let event = rules::find(db, id).await?;
    let rows = sql::co_host_list(db.conn(), event.id).await?;
    query.cut(db, "co_hosts", id, rows, |co_host| co_host.id.0)
}

/// Add a co-host
///
/// An end user or a partner, who can manage the event like its host.
#[operation(POST "/events/{id}/co-hosts", staff = EventsManage, end_user, status = 201, scoped,
    errors(already_exists, partner_suspended, unknown_reference))]
pub async fn event_co_host_add(tx: &mut Tx, id: EventId, input: NewCoHost) -> Result<CoHost> {
    rules::lock(tx, id, EventsManage).await?;
    let (user_id, partner_id, created_at) = (input.user_id, input.partner_id, tx.now);
    if let Some(partner) = partner_id {
        partners::must_not_be_suspended(tx.conn(), partner, "A suspended partner cannot organise events.").await?;
    }
    let co_host = CoHost { id: CoHostId::new(), event_id: id, user_id, partner_id, name: None, created_at };
    sql::co_host_insert(tx.conn(), &co_host).await?;
    let co_host = sql::co_host_find(tx.conn(), id, co_host.id).await?;
    tx.audit_created("event.co_host_added", &co_host);
    tx.emit(&EventChanged { event_id: id });
    Ok(co_host)
}

/// Remove a co-host
#[operation(DELETE "/events/{id}/co-hosts/{co_host_id}", staff = EventsManage, end_user, scoped)]
pub async fn event_co_host_remove(tx: &mut Tx, id: EventId, co_host_id: CoHostId) -> Result<()> {
    rules::lock(tx, id, EventsManage).await?;
    let before = sql::co_host_find(tx.conn(), id, co_host_id).await?;
    sql::co_host_delete(tx.conn(), co_host_id).await?;
    tx.audit_deleted("event.co_host_removed", &before);
    tx.emit(&EventChanged { event_id: id });
    Ok(())
}
