use sqlx::PgConnection;

use crate::access::EndUserId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// What admission and mail need to know of an end user.
pub struct Guest {
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub gender: Option<String>,
}

/// An end user who may take part; `None` where there is none, or it is banned or gone.
pub async fn guest_find(db: &mut PgConnection, id: EndUserId, now: Timestamp) -> Result<Option<Guest>> {
    Ok(sqlx::query_as!(
        Guest,
        "select p.name, u.email, u.phone, p.gender from end_users u join user_profiles p on p.user_id = u.id
         where u.id = $1 and (u.status = 'active' or u.status = 'banned' and u.banned_until <= $2)",
        id.0,
        now.0,
    )
    .fetch_optional(db)
    .await?)
}

/// Blanks what an erased person wrote, and takes them out of lines and lists that wait. May be repeated.
pub async fn guest_erase(db: &mut PgConnection, user: EndUserId, now: Timestamp) -> Result<()> {
    // The events first, as everywhere, in the order of their ids.
    sqlx::query!(
        "select id from events
         where id in (select event_id from event_requests where requester_user_id = $1 and status = 'pending')
         order by id for update",
        user.0,
    )
    .fetch_all(&mut *db)
    .await?;
    sqlx::query!(
        "with gone as (update event_requests set status = 'cancelled', decided_at = $2, version = version + 1
                       where requester_user_id = $1 and status = 'pending' returning event_id)
         update events e set requests_count = requests_count - g.n
         from (select event_id, count(*) as n from gone group by event_id) g where e.id = g.event_id",
        user.0,
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("update event_requests set message = '', answers = '{}' where requester_user_id = $1", user.0)
        .execute(&mut *db)
        .await?;
    sqlx::query!("update event_attendees set answers = '{}', note = null where user_id = $1", user.0)
        .execute(&mut *db)
        .await?;
    sqlx::query!("update capacity_reservations set answers = '{}' where user_id = $1", user.0)
        .execute(&mut *db)
        .await?;
    sqlx::query!("update event_invites set message = '' where invited_user_id = $1", user.0).execute(&mut *db).await?;
    sqlx::query!(
        "update waiting_list_entries set status = 'left', version = version + 1
         where user_id = $1 and status = 'waiting'",
        user.0,
    )
    .execute(db)
    .await?;
    Ok(())
}
