//! Paying partners out. A batch is prepared from what they are owed, approved by another person, which sets the money
//! aside, and then sent. What is set aside nobody is paid a second time.

use super::bus::PayoutPaid;
use super::ledger::{self, Account, Journal};
use super::sql::{self, NewPayout};
use super::{
    JournalKind, Payout, PayoutBatch, PayoutBatchDetail, PayoutBatchId, PayoutBatchStatus, PayoutChange,
    PayoutExclusionReason, PayoutId, PayoutStatus, PostingLine, checkout,
};
use crate::access::StaffId;
use crate::finance::errors::{nobody_to_pay, payout_stale};
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Error, Result, forbidden, invalid_transition, is_now};
use crate::kernel::money::{Currency, Money};
use crate::partners::payees::{Payee, payees};
use crate::partners::{BankAccountId, PartnerId, PartnerStatus, Verification};

/// A batch with everybody in it.
pub async fn detail(db: &mut impl Db, id: PayoutBatchId) -> Result<PayoutBatchDetail> {
    let batch = sql::batch_find(db.conn(), id).await?;
    let payouts = sql::payouts_of(db.conn(), id).await?;
    let left_out = sql::exclusions_of(db.conn(), &batch).await?;
    Ok(PayoutBatchDetail { batch, payouts, left_out })
}

/// Where a partner's money goes, or why it cannot.
fn destination(payee: &Payee) -> Result<BankAccountId, PayoutExclusionReason> {
    match (payee.status, payee.verification, payee.account) {
        (PartnerStatus::Suspended, ..) => Err(PayoutExclusionReason::Suspended),
        (PartnerStatus::Invited, ..) => Err(PayoutExclusionReason::NotActive),
        (_, Verification::Pending | Verification::Rejected, _) => Err(PayoutExclusionReason::NotVerified),
        (.., None) => Err(PayoutExclusionReason::NoBankAccount),
        (.., Some(account)) => Ok(account),
    }
}

/// Prepares a batch of what partners are owed in the currency of `minimum`.
pub async fn prepare(tx: &mut Tx, minimum: &Money, by: Option<StaffId>) -> Result<PayoutBatchId> {
    let (id, now, reference) = (PayoutBatchId::new(), tx.now, checkout::reference("PO"));
    sql::batch_insert(tx.conn(), id, (&reference, minimum), by, now).await?;
    let owed = sql::owed_list(tx.conn(), &minimum.currency).await?;
    let partners: Vec<PartnerId> = owed.iter().map(|(partner, _)| *partner).collect();
    let payees = payees(tx.conn(), &partners, &minimum.currency).await?;
    let (mut number, mut left_out) = (0, Vec::new());
    for payee in &payees {
        let Some((_, amount)) = owed.iter().find(|(partner, _)| *partner == payee.partner) else { continue };
        let enough = || if amount.minor < minimum.minor { Err(PayoutExclusionReason::BelowMinimum) } else { Ok(()) };
        match destination(payee).and_then(|account| enough().map(|()| account)) {
            Ok(account) => {
                number += 1;
                let end_to_end = format!("{reference}-{number:04}");
                let new = NewPayout { partner: payee.partner, account, amount: amount.clone(), end_to_end };
                sql::payout_insert(tx.conn(), id, &new, now).await?;
            }
            Err(reason) => {
                left_out.push(reason);
                sql::exclusion_insert(tx.conn(), id, (payee.partner, amount, reason), now).await?;
            }
        }
    }
    if number == 0 {
        return Err(nobody(&minimum.currency, &left_out));
    }
    Ok(id)
}

/// Why nobody can be paid.
fn nobody(currency: &Currency, left_out: &[PayoutExclusionReason]) -> Error {
    let counts = PayoutExclusionReason::ALL.iter().filter_map(|reason| {
        let count = left_out.iter().filter(|one| *one == reason).count();
        (count > 0).then(|| format!("{count} {}", reason.in_words()))
    });
    let detail = match left_out.len() {
        0 => format!("No partner is owed anything in {currency}."),
        1 => format!("The only partner who is owed {currency} is {}.", left_out[0].in_words()),
        many => {
            let counts = counts.collect::<Vec<_>>().join(", ");
            format!("None of the {many} partners who are owed {currency} can be paid now: {counts}.")
        }
    };
    nobody_to_pay().detail(detail)
}

/// Approves a batch: what it pays leaves the partners' accounts. Never by who prepared it.
pub async fn approve(tx: &mut Tx, id: PayoutBatchId, by: Option<StaffId>) -> Result<(PayoutBatch, PayoutBatch)> {
    let before = sql::batch_lock(tx.conn(), id).await?;
    before.status.next(PayoutBatchStatus::Approved)?;
    if before.prepared_by.is_some() && before.prepared_by == by {
        return Err(forbidden().detail("You prepared this batch: someone else must approve it."));
    }
    let payouts = sql::payouts_of(tx.conn(), id).await?;
    if payouts.is_empty() {
        return Err(invalid_transition().detail("There is nobody to pay in this batch."));
    }
    for payout in &payouts {
        let description = format!("Payout {}: {} set aside", before.reference, payout.amount.display());
        let journal =
            Journal::new(JournalKind::Payout, ("payout", payout.id.0), None, &payout.amount.currency, description)
                .debit(Account::Partner(payout.partner_id), PostingLine::Payout, payout.amount.minor)
                .credit(Account::Payouts, PostingLine::Payout, payout.amount.minor);
        ledger::post(tx, journal).await?;
    }
    // The postings have locked accounts and partners: nothing comes between.
    must_be_true(tx, &before, &payouts).await?;
    if let Some(partner) = sql::overdrawn(tx.conn(), id).await?.first() {
        return Err(stale(&format!("{partner} is now owed less.")));
    }
    let now = tx.now;
    sql::batch_step(tx.conn(), id, PayoutBatchStatus::Approved, by, now).await?;
    Ok((before, sql::batch_find(tx.conn(), id).await?))
}

