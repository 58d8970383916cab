//! Erasing somebody: nothing personal is left, while ledger and audit keep their rows.

use uuid::Uuid;

use super::events::ProfileDeleted;
use super::personal::{Person, PersonalData};
use super::{EndUserId, UserStatus, sql};
use crate::access::end_users;
use crate::audit::{self, Trace};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal, invalid_transition};
use crate::kernel::files;
use crate::kernel::text::E164Phone;

/// Erases, in every area; answers the files to discard after the commit.
pub async fn run(tx: &mut Tx, user: EndUserId) -> Result<Vec<Uuid>> {
    let now = tx.now;
    let known = sql::user_find(tx.conn(), user, now).await?;
    // Codes before the user, as signing in locks them.
    if let Some(phone) = &known.phone {
        let phone = E164Phone::parse(phone).map_err(|error| internal().internal(error))?;
        sql::otps_void(tx.conn(), &phone, None, now).await?;
    }
    let person = Person { id: user, phone: known.phone, email: known.email, email_verified: known.email_verified };
    // The other areas before the user: they lock events, which come first everywhere.
    let mut traces = vec![Trace { object_type: "end_user", object_id: user.0, field: None }];
    for part in PersonalData::all() {
        traces.extend((part.erase)(tx, &person).await?);
    }
    let before = sql::user_lock(tx.conn(), user, now).await?;
    if before.status == UserStatus::Erased {
        return Err(invalid_transition().detail("This user was erased already."));
    }
    end_users::end_all(tx, user, "erased", None).await?;
    let gone = sql::user_erase(tx.conn(), user, now).await?;
    sql::queued_forget(tx.conn(), &person).await?;
    audit::values_forget(tx.conn(), user.0, &traces, now).await?;
    files::release(tx.conn(), &gone).await?;
    tx.emit(&ProfileDeleted { user_id: user });
    Ok(gone)
}
