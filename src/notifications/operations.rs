//! The operations of notifications: everybody's own.

use operation::operation;

use super::{Notification, NotificationFilter, ReadNotifications, Unread};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::sql,
    crate::kernel::caller::Caller,
    crate::kernel::context::{Db, Reader, Tx},
    crate::kernel::error::forbidden,
    uuid::Uuid,
};

/// The person who calls; keys and phones are told nothing.
#[cfg(feature = "ssr")]
fn me(caller: &Caller) -> Result<Uuid> {
    let staff = caller.staff().map(|staff| staff.id.0);
    staff.or(caller.end_user().map(|user| user.id.0)).ok_or_else(forbidden)
}

/// List what the caller was told, the newest first
#[operation(GET "/notifications", staff, end_user)]
pub async fn notification_list(db: &mut Reader, query: NotificationFilter) -> Result<Page<Notification>> {
    let me = me(&db.caller)?;
    sql::list(db, me, &query).await
}

/// Count what the caller has not read
#[operation(GET "/notifications/unread", staff, end_user)]
pub async fn notification_unread(db: &mut Reader) -> Result<Unread> {
    let me = me(&db.caller)?;
    Ok(Unread { unread: sql::unread(db.conn(), me).await? })
}

/// Mark notifications as read
///
/// Others' are left as they are. Answers how many are unread then.
#[operation(POST "/notifications/read", staff, end_user, audit = none("whether somebody has read something is theirs alone"))]
pub async fn notification_read(tx: &mut Tx, input: ReadNotifications) -> Result<Unread> {
    let me = me(&tx.caller)?;
    let ids: Option<Vec<Uuid>> = input.ids.map(|ids| ids.into_iter().map(|id| id.0).collect());
    sql::read(tx.conn(), me, ids.as_deref()).await?;
    Ok(Unread { unread: sql::unread(tx.conn(), me).await? })
}
