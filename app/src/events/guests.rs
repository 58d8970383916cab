//! The guests of an event: the list, and what is done to those ticked in it.

use eventify::events::Event;
use eventify::kernel::page::Page;
use eventify::kernel::text::{Email, Note, PersonName, Phone, Reason, grouped};
use eventify::tickets::operations::{attendee_cancel, attendee_comp, attendee_move};
use eventify::tickets::{
    Attendee, AttendeeId, AttendeeSource, AttendeeStatus, CancelAttendee, MoveGuest, NewComp, Party, Reach, TicketType,
};
use eventify::zones::Zone;
use leptos::prelude::*;

use super::data::{DOOR, Data, OpenGuest, guests_wanted};
use super::guest_panel::{self, resend};
use super::guest_words::{came_by, came_from, sent, source_title, standing, status_title};
use super::head::Rights;
use super::{clock, nothing, ticket_types};
use crate::ui::{
    Area, Bulk, Column, Confirm, Field, Icon, ListQuery, Loading, Nothing, Pick, Table, Toasts, address, integer, live,
    parameter, rule, submit,
};

/// Every source, and the door.
fn sources() -> Vec<(&'static str, &'static str)> {
    let mut all: Vec<_> = AttendeeSource::ALL.iter().map(|s| (s.as_str(), source_title(*s))).collect();
    all.insert(1, (DOOR, came_from(AttendeeSource::Direct, true)));
    all
}

/// The tab: the list, and beside it the guest that is open.
pub fn tab(
    data: Loading<Data>,
    query: ListQuery,
    (event, zone): (&Event, &Zone),
    page: Page<Attendee>,
    ticket_types: &[TicketType],
    open: Option<OpenGuest>,
    rights: Rights,
) -> AnyView {
    let adds = rights.manages_tickets && event.status.is_open() && !ticket_types.is_empty();
    let tools = adds.then(|| {
        let href = format!("/events/{}?tab=import", event.id);
        view! {
            <div class="row">
                {comp(data, event, ticket_types)}
                <a class="btn" href=href>{Icon::COPY.svg()}"Import guests"</a>
            </div>
        }
    });
    let panel =
        open.map(|open| guest_panel::view(data, &query, (event, zone), open, &page.items, ticket_types, rights));
    let class = if panel.is_some() { "split" } else { "stack" };
    let here = query.text("guest");
    let shown = page.items.iter().map(|guest| guest.id.to_string()).collect();
    let of = event.id.to_string();
    let new = move |heard: &live::Heard| match heard.aggregate_id == of {
        true => live::field(heard, "attendee_id"),
        false => Vec::new(),
    };
    let news = live::newcomers(&["attendee.confirmed"], ("guest", "guests"), shown, new, move || data.refetch());
    let table = table(data, query, zone, page, ticket_types, here, rights, event);
    view! { <div class="stack">{news}{tools}<div class=class>{table}{panel}</div></div> }.into_any()
}

#[allow(clippy::too_many_arguments, reason = "all of them are what one table is made of")]
fn table(
    data: Loading<Data>,
    query: ListQuery,
    zone: &Zone,
    page: Page<Attendee>,
    ticket_types: &[TicketType],
    here: Option<String>,
    rights: Rights,
    event: &Event,
) -> AnyView {
    let titled =
        |all: Vec<(&'static str, &'static str)>| all.into_iter().map(|(v, t)| (v.to_owned(), t.to_owned())).collect();
    let at = event.status;
    let booked = ("No guests yet", "Guests appear here as they book.");
    let empty = nothing(at, booked, ("No guests", "Nobody booked this event."));
    let statuses = titled(AttendeeStatus::ALL.iter().map(|s| (s.as_str(), status_title(*s, at))).collect());
    let sources = titled(sources());
    let (clocks, wanted, links) = (zone.clone(), guests_wanted(&query), query.clone());
    let mut acts = Vec::new();
    if rights.manages_tickets && event.status.is_open() {
        acts = vec![resend_all(), move_all(ticket_types), remove_all()];
    }
    let named = |a: &Attendee| (a.id.to_string(), a.name.clone().unwrap_or_else(|| "No name".to_owned()));
    Table::new("Guests", query)
        .counts("guest", "guests")
        .csv_of(format!("/events/{}/attendees/export", event.id), &wanted)
        .bulk(acts, named, move || data.refetch())
        .search("Name, email or phone")
        .select("status", "Any status", statuses)
        .select("kind", "Any ticket type", ticket_types::choices(ticket_types))
        .select("source", "Any source", sources)
        .select("reach", "Contact: any", vec![("none".to_owned(), "Can't be notified".to_owned())])
        .sorted("-created")
        .by_day("created")
        .column(Column::head("Guest", move |a: &Attendee| guest(a, &links, here.as_deref())).key("name"))
        .column(Column::new("Ticket type", |a: &Attendee| a.ticket_type.clone().into_any()).key("ticket_type"))
        .column(Column::new("Seats", |a: &Attendee| a.seats.into_any()).key("seats").number())
        .column(Column::new("Status", move |a: &Attendee| standing(a, at)).key("status"))
        .column(Column::new("Source", |a: &Attendee| came_by(a).into_any()).key("source").rare())
        .column(Column::new("Paid", paid).key("paid").number().rare())
        .column(
            Column::new("Added", move |a: &Attendee| clock::brief(&clocks, a.created_at))
                .sort("created")
                .key("created_at")
                .rare(),
        )
        .empty(empty.0, empty.1, None)
        .page(page)
}

