//! The calling end user's own profile, and what there is to be interested in. [004 USER_PROFILE]

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::people::{Interest, MyProfile, MyProfilePatch};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::access::end_users,
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_input, same_version, unknown_reference},
    },
    crate::people::{email_proof, events::ProfileUpdated, sql},
    serde_json::json,
};

/// List interests
#[operation(GET "/interests", public)]
pub async fn interest_list(db: &mut Reader, query: Paging) -> Result<Page<Interest>> {
    let rows = sql::interest_list(db.conn()).await?;
    query.cut(db, "interests", (), rows, |interest| interest.id.0)
}

/// Get your profile
#[operation(GET "/me", end_user)]
pub async fn my_profile(db: &mut Reader) -> Result<MyProfile> {
    let me = rules::me(db)?;
    rules::profile(db, me).await
}

/// Update your profile
///
/// Interests are replaced as a whole. Use the picture operations for pictures. A new email address must be confirmed
/// with the link sent to it; until then, links in emails ask for your phone number.
#[operation(PATCH "/me", end_user, errors(conflict, unknown_reference))]
pub async fn my_profile_update(tx: &mut Tx, input: MyProfilePatch) -> Result<MyProfile> {
    let (me, now) = (rules::me(tx)?, tx.now);
    sql::account_lock(tx.conn(), me).await?;
    let before = rules::profile(tx, me).await?;
    same_version(input.version, before.version, &before)?;
    let mut after = before;
    let known = after.email.clone();
    if let Some(name) = input.name {
        after.name = name.to_string();
    }
    if let Some(bio) = input.bio {
        after.bio = bio.to_string();
    }
    if let Some(location) = input.location {
        after.location = location.to_string();
    }
    after.email = match input.email {
        crate::kernel::patch::Patch::Absent => after.email,
        given => given.apply(None).map(String::from),
    };
    after.birth_date = input.birth_date.apply(after.birth_date);
    after.gender = input.gender.apply(after.gender);
    if after.birth_date.is_some_and(|day| !day.is_before(now)) {
        return Err(invalid_input().field("birth_date", "must be in the past"));
    }
    sql::profile_update(tx.conn(), &after).await?;
    if let Some(interests) = input.interests
        && !sql::interests_set(tx.conn(), me, &interests, now).await?
    {
        return Err(unknown_reference().field("interests", "contains an interest that does not exist"));
    }
    if after.email != known {
        end_users::note(tx, me, "email.changed", json!({})).await?;
        email_proof::ask(tx, me, after.email.as_deref()).await?;
    }
    tx.emit(&ProfileUpdated { user_id: me });
    rules::profile(tx, me).await
}
