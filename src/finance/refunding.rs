//! Paying back. What goes back is noted, posted and asked of the provider in one transaction; the database sees that it is
//! never more than came.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::bus::RefundRequested;
use super::invoicing;
use super::jobs::SendRefund;
use super::ledger::{self, Account, Journal};
use super::sql::{self, BookLine};
use super::watching;
use super::{
    FraudRule, JournalKind, NewRefund, PaidTicket, Payment, PaymentId, PaymentStatus, PostingLine, Refund, RefundId,
    part_of, split,
};
use crate::access::StaffId;
use crate::events::Event;
use crate::events::rules::lock_open;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::{Result, invalid_input, invalid_transition, is_now};
use crate::kernel::money::Money;
use crate::tickets::{TicketId, paid};

/// What goes back of a payment.
pub struct Back<'r> {
    /// How much.
    pub amount: Money,
    /// Of which lines of its order.
    pub lines: Vec<(Uuid, i64)>,
    /// Why.
    pub reason: &'r str,
    /// Who decided it; nobody where it follows by itself.
    pub by: Option<StaffId>,
}

/// Notes a refund and asks for it. `sold`: it was the organiser's and is taken from there; else it was never anybody's
/// but the guest's.
pub async fn begin(tx: &mut Tx, event: &Event, payment: &Payment, back: &Back<'_>, sold: bool) -> Result<Refund> {
    let (id, now) = (RefundId::new(), tx.now);
    if sold {
        post(tx, event, payment, back, id).await?;
        let less = Money { minor: -back.amount.minor, currency: back.amount.currency.clone() };
        sql::spent(tx.conn(), payment.user_id, &less).await?;
    }
    sql::payment_less(tx.conn(), payment.id, &back.amount).await?;
    sql::order_less(tx.conn(), payment.order_id, &back.lines).await?;
    sql::refund_insert(tx.conn(), id, payment.id, (&back.amount, back.reason), back.by, now).await?;
    if back.by.is_some() {
        watching::look(tx, (payment.user_id, payment.id), &[FraudRule::ManyRefunds]).await?;
    }
    if sold {
        invoicing::credit(tx, event, payment, id, back.amount.minor).await?;
    }
    tx.emit(&RefundRequested {
        payment_id: payment.id,
        event_id: event.id,
        refund_id: id,
        amount: back.amount.clone(),
    });
    tx.enqueue(&SendRefund { refund: id });
    sql::refund_find(tx.conn(), id).await
}

/// Takes from the organiser what goes back, and gives back the fee on it.
async fn post(tx: &mut Tx, event: &Event, payment: &Payment, back: &Back<'_>, id: RefundId) -> Result<()> {
    let (mut fee, mut fee_tax) = (0, 0);
    for line in sql::book_lines(tx.conn(), payment.order_id).await? {
        let more: i64 = back.lines.iter().filter(|(id, _)| *id == line.id).map(|(_, minor)| minor).sum();
        let less = |part| part_of(part, line.refunded + more, line.amount) - part_of(part, line.refunded, line.amount);
        fee += less(line.fee);
        fee_tax += less(line.fee_tax);
    }
    let organiser = Account::of_organiser(event);
    let description = format!("Order {}: {} to be refunded", payment.order_reference, back.amount.display());
    let currency = &back.amount.currency;
    let journal = Journal::new(JournalKind::Refund, ("refund", id.0), Some(event.id), currency, description)
        .debit(organiser.clone(), PostingLine::Refund, back.amount.minor)
        .credit(Account::Refunds, PostingLine::Refund, back.amount.minor)
        .credit(organiser.clone(), PostingLine::Fee, fee)
        .credit(organiser, PostingLine::FeeTax, fee_tax)
        .debit(Account::Fees, PostingLine::Fee, fee)
        .debit(Account::Tax, PostingLine::FeeTax, fee_tax);
    ledger::post(tx, journal).await.map(drop)
}

/// What a payment is refunded from, under the locks of its event and order.
struct Books {
    event: Event,
    payment: Payment,
    lines: Vec<BookLine>,
    /// With the line each is of.
    tickets: Vec<(Uuid, PaidTicket)>,
}

async fn locked(tx: &mut Tx, id: PaymentId) -> Result<Books> {
    let seen = sql::payment_find(tx.conn(), id).await?;
    let event = lock_open(tx, seen.event_id).await?;
    let now = tx.now;
    sql::order_lock(tx.conn(), seen.order_id, now).await?;
    let payment = sql::payment_find(tx.conn(), id).await?;
    if payment.status != PaymentStatus::Captured {
        return Err(is_now("payment", payment.status.as_str()));
    }
    let lines = sql::book_lines(tx.conn(), payment.order_id).await?;
    let tickets = sql::tickets_of(tx.conn(), payment.order_id).await?;
    Ok(Books { event, payment, lines, tickets })
}

