use sqlx::PgConnection;

use crate::events::{EventId, EventStatus};
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// Takes a step that was checked.
pub async fn event_set_status(
    db: &mut PgConnection,
    id: EventId,
    status: EventStatus,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update events
         set status = $2, cancellation_reason = $3,
             published_at = case when $2 = 'published' then $4::timestamptz else published_at end,
             live_at = case when $2 = 'live' then $4 else live_at end,
             ended_at = case when $2 = 'ended' then $4 else ended_at end,
             cancelled_at = case when $2 = 'cancelled' then $4 end,
             version = version + 1
         where id = $1",
        id.0,
        status.as_str(),
        reason,
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Events whose time has come: published ones to start, live ones to end.
pub async fn events_due(db: &mut PgConnection, now: Timestamp) -> Result<Vec<(EventId, EventStatus)>> {
    let rows = sqlx::query!(
        r#"(select id as "id!", 'live' as "to!: EventStatus" from events
            where status = 'published' and start_at <= $1 order by start_at limit 200)
           union all
           (select id, 'ended' from events where status = 'live' and end_at <= $1 order by end_at limit 200)"#,
        now.0,
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (EventId(row.id), row.to)).collect())
}
