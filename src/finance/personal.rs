//! What finance holds of people. Books are kept: orders, payments and postings stay when somebody is erased, and hold no
//! name.

use futures::future::BoxFuture;
use serde_json::Value;

use super::sql;
use crate::audit::Trace;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::people::personal::{Person, PersonalData};

inventory::submit!(PersonalData { name: "payments", gather, erase });

fn gather<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Value>> {
    Box::pin(async move { sql::guest_gather(tx.conn(), person.id).await })
}

fn erase<'t>(_tx: &'t mut Tx, _person: &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>> {
    Box::pin(async { Ok(Vec::new()) })
}
