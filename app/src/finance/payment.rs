//! One payment: what was paid for, other attempts, what went back, and what of it stands in the ledger.

use eventify::Error;
use eventify::access::Me;
use eventify::finance::operations::payment_get;
use eventify::finance::{
    Journal, OrderLine, OrderStatus, PaidTicket, Payment, PaymentDetail, PaymentId, PaymentStatus, Refund, RefundStatus,
};
use eventify::kernel::error::not_found;
use leptos::prelude::*;

use super::{
    journal_title, order_title, payment_badge, payment_standing, raise, refund, refund_badge, to_staff, why_failed,
};
use crate::tickets::ticket_badge;
use crate::ui::{
    Column, Facts, ListQuery, Loading, PageHead, Table, Tone, at, at_or, card, card_flush, id_of_path, loaded, menu,
    note,
};

/// The page of one payment.
pub fn payment() -> AnyView {
    let id = id_of_path::<PaymentId>();
    let data = Loading::new(move || id.get(), fetch);
    loaded(data, move |detail, me| page(data, &detail, &me))
}

async fn fetch(id: Option<PaymentId>) -> Result<PaymentDetail, Error> {
    payment_get(id.ok_or_else(not_found)?).await
}

fn page(data: Loading<PaymentDetail>, detail: &PaymentDetail, me: &Me) -> AnyView {
    let payment = &detail.payment;
    let crumbs = vec![("Payments".to_owned(), "/payments".to_owned())];
    let title = format!("{} · {}", payment.amount.display(), payment.order_reference);
    let subtitle = match &payment.payer_name {
        Some(name) => format!("{name} · {}", payment.event_title),
        None => payment.event_title.clone(),
    };
    let (entries, dialog): (Vec<_>, Vec<_>) = raise::of(detail, me).into_iter().unzip();
    let acts = view! { {refund::of(data, detail, me)}{menu("More for this payment", entries)}{dialog} }.into_any();
    let others = (detail.attempts.len() > 1)
        .then(|| card_flush("payment-attempts", "Attempts", None, attempts(detail.attempts.clone(), payment.id)));
    let tickets =
        (!detail.tickets.is_empty()).then(|| card_flush("payment-tickets", "Tickets", None, tickets(data, detail, me)));
    let back = (!detail.refunds.is_empty())
        .then(|| card_flush("payment-refunds", "Refunds", None, refunds(data, detail.refunds.clone(), me)));
    view! {
        <div class="page">
            <PageHead title=title crumbs=crumbs badge=payment_standing(payment) subtitle=subtitle actions=acts/>
            {standing(detail)}
            <div class="detail">
                <div class="stack">
                    {card_flush("payment-lines", "Paid for", None, lines(detail.order.lines.clone()))}
                    {tickets}
                    {back}
                    {card_flush("payment-journals", "In the ledger", None, journals(detail.journals.clone()))}
                    {others}
                </div>
                <aside aria-label="At a glance">{card("payment-glance", "At a glance", None, glance(detail).view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

/// What somebody has to know of it before all else: it is disputed, a refund did not leave, or nothing came.
fn standing(detail: &PaymentDetail) -> Option<AnyView> {
    let payment = &detail.payment;
    let failed = detail.refunds.iter().find(|refund| refund.status == RefundStatus::Failed);
    match (payment.status, failed) {
        (PaymentStatus::Disputed, _) => {
            let href = format!("/disputes?q={}", payment.order_reference);
            let link = view! { <a class="btn small" href=href>"See dispute"</a> }.into_any();
            let text = "It can't be refunded until the bank decides.";
            Some(note(Tone::Warning, "The guest's bank asks for this payment back", text, Some(link)))
        }
        (_, Some(refund)) => {
            let title = format!("A refund of {} could not be sent", refund.amount.display());
            Some(note(Tone::Danger, &title, "See why under Refunds, and retry it there.", None))
        }
        (PaymentStatus::Failed, _) => {
            let why = payment.failure_reason.as_deref().map_or_else(
                || "Nothing was charged.".to_owned(),
                |reason| format!("{}. Nothing was charged.", to_staff(reason)),
            );
            Some(note(Tone::Info, "This payment failed", why, None))
        }
        _ => None,
    }
}

fn glance(detail: &PaymentDetail) -> Facts {
    let (payment, order) = (&detail.payment, &detail.order);
    let name = payment.payer_name.clone().unwrap_or_else(|| "No name".to_owned());
    Facts::new()
        .add("Amount", payment.amount.display())
        .maybe("Refunded", (payment.refunded.minor > 0).then(|| payment.refunded.display()))
        .maybe("Lost in disputes", (payment.lost.minor > 0).then(|| payment.lost.display()))
        .maybe("Kept", (payment.left() != payment.amount).then(|| payment.left().display()))
        .maybe("Tax included", (order.tax.minor > 0).then(|| order.tax.display()))
        .add("Guest", view! { <a href=format!("/users/{}", payment.user_id)>{name}</a> })
        .add(
            "Event",
            view! { <a href=format!("/events/{}?tab=money", payment.event_id)>{payment.event_title.clone()}</a> },
        )
        .maybe("Dispute", disputed(payment))
        .maybe("Order", (order.status != OrderStatus::Paid).then(|| order_title(order.status)))
        .maybe(
            "Invoice",
            payment.captured_at.map(|_| {
                let href = format!("/invoices?payment_id={}", payment.id);
                view! { <a href=href>"Show invoice"</a> }
            }),
        )
        .maybe("Failed because", payment.failure_reason.as_deref().map(to_staff))
        .add("Started", at(payment.created_at))
        .add("Paid", at_or(payment.captured_at, "Not paid"))
        .add("Payment provider", payment.provider.title())
        .add("Provider reference", view! { <code>{payment.provider_ref.clone()}</code> })
}

/// The way to what the bank asks for.
fn disputed(payment: &Payment) -> Option<AnyView> {
    let title = match payment.status {
        PaymentStatus::Disputed => "Open",
        PaymentStatus::Lost => "Lost",
        _ if payment.lost.minor > 0 => "Partly lost",
        _ => return None,
    };
    let href = format!("/disputes?q={}", payment.order_reference);
    Some(view! { <a href=href>{title}</a> }.into_any())
}

fn lines(list: Vec<OrderLine>) -> AnyView {
    let seats = |line: &OrderLine| {
        let said = match line.attendee_id {
            Some(_) => None,
            None => Some(view! { <small>"No seats"</small> }),
        };
        view! { {format!("{} × {}", line.seats, line.ticket_type)}{said} }.into_any()
    };
    Table::new("Order lines", ListQuery::default())
        .counts("ticket type", "ticket types")
        .column(Column::head("Tickets", seats))
        .column(Column::new("Amount", |l: &OrderLine| l.amount.display().into_any()).number())
        .column(Column::new("Refunded", |l: &OrderLine| l.refunded.display().into_any()).number())
        .all(list)
}

fn tickets(data: Loading<PaymentDetail>, detail: &PaymentDetail, me: &Me) -> AnyView {
    let state = |ticket: &PaidTicket| ticket_badge(ticket.status);
    let holder = |ticket: &PaidTicket| {
        let holder = ticket.holder_name.clone().unwrap_or_else(|| "No name".to_owned());
        view! { {holder}<small>{ticket.ticket_type.clone()}</small> }.into_any()
    };
    let mut table = Table::new("Tickets of this payment", ListQuery::default())
        .counts("ticket", "tickets")
        .column(Column::head("Ticket", holder))
        .column(Column::new("Status", state))
        .column(Column::new("Price", |t: &PaidTicket| t.price.display().into_any()).number());
    if refund::can(detail, me) {
        let payment = detail.payment.clone();
        table = table.column(Column::actions(move |ticket: &PaidTicket| refund::ticket(data, &payment, ticket)));
    }
    table.all(detail.tickets.clone())
}

fn refunds(data: Loading<PaymentDetail>, list: Vec<Refund>, me: &Me) -> AnyView {
    let reason = |refund: &Refund| {
        let by = refund.requested_by_name.clone().unwrap_or_else(|| "Eventify".to_owned());
        view! { {refund.reason.clone()}<small>{by}</small> }.into_any()
    };
    let state = |refund: &Refund| {
        let why = refund.failure_reason.clone().map(|reason| view! { <small>{reason}</small> });
        view! { {refund_badge(refund.status)}{why} }.into_any()
    };
    let mut table = Table::new("Refunds of this payment", ListQuery::default())
        .counts("refund", "refunds")
        .column(Column::head("Reason", reason))
        .column(Column::new("Status", state))
        .column(Column::new("Amount", |r: &Refund| r.amount.display().into_any()).number())
        .column(Column::new("Requested", |r: &Refund| at(r.created_at)));
    if me.may(eventify::kernel::permissions::Permission::PaymentsRefund) {
        table = table.column(Column::actions(move |one: &Refund| refund::again(data, one)));
    }
    table.all(list)
}

pub fn journals(list: Vec<Journal>) -> AnyView {
    let what = |journal: &Journal| {
        let href = format!("/ledger/{}", journal.id);
        view! { <a href=href>{journal.description.clone()}</a><small>{journal_title(journal.kind)}</small> }.into_any()
    };
    Table::new("Ledger entries of this payment", ListQuery::default())
        .column(Column::head("Entry", what))
        .column(Column::new("Posted", |j: &Journal| at(j.created_at)))
        .empty("Nothing yet", "Postings appear here once the payment came in.", None)
        .all(list)
}

fn attempts(list: Vec<Payment>, this: PaymentId) -> AnyView {
    // The latest stands first, and has the highest number.
    let ids: Vec<PaymentId> = list.iter().rev().map(|attempt| attempt.id).collect();
    let one = move |payment: &Payment| {
        let number = ids.iter().position(|id| *id == payment.id).map_or(1, |at| at + 1);
        let title = format!("Attempt {number}");
        match payment.id == this {
            true => view! { {title}<small>"This payment"</small> }.into_any(),
            false => view! { <a href=format!("/payments/{}", payment.id)>{title}</a> }.into_any(),
        }
    };
    let state = |payment: &Payment| view! { {payment_badge(payment.status)}{why_failed(payment)} }.into_any();
    Table::new("Attempts to pay", ListQuery::default())
        .counts("attempt", "attempts")
        .column(Column::head("Attempt", one))
        .column(Column::new("Status", state))
        .column(Column::new("Started", |p: &Payment| at(p.created_at)))
        .all(list)
}
