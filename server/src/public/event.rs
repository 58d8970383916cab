//! An event's page, with where the visitor stands.

use axum::response::Response;
use eventify::events::operations::{event_by_slug, event_get};
use eventify::events::{AllowedGenders, Event, EventSlug, EventStatus};
use eventify::gate::LiveUpdate;
use eventify::kernel::error::{Result, not_found};
use eventify::kernel::text::lasting;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::SeatsQuery;
use eventify::tickets::operations::{TicketTypeQuery, event_seats, ticket_type_list};
use eventify::tickets::{PromoWord, TicketType};
use eventify::zones::Zone;
use maud::{Markup, html};

use super::art;
use super::booking::{BookingMode, NO_PAYMENT, left, most};
use super::contact;
use super::done::{self, After};
use super::event_mine::{Mine, is_offered, own};
use super::meta;
use super::others;
use super::told;
use super::view::{about, facts, icon_tile, organiser, quoted, sharing, standing};
use super::visitor::{Visitor, Zones};
use crate::web::parts::{Path, Query};

/// The event of that word in addresses, as everybody sees it.
pub async fn find(visitor: &Visitor, slug: &str) -> Result<Event> {
    let slug = EventSlug::parse(slug).map_err(|_| not_found())?;
    visitor.openly(event_by_slug(slug)).await
}

/// The ticket types that are on show.
pub async fn types(visitor: &Visitor, event: &Event, promo_code: Option<PromoWord>) -> Result<Vec<TicketType>> {
    Ok(visitor.openly(ticket_type_list(event.id, TicketTypeQuery { promo_code })).await?.items)
}

/// `GET /e/{slug}`
pub async fn show(visitor: Visitor, Path(slug): Path<String>, Query(after): Query<After>) -> Response {
    let read = async {
        let mut event = find(&visitor, &slug).await?;
        let (types, mine, zone, updates) = tokio::try_join!(
            types(&visitor, &event, None),
            Mine::of(&visitor, &event),
            visitor.zone(&event),
            told::latest(&visitor, &event)
        )?;
        if mine.is_some() {
            // A host may be named to its guests alone.
            event = visitor.own(event_get(event.id)).await?;
        }
        let others = match is_over(&event, visitor.now()) {
            true => others::coming(&visitor, &event).await?,
            false => (Vec::new(), Zones::default()),
        };
        // How many wait is asked for only where it is clear for what.
        let full = types.iter().filter(|ticket_type| ticket_type.available <= 0).count();
        let waits = async { if full == 1 { waiting(&visitor, &event).await } else { Ok(0) } };
        let (done, waiting) = tokio::try_join!(done::notice(&visitor, &event, &after), waits)?;
        Ok::<_, eventify::kernel::error::Error>((event, types, mine, done, (zone, waiting), (updates, others)))
    };
    match read.await {
        Ok((event, types, mine, done, (zone, waiting), (updates, others))) => {
            let head = meta::head(&visitor.base(), &event, &types, (&zone, visitor.now()));
            let link = format!("{}/e/{}", visitor.base(), event.slug);
            let told = Told {
                mine: mine.as_ref(),
                done: &done,
                zone: &zone,
                now: visitor.now(),
                pays: visitor.pays(),
                link: &link,
                updates: &updates,
                others: &others,
                waiting,
                offer: lasting(visitor.call.app.config.offer_minutes),
            };
            visitor.shared(&head, &body(&event, &types, &told))
        }
        Err(error) => visitor.refused(&error),
    }
}

/// What a page says beside the event itself: to whom, after what, by which clocks and when.
struct Told<'p> {
    mine: Option<&'p Mine>,
    done: &'p Markup,
    zone: &'p Zone,
    now: Timestamp,
    /// Whether one can pay here.
    pays: bool,
    /// The page's own address, to be shared.
    link: &'p str,
    /// What guests are told while it goes on.
    updates: &'p [LiveUpdate],
    /// What comes next, where this is over.
    others: &'p (Vec<Event>, Zones),
    /// Parties on the waiting list.
    waiting: i64,
    /// How long a seat that came free is held for who waited for it.
    offer: String,
}

async fn waiting(visitor: &Visitor, event: &Event) -> Result<i64> {
    let query = SeatsQuery { event_id: vec![event.id] };
    let seats = visitor.openly(event_seats(query)).await?.items;
    Ok(seats.first().map_or(0, |seats| seats.waiting))
}

/// Whether there is nothing to come for any more.
fn is_over(event: &Event, now: Timestamp) -> bool {
    event.status.is_over() || event.end_at <= now
}

