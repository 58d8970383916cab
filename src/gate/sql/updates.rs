use eventify_gate::{LiveUpdate, UpdateAudience, UpdateKind};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::StaffId;
use crate::events::EventId;
use crate::gate::LiveUpdateId;
use crate::gate::moment;
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;

/// Which updates, and in which order.
pub enum Which {
    /// The latest, pinned ones first; those that were taken down are left out.
    Newest,
    /// Everything that came or changed after this place, in order.
    After(i64),
    /// This one.
    One(LiveUpdateId),
}

/// Updates of an event; only those for guests, where it is guests who ask.
pub async fn update_list(
    db: &mut PgConnection,
    event: EventId,
    which: &Which,
    guests: bool,
    limit: Option<i64>,
) -> Result<Vec<LiveUpdate>> {
    let (after, one) = match which {
        Which::Newest => (None, None),
        Which::After(seq) => (Some(*seq), None),
        Which::One(id) => (None, Some(id.0)),
    };
    let rows = sqlx::query!(
        r#"select u.id, u.change_seq, u.kind, u.body, u.audience, u.pinned, u.created_at, u.removed_at,
                  case when $3 then null else coalesce(s.full_name, u.author) end as author,
                  case when $3 then null else g.name end as "gate?"
           from live_updates u left join admin_users s on s.id = u.author_id left join gates g on g.id = u.gate_id
           where u.event_id = $1 and ($3 = false or u.audience = 'guests')
                 and ($2::bigint is null or u.change_seq > $2) and ($5::uuid is null or u.id = $5)
                 and ($2::bigint is not null or u.removed_at is null)
           order by case when $2::bigint is not null then u.change_seq end, u.pinned desc, u.created_at desc, u.id desc
           limit $4"#,
        event.0,
        after,
        guests,
        limit,
        one,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| LiveUpdate {
            id: row.id,
            event_id: event.0,
            seq: row.change_seq,
            kind: UpdateKind::parse(&row.kind).unwrap_or(UpdateKind::Info),
            // What was taken down says nothing any more.
            body: if row.removed_at.is_some() { String::new() } else { row.body },
            audience: UpdateAudience::parse(&row.audience).unwrap_or(UpdateAudience::Staff),
            pinned: row.pinned,
            author: row.author,
            gate: row.gate,
            created_at: moment(Timestamp(row.created_at)),
            removed_at: row.removed_at.map(|at| moment(Timestamp(at))),
        })
        .collect())
}

pub async fn update_find(db: &mut PgConnection, event: EventId, id: LiveUpdateId) -> Result<LiveUpdate> {
    update_list(db, event, &Which::One(id), false, Some(1)).await?.pop().ok_or_else(not_found)
}

/// One writer of an event's feed at a time, so that places are in order of commit.
pub async fn feed_lock(db: &mut PgConnection, event: EventId) -> Result<()> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('live_updates', 0) # hashtextextended($1, 0)) as "locked""#,
        event.to_string()
    )
    .fetch_one(db)
    .await?;
    Ok(())
}

/// Who writes, and from where.
#[derive(Default)]
pub struct Author {
    pub staff: Option<StaffId>,
    pub device: Option<Uuid>,
    pub gate: Option<Uuid>,
    pub name: Option<String>,
}

pub async fn update_insert(
    db: &mut PgConnection,
    id: LiveUpdateId,
    event: EventId,
    update: &eventify_gate::NewUpdate,
    author: &Author,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into live_updates (id, event_id, kind, body, audience, pinned, author_id, device_id, gate_id, author,
                                   created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        id.0,
        event.0,
        update.kind.as_str(),
        update.body.trim(),
        update.audience.as_str(),
        update.pinned,
        author.staff.map(|id| id.0),
        author.device,
        author.gate,
        author.name,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn update_change(
    db: &mut PgConnection,
    id: LiveUpdateId,
    pinned: Option<bool>,
    removed: Option<(Timestamp, Option<StaffId>)>,
) -> Result<()> {
    sqlx::query!(
        "update live_updates set pinned = coalesce($2, pinned), removed_at = coalesce($3, removed_at),
                removed_by = coalesce($4, removed_by), change_seq = nextval('live_updates_change')
         where id = $1",
        id.0,
        pinned,
        removed.map(|(at, _)| at.0),
        removed.and_then(|(_, by)| by.map(|id| id.0)),
    )
    .execute(db)
    .await?;
    Ok(())
}
