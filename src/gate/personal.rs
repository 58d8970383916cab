//! What the gate holds of people: when and where they came in. Numbers are made of it, so it stays when somebody is
//! erased, without what was written about them.

use futures::future::BoxFuture;
use serde_json::Value;

use super::sql;
use crate::audit::Trace;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::people::personal::{Person, PersonalData};

inventory::submit!(PersonalData { name: "gate", gather, erase });

fn gather<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Value>> {
    Box::pin(async move { sql::guest_gather(tx.conn(), person.id).await })
}

fn erase<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>> {
    Box::pin(async move {
        let (scans, conflicts) = sql::guest_erase(tx.conn(), person.id).await?;
        let traces = [("ticket_checkin", scans), ("checkin_conflict", conflicts)];
        Ok(traces.into_iter().flat_map(|(kind, ids)| Trace::all(kind, ids)).collect())
    })
}
