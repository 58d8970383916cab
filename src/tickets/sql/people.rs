use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::EndUserId;
use crate::events::EventId;
use crate::kernel::error::{Result, internal};
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;
use crate::people::personal::Person;

/// What admission and mail need to know of an end user.
pub struct Guest {
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub gender: Option<String>,
}

/// An end user who may take part; `None` where there is none, or it is banned or gone.
pub async fn guest_find(db: &mut PgConnection, id: EndUserId, now: Timestamp) -> Result<Option<Guest>> {
    Ok(sqlx::query_as!(
        Guest,
        "select p.name, u.email, u.phone, p.gender from end_users u join user_profiles p on p.user_id = u.id
         where u.id = $1 and (u.status = 'active' or u.status = 'banned' and u.banned_until <= $2)",
        id.0,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Somebody without tickets, and where to tell them.
pub struct Other {
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// Name and email address of those of these people who can be told something: without those the event's end has
/// taken tickets from, who are told as guests.
pub async fn others(db: &mut PgConnection, event: EventId, users: &[EndUserId]) -> Result<Vec<Other>> {
    let ids: Vec<uuid::Uuid> = users.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Other,
        r#"select coalesce(p.name, '') as "name!", u.email, u.phone
           from end_users u join user_profiles p on p.user_id = u.id
           where u.id = any($2) and u.status = 'active'
                 and not exists (select 1 from event_attendees a join events e on e.id = a.event_id
                                 where a.event_id = $1 and a.user_id = u.id
                                       and (a.status = 'cancelled' and a.cancelled_at = e.cancelled_at
                                            or e.status = 'cancelled' and a.status = 'checked_in'))
           order by u.id"#,
        event.0,
        &ids,
    );
    Ok(rows.fetch_all(db).await?)
}

/// Whether somebody takes invitations to this event: from everybody, or from organisers whose events they went to.
pub async fn guest_takes_invites(db: &mut PgConnection, user: EndUserId, event: EventId) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (
               select 1 from privacy_settings s cross join events e
               where s.user_id = $1 and e.id = $2
                     and (s.invites_from = 'everyone'
                          or s.invites_from = 'attendees' and exists (
                              select 1 from event_attendees a join events other on other.id = a.event_id
                              where a.user_id = $1 and a.status in ('going', 'checked_in')
                                    and (other.host_user_id = e.host_user_id
                                         or other.organizer_partner_id = e.organizer_partner_id)))
           ) as "takes!""#,
        user.0,
        event.0,
    )
    .fetch_one(db)
    .await?)
}

/// Whether this is an address that has proven to be that account's.
pub async fn email_is_proven(db: &mut PgConnection, user: EndUserId, email: &str) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists (select 1 from end_users
                          where id = $1 and email = $2 and email_verified_at is not null) as "proven!""#,
        user.0,
        email,
    )
    .fetch_one(db)
    .await?)
}

/// Somebody's bookings, those on guest lists that name them by phone or email among them: a phone in each way in which
/// one number is written, an email address that has proven to be
/// theirs unless it has proven to be somebody else's.
pub async fn guest_bookings(db: &mut PgConnection, person: &Person) -> Result<Vec<Uuid>> {
    let phones = person.phone.as_deref().map(E164Phone::parse).transpose();
    let phones = phones.map_err(|error| internal().internal(error))?.map(|phone| phone.written()).unwrap_or_default();
    Ok(sqlx::query_scalar!(
        "select id from event_attendees
         where user_id = $1
               or user_id is null
                  and (guest_phone = any($3)
                       or guest_email = $2 and not exists (select 1 from end_users o where o.email = $2 and o.id <> $1
                                                         and o.email_verified_at is not null))
         order by id",
        person.id.0,
        person.own_email(),
        &phones,
    )
    .fetch_all(db)
    .await?)
}

/// Locks the events these bookings are for, and those where the person asked or waits: the events first, as everywhere,
/// in the order of their ids.
pub async fn guest_events_lock(db: &mut PgConnection, user: EndUserId, bookings: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "select id from events
         where id in (select event_id from event_requests where requester_user_id = $1 and status = 'pending'
                      union select event_id from waiting_list_entries where user_id = $1 and status = 'waiting'
                      union select event_id from event_attendees where id = any($2))
         order by id for no key update",
        user.0,
        bookings,
    )
    .fetch_all(db)
    .await?;
    Ok(())
}

/// Takes somebody who is erased out of lines and lists that wait. The events are locked. May be repeated.
pub async fn guest_leave(db: &mut PgConnection, user: EndUserId, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "with gone as (update event_requests set status = 'cancelled', decided_at = $2, version = version + 1
                       where requester_user_id = $1 and status = 'pending' returning event_id)
         update events e set requests_count = requests_count - g.n
         from (select event_id, count(*) as n from gone group by event_id) g where e.id = g.event_id",
        user.0,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update waiting_list_entries set status = 'left', version = version + 1
         where user_id = $1 and status = 'waiting'",
        user.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Blanks what is personal in somebody's bookings, requests and invitations; answers the records of each kind that
