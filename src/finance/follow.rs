//! What follows for money when an event takes a step, in the same transaction.

use futures::future::BoxFuture;
use uuid::Uuid;

use super::jobs::RefundEvent;
use super::sql;
use crate::events::Event;
use crate::events::hooks::{EventHook, Step};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;

inventory::submit!(EventHook(follow));

fn follow<'t>(tx: &'t mut Tx, step: Step, _before: &'t Event, after: &'t Event) -> BoxFuture<'t, Result<()>> {
    Box::pin(async move {
        if step == Step::Cancelled && !sql::payments_to_refund(tx.conn(), after.id, Uuid::nil(), 1).await?.is_empty() {
            tx.enqueue(&RefundEvent::from_start(after.id));
        }
        Ok(())
    })
}
