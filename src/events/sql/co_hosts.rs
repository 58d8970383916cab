use sqlx::PgConnection;

use crate::access::EndUserId;
use crate::events::{CoHost, CoHostId, EventId};
use crate::kernel::error::{Result, not_found};
use crate::partners::PartnerId;

/// The co-hosts of an event, in the order they came.
pub async fn co_host_list(db: &mut PgConnection, event: EventId) -> Result<Vec<CoHost>> {
    Ok(sqlx::query_as!(
        CoHost,
        r#"select c.id as "id: CoHostId", c.event_id as "event_id: EventId", c.user_id as "user_id: EndUserId",
                  c.partner_id as "partner_id: PartnerId", coalesce(p.name, nullif(u.name, '')) as name,
                  c.created_at
           from event_co_hosts c left join partners p on p.id = c.partner_id
           left join user_profiles u on u.user_id = c.user_id
           where c.event_id = $1 order by c.created_at, c.id"#,
        event.0,
    )
    .fetch_all(db)
    .await?)
}

pub async fn co_host_insert(db: &mut PgConnection, co_host: &CoHost) -> Result<()> {
    sqlx::query!(
        "insert into event_co_hosts (id, event_id, user_id, partner_id, created_at) values ($1, $2, $3, $4, $5)",
        co_host.id.0,
        co_host.event_id.0,
        co_host.user_id.map(|id| id.0),
        co_host.partner_id.map(|id| id.0),
        co_host.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One co-host of this event, or 404.
pub async fn co_host_find(db: &mut PgConnection, event: EventId, id: CoHostId) -> Result<CoHost> {
    co_host_list(db, event).await?.into_iter().find(|co_host| co_host.id == id).ok_or_else(not_found)
}

pub async fn co_host_delete(db: &mut PgConnection, id: CoHostId) -> Result<()> {
    sqlx::query!("delete from event_co_hosts where id = $1", id.0).execute(db).await?;
    Ok(())
}
