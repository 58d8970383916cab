//! The clock starts and ends events.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::operations::{EVENT_END_META, transition};
use super::rules::{lock_open, system_cx};
use super::{EventId, EventStatus, sql};
use crate::kernel::app::App;
use crate::kernel::context::Tx;
use crate::kernel::error::Result;
use crate::kernel::jobs::{Job, Pending};
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::Periodic;

/// Starts what is due and ends what is over.
#[derive(Serialize, Deserialize)]
struct AdvanceEvents;
impl Job for AdvanceEvents {
    const TYPE: &'static str = "events.turn";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<AdvanceEvents>());
inventory::submit!(Periodic::new::<AdvanceEvents>("events.turn", 30, || Pending::new(&AdvanceEvents)));

impl Run for AdvanceEvents {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        advance(&app).await?;
        Ok(())
    }
}

/// Takes every step whose time has come, each in a transaction of its own; answers how many. One that
/// fails is left to the next run.
pub async fn advance(app: &Arc<App>) -> Result<u64> {
    let due = sql::events_due(&mut *app.pool.acquire().await?, app.clock.now()).await?;
    let mut taken = 0;
    for (id, to) in due {
        match one(app, id, to).await {
            Ok(true) => taken += 1,
            Ok(false) => {}
            Err(error) => tracing::error!(event = %id, ?error, "an event could not take its step"),
        }
    }
    Ok(taken)
}

async fn one(app: &Arc<App>, id: EventId, to: EventStatus) -> Result<bool> {
    let mut tx = Tx::begin(system_cx(app, &EVENT_END_META)).await?;
    let event = lock_open(&mut tx, id).await?;
    // Somebody may have been there first, or the hour may be another one now.
    let is_due = match to {
        EventStatus::Live => event.status == EventStatus::Published && event.start_at <= tx.now,
        _ => event.status == EventStatus::Live && event.end_at <= tx.now,
    };
    if is_due {
        let action = if to == EventStatus::Live { "event.started" } else { "event.ended" };
        transition(&mut tx, action, &event, to, None).await?;
        tx.commit().await?;
    }
    Ok(is_due)
}
