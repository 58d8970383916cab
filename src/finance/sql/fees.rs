use sqlx::{PgConnection, Postgres, QueryBuilder, Row};

use crate::access::StaffId;
use crate::events::{Event, EventId};
use crate::finance::{FeeSchedule, FeeScheduleId, NewFeeSchedule, Rates};
use crate::kernel::error::{Result, not_found};
use crate::kernel::locks::AdvisoryLock;
use crate::kernel::timestamp::Timestamp;

const FEE: &str = "select f.id, f.partner_id, p.name as partner_name, f.event_id, e.title as event_title,
    f.fee_basis_points, f.tax_basis_points, f.created_at
    from fee_schedules f left join partners p on p.id = f.partner_id left join events e on e.id = f.event_id";

fn fee_row(row: &sqlx::postgres::PgRow) -> sqlx::Result<FeeSchedule> {
    Ok(FeeSchedule {
        id: row.try_get("id")?,
        partner_id: row.try_get("partner_id")?,
        partner_name: row.try_get("partner_name")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        fee_basis_points: row.try_get("fee_basis_points")?,
        tax_basis_points: row.try_get("tax_basis_points")?,
        created_at: row.try_get("created_at")?,
    })
}

/// What is charged now, the rule for all first.
pub async fn fee_list(db: &mut PgConnection) -> Result<Vec<FeeSchedule>> {
    let mut query = QueryBuilder::<Postgres>::new(FEE);
    query.push(" where f.replaced_at is null order by num_nonnulls(f.partner_id, f.event_id), p.name, e.title, f.id");
    let rows = query.build().fetch_all(db).await?;
    Ok(rows.iter().map(fee_row).collect::<sqlx::Result<_>>()?)
}

pub async fn fee_find(db: &mut PgConnection, id: FeeScheduleId) -> Result<FeeSchedule> {
    let mut query = QueryBuilder::<Postgres>::new(FEE);
    query.push(" where f.id = ").push_bind(id);
    Ok(fee_row(&query.build().fetch_optional(db).await?.ok_or_else(not_found)?)?)
}

/// The rule that holds now for exactly this, if there is one.
pub async fn fee_of(db: &mut PgConnection, input: &NewFeeSchedule) -> Result<Option<FeeSchedule>> {
    let mut query = QueryBuilder::<Postgres>::new(FEE);
    query.push(" where f.replaced_at is null and f.partner_id is not distinct from ").push_bind(input.partner_id);
    query.push(" and f.event_id is not distinct from ").push_bind(input.event_id);
    let row = query.build().fetch_optional(db).await?;
    Ok(row.as_ref().map(fee_row).transpose()?)
}

/// Waits until nobody else changes what is charged.
pub async fn fee_lock(db: &mut PgConnection) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1)", AdvisoryLock::Fees.key()).execute(db).await?;
    Ok(())
}

/// Puts a rule in the place of the one before.
pub async fn fee_set(
    db: &mut PgConnection,
    id: FeeScheduleId,
    input: &NewFeeSchedule,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update fee_schedules set replaced_at = $3
         where replaced_at is null and partner_id is not distinct from $1 and event_id is not distinct from $2",
        input.partner_id.map(|id| id.0),
        input.event_id.map(|id| id.0),
        now.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "insert into fee_schedules (id, partner_id, event_id, fee_basis_points, tax_basis_points, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        id.0,
        input.partner_id.map(|id| id.0),
        input.event_id.map(|id| id.0),
        input.fee_basis_points,
        input.tax_basis_points,
        by.map(|by| by.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What holds for an event: its own tax, and the most exact rule for the fee.
pub async fn rates_of(db: &mut PgConnection, event: &Event) -> Result<Rates> {
    let tax = tax_of(&mut *db, event.id).await?;
    let row = sqlx::query!(
        "select fee_basis_points, tax_basis_points from fee_schedules
         where replaced_at is null and (event_id = $1 or partner_id = $2 or num_nonnulls(event_id, partner_id) = 0)
         order by event_id nulls last, partner_id nulls last limit 1",
        event.id.0,
        event.organizer_partner_id.map(|id| id.0),
    )
    .fetch_optional(db)
    .await?;
    let (fee, fee_tax) = row.map_or((0, 0), |row| (row.fee_basis_points, row.tax_basis_points));
    Ok(Rates { tax, fee, fee_tax })
}

/// The event's own tax in hundredths of a percent.
async fn tax_of(db: &mut PgConnection, event: EventId) -> Result<i32> {
    let points = sqlx::query_scalar!(
        r#"select coalesce((gst_percent * 100)::int, 0) as "points!" from events where id = $1"#,
        event.0,
    );
    Ok(points.fetch_one(db).await?)
}
