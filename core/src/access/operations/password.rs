//! Passwords and invitations.

use operation::operation;

use crate::access::{AcceptInput, ChangePasswordInput, ForgotInput, Invitation, InvitationQuery, ResetInput};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    crate::access::{
        StaffId, StaffStatus, events::StaffJoined, links, links::Purpose, lockout, reset_link::MailResetLink, sessions,
        sql, templates::PasswordChanged,
    },
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        crypto::{hash_password, verify_password},
        error::{invalid_credentials, link_invalid, not_found, rate_limited},
        rate,
        timestamp::Timestamp,
    },
    serde_json::json,
    time::Duration,
};

/// Request a password reset link
///
/// The answer is the same, in similar time, whether or not the account exists. The link is emailed and works for an
/// hour, or until the password or email address changes.
#[operation(POST "/auth/password/forgot", public, rate = Costly)]
pub async fn password_forgot(tx: &mut Tx, input: ForgotInput) -> Result<()> {
    let (email, now, window) = (input.email.as_str(), tx.now, Duration::hours(1));
    // By network, so that a stranger does not use up what its owner may ask for.
    let here = format!("{email} {}", rate::network(tx.request.ip));
    if rate::count(tx.conn(), "password_forgot", &here, window, now).await? > 5 {
        return Err(rate_limited().retry_after(rate::window_remaining(window, now)).commit_on_error());
    }
    if rate::count(tx.conn(), "password_forgot_all", email, window, now).await? > 20 {
        // The newest of those that were mailed still works.
        return Ok(());
    }
    let job = MailResetLink { email: email.to_owned(), ip: tx.request.ip.to_string() };
    tx.enqueue(&job);
    Ok(())
}

/// Reset a password with the emailed link
///
/// Ends all sessions of the account and lifts a lock. The link works once.
#[operation(POST "/auth/password/reset", public, rate = Costly, errors(link_invalid))]
pub async fn password_reset(cx: &RequestContext, input: ResetInput) -> Result<()> {
    {
        let mut db = cx.reader().await?;
        links::find(&mut db, Purpose::PasswordReset, input.token.expose(), false).await?;
    }
    let hash = hash_password(input.password.expose()).await?;
    cx.write(|tx| {
        Box::pin(async move {
            let link = links::find(tx, Purpose::PasswordReset, input.token.expose(), true).await?;
            let user = StaffId(link.user_id.ok_or_else(link_invalid)?);
            let account = sql::login_lock(tx.conn(), user).await?.ok_or_else(link_invalid)?;
            if account.status != "active" {
                return Err(link_invalid());
            }
            let now = tx.now;
            sql::password_set(tx.conn(), user, &hash, now).await?;
            lockout::lift(tx, &account.email).await?;
            sessions::end_all(tx, user, "password_reset", None).await?;
            sessions::note(tx, user, "password.reset", json!({})).await?;
            tell_changed(tx, user, &account.email, account.full_name).await?;
            Ok(())
        })
    })
    .await
}

/// Change your password
///
/// Ends all other sessions of the account, trust in its devices, and links sent earlier.
#[operation(POST "/auth/password/change", staff, rate = Costly, audit = none("noted in the account's activity"),
    errors(invalid_credentials))]
pub async fn password_change(cx: &RequestContext, input: ChangePasswordInput) -> Result<()> {
    let me = cx.staff()?.clone();
    let before = {
        let mut db = cx.reader().await?;
        sql::login_find(db.conn(), me.id).await?.ok_or_else(not_found)?
    };
    let fits = verify_password(input.current_password.expose(), before.password_hash.clone()).await?;
    let hash = hash_password(input.new_password.expose()).await?;
    cx.write(|tx| {
        Box::pin(async move {
            let (now, window) = (tx.now, Duration::minutes(15));
            if rate::count(tx.conn(), "own_password", &me.id.to_string(), window, now).await? > 10 {
                return Err(rate_limited().retry_after(rate::window_remaining(window, now)).commit_on_error());
            }
            let account = sql::login_lock(tx.conn(), me.id).await?.ok_or_else(not_found)?;
            if !fits || account.password_hash != before.password_hash {
                return Err(invalid_credentials()
                    .detail("The current password is not right.")
                    .field("current_password", "is not right")
                    .commit_on_error());
            }
            sql::password_set(tx.conn(), me.id, &hash, now).await?;
            sessions::end_all(tx, me.id, "password_changed", Some(me.session)).await?;
            sessions::note(tx, me.id, "password.changed", json!({})).await?;
            tell_changed(tx, me.id, &account.email, account.full_name).await?;
            Ok(())
        })
    })
    .await
}

/// Get the details of an invitation
#[operation(GET "/auth/invitation", public, errors(link_invalid))]
pub async fn invitation(db: &mut Reader, query: InvitationQuery) -> Result<Invitation> {
    let link = links::find(db, Purpose::Invitation, query.token.expose(), false).await?;
    let user = StaffId(link.user_id.ok_or_else(link_invalid)?);
    let staff = sql::staff_find(db, user).await.map_err(|_| link_invalid())?;
    if !sql::holds_a_role(db.conn(), user).await? {
        return Err(link_invalid());
    }
    Ok(Invitation {
        email: staff.email,
        full_name: staff.full_name,
        role: staff.role_name.or(staff.scoped_roles.into_iter().next()),
        expires_at: Timestamp(link.expires_at),
    })
}

/// Accept an invitation
///
/// Sets the name and password and activates the account. Sign in next. The link works once.
#[operation(POST "/auth/invitation/accept", public, rate = Costly, errors(link_invalid))]
pub async fn invitation_accept(cx: &RequestContext, input: AcceptInput) -> Result<()> {
    {
        let mut db = cx.reader().await?;
        links::find(&mut db, Purpose::Invitation, input.token.expose(), false).await?;
    }
    let hash = hash_password(input.password.expose()).await?;
    cx.write(|tx| {
        Box::pin(async move {
            let link = links::find(tx, Purpose::Invitation, input.token.expose(), true).await?;
            let user = StaffId(link.user_id.ok_or_else(link_invalid)?);
            let before = sql::staff_lock(tx, user).await.map_err(|_| link_invalid())?;
            if before.status != StaffStatus::Invited || !sql::holds_a_role(tx.conn(), user).await? {
                return Err(link_invalid());
            }
            let now = tx.now;
            sql::staff_update(tx.conn(), user, &before.email, input.full_name.as_str(), now).await?;
            sql::staff_set_status(tx.conn(), user, StaffStatus::Active).await?;
            sql::password_set(tx.conn(), user, &hash, now).await?;
            sessions::note(tx, user, "invitation.accepted", json!({})).await?;
            let after = sql::staff_find(tx, user).await?;
            tx.audit("staff.joined", &before, &after);
            tx.emit(&StaffJoined { user_id: user });
            Ok(())
        })
    })
    .await
}

#[cfg(feature = "ssr")]
async fn tell_changed(tx: &mut Tx, id: StaffId, email: &str, name: String) -> Result<()> {
    let at = tx.now;
    let told = Some(sql::moment_told(tx.conn(), None, id.0, at).await?);
    crate::notify::mail(tx, email, PasswordChanged { name, at, told });
    Ok(())
}
