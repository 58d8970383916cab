//! All SQL of notifications.

mod concerned;
mod push;
mod settings;

pub use concerned::*;
pub use push::*;
pub use settings::*;

use serde_json::{Value, json};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use time::Time;
use uuid::Uuid;

use super::{KINDS, NoticeSeverity, Notification, NotificationFilter, NotificationId, SEEN_TO};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paging};
use crate::kernel::timestamp::Timestamp;

/// The kinds that a team member is told of: those for which they hold the permission somewhere, none while a role of theirs
/// waits for a second factor. Without a time assignments that have run out count too.
pub async fn heard(db: &mut PgConnection, staff: Uuid, at: Option<Timestamp>) -> Result<Vec<String>> {
    let of_team = || KINDS.iter().filter(|kind| kind.email.is_some());
    let kinds: Vec<&str> = of_team().map(|kind| kind.kind).collect();
    let codes: Vec<&str> = of_team().map(|kind| kind.permission.map_or("", |permission| permission.code())).collect();
    let heard = sqlx::query_scalar!(
        r#"with open as (
               select a.role_id, a.partner_id from user_role_assignments a
               where a.user_id = $1 and a.revoked_at is null
                     and ($2::timestamptz is null or a.expires_at is null or a.expires_at > $2))
           select k.kind as "kind!" from unnest($3::text[], $4::text[]) k (kind, permission)
           where (k.permission = '' or exists (
                      select from open o join role_permissions r on r.role_id = o.role_id
                      where r.permission_id = k.permission
                            and not exists (select from partners p where p.id = o.partner_id and p.status = 'suspended')))
                 and exists (select from admin_users u where u.id = $1 and u.status = 'active'
                             and (u.totp_enabled_at is not null
                                  or not exists (select from open o join roles r on r.id = o.role_id
                                                 where r.requires_2fa)))"#,
        staff,
        at.map(|at| at.0),
        &kinds as &[&str],
        &codes as &[&str],
    );
    Ok(heard.fetch_all(db).await?)
}

