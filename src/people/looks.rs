//! What streams may look at: how many privacy requests are open.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::sql;
use crate::bus::looks::{Look, Sees};
use crate::kernel::error::Result;
use crate::kernel::permissions::Permission;

inventory::submit!(Look {
    name: "privacy_requests",
    sees: Sees::Holders(Permission::PrivacyManage),
    state: |db, _| Box::pin(open(db)),
});

async fn open(db: &mut PgConnection) -> Result<Value> {
    Ok(json!({ "open": sql::privacy_requests_open(db).await? }))
}
