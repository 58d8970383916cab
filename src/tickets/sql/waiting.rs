use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use crate::access::EndUserId;
use crate::events::EventId;
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::page::{Page, Paging};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{TicketTypeId, WaitingEntry, WaitingId, WaitingPlace, WaitingStatus};

const ENTRY: &str = "select w.id, w.event_id, w.ticket_type_id, t.name as ticket_type, w.user_id,
    nullif(p.name, '') as user_name, w.seats, w.status, w.offered_at, w.offer_expires_at,
    (select r.id from capacity_reservations r where r.waiting_list_entry_id = w.id
         order by r.created_at desc limit 1) as reservation_id, w.created_at
    from waiting_list_entries w join ticket_types t on t.id = w.ticket_type_id
    left join user_profiles p on p.user_id = w.user_id where ";

/// As of `now`: an offer past its time has lapsed, though nobody has written so.
fn entry_row(row: &PgRow, now: Timestamp) -> sqlx::Result<WaitingEntry> {
    let mut status: WaitingStatus = row.try_get("status")?;
    let ends: Option<Timestamp> = row.try_get("offer_expires_at")?;
    if status == WaitingStatus::Offered && ends.is_some_and(|ends| ends <= now) {
        status = WaitingStatus::Lapsed;
    }
    Ok(WaitingEntry {
        id: row.try_get("id")?,
        event_id: row.try_get("event_id")?,
        ticket_type_id: row.try_get("ticket_type_id")?,
        ticket_type: row.try_get("ticket_type")?,
        user_id: row.try_get("user_id")?,
        user_name: row.try_get("user_name")?,
        seats: row.try_get("seats")?,
        status,
        offered_at: row.try_get("offered_at")?,
        offer_expires_at: ends,
        reservation_id: row.try_get("reservation_id")?,
        created_at: row.try_get("created_at")?,
    })
}

pub async fn entry_find(db: &mut PgConnection, id: WaitingId, now: Timestamp) -> Result<WaitingEntry> {
    let mut query = QueryBuilder::<Postgres>::new(ENTRY);
    query.push("w.id = ").push_bind(id);
    Ok(entry_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?, now)?)
}

/// The line of an event, the first in it first; of one person where that is asked for.
pub async fn entry_list(
    db: &mut impl Db,
    event: EventId,
    user: Option<EndUserId>,
    paging: &Paging,
) -> Result<Page<WaitingEntry>> {
    let now = db.cx().now;
    let keyset = paging.keyset(db.cx(), ("w.created_at", "timestamptz", false), "line", (event, user))?;
    let mut query = QueryBuilder::<Postgres>::new(ENTRY);
    query.push("w.event_id = ").push_bind(event);
    if let Some(user) = user {
        query.push(" and w.user_id = ").push_bind(user);
    }
    keyset.rows(db, query, "w.id").await?.page_by(|row| entry_row(row, now), |entry| (entry.created_at, entry.id.0))
}

/// Where somebody waits or has an offer, the latest first, with the place among those who wait for the same kind.
pub async fn places_of(
    db: &mut impl Db,
    user: EndUserId,
    paging: &Paging,
    now: Timestamp,
) -> Result<Page<WaitingPlace>> {
    let keyset = paging.keyset(db.cx(), ("w.created_at", "timestamptz", true), "waiting", user)?;
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "select w.*, w.created_at::text as sort_key, e.title as event_title, e.slug as event_slug,
                (select count(*) from waiting_list_entries b
                 where b.event_id = w.event_id and b.ticket_type_id = w.ticket_type_id and b.status = 'waiting'
                       and (b.created_at, b.id) <= (w.created_at, w.id)) as place
         from ({ENTRY} w.user_id = "
    ));
    query.push_bind(user).push(" and (w.status = 'waiting' or w.status = 'offered' and w.offer_expires_at > ");
    query.push_bind(now).push(")) w join events e on e.id = w.event_id where e.status in ('published', 'live')");
    let waiting = |row: &PgRow| -> sqlx::Result<WaitingPlace> {
        let entry = entry_row(row, now)?;
        let place = (entry.status == WaitingStatus::Waiting).then(|| row.try_get("place")).transpose()?;
        let (event_title, event_slug) = (row.try_get("event_title")?, row.try_get("event_slug")?);
        Ok(WaitingPlace { entry, event_title, event_slug, place })
    };
    keyset.rows(db, query, "w.id").await?.page(waiting, |waiting| waiting.entry.id.0)
}

