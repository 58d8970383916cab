//! Asking providers to send money back, and paying back everybody of a cancelled event.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::operations::{PAYMENT_REFUND_META, SETTLEMENT_ISSUE_RESOLVE_META};
use super::provider::{Sending, Unsent};
use super::{RefundId, RefundStatus, capture, provider, refunding, settling, sql};
use crate::events::EventId;
use crate::events::rules::system_cx;
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::jobs::{Job, Pending};
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::{DAY, Periodic};

/// Asks the provider for one refund.
#[derive(Serialize, Deserialize)]
pub struct SendRefund {
    /// Which.
    pub refund: RefundId,
}
impl Job for SendRefund {
    const TYPE: &'static str = "finance.send_refund";
}
inventory::submit!(JobHandler::of::<SendRefund>());

impl Run for SendRefund {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        let Some(sending) = self.begin(&app).await? else { return Ok(()) };
        // Nothing is locked while the provider is asked. A worker that is lost meanwhile is followed by another one,
        // which asks by the same key.
        match provider::named(&app, sending.payment.provider)?.refund(&app, &sending).await {
            Ok(()) => Ok(()),
            Err(Unsent::Later(error)) => Err(Failure::Again(error)),
            Err(Unsent::Refused(reason)) => {
                let mut tx = Tx::begin(system_cx(&app, &PAYMENT_REFUND_META)).await?;
                capture::refund_failed(&mut tx, &sending.payment, self.refund, &reason).await?;
                Ok(tx.commit().await?)
            }
        }
    }
}

impl SendRefund {
    /// Notes that the provider is asked now; nothing where it has answered.
    async fn begin(&self, app: &Arc<App>) -> Result<Option<Sending>, Failure> {
        let mut tx = Tx::begin(system_cx(app, &PAYMENT_REFUND_META)).await?;
        let (now, refund) = (tx.now, sql::refund_lock(tx.conn(), self.refund).await?);
        match refund.status {
            RefundStatus::Requested => {
                let failure = refund.failure_reason.as_deref();
                sql::refund_set_status(tx.conn(), refund.id, RefundStatus::Processing, failure, now).await?;
            }
            RefundStatus::Processing => {}
            RefundStatus::Processed | RefundStatus::Failed => return Ok(None),
        }
        let payment = sql::payment_find(tx.conn(), refund.payment_id).await?;
        let charge = sql::payment_charge(tx.conn(), payment.id).await?;
        let failures = sql::refund_failures(tx.conn(), refund.id).await?;
        tx.commit().await?;
        Ok(Some(Sending { payment, charge, refund, failures }))
    }
}

/// Looks for payments that no report of their provider names.
#[derive(Serialize, Deserialize)]
pub struct LookForMissing;
impl Job for LookForMissing {
    const TYPE: &'static str = "finance.look_for_missing";
}
inventory::submit!(JobHandler::of::<LookForMissing>());
inventory::submit!(Periodic::new::<LookForMissing>(LookForMissing::TYPE, DAY, || Pending::new(&LookForMissing)));

impl Run for LookForMissing {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let mut tx = Tx::begin(system_cx(&app, &SETTLEMENT_ISSUE_RESOLVE_META)).await?;
        settling::look_for_missing(&mut tx).await?;
        let now = tx.now;
        context.done(tx.conn(), now).await?;
        Ok(tx.commit().await?)
    }
}

/// Pays back everybody who paid for an event, a portion at a time. Each refund is a transaction of its own, and what was
/// paid back already is left alone, so a worker may be lost at any point.
#[derive(Serialize, Deserialize)]
pub struct RefundEvent {
    event: EventId,
    after: Uuid,
}
impl Job for RefundEvent {
    const TYPE: &'static str = "finance.refund_event";
}
inventory::submit!(JobHandler::of::<RefundEvent>());

/// Payments of one portion.
const PORTION: usize = 50;
/// What guests of a cancelled event read beside their refund.
const CANCELLED: &str = "The event was cancelled.";

impl RefundEvent {
    /// Everybody.
    pub fn from_start(event: EventId) -> Self {
        Self { event, after: Uuid::nil() }
    }
}

impl Run for RefundEvent {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let cx = system_cx(&app, &PAYMENT_REFUND_META);
        let payments = {
            let mut db = app.pool.acquire().await?;
            sql::payments_to_refund(&mut db, self.event, self.after, PORTION as i64).await?
        };
        for payment in &payments {
            let mut tx = Tx::begin(cx.clone()).await?;
            refunding::refund_rest(&mut tx, *payment, CANCELLED).await?;
            tx.commit().await?;
        }
        let mut tx = Tx::begin(cx).await?;
        if let Some(last) = payments.last().filter(|_| payments.len() == PORTION) {
            tx.enqueue(&RefundEvent { event: self.event, after: last.0 });
        }
        let now = tx.now;
        context.done(tx.conn(), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