impl Books {
    /// The tickets that can still be void.
    fn valid(&self) -> Vec<TicketId> {
        let valid = self.tickets.iter().filter(|(_, ticket)| ticket.status.can_be_refunded());
        valid.map(|(_, ticket)| ticket.id).collect()
    }

    /// The tickets that are named: each can still be void.
    fn named(&self, ids: &[TicketId]) -> Result<Vec<&(Uuid, PaidTicket)>> {
        let find = |id: &TicketId| {
            let found = self.tickets.iter().find(|(_, ticket)| ticket.id == *id);
            let found = found.ok_or_else(|| invalid_input().field("ticket_ids", "must be tickets of this payment"))?;
            if found.1.status.can_be_refunded() {
                return Ok(found);
            }
            let word = found.1.status.as_str();
            Err(invalid_input().field("ticket_ids", format!("contains a ticket that is already {word}")))
        };
        ids.iter().map(find).collect()
    }

    /// How much each line gives back.
    fn shares(&self, amount: i64, named: &[&(Uuid, PaidTicket)]) -> Vec<(Uuid, i64)> {
        let rest = |line: &BookLine| line.amount - line.refunded;
        let mut weights: BTreeMap<Uuid, i64> = BTreeMap::new();
        for (line, ticket) in named {
            *weights.entry(*line).or_default() += ticket.price.minor;
        }
        let named = |line: &BookLine| weights.get(&line.id).copied().unwrap_or_default().min(rest(line));
        let by_name: Vec<i64> = self.lines.iter().map(named).collect();
        let enough = by_name.iter().sum::<i64>() >= amount;
        let weights = if enough { by_name } else { self.lines.iter().map(rest).collect() };
        self.lines.iter().map(|line| line.id).zip(split(amount, &weights)).filter(|(_, minor)| *minor > 0).collect()
    }
}

/// The tickets of a payment's order that can still be void.
pub async fn valid_tickets(tx: &mut Tx, payment: &Payment) -> Result<Vec<TicketId>> {
    let tickets = sql::tickets_of(tx.conn(), payment.order_id).await?;
    Ok(tickets.into_iter().filter(|(_, ticket)| ticket.status.can_be_refunded()).map(|(_, ticket)| ticket.id).collect())
}

/// Pays back what somebody decided; the tickets it pays back are void, and their seats are free.
pub async fn refund(tx: &mut Tx, id: PaymentId, input: &NewRefund, by: Option<StaffId>) -> Result<Refund> {
    let books = locked(tx, id).await?;
    let left = books.payment.left().minor;
    if left == 0 {
        return Err(invalid_transition().detail("Nothing is left of this payment to refund."));
    }
    let mut tickets = input.ticket_ids.clone().unwrap_or_default();
    tickets.sort_unstable();
    tickets.dedup();
    let named = books.named(&tickets)?;
    let asked = match (input.amount_minor, named.is_empty()) {
        (Some(minor), _) => minor,
        (None, true) => left,
        (None, false) => named.iter().map(|(_, ticket)| ticket.price.minor).sum::<i64>().min(left),
    };
    let currency = books.payment.amount.currency.clone();
    if asked > left {
        let most = Money { minor: left, currency };
        return Err(invalid_input().field("amount_minor", format!("must be at most {}", most.display())));
    }
    let void: Vec<TicketId> = match (asked == left, named.is_empty()) {
        // Nothing of it is paid any more, whichever tickets were named.
        (true, _) => books.valid(),
        (false, false) => named.iter().map(|(_, ticket)| ticket.id).collect(),
        (false, true) => Vec::new(),
    };
    let amount = Money { minor: asked, currency };
    let back = Back { amount, lines: books.shares(asked, &named), reason: input.reason.as_str(), by };
    let refund = begin(tx, &books.event, &books.payment, &back, true).await?;
    paid::pay_back(tx, &books.event, &void, input.reason.as_str()).await?;
    Ok(refund)
}

/// Pays back what is left of a payment, by itself. Nothing where nothing is left.
pub async fn refund_rest(tx: &mut Tx, id: PaymentId, reason: &str) -> Result<()> {
    let books = locked(tx, id).await?;
    let left = books.payment.left();
    if left.minor > 0 {
        let lines = books.shares(left.minor, &[]);
        let back = Back { amount: left, lines, reason, by: None };
        begin(tx, &books.event, &books.payment, &back, true).await?;
    }
    Ok(())
}