fn body(event: &Event, types: &[TicketType], told: &Told<'_>) -> Markup {
    let Told { mine, done, zone, now, link, updates, .. } = *told;
    let over = is_over(event, now);
    let open = event.status.is_open() && !over;
    let line = format!("{}, {}", event.title, zone.display_days(event.start_at, event.end_at));
    html! {
        article .split .flow .far {
            div .flow {
                (art::cover(event, true, art::Wide::Page))
                @if let Some(mood) = &event.mood { p .hint dir="auto" { (mood) } }
                h1 dir="auto" { (event.title) }
                @if event.status == EventStatus::Cancelled { (cancelled(event)) } @else { (standing(event, now)) }
                @if open && sold_out(types) && !mine.is_some_and(Mine::holds) { p .tags { span .tag data-tone="bad" { "Sold out" } } }
                (done)
                (facts(event, zone))
                (hosted_by(event))
                (told::section(updates, zone, now))
                @if matches!(event.status, EventStatus::Published | EventStatus::Live) { div .acts {
                    a .button .quiet href={ "/api/v1/events/" (event.id) "/calendar.ics" } { (art::icon(art::CALENDAR)) "Add to calendar" }
                    (sharing(link, &line))
                } }
            }
            @if open || over || mine.is_some_and(Mine::is_something) {
                div .side .flow .panel-tickets #tickets tabindex="-1" {
                    @if let Some(mine) = mine { (own(event, mine, (told.zone, told.now), told.pays, &told.offer)) }
                    @if open { (panel(event, types, told)) }
                    @if over { (others::section(event, told.others)) }
                }
            }
            (about(event))
            @if let Some(who) = admitted(event.allowed_genders) {
                section .flow aria-labelledby="know" {
                    h2 #know { "Good to know" }
                    div .line { (icon_tile(art::GUESTS)) div .flow { strong { "Who can attend" } span { (who) } } }
                }
            }
            @if open { (sticky(event, types, told)) }
        }
    }
}

/// Whether nothing is left of anything.
fn sold_out(types: &[TicketType]) -> bool {
    !types.is_empty() && types.iter().all(|ticket_type| ticket_type.available <= 0)
}

/// What a cancelled event says first: what it means for whoever has a ticket.
fn cancelled(event: &Event) -> Markup {
    html! {
        div .note data-tone="bad" {
            p { strong { "This event was cancelled." } }
            @if let Some(reason) = &event.cancellation_reason { (quoted(reason)) }
            p {
                "Tickets no longer work. If you paid, your payment is refunded automatically: it takes a few days to reach your account."
            }
        }
        p { a .button .quiet href="/my" rel="nofollow" { "My tickets" } }
    }
}

/// Who hosts it. A host whom their own settings name to guests alone, or to nobody, has no name here.
fn hosted_by(event: &Event) -> Markup {
    let name = Some(organiser(event)).filter(|name| !name.is_empty());
    html! {
        div .line .mid {
            (name.map_or_else(art::nobody, art::face))
            div .flow {
                span .hint { "Hosted by" }
                @match (name, event.organizer_partner_id) {
                    (Some(name), Some(partner)) => strong { a href={ "/e?by=" (partner) } { bdi { (name) } } },
                    (name, _) => strong { bdi { (name.unwrap_or("A private host")) } },
                }
                span .hint { a href=(contact::page_of(event)) rel="nofollow" { (contact::label_of(event)) } }
            }
        }
    }
}

/// Who can attend, where not everybody can.
fn admitted(who: AllowedGenders) -> Option<&'static str> {
    match who {
        AllowedGenders::All => None,
        AllowedGenders::Male => Some("Men"),
        AllowedGenders::Female => Some("Women"),
        AllowedGenders::NonBinary => Some("Non-binary people"),
    }
}

/// The ticket types, each with the one way to it.
fn panel(event: &Event, types: &[TicketType], told: &Told<'_>) -> Markup {
    let ways = |ticket_type: &TicketType| BookingMode::of(event, ticket_type, told.now, told.pays);
    let asked = types.iter().any(|ticket_type| ways(ticket_type) == BookingMode::Ask);
    let waits = |ticket_type: &TicketType| told.mine.is_some_and(|mine| mine.waits_for(ticket_type));
    let joins = types.iter().any(|ticket_type| ways(ticket_type) == BookingMode::Wait && !waits(ticket_type));
    html! {
        section .surface .flow aria-labelledby="t" {
            h2 #t { "Tickets" }
            @if types.is_empty() { p { "No tickets on sale." } }
            ul .lines { @for ticket_type in types { (offer(event, ticket_type, told)) } }
            @if asked { p .hint { (NO_PAYMENT) } }
            @if joins {
                p .hint {
                    "On the waiting list, seats that come free are offered in order: we notify you and hold them for "
                    (told.offer) ". Nothing is charged before you take them."
                }
            }
            @if !types.is_empty() {
                p .hint { a href={ "/e/" (event.slug) "/join?code=yes" } rel="nofollow" { "Have a promo code?" } }
            }
        }
    }
}

