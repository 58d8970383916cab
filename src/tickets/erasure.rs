//! When somebody is erased, what they wrote to organisers goes too. Who went where stays, without a
//! name: the counters and the money are made of it.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde::Deserialize;
use sqlx::PgConnection;

use super::sql;
use crate::access::EndUserId;
use crate::bus::Published;
use crate::bus::consumers::Consumer;
use crate::kernel::app::App;
use crate::kernel::error::Result;

inventory::submit!(Consumer { name: "tickets.erasure", types: &["profile.deleted"], handle });

/// What we need of `profile.deleted`.
#[derive(Deserialize)]
struct Deleted {
    user_id: EndUserId,
}

fn handle<'a>(app: &'a Arc<App>, db: &'a mut PgConnection, event: &'a Published) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        let Ok(who) = Deleted::deserialize(&event.payload) else { return Ok(()) };
        sql::guest_erase(db, who.user_id, app.clock.now()).await
    })
}
