//! Mails that follow from what happened rather than from what somebody did.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::jobs::pending_mail;
use super::sql;
use crate::access::{self, templates::SessionsEnded};
use crate::bus::Published;
use crate::bus::consumers::Consumer;
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::jobs;

inventory::submit!(Consumer { name: "notify.security", types: &["session.invalidated"], handle });

/// What we need of `session.invalidated`.
#[derive(Deserialize)]
struct Invalidated {
    user_id: Uuid,
    reason: String,
}

fn handle<'a>(app: &'a Arc<App>, db: &'a mut PgConnection, event: &'a Published) -> BoxFuture<'a, Result<()>> {
    Box::pin(session_invalidated(app, db, event))
}

/// An old refresh token was used again: somebody may have copied it, and its owner should know.
async fn session_invalidated(app: &App, db: &mut PgConnection, event: &Published) -> Result<()> {
    let Ok(what) = Invalidated::deserialize(&event.payload) else { return Ok(()) };
    if what.reason != "refresh_reuse" {
        return Ok(());
    }
    let Some(person) = sql::staff_recipient(db, what.user_id).await? else { return Ok(()) };
    let told = Some(access::moment_told(db, None, what.user_id, event.at).await?);
    let mail = SessionsEnded { name: person.full_name, at: event.at, told };
    let mut job = pending_mail(&app.keys, &person.email, mail);
    job.dedupe(event.id.to_string());
    jobs::insert(db, &format!("event-{}", event.seq), app.clock.now(), &job).await
}
