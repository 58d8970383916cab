use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::EndUserId;
use crate::kernel::error::Result;

/// The events somebody hosts.
pub async fn hosted_ids(db: &mut PgConnection, user: EndUserId) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!("select id from events where host_user_id = $1", user.0).fetch_all(db).await?)
}

/// The events somebody hosts or co-hosts, with their pictures and questions, as rows of JSON.
pub async fn hosted_gather(db: &mut PgConnection, user: EndUserId) -> Result<Value> {
    let all = sqlx::query_scalar!(
        r#"select jsonb_build_object(
               'events', (
                   select coalesce(jsonb_agg((to_jsonb(e) - 'search_text') || jsonb_build_object(
                       'images', (select coalesce(jsonb_agg(to_jsonb(i) - 'storage_key' order by i.position), '[]')
                                  from event_images i where i.event_id = e.id),
                       'questions', (select coalesce(jsonb_agg(to_jsonb(q) order by q.position), '[]')
                                     from event_questions q where q.event_id = e.id)) order by e.id), '[]')
                   from events e where e.host_user_id = $1),
               'co_hosting', (
                   select coalesce(jsonb_agg(jsonb_build_object('since', c.created_at, 'event_id', e.id, 'title', e.title)
                                             order by c.id), '[]')
                   from event_co_hosts c join events e on e.id = c.event_id where c.user_id = $1)
           ) as "all!""#,
        user.0,
    )
    .fetch_one(db)
    .await?;
    Ok(all)
}
