//! Events that other systems tell us. Whatever carries them (an operation, a message queue) hands them in here; an area
//! registers what it takes with `inventory::submit!`. The same event may come again: a handler does what it says once.

use futures::future::BoxFuture;
use serde_json::Value;

use crate::kernel::context::Tx;
use crate::kernel::error::Result;

/// An event as it came.
pub struct Inbound {
    /// Dotted name, such as `payment.dispute.raised`.
    pub kind: String,
    /// What is to be known of it.
    pub payload: Value,
}

/// What came of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was done.
    Applied,
    /// It had come before, or changes nothing.
    Ignored,
    /// Nobody here takes events of this type.
    Unknown,
}

/// Does what an event says; what cannot be right in it is refused by the field's name.
pub type Take = for<'t> fn(&'t mut Tx, &'t Inbound) -> BoxFuture<'t, Result<Taken>>;

/// What one area does with the events of a type.
pub struct InboundHandler {
    /// The type.
    pub kind: &'static str,
    /// What is done.
    pub take: Take,
}
inventory::collect!(InboundHandler);

/// Takes in an event, in the caller's transaction.
pub async fn take(tx: &mut Tx, event: &Inbound) -> Result<Taken> {
    match inventory::iter::<InboundHandler>().find(|handler| handler.kind == event.kind) {
        Some(handler) => (handler.take)(tx, event).await,
        None => Ok(Taken::Unknown),
    }
}
