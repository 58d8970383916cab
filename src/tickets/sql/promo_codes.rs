use sqlx::PgConnection;

use crate::events::EventId;
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;
use crate::tickets::{PromoCode, PromoCodeId, TicketTypeId};

/// A promo code, with its discount in hundredths of a percent.
pub struct PromoRow {
    pub promo: PromoCode,
    pub basis_points: i32,
}

/// The promo codes of an event, or the one with this code. Used are tickets that stand, whoever has them by now,
/// and seats that are held.
pub async fn promo_list(
    db: &mut PgConnection,
    event: EventId,
    code: Option<&str>,
    now: Timestamp,
) -> Result<Vec<PromoRow>> {
    let rows = sqlx::query!(
        r#"select p.id, p.code, p.ticket_type_id, p.discount_basis_points, p.unlocks_hidden, p.max_uses, p.valid_from,
                  p.valid_until, p.revoked_at, p.created_at,
                  (select coalesce(sum(r.seats_reserved), 0) from capacity_reservations r
                       where r.promo_code_id = p.id and not r.consumed and r.released_at is null and r.expires_at > $3)
                  + (with recursive g as (
                         select a.id, a.seats, a.status from capacity_reservations r
                             join event_attendees a on a.reservation_id = r.id where r.promo_code_id = p.id
                         union all select a.id, a.seats, a.status from g join event_attendees a on a.transferred_from = g.id)
                     select coalesce(sum(seats), 0) from g where status in ('going', 'checked_in')) as "uses!"
           from promo_codes p where p.event_id = $1 and ($2::text is null or p.code = $2)
           order by p.created_at, p.id"#,
        event.0,
        code,
        now.0,
    )
    .fetch_all(db)
    .await?;
    let promo = |row: i32| format!("{}.{:02}", row / 100, row % 100);
    Ok(rows
        .into_iter()
        .map(|row| PromoRow {
            basis_points: row.discount_basis_points,
            promo: PromoCode {
                id: PromoCodeId(row.id),
                event_id: event,
                code: row.code,
                ticket_type_id: row.ticket_type_id.map(TicketTypeId),
                discount_percent: promo(row.discount_basis_points),
                unlocks_hidden: row.unlocks_hidden,
                max_uses: row.max_uses,
                uses: row.uses,
                valid_from: row.valid_from.map(Timestamp),
                valid_until: row.valid_until.map(Timestamp),
                revoked_at: row.revoked_at.map(Timestamp),
                created_at: Timestamp(row.created_at),
            },
        })
        .collect())
}

pub async fn promo_event(db: &mut PgConnection, id: PromoCodeId) -> Result<EventId> {
    let event = sqlx::query_scalar!("select event_id from promo_codes where id = $1", id.0).fetch_optional(db).await?;
    event.map(EventId).ok_or_else(not_found)
}

pub async fn promo_insert(db: &mut PgConnection, promo: &PromoCode, basis_points: i32) -> Result<()> {
    sqlx::query!(
        "insert into promo_codes (id, event_id, code, ticket_type_id, discount_basis_points, unlocks_hidden, max_uses,
                                  valid_from, valid_until, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        promo.id.0,
        promo.event_id.0,
        promo.code,
        promo.ticket_type_id.map(|id| id.0),
        basis_points,
        promo.unlocks_hidden,
        promo.max_uses,
        promo.valid_from.map(|at| at.0),
        promo.valid_until.map(|at| at.0),
        promo.created_at.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Revokes a code; without a time it works again.
pub async fn promo_revoke(db: &mut PgConnection, id: PromoCodeId, at: Option<Timestamp>) -> Result<()> {
    sqlx::query!(
        "update promo_codes set revoked_at = $2, version = version + 1 where id = $1",
        id.0,
        at.map(|at| at.0)
    )
    .execute(db)
    .await?;
    Ok(())
}
