//! The door list: sorted by name, with short codes and a box for each person. It is looked through on the page, and works
//! on paper when nothing else does.

use eventify::Error;
use eventify::access::Me;
use eventify::events::EventId;
use eventify::kernel::page::every;
use eventify::kernel::text::counted;
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::door_list as tickets_by_name;
use eventify::tickets::{DoorTicket, TicketStatus};
use eventify::zones::Zone;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::{GateName, gates_of};
use crate::events::head::{self, Counts};
use crate::events::{Head, clock};
use crate::ui::{Icon, Loading, Shell, id_of_path, loaded, now, state};

/// What the list is made of.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Data {
    of: Head,
    tickets: Vec<DoorTicket>,
    gates: Vec<GateName>,
    as_of: Timestamp,
}

/// The page.
pub fn door_list() -> AnyView {
    let id = id_of_path::<EventId>();
    let counts = head::counts(id);
    let data: Loading<Data> = Loading::new(move || id.get(), move |id| fetch(id, counts));
    loaded(data, |data, me| page(data, &me))
}

async fn fetch(id: Option<EventId>, counts: Loading<Counts>) -> Result<Data, Error> {
    let (of, as_of) = (Head::load(id, counts).await?, now());
    let tickets = every(|page| tickets_by_name(of.event.id, page)).await?;
    Ok(Data { tickets, gates: gates_of(of.event.id).await?, of, as_of })
}

fn page(data: Data, me: &Me) -> AnyView {
    let Data { of, tickets, gates, as_of } = data;
    let shell = Shell::get();
    let print = move |_| {
        let _ = window().print();
    };
    let print = view! {
        <button class="btn primary" type="button" disabled=move || !shell.alive.get() on:click=print>{Icon::DOWNLOAD.svg()}"Print"</button>
    };
    let count = counted(tickets.iter().filter(|ticket| stands(ticket)).count(), "ticket");
    let find = (!tickets.is_empty()).then(find);
    let body = match tickets.is_empty() {
        true => state(Icon::TICKET, "No tickets yet", "Every ticket of this event appears here, sorted by name.", None),
        false => table(&of.zone, tickets, &gates, as_of),
    };
    view! {
        <div class="page event-page door-page">
            {super::head(&of, "Door list", me, Some(print.into_any()))}
            {find}
            <p class="door-state"><strong>"Door list"</strong>" · As of "{clock::at(&of.zone, as_of)}" · "{count}</p>
            {body}
            <p class="door-foot muted">"One box per person. Write the time next to a tick. Personal data: hand this list back after the event."</p>
        </div>
    }
    .into_any()
}

/// Looks through the list as it stands on the page; on paper it is always whole.
fn find() -> AnyView {
    let (shell, found) = (Shell::get(), RwSignal::new(None::<usize>));
    let said = move || found.get().map(|found| counted(found, "ticket"));
    view! {
        <div class="door-find" role="search">
            <label class="affix">{Icon::SEARCH.svg()}
                <input type="search" aria-label="Find a ticket" placeholder="Name or code" autocomplete="off"
                    disabled=move || !shell.alive.get() on:input=move |event| found.set(show(&event_target_value(&event)))/>
            </label>
            <span class="muted" role="status">{said}</span>
        </div>
    }
    .into_any()
}

/// Shows the rows in which all words of this are found, and says how many; all of them where nothing is looked for.
fn show(asked: &str) -> Option<usize> {
    let asked = asked.to_lowercase();
    let words: Vec<_> = asked.split_whitespace().collect();
    let rows = document().query_selector_all(".door tbody tr").ok()?;
    let mut found = 0;
    for row in (0..rows.length()).filter_map(|at| rows.item(at)?.dyn_into::<Element>().ok()) {
        // Headings have nothing to be found by.
        let text = row.get_attribute("data-find");
        let shown = words.is_empty() || text.is_some_and(|text| matches(&text, &words));
        found += usize::from(shown);
        let _ = row.toggle_attribute_with_force("data-out", !shown);
    }
    (!words.is_empty()).then_some(found)
}

/// A code is found with and without its dash.
fn matches(text: &str, words: &[&str]) -> bool {
    words.iter().all(|word| text.contains(word) || text.contains(&word.replace('-', "")))
}

fn stands(ticket: &DoorTicket) -> bool {
    !matches!(ticket.status, TicketStatus::Revoked | TicketStatus::Refunded)
}

/// The letter somebody looks under.
fn letter(name: &str) -> String {
    name.chars().next().filter(|first| first.is_alphabetic()).map_or("#".to_owned(), |c| c.to_uppercase().collect())
}

fn table(zone: &Zone, tickets: Vec<DoorTicket>, gates: &[GateName], as_of: Timestamp) -> AnyView {
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
        rows.extend(guest.iter().enumerate().map(|(at, ticket)| row(zone, ticket, (at, guest.len()), gates, as_of)));
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
fn row(zone: &Zone, ticket: &DoorTicket, (at, of): (usize, usize), gates: &[GateName], as_of: Timestamp) -> AnyView {
    let first = at == 0;
    let name = ticket.name.clone().unwrap_or_else(|| "No name".to_owned());
    let find = format!("{name} {} {}", ticket.short_code, ticket.short_code.replace('-', "")).to_lowercase();
    let place = (of > 1).then(|| view! { <span class="muted">{format!(" · {} of {of}", at + 1)}</span> });
    let void = !stands(ticket);
    let used = ticket.used_at.filter(|_| !void);
    let (mark, text) = match (void, used.is_some()) {
        (true, _) => (view! { <span class="box" data-void=""></span> }.into_any(), ""),
        (_, true) => (view! { <span class="box" data-in=""></span> }.into_any(), "Is in"),
        _ => (view! { <span class="box"></span> }.into_any(), "Not in yet"),
    };
    let named = match void {
        true => view! { <s><bdi>{name}</bdi></s>{place} }.into_any(),
        false => view! { <bdi>{name}</bdi>{place} }.into_any(),
    };
    let note = match (void, used) {
        (true, _) => {
            let why = if ticket.status == TicketStatus::Refunded { " · Refunded" } else { " · Void" };
            view! { <strong>"Do not admit"</strong>{why} }.into_any()
        }
        (_, Some(used)) => format!("In, {}", hour(zone, used, as_of)).into_any(),
        _ => ticket.note.clone().filter(|note| first && !note.is_empty()).into_any(),
    };
    let takes = |gate: &&GateName| gate.takes(ticket.ticket_type_id.0);
    let may: Vec<_> = gates.iter().filter(takes).map(|gate| gate.name.clone()).collect();
    let may = if may.len() == gates.len() { "Any gate".to_owned() } else { may.join(", ") };
    view! {
        <tr class:void=void data-find=find>
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

/// The hour, with its day where it is another than the list's, whose clocks are said above it.
fn hour(zone: &Zone, at: Timestamp, as_of: Timestamp) -> String {
    let brief = zone.brief(at);
    match zone.local(at).date() == zone.local(as_of).date() {
        true => zone.clock(at),
        false => brief.rsplit_once(' ').map_or(brief.clone(), |(day, _)| day.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn tickets_are_found_by_parts_of_the_name_and_by_code() {
        let row = "aarav ahuja hgf63-kv8jg hgf63kv8jg";
        for asked in [&["aarav"][..], &["ahu", "aar"], &["hgf63-kv"], &["hgf63kv8"], &["hgf6-3kv"]] {
            assert!(matches(row, asked), "{asked:?}");
        }
        assert!(!matches(row, &["aarav", "bhat"]));
    }
}
