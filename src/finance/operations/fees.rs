//! What organisers are charged.

use operation::operation;

use crate::finance::{FeeSchedule, NewFeeSchedule};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    crate::finance::{FeeScheduleId, sql},
    crate::kernel::context::{Db, Reader, Tx},
};

/// List the fees charged to organisers
///
/// The default first, then those of partners and events. The most specific one applies.
#[operation(GET "/finance/fees", staff = FinanceRead)]
pub async fn fee_list(db: &mut Reader, query: Paging) -> Result<Page<FeeSchedule>> {
    let fees = sql::fee_list(db.conn()).await?;
    query.cut(db, "fees", (), fees, |fee| fee.id.0)
}

/// Set the fees charged to organisers
///
/// As the default, for one partner or for one event. Replaces the previous fees and applies to orders from now on.
#[operation(POST "/finance/fees", staff = FinanceManage, status = 201, errors(unknown_reference))]
pub async fn fee_set(tx: &mut Tx, input: NewFeeSchedule) -> Result<FeeSchedule> {
    let (id, now, by) = (FeeScheduleId::new(), tx.now, tx.actor());
    sql::fee_lock(tx.conn()).await?;
    let before = sql::fee_of(tx.conn(), &input).await?;
    sql::fee_set(tx.conn(), id, &input, by, now).await?;
    let after = sql::fee_find(tx.conn(), id).await?;
    match before {
        Some(before) => tx.audit("fee_schedule.set", &before, &after),
        None => tx.audit_created("fee_schedule.set", &after),
    };
    Ok(after)
}