fn stale(what: &str) -> Error {
    payout_stale().detail(format!("{what} Discard the batch and prepare it again."))
}

/// What a batch was prepared on still holds.
async fn must_be_true(tx: &mut Tx, batch: &PayoutBatch, payouts: &[Payout]) -> Result<()> {
    let partners: Vec<PartnerId> = payouts.iter().map(|payout| payout.partner_id).collect();
    let payees = payees(tx.conn(), &partners, &batch.amount.currency).await?;
    for payout in payouts {
        let account = sql::payout_account(tx.conn(), payout.id).await?;
        let payee = payees.iter().find(|payee| payee.partner == payout.partner_id);
        if payee.map(destination) != Some(Ok(account)) {
            return Err(stale(&format!("{} can no longer be paid to that account.", payout.partner_name)));
        }
    }
    Ok(())
}

/// One step of a batch that moves no money.
pub async fn transition(
    tx: &mut Tx,
    id: PayoutBatchId,
    to: PayoutBatchStatus,
    by: Option<StaffId>,
) -> Result<(PayoutBatch, PayoutBatch)> {
    let (now, before) = (tx.now, sql::batch_lock(tx.conn(), id).await?);
    before.status.next(to)?;
    sql::batch_step(tx.conn(), id, to, by, now).await?;
    Ok((before, sql::batch_find(tx.conn(), id).await?))
}

/// What the bank says of one payout; once all are paid, the batch is done.
pub async fn change(tx: &mut Tx, id: PayoutId, input: &PayoutChange) -> Result<(Payout, Payout)> {
    let seen = sql::payout_find(tx.conn(), id).await?;
    let batch = sql::batch_lock(tx.conn(), seen.batch_id).await?;
    let (now, before) = (tx.now, sql::payout_find(tx.conn(), id).await?);
    if batch.status != PayoutBatchStatus::Processing {
        return Err(is_now("batch", batch.status.as_str()));
    }
    before.status.next(input.status)?;
    let mut account = None;
    if input.status == PayoutStatus::Pending {
        let payees = payees(tx.conn(), &[before.partner_id], &before.amount.currency).await?;
        let payee = payees.first().map(destination);
        let Some(Ok(to)) = payee else {
            return Err(payout_stale().detail(format!("{} cannot be paid now.", before.partner_name)));
        };
        account = Some(to);
    }
    let reason = input.reason.as_ref().map(|reason| reason.as_str()).filter(|_| input.status == PayoutStatus::Failed);
    sql::payout_set_status(tx.conn(), id, (input.status, reason), account, now).await?;
    if input.status == PayoutStatus::Paid {
        paid(tx, &before).await?;
    }
    finish(tx, &batch).await?;
    Ok((before, sql::payout_find(tx.conn(), id).await?))
}

/// The bank has paid everybody who still waits.
pub async fn all_paid(tx: &mut Tx, id: PayoutBatchId) -> Result<(PayoutBatch, PayoutBatch)> {
    let (now, before) = (tx.now, sql::batch_lock(tx.conn(), id).await?);
    if before.status != PayoutBatchStatus::Processing {
        return Err(is_now("batch", before.status.as_str()));
    }
    let waiting = sql::payouts_of(tx.conn(), id).await?;
    for payout in waiting.iter().filter(|payout| payout.status == PayoutStatus::Pending) {
        sql::payout_set_status(tx.conn(), payout.id, (PayoutStatus::Paid, None), None, now).await?;
        paid(tx, payout).await?;
    }
    finish(tx, &before).await?;
    Ok((before, sql::batch_find(tx.conn(), id).await?))
}

async fn paid(tx: &mut Tx, payout: &Payout) -> Result<()> {
    let amount = &payout.amount;
    let description = format!("Payout {}: {} paid to the partner", payout.end_to_end_id, amount.display());
    let journal = Journal::new(JournalKind::PayoutPaid, ("payout", payout.id.0), None, &amount.currency, description)
        .debit(Account::Payouts, PostingLine::Payout, amount.minor)
        .credit(Account::Bank, PostingLine::Settlement, amount.minor);
    ledger::post(tx, journal).await?;
    tx.emit(&PayoutPaid {
        payout_id: payout.id,
        batch_id: payout.batch_id,
        partner_id: payout.partner_id,
        amount: amount.clone(),
    });
    Ok(())
}

async fn finish(tx: &mut Tx, batch: &PayoutBatch) -> Result<()> {
    let all = sql::payouts_of(tx.conn(), batch.id).await?;
    if all.iter().all(|payout| payout.status == PayoutStatus::Paid) {
        let now = tx.now;
        sql::batch_step(tx.conn(), batch.id, batch.status.next(PayoutBatchStatus::Done)?, None, now).await?;
    }
    Ok(())
}
