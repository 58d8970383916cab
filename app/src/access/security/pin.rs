//! The PIN by which a supervisor lets somebody in at a phone against the rules.

use eventify::access::Me;
use eventify::gate::operations::gate_pin_set;
use eventify::gate::{GatePin, GatePinInput};
use eventify::kernel::permissions::Permission::TicketsManage;
use leptos::prelude::*;

use crate::ui::{Confirm, Field, Form, Icon, Nothing, Toasts, card, rule, submit};

/// The card, for who may force an admission somewhere.
pub fn panel(me: &Me) -> Option<AnyView> {
    me.may_somewhere(TicketsManage).then(|| card("security-pin", "Gate PIN", None, body()))
}

fn body() -> AnyView {
    let toasts = Toasts::get();
    let set = submit(|input: GatePinInput| gate_pin_set(input), move |()| toasts.done("Gate PIN set"));
    let remove =
        submit(|_: Nothing| gate_pin_set(GatePinInput { pin: None }), move |()| toasts.done("Gate PIN removed"));
    view! {
        <div class="stack">
            <p>"Type it on a gate phone to admit a guest against the rules. The reason you give is recorded with your name."</p>
            <Form id="gate-pin" submit=set label="Set PIN" fresh=true>
                <Field name="pin" label="New PIN" kind="password" check={rule::<GatePin>} required=true autocomplete="off" hint="4 to 12 digits. It replaces the one you had."/>
            </Form>
            <Confirm id="gate-pin-remove" label="Remove PIN" icon=Icon::TRASH title="Remove your gate PIN?" confirm="Remove PIN" keep="Keep PIN" run=remove class="btn small quiet">
                <p>"You can no longer admit guests against the rules on a gate phone until you set a new one."</p>
            </Confirm>
        </div>
    }
    .into_any()
}
