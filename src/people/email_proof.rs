//! Asking an address whether it is the guest's: a link is mailed there. So many mails and no more, for each account and
//! for each address, which may be a stranger's.

use time::Duration;

use super::EndUserId;
use super::templates::EmailVerification;
use crate::access::links::{self, Purpose};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::rate;

/// How long mails are counted, and how many there are for an account and for an address.
pub const WINDOW: Duration = Duration::hours(1);
const OF_ACCOUNT: i32 = 5;
const TO_ADDRESS: i32 = 10;

/// Mails a link to an address that is not confirmed, which voids the one before; false where enough were mailed within
/// the hour. The account is locked.
pub async fn ask(tx: &mut Tx, user: EndUserId, email: Option<&str>) -> Result<bool> {
    let Some(email) = email else { return Ok(false) };
    let now = tx.now;
    if rate::count(tx.conn(), "email_proof", &user.to_string(), WINDOW, now).await? > OF_ACCOUNT
        || rate::count(tx.conn(), "email_proof_to", email, WINDOW, now).await? > TO_ADDRESS
    {
        return Ok(false);
    }
    let link = links::create(tx, Purpose::EmailVerification, user).await?;
    crate::notify::mail(tx, email, EmailVerification { link });
    Ok(true)
}
