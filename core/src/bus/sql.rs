//! All SQL of the bus.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::{ConsumerRow, DeadLetter, DeadLetterId, EventAudience, EventFilter, Published};
use crate::kernel::caller::Scope;
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paged, Paging, paged};
use crate::kernel::timestamp::Timestamp;

paged!(EventFilter);

/// What one round of the relay did.
pub struct Batch {
    pub published: i64,
    pub last: Option<i64>,
    /// For how many seconds the oldest event has waited that a transaction still running holds up.
    pub held_seconds: Option<f64>,
}

/// Gives waiting events their published sequence, in the order of `seq`.
///
/// Sequence numbers are not commit order. An event waits while any transaction as old as its own is
/// running, and everything behind it waits with it: so a later event of the same thing never
/// overtakes. An xid above the snapshot is not of this cluster (the rows were restored) and binds
/// nothing.
pub async fn outbox_publish(db: &mut PgConnection, limit: i64) -> Result<Batch> {
    Ok(sqlx::query_as!(
        Batch,
        r#"with bounds as materialized (
               select pg_snapshot_xmin(pg_current_snapshot()) as low, pg_snapshot_xmax(pg_current_snapshot()) as high),
           waiting as materialized (
               select o.seq, o.created_at, (o.xid >= b.low and o.xid < b.high) as held
               from outbox_events o cross join bounds b
               where o.published_seq is null order by o.seq limit $1),
           ready as materialized (
               select seq from waiting
               where seq < coalesce((select min(seq) from waiting where held), 9223372036854775807) order by seq),
           numbered as materialized (select seq, nextval('outbox_published_seq') as position from ready),
           done as (
               update outbox_events o set published_seq = n.position, published_at = clock_timestamp()
               from numbered n where o.seq = n.seq returning o.published_seq)
           select count(*) as "published!", max(published_seq) as last,
                  (select extract(epoch from clock_timestamp() - min(w.created_at))::float8 from waiting w
                   where not exists (select 1 from ready r where r.seq = w.seq)) as held_seconds
           from done"#,
        limit,
    )
    .fetch_one(db)
    .await?)
}

/// Wakes every listening process.
pub async fn notify(db: &mut PgConnection, channel: &str, last: i64) -> Result<()> {
    sqlx::query!("select pg_notify($1, $2)", channel, last.to_string()).execute(db).await?;
    Ok(())
}

/// The newest published sequence, 0 before the first.
pub async fn published_head(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select coalesce(max(published_seq), 0) as "head!" from outbox_events"#)
        .fetch_one(db)
        .await?)
}

/// What was published after `seq`, in order.
pub async fn published_after(db: &mut PgConnection, seq: i64, limit: i64) -> Result<Vec<Published>> {
    Ok(sqlx::query_as!(
        Published,
        r#"select e.published_seq as "seq!", e.id, e.type as kind, e.aggregate_type, e.aggregate_id, e.payload,
                  e.created_at as "at: Timestamp", u.full_name as "by?"
           from outbox_events e left join admin_users u on u.id = e.created_by
           where e.published_seq > $1 order by e.published_seq limit $2"#,
        seq,
        limit,
    )
    .fetch_all(db)
    .await?)
}

/// The published sequence of an event, if it is known and published.
pub async fn published_seq(db: &mut PgConnection, id: Uuid) -> Result<Option<i64>> {
    let seq = sqlx::query_scalar!("select published_seq from outbox_events where id = $1", id);
    Ok(seq.fetch_optional(db).await?.flatten())
}

/// How many events wait for the relay.
pub async fn unpublished(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "waiting!" from outbox_events where published_seq is null"#)
        .fetch_one(db)
        .await?)
}

