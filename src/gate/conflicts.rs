//! Settling what two records disagree on. Verdicts stay as they were given; only what follows is written.

use uuid::Uuid;

use super::sql::{self, NewCheckin};
use super::{Conflict, Resolution};
use crate::kernel::clock::new_uuid;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_transition};
use crate::tickets::TicketId;

/// What a resolution means for tickets and numbers; answers the ticket that was closed.
pub async fn follow(tx: &mut Tx, conflict: &Conflict, resolution: Resolution) -> Result<Option<TicketId>> {
    let now = tx.now;
    match resolution {
        Resolution::TwoGuests => {
            let ticket = conflict.ticket_id.map(|id| id.0).unwrap_or_default();
            sql::party_lock(tx.conn(), ticket).await?;
            let unused = sql::unused_of_party(tx.conn(), ticket).await?;
            let unused = unused.ok_or_else(|| {
                invalid_transition().detail("Every ticket of this booking was used: choose another answer.")
            })?;
            // Whoever holds it is inside already: they were counted with the other code.
            let row = NewCheckin { was: Some("issued"), ..row(tx, conflict, Some(unused), "in", 0) };
            sql::checkin_insert(tx.conn(), &row, Some("inside"), now).await?;
            Ok(Some(TicketId(unused)))
        }
        Resolution::SamePerson => {
            let row = row(tx, conflict, conflict.ticket_id.map(|id| id.0), "out", 1);
            sql::checkin_insert(tx.conn(), &row, None, now).await?;
            Ok(None)
        }
        Resolution::Copied | Resolution::Unknown => Ok(None),
    }
}

fn row(tx: &Tx, conflict: &Conflict, ticket: Option<Uuid>, direction: &'static str, people: i32) -> NewCheckin {
    NewCheckin {
        id: new_uuid(),
        event_id: Some(conflict.event_id.0),
        ticket_id: ticket,
        attempt_id: Some(conflict.second.checkin_id.0),
        checked_in_by: tx.caller.person().map(|staff| staff.0),
        gate: conflict.second.gate.clone(),
        direction,
        result: "admitted",
        people,
        ..NewCheckin::default()
    }
}
