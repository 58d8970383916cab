//! What tickets holds of people. Who went where stays when somebody is erased, without a name: the counters and the
//! money are made of it.

use futures::future::BoxFuture;
use serde_json::Value;

use super::sql;
use crate::audit::Trace;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::people::personal::{Person, PersonalData};

inventory::submit!(PersonalData { name: "tickets", gather, erase });

/// Bookings with their tickets, requests, invitations, places on waiting lists and reservations. Notes of organisers
/// are theirs and not part of it.
fn gather<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Value>> {
    Box::pin(async move {
        let bookings = sql::guest_bookings(tx.conn(), person).await?;
        sql::guest_gather(tx.conn(), person.id, &bookings).await
    })
}

fn erase<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>> {
    Box::pin(async move {
        let now = tx.now;
        let seen = sql::guest_bookings(tx.conn(), person).await?;
        sql::guest_events_lock(tx.conn(), person.id, &seen).await?;
        sql::guest_leave(tx.conn(), person.id, now).await?;
        // Again: what was booked before the events were locked.
        let bookings = sql::guest_bookings(tx.conn(), person).await?;
        let gone = sql::guest_erase(tx.conn(), person, &bookings).await?;
        Ok(gone.into_iter().flat_map(|(ticket_type, ids)| Trace::all(ticket_type, ids)).collect())
    })
}
