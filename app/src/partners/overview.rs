//! The first tab of a partner: whom to talk to, its events, and its figures.

use eventify::events::Event;
use eventify::partners::Partner;
use eventify::zones::day_in_short;
use leptos::prelude::*;

use crate::events::{clock, standing};
use crate::ui::{Column, Facts, ListQuery, Table, at, at_or, card, card_flush};

/// The tab.
pub fn tab(partner: &Partner, list: Vec<Event>, sees_money: bool) -> AnyView {
    let mail = partner.primary_contact_email.clone();
    let contact = Facts::new()
        .add("Primary contact", partner.primary_contact_name.clone().unwrap_or_else(|| "None".to_owned()))
        .maybe("Email", mail.map(|mail| view! { <a href=format!("mailto:{mail}")>{mail.clone()}</a> }))
        .add("Settlement currency", partner.settlement_currency.to_string());
    let owed = (sees_money && partner.total_revenue.minor != 0).then(|| {
        let href = format!("/partners/{}?tab=money", partner.id);
        view! { <a href=href>{partner.open_balance.display()}</a> }
    });
    let sold = (sees_money && partner.total_revenue.minor != 0).then(|| partner.total_revenue.display());
    let glance = Facts::new()
        .maybe("Owed to the partner", owed)
        .maybe("Ticket sales after refunds", sold)
        .add("Joined", at_or(partner.joined_at, "Not yet"))
        .add("Created", at(partner.created_at))
        .add("Changed", at(partner.updated_at))
        .id(partner.id);
    let events = (!list.is_empty()).then(|| card_flush("partner-events", "Events", None, events(list)));
    view! {
        <div class="detail">
            <div class="stack">{card("partner-profile", "Profile", None, contact.view())}{events}</div>
            <aside aria-label="At a glance">{card("partner-glance", "At a glance", None, glance.view())}</aside>
        </div>
    }
    .into_any()
}

fn events(list: Vec<Event>) -> AnyView {
    Table::new("Events of this partner", ListQuery::default())
        .column(Column::head("Event", |event: &Event| {
            let href = format!("/events/{}", event.id);
            view! { <a href=href>{event.title.clone()}</a><small>{event.city.clone()}</small> }.into_any()
        }))
        .column(Column::new("Date", |event: &Event| {
            format!("{}, {}", day_in_short(&event.event_date), clock::hour(event)).into_any()
        }))
        .column(Column::new("Status", standing))
        .column(
            Column::new("Going", |event: &Event| format!("{} / {}", event.going_count, event.capacity).into_any())
                .number(),
        )
        .counts("event", "events")
        .all(list)
}
