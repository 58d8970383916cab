//! What the audit log calls disputes, what is kept for them, and sales at the door.

use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

use super::sql;
use crate::audit::names::{Named, Names};
use crate::kernel::error::Result;

inventory::submit!(Names(find));

fn find<'a>(db: &'a mut PgConnection, ids: &'a [Uuid]) -> BoxFuture<'a, Result<Vec<Named>>> {
    Box::pin(sql::names(db, ids))
}
