//! What of an event is the visitor's: tickets, seats to be paid, requests, places on the waiting list and invitations.

use eventify::events::Event;
use eventify::kernel::error::Result;
use eventify::kernel::page::every;
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{event_mine, my_waiting_list};
use eventify::tickets::{
    EventRequest, OwnPart, RequestStatus, Reservation, ReservationStatus, TicketType, WaitingPlace, WaitingStatus,
};
use eventify::zones::Zone;
use maud::{Markup, html};

use super::art;
use super::booking::ASK_HOW;
use super::pay::until_when;
use super::view::{act, nth, quoted, seats, tickets};
use super::visitor::Visitor;

/// What of an event is the visitor's.
pub struct Mine {
    pub part: OwnPart,
    /// Where they stand on the waiting list.
    pub waiting: Vec<WaitingPlace>,
}

impl Mine {
    pub async fn of(visitor: &Visitor, event: &Event) -> Result<Option<Mine>> {
        if visitor.user.is_none() {
            return Ok(None);
        }
        let part = visitor.own(event_mine(event.id)).await?;
        let mut waiting = Vec::new();
        if !part.waiting.is_empty() {
            waiting = every(|page| visitor.own(my_waiting_list(page))).await?;
            waiting.retain(|place| place.entry.event_id == event.id);
        }
        Ok(Some(Mine { part, waiting }))
    }

    /// Seats that wait for nothing but the payment.
    pub fn to_pay(&self) -> impl Iterator<Item = &Reservation> {
        let offered: Vec<_> =
            self.waiting.iter().filter(|one| is_offered(one)).filter_map(|one| one.entry.reservation_id).collect();
        self.part.held.iter().filter(move |held| held.is_to_pay(&offered))
    }

    /// Whether seats of this kind wait to be paid.
    pub fn pays_for(&self, ticket_type: &TicketType) -> bool {
        self.to_pay().any(|held| held.ticket_type_id == ticket_type.id)
    }

    /// Whether they wait for seats of this kind.
    pub fn waits_for(&self, ticket_type: &TicketType) -> bool {
        self.waiting.iter().any(|place| place.entry.ticket_type_id == ticket_type.id)
    }

    /// Whether seats of this kind that came free are held for them.
    pub fn is_offered_of(&self, ticket_type: &TicketType) -> bool {
        self.waiting.iter().any(|place| is_offered(place) && place.entry.ticket_type_id == ticket_type.id)
    }

    /// Whether seats are held for them now.
    pub fn holds(&self) -> bool {
        !self.part.held.is_empty()
    }

    /// Whether there is anything to show.
    pub fn is_something(&self) -> bool {
        let part = &self.part;
        let nothing = part.attendees.is_empty() && part.requests.is_empty() && part.invites.is_empty();
        !(nothing && self.waiting.is_empty() && part.held.is_empty())
    }

    /// Whether a request waits for its answer: one is enough.
    pub fn asks(&self) -> bool {
        self.part.requests.iter().any(|request| request.status == RequestStatus::Pending)
    }

    /// What their request for this ticket type has come to.
    pub fn asked_for(&self, ticket_type: &TicketType) -> Option<&'static str> {
        let of_kind = |request: &&EventRequest| request.ticket_type_id.is_none_or(|asked| asked == ticket_type.id);
        self.part.requests.iter().filter(of_kind).find_map(|request| match request.status {
            RequestStatus::Pending => Some("Request sent"),
            RequestStatus::Accepted if request.reservation.is_some() => Some("Held for you"),
            _ => None,
        })
    }
}

/// Whether it is their turn.
pub fn is_offered(place: &WaitingPlace) -> bool {
    place.entry.status == WaitingStatus::Offered
}

/// Where the visitor stands, and what can be done about it; `offer` is how long a seat that came free is held.
pub fn own(event: &Event, mine: &Mine, (zone, now): (&Zone, Timestamp), pays: bool, offer: &str) -> Markup {
    let path = format!("/e/{}", event.slug);
    html! {
        @for held in mine.to_pay() { (to_pay(held, zone, now, pays)) }
        @for person in &mine.part.attendees {
            section .surface .flow {
                div .head { h2 { "You are going" } span .tag data-tone="ok" { (tickets(person.seats)) } }
                p { bdi { (person.ticket_type) } }
                p .acts {
                    a .button href={ "/my/tickets?of=" (person.id) } { (art::icon(art::TICKET)) "Show my tickets" }
                }
            }
        }
        @for request in &mine.part.requests { (asked(&path, request, zone, pays)) }
        @for entry in &mine.waiting { (waits(event, entry, zone, offer)) }
        @for invite in &mine.part.invites {
            section .surface .flow {
                div .head { h2 { "You are invited" } span .tag { (tickets(invite.seats)) } }
                @if !invite.message.is_empty() { (quoted(&invite.message)) }
                p { a .button href={ (path) "/invite/" (invite.id) } { "See invitation" } }
            }
        }
    }
}

