//! The calling end user's own profile, and what there is to be interested in. [004 USER_PROFILE]

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::people::{Interest, MyProfile, MyProfilePatch};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_input, same_version, unknown_reference},
    },
    crate::people::{events::ProfileUpdated, sql},
};

/// What people and events may be interested in
#[operation(GET "/interests", public)]
pub async fn interest_list(db: &mut Reader, query: Paging) -> Result<Page<Interest>> {
    let rows = sql::interest_list(db.conn()).await?;
    query.cut(db, "interests", (), rows, |interest| interest.id.0)
}

/// The caller's own profile
#[operation(GET "/me", end_user)]
pub async fn my_profile(db: &mut Reader) -> Result<MyProfile> {
    let me = rules::me(db)?;
    rules::profile(db, me).await
}

/// Change the own profile
///
/// Interests are given as a whole. Pictures have operations of their own.
#[operation(PATCH "/me", end_user, errors(conflict, unknown_reference))]
pub async fn my_profile_update(tx: &mut Tx, input: MyProfilePatch) -> Result<MyProfile> {
    let (me, now) = (rules::me(tx)?, tx.now);
    sql::account_lock(tx.conn(), me).await?;
    let before = rules::profile(tx, me).await?;
    same_version(input.version, before.version, &before)?;
    let mut after = before;
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
        return Err(unknown_reference().field("interests", "holds one that is not to be had"));
    }
    tx.emit(&ProfileUpdated { user_id: me });
    rules::profile(tx, me).await
}