/// spoke of them. May be repeated.
pub async fn guest_erase(
    db: &mut PgConnection,
    person: &Person,
    bookings: &[Uuid],
) -> Result<Vec<(&'static str, Vec<Uuid>)>> {
    let user = person.id;
    // The tickets first, in the order in which scans lock them.
    let tickets = sqlx::query_scalar!(
        "with theirs as (select id from tickets where user_id = $1 or attendee_id = any($2) order by id for no key update)
         update tickets k set revoke_reason = case when k.revoke_reason is not null then '' end
         from theirs where k.id = theirs.id returning k.id",
        user.0,
        bookings,
    )
    .fetch_all(&mut *db)
    .await?;
    let attendees = sqlx::query_scalar!(
        "update event_attendees
         set guest_name = case when guest_name is not null then '' end, guest_email = null, guest_phone = null,
             answers = '{}', note = null,
             cancellation_reason = case when cancellation_reason is not null then '' end, version = version + 1
         where id = any($1) returning id",
        bookings,
    )
    .fetch_all(&mut *db)
    .await?;
    let requests = sqlx::query_scalar!(
        "update event_requests set message = '', host_message = null, answers = '{}'
         where requester_user_id = $1 returning id",
        user.0,
    )
    .fetch_all(&mut *db)
    .await?;
    let invites = sqlx::query_scalar!(
        "update event_invites
         set message = '', invited_email = null, invited_phone = null
         where invited_user_id = $1 or host_user_id = $1 or accepted_by = $1 or invited_phone = $3
               or invited_email = $2 and not exists (select 1 from end_users o where o.email = $2 and o.id <> $1
                                                        and o.email_verified_at is not null)
         returning id",
        user.0,
        person.own_email(),
        person.phone.as_deref(),
    )
    .fetch_all(&mut *db)
    .await?;
    let reservations =
        sqlx::query_scalar!("update capacity_reservations set answers = '{}' where user_id = $1 returning id", user.0,)
            .fetch_all(&mut *db)
            .await?;
    let entries =
        sqlx::query_scalar!("select id from waiting_list_entries where user_id = $1", user.0).fetch_all(db).await?;
    Ok(vec![
        ("event_attendee", attendees),
        ("ticket", tickets),
        ("event_request", requests),
        ("event_invite", invites),
        ("capacity_reservation", reservations),
        ("waiting_list_entry", entries),
    ])
}

/// All that is held of a guest, as rows of JSON.
pub async fn guest_gather(db: &mut PgConnection, user: EndUserId, bookings: &[Uuid]) -> Result<Value> {
    let all = sqlx::query_scalar!(
        r#"with event as (select id, title, start_at, timezone from events)
           select jsonb_build_object(
               'bookings', (
                   select coalesce(jsonb_agg((to_jsonb(a) - 'note') || jsonb_build_object(
                       'event', to_jsonb(e),
                       'tickets', (select coalesce(jsonb_agg(to_jsonb(t) - 'short_code_hash' order by t.id), '[]')
                                   from tickets t where t.attendee_id = a.id)) order by a.id), '[]')
                   from event_attendees a join event e on e.id = a.event_id where a.id = any($2)),
               'requests', (
                   select coalesce(jsonb_agg(to_jsonb(r) || jsonb_build_object('event', to_jsonb(e)) order by r.id), '[]')
                   from event_requests r join event e on e.id = r.event_id where r.requester_user_id = $1),
               'invitations', (
                   select coalesce(jsonb_agg((to_jsonb(i) - 'token_hash') || jsonb_build_object('event', to_jsonb(e))
                                             order by i.id), '[]')
                   from event_invites i join event e on e.id = i.event_id
                   where $1 in (i.invited_user_id, i.host_user_id, i.accepted_by)
                         or i.invited_phone = (select u.phone from end_users u where u.id = $1)),
               'waiting_list', (
                   select coalesce(jsonb_agg(to_jsonb(w) || jsonb_build_object('event', to_jsonb(e)) order by w.id), '[]')
                   from waiting_list_entries w join event e on e.id = w.event_id where w.user_id = $1),
               'reservations', (
                   select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object('event', to_jsonb(e)) order by c.id), '[]')
                   from capacity_reservations c join event e on e.id = c.event_id where c.user_id = $1)
           ) as "all!""#,
        user.0,
        bookings,
    )
    .fetch_one(db)
    .await?;
    Ok(all)
}
