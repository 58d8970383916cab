//! Links that let people in, and the invitations that were sent.

use axum::response::Response;
use eventify::events::{Event, Seats};
use eventify::kernel::error::{Error, Result};
use eventify::kernel::page::every;
use eventify::kernel::text::{Email, Note, Phone, grouped};
use eventify::tickets::operations::{event_invite_create, event_invite_decide, event_invite_list};
use eventify::tickets::{EventInvite, InviteDecision, InviteStatus, InviteType, NewInvite, Party, TicketType};
use eventify::zones::Zone;
use maud::{Markup, html};

use super::super::fields::Fields;
use super::super::sent::{Reading, Sent, done_already, new_key, number};
use super::super::view::{Head, act_sure, refusal, seats, share, when};
use super::super::visitor::{Visitor, id};
use super::{Pairs, find, hours, outcome, path, ticket_types, top};
use crate::web::parts::{Form, Path};

/// `GET /host/{id}/invitations`
pub async fn show(visitor: Visitor, Path(event): Path<String>) -> Response {
    page(&visitor, &event, &Sent::default(), None).await
}

/// `POST /host/{id}/invitations`
pub async fn make(visitor: Visitor, Path(event): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let made = async {
        let event = find(&visitor, &event).await?;
        let input = read(&visitor, &event, &sent).await?;
        visitor.once(sent.key(), event_invite_create(event.id, input)).await
    };
    match outcome(&visitor, &visitor.here, &visitor.here, made.await) {
        Ok(response) => response,
        Err(error) => page(&visitor, &event, &sent, Some(&error)).await,
    }
}

/// `POST /host/{id}/invitations/{invite}/revoke`
pub async fn revoke(visitor: Visitor, Path((event, invite)): Path<(String, String)>) -> Response {
    let to = format!("/host/{event}/invitations");
    let revoked = async {
        let decision = InviteDecision { status: InviteStatus::Expired, answers: Default::default() };
        visitor.own(event_invite_decide(id(&invite)?, decision)).await
    };
    outcome(&visitor, &to, &to, done_already(revoked.await)).unwrap_or_else(|error| visitor.refused(&error))
}

async fn read(visitor: &Visitor, event: &Event, sent: &Sent) -> Result<NewInvite> {
    let zone = visitor.zone(event).await?;
    let mut reading = Reading::of(sent);
    let (message, ticket_type_id) = (reading.maybe("message", Note::parse), reading.chosen("ticket_type_id"));
    let (seats, max_uses) = (reading.maybe("seats", number::<Party>), reading.maybe("max_uses", number::<Seats>));
    let invited_email = reading.maybe("invited_email", Email::parse);
    let invited_phone = reading.maybe("invited_phone", Phone::parse);
    let expires_at = reading.maybe("expires_at", hours::moment(&zone));
    reading.checked()?;
    let to = invited_email.is_some() || invited_phone.is_some();
    Ok(NewInvite {
        invite_type: if to { InviteType::Direct } else { InviteType::ShareLink },
        invited_user_id: None,
        invited_email,
        invited_phone,
        message,
        ticket_type_id,
        seats: seats.unwrap_or_default(),
        max_uses,
        expires_at,
    })
}

async fn page(visitor: &Visitor, event: &str, sent: &Sent, error: Option<&Error>) -> Response {
    let read = async {
        let event = find(visitor, event).await?;
        let invites = every(|page| visitor.own(event_invite_list(event.id, page))).await?;
        let ticket_types = ticket_types::all(visitor, &event).await?;
        let zone = visitor.zone(&event).await?;
        Ok::<_, Error>((event, invites, ticket_types, zone))
    };
    let (event, invites, ticket_types, zone) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let path = format!("{}/invitations", path(&event));
    let fields = Fields::new(sent, error);
    // Those that still wait come first.
    let (open, answered): (Vec<_>, Vec<_>) = invites.iter().partition(|one| one.status == InviteStatus::Pending);
    let invited = format!("You are invited: {}, {}", event.title, when(&event, &zone));
    let list = html! {
        @if !invites.is_empty() {
            section aria-labelledby="sent" {
                h2 #sent { "Sent invitations" }
                ul .kinds { @for invite in open.into_iter().chain(answered) { (line(&path, invite, &zone, &invited)) } }
            }
        }
    };
    let new = form(&path, &fields, &ticket_types, &hours::hint(&zone, &event));
    let body = html! {
        (top(visitor, &event, "Invitations"))
        @if event.status.is_open() { (fields.under_summary(&html! { (new) (list) })) } @else { (refusal(error)) (list) }
        @if !event.status.is_open() && invites.is_empty() {
            p { "You can invite people while the event is published." }
        }
    };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("Invitations: {}", event.title)), &body)
}

fn form(path: &str, fields: &Fields<'_>, ticket_types: &[TicketType], zone: &str) -> Markup {
    let until = format!("{zone} Leave empty for two weeks, at most until the event ends.");
    let mut options = vec![(String::new(), "First public ticket type".to_owned())];
    options.extend(ticket_types::options(ticket_types));
    html! {
        section aria-labelledby="new" {
            h2 #new { "New invitation" }
            p { "Leave email and phone empty to create a link to share. Anyone with the link can get a ticket without approval." }
            form method="post" action=(path) {
                (new_key())
                div .duo {
                    (fields.may("invited_email", "Email", "email", "We send an invitation that can be used once."))
                    (fields.may("invited_phone", "Or phone", "tel", "By text message, with the country’s code."))
                }
                (fields.may("message", "Add a message", "text", ""))
                (fields.pick("ticket_type_id", "Ticket type", &options, "Includes hidden ticket types"))
                div .duo {
                    (fields.may("seats", "Seats per guest", "number", "Leave empty for one"))
                    (fields.may("max_uses", "Maximum uses", "number", "For share links. Defaults to 50."))
                }
                (fields.may("expires_at", "Expires", "datetime-local", &until))
                button { "Create invitation" }
            }
        }
    }
}

fn line(path: &str, invite: &EventInvite, zone: &Zone, invited: &str) -> Markup {
    let works = invite.status == InviteStatus::Pending;
    html! {
        li .request {
            strong { bdi { (who(invite)) } }
            span .price { (state(invite)) }
            @if !invite.message.is_empty() { p { "“" (invite.message) "”" } }
            @if let (Some(link), true) = (&invite.link, works) {
                (share(link, "Invitation link", invited, &format!("link-{}", invite.id)))
            }
            @if works {
                p .hint {
                    (seats(invite.seats)) @if invite.invite_type == InviteType::ShareLink { " for each guest" }
                    ", until " (zone.display(invite.expires_at))
                    @if let Some(left) = invite.uses_left { " · " (left) @if left == 1 { " use left" } @else { " uses left" } }
                }
                (act_sure(&format!("{path}/{}/revoke", invite.id), "Revoke", "The link or invitation stops working.", "Revoke invitation"))
            }
        }
    }
}

/// Whom it is for.
fn who(invite: &EventInvite) -> String {
    let named = [&invite.invited_name, &invite.invited_email, &invite.invited_phone];
    named.into_iter().find_map(Option::as_deref).map_or_else(|| "Share link".to_owned(), grouped)
}

/// Where it stands, in a word.
fn state(invite: &EventInvite) -> &'static str {
    match invite.status {
        InviteStatus::Pending if invite.invite_type == InviteType::ShareLink => "Active",
        InviteStatus::Pending => "Waiting for reply",
        InviteStatus::Accepted => "Going",
        InviteStatus::Declined => "Declined",
        InviteStatus::Expired => "Ended",
    }
}
