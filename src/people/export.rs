//! Gathering what we hold of somebody into one file.

use std::sync::Arc;

use axum::body::to_bytes;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::operations::rules;
use super::personal::{Person, PersonalData};
use super::{EndUserId, PrivacyRequestId, PrivacyRequestStatus, sql};
use crate::kernel::app::App;
use crate::kernel::caller::{Caller, Scope};
use crate::kernel::context::{Db, RequestContext, Tx};
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
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let cx = RequestContext {
            operation: &super::operations::PRIVACY_REQUEST_RUN_META,
            request: Arc::new(Request::internal(app.clone())),
            caller: Arc::new(Caller::System),
            scope: Scope::All,
            now: app.clock.now(),
        };
        let Some((user, mut bundle)) = gather(cx.clone(), self.request).await? else { return Ok(()) };
        bundle["profile"]["pictures"] = pictures(&app, user).await?;
        let bytes = serde_json::to_vec_pretty(&bundle).map_err(|error| internal().internal(error))?;
        let folder = format!("exports/{user}");
        let (file, key) = files::begin(&mut *app.pool.acquire().await?, &folder, app.clock.now()).await?;
        let mut writer = app.storage.write(&key).await?;
        writer.add(bytes.into()).await?;
        writer.finish().await?;
        complete(cx, &context, self.request, file, &key).await?;
        Ok(())
    }
}

/// Notes that the export is there.
async fn complete(cx: RequestContext, context: &JobContext, id: PrivacyRequestId, file: Uuid, key: &str) -> Result<()> {
    let mut tx = Tx::begin(cx).await?;
    let now = tx.now;
    let before = sql::request_lock(tx.conn(), id).await?;
    if before.status != PrivacyRequestStatus::Running {
        // Another attempt was first; the file is the sweeper's.
        return Ok(());
    }
    if !files::keep(tx.conn(), file, now).await? {
        return Err(internal().internal("an export was swept before it was kept"));
    }
    sql::request_set_file(tx.conn(), id, file, key).await?;
    sql::request_set(tx.conn(), id, PrivacyRequestStatus::Completed, None, None, now).await?;
    let after = sql::request_lock(tx.conn(), id).await?;
    tx.audit("privacy_request.completed", &before, &after);
    context.done(tx.conn(), now).await?;
    tx.commit().await
}

/// The bundle of a request; nothing if it is not running any more.
async fn gather(cx: RequestContext, id: PrivacyRequestId) -> Result<Option<(EndUserId, Value)>> {
    // Never committed: it only reads.
    let mut tx = Tx::begin(cx).await?;
    let request = sql::request_lock(tx.conn(), id).await?;
    if request.status != PrivacyRequestStatus::Running {
        return Ok(None);
    }
    Ok(Some((request.user_id, bundle(&mut tx, request.user_id).await?)))
}

/// The pictures themselves, as `data:` addresses: links would end long before the copy does.
async fn pictures(app: &App, user: EndUserId) -> Result<Value> {
    let files = sql::picture_files(&mut *app.reader.acquire().await?, user).await?;
    let mut pictures = Vec::with_capacity(files.len());
    for file in files {
        // Removed meanwhile.
        let Some(body) = app.storage.read(&file.key).await? else { continue };
        let bytes = to_bytes(body, usize::MAX).await.map_err(|error| internal().internal(error))?;
        pictures.push(Value::from(format!("data:{};base64,{}", file.media_type, STANDARD.encode(bytes))));
    }
    Ok(pictures.into())
}

/// Everything personal that Eventify holds of somebody, as of one moment; of pictures only links.
pub async fn bundle(tx: &mut Tx, user: EndUserId) -> Result<Value> {
    let now = tx.now;
    let account = sql::user_find(tx.conn(), user, now).await?;
    let person = Person {
        id: user,
        phone: account.phone.clone(),
        email: account.email.clone(),
        email_verified: account.email_verified,
    };
    let mut bundle = json!({
        "exported_at": now,
        "profile": rules::profile(tx, user).await?,
        "account": account,
        "privacy_settings": sql::settings_find(tx.conn(), user).await?,
    });
    if let (Value::Object(bundle), Value::Object(history)) = (&mut bundle, sql::history_gather(tx.conn(), user).await?)
    {
        bundle.extend(history);
    }
    for part in PersonalData::all() {
        bundle[part.name] = (part.gather)(tx, &person).await?;
    }
    Ok(bundle)
}
