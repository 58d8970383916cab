//! Who comes to an event.

use std::sync::Arc;

use eventify::Error;
use eventify::events::{Event, EventId, Zone};
use eventify::kernel::error::not_found;
use eventify::kernel::page::Page;
use eventify::kernel::text::{E164Phone, Email, Note, PersonName, Phone, Reason};
use eventify::tickets::operations::{attendee_cancel, attendee_comp, attendee_contact_add, ticket_list, ticket_resend};
use eventify::tickets::{
    Attendee, AttendeeFilter, AttendeeId, AttendeeSource, AttendeeStatus, CancelAttendee, GuestContact, ImportOutcome,
    ImportRow, NewComp, Party, Reach, ResendTicket, Ticket, TicketFilter, TicketStatus, TicketType,
};
use leptos::prelude::*;

use super::detail::{Data, Rights};
use super::{clock, kinds};
use crate::ui::{
    Act, Area, Column, Confirm, Field, Icon, ListQuery, Loading, Nothing, Pick, Table, Toasts, Tone, Upload, badge,
    card, rule, submit, whole,
};

/// How many rows of a list are named.
const ROWS: usize = 50;

fn status_title(status: AttendeeStatus) -> &'static str {
    match status {
        AttendeeStatus::Going => "Going",
        AttendeeStatus::NotGoing => "Not going",
        AttendeeStatus::CheckedIn => "Checked in",
        AttendeeStatus::Cancelled => "Removed",
    }
}

fn source_title(source: AttendeeSource) -> &'static str {
    match source {
        AttendeeSource::Direct => "Booked",
        AttendeeSource::Request => "Request",
        AttendeeSource::Invite => "Invitation",
        AttendeeSource::WaitingList => "Waiting list",
        AttendeeSource::Comp => "Complimentary",
        AttendeeSource::Import => "Imported",
        AttendeeSource::Transfer => "Transfer",
    }
}

/// What the URL asks for.
pub fn filter(q: &ListQuery) -> AttendeeFilter {
    AttendeeFilter {
        q: q.word("q"),
        status: q.word::<AttendeeStatus>("status").map(|status| vec![status]),
        ticket_type_id: q.word("kind"),
        cursor: q.text("cursor"),
        limit: q.word("limit"),
    }
}

/// The tab.
pub fn tab(
    data: Loading<Data>,
    query: ListQuery,
    (event, zone): (&Event, &Zone),
    page: Page<Attendee>,
    kinds: &[TicketType],
    rights: Rights,
) -> AnyView {
    let statuses = AttendeeStatus::ALL.iter().map(|s| (s.word().to_owned(), status_title(*s).to_owned())).collect();
    let clocks = zone.clone();
    let mut table = Table::new("Guests", query)
        .search("Name, email or phone")
        .select("status", "Any status", statuses)
        .select("kind", "Any ticket type", kinds::choices(kinds))
        .column(Column::head("Guest", guest))
        .column(Column::new("Ticket type", |a: &Attendee| a.ticket_type.clone().into_any()))
        .column(Column::new("Seats", |a: &Attendee| a.seats.into_any()).number())
        .column(Column::new("Status", standing))
        .column(Column::new("Source", |a: &Attendee| source_title(a.source).into_any()).low())
        .column(Column::new("Paid", |a: &Attendee| a.price_paid.display().into_any()).number().low())
        .column(Column::new("Since", move |a: &Attendee| clock::at(&clocks, a.created_at)).low())
        .empty("No guests yet", "Guests appear here as they book.", None);
    if rights.manages_tickets {
        table = table.column(Column::actions(move |guest: &Attendee| guest_actions(data, guest)));
    }
    let adds = rights.manages_tickets && event.status.is_open() && !kinds.is_empty();
    let comp = adds.then(|| comp(data, event, kinds));
    let import = adds.then(|| import(data, event.id, kinds));
    view! { <div class="stack"><div class="row">{comp}</div>{table.page(page)}{import}</div> }.into_any()
}

