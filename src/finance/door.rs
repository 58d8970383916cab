//! Selling at the door: tickets at once, and the cash in the books. The event is locked.

use super::invoicing::{self, Sold, What};
use super::ledger::{self, Account, Journal};
use super::{
    CashDeposit, CashDepositId, Charges, DoorMethod, DoorSale, DoorSaleId, JournalKind, NewCashDeposit, NewDoorSale,
    PostingLine, sql,
};
use crate::access::StaffId;
use crate::events::Event;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_input, invalid_transition};
use crate::kernel::money::Money;
use crate::tickets::paid::{self, AtTheDoor};

/// Sells tickets, or gives them away.
pub async fn sell(tx: &mut Tx, event: &Event, input: NewDoorSale, by: Option<StaffId>) -> Result<DoorSale> {
    let wanted = AtTheDoor {
        ticket_type: input.ticket_type_id,
        seats: input.seats.count(),
        pays: input.method == DoorMethod::Cash,
        name: input.name.into(),
        email: input.email.map(String::from),
    };
    let (held, guest) = paid::at_the_door(tx, event, wanted).await?;
    let rates = sql::rates_of(tx.conn(), event).await?;
    let (id, now, charges) = (DoorSaleId::new(), tx.now, Charges::of(held.total.minor, rates));
    paid::charged(tx, guest.id, charges.fee).await?;
    sql::door_sale_insert(tx.conn(), id, (&held, &guest), (input.method, charges), by, now).await?;
    if held.total.minor > 0 {
        let tickets = if guest.seats == 1 { "1 ticket".to_owned() } else { format!("{} tickets", guest.seats) };
        let description = format!("{tickets} sold for cash at the door");
        let amounts = (held.total.minor, charges.fee, charges.fee_tax);
        let (cause, currency) = (("door_sale", id.0), &held.total.currency);
        let journal = Journal::new(JournalKind::DoorSale, cause, Some(event.id), currency, description)
            .lines(ledger::sold(Account::of_organiser(event), Account::Cash, amounts));
        ledger::post(tx, journal).await?;
        let sold = Sold { what: What::Door(id), amount: held.total.minor, tax: charges.tax, at: now.0 };
        invoicing::issue_all(tx, event, &[sold]).await?;
    }
    sql::door_sale_find(tx.conn(), id).await
}

/// Hands the cash back: the tickets are void, and the organiser gets the fee back.
pub async fn refund(
    tx: &mut Tx,
    event: &Event,
    before: &DoorSale,
    reason: &str,
    by: Option<StaffId>,
) -> Result<DoorSale> {
    if before.refunded_at.is_some() {
        return Err(invalid_transition().detail("This sale was refunded already."));
    }
    let void = paid::standing_of(tx, before.attendee_id).await?;
    let Some(void) = void else {
        return Err(invalid_transition().detail("A ticket of this sale is inside: undo the check-in first."));
    };
    let now = tx.now;
    sql::door_sale_set_refunded(tx.conn(), before.id, reason, by, now).await?;
    if before.amount.minor > 0 {
        let (fee, fee_tax) = sql::door_sale_fees(tx.conn(), before.id).await?;
        let organiser = Account::of_organiser(event);
        let description = format!("Cash refund of {} at the door", before.amount.display());
        let (cause, currency) = (("door_sale", before.id.0), &before.amount.currency);
        let journal = Journal::new(JournalKind::DoorRefund, cause, Some(event.id), currency, description)
            .debit(organiser.clone(), PostingLine::Refund, before.amount.minor)
            .credit(Account::Cash, PostingLine::Settlement, before.amount.minor)
            .credit(organiser.clone(), PostingLine::Fee, fee)
            .credit(organiser, PostingLine::FeeTax, fee_tax)
            .debit(Account::Fees, PostingLine::Fee, fee)
            .debit(Account::Tax, PostingLine::FeeTax, fee_tax);
        ledger::post(tx, journal).await?;
        invoicing::credit_door(tx, event, before).await?;
    }
    paid::pay_back(tx, event, &void, reason).await?;
    sql::door_sale_find(tx.conn(), before.id).await
}

/// Pays cash of an event's door into the bank: no more than should lie there.
pub async fn deposit(tx: &mut Tx, event: &Event, input: &NewCashDeposit, by: Option<StaffId>) -> Result<CashDeposit> {
    let there = sql::door_takings(tx.conn(), event).await?.cash;
    if there.minor <= 0 {
        return Err(
            invalid_input().field("amount_minor", "there is no cash to deposit: more was refunded than is left")
        );
    }
    if sql::deposit_of_slip(tx.conn(), event.id, input.reference.as_str()).await? {
        return Err(
            invalid_input().field("reference", "this deposit slip was already used: enter the number of the new one")
        );
    }
    if input.amount_minor > there.minor {
        let most = format!("must be at most {}, the cash that should be in the cash box", there.display());
        return Err(invalid_input().field("amount_minor", most));
    }
    let (id, now) = (CashDepositId::new(), tx.now);
    let amount = Money { minor: input.amount_minor, currency: there.currency };
    sql::deposit_insert(tx.conn(), (id, event.id), (&amount, input.reference.as_str()), by, now).await?;
    let description = format!("{} of cash paid to bank", amount.display());
    let (kind, cause) = (JournalKind::CashDeposit, ("cash_deposit", id.0));
    let journal = Journal::new(kind, cause, Some(event.id), &amount.currency, description)
        .debit(Account::Bank, PostingLine::Settlement, amount.minor)
        .credit(Account::Cash, PostingLine::Settlement, amount.minor);
    ledger::post(tx, journal).await?;
    sql::deposit_find(tx.conn(), id).await
}
