//! What becomes of a plan when its event takes a step.

use futures::future::BoxFuture;

use super::bus::PlanMoved;
use super::{engine, sql};
use crate::events::Event;
use crate::events::hooks::{EventHook, Step};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;

inventory::submit!(EventHook(follow));

fn follow<'t>(tx: &'t mut Tx, step: Step, before: &'t Event, after: &'t Event) -> BoxFuture<'t, Result<()>> {
    Box::pin(async move {
        match step {
            Step::Changed | Step::Rescheduled if before.start_at != after.start_at => {
                let seconds = (after.start_at.0 - before.start_at.0).as_seconds_f64();
                let (entries, _) = engine::carry(tx, after.id, seconds).await?;
                if entries > 0 {
                    tx.emit(&PlanMoved { event_id: after.id, entries });
                }
                Ok(())
            }
            Step::Cancelled => sql::plan_cancel(tx.conn(), after.id).await,
            _ => Ok(()),
        }
    })
}
