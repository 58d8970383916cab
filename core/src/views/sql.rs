//! All SQL of views.

use sqlx::PgConnection;

use super::{NewView, SavedView, ViewId};
use crate::access::StaffId;
use crate::kernel::error::Result;

pub async fn view_list(db: &mut PgConnection, own: StaffId, list: &str) -> Result<Vec<SavedView>> {
    let rows = sqlx::query_as!(
        SavedView,
        r#"select id as "id: ViewId", name, query from saved_views where staff_id = $1 and list = $2
           order by lower(name)"#,
        own.0,
        list,
    );
    Ok(rows.fetch_all(db).await?)
}

/// One at a time keeps views of a person: they are counted.
pub async fn owner_lock(db: &mut PgConnection, own: StaffId) -> Result<()> {
    sqlx::query!("select id from admin_users where id = $1 for no key update", own.0).fetch_one(db).await?;
    Ok(())
}

/// Keeps it, in the place of one of the same name.
pub async fn view_save(db: &mut PgConnection, id: ViewId, own: StaffId, view: &NewView) -> Result<SavedView> {
    let row = sqlx::query_as!(
        SavedView,
        r#"insert into saved_views (id, staff_id, list, name, query) values ($1, $2, $3, $4, $5)
           on conflict (staff_id, list, lower(name)) do update set name = excluded.name, query = excluded.query
           returning id as "id: ViewId", name, query"#,
        id.0,
        own.0,
        view.list,
        view.name.as_str(),
        view.query,
    );
    Ok(row.fetch_one(db).await?)
}

pub async fn view_count(db: &mut PgConnection, own: StaffId, list: &str) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from saved_views where staff_id = $1 and list = $2"#,
        own.0,
        list,
    );
    Ok(count.fetch_one(db).await?)
}

/// Whether it was there.
pub async fn view_delete(db: &mut PgConnection, own: StaffId, id: ViewId) -> Result<bool> {
    let done = sqlx::query!("delete from saved_views where staff_id = $1 and id = $2", own.0, id.0);
    Ok(done.execute(db).await?.rows_affected() > 0)
}