fn guest(guest: &Attendee) -> AnyView {
    let name = guest.name.clone().unwrap_or_else(|| "No name".to_owned());
    let reach = guest.email.clone().or(guest.phone.clone()).unwrap_or_default();
    let note = guest.note.clone().filter(|note| !note.is_empty()).map(|note| view! { <small>{note}</small> });
    let untold = guest.status.takes_seats() && guest.reach() == Reach::Nowhere;
    let untold = untold.then(|| view! { <small>{guest.unreachable()}": can't be notified"</small> });
    view! { <bdi>{name}</bdi><small>{reach}</small>{untold}{note} }.into_any()
}

fn standing(guest: &Attendee) -> AnyView {
    let tone = match guest.status {
        AttendeeStatus::Going => Tone::Info,
        AttendeeStatus::CheckedIn => Tone::Success,
        AttendeeStatus::NotGoing | AttendeeStatus::Cancelled => Tone::Neutral,
    };
    let why = guest.cancellation_reason.clone().map(|reason| view! { <small>{reason}</small> });
    view! { {badge(tone, status_title(guest.status))}{why} }.into_any()
}

fn guest_actions(data: Loading<Data>, guest: &Attendee) -> AnyView {
    if guest.status != AttendeeStatus::Going {
        return ().into_any();
    }
    let (id, toasts) = (guest.id, Toasts::get());
    let name = guest.name.clone().unwrap_or_else(|| "this guest".to_owned());
    let again = guest.reach().address().map(|address| {
        let said = format!("Tickets sent to {address}");
        let run = submit(move |_: Nothing| resend(id), move |_: Ticket| toasts.done(said.clone()));
        view! { <Act label="Resend tickets" icon=Icon::MAIL run=run class="btn small quiet"/> }.into_any()
    });
    let again = again.unwrap_or_else(|| contact(data, guest, &name));
    let removed = format!("{name} removed");
    let run = submit(
        move |input: CancelAttendee| attendee_cancel(id, input),
        move |_: Attendee| {
            toasts.done(removed.clone());
            data.refetch();
        },
    );
    let numbers = guest.removal().into_iter().map(|said| view! { <p>{said}</p> }).collect_view();
    view! {
        <div class="row">
            {again}
            <Confirm id=format!("guest-{id}") label="Remove guest" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove guest" keep="Keep guest" run=run square=format!("Remove {name}")>
                {numbers}
                <Area name="reason" label="Reason" check={rule::<Reason>} required=true/>
            </Confirm>
        </div>
    }
    .into_any()
}

/// For a guest who cannot be told of anything: where to from now on.
fn contact(data: Loading<Data>, guest: &Attendee, name: &str) -> AnyView {
    let (id, toasts) = (guest.id, Toasts::get());
    let run = submit(
        move |input: GuestContact| attendee_contact_add(id, input),
        move |guest: Attendee| {
            toasts.done(sent(&guest));
            data.refetch();
        },
    );
    view! {
        <Confirm id=format!("contact-{id}") label="Add contact" icon=Icon::MAIL title=format!("Add an email or phone for {name}") confirm="Save and send tickets" run=run class="btn small quiet" danger=false>
            <p>"The tickets are sent there, and so is every notice about the event."</p>
            <Field name="email" label="Email" kind="email" check={rule::<Email>}/>
            <Field name="phone" label="Phone" kind="tel" check={rule::<E164Phone>} hint="With the country code, such as +91 98450 12345. A phone gets text messages."/>
        </Confirm>
    }
    .into_any()
}

/// What became of a guest's tickets.
fn sent(guest: &Attendee) -> String {
    let name = guest.name.as_deref().unwrap_or("The guest");
    match guest.reach().address() {
        Some(address) => format!("{name} is on the list. Tickets sent to {address}"),
        None => format!("{name} is on the list. {}: {name} can't be notified", guest.unreachable()),
    }
}

/// One mail holds all tickets of a guest, so one of them brings it.
async fn resend(id: AttendeeId) -> Result<Ticket, Error> {
    let standing = [TicketStatus::Issued, TicketStatus::Inside, TicketStatus::Outside];
    let filter = TicketFilter { attendee_id: Some(id), status: Some(standing.to_vec()), ..TicketFilter::default() };
    let ticket = ticket_list(filter).await?.items.into_iter().next().ok_or_else(not_found)?;
    ticket_resend(ticket.id, ResendTicket::default()).await
}

