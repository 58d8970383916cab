//! Answering: offers of the waiting list, invitations, share links; and giving back what one has.

use std::sync::Arc;

use axum::response::Response;
use eventify::events::operations::event_question_list;
use eventify::events::{Event, Question};
use eventify::kernel::error::{Error, Result, link_invalid, not_found};
use eventify::kernel::money::Money;
use eventify::kernel::page::every;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{
    attendee_cancel, event_invite_decide, event_request_decide, my_invite_list, reservation_release, share_link_accept,
    share_link_get, waiting_list, waiting_list_leave, waiting_list_take,
};
use eventify::tickets::{
    AttendeeId, CancelAttendee, InviteDecision, InviteStatus, Party, RequestDecision, RequestStatus, Reservation,
    ShareLinkUse, ShareToken, SharedInvite, TakeOffer,
};
use eventify::zones::Zone;
use maud::{Markup, html};

use super::art;
use super::booking::ASK_HOW;
use super::done;
use super::event::{find, types};
use super::sent::{Sent, done_already, done_before, new_key, plainly};
use super::total::{Total, with_tax};
use super::view::{Ground, Head, about, facts, how_many, organiser, questions, quoted, refusal, seats, tile, when};
use super::visitor::{Visitor, id};
use crate::web::forms::see_other;
use crate::web::parts::{Form, Path};

type Pairs = Vec<(String, String)>;
type Asked = (Event, Vec<Question>, Arc<Zone>);

async fn asked(visitor: &Visitor, slug: &str) -> Result<Asked> {
    let event = find(visitor, slug).await?;
    let asked = visitor.openly(event_question_list(event.id)).await?.items;
    let zone = visitor.zone(&event).await?;
    Ok((event, asked, zone))
}

/// Where one goes who has seats now: in, or to what is held.
fn onwards(reservation: &Reservation) -> String {
    match reservation.attendee_id {
        Some(attendee) => format!("/my/in/{attendee}"),
        None => format!("/my/held/{}", reservation.id),
    }
}

/// `GET /e/{slug}/offer/{entry}`
pub async fn offer(visitor: Visitor, Path((slug, entry)): Path<(String, String)>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    offer_page(&visitor, &slug, &entry, &Sent::default(), None).await
}

async fn offer_page(visitor: &Visitor, slug: &str, entry: &str, sent: &Sent, error: Option<&Error>) -> Response {
    let read = async {
        let (event, asked, zone) = asked(visitor, slug).await?;
        let entries = every(|page| visitor.own(waiting_list(event.id, page))).await?;
        let found = entries.into_iter().find(|one| one.id.to_string() == entry).ok_or_else(not_found)?;
        Ok::<_, Error>((event, asked, zone, found))
    };
    match read.await {
        Ok((event, asked, zone, entry)) => {
            let body = html! {
                (event_line(&event, &zone))
                h1 { (seats(entry.seats)) " came free for you" }
                (refusal(error))
                p {
                    bdi { (entry.ticket_type) }
                    @if let Some(until) = entry.offer_expires_at { ", yours until " (zone.display(until)) ". Then it goes to the next person." }
                }
                form method="post" {
                    (new_key())
                    (questions(&asked, |name| sent.get(name).to_owned(), error))
                    button { "Take " @if entry.seats == 1 { "seat" } @else { "seats" } }
                }
            };
            visitor.page(error.map_or(200, Error::status), &Head::own("Take your seats").coloured(&event.title), &body)
        }
        Err(error) => visitor.refused(&error),
    }
}

/// `POST /e/{slug}/offer/{entry}`
pub async fn take_offer(
    visitor: Visitor,
    Path((slug, entry)): Path<(String, String)>,
    Form(pairs): Form<Pairs>,
) -> Response {
    let sent = Sent::typed(pairs);
    let taken = async {
        let input = TakeOffer { answers: sent.answers()? };
        visitor.once(sent.key(), waiting_list_take(id(&entry)?, input)).await
    };
    match taken.await {
        Ok(reservation) => see_other(&onwards(&reservation)),
        Err(error) if done_before(&error) => see_other(&format!("/e/{slug}")),
        Err(error) => offer_page(&visitor, &slug, &entry, &sent, Some(&plainly(error))).await,
    }
}

