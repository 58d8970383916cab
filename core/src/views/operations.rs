//! The operations of kept views. A view belongs to the person who kept it; nobody else sees it.

use operation::operation;

use super::{NewView, SavedView, ViewFilter, ViewId};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::{MOST_VIEWS, sql},
    crate::kernel::context::{Db, Reader, Tx},
    crate::kernel::error::{not_found, too_many_views},
};

/// List your saved views of a list
///
/// All in one page: at most 50.
#[operation(GET "/views", staff)]
pub async fn view_list(db: &mut Reader, query: ViewFilter) -> Result<Page<SavedView>> {
    let own = db.staff()?.id;
    Ok(sql::view_list(db.conn(), own, &query.list).await?.into())
}

/// Save a view of a list
///
/// Replaces a view with the same name. At most 50 views per list.
#[operation(POST "/views", staff, audit = none("a person's own bookmarks"), errors(too_many_views))]
pub async fn view_save(tx: &mut Tx, input: NewView) -> Result<SavedView> {
    let own = tx.staff()?.id;
    sql::owner_lock(tx.conn(), own).await?;
    let view = sql::view_save(tx.conn(), ViewId::new(), own, &input).await?;
    if sql::view_count(tx.conn(), own, &input.list).await? > MOST_VIEWS {
        return Err(too_many_views().detail(format!("At most {MOST_VIEWS} views can be saved: delete one first.")));
    }
    Ok(view)
}

/// Delete a saved view
#[operation(DELETE "/views/{id}", staff, audit = none("a person's own bookmarks"))]
pub async fn view_delete(tx: &mut Tx, id: ViewId) -> Result<()> {
    let own = tx.staff()?.id;
    if sql::view_delete(tx.conn(), own, id).await? { Ok(()) } else { Err(not_found()) }
}
