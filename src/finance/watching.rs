//! Rules over payments, refunds and disputes: what looks wrong is noted where it is written, in the same transaction, for
//! somebody to look at. Nothing is refused by it.

use super::sql;
use super::{FraudOutcome, FraudRule, FraudSignal, FraudSignalId, PaymentId};
use crate::access::{EndUserId, StaffId};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_transition};
use crate::kernel::timestamp::Timestamp;

/// Looks whether one of these rules holds for a person now that something was written of this payment.
pub async fn look(tx: &mut Tx, (user, payment): (EndUserId, PaymentId), rules: &[FraudRule]) -> Result<()> {
    let now = tx.now;
    for rule in rules {
        let since = Timestamp(now.0 - rule.within());
        let evidence = sql::signal_evidence(tx.conn(), *rule, user, since).await?;
        if evidence >= rule.threshold() {
            let evidence = i32::try_from(evidence).unwrap_or(i32::MAX);
            sql::signal_raise(tx.conn(), *rule, (user, payment), evidence, now).await?;
        }
    }
    Ok(())
}

/// Somebody has looked at a signal; what comes later is counted anew.
pub async fn resolve(
    tx: &mut Tx,
    id: FraudSignalId,
    (outcome, note): (FraudOutcome, &str),
    by: Option<StaffId>,
) -> Result<(FraudSignal, FraudSignal)> {
    let before = sql::signal_lock(tx.conn(), id).await?;
    if before.resolved_at.is_some() {
        return Err(invalid_transition().detail("This signal was resolved already."));
    }
    let now = tx.now;
    sql::signal_resolve(tx.conn(), id, (outcome, note), by, now).await?;
    Ok((before, sql::signal_find(tx.conn(), id).await?))
}
