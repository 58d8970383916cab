use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::access::EndUserId;
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::{AttendeeId, PassedTicket};

/// Who has passed a ticket on to this guest; `None` where nobody did, or who has no name or shows it to nobody.
pub async fn giver_of(db: &mut PgConnection, taker: AttendeeId) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        r#"select coalesce(giver.guest_name, case when s.profile_visibility <> 'nobody' then nullif(p.name, '') end)
           from event_attendees taker
           join event_attendees giver on giver.id = taker.transferred_from
           left join user_profiles p on p.user_id = giver.user_id
           left join privacy_settings s on s.user_id = giver.user_id
           where taker.id = $1"#,
        taker.0,
    );
    Ok(name.fetch_optional(db).await?.flatten())
}

/// Tickets that somebody has passed on, the latest first.
pub async fn passed_by(db: &mut impl Db, user: EndUserId, paging: &Paging) -> Result<Page<PassedTicket>> {
    let keyset = paging.keyset(db.cx(), ("taker.created_at", "timestamptz", true), "passed", user)?;
    let mut query = QueryBuilder::<Postgres>::new(
        "select taker.id, taker.created_at, taker.event_id, taker.ticket_type,
                e.title, e.slug, coalesce(taker.guest_name, case when s.profile_visibility <> 'nobody' then nullif(p.name, '') end,
                         'somebody') as to_name,
                taker.guest_email
         from event_attendees giver
         join event_attendees taker on taker.transferred_from = giver.id
         join events e on e.id = taker.event_id
         left join user_profiles p on p.user_id = taker.user_id
         left join privacy_settings s on s.user_id = taker.user_id
         where giver.user_id = ",
    );
    query.push_bind(user);
    let passed = |row: &PgRow| -> sqlx::Result<PassedTicket> {
        Ok(PassedTicket {
            attendee_id: row.try_get("id")?,
            event_id: row.try_get("event_id")?,
            event_title: row.try_get("title")?,
            event_slug: row.try_get("slug")?,
            ticket_type: row.try_get("ticket_type")?,
            to_name: row.try_get("to_name")?,
            to_email: row.try_get::<Option<String>, _>("guest_email")?.as_deref().and_then(beginning),
            passed_at: row.try_get("created_at")?,
        })
    };
    keyset.rows(db, query, "taker.id").await?.page_by(passed, |passed| (passed.passed_at, passed.attendee_id.0))
}

/// Enough to know it again for whoever typed it; the organiser may have, for somebody else.
fn beginning(email: &str) -> Option<String> {
    email.split_once('@').map(|(mailbox, _)| format!("{mailbox}@…"))
}