/// Back to the event's page, which says what was done, now or already.
fn returned<T>(visitor: &Visitor, slug: &str, (word, id): (&str, &str), outcome: Result<T>) -> Response {
    match done_already(outcome) {
        Ok(()) => see_other(&done::page(slug, word, id)),
        Err(error) if error.status() == 401 => visitor.sign_in_for(&format!("/e/{slug}")),
        Err(error) => visitor.refused(&error),
    }
}

/// `POST /e/{slug}/leave/{entry}`
pub async fn leave(visitor: Visitor, Path((slug, entry)): Path<(String, String)>) -> Response {
    let left = async { visitor.own(waiting_list_leave(id(&entry)?)).await };
    returned(&visitor, &slug, ("left", &entry), left.await)
}

/// `POST /e/{slug}/unask/{request}`
pub async fn unask(visitor: Visitor, Path((slug, request)): Path<(String, String)>) -> Response {
    let taken_back = async {
        let status = RequestStatus::Cancelled;
        let decision = RequestDecision { status, host_message: None, ticket_type_id: None, add_seats: None };
        visitor.own(event_request_decide(id(&request)?, decision)).await
    };
    returned(&visitor, &slug, ("withdrawn", &request), taken_back.await)
}

/// `POST /e/{slug}/step-back/{attendee}`
pub async fn step_back(visitor: Visitor, Path((slug, attendee)): Path<(String, String)>) -> Response {
    let stepped = async { visitor.own(attendee_cancel(id::<AttendeeId>(&attendee)?, CancelAttendee::default())).await };
    returned(&visitor, &slug, ("cancelled", &attendee), stepped.await)
}

/// `POST /my/held/{reservation}`
pub async fn release(visitor: Visitor, Path(reservation): Path<String>) -> Response {
    let released = async { visitor.own(reservation_release(id(&reservation)?)).await };
    match done_already(released.await) {
        Ok(()) => see_other(&format!("/my/held/{reservation}")),
        Err(error) => visitor.refused(&error),
    }
}

/// `GET /e/{slug}/invite/{invite}`
pub async fn invite(visitor: Visitor, Path((slug, invite)): Path<(String, String)>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    invite_page(&visitor, &slug, &invite, &Sent::default(), None).await
}

async fn invite_page(visitor: &Visitor, slug: &str, invite: &str, sent: &Sent, error: Option<&Error>) -> Response {
    let read = async {
        let (event, asked, zone) = asked(visitor, slug).await?;
        let invites = every(|page| visitor.own(my_invite_list(page))).await?;
        let found = invites.into_iter().find(|one| one.id.to_string() == invite).ok_or_else(not_found)?;
        Ok::<_, Error>((event, asked, zone, found))
    };
    match read.await {
        Ok((event, asked, zone, invite)) => {
            let first = first_kind(visitor, &event).await;
            let own = invite.ticket_type.map(|name| (name, invite.price));
            let (ticket, price) = own.or(first).map_or((None, None), |(name, price)| (Some(name), price));
            let title = format!("You are invited: {}", event.title);
            let card = Invitation {
                event: &event,
                zone: &zone,
                message: &invite.message,
                ticket: ticket.as_deref(),
                price: price.as_ref(),
                seats: invite.seats,
                until: invite.expires_at,
                pays: visitor.pays(),
            };
            let form = html! {
                (refusal(error))
                @if invite.status == InviteStatus::Pending {
                    form method="post" {
                        (new_key())
                        (questions(&asked, |name| sent.get(name).to_owned(), error))
                        @if let Some(full) = full(&event) { (full) }
                        @else { button .full name="status" value="accepted" { "Accept invitation" } }
                        button .full .quiet name="status" value="declined" formnovalidate { "Decline" }
                    }
                } @else {
                    p .note { "This invitation is " (invite.status.as_str()) "." }
                }
            };
            let head = Head::own(&title).coloured(&event.title).on(Ground::Wide);
            visitor.page(error.map_or(200, Error::status), &head, &card.show(&form))
        }
        Err(error) => visitor.refused(&error),
    }
}

/// The first ticket type on show and what it costs: an invitation without one of its own is for that.
async fn first_kind(visitor: &Visitor, event: &Event) -> Option<(String, Option<Money>)> {
    let kinds = types(visitor, event, None).await.ok()?;
    kinds.into_iter().next().map(|kind| (kind.name, Some(kind.price)))
}

/// An event that a form is about, as a line above it.
pub fn event_line(event: &Event, zone: &Zone) -> Markup {
    html! {
        a .line .mid href={ "/e/" (event.slug) } {
            (tile(event, zone))
            span .flow { strong { bdi { (event.title) } } span .hint { (when(event, zone)) } }
        }
    }
}

