//! Erasing somebody: nothing personal is left, while ledger and audit keep their rows.

use uuid::Uuid;

use super::events::ProfileDeleted;
use super::{EndUserId, UserStatus, sql};
use crate::access::end_users;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, internal, invalid_transition};
use crate::kernel::files;
use crate::kernel::text::E164Phone;

/// Erases; answers the files to discard after the commit. Other areas hear of it by `profile.deleted`.
pub async fn run(tx: &mut Tx, user: EndUserId) -> Result<Vec<Uuid>> {
    let now = tx.now;
    // Codes before the user, as signing in locks them.
    if let Some(phone) = sql::user_find(tx.conn(), user, now).await?.phone {
        let phone = E164Phone::parse(&phone).map_err(|error| internal().internal(error))?;
        sql::otps_void(tx.conn(), &phone, None, now).await?;
    }
    let before = sql::user_lock(tx.conn(), user, now).await?;
    if before.status == UserStatus::Erased {
        return Err(invalid_transition().detail("The end user was erased already."));
    }
    end_users::end_all(tx, user, "erased", None).await?;
    let gone = sql::user_erase(tx.conn(), user, now).await?;
    files::release(tx.conn(), &gone).await?;
    tx.emit(&ProfileDeleted { user_id: user });
    Ok(gone)
}
