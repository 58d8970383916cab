//! What other areas do when an event takes a step: in the same transaction, so that nothing that
//! follows from a step can be lost. An area registers with `inventory::submit!`.

use futures::future::BoxFuture;

use super::Event;
use crate::kernel::context::Tx;
use crate::kernel::error::Result;

/// What happened to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is made like another one: before is that one.
    Duplicated,
    /// It is open to guests from now on.
    Published,
    /// Some of its fields are different.
    Changed,
    /// Time or place are different, and it was published already.
    Rescheduled,
    /// The event has ended.
    Ended,
    /// It is cancelled.
    Cancelled,
}

/// Called with the event before and after, its row locked.
pub type Follow = for<'t> fn(&'t mut Tx, Step, &'t Event, &'t Event) -> BoxFuture<'t, Result<()>>;

/// One area's part.
pub struct EventHook(pub Follow);
inventory::collect!(EventHook);

/// Lets every area do its part.
pub async fn follow(tx: &mut Tx, step: Step, before: &Event, after: &Event) -> Result<()> {
    for hook in inventory::iter::<EventHook>() {
        (hook.0)(tx, step, before, after).await?;
    }
    Ok(())
}
