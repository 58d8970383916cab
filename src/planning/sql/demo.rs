use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;

/// The demo's events at a venue and their titles, soonest first; none once something is planned anywhere.
pub async fn demo_events(db: &mut PgConnection) -> Result<Vec<(Uuid, String)>> {
    let rows = sqlx::query!(
        "select id, title from events where status in ('published', 'live', 'ended') and venue_id is not null
         and not exists (select 1 from staff_members) order by start_at, id"
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| (row.id, row.title)).collect())
}
