//! Confirming an end user's email address.

use operation::operation;

use crate::kernel::error::Result;
use crate::people::{EmailConfirmation, EmailLink};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::{
        end_users,
        links::{self, Purpose},
    },
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_transition, link_invalid, rate_limited},
        rate,
        timestamp::Timestamp,
    },
    crate::people::{EndUserId, email_proof, events::ProfileUpdated, sql},
    serde_json::json,
};

/// Resend the link that confirms your email address
///
/// The earlier link stops working. At most five an hour.
#[operation(POST "/me/email/verification", end_user, rate = Costly, errors(invalid_transition))]
pub async fn my_email_verification_send(tx: &mut Tx) -> Result<()> {
    let (me, now) = (rules::me(tx)?, tx.now);
    sql::account_lock(tx.conn(), me).await?;
    let profile = sql::profile_find(tx.conn(), me, now).await?;
    if profile.email.is_none() {
        return Err(invalid_transition().detail("There is no email to confirm. Add one first."));
    }
    if profile.email_verified {
        return Err(invalid_transition().detail("Your email is confirmed already."));
    }
    if !email_proof::ask(tx, me, profile.email.as_deref()).await? {
        let wait = rate::window_remaining(email_proof::WINDOW, now);
        return Err(rate_limited()
            .detail("Too many links were sent to this address. Try again later.")
            .retry_after(wait)
            .commit_on_error());
    }
    Ok(())
}

/// Get the email address that a confirmation link is for
#[operation(GET "/auth/email-verification", public, errors(link_invalid))]
pub async fn email_verification(db: &mut Reader, query: EmailLink) -> Result<EmailConfirmation> {
    let link = links::find(db, Purpose::EmailVerification, query.token.expose(), false).await?;
    let (user, now) = (link.end_user_id.ok_or_else(link_invalid)?, db.now);
    let profile = sql::profile_find(db.conn(), EndUserId(user), now).await.map_err(|_| link_invalid())?;
    let digits = profile.phone.len().saturating_sub(2);
    Ok(EmailConfirmation {
        email: profile.email.ok_or_else(link_invalid)?,
        phone_ends: profile.phone.get(digits..).unwrap_or_default().to_owned(),
        expires_at: Timestamp(link.expires_at),
    })
}

/// Confirm an email address with the emailed link
///
/// From then on, tickets sent there include a link that opens them. Needs no session, since the email may be read on
/// another device. The link works once, and only while the address is unchanged.
#[operation(POST "/auth/email-verification/confirm", public, rate = Costly, errors(link_invalid))]
pub async fn email_verification_confirm(tx: &mut Tx, input: EmailLink) -> Result<()> {
    let link = links::find(tx, Purpose::EmailVerification, input.token.expose(), true).await?;
    let (user, now) = (EndUserId(link.end_user_id.ok_or_else(link_invalid)?), tx.now);
    if !sql::email_verify(tx.conn(), user, now).await? {
        return Err(link_invalid());
    }
    links::void(tx, Purpose::EmailVerification, user).await?;
    end_users::note(tx, user, "email.verified", json!({})).await?;
    tx.emit(&ProfileUpdated { user_id: user });
    Ok(())
}