/// The notifications of one person: of a team member's those of kinds they are told of now.
pub async fn list(db: &mut impl Db, of: Uuid, filter: &NotificationFilter) -> Result<Page<Notification>> {
    let at = db.cx().now;
    let heard = heard(db.conn(), of, Some(at)).await?;
    let paging = Paging { cursor: filter.cursor.clone(), limit: filter.limit };
    let unread = filter.unread == Some(true);
    let kept = (of, unread, filter.open);
    let keyset = paging.keyset(db.cx(), ("created_at", "timestamptz", true), "notifications", kept)?;
    let mut query = QueryBuilder::<Postgres>::new(
        "select id, type, severity, title, message, reference_type, reference_id, metadata, is_read, created_at,
                -- whose ticket it was: the name is theirs to be erased, so that none is kept here
                (select coalesce(a.guest_name, nullif(p.name, '')) from checkin_conflicts x
                 join tickets k on k.id = x.ticket_id join event_attendees a on a.id = k.attendee_id
                 left join user_profiles p on p.user_id = a.user_id
                 where x.id = case reference_type when 'checkin_conflict' then nullif(reference_id, '')::uuid end) as guest,
                (select e.title from events e where e.id = case notifications.reference_type
                     when 'event' then nullif(notifications.reference_id, '')::uuid
                     when 'checkin_conflict' then
                         (select x.event_id from checkin_conflicts x where x.id = notifications.reference_id::uuid)
                     when 'event_request' then
                         (select r.event_id from event_requests r where r.id = notifications.reference_id::uuid)
                     when 'dispute' then
                         (select o.event_id from disputes d join payments p on p.id = d.payment_id
                          join payment_orders o on o.id = p.order_id where d.id = notifications.reference_id::uuid)
                 end) as event,
                d.outcome, d.minor as disputed_minor, d.currency as disputed_currency,
                (select d.due_at from disputes d where d.status = 'opened' and d.id = case notifications.reference_type
                     when 'dispute' then notifications.reference_id::uuid end) as due_at
         from notifications
         left join lateral (
             select d.status as outcome, d.amount_minor as minor, p.currency::text as currency
             from disputes d join payments p on p.id = d.payment_id
             where d.status <> 'opened' and d.id = case notifications.reference_type
                   when 'dispute' then notifications.reference_id::uuid end) d on true
         where not muted and recipient_id = ",
    );
    query.push_bind(of);
    query.push(" and (recipient_kind = 'end_user' or type = any(").push_bind(heard).push("))");
    if unread {
        query.push(" and not is_read");
    }
    if let Some(open) = filter.open {
        query.push(" and (metadata->'settled' is null and (not is_read or type = any(").push_bind(SEEN_TO);
        query.push("))) = ").push_bind(open);
    }
    let one = |row: &sqlx::postgres::PgRow| -> sqlx::Result<Notification> {
        let severity: String = row.try_get("severity")?;
        let metadata: Value = row.try_get("metadata")?;
        let outcome: Option<String> = row.try_get("outcome")?;
        let told: String = row.try_get("title")?;
        let disputed = || -> Option<Money> {
            let currency: String = row.try_get("disputed_currency").ok()?;
            Money::stored(row.try_get("disputed_minor").ok()?, &currency).ok()
        };
        // What was told of a dispute says how it ended, once it has.
        let ended = outcome.as_deref().filter(|outcome| *outcome != "under_review").zip(disputed());
        let title = ended.map_or(told, |(outcome, money)| format!("Dispute {outcome}: {}", money.display()));
        let guest: Option<String> = row.try_get("guest")?;
        Ok(Notification {
            id: NotificationId(row.try_get("id")?),
            kind: row.try_get("type")?,
            severity: NoticeSeverity::of(&severity),
            title: guest.into_iter().chain([title]).collect::<Vec<_>>().join(" · "),
            message: row.try_get("message")?,
            reference_type: row.try_get("reference_type")?,
            reference_id: row.try_get("reference_id")?,
            href: metadata["href"].as_str().map(str::to_owned),
            settled: metadata["settled"] == true,
            outcome,
            event: row.try_get("event")?,
            due_at: row.try_get::<Option<time::OffsetDateTime>, _>("due_at")?.map(Timestamp),
            is_read: row.try_get("is_read")?,
            created_at: row.try_get("created_at")?,
        })
    };
    keyset.rows(db, query, "id").await?.page_by(one, |one| (one.created_at, one.id.0))
}

/// How many of [`list`] one person has not read.
pub async fn unread(db: &mut PgConnection, of: Uuid, at: Option<Timestamp>) -> Result<i64> {
    let heard = heard(db, of, at).await?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from notifications
           where recipient_id = $1 and not is_read and not muted
                 and (recipient_kind = 'end_user' or type = any($2))"#,
        of,
        &heard,
    );
    Ok(count.fetch_one(db).await?)
}

