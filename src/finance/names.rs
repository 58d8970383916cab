//! What the audit log calls disputes, what is kept for them, and sales at the door; what search finds by its number.

use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

use super::sql;
use crate::audit::names::{Named, Names};
use crate::kernel::error::Result;
use crate::kernel::permissions::Permission;
use crate::search::Numbered;

inventory::submit!(Names(find));
inventory::submit!(Numbered {
    permission: Permission::FinanceRead,
    find: |db, number| Box::pin(sql::documents(db, number)),
});

fn find<'a>(db: &'a mut PgConnection, ids: &'a [Uuid]) -> BoxFuture<'a, Result<Vec<Named>>> {
    Box::pin(sql::names(db, ids))
}
