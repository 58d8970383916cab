//! What was just done, told on the page one comes back to: what happened, and what can still be undone. It is looked
//! up by its id, so that a link somebody made says nothing that is not so.

use eventify::events::Event;
use eventify::kernel::error::Result;
use eventify::kernel::page::every;
use eventify::tickets::operations::{my_attendance_list, my_invite_list, my_request_list, waiting_list};
use eventify::tickets::{Attendee, AttendeeStatus, InviteStatus, RequestStatus, WaitingStatus};
use maud::{Markup, html};
use serde::Deserialize;

use super::contact::Contact;
use super::view::{done, seats};
use super::visitor::Visitor;

/// What was done, and to which record.
#[derive(Default, Deserialize)]
pub struct After {
    #[serde(default)]
    done: String,
    #[serde(default)]
    of: String,
}

/// The event's page once this is done to that record.
pub fn page(slug: &str, done: &str, of: &str) -> String {
    format!("/e/{slug}?done={done}&of={of}")
}

/// The words for it; nothing where nothing was done.
pub async fn notice(visitor: &Visitor, event: &Event, after: &After) -> Result<Markup> {
    if visitor.user.is_none() || after.done.is_empty() {
        return Ok(html! {});
    }
    let here = |id: String| id == after.of;
    let said = match after.done.as_str() {
        "cancelled" => {
            let gone = every(|page| visitor.own(my_attendance_list(page)))
                .await?
                .into_iter()
                .find(|one| here(one.id.to_string()));
            match gone.filter(|one| one.status == AttendeeStatus::NotGoing) {
                Some(gone) => Some(cancelled(&gone, &Contact::of(visitor, event).await?)),
                None => None,
            }
        }
        "left" => {
            let entries = every(|page| visitor.own(waiting_list(event.id, page))).await?;
            let left = entries.iter().any(|one| here(one.id.to_string()) && one.status == WaitingStatus::Left);
            left.then(|| done("You left the waiting list", &["You can join again, at the end of the list."]))
        }
        "withdrawn" => {
            let requests = every(|page| visitor.own(my_request_list(page))).await?;
            let gone = requests.iter().any(|one| here(one.id.to_string()) && one.status == RequestStatus::Cancelled);
            gone.then(|| done("Request withdrawn", &["You can send another one."]))
        }
        "declined" => {
            let invites = every(|page| visitor.own(my_invite_list(page))).await?;
            let gone = invites.iter().any(|one| here(one.id.to_string()) && one.status == InviteStatus::Declined);
            gone.then(|| {
                done("You declined the invitation", &["Changed your mind? Ask the organiser for a new invitation."])
            })
        }
        _ => None,
    };
    Ok(said.unwrap_or_else(|| html! {}))
}

fn cancelled(gone: &Attendee, contact: &Contact) -> Markup {
    html! {
        (done(
            &format!("Your booking is cancelled: {}, {}", seats_of(gone), gone.ticket_type),
            &["Your tickets no longer work. This can't be undone. As long as there are seats you can book again."],
        ))
        @if let Some(rest) = gone.not_refunded() {
            p .note { "You paid " (rest) ". It is not refunded automatically: " (contact.ask()) "." }
        }
    }
}

/// So many as they were: who cancels has none any more.
fn seats_of(gone: &Attendee) -> String {
    if gone.seats > 0 { seats(gone.seats) } else { "all seats".to_owned() }
}
