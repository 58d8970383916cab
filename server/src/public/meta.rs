//! What others show of an event: search engines, and previews of links.

use eventify::events::{Event, EventStatus};
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::TicketType;
use eventify::zones::Zone;
use maud::{Markup, html};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::art;
use super::cover::COVER;
use super::markdown;
use super::view::{Ground, Head, organiser, place, when};

/// Where the event's picture is, as an address of its own.
pub fn picture(base: &str, event: &Event) -> Option<String> {
    event.cover_images.first().map(|image| format!("{base}/e/{}/cover/{image}", event.slug))
}

/// The first words of a text, whole ones.
fn beginning(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let cut: String = text.chars().take(most).collect();
    let whole = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("{whole} …")
}

/// The head of an event's page.
pub fn head(base: &str, event: &Event, types: &[TicketType], (zone, now): (&Zone, Timestamp)) -> Head {
    let path = format!("/e/{}", event.slug);
    let about = match beginning(&markdown::plain(&event.description), 160) {
        about if about.is_empty() => format!("{}, {}", when(event, zone), place(event)),
        about => about,
    };
    Head {
        title: event.title.clone(),
        tags: preview(base, event, zone, &path, &about),
        data: Some(structured(base, event, types, (zone, now), &path)),
        description: about,
        canonical: Some(path),
        ground: Ground::Wide,
        hue: Some(art::hue(&event.title)),
    }
}

fn preview(base: &str, event: &Event, zone: &Zone, path: &str, about: &str) -> Markup {
    // Without one of its own it is shown with ours.
    let picture = picture(base, event).unwrap_or_else(|| format!("{base}/preview.png"));
    let line = format!("{} · {}", when(event, zone), place(event));
    // Without a description, when and where is all there is to say: once.
    let told = if event.description.trim().is_empty() { line.clone() } else { format!("{line}. {about}") };
    html! {
        meta property="og:type" content="website";
        meta property="og:title" content=(event.title);
        meta property="og:description" content=(told);
        meta property="og:url" content={ (base) (path) };
        meta name="twitter:card" content="summary_large_image";
        meta name="twitter:title" content=(event.title);
        meta name="twitter:description" content=(line);
        meta property="og:image" content=(picture);
        meta property="og:image:width" content=(COVER.0);
        meta property="og:image:height" content=(COVER.1);
        meta property="og:image:alt" content=(event.title);
        meta name="twitter:image" content=(picture);
    }
}

/// The event as schema.org knows events.
fn structured(base: &str, event: &Event, types: &[TicketType], (zone, now): (&Zone, Timestamp), path: &str) -> Value {
    let (start, end) = (zone.local(event.start_at), zone.local(event.end_at));
    let at = |moment: time::OffsetDateTime| moment.format(&Rfc3339).unwrap_or_default();
    let status = if event.status == EventStatus::Cancelled { "EventCancelled" } else { "EventScheduled" };
    let offers: Vec<Value> = types
        .iter()
        .map(|kind| {
            let there = if kind.available > 0 && !kind.sale_is_over(now) { "InStock" } else { "SoldOut" };
            json!({
                "@type": "Offer", "name": kind.name, "price": kind.price.decimal(),
                "priceCurrency": kind.price.currency, "availability": format!("https://schema.org/{there}"),
                "url": format!("{base}{path}"), "validFrom": kind.sales_start_at.unwrap_or(kind.created_at),
            })
        })
        .collect();
    let organiser_type = if event.organizer_partner_id.is_some() { "Organization" } else { "Person" };
    let mut location = json!({
        "@type": "Place", "name": event.venue_name.as_ref().or(event.venue_text.as_ref()).unwrap_or(&event.city),
        "address": {
            "@type": "PostalAddress", "streetAddress": event.venue_address, "addressLocality": event.city,
        },
    });
    if let (Some(latitude), Some(longitude)) = (event.latitude, event.longitude) {
        location["geo"] = json!({ "@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude });
    }
    let mut data = json!({
        "@context": "https://schema.org", "@type": "Event", "name": event.title,
        "startDate": at(start), "endDate": at(end),
        "eventStatus": format!("https://schema.org/{status}"),
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": location, "description": markdown::plain(&event.description), "url": format!("{base}{path}"),
        "offers": offers,
    });
    if !organiser(event).is_empty() {
        data["organizer"] = json!({ "@type": organiser_type, "name": organiser(event) });
    }
    if let Some(picture) = picture(base, event) {
        data["image"] = json!([picture]);
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_ends_with_a_whole_word() {
        assert_eq!(beginning("Three  quartets,\none terrace", 160), "Three quartets, one terrace");
        assert_eq!(beginning("Three quartets, one terrace", 17), "Three quartets, …");
    }
}
