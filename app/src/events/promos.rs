//! Promo codes of an event.

use eventify::events::{Event, Percent, Seats, percent_in_words};
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{promo_code_add, promo_code_restore, promo_code_revoke};
use eventify::tickets::{NewPromoCode, PromoCode, PromoWord, TicketType};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::data::Data;
use super::head::Rights;
use super::{afterwards, clock, nothing, ticket_types};
use crate::ui::{
    Act, Column, Confirm, Field, Flag, Icon, ListQuery, Loading, Nothing, Pick, Table, Tone, badge, integer, now, rule,
    submit,
};

/// The tab.
pub fn tab(
    data: Loading<Data>,
    (event, zone): (&Event, &Zone),
    list: Vec<PromoCode>,
    types: &[TicketType],
    rights: Rights,
) -> AnyView {
    let (clocks, names, as_of) = (zone.clone(), ticket_types::choices(types), now());
    let name = move |promo: &PromoCode| match promo.ticket_type_id {
        None => "All ticket types".to_owned(),
        Some(id) => {
            let found = names.iter().find(|(known, _)| *known == id.to_string());
            found.map_or_else(|| "A ticket type no longer sold".to_owned(), |(_, name)| name.clone())
        }
    };
    let empty = nothing(
        event.status,
        (
            "No promo codes yet",
            match rights.manages_tickets {
                true => "Add one to take a percentage off, or to show hidden ticket types to guests who have it.",
                false => "Codes that take a percentage off, or show hidden ticket types, appear here.",
            },
        ),
        ("No promo codes", "There were none for this event."),
    );
    let mut table = Table::new("Promo codes", ListQuery::default())
        .counts("promo code", "promo codes")
        .csv_of(format!("/events/{}/promo-codes/export", event.id), &())
        .column(Column::head("Code", move |p: &PromoCode| {
            view! { <code>{p.code.clone()}</code><small>{name(p)}</small> }.into_any()
        }))
        .column(Column::new("Gives", |p: &PromoCode| gives(p).into_any()))
        .column(Column::new("Tickets", used_up).number())
        .column(Column::new("Valid", move |p: &PromoCode| valid(p, &clocks).into_any()).low())
        .column(Column::new("Status", move |p: &PromoCode| {
            let (tone, word) = state(p, as_of);
            badge(tone, word)
        }))
        .empty(empty.0, empty.1, None);
    let changes = rights.manages_tickets && !event.status.is_over();
    if changes {
        table = table.column(Column::actions(move |promo: &PromoCode| promo_actions(data, promo)));
    }
    let add = changes.then(|| add(data, event, zone, types));
    let said = figures(&list, as_of).map(|said| view! { <p class="muted">{said}</p> });
    view! { <div class="stack"><div class="row">{add}</div>{said}{table.all(list)}</div> }.into_any()
}

/// Whether it works now.
fn state(promo: &PromoCode, now: Timestamp) -> (Tone, &'static str) {
    let used_up = promo.max_uses.is_some_and(|most| promo.uses >= i64::from(most));
    if promo.revoked_at.is_some() {
        (Tone::Neutral, "Revoked")
    } else if promo.valid_until.is_some_and(|until| until <= now) {
        (Tone::Neutral, "Expired")
    } else if used_up {
        (Tone::Neutral, "Used up")
    } else if promo.valid_from.is_some_and(|from| from > now) {
        (Tone::Info, "Scheduled")
    } else {
        (Tone::Success, "Active")
    }
}

/// `2 active of 3 codes · 14 tickets booked with a code`; nothing where there is none.
fn figures(list: &[PromoCode], now: Timestamp) -> Option<String> {
    let active = list.iter().filter(|promo| state(promo, now).0 == Tone::Success).count();
    let tickets: i64 = list.iter().map(|promo| promo.uses).sum();
    let codes = i64::try_from(list.len()).unwrap_or_default();
    (codes > 0).then(|| {
        let tickets = counted(tickets, "ticket");
        format!("{active} active of {} · {tickets} booked with a code", counted(codes, "code"))
    })
}

/// How many tickets were booked with it, and how much of it that is.
fn used_up(promo: &PromoCode) -> AnyView {
    let bar = promo.max_uses.map(|most| {
        let label = format!("{} of {most} tickets", promo.uses);
        view! { <progress class="fill" value=promo.uses.to_string() max=most.to_string() aria-label=label></progress> }
    });
    view! { {used(promo)}{bar} }.into_any()
}

fn gives(promo: &PromoCode) -> String {
    let percent = percent_in_words(&promo.discount_percent);
    match (percent.as_str(), promo.unlocks_hidden) {
        ("%" | "0%", true) => "Shows hidden ticket types".to_owned(),
        ("%" | "0%", false) => "Nothing".to_owned(),
        (percent, false) => format!("{percent} off"),
        (percent, true) => format!("{percent} off, shows hidden ticket types"),
    }
}

