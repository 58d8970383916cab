//! Checking a guest in by hand, from the guest list: for whoever comes without a code that can be read. The rules are those
//! of the gates.

use eventify::Error;
use eventify::events::Event;
use eventify::gate::operations::ticket_scan;
use eventify::gate::{Direction, Outcome, ScanRequest};
use eventify::tickets::{Ticket, TicketId, TicketStatus};
use leptos::prelude::*;
use time::Duration;

use super::data::Data;
use super::head::Rights;
use crate::gate::signs::reason_title;
use crate::ui::{Confirm, Icon, Loading, Nothing, Toasts, now, submit};

/// How long before the start somebody may be at the door.
const BEFORE: Duration = Duration::hours(12);

/// Whether this is the time and the person to do it.
pub fn is_due(event: &Event, rights: Rights) -> bool {
    rights.scans && event.status.is_open() && now() >= event.start_at.plus(-BEFORE)
}

/// The button beside a ticket that was not used yet.
pub fn button(data: Loading<Data>, ticket: &Ticket, name: &str) -> Option<AnyView> {
    if ticket.status != TicketStatus::Issued {
        return None;
    }
    let (id, toasts, said) = (ticket.id, Toasts::get(), format!("{name} checked in"));
    let run = submit(
        move |_: Nothing| check_in(id),
        move |()| {
            toasts.done(said.clone());
            data.refetch();
        },
    );
    Some(
        view! {
            <Confirm id=format!("check-in-{id}") label="Check in" icon=Icon::CHECK title=format!("Check in {name}?") confirm="Check in" run=run danger=false in_row="Check in with this ticket">
                <p>"For a guest whose code can't be scanned. The ticket counts as used."</p>
            </Confirm>
        }
        .into_any(),
    )
}

/// Lets in whoever holds this ticket; what the gates would refuse is an error here.
async fn check_in(ticket: TicketId) -> Result<(), Error> {
    let request = ScanRequest {
        code: None,
        ticket: Some(ticket.0),
        gate: None,
        direction: Direction::In,
        // Two who press it in the same moment mean the same.
        nonce: format!("list-{ticket}-{}", now().0.unix_timestamp_nanos()),
        device_time: None,
        admit: None,
        confirm: Some(true),
        force: None,
        health: None,
    };
    let answer = ticket_scan(request).await?;
    match (answer.result, answer.reason) {
        (Outcome::Admitted, _) => Ok(()),
        (_, Some(reason)) => Err(Error::new("not_admitted", 409, reason_title(reason))),
        (_, None) => Err(Error::new("not_admitted", 409, "This ticket does not open the gate")),
    }
}
