//! SQL of notifications.

use serde_json::{Value, json};
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::{NoticeSeverity, Notification, NotificationFilter, NotificationId};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::kernel::timestamp::Timestamp;

/// The notifications of one person.
pub async fn list(db: &mut impl Db, of: Uuid, filter: &NotificationFilter) -> Result<Page<Notification>> {
    let paging = Paging { cursor: filter.cursor.clone(), limit: filter.limit };
    let unread = filter.unread == Some(true);
    let keyset = paging.keyset(db.cx(), ("created_at", "timestamptz", true), "notifications", (of, unread))?;
    let mut query = QueryBuilder::<Postgres>::new(
        "select id, type, severity, title, message, reference_type, reference_id, metadata, is_read, created_at
         from notifications where recipient_id = ",
    );
    query.push_bind(of);
    if unread {
        query.push(" and not is_read");
    }
    keyset.finish(&mut query, "id");
    let rows = query.build().fetch_all(db.conn()).await?;
    let one = |row: &sqlx::postgres::PgRow| -> sqlx::Result<Notification> {
        let severity: String = row.try_get("severity")?;
        let metadata: Value = row.try_get("metadata")?;
        Ok(Notification {
            id: NotificationId(row.try_get("id")?),
            kind: row.try_get("type")?,
            severity: match severity.as_str() {
                "critical" => NoticeSeverity::Critical,
                "success" => NoticeSeverity::Success,
                _ => NoticeSeverity::Info,
            },
            title: row.try_get("title")?,
            message: row.try_get("message")?,
            reference_type: row.try_get("reference_type")?,
            reference_id: row.try_get("reference_id")?,
            href: metadata["href"].as_str().map(str::to_owned),
            is_read: row.try_get("is_read")?,
            created_at: row.try_get("created_at")?,
        })
    };
    let rows = rows.iter().map(one).collect::<sqlx::Result<_>>()?;
    Ok(keyset.page_at(rows, |one: &Notification| (one.created_at, one.id.0)))
}

/// How many one person has not read.
pub async fn unread(db: &mut PgConnection, of: Uuid) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from notifications where recipient_id = $1 and not is_read"#,
        of
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

/// Tells each of them, once for this event, but not who brought it about: nobody is told of their own doing.
pub async fn tell(
    db: &mut PgConnection,
    staff: bool,
    who: &[Uuid],
    notice: &Notice,
    event: Uuid,
    at: Timestamp,
) -> Result<()> {
    let ids: Vec<Uuid> = who.iter().map(|_| NotificationId::new().0).collect();
    sqlx::query!(
        "insert into notifications (id, recipient_id, recipient_kind, sender_id, type, severity, title, message,
                                    reference_type, reference_id, metadata, dedupe_key, created_at)
         select n.id, n.who, $3, o.created_by, $5, $6, $7, $8, $9, $10, $11, $4::uuid::text, $12
         from unnest($1::uuid[], $2::uuid[]) n(id, who) join outbox_events o on o.id = $4
         where n.who is distinct from o.created_by
         on conflict (recipient_id, type, dedupe_key) do nothing",
        &ids,
        who,
        if staff { "staff" } else { "end_user" },
        event,
        notice.kind,
        notice.severity.word(),
        notice.title,
        notice.message,
        notice.about.0,
        notice.about.1,
        json!({ "href": notice.href }),
        at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Active team members who hold a permission: everywhere, at this event, or at this partner.
pub async fn holders(
    db: &mut PgConnection,
    permission: &str,
    event: Option<Uuid>,
    partner: Option<Uuid>,
    at: Timestamp,
) -> Result<Vec<Uuid>> {
    let holders = sqlx::query_scalar!(
        "select distinct a.user_id from user_role_assignments a
         join role_permissions r on r.role_id = a.role_id and r.permission_id = $1
         join admin_users u on u.id = a.user_id and u.status = 'active'
         where a.revoked_at is null and (a.expires_at is null or a.expires_at > $4)
               and (num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0 or a.event_id = $2 or a.partner_id = $3)
         order by a.user_id",
        permission,
        event,
        partner,
        at.0,
    );
    Ok(holders.fetch_all(db).await?)
}

/// An event, as far as it is spoken of.
pub struct OfEvent {
    pub title: String,
    pub slug: String,
    pub partner: Option<Uuid>,
    pub host: Option<Uuid>,
}

pub async fn event(db: &mut PgConnection, id: Uuid) -> Result<Option<OfEvent>> {
    Ok(sqlx::query_as!(
        OfEvent,
        "select title, slug, organizer_partner_id as partner, host_user_id as host from events where id = $1",
        id
    )
    .fetch_optional(db)
    .await?)
}

/// Users who are going to an event, by their account.
pub async fn going(db: &mut PgConnection, event: Uuid) -> Result<Vec<Uuid>> {
    let rows = sqlx::query_scalar!(
        r#"select distinct user_id as "user_id!" from event_attendees
           where event_id = $1 and user_id is not null and status in ('going', 'checked_in', 'cancelled')"#,
        event
    );
    Ok(rows.fetch_all(db).await?)
}

/// Who asked to come to which event.
pub async fn requester(db: &mut PgConnection, request: Uuid) -> Result<Option<(Uuid, String, i32)>> {
    let row = sqlx::query!(
        r#"select r.requester_user_id, coalesce(nullif(p.name, ''), 'A guest') as "name!", r.seats_requested
           from event_requests r left join user_profiles p on p.user_id = r.requester_user_id where r.id = $1"#,
        request
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.requester_user_id, row.name, row.seats_requested)))
}

