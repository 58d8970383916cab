//! What streams may look at: a job on its way, and how many failed for good.

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{JobId, sql};
use crate::bus::looks::{Look, Sees};
use crate::kernel::error::Result;
use crate::kernel::permissions::Permission;

inventory::submit!(Look {
    name: "job",
    sees: Sees::Holders(Permission::JobsManage),
    state: |db, id| Box::pin(job(db, JobId(id))),
});
inventory::submit!(Look {
    name: "jobs",
    sees: Sees::Holders(Permission::JobsManage),
    state: |db, _: Uuid| Box::pin(jobs(db)),
});

async fn job(db: &mut PgConnection, id: JobId) -> Result<Value> {
    let state = sql::job_state(db, id).await?;
    Ok(state.map_or(Value::Null, |(status, attempts)| json!({ "status": status, "attempts": attempts })))
}

async fn jobs(db: &mut PgConnection) -> Result<Value> {
    Ok(json!({ "failed": sql::jobs_failed(db).await? }))
}