fn offer(event: &Event, ticket_type: &TicketType, told: &Told<'_>) -> Markup {
    let Told { mine, zone, now, pays, .. } = *told;
    let way = BookingMode::of(event, ticket_type, now, pays);
    let label = way.label(most(event, ticket_type));
    let asks = way == BookingMode::Ask && mine.is_some_and(Mine::asks);
    let asked = mine.filter(|_| way == BookingMode::Ask).and_then(|mine| mine.asked_for(ticket_type));
    let waits = way == BookingMode::Wait && mine.is_some_and(|mine| mine.waits_for(ticket_type));
    html! {
        li .line .mid {
            div .flow {
                h3 dir="auto" { (ticket_type.name) }
                p .tags { span .price { (ticket_type.price.price()) } (left(event, ticket_type, zone, now, told.waiting)) }
                @if !ticket_type.description.is_empty() { p .hint dir="auto" { (ticket_type.description) } }
            }
            @if mine.is_some_and(|mine| mine.pays_for(ticket_type)) {
                span .tag { "Held for you" }
            } @else if let Some(asked) = asked {
                span .tag { (asked) }
            } @else if asks {
                // One request at a time.
            } @else if waits {
                span .tag { @if mine.is_some_and(|mine| mine.is_offered_of(ticket_type)) { "Held for you" } @else { "On the waiting list" } }
            } @else if way != BookingMode::None {
                a .button .quiet href={ "/e/" (event.slug) "/join?kind=" (ticket_type.id) } rel="nofollow"
                    aria-label={ (label) ": " (ticket_type.name) } { (label) }
            }
        }
    }
}

/// On a phone the strongest way in floats: to the form of the only ticket type, with its own words, else to all of them.
fn sticky(event: &Event, types: &[TicketType], told: &Told<'_>) -> Markup {
    let Told { mine, now, pays, .. } = *told;
    let done = |ticket_type: &TicketType, way: BookingMode| {
        mine.is_some_and(|mine| {
            way == BookingMode::Wait && mine.waits_for(ticket_type)
                || way == BookingMode::Ask && (mine.asks() || mine.asked_for(ticket_type).is_some())
        })
    };
    let ways: Vec<_> =
        types.iter().map(|ticket_type| (ticket_type, BookingMode::of(event, ticket_type, now, pays))).collect();
    let best = ways
        .iter()
        .filter(|(ticket_type, way)| !done(ticket_type, *way))
        .map(|(_, way)| *way)
        .min()
        .unwrap_or(BookingMode::None);
    let going = mine.and_then(|mine| mine.part.attendees.first());
    let offered = mine.and_then(|mine| mine.waiting.iter().find(|one| is_offered(one)));
    let held = mine.and_then(|mine| mine.to_pay().next()).filter(|_| pays);
    if let Some(held) = held {
        return html! {
            div .way .ink {
                a .button .full href={ "/my/held/" (held.id) } rel="nofollow" { "Finish paying · " (held.total.display()) }
            }
        };
    }
    let (label, to) = match (going, best, types) {
        _ if offered.is_some() => ("Take your seats", "#tickets".to_owned()),
        (Some(going), ..) => ("Show tickets", format!("/my/tickets?of={}", going.id)),
        (None, BookingMode::None, _) => return html! {},
        (None, way, [only]) => (way.label(most(event, only)), format!("/e/{}/join?kind={}", event.slug, only.id)),
        (None, BookingMode::Take | BookingMode::Pay, _) => ("Get tickets", "#tickets".to_owned()),
        (None, way, _) => (way.label(1), "#tickets".to_owned()),
    };
    // What is sold out costs nothing any more.
    let on_sale = ways.iter().filter(|(_, way)| matches!(way, BookingMode::Take | BookingMode::Pay | BookingMode::Ask));
    let prices: Vec<_> = on_sale.map(|(ticket_type, _)| &ticket_type.price).collect();
    // What is called free says so once.
    let cheapest = prices
        .iter()
        .min_by_key(|price| price.minor)
        .filter(|_| going.is_none() && offered.is_none() && !label.contains("free"));
    let dearest = prices.iter().map(|price| price.minor).max();
    html! {
        div .way .ink {
            a .button .full href=(to) rel="nofollow" {
                (label)
                @if let Some(cheapest) = cheapest {
                    " · " @if dearest > Some(cheapest.minor) && cheapest.minor > 0 { "from " } (cheapest.price())
                }
            }
        }
    }
}
