//! What finance holds of people. Books are kept: orders, payments and postings stay when somebody is erased, and hold no
//! name; what colleagues wrote of them goes.

use futures::future::BoxFuture;
use serde_json::Value;

use super::sql;
use crate::audit::Trace;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::people::personal::{Person, PersonalData};

inventory::submit!(PersonalData { name: "payments", gather, erase });
inventory::submit!(PersonalData { name: "fraud_signals", gather: gather_signals, erase: erase_signals });

fn gather<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Value>> {
    Box::pin(async move { sql::guest_gather(tx.conn(), person.id).await })
}

fn erase<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>> {
    Box::pin(async move {
        let disputes = sql::disputes_of_user(tx.conn(), person.id, i64::MAX).await?;
        let named = |dispute: super::Dispute| Trace {
            object_type: "dispute",
            object_id: dispute.id.0,
            field: Some("payer_name"),
        };
        Ok(disputes.into_iter().map(named).collect())
    })
}

fn gather_signals<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Value>> {
    Box::pin(async move { sql::signal_gather(tx.conn(), person.id).await })
}

fn erase_signals<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>> {
    Box::pin(async move {
        let signals = sql::signal_erase(tx.conn(), person.id).await?;
        Ok(Trace::all("fraud_signal", signals).collect())
    })
}
