//! Promo codes.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::tickets::{NewPromoCode, PromoCode, PromoCodeId};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{find_run, lock},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_transition, not_found},
        permissions::Permission::{TicketsManage, TicketsRead},
    },
    crate::tickets::{rules::chosen, sql},
};

/// List the promo codes of an event with how often each was used
#[operation(GET "/events/{id}/promo-codes", staff = TicketsRead, end_user, scoped)]
pub async fn promo_code_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<PromoCode>> {
    find_run(db, id, TicketsRead).await?;
    let now = db.now;
    let rows = sql::promo_list(db.conn(), id, None, now).await?;
    Ok(query.cut(db, "promo_codes", id, rows, |row| row.promo.id.0)?.map(|row| row.promo))
}

/// `12.5` as hundredths.
#[cfg(feature = "ssr")]
fn basis_points(percent: &str) -> i32 {
    let (whole, rest) = percent.split_once('.').unwrap_or((percent, "0"));
    whole.parse().unwrap_or(0) * 100 + format!("{rest:0<2}").parse::<i32>().unwrap_or(0)
}

/// Add a promo code to an event
///
/// It gives a percentage discount on each seat, shows hidden ticket types, or both.
#[operation(POST "/events/{id}/promo-codes", staff = TicketsManage, end_user, status = 201, scoped, idempotent,
    errors(already_exists, unknown_reference))]
pub async fn promo_code_add(tx: &mut Tx, id: EventId, input: NewPromoCode) -> Result<PromoCode> {
    lock(tx, id, TicketsManage).await?;
    let now = tx.now;
    if let Some(ticket_type) = input.ticket_type_id {
        chosen(&sql::type_list(tx.conn(), id, now, true).await?, ticket_type)?;
    }
    let points = input.discount_percent.as_ref().map_or(0, |percent| basis_points(percent.as_str()));
    let promo = PromoCode {
        id: PromoCodeId::new(),
        event_id: id,
        code: input.code.into(),
        ticket_type_id: input.ticket_type_id,
        discount_percent: String::new(),
        unlocks_hidden: input.unlocks_hidden,
        max_uses: input.max_uses.map(|seats| seats.count()),
        uses: 0,
        valid_from: input.valid_from,
        valid_until: input.valid_until,
        revoked_at: None,
        created_at: now,
    };
    sql::promo_insert(tx.conn(), &promo, points).await?;
    let row = sql::promo_list(tx.conn(), id, Some(&promo.code), now).await?.into_iter().next();
    let promo = row.ok_or_else(not_found)?.promo;
    tx.audit_created("promo_code.created", &promo);
    Ok(promo)
}

/// Revoke a promo code
///
/// Reservations made with it keep their price.
#[operation(DELETE "/promo-codes/{id}", staff = TicketsManage, end_user, scoped, errors(invalid_transition))]
pub async fn promo_code_revoke(tx: &mut Tx, id: PromoCodeId) -> Result<()> {
    let before = locked(tx, id).await?;
    if before.revoked_at.is_some() {
        return Err(invalid_transition().detail("The code is revoked already."));
    }
    let now = tx.now;
    sql::promo_revoke(tx.conn(), id, Some(now)).await?;
    tx.audit("promo_code.revoked", &before, &PromoCode { revoked_at: Some(now), ..before.clone() });
    Ok(())
}

/// Restore a revoked promo code
///
/// It works again within its limits; tickets already booked with it count.
#[operation(POST "/promo-codes/{id}/restore", staff = TicketsManage, end_user, scoped, errors(invalid_transition))]
pub async fn promo_code_restore(tx: &mut Tx, id: PromoCodeId) -> Result<PromoCode> {
    let before = locked(tx, id).await?;
    if before.revoked_at.is_none() {
        return Err(invalid_transition().detail("The code is not revoked."));
    }
    sql::promo_revoke(tx.conn(), id, None).await?;
    let after = PromoCode { revoked_at: None, ..before.clone() };
    tx.audit("promo_code.restored", &before, &after);
    Ok(after)
}

/// A promo code under its event's lock.
#[cfg(feature = "ssr")]
async fn locked(tx: &mut Tx, id: PromoCodeId) -> Result<PromoCode> {
    let event = sql::promo_event(tx.conn(), id).await?;
    lock(tx, event, TicketsManage).await.map_err(super::reach::hidden)?;
    let now = tx.now;
    let all = sql::promo_list(tx.conn(), event, None, now).await?;
    Ok(all.into_iter().find(|row| row.promo.id == id).ok_or_else(not_found)?.promo)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    #[test]
    fn percentages_as_hundredths() {
        for (percent, points) in [("0", 0), ("5", 500), ("12.5", 1250), ("99.99", 9999), ("100", 10_000)] {
            assert_eq!(super::basis_points(percent), points);
        }
    }
}
