//! Settling what two records disagree on. Verdicts stay as they were given; only what follows is written.

use uuid::Uuid;

use super::bus::ConflictResolved;
use super::sql::{self, NewCheckin};
use super::{Conflict, ConflictId, Resolution};
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
                invalid_transition().detail("All tickets of this booking were used: choose another answer.")
            })?;
            // Whoever holds it is inside already: they were counted with the other code.
            let row = NewCheckin { was: Some("issued"), ..row(tx, conflict, Some(unused)) };
            sql::checkin_insert(tx.conn(), &row, Some("inside"), now).await?;
            Ok(Some(TicketId(unused)))
        }
        Resolution::SamePerson => {
            // One less came in there, by that ticket type: nobody went out.
            let scan = sql::annul_find(tx.conn(), conflict.second.checkin_id).await?;
            let row = NewCheckin {
                gate_id: scan.gate_id,
                ticket_type_id: scan.ticket_type_id,
                result: "annulled",
                people: -1,
                ..row(tx, conflict, scan.ticket_id)
            };
            sql::checkin_insert(tx.conn(), &row, None, now).await?;
            Ok(None)
        }
        Resolution::Copied | Resolution::Unknown | Resolution::Annulled => Ok(None),
    }
}

/// Writes down what was found out.
pub async fn close(
    tx: &mut Tx,
    before: &Conflict,
    resolution: Resolution,
    note: &str,
    closed: Option<TicketId>,
) -> Result<Conflict> {
    let (now, by) = (tx.now, tx.caller.person());
    sql::conflict_resolve(tx.conn(), before.id, resolution, note, closed, by, now).await?;
    let after = sql::conflict_find(tx.conn(), before.id).await?;
    tx.audit("checkin_conflict.resolved", before, &after);
    tx.emit(&ConflictResolved { event_id: before.event_id, conflict_id: before.id });
    Ok(after)
}

/// What an attempt has part in and nobody has settled yet. Once a person has, its numbers stand: it is not annulled.
pub async fn open_of(tx: &mut Tx, attempt: Uuid) -> Result<Vec<ConflictId>> {
    let conflicts = sql::conflicts_of(tx.conn(), attempt).await?;
    if conflicts.iter().any(|(_, is_resolved)| *is_resolved) {
        return Err(invalid_transition().detail("A conflict of this scan is already resolved, so it cannot be undone."));
    }
    Ok(conflicts.into_iter().map(|(id, _)| id).collect())
}

/// Nobody more came in: what a resolution writes beside the admission.
fn row(tx: &Tx, conflict: &Conflict, ticket: Option<Uuid>) -> NewCheckin {
    NewCheckin {
        id: new_uuid(),
        event_id: Some(conflict.event_id.0),
        ticket_id: ticket,
        attempt_id: Some(conflict.second.checkin_id.0),
        checked_in_by: tx.caller.person().map(|staff| staff.0),
        gate: conflict.second.gate.clone(),
        direction: "in",
        result: "admitted",
        ..NewCheckin::default()
    }
}