/// Seats that are held, and not paid.
fn to_pay(held: &Reservation, zone: &Zone, now: Timestamp, pays: bool) -> Markup {
    let path = format!("/my/held/{}", held.id);
    html! {
        section .surface .flow {
            div .head { h2 { "Your seats are held" } span .tag data-tone="warn" { "Not paid" } }
            p { (held.seats_reserved) " × " bdi { (held.ticket_type) } ", held until " (until_when(held.expires_at, now, zone)) "." }
            @if !pays { p { "To pay: " strong { (held.total.display()) } ". " (ASK_HOW) } }
            div .acts {
                @if pays { a .button href=(path) rel="nofollow" { "Finish paying · " (held.total.display()) } }
                (act(&path, "Release seats", true))
            }
        }
    }
}

fn asked(path: &str, request: &EventRequest, zone: &Zone, pays: bool) -> Markup {
    let held = request.reservation.as_ref().filter(|held| held.status == ReservationStatus::Active);
    html! {
        @if request.status == RequestStatus::Pending {
            section .surface .flow {
                div .head { h2 { "Request sent" } span .tag { "Waiting for approval" } }
                p { "You asked for " (seats(request.seats_requested)) ". You'll be notified when the organiser answers. Nothing is charged until then." }
                (act(&format!("{path}/unask/{}", request.id), "Withdraw request", true))
            }
        } @else if let Some(held) = held {
            section .surface .flow {
                div .head { h2 { "Request accepted" } span .tag data-tone="warn" { "Not paid" } }
                p { (seats(held.seats_reserved)) " of " bdi { (held.ticket_type) } ", held until " (zone.display(held.expires_at)) "." }
                @if pays {
                    p { a .button href={ "/my/held/" (held.id) } { "Pay " (held.total.display()) } }
                } @else {
                    p { "To pay: " strong { (held.total.display()) } ". " (ASK_HOW) }
                }
                (act(&format!("{path}/unask/{}", request.id), "Release seats", true))
            }
        }
    }
}

fn waits(event: &Event, waiting: &WaitingPlace, zone: &Zone, offer: &str) -> Markup {
    let (path, starts) = (format!("/e/{}", event.slug), event.start_at);
    let entry = &waiting.entry;
    html! {
        @if entry.status == WaitingStatus::Offered {
            section .ink .panel .flow {
                (art::seats(art::MINE))
                p .tags { span .tag data-tone="live" { "Your turn" } }
                h2 { (seats(entry.seats)) " came free for you" }
                p { bdi { (entry.ticket_type) } @if let Some(until) = entry.offer_expires_at { ", yours until " (zone.display(until)) } "." }
                div .acts {
                    a .button href={ (path) "/offer/" (entry.id) } { "Take " @if entry.seats == 1 { "seat" } @else { "seats" } }
                    (act(&format!("{path}/leave/{}", entry.id), "No, thanks", true))
                }
            }
        } @else {
            section .surface .flow {
                div .head {
                    h2 { @if let Some(place) = waiting.place { "You are " (nth(place)) " on the waiting list" } @else { "You are on the waiting list" } }
                    span .tag { (seats(entry.seats)) }
                }
                p {
                    bdi { (entry.ticket_type) } ". "
                    @match waiting.place {
                        Some(1) => "You are next. ",
                        Some(place) => { (counted(place - 1, "booking")) @if place == 2 { " is" } @else { " are" } " ahead of you. " },
                        None => {}
                    }
                    @if event.is_paid { "Nothing is charged yet." }
                }
                h3 { "What happens next" }
                ul .list {
                    li { "When " (seats(entry.seats)) @if entry.seats == 1 { " is" } @else { " are" } " free, we notify you and hold " @if entry.seats == 1 { "it" } @else { "them" } " for " (offer) "." }
                    li { "Take " @if entry.seats == 1 { "it" } @else { "them" } " in that time, or the offer goes to the next person." }
                    li { "If no seat is free by " (zone.brief(starts)) ", the list closes" @if event.is_paid { " and you pay nothing" } "." }
                }
                (act(&format!("{path}/leave/{}", entry.id), "Leave waiting list", true))
            }
        }
    }
}
