//! All that is one's own in one place: what wants an answer, tickets, requests and waiting lists, and what is past.

use axum::extract::Query;
use axum::response::Response;
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventId, EventStatus};
use eventify::kernel::error::Result;
use eventify::kernel::page::{Limit, Paging, every};
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{
    my_attendance_list, my_invite_list, my_passed_ticket_list, my_request_list, my_waiting_list,
};
use eventify::tickets::{
    Attendee, AttendeeStatus, EventInvite, EventRequest, InviteStatus, PassedTicket, RequestStatus, Reservation,
    ReservationStatus, WaitingPlace, WaitingStatus,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::art;
use super::view::{Head, act, nth, seats, tile};
use super::visitor::{Visitor, Zones};

/// So many events are looked at; the API's own limit.
const MOST: usize = 100;

/// What was done before.
#[derive(Deserialize)]
pub struct Wanted {
    /// Whose a ticket is that was just passed on.
    sent: Option<String>,
}

/// All that the page shows.
struct Mine {
    bookings: Vec<Attendee>,
    requests: Vec<EventRequest>,
    invites: Vec<EventInvite>,
    waiting: Vec<WaitingPlace>,
    passed: Vec<PassedTicket>,
    events: Vec<Event>,
    zones: Zones,
    now: Timestamp,
    /// Whether one can pay here.
    pays: bool,
}

/// `GET /my`
pub async fn show(visitor: Visitor, Query(wanted): Query<Wanted>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    match read(&visitor).await {
        Ok(mine) => visitor.page(200, &Head::own("My tickets"), &mine.body(wanted.sent.as_deref())),
        Err(error) => visitor.refused(&error),
    }
}

async fn read(visitor: &Visitor) -> Result<Mine> {
    let bookings = every(|page| visitor.own(my_attendance_list(page))).await?;
    let mut requests = every(|page| visitor.own(my_request_list(page))).await?;
    requests.retain(|request| request.status == RequestStatus::Pending || held(request).is_some());
    let mut invites = every(|page| visitor.own(my_invite_list(page))).await?;
    invites.retain(|invite| invite.status == InviteStatus::Pending);
    let waiting = every(|page| visitor.own(my_waiting_list(page))).await?;
    let passed = visitor.own(my_passed_ticket_list(Paging::default())).await?.items;
    let mut ids: Vec<EventId> = invites.iter().map(|invite| invite.event_id).collect();
    ids.extend(waiting.iter().map(|place| place.entry.event_id));
    ids.extend(requests.iter().map(|request| request.event_id));
    ids.extend(bookings.iter().map(|booking| booking.event_id));
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    ids.truncate(MOST);
    let events = events(visitor, ids).await?;
    let zones = visitor.zones(events.iter().map(|event| event.timezone.as_str())).await?;
    Ok(Mine { bookings, requests, invites, waiting, passed, events, zones, now: visitor.now(), pays: visitor.pays() })
}

/// These events, as everybody sees them.
async fn events(visitor: &Visitor, ids: Vec<EventId>) -> Result<Vec<Event>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    use EventStatus::{Cancelled, Ended, Live, Published};
    let limit = Limit::try_from(MOST as u32).ok();
    let status = Some(vec![Published, Live, Ended, Cancelled]);
    let filter = EventFilter { id: Some(ids), status, limit, ..EventFilter::default() };
    Ok(visitor.openly(event_list(filter)).await?.items)
}

/// The seats of an accepted request that wait to be paid.
fn held(request: &EventRequest) -> Option<&Reservation> {
    request.reservation.as_ref().filter(|held| held.status == ReservationStatus::Active)
}

fn offered(place: &WaitingPlace) -> bool {
    place.entry.status == WaitingStatus::Offered
}

impl Mine {
    fn event(&self, id: EventId) -> Option<&Event> {
        self.events.iter().find(|event| event.id == id)
    }

