use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::EventId;
use crate::events::records::Recorded;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{AttendeeId, GuestMessage, MessageChannel, MessageStatus};

/// How many messages to a guest are shown.
const MESSAGES: i64 = 50;

/// Ticket types and promo codes of an event by what the audit log calls them.
pub async fn kinds_of_event(db: &mut PgConnection, event: EventId) -> Result<Vec<Recorded>> {
    let rows = sqlx::query!(
        r#"select 'ticket_type' as "kind!", id::text as "id!" from ticket_types where event_id = $1
           union all select 'promo_code', id::text from promo_codes where event_id = $1"#,
        event.0,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.kind, row.id)).collect())
}

/// The same of its guests, and of how they came to it.
pub async fn guests_of_event(db: &mut PgConnection, event: EventId) -> Result<Vec<Recorded>> {
    let rows = sqlx::query!(
        r#"select 'event_invite' as "kind!", id::text as "id!" from event_invites where event_id = $1
           union all select 'event_request', id::text from event_requests where event_id = $1
           union all select 'event_attendee', id::text from event_attendees where event_id = $1
           union all select 'ticket', id::text from tickets where event_id = $1
           union all select 'waiting_list_entry', id::text from waiting_list_entries where event_id = $1"#,
        event.0,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.kind, row.id)).collect())
}

/// A guest by what the audit log calls it, with the tickets.
pub async fn guest_objects(db: &mut PgConnection, guest: AttendeeId) -> Result<Vec<Recorded>> {
    let tickets = sqlx::query_scalar!(r#"select id::text as "id!" from tickets where attendee_id = $1"#, guest.0);
    let mut objects = vec![("event_attendee".to_owned(), guest.to_string())];
    objects.extend(tickets.fetch_all(&mut *db).await?.into_iter().map(|id| ("ticket".to_owned(), id)));
    let request = sqlx::query_scalar!(
        r#"select request_id::text as "id!" from event_attendees where id = $1 and request_id is not null"#,
        guest.0
    );
    objects.extend(request.fetch_optional(db).await?.map(|id| ("event_request".to_owned(), id)));
    Ok(objects)
}

/// What people are called, staff and end users, by their ids.
pub async fn names_of_people(db: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows = sqlx::query!(
        r#"select id as "id!", full_name as "name!" from admin_users where id = any($1)
           union all select user_id, name from user_profiles where user_id = any($1) and name <> ''"#,
        ids,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// What was sent to a guest, as far as the jobs are kept, the latest first.
pub async fn messages_to_guest(db: &mut PgConnection, guest: AttendeeId) -> Result<Vec<GuestMessage>> {
    let rows = sqlx::query!(
        r#"select id, job_type, status, created_at, finished_at,
                  coalesce(payload #>> '{mail,template}', payload #>> '{message,notice,template}', '') as "about!",
                  coalesce(payload ->> 'to', '') as "to!"
           from job_runs
           where job_type in ('mail.send', 'text.send')
                 and coalesce(payload #>> '{mail,attendee}', payload #>> '{message,notice,attendee}') = $1::uuid::text
           order by id desc limit $2"#,
        guest.0,
        MESSAGES,
    )
    .fetch_all(db)
    .await?;
    let status = |word: &str| match word {
        "done" => MessageStatus::Sent,
        "dead" | "cancelled" => MessageStatus::Failed,
        _ => MessageStatus::Waiting,
    };
    let channel = |kind: &str| if kind == "text.send" { MessageChannel::Text } else { MessageChannel::Email };
    Ok(rows
        .into_iter()
        .map(|row| GuestMessage {
            id: row.id,
            about: row.about,
            channel: channel(&row.job_type),
            to: row.to,
            status: status(&row.status),
            created_at: Timestamp(row.created_at),
            finished_at: row.finished_at.map(Timestamp),
        })
        .collect())
}
