//! What others may see of the calling end user. [002 privacy_settings]

use operation::operation;

use crate::kernel::error::Result;
use crate::people::{PrivacyPatch, PrivacySettings};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::same_version,
    },
    crate::people::{events::ProfileUpdated, sql},
};

/// Get your privacy settings
#[operation(GET "/me/privacy", end_user)]
pub async fn my_privacy(db: &mut Reader) -> Result<PrivacySettings> {
    let me = rules::me(db)?;
    sql::settings_find(db.conn(), me).await
}

/// Update your privacy settings
#[operation(PATCH "/me/privacy", end_user, errors(conflict))]
pub async fn my_privacy_update(tx: &mut Tx, input: PrivacyPatch) -> Result<PrivacySettings> {
    let me = rules::me(tx)?;
    sql::account_lock(tx.conn(), me).await?;
    let mut after = sql::settings_find(tx.conn(), me).await?;
    same_version(input.version, after.version, &after)?;
    after.profile_visibility = input.profile_visibility.unwrap_or(after.profile_visibility);
    after.show_location = input.show_location.unwrap_or(after.show_location);
    after.show_age = input.show_age.unwrap_or(after.show_age);
    after.show_attendance = input.show_attendance.unwrap_or(after.show_attendance);
    after.invites_from = input.invites_from.unwrap_or(after.invites_from);
    after.marketing = input.marketing.unwrap_or(after.marketing);
    after.analytics = input.analytics.unwrap_or(after.analytics);
    sql::settings_update(tx.conn(), me, &after).await?;
    tx.emit(&ProfileUpdated { user_id: me });
    sql::settings_find(tx.conn(), me).await
}
