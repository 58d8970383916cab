//! The operations of notifications: everybody's own.

use operation::operation;

use super::{
    Notification, NotificationFilter, NotificationSettings, NotificationSettingsInput, ReadNotifications, Unread,
};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::{KINDS, Kind, KindSetting, sql},
    crate::events::zones,
    crate::kernel::caller::Caller,
    crate::kernel::context::{Db, Reader, Tx},
    crate::kernel::error::{forbidden, invalid_input},
    uuid::Uuid,
};

/// The person who calls; keys and phones are told nothing.
#[cfg(feature = "ssr")]
fn me(caller: &Caller) -> Result<Uuid> {
    let staff = caller.staff().map(|staff| staff.id.0);
    staff.or(caller.end_user().map(|user| user.id.0)).ok_or_else(forbidden)
}

/// List what the caller was told, the newest first
#[operation(GET "/notifications", staff, end_user)]
pub async fn notification_list(db: &mut Reader, query: NotificationFilter) -> Result<Page<Notification>> {
    let me = me(&db.caller)?;
    sql::list(db, me, &query).await
}

/// Count what the caller has not read
#[operation(GET "/notifications/unread", staff, end_user)]
pub async fn notification_unread(db: &mut Reader) -> Result<Unread> {
    let me = me(&db.caller)?;
    Ok(Unread { unread: sql::unread(db.conn(), me).await? })
}

/// Mark notifications as read
///
/// Others' are left as they are. Answers how many are unread then.
#[operation(POST "/notifications/read", staff, end_user, audit = none("whether somebody has read something is theirs alone"))]
pub async fn notification_read(tx: &mut Tx, input: ReadNotifications) -> Result<Unread> {
    let me = me(&tx.caller)?;
    let ids: Option<Vec<Uuid>> = input.ids.map(|ids| ids.into_iter().map(|id| id.0).collect());
    sql::read(tx.conn(), me, ids.as_deref()).await?;
    Ok(Unread { unread: sql::unread(tx.conn(), me).await? })
}

/// The kinds that concern the caller.
#[cfg(feature = "ssr")]
fn kinds(caller: &Caller) -> impl Iterator<Item = &'static Kind> {
    let holds = |kind: &Kind| kind.permission.is_some_and(|permission| caller.scope_for(permission).is_some());
    KINDS.iter().filter(move |kind| if caller.staff().is_some() { holds(kind) } else { kind.end_users })
}

#[cfg(feature = "ssr")]
async fn settings(db: &mut impl Db, caller: &Caller) -> Result<NotificationSettings> {
    let me = me(caller)?;
    let chosen = sql::preferences(db.conn(), me).await?;
    let says = |kind: &str, channel: &str| {
        chosen.iter().find(|one| one.kind == kind && one.channel == channel).map(|one| one.enabled)
    };
    let by_email = |kind: &Kind| caller.staff().and(kind.email).map(|usual| says(kind.kind, "email").unwrap_or(usual));
    let kinds = kinds(caller).map(|kind| KindSetting {
        kind: kind.kind.to_owned(),
        title: kind.title.to_owned(),
        in_app: says(kind.kind, "in_app").unwrap_or(true),
        email: by_email(kind),
    });
    Ok(NotificationSettings { kinds: kinds.collect(), quiet: sql::quiet(db.conn(), me).await? })
}

/// Show how the caller is told of things
#[operation(GET "/notifications/settings", staff, end_user)]
pub async fn notification_settings(db: &mut Reader) -> Result<NotificationSettings> {
    let caller = db.caller.clone();
    settings(db, &caller).await
}

/// Choose how the caller is told of things
///
/// What is not told in Eventify is kept, but neither listed nor counted. Emails that fall into the quiet hours are sent
/// when they end, unless their reader has seen the notification by then.
#[operation(PUT "/notifications/settings", staff, end_user, audit = none("how somebody wants to be told is theirs alone"))]
pub async fn notification_settings_set(tx: &mut Tx, input: NotificationSettingsInput) -> Result<NotificationSettings> {
    let caller = tx.caller.clone();
    let me = me(&caller)?;
    let zone = input.quiet_timezone.map_or_else(|| "UTC".to_owned(), String::from);
    if let (Some(from), Some(until)) = (&input.quiet_from, &input.quiet_until) {
        if !zones::names(tx.conn()).await?.contains(&zone) {
            return Err(invalid_input().field("quiet_timezone", "must be a time zone such as Asia/Kolkata"));
        }
        sql::quiet_set(tx, me, (from.as_str(), until.as_str(), &zone)).await?;
    } else {
        sql::quiet_end(tx.conn(), me).await?;
    }
    let mut chosen = Vec::new();
    for kind in kinds(&caller) {
        chosen.push((kind.kind, "in_app", input.in_app.iter().any(|one| one == kind.kind)));
        if kind.email.is_some() && caller.staff().is_some() {
            chosen.push((kind.kind, "email", input.email.iter().any(|one| one == kind.kind)));
        }
    }
    sql::preferences_set(tx, me, &chosen).await?;
    settings(tx, &caller).await
}
