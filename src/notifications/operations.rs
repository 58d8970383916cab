//! The operations of notifications: everybody's own.

use operation::operation;

use super::{
    NewPushDevice, Notification, NotificationFilter, NotificationSettings, NotificationSettingsInput, PushDevice,
    PushDeviceId, ReadNotifications, Unread,
};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    super::push::{Browser, Sender},
    super::{KINDS, Kind, KindSetting, sql},
    crate::kernel::caller::Caller,
    crate::kernel::context::{Db, Reader, Tx},
    crate::kernel::error::{forbidden, invalid_input},
    crate::zones,
    uuid::Uuid,
};

/// The person who calls; keys and phones are told nothing.
#[cfg(feature = "ssr")]
fn me(caller: &Caller) -> Result<Uuid> {
    let staff = caller.staff().map(|staff| staff.id.0);
    staff.or(caller.end_user().map(|user| user.id.0)).ok_or_else(forbidden)
}

/// List your notifications
///
/// Newest first.
#[operation(GET "/notifications", staff, end_user)]
pub async fn notification_list(db: &mut Reader, query: NotificationFilter) -> Result<Page<Notification>> {
    let me = me(&db.caller)?;
    sql::list(db, me, &query).await
}

/// Count your unread notifications
#[operation(GET "/notifications/unread", staff, end_user)]
pub async fn notification_unread(db: &mut Reader) -> Result<Unread> {
    let (me, now) = (me(&db.caller)?, db.now);
    Ok(Unread { unread: sql::unread(db.conn(), me, Some(now)).await? })
}

/// Mark notifications as read
///
/// Notifications of other people are ignored. Returns the number still unread.
#[operation(POST "/notifications/read", staff, end_user, audit = none("whether somebody has read something is theirs alone"))]
pub async fn notification_read(tx: &mut Tx, input: ReadNotifications) -> Result<Unread> {
    let me = me(&tx.caller)?;
    let ids: Option<Vec<Uuid>> = input.ids.map(|ids| ids.into_iter().map(|id| id.0).collect());
    let now = tx.now;
    sql::read(tx.conn(), me, ids.as_deref()).await?;
    Ok(Unread { unread: sql::unread(tx.conn(), me, Some(now)).await? })
}

/// The kinds that concern the caller.
#[cfg(feature = "ssr")]
async fn kinds(db: &mut impl Db, caller: &Caller) -> Result<Vec<&'static Kind>> {
    let now = db.cx().now;
    let Some(staff) = caller.staff() else { return Ok(KINDS.iter().filter(|kind| kind.end_users).collect()) };
    let heard = sql::heard(db.conn(), staff.id.0, Some(now)).await?;
    Ok(KINDS.iter().filter(|kind| heard.iter().any(|heard| heard == kind.kind)).collect())
}

#[cfg(feature = "ssr")]
async fn settings(db: &mut impl Db, caller: &Caller) -> Result<NotificationSettings> {
    let me = me(caller)?;
    let chosen = sql::preferences(db.conn(), me).await?;
    let says = |kind: &str, channel: &str| {
        chosen.iter().find(|one| one.kind == kind && one.channel == channel).map(|one| one.enabled)
    };
    let push_key = Sender::of(&db.cx().app().keys)?.public_key();
    let by_email = |kind: &Kind| caller.staff().and(kind.email).map(|usual| says(kind.kind, "email").unwrap_or(usual));
    let kinds = kinds(db, caller).await?;
    let kinds = kinds.into_iter().map(|kind| KindSetting {
        kind: kind.kind.to_owned(),
        title: kind.title.to_owned(),
        in_app: says(kind.kind, "in_app").unwrap_or(true),
        email: by_email(kind),
        push: says(kind.kind, "push").unwrap_or(true),
    });
    let (kinds, session) = (kinds.collect(), session(caller)?);
    let (quiet, devices) = (sql::quiet(db.conn(), me).await?, sql::devices(db.conn(), me, session).await?);
    Ok(NotificationSettings { kinds, quiet, push_key, devices })
}

