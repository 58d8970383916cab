//! Gathering what we hold of somebody into one file.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::operations::rules;
use super::{EndUserId, PrivacyRequestId, PrivacyRequestStatus, sql};
use crate::access::end_users;
use crate::kernel::app::App;
use crate::kernel::caller::{Caller, Scope};
use crate::kernel::context::{Cx, Db, Tx};
use crate::kernel::error::{Result, internal};
use crate::kernel::files;
use crate::kernel::jobs::Job;
use crate::kernel::request::Request;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};

/// Gathers an export and completes its request.
#[derive(Serialize, Deserialize)]
pub struct MakeExport {
    pub request: PrivacyRequestId,
}
impl Job for MakeExport {
    const TYPE: &'static str = "people.make_export";
    const ATTEMPTS: i32 = 5;
}
inventory::submit!(JobHandler::of::<MakeExport>());

impl Run for MakeExport {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        let cx = Cx {
            operation: &super::operations::PRIVACY_REQUEST_RUN_META,
            request: Arc::new(Request::internal(app.clone())),
            caller: Arc::new(Caller::System),
            scope: Scope::All,
            now: app.clock.now(),
        };
        let mut tx = Tx::begin(cx).await?;
        let before = sql::request_lock(tx.conn(), self.request).await?;
        if before.status != PrivacyRequestStatus::Running {
            // Done by an earlier attempt, or ended with the person's erasure.
            return Ok(());
        }
        let bundle = gather(&mut tx, before.user_id).await?;
        let bytes = serde_json::to_vec_pretty(&bundle).map_err(|error| internal().internal(error))?;
        let folder = format!("exports/{}", before.user_id);
        let (file, key) = files::begin(&mut *app.pool.acquire().await?, &folder, app.clock.now()).await?;
        let mut writer = app.storage.write(&key).await?;
        writer.add(bytes.into()).await?;
        writer.finish().await?;
        let now = app.clock.now();
        if !files::keep(tx.conn(), file, now).await? {
            return Err(internal().internal("an export was swept before it was kept").into());
        }
        sql::request_set_file(tx.conn(), before.id, file, &key).await?;
        sql::request_set(tx.conn(), before.id, PrivacyRequestStatus::Completed, None, None, now).await?;
        let after = sql::request_lock(tx.conn(), before.id).await?;
        tx.audit("privacy_request.completed", &before, &after);
        tx.commit().await?;
        Ok(())
    }
}

/// Everything personal that people holds. Links in it end as links do; pictures can be fetched meanwhile.
async fn gather(tx: &mut Tx, user: EndUserId) -> Result<Value> {
    let now = tx.now;
    Ok(json!({
        "exported_at": now,
        "profile": rules::profile(tx, user).await?,
        "account": sql::user_find(tx.conn(), user, now).await?,
        "privacy_settings": sql::settings_find(tx.conn(), user).await?,
        "wallets": sql::wallet_list(tx.conn(), user).await?,
        "bans": sql::ban_list(tx.conn(), user).await?,
        "sessions": end_users::list(tx, user, None).await?,
        "activity": end_users::activity(tx, user).await?,
        "privacy_requests": sql::requests_of(tx.conn(), user).await?,
    }))
}
