//! Paying back: all of a payment, a part of it, or one ticket.

use eventify::Error;
use eventify::access::Me;
use eventify::finance::operations::{payment_refund, refund_retry};
use eventify::finance::{NewRefund, PaidTicket, Payment, PaymentDetail, PaymentStatus, Refund, RefundStatus};
use eventify::kernel::error::invalid_input;
use eventify::kernel::money::Amount;
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::Reason;
use leptos::prelude::*;
use operation::Validate;
use serde::Deserialize;

use crate::ui::{Act, Area, Confirm, Field, Icon, Loading, Nothing, Toasts, rule, submit};

/// Whether this person can pay back something of it now.
pub fn can(detail: &PaymentDetail, me: &Me) -> bool {
    let payment = &detail.payment;
    me.may(Permission::PaymentsRefund) && payment.status == PaymentStatus::Captured && payment.left().minor > 0
}

/// Says so, and shows what is true now.
fn done(data: Loading<PaymentDetail>) -> impl Fn(Refund) + Send + Sync + 'static {
    let toasts = Toasts::get();
    move |refund: Refund| {
        toasts.done(format!("Refund of {} started", refund.amount.display()));
        data.refetch();
    }
}

/// What is to go back, as people type it.
#[derive(Deserialize)]
struct Asked {
    amount: Amount,
    reason: Reason,
}
impl Validate for Asked {}

/// The button of the page's head: all of it unless less is typed.
pub fn of(data: Loading<PaymentDetail>, detail: &PaymentDetail, me: &Me) -> AnyView {
    if !can(detail, me) {
        return ().into_any();
    }
    let (id, left) = (detail.payment.id, detail.payment.left());
    let (most, currency) = (left.display(), left.currency.clone());
    let decimal = left.decimal();
    let decimal = decimal.strip_suffix(".00").unwrap_or(&decimal).to_owned();
    let label = format!("Amount in {currency}");
    let call = move |asked: Asked| {
        let amount = asked.amount.exactly_in(&currency).map_err(|message| invalid_input().field("amount", message));
        let all = left.minor;
        async move {
            // All of it voids the tickets, a part does not.
            let amount_minor = Some(amount?.minor).filter(|minor| *minor != all);
            let input = NewRefund { amount_minor, ticket_ids: None, reason: asked.reason };
            payment_refund(id, input).await.map_err(at_the_amount)
        }
    };
    let run = submit(call, done(data));
    let text = format!("{}{} {FINAL}", goes_back(&format!("up to {most}"), &detail.payment), tickets(detail));
    view! {
        <Confirm id="refund" label="Refund…" icon=Icon::SWAP title="Refund this payment?" confirm="Refund" keep="Keep payment" run=run>
            <p>{text}</p>
            <Field name="amount" label=label check={rule::<Amount>} required=true value=decimal/>
            {reason()}
        </Confirm>
    }
    .into_any()
}

/// What becomes of the tickets.
fn tickets(detail: &PaymentDetail) -> String {
    match detail.tickets.iter().filter(|ticket| ticket.status.can_be_refunded()).count() {
        0 => String::new(),
        1 => " A full refund voids their ticket and offers the seat to the waiting list; after a partial refund it stays \
              valid."
            .to_owned(),
        many => format!(
            " A full refund voids their {many} tickets and offers the seats to the waiting list; after a partial refund \
              they stay valid."
        ),
    }
}

/// Who gets how much, and by when.
fn goes_back(amount: &str, payment: &Payment) -> String {
    let name = payment.payer_name.as_deref().unwrap_or("the guest");
    format!("{name} gets {amount} back the way they paid. It takes a few days to arrive.")
}

/// What every refund says last.
const FINAL: &str = "This can't be undone.";

fn reason() -> AnyView {
    view! { <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Sent to the guest"/> }
        .into_any()
}

/// What is wrong with the amount stands at the field it was typed into.
pub fn at_the_amount(error: Error) -> Error {
    match error.for_field("amount_minor").map(|messages| messages.join("; ")) {
        Some(message) => invalid_input().field("amount", message),
        None => error,
    }
}

/// One ticket of the payment.
pub fn ticket(data: Loading<PaymentDetail>, payment: &Payment, ticket: &PaidTicket) -> AnyView {
    if !ticket.status.can_be_refunded() {
        return ().into_any();
    }
    let (price, of, id) = (ticket.price.display(), ticket.id, payment.id);
    let text = format!(
        "{} The ticket will be voided and its seat offered to the waiting list. {FINAL}",
        goes_back(&price, payment)
    );
    let run = submit(
        move |input: NewRefund| payment_refund(id, NewRefund { ticket_ids: Some(vec![of]), ..input }),
        done(data),
    );
    view! {
        <Confirm id=format!("refund-{of}") label="Refund ticket" icon=Icon::SWAP title=format!("Refund this ticket for {price}?") confirm="Refund ticket" keep="Keep ticket" run=run class="btn small quiet">
            <p>{text}</p>
            {reason()}
        </Confirm>
    }
    .into_any()
}

/// A refund that could not be sent is sent again.
pub fn again(data: Loading<PaymentDetail>, refund: &Refund) -> AnyView {
    if refund.status != RefundStatus::Failed {
        return ().into_any();
    }
    let (id, toasts) = (refund.id, Toasts::get());
    let run = submit(
        move |_: Nothing| refund_retry(id),
        move |_: Refund| {
            toasts.done("The refund is sent again");
            data.refetch();
        },
    );
    view! { <Act label="Retry refund" icon=Icon::REFRESH run=run class="btn small quiet"/> }.into_any()
}