/// Marks these of one person's as read, or all of them.
pub async fn read(db: &mut PgConnection, of: Uuid, ids: Option<&[Uuid]>) -> Result<()> {
    sqlx::query!(
        "update notifications set is_read = true
         where recipient_id = $1 and not is_read and ($2::uuid[] is null or id = any($2))",
        of,
        ids,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What somebody is to be told.
pub struct Notice {
    pub kind: &'static str,
    pub severity: NoticeSeverity,
    pub title: String,
    pub message: String,
    /// The kind of record it is about, and its id.
    pub about: (&'static str, String),
    pub href: String,
}

/// A notification that goes to somebody by something else than the bell as well.
pub struct Due {
    pub notification: Uuid,
    /// The browser, of a push message; else it is an email.
    pub device: Option<Uuid>,
    /// Who carries push messages there.
    pub service: Option<String>,
    /// Whose it is.
    pub address: String,
    /// When they want to be left alone.
    pub quiet: Option<Quiet>,
}

/// Quiet hours as they are kept: from, until, and by whose clocks.
#[derive(Clone)]
pub struct Quiet {
    pub starts: Time,
    pub ends: Time,
    pub timezone: String,
}

impl Quiet {
    fn of(starts: Option<Time>, ends: Option<Time>, timezone: Option<String>) -> Option<Quiet> {
        Some(Quiet { starts: starts?, ends: ends?, timezone: timezone? })
    }
}

/// Tells each of them, once for this event, but not who brought it about: nobody is told of their own doing. Answers what
/// goes by email and to browsers as well.
pub async fn tell(
    db: &mut PgConnection,
    staff: bool,
    who: &[Uuid],
    notice: &Notice,
    event: Uuid,
    at: Timestamp,
) -> Result<Vec<Due>> {
    let ids: Vec<Uuid> = who.iter().map(|_| NotificationId::new().0).collect();
    let by_email = KINDS.iter().find(|kind| kind.kind == notice.kind).and_then(|kind| kind.email).filter(|_| staff);
    let due = sqlx::query!(
        r#"with told as (
               insert into notifications (id, recipient_id, recipient_kind, sender_id, type, severity, title, message,
                                          reference_type, reference_id, metadata, dedupe_key, created_at, muted)
               select n.id, n.who, $3, o.created_by, $5, $6, $7, $8, $9, $10, $11, $4::uuid::text, $12,
                      not coalesce(p.enabled, true)
               from unnest($1::uuid[], $2::uuid[]) n(id, who) join outbox_events o on o.id = $4
               left join notification_preferences p
                    on p.recipient_id = n.who and p.type = $5 and p.channel = 'in_app'
               where n.who is distinct from o.created_by
               on conflict (recipient_id, type, dedupe_key) do nothing
               returning id, recipient_id),
           wanted as (
               select t.id, t.recipient_id, null::uuid as device, null::text as service from told t
               left join notification_preferences p
                    on p.recipient_id = t.recipient_id and p.type = $5 and p.channel = 'email'
               where coalesce(p.enabled, $13::boolean, false)
               union all
               select t.id, t.recipient_id, s.id, s.service from told t
               join push_subscriptions s on s.recipient_id = t.recipient_id
               left join notification_preferences p
                    on p.recipient_id = t.recipient_id and p.type = $5 and p.channel = 'push'
               where coalesce(p.enabled, true))
           select w.id as "notification!", w.device as "device?", w.service as "service?",
                  coalesce(u.email, e.phone, e.email, '') as "address!",
                  h.starts as "starts?", h.ends as "ends?", h.timezone as "timezone?"
           from wanted w
           left join admin_users u on $3 = 'staff' and u.id = w.recipient_id
           left join end_users e on $3 = 'end_user' and e.id = w.recipient_id
           left join quiet_hours h on h.recipient_id = w.recipient_id"#,
        &ids,
        who,
        if staff { "staff" } else { "end_user" },
        event,
        notice.kind,
        notice.severity.as_str(),
        notice.title,
        notice.message,
        notice.about.0,
        notice.about.1,
        json!({ "href": notice.href }),
        at.0,
        by_email,
    );
    let due = due.fetch_all(db).await?.into_iter().map(|row| Due {
        notification: row.notification,
        device: row.device,
        service: row.service,
        address: row.address,
        quiet: Quiet::of(row.starts, row.ends, row.timezone),
    });
    Ok(due.collect())
}

/// What stands in the way of something that is queued to go by this channel.
pub struct Standing {
    pub kind: String,
    pub recipient: Uuid,
    pub of_team: bool,
    pub is_read: bool,
    /// What they chose for it; none where they chose nothing.
    pub enabled: Option<bool>,
    pub quiet: Option<Quiet>,
}

/// How it stands now; none where its notification was erased.
pub async fn standing(db: &mut PgConnection, queued: Uuid, channel: &str) -> Result<Option<Standing>> {
    let row = sqlx::query!(
        r#"select n.type as kind, n.recipient_id, n.recipient_kind = 'staff' as "of_team!", n.is_read,
                  p.enabled as "enabled?", h.starts as "starts?", h.ends as "ends?", h.timezone as "timezone?"
           from notification_queue q join notifications n on n.id = q.notification_id
           left join notification_preferences p
                on p.recipient_id = n.recipient_id and p.type = n.type and p.channel = $2
           left join quiet_hours h on h.recipient_id = n.recipient_id
           where q.id = $1"#,
        queued,
        channel,
    );
    Ok(row.fetch_optional(db).await?.map(|row| Standing {
        kind: row.kind,
        recipient: row.recipient_id,
        of_team: row.of_team,
        is_read: row.is_read,
        enabled: row.enabled,
        quiet: Quiet::of(row.starts, row.ends, row.timezone),
    }))
}

/// Nobody needs to see to it any more: whoever has not read of it need not, and it says so.
pub async fn settled(db: &mut PgConnection, kind: &str, about: &str) -> Result<()> {
    sqlx::query!(
        r#"update notifications set is_read = true, metadata = metadata || '{"settled": true}'
           where type = $1 and reference_id = $2 and (not is_read or metadata->'settled' is null)"#,
        kind,
        about
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A notification that is to go by email, with whom it greets.
pub struct Queued {
    pub status: String,
    pub kind: String,
    pub title: String,
    pub message: String,
    pub href: String,
    /// None where the account is not active any more.
    pub email: Option<String>,
    pub name: Option<String>,
}

/// What is queued, locked; none where its notification was erased.
pub async fn queued(db: &mut PgConnection, id: Uuid) -> Result<Option<Queued>> {
    Ok(sqlx::query_as!(
        Queued,
        r#"select q.status, n.type as kind, n.title, n.message,
                  coalesce(n.metadata->>'href', '/notifications') as "href!",
                  u.email as "email?", u.full_name as "name?"
           from notification_queue q join notifications n on n.id = q.notification_id
           left join admin_users u on u.id = n.recipient_id and n.recipient_kind = 'staff' and u.status = 'active'
           where q.id = $1 for no key update of q"#,
        id
    )
    .fetch_optional(db)
    .await?)
}

/// Says what became of it.
pub async fn queued_end(db: &mut PgConnection, id: Uuid, status: &str, reason: Option<&str>) -> Result<()> {
    sqlx::query!("update notification_queue set status = $2, reason = $3 where id = $1", id, status, reason)
        .execute(db)
        .await?;
    Ok(())
}

/// What somebody was told and chose, for their own export.
pub async fn gather(db: &mut PgConnection, user: Uuid) -> Result<Value> {
    let chosen = sqlx::query_scalar!(
        r#"select jsonb_build_object('type', type, 'channel', channel, 'enabled', enabled) as "row!"
           from notification_preferences where recipient_id = $1 order by type, channel"#,
        user
    );
    let chosen = chosen.fetch_all(&mut *db).await?;
    let quiet = quiet(db, user).await?;
    let rows = sqlx::query_scalar!(
        r#"select jsonb_build_object('type', type, 'title', title, 'message', message, 'is_read', is_read,
                                     'created_at', created_at) as "row!"
           from notifications where recipient_id = $1 order by created_at, id"#,
        user
    );
    let rows = rows.fetch_all(&mut *db).await?;
    let devices = sqlx::query_scalar!(
        r#"select jsonb_build_object('name', name, 'service', service, 'created_at', created_at) as "row!"
           from push_subscriptions where recipient_id = $1 order by created_at, id"#,
        user
    );
    let devices = devices.fetch_all(db).await?;
    Ok(json!({ "notifications": rows, "preferences": chosen, "quiet_hours": quiet, "devices": devices }))
}

/// Forgets what somebody was told, and what others were told of them by name.
pub async fn erase(db: &mut PgConnection, user: Uuid) -> Result<Vec<Uuid>> {
    sqlx::query!("delete from notification_preferences where recipient_id = $1", user).execute(&mut *db).await?;
    sqlx::query!("delete from push_subscriptions where recipient_id = $1", user).execute(&mut *db).await?;
    quiet_end(db, user).await?;
    let own = sqlx::query_scalar!("delete from notifications where recipient_id = $1 returning id", user);
    let mut gone = own.fetch_all(&mut *db).await?;
    let of_them = sqlx::query_scalar!(
        "delete from notifications n using event_requests r
         where n.reference_type = 'event_request' and n.reference_id = r.id::text and r.requester_user_id = $1
         returning n.id",
        user
    );
    gone.extend(of_them.fetch_all(&mut *db).await?);
    let flags = sqlx::query_scalar!(
        "delete from notifications where reference_type = 'end_user' and reference_id = $1::uuid::text returning id",
        user
    );
    gone.extend(flags.fetch_all(db).await?);
    Ok(gone)
}
