//! What events holds of people: the events they host. Those stay when somebody is erased, without their name.

use futures::future::BoxFuture;
use serde_json::Value;

use super::sql;
use crate::audit::Trace;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::people::personal::{Person, PersonalData};

inventory::submit!(PersonalData { name: "hosting", gather, erase });

fn gather<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Value>> {
    Box::pin(async move { sql::hosted_gather(tx.conn(), person.id).await })
}

fn erase<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>> {
    Box::pin(async move {
        let events = sql::hosted_ids(tx.conn(), person.id).await?;
        let name = |object_id| Trace { object_type: "event", object_id, field: Some("host_name") };
        Ok(events.into_iter().map(name).collect())
    })
}
