//! End users, for staff. [000 End Users]

use operation::{Answer, operation};

use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::people::{BanInput, BanOutcome, BulkBan, EndUserId, User, UserDetail, UserFilter, UserReason};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::end_users,
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::{invalid_input, invalid_transition, is_now, two_factor_not_enabled},
        page::Paged,
        text::Reason,
        timestamp::Timestamp,
    },
    crate::people::{
        BanResult, UserStatus,
        events::{UserBanned, UserUnbanned},
        sql,
    },
    serde_json::json,
};

/// List end users
///
/// Erased users are included only if `status` asks for them.
#[operation(GET "/users", staff = UsersRead, stale_ok)]
pub async fn user_list(db: &mut Reader, query: UserFilter) -> Result<Page<User>> {
    sql::user_list(db, &query).await
}

/// Export end users as CSV
///
/// Every end user of the filter, in its order; `columns` says which columns, all if absent. Pages do not matter here.
#[operation(GET "/users/export", staff = UsersRead, stale_ok, answer = Csv)]
pub async fn user_export(cx: &RequestContext, query: UserFilter, columns: Option<Vec<String>>) -> Result<Answer> {
    csv::answer(cx, "users", columns, move |db: &mut Reader, cursor| {
        let filter = query.exported(cursor);
        Box::pin(async move { sql::user_list(db, &filter).await })
    })
    .await
}

/// Get an end user with profile, bans, sessions, requests and activity
#[operation(GET "/users/{id}", staff = UsersRead)]
pub async fn user_get(db: &mut Reader, id: EndUserId) -> Result<UserDetail> {
    let now = db.now;
    let user = sql::user_find(db.conn(), id, now).await?;
    let profile = rules::profile(db, id).await?;
    Ok(UserDetail {
        user,
        bio: profile.bio,
        birth_date: profile.birth_date,
        gender: profile.gender,
        is_verified: profile.is_verified,
        pictures: profile.pictures,
        interests: profile.interests,
        privacy: sql::settings_find(db.conn(), id).await?,
        bans: sql::ban_list(db.conn(), id).await?,
        sessions: end_users::list(db, id, None).await?,
        privacy_requests: sql::requests_of(db.conn(), id).await?,
        activity: end_users::activity(db, id).await?,
    })
}

/// Ban an end user
///
/// Signs them out everywhere and blocks sign-in, permanently or until the ban ends. Banning someone who is already
/// banned changes the ban.
#[operation(POST "/users/{id}/ban", staff = UsersModerate, errors(invalid_transition))]
pub async fn user_ban(tx: &mut Tx, id: EndUserId, input: BanInput) -> Result<User> {
    ends_later(input.until, tx.now)?;
    let now = tx.now;
    let before = sql::user_lock(tx.conn(), id, now).await?;
    if before.status == UserStatus::Erased {
        return Err(invalid_transition().detail("The user was erased and cannot be banned."));
    }
    ban(tx, &before, &input.reason, input.until).await
}

/// Ban several end users
///
/// At most 200, with the same reason and duration. Returns the result for each in one page, or 422 if none can be
/// banned.
#[operation(POST "/users/bulk-ban", staff = UsersModerate)]
pub async fn users_bulk_ban(tx: &mut Tx, input: BulkBan) -> Result<Page<BanOutcome>> {
    ends_later(input.until, tx.now)?;
    let now = tx.now;
    let mut outcomes = Vec::with_capacity(input.ids.len());
    // In the order of their ids, so that two such calls never wait for each other in a circle.
    for id in &input.ids {
        let result = match sql::user_lock(tx.conn(), *id, now).await {
            Err(error) if error.status() == 404 => BanResult::NotFound,
            Err(error) => return Err(error),
            Ok(before) if before.status == UserStatus::Erased => BanResult::Erased,
            Ok(before) => {
                ban(tx, &before, &input.reason, input.until).await?;
                BanResult::Banned
            }
        };
        outcomes.push(BanOutcome { id: *id, result });
    }
    if outcomes.iter().all(|outcome| outcome.result != BanResult::Banned) {
        return Err(invalid_input().field("ids", "contains nobody who can be banned"));
    }
    Ok(outcomes.into())
}

#[cfg(feature = "ssr")]
fn ends_later(until: Option<Timestamp>, now: Timestamp) -> Result<()> {
    match until {
        Some(until) if until <= now => Err(invalid_input().field("until", "must be in the future")),
        _ => Ok(()),
    }
}

#[cfg(feature = "ssr")]
async fn ban(tx: &mut Tx, before: &User, reason: &Reason, until: Option<Timestamp>) -> Result<User> {
    let (id, now, by) = (before.id, tx.now, tx.actor());
    sql::user_ban(tx.conn(), id, reason.as_str(), until, by, now).await?;
    end_users::end_all(tx, id, "banned", None).await?;
    end_users::note(tx, id, "banned", json!({ "until": until })).await?;
    let after = sql::user_find(tx.conn(), id, now).await?;
    tx.audit("user.banned", before, &after).reason(reason.as_str());
    tx.emit(&UserBanned { user_id: id, until });
    Ok(after)
}

/// Lift a ban
#[operation(POST "/users/{id}/unban", staff = UsersModerate, errors(invalid_transition))]
pub async fn user_unban(tx: &mut Tx, id: EndUserId, input: UserReason) -> Result<User> {
    let (now, by) = (tx.now, tx.actor());
    let before = sql::user_lock(tx.conn(), id, now).await?;
    if before.status != UserStatus::Banned {
        return Err(is_now("end user", before.status.as_str()));
    }
    sql::user_unban(tx.conn(), id, by, now).await?;
    end_users::note(tx, id, "unbanned", json!({})).await?;
    let after = sql::user_find(tx.conn(), id, now).await?;
    tx.audit("user.unbanned", &before, &after).reason(input.reason.as_str());
    tx.emit(&UserUnbanned { user_id: id });
    Ok(after)
}

/// Reset an end user's second factor
///
/// For someone who has lost their authenticator. They are signed out everywhere and sign in by phone only until they
/// set up a new one.
#[operation(POST "/users/{id}/reset-2fa", staff = UsersModerate, errors(two_factor_not_enabled, invalid_transition))]
pub async fn user_reset_second_factor(tx: &mut Tx, id: EndUserId, input: UserReason) -> Result<User> {
    let now = tx.now;
    let before = sql::user_lock(tx.conn(), id, now).await?;
    if !before.totp_enabled {
        return Err(two_factor_not_enabled());
    }
    sql::totp_set(tx.conn(), id, None, None, None).await?;
    let ended = end_users::end_all(tx, id, "second_factor_reset", None).await?;
    end_users::note(tx, id, "totp.reset", json!({})).await?;
    let after = sql::user_find(tx.conn(), id, now).await?;
    tx.audit("user.second_factor_reset", &before, &after).reason(input.reason.as_str()).note("sessions_ended", ended);
    Ok(after)
}
