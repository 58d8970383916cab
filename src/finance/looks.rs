//! What streams may look at: what of finance is open for somebody to look into.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::sql;
use crate::bus::looks::{Look, Sees};
use crate::kernel::error::Result;
use crate::kernel::permissions::Permission;

inventory::submit!(Look {
    name: "finance_open",
    sees: Sees::Holders(Permission::FinanceManage),
    state: |db, _| Box::pin(open(db)),
});

async fn open(db: &mut PgConnection) -> Result<Value> {
    let (signals, exceptions) = sql::open_counts(db).await?;
    Ok(json!({ "fraud_signals": signals, "exceptions": exceptions }))
}
