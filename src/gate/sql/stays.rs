use eventify_gate::Direction;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::gate::stays::Around;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// Somebody went out, and nobody was known to be in: it counted nobody.
#[derive(Default)]
pub struct LeftRow {
    pub id: Uuid,
    pub at: Option<Timestamp>,
    pub gate_id: Option<Uuid>,
    pub gate: String,
    pub device_id: Option<Uuid>,
    pub checked_in_by: Option<Uuid>,
    pub steward: Option<String>,
    pub offline: bool,
}

/// The moves of a ticket around a moment, by when they happened. Each that moved it says where it stood before; who went
/// out uncounted is found once, until the way in that belongs to it is known.
pub async fn around(db: &mut PgConnection, ticket: Uuid, at: Timestamp) -> Result<Around> {
    let row = sqlx::query!(
        r#"with scans as (
               select c.* from ticket_checkins c
               where c.ticket_id = $1 and c.result = 'admitted' and c.annulled_at is null and not c.untrusted),
           after as (
               select direction, checked_in_at from scans where was is not null and checked_in_at > $2
               order by checked_in_at, recorded_at, xid limit 1)
           select (select direction from scans where was is not null and checked_in_at <= $2
                   order by checked_in_at desc, recorded_at desc, xid desc limit 1) as before,
                  (select direction from after) as after,
                  (select i.id from scans i
                   where i.direction = 'in' and i.was is null and i.people > 0 and i.checked_in_at > $2
                         and i.checked_in_at < coalesce((select checked_in_at from after), 'infinity')
                         and not exists (select 1 from checkin_conflicts x
                                         where x.second_checkin_id = i.id and x.kind = 'void_ticket')
                   order by i.checked_in_at, i.recorded_at, i.xid limit 1) as came_back,
                  o.id as "out_id?", o.checked_in_at as "out_at?", o.gate_id as "gate_id?", o.gate as "gate?",
                  o.device_id as "device_id?", o.checked_in_by as "checked_in_by?", o.steward as "steward?",
                  o.offline as "offline?"
           from (values (1)) one left join lateral (
               select * from scans o
               where o.direction = 'out' and o.was is null and o.people = 0 and o.attempt_id is null
                     and o.checked_in_at > $2 and o.checked_in_at < coalesce((select checked_in_at from after), 'infinity')
                     and not exists (select 1 from ticket_checkins f where f.attempt_id = o.id and f.result = 'admitted')
               order by o.checked_in_at, o.recorded_at, o.xid limit 1) o on true"#,
        ticket,
        at.0,
    )
    .fetch_one(db)
    .await?;
    let direction = |word: Option<String>| word.as_deref().and_then(Direction::parse);
    Ok(Around {
        before: direction(row.before),
        after: direction(row.after),
        came_back: row.came_back,
        left: row.out_id.map(|id| LeftRow {
            id,
            at: row.out_at.map(Timestamp),
            gate_id: row.gate_id,
            gate: row.gate.unwrap_or_default(),
            device_id: row.device_id,
            checked_in_by: row.checked_in_by,
            steward: row.steward,
            offline: row.offline.unwrap_or_default(),
        }),
    })
}

/// Somebody came in who was taken for being in already: they had gone out before.
pub async fn checkin_came_back(db: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("update ticket_checkins set was = 'outside' where id = $1 and was is null", id).execute(db).await?;
    Ok(())
}