fn comp(data: Loading<Data>, event: &Event, kinds: &[TicketType]) -> AnyView {
    let (id, toasts) = (event.id, Toasts::get());
    let run = submit(
        move |input: NewComp| attendee_comp(id, input),
        move |guest: Attendee| {
            toasts.done(sent(&guest));
            data.refetch();
        },
    );
    let options = kinds::choices(kinds);
    let first = kinds.first().map(|kind| kind.id.to_string()).unwrap_or_default();
    view! {
        <Confirm id="guest-add" label="Add guest" icon=Icon::PLUS title=format!("Add a guest to {}", event.title) confirm="Add guest" run=run danger=false>
            <p>"Your guest pays nothing. Tickets are sent to the email, or to the phone by text message where there is no email."</p>
            <Pick name="ticket_type_id" label="Ticket type" options=options value=first required=true/>
            <Field name="seats" label="Seats" kind="number" check={whole::<Party>} value="1" required=true/>
            <Field name="name" label="Full name" check={rule::<PersonName>} required=true/>
            <Field name="email" label="Email" kind="email" check={rule::<Email>}/>
            <Field name="phone" label="Phone" kind="tel" check={rule::<Phone>} hint="With the country code, so that it can get text messages"/>
            <Field name="note" label="Note" check={rule::<Note>} hint="Seen by those who run the event"/>
        </Confirm>
    }
    .into_any()
}

fn import(data: Loading<Data>, event: EventId, kinds: &[TicketType]) -> AnyView {
    let toasts = Toasts::get();
    let done = move || data.refetch();
    let became = RwSignal::new(None::<ImportOutcome>);
    let answered: Arc<dyn Fn(String) + Send + Sync> = Arc::new(move |answer: String| {
        let outcome = serde_json::from_str::<ImportOutcome>(&answer).ok();
        toasts.done(outcome.as_ref().map_or_else(|| "Guest list imported".to_owned(), summary));
        let _ = became.try_set(outcome);
    });
    let choice = ("ticket_type_id", "Ticket type where a row names none", kinds::choices(kinds));
    let form = view! {
        <Upload
            action=format!("/api/v1/events/{event}/attendees/import")
            accept="text/csv,.csv"
            hint="CSV; the first row names the columns: Name, Email, Phone, Seats, Ticket type, Note. Guests who are on the list already are not added twice."
            choice=choice
            boxes=&[("dry_run", "Only check the list"), ("skip_errors", "Leave out rows that are wrong and add the rest")]
            raw="text/csv"
            answered=answered
            done=done
        />
    };
    let rows = move || became.get().map(|outcome| rows(&outcome));
    card("guest-import", "Import a guest list", None, view! { {form}{rows} })
}

/// What became of a list, in a line.
fn summary(outcome: &ImportOutcome) -> String {
    let many = |count: i32, thing: &str| if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") };
    let would = if outcome.dry_run { "would be added" } else { "added" };
    let (guests, seats) = (many(outcome.imported, "guest"), many(outcome.seats, "seat"));
    let mut said = format!("{guests} with {seats} {would}");
    if outcome.skipped > 0 {
        said += &format!(", {} on the list already", outcome.skipped);
    }
    if outcome.failed > 0 {
        said += &format!(", {} left out", many(outcome.failed, "row"));
    }
    if outcome.dry_run && (outcome.failed > 0 || !outcome.ignored_columns.is_empty()) {
        said += ". Nobody is added unless wrong rows are left out";
    }
    said
}

/// The rows that were not added, and why.
fn rows(outcome: &ImportOutcome) -> AnyView {
    let ignored = outcome.ignored_columns.iter().map(|column| format!("“{column}” is not used"));
    let rows = outcome.errors.iter().chain(&outcome.skipped_rows).map(ImportRow::sentence);
    let rows: Vec<String> = ignored.chain(rows).collect();
    if rows.is_empty() {
        return ().into_any();
    }
    let more = rows.len().saturating_sub(ROWS);
    let more = (more > 0).then(|| view! { <p class="muted">{format!("And {more} more.")}</p> });
    let rows = rows.into_iter().take(ROWS).map(|row| view! { <li>{row}</li> }).collect_view();
    view! { <ul>{rows}</ul>{more} }.into_any()
}
