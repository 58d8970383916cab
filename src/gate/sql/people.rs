use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::access::EndUserId;
use crate::kernel::error::Result;

/// When and where somebody came in or was turned away.
pub async fn guest_gather(db: &mut PgConnection, user: EndUserId) -> Result<Value> {
    Ok(sqlx::query_scalar!(
        r#"select jsonb_build_object('scans', coalesce(jsonb_agg(jsonb_build_object('event', e.title, 'at', c.checked_in_at,
                      'gate', c.gate, 'direction', c.direction, 'result', c.result, 'reason', c.reason)
                      order by c.checked_in_at), '[]')) as "scans!"
           from ticket_checkins c join tickets k on k.id = c.ticket_id join events e on e.id = k.event_id
           where k.user_id = $1"#,
        user.0,
    )
    .fetch_one(db)
    .await?)
}

/// Takes away what was written about somebody; answers which attempts and conflicts speak of them.
pub async fn guest_erase(db: &mut PgConnection, user: EndUserId) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
    let scans = sqlx::query_scalar!(
        "update ticket_checkins c
         set force_reason = case when c.force_reason is null then null else '' end,
             annul_reason = case when c.annul_reason is null then null else '' end
         from tickets k where k.id = c.ticket_id and k.user_id = $1 returning c.id",
        user.0,
    )
    .fetch_all(&mut *db)
    .await?;
    let conflicts = sqlx::query_scalar!(
        "update checkin_conflicts x set note = case when x.note is null then null else '' end
         from tickets k where k.id = x.ticket_id and k.user_id = $1 returning x.id",
        user.0,
    )
    .fetch_all(db)
    .await?;
    Ok((scans, conflicts))
}