/// Published events; finer filters, cursors and both directions.
pub async fn event_list(db: &mut impl Db, filter: &EventFilter) -> Result<Page<Published>> {
    let newest_first = filter.after.is_none();
    let keyset = filter.keyset(db.cx(), ("e.published_seq", "bigint", newest_first))?;
    let mut query = QueryBuilder::<Postgres>::new(
        "select e.published_seq, e.id, e.type, e.aggregate_type, e.aggregate_id, e.payload, e.created_at, u.full_name
         from outbox_events e left join admin_users u on u.id = e.created_by where e.published_seq is not null",
    );
    if let Some(after) = filter.after {
        query.push(" and e.published_seq > ").push_bind(after);
    }
    if let Some(kind) = &filter.kind {
        match kind.as_str().strip_suffix('*') {
            Some(prefix) => query.push(" and starts_with(e.type, ").push_bind(prefix).push(")"),
            None => query.push(" and e.type = ").push_bind(kind.as_str()),
        };
    }
    if let Some(kind) = &filter.aggregate_type {
        query.push(" and e.aggregate_type = ").push_bind(kind.as_str());
    }
    if let Some(id) = &filter.aggregate_id {
        query.push(" and e.aggregate_id = ").push_bind(id.as_str());
    }
    // Who may not see events of a type elsewhere does not read them here.
    let caller = &db.cx().caller;
    for EventAudience { prefix, permission } in inventory::iter::<EventAudience>() {
        if caller.scope_for(*permission) != Some(Scope::All) {
            query.push(" and not starts_with(e.type, ").push_bind(*prefix).push(")");
        }
    }
    let event = |row: &PgRow| -> sqlx::Result<Published> {
        Ok(Published {
            seq: row.try_get("published_seq")?,
            id: row.try_get("id")?,
            kind: row.try_get("type")?,
            aggregate_type: row.try_get("aggregate_type")?,
            aggregate_id: row.try_get("aggregate_id")?,
            payload: row.try_get("payload")?,
            at: row.try_get("created_at")?,
            by: row.try_get("full_name")?,
        })
    };
    keyset.rows(db, query, "e.id").await?.page_by(event, |event| (event.seq, event.id))
}

/// Deletes published events that are older than `before` and that every consumer is past, but for `idle`, which nobody
/// feeds.
pub async fn outbox_sweep(db: &mut PgConnection, before: Timestamp, idle: Option<&str>, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from outbox_events where seq in (
             select seq from outbox_events
             where published_at < $1
                   and published_seq <= coalesce(
                       (select min(position) from bus_consumers where name is distinct from $2), 9223372036854775807)
             order by seq limit $3)",
        before.0,
        idle,
        limit,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// What is known of an event from elsewhere.
pub enum Noted {
    /// Nothing, until now.
    New,
    /// It was told before.
    Known,
    /// Something else was told by its id.
    Otherwise,
}

/// Notes that an event from elsewhere is taken in, and what it says.
pub async fn inbound_note(
    db: &mut PgConnection,
    by: Uuid,
    id: Uuid,
    kind: &str,
    hash: &[u8],
    now: Timestamp,
) -> Result<Noted> {
    let noted = sqlx::query!(
        "insert into inbound_events (told_by, id, type, said_hash, created_at) values ($1, $2, $3, $4, $5)
         on conflict (told_by, id) do nothing",
        by,
        id,
        kind,
        hash,
        now.0,
    );
    if noted.execute(&mut *db).await?.rows_affected() == 1 {
        return Ok(Noted::New);
    }
    let said = sqlx::query_scalar!("select said_hash from inbound_events where told_by = $1 and id = $2", by, id);
    match said.fetch_optional(db).await?.flatten() {
        Some(known) if known != hash => Ok(Noted::Otherwise),
        _ => Ok(Noted::Known),
    }
}

/// Forgets what was told before.
pub async fn inbound_sweep(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from inbound_events where (told_by, id) in (
             select told_by, id from inbound_events where created_at < $1 order by created_at limit $2)",
        before.0,
        limit,
    );
    Ok(done.execute(db).await?.rows_affected())
}

