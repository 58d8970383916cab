use sqlx::PgConnection;

use crate::access::EndUserId;
use crate::events::operations::{InterestRecord, InterestUse};
use crate::kernel::error::{Result, not_found};
use crate::people::InterestId;

/// One interest, locked until the transaction ends.
pub async fn interest_lock(db: &mut PgConnection, id: InterestId) -> Result<InterestRecord> {
    sqlx::query_as!(
        InterestRecord,
        r#"select id as "id: InterestId", name, slug, description, is_active, version from event_interests
           where id = $1 for update"#,
        id.0,
    )
    .fetch_optional(db)
    .await?
    .ok_or_else(not_found)
}

/// All of them, with who has them.
pub async fn interest_list_all(db: &mut PgConnection) -> Result<Vec<InterestUse>> {
    let rows = sqlx::query!(
        r#"select i.id as "id: InterestId", i.name, i.slug, i.description, i.is_active, i.version,
                  (select count(*) from user_profile_event_interests u where u.interest_id = i.id) as "people!",
                  (select count(*) from event_interest_map m where m.interest_id = i.id) as "events!"
           from event_interests i order by lower(i.name), i.id"#,
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| InterestUse {
            interest: InterestRecord {
                id: row.id,
                name: row.name,
                slug: row.slug,
                description: row.description,
                is_active: row.is_active,
                version: row.version,
            },
            people: row.people,
            events: row.events,
        })
        .collect())
}

/// Deletes it unless somebody has it; whether it is gone. Whoever takes it up waits for the lock.
pub async fn interest_delete(db: &mut PgConnection, id: InterestId) -> Result<bool> {
    let done = sqlx::query!(
        "delete from event_interests i where i.id = $1
         and not exists (select 1 from user_profile_event_interests u where u.interest_id = i.id)
         and not exists (select 1 from event_interest_map m where m.interest_id = i.id)",
        id.0,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}

pub async fn interest_insert(db: &mut PgConnection, interest: &InterestRecord) -> Result<()> {
    sqlx::query!(
        "insert into event_interests (id, name, slug, description) values ($1, $2, $3, $4)",
        interest.id.0,
        interest.name,
        interest.slug,
        interest.description,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn interest_update(db: &mut PgConnection, interest: &InterestRecord) -> Result<()> {
    sqlx::query!(
        "update event_interests set name = $2, description = $3, is_active = $4, version = $5 where id = $1",
        interest.id.0,
        interest.name,
        interest.description,
        interest.is_active,
        interest.version,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What can be chosen, by its word.
pub async fn interests_by_slug(db: &mut PgConnection) -> Result<Vec<(String, InterestId)>> {
    let rows = sqlx::query!("select id, slug from event_interests where is_active").fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.slug, InterestId(row.id))).collect())
}

/// End users the demo lets host, in the order they came.
pub async fn demo_hosts(db: &mut PgConnection) -> Result<Vec<EndUserId>> {
    let ids = sqlx::query_scalar!("select id from end_users where status = 'active' order by phone limit 50");
    Ok(ids.fetch_all(db).await?.into_iter().map(EndUserId).collect())
}