/// A page about an event, such as its form: the event is a line above it on a phone, and a card beside it where there is
/// room.
pub fn beside(event: &Event, zone: &Zone, page: &Markup) -> Markup {
    html! {
        div .split .flow .far {
            div .flow { div .brief { (event_line(event, zone)) } (page) }
            section .surface .flow .side .about-it aria-label="Event" {
                (art::cover(event, true, art::Wide::Page))
                h2 dir="auto" { a href={ "/e/" (event.slug) } { (event.title) } }
                (facts(event, zone))
            }
        }
    }
}

/// An invitation, whoever it is for.
struct Invitation<'p> {
    event: &'p Event,
    zone: &'p Zone,
    message: &'p str,
    ticket: Option<&'p str>,
    /// Of one ticket.
    price: Option<&'p Money>,
    seats: i32,
    until: Timestamp,
    /// Whether one can pay here.
    pays: bool,
}

impl Invitation<'_> {
    fn show(&self, form: &Markup) -> Markup {
        let (event, host) = (self.event, organiser(self.event));
        let paid = self.price.is_some_and(|price| price.minor > 0);
        html! {
            div .split .flow .far {
                div .flow {
                    (art::cover(event, true, art::Wide::Page))
                    @if host.is_empty() { p { strong { "You are invited" } } } @else {
                        div .line .mid { (art::face(host)) p .flow { span { strong { bdi { (host) } } " invites you" } } }
                    }
                    h1 dir="auto" { (event.title) }
                    @if !self.message.is_empty() { blockquote .note { (quoted(self.message)) } }
                    (facts(event, self.zone))
                }
                section .surface .flow .side .panel-tickets #reply tabindex="-1" aria-labelledby="g" {
                    h2 #g { "Your invitation" }
                    dl .facts {
                        @if let Some(ticket) = self.ticket { dt { "Ticket" } dd { bdi { (ticket) } } }
                        @if let Some(price) = self.price { dt { "Price" } dd { (price.price()) @if paid && self.seats > 1 { " each" } } }
                        dt { "Seats" } dd { @if self.seats > 1 { "Up to " } (self.seats) }
                        dt { "Reply by" } dd { (self.zone.brief(self.until)) }
                    }
                    @if paid {
                        p .hint {
                            "Accepting holds your seats" @if self.pays { " while you pay." } @else { ". " (ASK_HOW) }
                        }
                    }
                    (form)
                }
                (about(event))
                p { a href={ "/e/" (event.slug) } { "Full event page" } }
                div .way .ink {
                    span { strong { "You are invited" } br; span .hint { "Reply by " (self.zone.brief(self.until)) } }
                    a .button href="#reply" { "Reply" }
                }
            }
        }
    }
}

/// `POST /e/{slug}/invite/{invite}`
pub async fn decide(
    visitor: Visitor,
    Path((slug, invite)): Path<(String, String)>,
    Form(pairs): Form<Pairs>,
) -> Response {
    let sent = Sent::typed(pairs);
    let decided = async {
        let comes = sent.get("status") == "accepted";
        let status = if comes { InviteStatus::Accepted } else { InviteStatus::Declined };
        let answers = if comes { sent.answers()? } else { Default::default() };
        visitor.own(event_invite_decide(id(&invite)?, InviteDecision { status, answers })).await
    };
    match decided.await {
        Ok(answered) => {
            let declined = || done::page(&slug, "declined", &invite);
            see_other(&answered.reservation.as_ref().map_or_else(declined, onwards))
        }
        Err(error) if done_before(&error) => see_other(&format!("/e/{slug}")),
        Err(error) => invite_page(&visitor, &slug, &invite, &sent, Some(&error)).await,
    }
}

/// `GET /i/{token}`
pub async fn shared(visitor: Visitor, Path(token): Path<String>) -> Response {
    shared_page(&visitor, &token, &Sent::default(), None).await
}

