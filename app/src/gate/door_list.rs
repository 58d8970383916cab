//! The door list on paper, for when nothing else works: sorted by name, with short codes and a box for each person.

use eventify::Error;
use eventify::events::operations::event_get;
use eventify::events::{Event, EventId, Zone};
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::tickets::operations::door_list as tickets_by_name;
use eventify::tickets::{DoorTicket, TicketStatus};
use leptos::prelude::*;

use super::{GateName, crumbs, gates_of};
use crate::events::clock;
use crate::ui::{Icon, Loading, PageHead, Shell, id_of_path, loaded, now, state};

/// What the list is made of.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Data {
    event: Event,
    zone: Zone,
    tickets: Vec<DoorTicket>,
    gates: Vec<GateName>,
    as_of: eventify::kernel::timestamp::Timestamp,
}

/// The page.
pub fn door_list() -> AnyView {
    let id = id_of_path::<EventId>();
    let data: Loading<Data> = Resource::new_blocking(move || id.get(), fetch);
    loaded(data, |data, _| page(data))
}

async fn fetch(id: Option<EventId>) -> Result<Data, Error> {
    let (id, as_of) = (id.ok_or_else(not_found)?, now());
    let event = event_get(id).await?;
    let tickets = every(|page| tickets_by_name(id, page)).await?;
    let (zone, gates) = (clock::zone(&event).await?, gates_of(id).await?);
    Ok(Data { event, zone, tickets, gates, as_of })
}

fn page(data: Data) -> AnyView {
    let Data { event, zone, tickets, gates, as_of } = data;
    let shell = Shell::get();
    let print = move |_| {
        let _ = window().print();
    };
    let print = view! {
        <button class="btn primary" type="button" disabled=move || !shell.alive.get() on:click=print>{Icon::DOWNLOAD.svg()}"Print"</button>
    };
    let count = match tickets.iter().filter(|ticket| stands(ticket)).count() {
        1 => "1 ticket".to_owned(),
        n => format!("{n} tickets"),
    };
    let subtitle = format!("{} · {}", zone.display_span(event.start_at, event.end_at), crate::events::place(&event));
    let body = match tickets.is_empty() {
        true => state(Icon::TICKET, "No tickets yet", "Every ticket of this event appears here, sorted by name.", None),
        false => table(&zone, tickets, &gates),
    };
    view! {
        <div class="page door-page">
            <PageHead title=format!("Door list · {}", event.title) crumbs=crumbs(&event) subtitle=subtitle actions=print.into_any()/>
            <p class="door-state">"As of "{clock::at(&zone, as_of)}" · "{count}</p>
            {body}
            <p class="door-foot muted">"One box per person. Write the time beside a tick. Personal data: hand this list back after the event."</p>
        </div>
    }
    .into_any()
}

fn stands(ticket: &DoorTicket) -> bool {
    !matches!(ticket.status, TicketStatus::Revoked | TicketStatus::Refunded)
}

/// The letter somebody looks under.
fn letter(name: &str) -> String {
    name.chars().next().filter(|first| first.is_alphabetic()).map_or("#".to_owned(), |c| c.to_uppercase().collect())
}

fn table(zone: &Zone, tickets: Vec<DoorTicket>, gates: &[GateName]) -> AnyView {
    let (mut rows, mut last) = (Vec::new(), None);
    for guest in tickets.chunk_by(|a, b| a.attendee_id == b.attendee_id) {
        let name = guest[0].name.clone().unwrap_or_default();
        let heading = letter(&name);
        if last.as_ref() != Some(&heading) {
            rows.push(
                view! { <tr class="door-letter"><th colspan="6" scope="rowgroup">{heading.clone()}</th></tr> }
                    .into_any(),
            );
            last = Some(heading);
        }
        rows.extend(guest.iter().enumerate().map(|(at, ticket)| row(zone, ticket, (at, guest.len()), gates)));
    }
    view! {
        <table class="door">
            <caption class="sr">"Tickets by name"</caption>
            <thead><tr>
                <th scope="col">"In"</th><th scope="col">"Name"</th><th scope="col">"Code"</th>
                <th scope="col">"Ticket"</th><th scope="col">"Gate"</th><th scope="col">"Note"</th>
            </tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// One ticket, and which of how many of its guest's it is.
fn row(zone: &Zone, ticket: &DoorTicket, (at, of): (usize, usize), gates: &[GateName]) -> AnyView {
    let first = at == 0;
    let name = ticket.name.clone().unwrap_or_else(|| "No name".to_owned());
    let place = (of > 1).then(|| view! { <span class="muted">{format!(" · {} of {of}", at + 1)}</span> });
    let void = !stands(ticket);
    let used = ticket.used_at.filter(|_| !void);
    let (mark, text) = match (void, used.is_some()) {
        (true, _) => (view! { <strong>"do not admit"</strong> }.into_any(), ""),
        (_, true) => (view! { <span class="box" data-in=""></span> }.into_any(), "Is in"),
        _ => (view! { <span class="box"></span> }.into_any(), "Not in yet"),
    };
    let named = match void {
        true => view! { <s><bdi>{name}</bdi></s>{place} }.into_any(),
        false => view! { <bdi>{name}</bdi>{place} }.into_any(),
    };
    let note = match (void, used) {
        (true, _) if ticket.status == TicketStatus::Refunded => "Refunded".to_owned(),
        (true, _) => "Void".to_owned(),
        (_, Some(at)) => format!("In, {}", zone.brief(at)),
        _ => ticket.note.clone().filter(|_| first).unwrap_or_default(),
    };
    let takes = |gate: &&GateName| gate.takes(ticket.ticket_type_id.0);
    let may: Vec<_> = gates.iter().filter(takes).map(|gate| gate.name.clone()).collect();
    let may = if may.len() == gates.len() { "Any".to_owned() } else { may.join(", ") };
    view! {
        <tr class:void=void>
            <td>{mark}<span class="sr">{text}</span></td>
            <th scope="row">{named}</th>
            <td><code>{ticket.short_code.clone()}</code></td>
            <td>{ticket.ticket_type.clone()}</td>
            <td>{may}</td>
            <td dir="auto">{note}</td>
        </tr>
    }
    .into_any()
}
