//! Recording a dispute by hand, for one that the provider has not told us of.

use eventify::Error;
use eventify::access::Me;
use eventify::finance::operations::dispute_open;
use eventify::finance::{Dispute, NewDispute, PaymentDetail, PaymentStatus};
use eventify::kernel::error::invalid_input;
use eventify::kernel::money::Amount;
use eventify::kernel::permissions::Permission::DisputesManage;
use eventify::kernel::text::Reason;
use eventify::kernel::timestamp::Timestamp;
use leptos::prelude::*;
use operation::Validate;
use serde::Deserialize;

use crate::ui::{Area, Confirm, Field, Icon, by_own_clock, menu_act, rule, submit, use_go, with_moment};

/// What the bank asks for, as people type it.
#[derive(Deserialize)]
struct Asked {
    amount: Option<Amount>,
    reason: Reason,
    due_at: Option<Timestamp>,
}
impl Validate for Asked {}

/// The entry of the payment's menu with its dialog, where something can be disputed.
pub fn of(detail: &PaymentDetail, me: &Me) -> Option<(AnyView, AnyView)> {
    let (payment, go) = (&detail.payment, use_go());
    let left = payment.left();
    if !me.may(DisputesManage) || payment.status != PaymentStatus::Captured || left.minor == 0 {
        return None;
    }
    let (id, currency, most) = (payment.id, left.currency.clone(), left.display());
    let label = format!("Amount in {currency}");
    let call = move |asked: Asked| {
        let amount = asked.amount.map(|amount| amount.exactly_in(&currency)).transpose();
        let amount = amount.map_err(|message| invalid_input().field("amount", message));
        async move {
            let due_at = asked.due_at.ok_or_else(|| invalid_input().field("due_at", "is required"))?;
            let amount_minor = amount?.map(|money| money.minor);
            dispute_open(id, NewDispute { amount_minor, reason: asked.reason, due_at }).await.map_err(at_the_amount)
        }
    };
    let run = submit(with_moment("due_at", |asked: &mut Asked| &mut asked.due_at, call), move |made: Dispute| {
        go(&format!("/disputes/{}", made.id))
    });
    let view = view! {
        <Confirm id="dispute-open" label="Record dispute" icon=Icon::ALERT title="Record a dispute?" confirm="Record dispute" keep="Cancel" run=run in_menu=true>
            <p>{format!("Use this when the guest's bank asks for the payment back. Up to {most} is held until the dispute is decided.")}</p>
            <Field name="amount" label=label check={rule::<Amount>} hint="Leave empty for all of it"/>
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="What the bank says"/>
            <Field name="due_at" label=by_own_clock("Evidence due") kind="datetime-local" required=true/>
        </Confirm>
    };
    Some((menu_act("dispute-open", "Record a dispute…", Icon::ALERT, false), view.into_any()))
}

/// What is wrong with the amount stands at the field it was typed into.
fn at_the_amount(error: Error) -> Error {
    match error.for_field("amount_minor").map(|messages| messages.join("; ")) {
        Some(message) => invalid_input().field("amount", message),
        None => error,
    }
}