    /// With their events, in the order in which these begin.
    fn with_events<'a, T>(&'a self, all: &'a [T], of: fn(&T) -> EventId) -> Vec<(&'a T, &'a Event)> {
        let mut all: Vec<_> = all.iter().filter_map(|one| Some((one, self.event(of(one))?))).collect();
        all.sort_by_key(|(_, event)| event.start_at);
        all
    }

    fn body(&self, sent: Option<&str>) -> Markup {
        let just = self.passed.iter().find(|one| sent == Some(&*one.attendee_id.to_string()));
        let mut bookings = self.with_events(&self.bookings, |booking| booking.event_id);
        // All of its tickets are somebody else's: they stand among those that were transferred.
        bookings.retain(|(booking, _)| booking.status != AttendeeStatus::NotGoing || booking.seats > 0);
        let (coming, past): (Vec<_>, Vec<_>) = bookings
            .into_iter()
            .partition(|(booking, event)| event.end_at > self.now && booking.status != AttendeeStatus::NotGoing);
        let nothing =
            coming.is_empty() && self.requests.is_empty() && self.invites.is_empty() && self.waiting.is_empty();
        html! {
            h1 { "My tickets" }
            @if let Some(just) = just { (passed_now(just)) }
            (self.to_answer())
            @if nothing {
                div .surface .state {
                    p { "No tickets yet. Your tickets appear here." }
                    p { a .button href="/e" { "See events" } }
                }
            }
            @if !coming.is_empty() {
                section aria-labelledby="upcoming" {
                    h2 #upcoming { "Upcoming" }
                    div .surface { ul .lines { @for (booking, event) in &coming { (self.booking(booking, event)) } } }
                }
            }
            (self.waits())
            @if !past.is_empty() {
                details {
                    summary { "Past and cancelled" span .tag { (past.len()) } }
                    ul .lines { @for (booking, event) in past.iter().rev() { (self.booking(booking, event)) } }
                }
            }
            (passed_list(&self.passed))
            p { a href="/my/details" { "Your name and email" } }
        }
    }

    /// What an event is, beside its date; then what is said of it.
    fn about(&self, event: &Event, said: &Markup) -> Markup {
        html! {
            @if let Some(zone) = self.zones.of(&event.timezone) { (tile(event, zone)) }
            div .flow {
                strong dir="auto" { (event.title) }
                span .hint {
                    time datetime=(event.start_at.rfc3339()) { (self.zones.begins(event)) }
                    " · " bdi { (short_place(event)) }
                }
                (said)
            }
        }
    }

    fn booking(&self, booking: &Attendee, event: &Event) -> Markup {
        let said = html! {
            span .tags {
                @match (booking.status, event.status) {
                    (AttendeeStatus::Cancelled, _) => span .tag data-tone="bad" { "Cancelled" },
                    // By the guest: nothing to be alarmed about.
                    (AttendeeStatus::NotGoing, _) => span .tag { "Cancelled" },
                    (_, EventStatus::Live) => span .tag data-tone="live" { "Live now" },
                    _ => {}
                }
                @if booking.seats > 0 { span { (booking.seats) " × " bdi { (booking.ticket_type) } } } @else { bdi { (booking.ticket_type) } }
            }
        };
        html! {
            li {
                a .line href={ "/my/tickets?of=" (booking.id) } {
                    (self.about(event, &said))
                    span .flip { (art::icon(art::ONWARDS)) }
                }
            }
        }
    }

    /// Offers and invitations: they end.
    fn to_answer(&self) -> Markup {
        let offers = self.with_events(&self.waiting, |place| place.entry.event_id);
        let offers: Vec<_> = offers.into_iter().filter(|(place, _)| offered(place)).collect();
        let invites = self.with_events(&self.invites, |invite| invite.event_id);
        html! {
            @if !offers.is_empty() || !invites.is_empty() {
                section aria-labelledby="reply" {
                    h2 #reply { "Needs your reply" }
                    @for (place, event) in &offers { (self.offer(place, event)) }
                    @for (invite, event) in &invites {
                        @let said = html! {
                            span .tags {
                                span .tag { "Invitation" }
                                span .hint { "Reply by " (self.zones.brief(&event.timezone, invite.expires_at)) }
                            }
                            p .acts { a .button .quiet href={ "/e/" (event.slug) "/invite/" (invite.id) } { "See invitation" } }
                        };
                        div .surface .line { (self.about(event, &said)) }
                    }
                }
            }
        }
    }

    fn offer(&self, place: &WaitingPlace, event: &Event) -> Markup {
        let (entry, path) = (&place.entry, format!("/e/{}", event.slug));
        html! {
            div .ink .panel .flow {
                (art::seats(art::MINE))
                div .flow .near {
                    p .tags { span .tag data-tone="live" { (seats(entry.seats)) " came free" } }
                    h3 dir="auto" { (event.title) }
                    p { (self.zones.begins(event)) " · " bdi { (entry.ticket_type) } }
                    @if let Some(until) = entry.offer_expires_at {
                        p .hint { "Yours until " (self.zones.brief(&event.timezone, until)) ". Then it goes to the next person." }
                    }
                }
                div .acts {
                    a .button href={ (path) "/offer/" (entry.id) } { "Take " @if entry.seats == 1 { "seat" } @else { "seats" } }
                    (act(&format!("{path}/leave/{}", entry.id), "No, thanks", true))
                }
            }
        }
    }

    /// Requests, and places on waiting lists.
    fn waits(&self) -> Markup {
        let requests = self.with_events(&self.requests, |request| request.event_id);
        let waiting = self.with_events(&self.waiting, |place| place.entry.event_id);
        let waiting = waiting.into_iter().filter(|(place, _)| !offered(place));
        // One list, whatever one waits for: what begins first stands first.
        let mut all: Vec<(Timestamp, Markup)> =
            requests.iter().map(|(request, event)| (event.start_at, self.request(request, event))).collect();
        all.extend(waiting.map(|(place, event)| (event.start_at, self.waiting(place, event))));
        all.sort_by_key(|(begins, _)| *begins);
        html! {
            @if !all.is_empty() {
                section aria-labelledby="waits" {
                    h2 #waits { "Requests and waiting lists" }
                    ul .lines {
                        @for (_, line) in &all { li { (line) } }
                    }
                }
            }
        }
    }

    fn request(&self, request: &EventRequest, event: &Event) -> Markup {
        let said = html! {
            span .tags {
                @match held(request) {
                    Some(held) => {
                        span .tag data-tone="warn" { @if self.pays { "Accepted: pay now" } @else { "Accepted, not paid" } }
                        span .hint { "Held until " (self.zones.brief(&event.timezone, held.expires_at)) }
                    }
                    None => {
                        span .tag { "Waiting for approval" }
                        span .hint { "Request for " (seats(request.seats_requested)) }
                    }
                }
            }
        };
        let to = match held(request).filter(|_| self.pays) {
            Some(held) => format!("/my/held/{}", held.id),
            None => format!("/e/{}", event.slug),
        };
        html! { a .line href=(to) { (self.about(event, &said)) } }
    }

    fn waiting(&self, place: &WaitingPlace, event: &Event) -> Markup {
        let entry = &place.entry;
        let said = html! {
            span .tags {
                @if let Some(place) = place.place { span .tag { (nth(place)) " on the waiting list" } }
                span .hint { (seats(entry.seats)) ", " bdi { (entry.ticket_type) } }
            }
        };
        html! { a .line href={ "/e/" (event.slug) } { (self.about(event, &said)) } }
    }
}

