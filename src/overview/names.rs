//! What the records of the audit log are called.

use futures::future::BoxFuture;
use sqlx::PgConnection;
use uuid::Uuid;

use super::sql;
use crate::audit::names::{Named, Names};
use crate::kernel::error::Result;

inventory::submit!(Names(find));

fn find<'a>(db: &'a mut PgConnection, ids: &'a [Uuid]) -> BoxFuture<'a, Result<Vec<Named>>> {
    Box::pin(async move {
        let mut named = sql::names_of_platform(&mut *db, ids).await?;
        named.extend(sql::names_at_events(db, ids).await?);
        Ok(named)
    })
}
