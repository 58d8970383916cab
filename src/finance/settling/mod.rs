//! What a provider has sent to our bank. What agrees with our books leaves the provider's account; what does not lies in
//! an account of its own until somebody has looked at it. What the provider kept is a cost.

pub mod report;

use std::collections::BTreeMap;

use time::Duration;

use super::ledger::{self, Account, Journal};
use super::sql::{self, NewSettlementLine, Settled};
use super::{
    JournalKind, PostingLine, ProviderName, SettlementException, SettlementId, SettlementIssue, SettlementKind,
    SettlementLineId, SettlementReport,
};
use crate::access::StaffId;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_input, invalid_transition};
use crate::kernel::money::Money;
use crate::kernel::timestamp::Timestamp;
use report::{Row, Sent};

/// Takes a report; what was imported before is left as it is.
pub async fn import(
    tx: &mut Tx,
    provider: ProviderName,
    found: BTreeMap<String, Sent>,
    by: Option<StaffId>,
) -> Result<SettlementReport> {
    sql::settling_lock(tx.conn()).await?;
    let (mut settlements, mut known) = (Vec::new(), 0);
    for (reference, sent) in found {
        match one(tx, provider, &reference, &sent, by).await? {
            Some(id) => settlements.push(sql::settlement_find(tx.conn(), id).await?),
            None => known += 1,
        }
    }
    Ok(SettlementReport { provider, settlements, known })
}

async fn one(
    tx: &mut Tx,
    provider: ProviderName,
    reference: &str,
    sent: &Sent,
    by: Option<StaffId>,
) -> Result<Option<SettlementId>> {
    let (id, now, currency) = (SettlementId::new(), tx.now, &sent.currency);
    let amount: i64 = sent.rows.iter().map(|row| row.amount).sum();
    let fee: i64 = sent.rows.iter().map(|row| row.fee).sum();
    let sums = (Money { minor: amount, currency: currency.clone() }, fee);
    if !sql::provider_took(tx.conn(), provider, currency.as_str()).await? {
        let detail = format!("Settlement {reference}: this provider has no payments in {currency} here.");
        return Err(invalid_input().detail(format!("{detail} Nothing was imported.")));
    }
    if !sql::settlement_insert(tx.conn(), id, (provider, reference, sent.settled_on), &sums, by, now).await? {
        // Left as it is, but not in silence where it says something else now.
        let known = sql::settlement_sums(tx.conn(), provider, reference).await?;
        if known != (amount, fee, currency.as_str().to_owned(), sent.settled_on) {
            let detail = format!("Settlement {reference} was already imported with different amounts or another date.");
            return Err(invalid_input().detail(format!("{detail} Nothing was imported.")));
        }
        return Ok(None);
    }
    let mut agreed = 0;
    for (at, row) in sent.rows.iter().enumerate() {
        let line = matched(tx, provider, sent, row).await?;
        if line.exception.is_none() {
            agreed += row.amount;
        }
        sql::settlement_line_insert(tx.conn(), id, at + 1, row, &line, now).await?;
        if let Some(payment) = line.payment {
            sql::missing_found(tx.conn(), payment, &format!("Settlement {reference} now includes it."), now).await?;
        }
    }
    let net = Money { minor: amount - fee, currency: currency.clone() };
    let description = format!("Settlement {reference}: {} paid to bank", net.display());
    let journal = Journal::new(JournalKind::Settlement, ("settlement", id.0), None, currency, description)
        .debit(Account::Bank, PostingLine::Settlement, net.minor)
        .debit(Account::ProviderFees, PostingLine::Fee, fee)
        .credit(Account::Provider(provider.as_str()), PostingLine::Settlement, agreed)
        .credit(Account::Suspense, PostingLine::Settlement, amount - agreed);
    ledger::post(tx, journal).await?;
    Ok(Some(id))
}

/// What a row is of ours, and whether it agrees.
async fn matched(tx: &mut Tx, provider: ProviderName, sent: &Sent, row: &Row) -> Result<NewSettlementLine> {
    let currency = sent.currency.as_str();
    let found = match row.kind {
        SettlementKind::Payment => sql::settled_payment(tx.conn(), provider, &row.reference, currency).await?,
        SettlementKind::Refund => {
            sql::settled_refund(tx.conn(), provider, &row.reference, (row.amount, currency)).await?
        }
        // What comes back is none that was lost: somebody has to look at it.
        SettlementKind::Dispute if row.amount > 0 => None,
        SettlementKind::Dispute => {
            sql::settled_dispute(tx.conn(), provider, &row.reference, (row.amount, currency)).await?
        }
    };
    let mut line = NewSettlementLine::default();
    let Some(Settled { id, amount, settled }) = found else {
        line.exception = Some(SettlementException::Unknown);
        return Ok(line);
    };
    match row.kind {
        SettlementKind::Payment => line.payment = Some(id),
        SettlementKind::Refund => line.refund = Some(id),
        SettlementKind::Dispute => line.dispute = Some(id),
    }
    if settled {
        line.exception = Some(SettlementException::SettledTwice);
    } else if amount != row.amount {
        (line.exception, line.expected) = (Some(SettlementException::AmountDiffers), Some(amount));
    }
    Ok(line)
}

/// Somebody has found out what an exception is: where the amount differs, the payment is settled with what came, and what
/// came too much or too little is the provider's fee; so is what nobody knows of.
pub async fn resolve(
    tx: &mut Tx,
    id: SettlementLineId,
    note: &str,
    by: Option<StaffId>,
) -> Result<(SettlementIssue, SettlementIssue)> {
    sql::settling_lock(tx.conn()).await?;
    let before = sql::issue_lock(tx.conn(), id).await?;
    if before.resolved_at.is_some() {
        return Err(invalid_transition().detail("This exception was resolved already."));
    }
    let now = tx.now;
    // What no settlement names moved no money: it is with the provider still.
    if let (Some(settlement), Some(reference)) = (before.settlement_id, &before.settlement_reference) {
        clear_up(tx, &before, (settlement, reference)).await?;
    }
    sql::issue_resolve(tx.conn(), id, note, by, now).await?;
    Ok((before, sql::issue_find(tx.conn(), id).await?))
}

async fn clear_up(tx: &mut Tx, before: &SettlementIssue, (settlement, reference): (SettlementId, &str)) -> Result<()> {
    let expected = before.expected.as_ref().map_or(0, |money| money.minor);
    let amount = &before.amount;
    let description = format!("Settlement {reference}: exception of {} resolved", amount.display());
    let (kind, cause) = (JournalKind::SettlementResolved, ("settlement", settlement.0));
    let journal = Journal::new(kind, cause, None, &amount.currency, description)
        .debit(Account::Suspense, PostingLine::Settlement, amount.minor)
        .credit(Account::Provider(before.provider.as_str()), PostingLine::Settlement, expected)
        .credit(Account::ProviderFees, PostingLine::Fee, amount.minor - expected);
    ledger::post(tx, journal).await.map(drop)
}

/// How long after a payment a provider should have sent it at the latest.
const LATEST: Duration = Duration::days(10);
/// How many are noted at once; the others follow the day after.
const AT_ONCE: i64 = 200;

/// Makes an exception of each payment that should have been in a report by now.
pub async fn look_for_missing(tx: &mut Tx) -> Result<u64> {
    let now = tx.now;
    sql::settling_lock(tx.conn()).await?;
    sql::missing_note(tx.conn(), Timestamp(now.0 - LATEST), now, AT_ONCE).await
}
