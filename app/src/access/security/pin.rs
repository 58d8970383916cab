//! The PIN by which a supervisor admits somebody at a phone against the rules.

use eventify::access::Me;
use eventify::gate::operations::gate_pin_set;
use eventify::gate::{GatePin, GatePinInput};
use eventify::kernel::permissions::Permission::TicketsManage;
use leptos::prelude::*;

use crate::ui::use_me;
use crate::ui::{Confirm, Field, Form, Icon, Nothing, Toasts, Tone, badge, card, rule, submit};

/// The card, for who may force an admission somewhere.
pub fn panel(me: &Me) -> Option<AnyView> {
    me.may_somewhere(TicketsManage).then(|| card("security-pin", "Gate PIN", None, body(me.has_gate_pin)))
}

fn body(is_set: bool) -> AnyView {
    let (toasts, me) = (Toasts::get(), use_me());
    let done = move |said: &'static str| {
        toasts.done(said);
        me.refetch();
    };
    let set = submit(|input: GatePinInput| gate_pin_set(input), move |()| done("Gate PIN set"));
    let remove = submit(|_: Nothing| gate_pin_set(GatePinInput { pin: None }), move |()| done("Gate PIN removed"));
    let state = if is_set { badge(Tone::Success, "On") } else { badge(Tone::Neutral, "Off") };
    let (label, hint) = match is_set {
        true => ("Change PIN", "4 to 12 digits. It replaces your current PIN."),
        false => ("Set PIN", "4 to 12 digits"),
    };
    let removable = is_set.then(|| {
        view! {
            <div class="row"><Confirm id="gate-pin-remove" label="Remove PIN" icon=Icon::TRASH title="Remove your gate PIN?" confirm="Remove PIN" keep="Keep PIN" run=remove class="btn small quiet">
                <p>"You can no longer admit guests against the rules on a gate phone until you set a new one."</p>
            </Confirm></div>
        }
    });
    view! {
        <div class="stack">
            <p>{state}" Type it on a gate phone to admit a guest against the rules. The reason you give is recorded with your name."</p>
            <Form id="gate-pin" submit=set label=label fresh=true>
                <Field name="pin" label="New PIN" kind="password" check={rule::<GatePin>} required=true autocomplete="off" hint=hint/>
            </Form>
            {removable}
        </div>
    }
    .into_any()
}
