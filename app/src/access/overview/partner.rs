//! For a partner's own people: what their partner still owes, and whether it is suspended.

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::event_list;
use eventify::events::{Event, EventFilter, EventSort, EventStatus};
use eventify::kernel::money::{Money, count, share};
use eventify::kernel::page::{Limit, every};
use eventify::kernel::permissions::Permission;
use eventify::partners::operations::{partner_document_list, partner_get};
use eventify::partners::{DocumentType, Partner, PartnerId, Verification};
use eventify::tickets::EventSummary;
use eventify::tickets::operations::event_summary;
use eventify::zones::day_in_short;
use leptos::prelude::*;
use std::collections::BTreeMap;

use crate::ui::{Stat, Stats, Tone, curve, note, own_zone};

/// Nobody works for so many that more have to be shown.
const MOST: usize = 3;

/// A partner somebody works for, and the documents it still has to upload.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
pub struct Own {
    partner: Partner,
    missing: Vec<String>,
    rejected: Vec<String>,
    /// Its events to come, the next first, with their figures.
    coming: Vec<(Event, EventSummary)>,
}

/// So many events to come are added up.
const COMING: u32 = 10;

async fn coming(partner: PartnerId) -> Result<Vec<(Event, EventSummary)>, Error> {
    let filter = EventFilter {
        status: Some(vec![EventStatus::Live, EventStatus::Published]),
        organizer_partner_id: Some(partner),
        sort: Some(EventSort::Start),
        limit: Limit::try_from(COMING).ok(),
        ..EventFilter::default()
    };
    let events = event_list(filter).await?.items;
    let figures = futures::future::try_join_all(events.iter().map(|event| event_summary(event.id))).await?;
    Ok(events.into_iter().zip(figures).collect())
}

/// The partners the caller holds a role within.
pub async fn fetch(me: &Me) -> Result<Vec<Own>, Error> {
    let within = me.scopes.iter().filter(|scope| scope.permissions.contains(&Permission::PartnersRead));
    let ids: Vec<PartnerId> = within.filter_map(|scope| scope.partner_id.map(PartnerId)).take(MOST).collect();
    let mut own = Vec::new();
    if me.two_factor_required {
        return Ok(own);
    }
    for id in ids {
        let (partner, documents) = futures::try_join!(partner_get(id), every(|page| partner_document_list(id, page)))?;
        let stands = |kind: &DocumentType| documents.iter().find(|d| d.kind == *kind && d.superseded_at.is_none());
        let required = || DocumentType::REQUIRED.iter();
        let missing = required().filter(|kind| stands(kind).is_none());
        let rejected = required().filter(|kind| stands(kind).is_some_and(|d| d.status == Verification::Rejected));
        let (missing, rejected) =
            (missing.map(|k| k.title().to_owned()).collect(), rejected.map(|k| k.title().to_owned()).collect());
        let runs = me.may_at_partner(Permission::EventsRead, id.0);
        let coming = if runs { coming(id).await? } else { Vec::new() };
        own.push(Own { partner, missing, rejected, coming });
    }
    Ok(own)
}

/// What there is to do, or to know.
pub fn view(own: Own) -> AnyView {
    let Own { partner, missing, rejected, coming } = own;
    let name = partner.name.clone();
    let link = |label: &'static str| {
        view! { <a class="btn small" href=format!("/partners/{}?tab=documents", partner.id)>{label}</a> }.into_any()
    };
    let suspended = partner.suspended_at.map(|_| {
        let why = partner.suspension_reason.clone().unwrap_or_default();
        let text = view! { <p>"You can see everything, but not change records or publish events. "{why}</p> };
        note(Tone::Danger, &format!("{name} is suspended"), text, None)
    });
    let lacking = (suspended.is_none() && !(missing.is_empty() && rejected.is_empty())).then(|| {
        let mut said = Vec::new();
        if !missing.is_empty() {
            said.push(format!("Still needed: {}.", missing.join(", ")));
        }
        if !rejected.is_empty() {
            said.push(format!("Rejected, upload again: {}.", rejected.join(", ")));
        }
        note(Tone::Warning, &format!("Documents of {name}"), said.join(" "), Some(link("Upload documents")))
    });
    view! { {suspended}{lacking}{figures(&partner, &coming)} }.into_any()
}

