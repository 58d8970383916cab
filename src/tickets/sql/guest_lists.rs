use sqlx::PgConnection;
use uuid::Uuid;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::money::Currency;
use crate::kernel::timestamp::Timestamp;
use crate::tickets::guest_list::Line;
use crate::tickets::{AttendeeId, TicketTypeId};

/// How somebody who goes is reached.
pub struct KnownGuest {
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// Those who go already and have one of these email addresses or phones, however they came. An address that an account
/// has not confirmed may be somebody else's, whose tickets it must not take. Phones are
/// digits without `+` or `00` before them.
pub async fn guests_known(
    db: &mut PgConnection,
    event: EventId,
    emails: &[String],
    phones: &[String],
) -> Result<Vec<KnownGuest>> {
    Ok(sqlx::query_as!(
        KnownGuest,
        r#"select email as "email?", phone as "phone?"
           from (select coalesce(a.guest_email, case when u.email_verified_at is not null then u.email end) as email,
                        coalesce(a.guest_phone, u.phone) as phone
                 from event_attendees a left join end_users u on u.id = a.user_id
                 where a.event_id = $1 and a.status in ('going', 'checked_in')) g
           where email = any($2) or regexp_replace(phone, '^([+]|00)', '') = any($3)"#,
        event.0,
        emails,
        phones,
    )
    .fetch_all(db)
    .await?)
}

/// How many go under each of these names (in small letters) of whom nothing else is known.
pub async fn guests_of_name(db: &mut PgConnection, event: EventId, names: &[String]) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"select lower(guest_name) as "name!", count(*) as "count!" from event_attendees
           where event_id = $1 and status in ('going', 'checked_in') and user_id is null and guest_email is null
                 and guest_phone is null and lower(guest_name) = any($2)
           group by 1"#,
        event.0,
        names,
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.name, row.count)).collect())
}

/// A guest of a list.
pub struct NewGuest {
    pub id: AttendeeId,
    pub kind: TicketTypeId,
    pub kind_name: String,
    pub line: Line,
}

/// Adds the guests of a list, all at once.
pub async fn guests_insert(
    db: &mut PgConnection,
    event: EventId,
    currency: &Currency,
    guests: &[NewGuest],
    now: Timestamp,
) -> Result<()> {
    fn text(guests: &[NewGuest], of: fn(&NewGuest) -> Option<&String>) -> Vec<Option<String>> {
        guests.iter().map(|guest| of(guest).cloned()).collect()
    }
    let ids: Vec<Uuid> = guests.iter().map(|guest| guest.id.0).collect();
    let kinds: Vec<Uuid> = guests.iter().map(|guest| guest.kind.0).collect();
    let seats: Vec<i32> = guests.iter().map(|guest| guest.line.seats).collect();
    sqlx::query!(
        "insert into event_attendees (id, event_id, guest_name, guest_email, guest_phone, ticket_type_id, ticket_type,
                                      seats, note, currency, source, created_at, updated_at)
         select g.id, $1, g.name, g.email, g.phone, g.kind, g.kind_name, g.seats, g.note, $2::text, 'import', $3, $3
         from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::int[], $11::text[])
              as g (id, name, email, phone, kind, kind_name, seats, note)",
        event.0,
        currency.as_str(),
        now.0,
        &ids,
        &text(guests, |guest| Some(&guest.line.name)) as &[Option<String>],
        &text(guests, |guest| guest.line.email.as_ref()) as &[Option<String>],
        &text(guests, |guest| guest.line.phone.as_ref()) as &[Option<String>],
        &kinds,
        &text(guests, |guest| Some(&guest.kind_name)) as &[Option<String>],
        &seats,
        &text(guests, |guest| guest.line.note.as_ref()) as &[Option<String>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What a mail with tickets says of its guest.
pub struct TicketsMail {
    pub id: Uuid,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub link_generation: i32,
    pub ticket_type: String,
    pub seats: i32,
}

/// Of these guests those who still go.
pub async fn guests_to_mail(db: &mut PgConnection, guests: &[AttendeeId]) -> Result<Vec<TicketsMail>> {
    let ids: Vec<Uuid> = guests.iter().map(|id| id.0).collect();
    Ok(sqlx::query_as!(
        TicketsMail,
        r#"select id, coalesce(guest_name, '') as "name!", guest_email as email, guest_phone as phone,
                  link_generation, ticket_type, seats
           from event_attendees
           where id = any($1) and status = 'going' and seats > 0
           order by id"#,
        &ids,
    )
    .fetch_all(db)
    .await?)
}
