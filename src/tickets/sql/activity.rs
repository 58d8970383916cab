use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{AttendeeId, GuestMessage, MessageChannel, MessageStatus};

/// How many messages to a guest are shown.
const MESSAGES: i64 = 50;

/// The parts of an event by what the audit log calls them, the event first; its guests only where `guests`. Images,
/// streams and co-hosts that were removed are among them.
pub async fn event_objects(db: &mut PgConnection, event: EventId, guests: bool) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        r#"select 'ticket_type' as "kind!", id::text as "id!" from ticket_types where event_id = $1
           union all select 'promo_code', id::text from promo_codes where event_id = $1
           union all select l.object_type, l.object_id
               from audit_values v join audit_logs l on l.seq = v.audit_seq
               where v.field = 'event_id' and coalesce(v.after, v.before) #>> '{}' = $1::uuid::text
                     and l.object_type in ('event_image', 'event_stream', 'event_co_host')
           union all select 'event_invite', id::text from event_invites where event_id = $1 and $2
           union all select 'event_request', id::text from event_requests where event_id = $1 and $2
           union all select 'event_attendee', id::text from event_attendees where event_id = $1 and $2
           union all select 'ticket', id::text from tickets where event_id = $1 and $2
           union all select 'waiting_list_entry', id::text from waiting_list_entries where event_id = $1 and $2"#,
        event.0,
        guests,
    );
    let mut objects = vec![("event".to_owned(), event.to_string())];
    objects.extend(rows.fetch_all(db).await?.into_iter().map(|row| (row.kind, row.id)));
    Ok(objects)
}

/// A guest by what the audit log calls it, with the tickets.
pub async fn guest_objects(db: &mut PgConnection, guest: AttendeeId) -> Result<Vec<(String, String)>> {
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

/// What parts of an event are called, by their ids.
pub async fn names_of_parts(db: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let rows = sqlx::query!(
        r#"select id as "id!", name as "name!" from ticket_types where id = any($1)
           union all select id, code from promo_codes where id = any($1)
           union all select id, provider from event_streams where id = any($1)
           union all select c.id, coalesce(pa.name, nullif(up.name, ''), 'a user') from event_co_hosts c
               left join partners pa on pa.id = c.partner_id left join user_profiles up on up.user_id = c.user_id
               where c.id = any($1)
           union all select i.id, case when i.invite_type = 'share_link' then 'anyone with a link'
                                       else coalesce(nullif(up.name, ''), 'a user') end
               from event_invites i left join user_profiles up on up.user_id = i.invited_user_id where i.id = any($1)
           union all select r.id, coalesce(nullif(up.name, ''), 'a user')
               from event_requests r left join user_profiles up on up.user_id = r.requester_user_id
               where r.id = any($1)
           union all select w.id, coalesce(nullif(up.name, ''), 'a user')
               from waiting_list_entries w left join user_profiles up on up.user_id = w.user_id where w.id = any($1)
           union all select a.id, coalesce(a.guest_name, nullif(up.name, ''), 'a guest')
               from event_attendees a left join user_profiles up on up.user_id = a.user_id where a.id = any($1)
           union all select t.id, coalesce(a.guest_name, nullif(up.name, ''), 'a guest')
               from tickets t join event_attendees a on a.id = t.attendee_id
               left join user_profiles up on up.user_id = a.user_id where t.id = any($1)"#,
        ids,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.name)).collect())
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
