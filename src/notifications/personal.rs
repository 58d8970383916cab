//! What notifications hold of people: what they were told, and what others were told of them.

use futures::future::BoxFuture;
use serde_json::Value;

use super::sql;
use crate::audit::Trace;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::people::personal::{Person, PersonalData};

inventory::submit!(PersonalData { name: "notifications", gather, erase });

fn gather<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Value>> {
    Box::pin(async move { sql::gather(tx.conn(), person.id.0).await })
}

fn erase<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>> {
    Box::pin(async move {
        let gone = sql::erase(tx.conn(), person.id.0).await?;
        Ok(Trace::all("notification", gone).collect())
    })
}