/// Who was invited, if by their account.
pub async fn invited(db: &mut PgConnection, invite: Uuid) -> Result<Option<(Uuid, String)>> {
    let row = sqlx::query!(
        r#"select invited_user_id as "user!", message from event_invites
           where id = $1 and invited_user_id is not null"#,
        invite
    );
    Ok(row.fetch_optional(db).await?.map(|row| (row.user, row.message)))
}

/// Who waits for seats.
pub async fn waits(db: &mut PgConnection, entry: Uuid) -> Result<Option<(Uuid, i32)>> {
    let row = sqlx::query!("select user_id, seats from waiting_list_entries where id = $1", entry);
    Ok(row.fetch_optional(db).await?.map(|row| (row.user_id, row.seats)))
}

/// What a partner is called.
pub async fn partner(db: &mut PgConnection, id: Uuid) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("select name from partners where id = $1", id).fetch_optional(db).await?)
}

/// Who paid.
pub async fn payer(db: &mut PgConnection, payment: Uuid) -> Result<Option<Uuid>> {
    let user = sqlx::query_scalar!(
        "select o.user_id from payments p join payment_orders o on o.id = p.order_id where p.id = $1",
        payment
    );
    Ok(user.fetch_optional(db).await?)
}

/// What somebody was told, for their own export.
pub async fn gather(db: &mut PgConnection, user: Uuid) -> Result<Value> {
    let rows = sqlx::query_scalar!(
        r#"select jsonb_build_object('type', type, 'title', title, 'message', message, 'is_read', is_read,
                                     'created_at', created_at) as "row!"
           from notifications where recipient_id = $1 order by created_at, id"#,
        user
    );
    Ok(json!({ "notifications": rows.fetch_all(db).await? }))
}

/// Forgets what somebody was told, and what others were told of them by name.
pub async fn erase(db: &mut PgConnection, user: Uuid) -> Result<Vec<Uuid>> {
    let own = sqlx::query_scalar!("delete from notifications where recipient_id = $1 returning id", user);
    let mut gone = own.fetch_all(&mut *db).await?;
    let of_them = sqlx::query_scalar!(
        "delete from notifications n using event_requests r
         where n.reference_type = 'event_request' and n.reference_id = r.id::text and r.requester_user_id = $1
         returning n.id",
        user
    );
    gone.extend(of_them.fetch_all(db).await?);
    Ok(gone)
}
