//! Offers that nobody else makes, and notices to all guests of an event.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::operations::TICKET_RESEND_META;
use super::{mails, sql, waiting_list};
use crate::access::EndUserId;
use crate::events::rules::{by_id, lock_open, system_cx};
use crate::events::{Event, EventId};
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::jobs::{Job, Pending};
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::Periodic;

/// Offers seats that came free by time alone.
#[derive(Serialize, Deserialize)]
struct OfferSeats;
impl Job for OfferSeats {
    const TYPE: &'static str = "tickets.offer_seats";
    const ATTEMPTS: i32 = 3;
}
inventory::submit!(JobHandler::of::<OfferSeats>());
inventory::submit!(Periodic::new::<OfferSeats>("tickets.offer_seats", 30, || Pending::new(&OfferSeats)));

impl Run for OfferSeats {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        offer_all(&app).await?;
        Ok(())
    }
}

/// Looks at every line, each in a transaction of its own. One that fails is left to the next round.
pub async fn offer_all(app: &Arc<App>) -> Result<()> {
    let events = sql::events_with_a_line(&mut *app.pool.acquire().await?, app.clock.now()).await?;
    for id in events {
        if let Err(error) = offer(app, EventId(id)).await {
            tracing::error!(event = %id, ?error, "free seats could not be offered");
        }
    }
    Ok(())
}

async fn offer(app: &Arc<App>, id: EventId) -> Result<()> {
    let mut tx = Tx::begin(system_cx(app, &TICKET_RESEND_META)).await?;
    let event = lock_open(&mut tx, id).await?;
    waiting_list::promote_waiters(&mut tx, &event).await?;
    tx.commit().await
}

/// What guests are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The event does not take place.
    Cancelled,
    /// It has another time or place.
    Rescheduled,
}

/// Tells all guests of an event, a portion at a time: each portion queues its mails and the next one, and ends,
/// in one transaction. Whenever its worker is lost, each guest is told once.
#[derive(Serialize, Deserialize)]
pub struct TellGuests {
    event: EventId,
    /// Of which change of time or place; a later one has its own notice.
    sequence: i32,
    notice: Notice,
    after: Uuid,
}
impl Job for TellGuests {
    const TYPE: &'static str = "tickets.tell_guests";
}
inventory::submit!(JobHandler::of::<TellGuests>());

/// Guests told in one transaction.
pub const PORTION: usize = 200;

impl TellGuests {
    /// All guests.
    pub fn from_start(event: EventId, sequence: i32, notice: Notice) -> Self {
        Self { event, sequence, notice, after: Uuid::nil() }
    }

    fn statuses(&self) -> &'static [&'static str] {
        match self.notice {
            Notice::Cancelled => &["cancelled", "checked_in"],
            Notice::Rescheduled => &["going", "checked_in"],
        }
    }
}

impl Run for TellGuests {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let mut tx = Tx::begin(system_cx(&app, &TICKET_RESEND_META)).await?;
        let event: Event = lock_open(&mut tx, self.event).await?;
        if self.notice == Notice::Rescheduled && event.sequence != self.sequence {
            return Ok(());
        }
        let guests = sql::addressees(tx.conn(), self.event, self.statuses(), self.after, PORTION as i64).await?;
        for guest in &guests {
            mails::notice(&mut tx, &event, self.notice, guest).await?;
        }
        if let Some(last) = guests.last().filter(|_| guests.len() == PORTION) {
            tx.enqueue(&TellGuests { after: last.id, ..self });
        }
        let now = tx.now;
        context.done(tx.conn(), now).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// What people without tickets are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// The event does not take place.
    Cancelled,
    /// The tickets they wait for are sold no more.
    Retired { ticket_type: String },
}

/// Tells a portion of those who asked, waited, held seats or were invited. Who has tickets is told as a guest.
#[derive(Serialize, Deserialize)]
pub struct TellOthers {
    /// Of which event.
    pub event: EventId,
    /// Whom.
    pub users: Vec<EndUserId>,
    /// What.
    pub word: Word,
}
impl Job for TellOthers {
    const TYPE: &'static str = "tickets.tell_others";
}
inventory::submit!(JobHandler::of::<TellOthers>());

impl Run for TellOthers {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let mut tx = Tx::begin(system_cx(&app, &TICKET_RESEND_META)).await?;
        let event = by_id(tx.conn(), self.event).await?;
        let others = sql::others(tx.conn(), self.event, &self.users).await?;
        for other in others {
            mails::word(&mut tx, &event, &self.word, other).await?;
        }
        let now = tx.now;
        context.done(tx.conn(), now).await?;
        tx.commit().await?;
        Ok(())
    }
}