/// Makes a consumer known; it begins with what is published from now on.
pub async fn consumer_ensure(db: &mut PgConnection, name: &str) -> Result<()> {
    sqlx::query!(
        "insert into bus_consumers (name, position)
         select $1, coalesce(max(published_seq), 0) from outbox_events
         on conflict (name) do nothing",
        name,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Where the consumer stands, locked; `None` while another process has it or it is backing off. One that a server of the
/// version before has moved on has no failures, whatever its `retry_at` still says.
pub async fn consumer_claim(db: &mut PgConnection, name: &str, now: Timestamp) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar!(
        "select position from bus_consumers
         where name = $1 and (failures = 0 or retry_at is null or retry_at <= $2)
         for update skip locked",
        name,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

/// The next event of these types, or of any.
pub async fn consumer_next(
    db: &mut PgConnection,
    position: i64,
    types: Option<&[String]>,
) -> Result<Option<Published>> {
    Ok(sqlx::query_as!(
        Published,
        r#"select published_seq as "seq!", id, type as kind, aggregate_type, aggregate_id, payload,
                  created_at as "at: Timestamp", null as by
           from outbox_events where published_seq > $1 and ($2::text[] is null or type = any($2))
           order by published_seq limit 1"#,
        position,
        types as Option<&[String]>,
    )
    .fetch_optional(db)
    .await?)
}

/// Where the consumer is, and whether it has failed at its next event; nothing where it is not known.
pub async fn consumer_standing(db: &mut PgConnection, name: &str) -> Result<Option<(i64, bool)>> {
    let row = sqlx::query!("select position, failures from bus_consumers where name = $1", name);
    Ok(row.fetch_optional(db).await?.map(|row| (row.position, row.failures > 0)))
}

/// Moves the consumer on; all is well with it.
pub async fn consumer_move(db: &mut PgConnection, name: &str, position: i64) -> Result<()> {
    sqlx::query!(
        "update bus_consumers set position = $2, failures = 0, last_error = null, retry_at = null where name = $1",
        name,
        position,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Counts a failure, unless the consumer has moved on meanwhile; after each it waits longer.
pub async fn consumer_failed(
    db: &mut PgConnection,
    name: &str,
    position: i64,
    error: &str,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update bus_consumers
         set failures = failures + 1, last_error = $3,
             retry_at = $4::timestamptz + make_interval(secs => least(power(2, least(failures + 1, 9)), 300))
         where name = $1 and position = $2",
        name,
        position,
        error,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// All consumers.
pub async fn consumer_list(db: &mut PgConnection) -> Result<Vec<ConsumerRow>> {
    Ok(sqlx::query_as!(
        ConsumerRow,
        r#"select c.name, c.position, c.failures, c.last_error, c.updated_at as "updated_at: Timestamp",
                  (select count(*) from outbox_events e where e.published_seq > c.position) as "lag!"
           from bus_consumers c order by c.name"#
    )
    .fetch_all(db)
    .await?)
}

// Dead letters -----------------------------------------------------------------------------------

/// Keeps a message that could not be taken in, once for each of the broker's own numbers.
pub async fn dead_letter_insert(db: &mut PgConnection, letter: &DeadLetter, place: &str) -> Result<()> {
    sqlx::query!(
        "insert into bus_dead_letters (id, place, subject, body, error_code, error, received_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (place) do nothing",
        letter.id.0,
        place,
        letter.subject,
        letter.body,
        letter.error_code,
        letter.error,
        letter.received_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Messages that could not be taken in, newest first.
pub async fn dead_letter_list(db: &mut impl Db, paging: &Paging) -> Result<Page<DeadLetter>> {
    let keyset = paging.keyset(db.cx(), ("received_at", "timestamptz", true), "dead letters", ())?;
    let query = QueryBuilder::<Postgres>::new(
        "select id, subject, left(body, 4000) as body, error_code, error, received_at, received_at::text as sort_key
         from bus_dead_letters where true",
    );
    let letter = |row: &PgRow| -> sqlx::Result<DeadLetter> {
        Ok(DeadLetter {
            id: DeadLetterId(row.try_get("id")?),
            subject: row.try_get("subject")?,
            body: row.try_get("body")?,
            error_code: row.try_get("error_code")?,
            error: row.try_get("error")?,
            received_at: row.try_get("received_at")?,
        })
    };
    keyset.rows(db, query, "id").await?.page(letter, |letter| letter.id.0)
}

/// Takes the message out, or 404.
pub async fn dead_letter_take(db: &mut PgConnection, id: DeadLetterId) -> Result<DeadLetter> {
    Ok(sqlx::query_as!(
        DeadLetter,
        r#"delete from bus_dead_letters where id = $1
           returning id as "id: DeadLetterId", subject, body, error_code, error, received_at as "received_at: Timestamp""#,
        id.0,
    )
    .fetch_one(db)
    .await?)
}

/// Messages that name somebody by any of these words, for them to read.
pub async fn dead_letters_naming(db: &mut PgConnection, words: &[String]) -> Result<Vec<DeadLetter>> {
    Ok(sqlx::query_as!(
        DeadLetter,
        r#"select id as "id: DeadLetterId", subject, body, error_code, error, received_at as "received_at: Timestamp"
           from bus_dead_letters l
           where exists (select from unnest($1::text[]) word where position(word in l.body) > 0) order by received_at"#,
        words,
    )
    .fetch_all(db)
    .await?)
}

/// Forgets messages that name somebody by any of these words.
pub async fn dead_letters_forget(db: &mut PgConnection, words: &[String]) -> Result<()> {
    let gone = sqlx::query!(
        "delete from bus_dead_letters l
         where exists (select from unnest($1::text[]) word where position(word in l.body) > 0)",
        words,
    );
    gone.execute(db).await?;
    Ok(())
}

/// Forgets messages nobody saw to.
pub async fn dead_letter_sweep(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64> {
    let done = sqlx::query!(
        "delete from bus_dead_letters where id in (
             select id from bus_dead_letters where received_at < $1 order by received_at limit $2)",
        before.0,
        limit,
    );
    Ok(done.execute(db).await?.rows_affected())
}
