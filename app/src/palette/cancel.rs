//! Cancelling a ticket from the palette: the same question as everywhere, naming the guest and the event.

use eventify::kernel::text::Reason;
use eventify::tickets::operations::ticket_revoke;
use eventify::tickets::{RevokeTicket, Ticket};
use leptos::prelude::*;

use crate::ui::{Area, Form, Icon, Toasts, dom, rule, submit};

const DIALOG: &str = "cancel-ticket";
const FORM: &str = "cancel-ticket-form";

/// The ticket that is asked about.
pub type Asked = RwSignal<Option<Ticket>>;

/// Asks.
pub fn ask(asked: Asked, ticket: Ticket) {
    asked.set(Some(ticket));
    dom::reset(FORM);
    dom::dialog(DIALOG, true);
}

fn holder(ticket: &Ticket) -> String {
    ticket.holder_name.clone().unwrap_or_else(|| "a guest without a name".to_owned())
}

/// The question, closed.
pub fn dialog(asked: Asked) -> AnyView {
    let toasts = Toasts::get();
    let run = submit(
        move |input: RevokeTicket| {
            let ticket = asked.get_untracked();
            async move {
                let ticket = ticket.ok_or_else(eventify::kernel::error::not_found)?;
                ticket_revoke(ticket.id, input).await
            }
        },
        move |ticket: Ticket| {
            dom::dialog(DIALOG, false);
            toasts.done(format!("Ticket of {} cancelled", holder(&ticket)));
        },
    );
    let title = move || asked.with(|t| t.as_ref().map(|t| format!("Cancel the ticket of {}?", holder(t))));
    let event = move || asked.with(|t| t.as_ref().map(|t| format!("{} for {}", t.ticket_type, t.event_title)));
    view! {
        <dialog class="dialog" id=DIALOG aria-labelledby="cancel-ticket-title">
            <div class="dialog-head">
                <h2 id="cancel-ticket-title">{title}</h2>
                <button class="btn square quiet" type="button" aria-label="Close" on:click=|_| dom::dialog(DIALOG, false)>
                    {Icon::X.svg()}
                </button>
            </div>
            <Form id=FORM submit=run label="Cancel ticket" guarded=false danger=true dialog=DIALOG keep="Keep ticket">
                <p><strong>{event}</strong>" The code stops working at once and the seat becomes free. The guest is notified."</p>
                <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Sent to the guest"/>
            </Form>
        </dialog>
    }
    .into_any()
}