async fn shared_page(visitor: &Visitor, token: &str, sent: &Sent, error: Option<&Error>) -> Response {
    let read = async {
        let token = ShareToken::parse(token).map_err(|_| link_invalid())?;
        let invite = visitor.openly(share_link_get(token)).await?;
        let asked = visitor.openly(event_question_list(invite.event.id)).await?.items;
        let zone = visitor.zone(&invite.event).await?;
        Ok::<_, Error>((invite, asked, zone))
    };
    match read.await {
        Ok((invite, asked, zone)) => {
            let event = &invite.event;
            let title = format!("You are invited: {}", event.title);
            let card = Invitation {
                event,
                zone: &zone,
                message: &invite.message,
                ticket: invite.ticket_type.as_deref(),
                price: invite.price.as_ref(),
                seats: invite.seats,
                until: invite.expires_at,
                pays: visitor.pays(),
            };
            let body = card.show(&shared_form(visitor, &invite, &asked, sent, error));
            let head = Head::own(&title).coloured(&event.title).on(Ground::Wide);
            visitor.page(error.map_or(200, Error::status), &head, &body)
        }
        // What was refused is the better answer where the link has just run out.
        Err(gone) => match error.unwrap_or(&gone) {
            gone if gone.code() == link_invalid().code() => gone_page(visitor, gone),
            error => visitor.refused(error),
        },
    }
}

/// A link that leads nowhere: why, where that is known, and the ways on. One that never was is told like one that ended.
fn gone_page(visitor: &Visitor, gone: &Error) -> Response {
    let why = Some(gone.message()).filter(|said| *said != gone.title());
    let sign_in = format!("/my/sign-in?next={}", crate::web::forms::encode("/my"));
    let body = html! {
        div .state {
            h1 { "This link no longer works" }
            @match why {
                Some(why) => p { (why) },
                None => {
                    p { "It was used, revoked or has expired, or part of it is missing. Open it again from the message, or ask the sender for a new one." }
                    p {
                        "Already accepted? "
                        @if visitor.user.is_some() { "Your tickets are under My tickets." } @else { "Sign in with the phone number you accepted with." }
                    }
                }
            }
            p .acts {
                a .button href="/e" { "See events" }
                @if visitor.user.is_some() { a .button .quiet href="/my" { "My tickets" } }
                @else { a .button .quiet href=(sign_in) rel="nofollow" { "Sign in" } }
            }
        }
    };
    visitor.page(gone.status(), &Head::own("This link no longer works"), &body)
}

/// What stands in place of accepting while every seat is taken.
fn full(event: &Event) -> Option<Markup> {
    (event.going_count >= event.capacity).then(|| {
        html! {
            p .note { "All seats are taken right now." }
            p { a .button .full href={ "/e/" (event.slug) } { "Join the waiting list" } }
        }
    })
}

fn shared_form(
    visitor: &Visitor,
    invite: &SharedInvite,
    asked: &[Question],
    sent: &Sent,
    error: Option<&Error>,
) -> Markup {
    html! {
        (refusal(error))
        @if let Some(full) = full(&invite.event) {
            (full)
        } @else if visitor.user.is_some() {
            form method="post" {
                (new_key())
                @if invite.seats > 1 {
                    (how_many(invite.seats, sent.get("seats"), error, &html! {}))
                }
                @if let Some(one) = invite.price.as_ref().filter(|price| price.minor > 0) {
                    @let kind = invite.ticket_type.as_deref().unwrap_or("Ticket");
                    @let many = sent.seats().map_or(1, Party::count);
                    (Total { kind, one, many, most: invite.seats }.show(&visitor.files))
                    (with_tax(&invite.event, one))
                }
                (questions(asked, |name| sent.get(name).to_owned(), error))
                button .full { "Accept invitation" }
            }
        } @else {
            p { a .button .full href={ "/my/sign-in?next=" (crate::web::forms::encode(&visitor.here)) } { "Accept invitation" } }
            p .hint { "Next, you confirm your phone number by text message. No password." }
        }
    }
}

/// `POST /i/{token}`
pub async fn come(visitor: Visitor, Path(token): Path<String>, Form(pairs): Form<Pairs>) -> Response {
    let sent = Sent::typed(pairs);
    let came = async {
        let (seats, answers) = (sent.seats()?, sent.answers()?);
        let token = ShareToken::parse(&token).map_err(|_| link_invalid())?;
        visitor.once(sent.key(), share_link_accept(ShareLinkUse { token, seats, answers })).await
    };
    match came.await {
        Ok(reservation) => see_other(&onwards(&reservation)),
        Err(error) if error.status() == 401 => visitor.sign_in_for(&format!("/i/{token}")),
        Err(error) => shared_page(&visitor, &token, &sent, Some(&plainly(error))).await,
    }
}