fn paid(guest: &Attendee) -> AnyView {
    match guest.price_paid.minor {
        0 => view! { <span class="muted">"Free"</span> }.into_any(),
        _ => {
            let back = guest.money_back().map(|said| view! { <small>{said}</small> });
            view! { {guest.price_paid.display()}{back} }.into_any()
        }
    }
}

fn guest(guest: &Attendee, query: &ListQuery, here: Option<&str>) -> AnyView {
    let name = guest.name.clone().unwrap_or_else(|| "No name".to_owned());
    let reach = guest.email.clone().or(guest.phone.as_deref().map(grouped)).unwrap_or_default();
    let note = guest.note.clone().filter(|note| !note.is_empty()).map(|note| view! { <small>{note}</small> });
    let untold = guest.status.takes_seats() && guest.reach() == Reach::Nowhere;
    let untold = untold.then(|| view! { <small>{guest.unreachable()}": can't be notified"</small> });
    let id = guest.id.to_string();
    let current = (here == Some(id.as_str())).then_some("true");
    let href = guest_panel::href(query, Some(&id));
    view! { <a href=href aria-current=current data-noscroll=""><bdi>{name}</bdi></a><small>{address(&reach)}</small>{untold}{note} }
        .into_any()
}

fn resend_all() -> Bulk {
    Bulk::new("resend", "Resend tickets", Icon::MAIL, |id: AttendeeId, _: Nothing| resend(id))
        .done("notified")
        .asks("Resend tickets to the selected guests?", || {
            view! { <p>"Each guest gets all of their tickets again, by email or text message."</p> }.into_any()
        })
}

fn move_all(ticket_types: &[TicketType]) -> Bulk {
    let options = ticket_types::choices(ticket_types);
    Bulk::new("move", "Change ticket type", Icon::SWAP, |id: AttendeeId, to: MoveGuest| attendee_move(id, to))
        .done("moved")
        .asks("Move the selected guests to another ticket type?", move || {
            view! {
                <p>"Their tickets get new codes and are sent again. What was paid stays as it is."</p>
                <Pick name="ticket_type_id" label="Ticket type" options=options.clone() required=true/>
            }
            .into_any()
        })
}

fn remove_all() -> Bulk {
    Bulk::new("remove", "Remove guests", Icon::TRASH, |id: AttendeeId, input: CancelAttendee| attendee_cancel(id, input))
        .done("removed")
        .asks("Remove the selected guests?", || {
            view! {
                <p>"Their tickets will be cancelled and the seats offered to the waiting list. What was paid is not refunded automatically."</p>
                <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Sent to each guest"/>
            }
            .into_any()
        })
        .danger()
}

fn comp(data: Loading<Data>, event: &Event, ticket_types: &[TicketType]) -> AnyView {
    let (id, toasts) = (event.id, Toasts::get());
    let run = submit(
        move |input: NewComp| attendee_comp(id, input),
        move |guest: Attendee| {
            toasts.done(sent(&guest));
            data.refetch();
        },
    );
    let asked = |field| parameter(field).unwrap_or_default();
    let options = ticket_types::choices(ticket_types);
    let first = ticket_types.first().map(|ticket_type| ticket_type.id.to_string()).unwrap_or_default();
    view! {
        <Confirm id="guest-add" label="Add guest" icon=Icon::PLUS title=format!("Add a guest to {}", event.title) confirm="Add guest" run=run class="btn primary" danger=false>
            <p>"Your guest pays nothing. Tickets are sent to the email, or to the phone by text message where there is no email."</p>
            <Pick name="ticket_type_id" label="Ticket type" options=options value=first required=true/>
            <Field name="seats" label="Seats" kind="number" check={integer::<Party>} value="1" required=true/>
            <Field name="name" label="Full name" check={rule::<PersonName>} required=true value=asked("name")/>
            <Field name="email" label="Email" kind="email" check={rule::<Email>} value=asked("email")/>
            <Field name="phone" label="Phone" kind="tel" check={rule::<Phone>} value=asked("phone") hint="With the country code, so that it can get text messages"/>
            <Field name="note" label="Note" check={rule::<Note>} hint="Seen by those who run the event"/>
        </Confirm>
    }
    .into_any()
}
