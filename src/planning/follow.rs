//! What becomes of a plan when its event takes a step.

use futures::future::BoxFuture;

use super::bus::PlanMoved;
use super::{AssignmentStatus, StaffAssignment, engine, mails, sql};
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
                let before = sql::assignment_list(tx.conn(), after.id).await?;
                let (entries, _) = engine::carry(tx, after.id, seconds).await?;
                for now in sql::assignment_list(tx.conn(), after.id).await? {
                    mails::told(tx, after, before.iter().find(|one| one.id == now.id), &now).await?;
                }
                if entries > 0 {
                    tx.emit(&PlanMoved { event_id: after.id, entries });
                }
                Ok(())
            }
            Step::Cancelled => {
                let before = sql::assignment_list(tx.conn(), after.id).await?;
                sql::plan_cancel(tx.conn(), after.id).await?;
                for one in before {
                    let off = StaffAssignment { status: AssignmentStatus::Cancelled, ..one.clone() };
                    mails::told(tx, after, Some(&one), &off).await?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    })
}
