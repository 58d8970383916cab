//! What other systems tell of users: accounts that they flag for review, and what they said in vain.

use futures::future::BoxFuture;
use operation::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::personal::{Person, PersonalData};
use super::{EndUserId, events::UserFlagged, sql};
use crate::audit::Trace;
use crate::bus;
use crate::bus::inbound::{self, Inbound};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_input};
use crate::kernel::permissions::Permission;
use crate::kernel::text::Reason;

/// A user account that another system flagged for review.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FlaggedUser {
    /// Whose account.
    user_id: EndUserId,
    /// Why.
    reason: Reason,
}
impl Validate for FlaggedUser {}

inventory::submit!(Inbound::of::<FlaggedUser>(
    "user.flagged",
    "A user account was flagged for review. Team members who can ban users are notified.",
    Permission::UsersModerate,
    take,
));

fn take(tx: &mut Tx, payload: Value) -> BoxFuture<'_, Result<bool>> {
    Box::pin(async move {
        let told: FlaggedUser = inbound::payload(payload)?;
        let now = tx.now;
        let user = match sql::user_find(tx.conn(), told.user_id, now).await {
            Err(error) if error.status() == 404 => {
                return Err(invalid_input().field("payload.user_id", "is not a known account"));
            }
            found => found?,
        };
        tx.emit(&UserFlagged { user_id: user.id, reason: told.reason.as_str().to_owned() });
        tx.audit("user.flagged", &user, &user).reason(told.reason.as_str());
        Ok(true)
    })
}

inventory::submit!(PersonalData { name: "messages_of_other_systems", gather, erase });

/// By what a message may name somebody.
fn words(person: &Person) -> Vec<String> {
    let address = person.own_email().map(str::to_owned);
    [Some(person.id.to_string()), person.phone.clone(), address].into_iter().flatten().collect()
}

fn gather<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Value>> {
    Box::pin(async move {
        let letters = bus::dead_letters_naming(tx.conn(), &words(person)).await?;
        Ok(letters
            .into_iter()
            .map(|letter| json!({ "received_at": letter.received_at, "body": letter.body }))
            .collect())
    })
}

fn erase<'t>(tx: &'t mut Tx, person: &'t Person) -> BoxFuture<'t, Result<Vec<Trace>>> {
    Box::pin(async move {
        bus::dead_letters_forget(tx.conn(), &words(person)).await?;
        Ok(Vec::new())
    })
}