fn used(promo: &PromoCode) -> String {
    match promo.max_uses {
        Some(most) => format!("{} / {most}", promo.uses),
        None => promo.uses.to_string(),
    }
}

fn valid(promo: &PromoCode, zone: &Zone) -> String {
    match (promo.valid_from, promo.valid_until) {
        (None, None) => "Always".to_owned(),
        (Some(from), None) => format!("From {}", zone.display(from)),
        (None, Some(to)) => format!("Until {}", zone.display(to)),
        (Some(from), Some(to)) => format!("{} – {}", zone.display(from), zone.display(to)),
    }
}

fn promo_actions(data: Loading<Data>, promo: &PromoCode) -> AnyView {
    let (id, code) = (promo.id, promo.code.clone());
    if promo.revoked_at.is_some() {
        let run =
            submit(move |_: Nothing| promo_code_restore(id), afterwards::<_, PromoCode>(data, "Promo code restored"));
        return view! { <Act label="Restore" icon=Icon::REFRESH run=run class="btn small quiet"/> }.into_any();
    }
    let run = submit(move |_: Nothing| promo_code_revoke(id), afterwards::<_, ()>(data, "Promo code revoked"));
    view! {
        <Confirm id=format!("promo-{id}") label="Revoke" icon=Icon::TRASH title=format!("Revoke {code}?") confirm="Revoke code" keep="Keep code" run=run in_row=format!("Revoke {code}")>
            <p>"Nobody can use it from now on. Bookings made with it keep their price. You can restore it later."</p>
        </Confirm>
    }
    .into_any()
}

fn add(data: Loading<Data>, event: &Event, zone: &Zone, types: &[TicketType]) -> AnyView {
    let (id, clocks) = (event.id, zone.clone());
    let call = move |input: NewPromoCode| {
        let zone = clocks.clone();
        let time = move |wall: Option<Timestamp>, field: &str| clock::moment_or_none(wall, &zone, field);
        async move {
            let valid_from = time(input.valid_from, "valid_from")?;
            let valid_until = time(input.valid_until, "valid_until")?;
            promo_code_add(id, NewPromoCode { valid_from, valid_until, ..input }).await
        }
    };
    let run = submit(call, afterwards::<_, PromoCode>(data, "Promo code added"));
    let label = zone.label(event.start_at);
    let options = ticket_types::choices(types);
    let (from, until) = (format!("Valid from, {label}"), format!("Valid until, {label}"));
    view! {
        <Confirm id="promo-add" label="Add promo code" icon=Icon::PLUS title="Add promo code" confirm="Add promo code" run=run class="btn primary" danger=false>
            <Field name="code" label="Code" check={rule::<PromoWord>} required=true hint="Letters, digits and dashes, such as EARLYBIRD"/>
            <Field name="discount_percent" label="Percent off" check={rule::<Percent>} hint="Leave empty if it only shows hidden ticket types"/>
            <Pick name="ticket_type_id" label="Ticket type" options=options hint="Defaults to all ticket types"/>
            <Flag name="unlocks_hidden" label="Shows hidden ticket types"/>
            <Field name="max_uses" label="Maximum tickets" kind="number" check={integer::<Seats>} hint="How many tickets can be booked with it. Leave empty for no limit"/>
            <Field name="valid_from" label=from kind="datetime-local"/>
            <Field name="valid_until" label=until kind="datetime-local" after=("valid_from", "the start")/>
        </Confirm>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_code_gives_is_said_without_zeros() {
        let promo = |percent: &str, opens| PromoCode {
            id: eventify::tickets::PromoCodeId(uuid::Uuid::nil()),
            event_id: eventify::events::EventId(uuid::Uuid::nil()),
            code: "A".to_owned(),
            ticket_type_id: None,
            discount_percent: percent.to_owned(),
            unlocks_hidden: opens,
            max_uses: Some(10),
            uses: 3,
            valid_from: None,
            valid_until: None,
            revoked_at: None,
            created_at: Timestamp::parse("2026-01-01T00:00:00Z").unwrap(),
        };
        assert_eq!(gives(&promo("12.50", false)), "12.5% off");
        assert_eq!(gives(&promo("10.00", true)), "10% off, shows hidden ticket types");
        assert_eq!(gives(&promo("0.00", true)), "Shows hidden ticket types");
        assert_eq!(used(&promo("5.00", false)), "3 / 10");
        let (before, now) = (promo("5.00", false), Timestamp::parse("2026-06-01T00:00:00Z").unwrap());
        let over = PromoCode { valid_until: Some(before.created_at), ..before.clone() };
        let gone = PromoCode { uses: 10, ..before.clone() };
        assert_eq!(state(&before, now).1, "Active");
        assert_eq!((state(&over, now).1, state(&gone, now).1), ("Expired", "Used up"));
        assert_eq!(figures(&[before, over], now).unwrap(), "1 active of 2 codes · 6 tickets booked with a code");
    }
}
