//! The plan of an event, for whoever has a link to it: what is confirmed, day by day, to read and to print.

use axum::response::Response;
use eventify::kernel::error::Error;
use eventify::planning::operations::{plan_calendar, plan_shared};
use eventify::planning::{LinkToken, PlanLinkId, SharedEntry, SharedPlan};
use eventify::zones::{self, Zone, day_in_words};
use maud::{Markup, html};

use super::crew_link::no_longer;
use super::view::{Ground, Head};
use super::visitor::{Visitor, id};
use crate::web::parts::Path;

/// `GET /p/{link}/{token}`
pub async fn show(visitor: Visitor, Path((link, token)): Path<(String, String)>) -> Response {
    let read = async {
        let link: PlanLinkId = id(&link)?;
        let plan = visitor.openly(plan_shared(link, LinkToken { token: token.clone() })).await?;
        let zone = zones::zone_of(&visitor.call.app, &plan.timezone).await?;
        Ok::<_, Error>((plan, zone))
    };
    match read.await {
        Ok((plan, zone)) => {
            let title = format!("Plan: {}", plan.event);
            let head = Head::own(&title).on(Ground::Wide);
            visitor.page(200, &head, &body(&plan, &zone, &format!("/p/{link}/{token}/plan.ics")))
        }
        Err(error) => no_longer(&visitor, &error),
    }
}

/// `GET /p/{link}/{token}/plan.ics`
pub async fn calendar(visitor: Visitor, Path((link, token)): Path<(String, String)>) -> Response {
    let file = async { visitor.openly(plan_calendar(id(&link)?, LinkToken { token })).await };
    match file.await {
        Ok(file) => file.response,
        Err(error) => no_longer(&visitor, &error),
    }
}

fn day_of(zone: &Zone, entry: &SharedEntry) -> String {
    zone.field(entry.starts_at).chars().take(10).collect()
}

fn body(plan: &SharedPlan, zone: &Zone, calendar: &str) -> Markup {
    let mut days: Vec<String> = plan.entries.iter().map(|entry| day_of(zone, entry)).collect();
    days.dedup();
    html! {
        h1 dir="auto" { (plan.event) }
        p { (zone.display_span(plan.starts_at, plan.ends_at)) " · " bdi { (plan.place) } }
        @if plan.cancelled { p .note data-tone="bad" { "This event is cancelled." } }
        @if days.is_empty() { p { "Nothing is confirmed yet." } }
        @for day in &days {
            section .flow aria-label=(day_in_words(day)) {
                h2 { (day_in_words(day)) }
                table .plan {
                    thead { tr { th scope="col" { "Time" } th scope="col" { "What" } th scope="col" { "Where" } } }
                    tbody { @for entry in plan.entries.iter().filter(|entry| day_of(zone, entry) == *day) { (row(zone, entry)) } }
                }
            }
        }
        p .screen { a href=(calendar) { "Add to your calendar" } }
        p .hint { "Shared with " bdi { (plan.link) } ". Times are those of the event, " (zone.label(plan.starts_at)) "." }
    }
}

fn row(zone: &Zone, entry: &SharedEntry) -> Markup {
    html! {
        tr {
            td { time datetime=(entry.starts_at.rfc3339()) { (zone.clock(entry.starts_at)) } "–" (zone.clock(entry.ends_at)) }
            th scope="row" {
                bdi { (entry.title) } @if entry.units > 1 { " × " (entry.units) }
                span .hint { " " (entry.kind.detail_title(&entry.detail)) }
            }
            td { @if let Some(place) = &entry.place { bdi { (place) } } }
        }
    }
}