/// Get your notification settings
#[operation(GET "/notifications/settings", staff, end_user)]
pub async fn notification_settings(db: &mut Reader) -> Result<NotificationSettings> {
    let caller = db.caller.clone();
    settings(db, &caller).await
}

/// Update your notification settings
///
/// Notifications turned off in Eventify are stored but neither listed nor counted. Emails and push messages during
/// quiet hours are sent when they end, unless the notification has been read by then. Kinds that do not concern the
/// caller are rejected.
#[operation(PUT "/notifications/settings", staff, end_user, audit = none("how somebody wants to be told is theirs alone"))]
pub async fn notification_settings_set(tx: &mut Tx, input: NotificationSettingsInput) -> Result<NotificationSettings> {
    let caller = tx.caller.clone();
    let me = me(&caller)?;
    let zone = input.quiet_timezone.map_or_else(|| "UTC".to_owned(), String::from);
    if !zones::names(tx.conn()).await?.contains(&zone) {
        return Err(invalid_input().field("quiet_timezone", "must be a time zone such as Asia/Kolkata"));
    }
    let by_email = |kind: &&&Kind| kind.email.is_some() && caller.staff().is_some();
    let kinds = kinds(tx, &caller).await?;
    let told = kinds.iter().map(|kind| kind.kind).collect::<Vec<_>>();
    let mailed = kinds.iter().filter(by_email).map(|kind| kind.kind).collect::<Vec<_>>();
    let push = input.push.as_ref().map(|push| ("push", push, &told));
    let mut chosen = Vec::new();
    for (channel, wanted, offered) in
        [("in_app", &input.in_app, &told), ("email", &input.email, &mailed)].into_iter().chain(push)
    {
        if let Some(foreign) = wanted.iter().find(|kind| !offered.contains(&kind.as_str())) {
            let right = if offered.is_empty() { "none".to_owned() } else { offered.join(", ") };
            return Err(
                invalid_input().field(channel, format!("{foreign} cannot be chosen here; choose from: {right}"))
            );
        }
        chosen.extend(offered.iter().map(|kind| (*kind, channel, wanted.iter().any(|one| one == kind))));
    }
    match (&input.quiet_from, &input.quiet_until) {
        (Some(from), Some(until)) => sql::quiet_set(tx, me, (from.as_str(), until.as_str(), &zone)).await?,
        _ => sql::quiet_end(tx.conn(), me).await?,
    }
    sql::preferences_set(tx, me, &chosen).await?;
    settings(tx, &caller).await
}

/// The sign-in that the caller calls with.
#[cfg(feature = "ssr")]
fn session(caller: &Caller) -> Result<Uuid> {
    let staff = caller.staff().map(|staff| staff.session.0);
    staff.or(caller.end_user().map(|user| user.session.0)).ok_or_else(forbidden)
}

/// Turn on push messages for this browser
///
/// They end when you sign out. A browser receives push messages for one person at a time.
#[operation(POST "/notifications/devices", staff, end_user, status = 201,
    audit = none("where somebody is told of things is theirs alone"))]
pub async fn push_device_add(tx: &mut Tx, input: NewPushDevice) -> Result<PushDevice> {
    let (me, session) = (me(&tx.caller)?, session(&tx.caller)?);
    let app = tx.app().clone();
    let url = app.outbound.check(input.endpoint.as_str()).map_err(|why| invalid_input().field("endpoint", why))?;
    let browser = Browser::read(&input)?;
    sql::device_set(tx, (me, session), url.host_str().unwrap_or_default(), &browser.seal(&app.keys)?).await
}

/// Turn off push messages for one of your browsers
#[operation(DELETE "/notifications/devices/{id}", staff, end_user,
    audit = none("where somebody is told of things is theirs alone"))]
pub async fn push_device_remove(tx: &mut Tx, id: PushDeviceId) -> Result<()> {
    let me = me(&tx.caller)?;
    sql::device_remove(tx.conn(), me, id).await
}