/// Where it is, as short as one knows it: the whole address stands on the ticket.
fn short_place(event: &Event) -> String {
    let name = event.venue_name.as_ref().or(event.venue_text.as_ref());
    name.map_or_else(|| event.city.clone(), |name| format!("{name}, {}", event.city))
}

/// The person and the beginning of the address: `Kabir (kabir@…)`.
fn taker(passed: &PassedTicket) -> Markup {
    html! { bdi { (passed.to_name) } @if let Some(email) = &passed.to_email { " (" (email) ")" } }
}

fn passed_now(passed: &PassedTicket) -> Markup {
    html! {
        div .note data-tone="ok" role="status" {
            p { strong { "Ticket sent to " (taker(passed)) } }
            p { "They get it with a new QR code; yours no longer works." }
            p { "This can't be undone. If it was a mistake, ask them to transfer it to you, or ask the organiser." }
        }
    }
}

fn passed_list(passed: &[PassedTicket]) -> Markup {
    html! {
        @if !passed.is_empty() {
            details {
                summary { "Transferred tickets" span .tag { (passed.len()) } }
                ul .lines {
                    @for one in passed {
                        li {
                            a .line href={ "/e/" (one.event_slug) } {
                                span .flow {
                                    strong dir="auto" { (one.event_title) }
                                    span { bdi { (one.ticket_type) } " · Sent to " (taker(one)) }
                                }
                            }
                        }
                    }
                }
                p .hint { "These tickets are theirs now, with a new QR code: yours no longer works. To get one back, ask them to transfer it to you." }
            }
        }
    }
}