/// How many are on and how many come: `1 live and 2 upcoming events`.
fn counted(live: usize, come: usize) -> String {
    let events = |n: usize| if n == 1 { "event" } else { "events" };
    match (live, come) {
        (0, come) => format!("{come} upcoming {}", events(come)),
        (live, 0) => format!("{live} live {}", events(live)),
        (live, come) => format!("{live} live and {come} upcoming {}", events(come)),
    }
}

/// How the next event of the partner sells, day by day; nothing while there is no curve to draw.
pub fn bookings(own: &Own) -> Option<AnyView> {
    let next = own.coming.iter().find(|(event, _)| event.status == EventStatus::Published);
    let (event, figures) = next.filter(|(_, figures)| figures.days.len() > 1)?;
    let days: Vec<(String, i64)> = figures.days.iter().map(|day| (day.day.clone(), day.seats)).collect();
    let today: String = own_zone().field(figures.as_of).chars().take(10).collect();
    let drawn =
        curve(&format!("Bookings for {}", event.title), &days, &today, &event.event_date, figures.capacity.into());
    Some(view! { <section class="card card-body" aria-label="Bookings">{drawn}</section> }.into_any())
}

/// How the partner's own events do.
fn figures(partner: &Partner, coming: &[(Event, EventSummary)]) -> AnyView {
    let week: i64 = coming.iter().map(|(_, figures)| figures.last_week).sum();
    let before: i64 = coming.iter().map(|(_, figures)| figures.week_before).sum();
    let (booked, seats): (i32, i32) = coming.iter().fold((0, 0), |(b, s), (_, f)| (b + f.booked, s + f.capacity));
    let to_come: Vec<_> = coming.iter().filter(|(event, _)| event.status == EventStatus::Published).collect();
    let trend = match week - before {
        more @ 1.. => (Tone::Success, format!("↑ {more} more than the week before")),
        0 => (Tone::Neutral, "as many as the week before".to_owned()),
        fewer => (Tone::Neutral, format!("↓ {} fewer than the week before", -fewer)),
    };
    let events = format!("/events?organizer_partner_id={}", partner.id);
    let mut stats =
        Stats::new().with(Stat::new("Seats booked this week", week).link(events.clone()).trend(trend.0, trend.1));
    stats = stats.with(Stat::new("Seats booked in all", i64::from(booked)).link(events).trend(
        Tone::Neutral,
        format!("of {} at {}", count(seats.into()), counted(coming.len() - to_come.len(), to_come.len())),
    ));
    let mut income = BTreeMap::<String, Money>::new();
    for money in coming.iter().flat_map(|(_, figures)| &figures.income) {
        let sum =
            income.entry(money.currency.as_str().to_owned()).or_insert_with(|| Money { minor: 0, ..money.clone() });
        sum.minor += money.minor;
    }
    if !income.is_empty() {
        let amounts: Vec<String> = income.values().map(Money::display).collect();
        stats = stats.with(
            Stat::new("Paid for booked seats", amounts.join(" + ")).trend(Tone::Neutral, "by guests, before fees"),
        );
    }
    if let Some((event, figures)) = to_come.first() {
        let stat = Stat::new("Next event", day_in_short(&event.event_date)).link(format!("/events/{}", event.id));
        let taken = share(figures.booked.into(), figures.capacity.into());
        stats = stats.with(stat.trend(Tone::Neutral, format!("{} · {taken} booked", event.title)));
    }
    stats.view()
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn an_event_that_is_on_is_not_to_come() {
        assert_eq!(counted(0, 0), "0 upcoming events");
        assert_eq!(counted(0, 1), "1 upcoming event");
        assert_eq!(counted(1, 0), "1 live event");
        assert_eq!(counted(1, 2), "1 live and 2 upcoming events");
        assert_eq!(counted(2, 1), "2 live and 1 upcoming event");
    }
}
