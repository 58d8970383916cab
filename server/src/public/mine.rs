//! All that is one's own in one place: what ends soon, then tickets, requests, waiting lists and invitations by date, and
//! what is past.

use axum::response::Response;
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventId, EventStatus};
use eventify::kernel::error::Result;
use eventify::kernel::page::{Limit, Paging, every};
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{
    my_attendance_list, my_invite_list, my_passed_ticket_list, my_request_list, my_reservation_list, my_waiting_list,
};
use eventify::tickets::{
    Attendee, AttendeeStatus, EventInvite, EventRequest, InviteStatus, PassedTicket, RequestStatus, Reservation,
    ReservationStatus, WaitingPlace, WaitingStatus,
};
use maud::{Markup, html};
use serde::Deserialize;

use super::art;
use super::pay::until_when;
use super::view::{Head, act, icon_tile, nth, seats, tile};
use super::visitor::{Visitor, Zones};
use crate::web::parts::Query;

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
    /// Seats that wait for nothing but the payment.
    unpaid: Vec<Reservation>,
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
    let offered: Vec<_> =
        waiting.iter().filter(|place| offered(place)).filter_map(|place| place.entry.reservation_id).collect();
    let mut unpaid = visitor.own(my_reservation_list()).await?.items;
    unpaid.retain(|held| held.is_to_pay(&offered));
    let mut ids: Vec<EventId> = unpaid.iter().map(|held| held.event_id).collect();
    ids.extend(invites.iter().map(|invite| invite.event_id));
    ids.extend(waiting.iter().map(|place| place.entry.event_id));
    ids.extend(requests.iter().map(|request| request.event_id));
    ids.extend(bookings.iter().map(|booking| booking.event_id));
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    ids.truncate(MOST);
    let events = events(visitor, ids).await?;
    let zones = visitor.zones(events.iter().map(|event| event.timezone.as_str())).await?;
    let (now, pays) = (visitor.now(), visitor.pays());
    Ok(Mine { bookings, requests, invites, waiting, passed, unpaid, events, zones, now, pays })
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
        let now = self.to_act();
        let (live, upcoming): (Vec<_>, Vec<_>) =
            self.upcoming(&coming).into_iter().partition(|(event, _)| event.status == EventStatus::Live);
        html! {
            h1 { "My tickets" }
            @if let Some(just) = just { (passed_now(just)) }
            @if !now.is_empty() {
                section aria-labelledby="now" {
                    h2 #now { "Waiting for you" }
                    @for one in &now { (one) }
                }
            }
            @for (id, title, all) in [("live", "Live now", &live), ("upcoming", "Upcoming", &upcoming)] {
                @if !all.is_empty() {
                    section aria-labelledby=(id) {
                        h2 id=(id) { (title) }
                        ul .owns { @for (_, one) in all { (one) } }
                    }
                }
            }
            @if now.is_empty() && live.is_empty() && upcoming.is_empty() { (nothing(past.is_empty())) }
            @if !past.is_empty() {
                details {
                    summary { "Past and cancelled" span .tag { (past.len()) } }
                    ul .lines { @for (booking, event) in past.iter().rev() { (self.gone(booking, event)) } }
                }
            }
            (passed_list(&self.passed))
            p { a href="/my/details" { "Your name and email" } }
        }
    }

    /// What ends in minutes or hours: seats that are held and not paid, seats that came free, and accepted seats that are
    /// not paid.
    fn to_act(&self) -> Vec<Markup> {
        let unpaid = self.with_events(&self.unpaid, |held| held.event_id);
        let mut all: Vec<Markup> =
            unpaid.into_iter().map(|(held, event)| self.unpaid(held, event, "Not paid")).collect();
        let offers = self.with_events(&self.waiting, |place| place.entry.event_id);
        let offers = offers.into_iter().filter(|(place, _)| offered(place));
        all.extend(offers.map(|(place, event)| self.offer(place, event)));
        let requests = self.with_events(&self.requests, |request| request.event_id);
        let held = requests.into_iter().filter_map(|(request, event)| Some((held(request)?, event)));
        let accepted = if self.pays { "Accepted: pay now" } else { "Accepted, not paid" };
        all.extend(held.map(|(held, event)| self.unpaid(held, event, accepted)));
        all
    }

    /// Everything else that is to come, whatever one has of it: what begins first stands first.
    fn upcoming<'a>(&'a self, coming: &[(&'a Attendee, &'a Event)]) -> Vec<(&'a Event, Markup)> {
        let mut all: Vec<(&Event, Markup)> =
            coming.iter().map(|(booking, event)| (*event, self.booking(booking, event))).collect();
        let requests = self.with_events(&self.requests, |request| request.event_id);
        let pending = requests.into_iter().filter(|(request, _)| held(request).is_none());
        all.extend(pending.map(|(request, event)| (event, self.request(request, event))));
        let waiting = self.with_events(&self.waiting, |place| place.entry.event_id);
        let waiting = waiting.into_iter().filter(|(place, _)| !offered(place));
        all.extend(waiting.map(|(place, event)| (event, self.waiting(place, event))));
        let invites = self.with_events(&self.invites, |invite| invite.event_id);
        all.extend(invites.into_iter().map(|(invite, event)| (event, self.invitation(invite, event))));
        all.retain(|(event, _)| event.end_at > self.now);
        all.sort_by_key(|(event, _)| event.start_at);
        all
    }

    /// An event that is to come: its day, picture, hour and place, and how it stands; then what one has of it, with the
    /// one act that comes next, which is the page's own where it cannot wait.
    fn own(&self, event: &Event, to: &str, (state, has): (&Markup, &Markup), (act, first): (&str, bool)) -> Markup {
        html! {
            div .surface .own {
                a .line href=(to) {
                    @if let Some(zone) = self.zones.of(&event.timezone) { (tile(event, zone)) }
                    span .flow {
                        strong dir="auto" { (event.title) }
                        time datetime=(event.start_at.rfc3339()) { (self.zones.begins(event)) }
                        span .hint dir="auto" { (short_place(event)) }
                        span .tags { (state) }
                    }
                    (art::cover(event, false, art::Wide::Line))
                }
                div .head {
                    p .flow { (has) }
                    a .button .quiet[!first] href=(to) { (act) span .vh { ": " (event.title) } }
                }
            }
        }
    }

    fn booking(&self, booking: &Attendee, event: &Event) -> Markup {
        let going = booking.status.takes_seats();
        let soon = (event.start_at.0 - self.now.0).whole_hours() < 24;
        let act = if going { "Show tickets" } else { "View details" };
        let (to, state) = (format!("/my/tickets?of={}", booking.id), standing(booking, event));
        html! { li { (self.own(event, &to, (&state, &has(booking)), (act, going && soon))) } }
    }

    /// What is over, or was cancelled.
    fn gone(&self, booking: &Attendee, event: &Event) -> Markup {
        html! {
            li {
                a .line href={ "/my/tickets?of=" (booking.id) } {
                    @if let Some(zone) = self.zones.of(&event.timezone) { (tile(event, zone)) }
                    span .flow {
                        strong dir="auto" { (event.title) }
                        span .hint {
                            time datetime=(event.start_at.rfc3339()) { (self.zones.begins(event)) }
                            " · " bdi { (short_place(event)) }
                        }
                        span .tags {
                            @if !booking.status.takes_seats() { (standing(booking, event)) }
                            (has(booking))
                        }
                    }
                    span .flip { (art::icon(art::ONWARDS)) }
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

    /// Seats that are held and are to be paid.
    fn unpaid(&self, held: &Reservation, event: &Event, state: &str) -> Markup {
        let state = html! { span .tag data-tone="warn" { (state) } };
        let until = self.zones.of(&event.timezone).map(|zone| until_when(held.expires_at, self.now, zone));
        let has = html! {
            span { (held.seats_reserved) " × " bdi { (held.ticket_type) } ", " (held.total.display()) }
            @if let Some(until) = until { span .hint { "Held until " (until) } }
        };
        match self.pays {
            true => self.own(event, &format!("/my/held/{}", held.id), (&state, &has), ("Finish paying", true)),
            false => self.own(event, &format!("/e/{}", event.slug), (&state, &has), ("View event", false)),
        }
    }

    fn request(&self, request: &EventRequest, event: &Event) -> Markup {
        let state = html! { span .tag { "Waiting for approval" } };
        let has = html! { span { "Request for " (seats(request.seats_requested)) } };
        html! { li { (self.own(event, &format!("/e/{}", event.slug), (&state, &has), ("View request", false))) } }
    }

    fn waiting(&self, place: &WaitingPlace, event: &Event) -> Markup {
        let entry = &place.entry;
        let state = html! {
            span .tag { @if let Some(place) = place.place { (nth(place)) " on the waiting list" } @else { "On the waiting list" } }
        };
        let has = html! { span { (seats(entry.seats)) ", " bdi { (entry.ticket_type) } } };
        html! { li { (self.own(event, &format!("/e/{}", event.slug), (&state, &has), ("View event", false))) } }
    }

    fn invitation(&self, invite: &EventInvite, event: &Event) -> Markup {
        let state = html! { span .tag data-tone="warn" { "You're invited" } };
        let has = html! {
            span { (seats(invite.seats)) @if let Some(ticket_type) = &invite.ticket_type { ", " bdi { (ticket_type) } } }
            span .hint { "Reply by " (self.zones.brief(&event.timezone, invite.expires_at)) }
        };
        let to = format!("/e/{}/invite/{}", event.slug, invite.id);
        html! { li { (self.own(event, &to, (&state, &has), ("Reply", true))) } }
    }
}

/// How many of which ticket, and what came back of the money.
fn has(booking: &Attendee) -> Markup {
    html! {
        span { @if booking.seats > 0 { (booking.seats) " × " } bdi { (booking.ticket_type) } }
        @if let Some(gone) = booking.partly_gone() { span .hint { (gone) } }
        @if let Some(back) = booking.money_back() { span .hint { (back) } }
    }
}

/// How a booking stands, in plain words.
fn standing(booking: &Attendee, event: &Event) -> Markup {
    let (tone, said) = match (booking.status, event.status) {
        (AttendeeStatus::Cancelled, EventStatus::Cancelled) => (Some("bad"), "Event cancelled".to_owned()),
        (AttendeeStatus::Cancelled, _) => (Some("bad"), "Cancelled".to_owned()),
        // By the guest: nothing to be alarmed about.
        (AttendeeStatus::NotGoing, _) => (None, "Cancelled".to_owned()),
        (AttendeeStatus::CheckedIn, _) => (Some("ok"), booking.partly_in().unwrap_or_else(|| "Checked in".to_owned())),
        (AttendeeStatus::Going, _) => (Some("ok"), "Confirmed".to_owned()),
    };
    html! { span .tag data-tone=[tone] { (said) } }
}

/// Where nothing is to come: what appears here, and where it comes from.
fn nothing(new_here: bool) -> Markup {
    html! {
        div .surface .state {
            (icon_tile(art::TICKET))
            h2 { @if new_here { "No tickets yet" } @else { "Nothing coming up" } }
            p { "Your tickets, requests and invitations appear here." }
            p { a .button href="/e" { "Find an event" } }
            @if new_here { p .hint { "Booked with another phone number? Sign out below, and sign in with that one." } }
        }
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
            p { "This can't be undone. If it was a mistake, ask the organiser." }
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
                p .hint { "These tickets are theirs now, with a new QR code: yours no longer works." }
            }
        }
    }
}
