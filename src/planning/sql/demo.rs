use sqlx::PgConnection;
use uuid::Uuid;

use crate::kernel::error::Result;

/// The demo's next published events at a venue, soonest first; none once something is planned anywhere.
pub async fn demo_events(db: &mut PgConnection) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "select id from events where status = 'published' and venue_id is not null
         and not exists (select 1 from staff_members) order by start_at, id limit 3"
    )
    .fetch_all(db)
    .await?)
}