/// The next who wait for an offer of these kinds, the first on the waiting list first; of each kind only parties of no more
/// than `most`. No more than `limit` are read of each line.
pub async fn entries_next(
    db: &mut PgConnection,
    kinds: &[TicketTypeId],
    most: &[i32],
    after: Option<(Timestamp, WaitingId)>,
    limit: i32,
    now: Timestamp,
) -> Result<Vec<WaitingEntry>> {
    let mut query = QueryBuilder::<Postgres>::new(ENTRY);
    query.push("w.id in (select n.id from unnest(");
    query.push_bind(kinds.iter().map(|kind| kind.0).collect::<Vec<_>>()).push("::uuid[], ").push_bind(most.to_vec());
    query.push(
        "::int[]) as k (id, most) cross join lateral (select x.id, x.created_at from waiting_list_entries x
         where x.status = 'waiting' and x.ticket_type_id = k.id and x.seats <= k.most",
    );
    if let Some((at, id)) = after {
        query.push(" and (x.created_at, x.id) > (").push_bind(at).push(", ").push_bind(id).push(")");
    }
    query.push(" order by x.created_at, x.id limit ").push_bind(limit);
    query.push(") n order by n.created_at, n.id limit ").push_bind(limit);
    query.push(") order by w.created_at, w.id");
    let rows = query.build().fetch_all(db).await?;
    Ok(rows.iter().map(|row| entry_row(row, now)).collect::<sqlx::Result<_>>()?)
}

pub async fn entry_insert(db: &mut PgConnection, entry: &WaitingEntry) -> Result<()> {
    sqlx::query!(
        "insert into waiting_list_entries (id, event_id, ticket_type_id, user_id, seats, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        entry.id.0,
        entry.event_id.0,
        entry.ticket_type_id.0,
        entry.user_id.0,
        entry.seats,
        entry.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn entry_set_status(db: &mut PgConnection, id: WaitingId, status: WaitingStatus) -> Result<()> {
    sqlx::query!(
        "update waiting_list_entries set status = $2, version = version + 1 where id = $1",
        id.0,
        status.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn entry_offer(db: &mut PgConnection, id: WaitingId, until: Timestamp, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update waiting_list_entries
         set status = 'offered', offered_at = $2, offer_expires_at = $3, version = version + 1 where id = $1",
        id.0,
        now.0,
        until.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Notes that offers have lapsed; they had before.
pub async fn offers_lapse(db: &mut PgConnection, event: EventId, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!(
        "update waiting_list_entries set status = 'lapsed', version = version + 1
         where event_id = $1 and status = 'offered' and offer_expires_at <= $2",
        event.0,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Nobody waits for this event any more, or for this kind of it. Answers who did.
pub async fn entries_close(
    db: &mut PgConnection,
    event: EventId,
    kind: Option<TicketTypeId>,
) -> Result<Vec<(WaitingId, EndUserId)>> {
    let rows = sqlx::query!(
        "update waiting_list_entries set status = 'lapsed', version = version + 1
         where event_id = $1 and ($2::uuid is null or ticket_type_id = $2) and status in ('waiting', 'offered')
         returning id, user_id",
        event.0,
        kind.map(|kind| kind.0),
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (WaitingId(row.id), EndUserId(row.user_id))).collect())
}

/// Events that have free seats somebody waits for, or offers that have to be noted as lapsed.
pub async fn events_with_a_line(db: &mut PgConnection, now: Timestamp) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "select e.id from events e
         where e.status in ('published', 'live')
               and (e.status = 'published' and e.start_at > $1
                        and e.going_count + coalesce((select sum(r.seats_reserved) from capacity_reservations r
                                where r.event_id = e.id and not r.consumed and r.released_at is null
                                      and r.expires_at > $1), 0) < e.capacity
                        and exists (select 1 from waiting_list_entries w join ticket_types t on t.id = w.ticket_type_id
                                    where w.event_id = e.id and w.status = 'waiting' and t.retired_at is null)
                    or exists (select 1 from waiting_list_entries w where w.event_id = e.id and w.status = 'offered'
                               and w.offer_expires_at <= $1))
         order by e.id",
        now.0,
    )
    .fetch_all(db)
    .await?)
}
