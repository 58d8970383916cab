//! Versions of plans.

use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::access::StaffId;
use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::planning::{PlanVersion, PlanVersionId, VersionEntry, VersionKind};

/// The versions of a plan, the newest first.
pub async fn version_list(db: &mut PgConnection, event: EventId) -> Result<Vec<PlanVersion>> {
    Ok(sqlx::query_as!(
        PlanVersion,
        r#"select v.id as "id: PlanVersionId", v.event_id as "event_id: EventId", v.number,
                  v.kind as "kind: VersionKind", u.full_name as "made_by?", v.created_at as "created_at: Timestamp"
           from plan_versions v left join admin_users u on u.id = v.made_by
           where v.event_id = $1 order by v.number desc"#,
        event.0,
    )
    .fetch_all(db)
    .await?)
}

/// The newest version of a plan, and the entries it has.
pub async fn version_last(db: &mut PgConnection, event: EventId) -> Result<Option<(PlanVersion, Vec<VersionEntry>)>> {
    let row = sqlx::query!(
        r#"select v.id, v.number, v.kind as "kind: VersionKind", u.full_name as "made_by?", v.created_at,
                  v.entries as "entries: Json<Vec<VersionEntry>>"
           from plan_versions v left join admin_users u on u.id = v.made_by
           where v.event_id = $1 order by v.number desc limit 1"#,
        event.0,
    );
    Ok(row.fetch_optional(db).await?.map(|row| {
        let version = PlanVersion {
            id: PlanVersionId(row.id),
            event_id: event,
            number: row.number,
            kind: row.kind,
            made_by: row.made_by,
            created_at: Timestamp(row.created_at),
        };
        (version, row.entries.0)
    }))
}

pub async fn version_insert(
    db: &mut PgConnection,
    version: &PlanVersion,
    entries: &[VersionEntry],
    by: Option<StaffId>,
) -> Result<()> {
    sqlx::query!(
        "insert into plan_versions (id, event_id, number, kind, entries, made_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        version.id.0,
        version.event_id.0,
        version.number,
        version.kind.as_str(),
        Json(entries) as _,
        by.map(|id| id.0),
        version.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The accounts of these people of the crew, and of those who sign in as these artists.
pub async fn accounts_of(db: &mut PgConnection, subjects: &[Uuid], now: Timestamp) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
    let row = sqlx::query!(
        r#"select array(select m.admin_user_id from staff_members m
                        join admin_users u on u.id = m.admin_user_id and u.status = 'active'
                        where m.id = any($1) and m.admin_user_id is not null order by 1) as "crew!",
                  array(select distinct a.user_id from user_role_assignments a
                        join admin_users u on u.id = a.user_id and u.status = 'active'
                        where a.talent_id = any($1) and a.revoked_at is null
                              and (a.expires_at is null or a.expires_at > $2) order by 1) as "artists!""#,
        subjects,
        now.0,
    );
    let row = row.fetch_one(db).await?;
    Ok((row.crew, row.artists))
}
