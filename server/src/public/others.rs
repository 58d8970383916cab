//! What comes next, beside an event that is over.

use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventStatus};
use eventify::kernel::error::Result;
use eventify::kernel::page::Limit;
use maud::{Markup, html};

use super::art;
use super::view::organiser;
use super::visitor::{Visitor, Zones};

/// So many other events stand where tickets are no more.
const OTHERS: u32 = 4;

/// What comes next, where there are no tickets any more: by the same organiser if there is any.
pub async fn coming(visitor: &Visitor, event: &Event) -> Result<(Vec<Event>, Zones)> {
    let of = |organizer_partner_id| EventFilter {
        status: Some(vec![EventStatus::Published, EventStatus::Live]),
        from: Some(visitor.hour()),
        organizer_partner_id,
        limit: Limit::try_from(OTHERS).ok(),
        ..EventFilter::default()
    };
    let mut events = Vec::new();
    if let Some(partner) = event.organizer_partner_id {
        events = visitor.openly(event_list(of(Some(partner)))).await?.items;
    }
    if events.is_empty() {
        events = visitor.openly(event_list(of(None))).await?.items;
    }
    events.retain(|one| one.id != event.id);
    let zones = visitor.zones(events.iter().map(|event| event.timezone.as_str())).await?;
    Ok((events, zones))
}

/// The same, beside an event that is over.
pub fn section(event: &Event, (events, zones): &(Vec<Event>, Zones)) -> Markup {
    let by = event.organizer_partner_id.filter(|by| events.iter().all(|one| one.organizer_partner_id == Some(*by)));
    let name = by.map(|_| organiser(event)).filter(|name| !name.is_empty());
    html! {
        section .surface .flow aria-labelledby="others" {
            h2 #others { @if let (Some(name), false) = (name, events.is_empty()) { "More from " bdi { (name) } } @else { "Coming up" } }
            @if events.is_empty() { p { "New events appear here as soon as they are published." } }
            ul .lines {
                @for one in events {
                    li {
                        a .line .mid href={ "/e/" (one.slug) } {
                            (art::cover(one, false, art::Wide::Line))
                            span .flow {
                                strong dir="auto" { (one.title) }
                                span .hint { time datetime=(one.start_at.rfc3339()) { (zones.begins(one)) } " · " bdi { (one.city) } }
                            }
                        }
                    }
                }
            }
            p { a .button .quiet href="/e" { "See all events" } }
        }
    }
}
