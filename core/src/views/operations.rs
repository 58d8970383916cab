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

/// List the caller's views of a list
///
/// One page: at most 50 are kept.
#[operation(GET "/views", staff)]
pub async fn view_list(db: &mut Reader, query: ViewFilter) -> Result<Page<SavedView>> {
    let own = db.staff()?.id;
    Ok(sql::view_list(db.conn(), own, &query.list).await?.into())
}

/// Keep a view of a list
///
/// A view of the same name is replaced. At most 50 are kept for each list.
#[operation(POST "/views", staff, audit = none("a person's own bookmarks"), errors(too_many_views))]
pub async fn view_save(tx: &mut Tx, input: NewView) -> Result<SavedView> {
    let own = tx.staff()?.id;
    sql::owner_lock(tx.conn(), own).await?;
    let view = sql::view_save(tx.conn(), ViewId::new(), own, &input).await?;
    if sql::view_count(tx.conn(), own, &input.list).await? > MOST_VIEWS {
        return Err(too_many_views().detail(format!("At most {MOST_VIEWS} are kept: remove one first.")));
    }
    Ok(view)
}

/// Forget a view
#[operation(DELETE "/views/{id}", staff, audit = none("a person's own bookmarks"))]
pub async fn view_delete(tx: &mut Tx, id: ViewId) -> Result<()> {
    let own = tx.staff()?.id;
    if sql::view_delete(tx.conn(), own, id).await? { Ok(()) } else { Err(not_found()) }
}
