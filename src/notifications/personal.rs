//! What notifications hold of people: what they were told, and what others were told of them.

use futures::future::BoxFuture;
use serde_json::Value;

use super::sql;
use crate::audit::Trace;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::notify::deliveries;
use crate::people::personal::{Person, PersonalData};

inventory::submit!(PersonalData { name: "notifications", gather, erase });

/// Where somebody was reached. An address that has not proven to be theirs may be a stranger's.
fn addresses(person: &Person) -> Vec<&str> {
    person.phone.as_deref().into_iter().chain(person.own_email()).collect()
}

fn gather<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Value>> {
    Box::pin(async move {
        let app = tx.app().clone();
        let mut all = sql::gather(tx.conn(), person.id.0).await?;
        all["deliveries"] = deliveries::gather(tx.conn(), &app.keys, &addresses(person)).await?;
        Ok(all)
    })
}

fn erase<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>> {
    Box::pin(async move {
        let app = tx.app().clone();
        deliveries::forget(tx.conn(), &app.keys, &addresses(person)).await?;
        let gone = sql::erase(tx.conn(), person.id.0).await?;
        Ok(Trace::all("notification", gone).collect())
    })
}
