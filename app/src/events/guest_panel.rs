//! One guest beside the list: tickets and codes, answers, messages, history, and what can be done. Which one is open
//! stands in the URL, so that it can be shared and is there without script.

use super::guest_words::{came_by, sent, standing};
use eventify::Error;
use eventify::events::{Event, Question};
use eventify::kernel::error::not_found;
use eventify::kernel::text::{Email, PersonName, Phone, Reason, grouped};
use eventify::tickets::operations::{
    Pass, attendee_cancel, attendee_contact_add, attendee_move, ticket_code, ticket_transfer,
};
use eventify::tickets::operations::{ticket_list, ticket_resend};
use eventify::tickets::{
    Attendee, AttendeeId, AttendeeStatus, CancelAttendee, GuestContact, GuestMessage, MessageChannel, MessageStatus,
    MoveGuest, Ticket, TicketStatus, TicketType, TransferTicket,
};
use eventify::tickets::{ResendTicket, TicketFilter};
use eventify::zones::Zone;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::data::{Data, OpenGuest};
use super::head::Rights;
use super::{activity, check_in};
use crate::gate::history as at_gates;
use crate::tickets::ticket_badge;
use crate::ui::{
    Act, Area, Confirm, Facts, Field, Icon, ListQuery, Loading, Nothing, Pick, Toasts, Tone, badge, dom, menu,
    menu_act, plain_key, rule, submit,
};

/// The list with this guest open, or with none.
pub fn href(query: &ListQuery, guest: Option<&str>) -> String {
    // Unlike a filter it does not lead back to the first page of the list.
    let cursor = query.text("cursor");
    let url = query.href("guest", guest);
    match cursor {
        Some(cursor) => format!("{url}{}cursor={cursor}", if url.contains('?') { '&' } else { '?' }),
        None => url,
    }
}

/// The panel.
pub fn view(
    data: Loading<Data>,
    query: &ListQuery,
    (event, zone): (&Event, &Zone),
    open: OpenGuest,
    list: &[Attendee],
    types: &[TicketType],
    rights: Rights,
) -> AnyView {
    let OpenGuest { guest, tickets, questions, history, attempts } = open;
    let name = guest.name.clone().unwrap_or_else(|| "No name".to_owned());
    let at = list.iter().position(|other| other.id == guest.id);
    let to = |at: Option<usize>| at.and_then(|at| list.get(at)).map(|guest| href(query, Some(&guest.id.to_string())));
    let (before, after) = (to(at.and_then(|at| at.checked_sub(1))), to(at.map(|at| at + 1)));
    let step = |id: &'static str, label: &'static str, key: &'static str, icon: Icon, to: Option<String>| {
        to.map(|to| view! { <a class="btn square quiet small" id=id href=to aria-label=label aria-keyshortcuts=key data-noscroll="">{icon.svg()}</a> })
    };
    let place = at.map(|at| format!("{} of {} on this page", at + 1, list.len()));
    keys();
    let acts = (rights.manages_tickets && guest.status == AttendeeStatus::Going)
        .then(|| acts(data, &guest, &name, types, event.status.is_open()));
    view! {
        <aside class="panel" aria-labelledby="guest-name">
            <header class="panel-head">
                <span class="muted">{place}</span>
                {step("guest-before", "Previous guest", "k", Icon::CHEVRON_LEFT, before)}
                {step("guest-after", "Next guest", "j", Icon::CHEVRON_RIGHT, after)}
                <a class="btn square quiet small push" id="guest-close" href=href(query, None) aria-label="Close" data-noscroll="">{Icon::X.svg()}</a>
            </header>
            <div class="panel-body">
                <div><h2 id="guest-name" tabindex="-1"><bdi>{name}</bdi></h2>{standing(&guest, event.status)}</div>
                {acts}
                {facts(&guest, zone)}
                {tickets_part(data, &guest, tickets, rights, check_in::is_due(event, rights))}
                {at_gates::section(attempts, zone)}
                {answers(&guest, &questions)}
                {messages(history.messages, zone)}
                <section aria-labelledby="guest-history">
                    <h3 id="guest-history">"History"</h3>
                    {match history.activity.is_empty() {
                        true => view! { <p class="muted">{format!("{} on {}", came_by(&guest), zone.display(guest.created_at))}</p> }.into_any(),
                        false => activity::entries(history.activity, zone, None),
                    }}
                </section>
            </div>
            <footer class="panel-foot keys"><span><kbd>"J"</kbd>" "<kbd>"K"</kbd>" next, previous"</span><span><kbd>"Esc"</kbd>" close"</span></footer>
        </aside>
    }
    .into_any()
}

/// `j`, `k` and Escape, while a guest is open; the panel has the focus as it opens.
fn keys() {
    Effect::new(move |_| {
        dom::focus("guest-name");
        dom::on_document("keydown", move |event| {
            let key = event.dyn_ref::<web_sys::KeyboardEvent>().and_then(plain_key);
            match key.as_deref() {
                Some("j") => dom::press("#guest-after"),
                Some("k") => dom::press("#guest-before"),
                Some("Escape") => dom::press("#guest-close"),
                _ => {}
            }
        });
    });
}

fn facts(guest: &Attendee, zone: &Zone) -> AnyView {
    let untold = (guest.status.takes_seats() && guest.reach().address().is_none())
        .then(|| view! { {badge(Tone::Warning, "Can't be notified")}" "{guest.unreachable()} });
    let mail = guest.email.clone().map(|mail| view! { <a href=format!("mailto:{mail}")>{mail.clone()}</a> });
    let account = guest.user_id.map(|user| view! { <a href=format!("/users/{user}")>"User profile"</a> });
    Facts::new()
        .maybe("Email", mail)
        .maybe("Phone", guest.phone.as_deref().map(grouped))
        .maybe("Reach", untold)
        .add(
            "Ticket type",
            format!(
                "{} · {}",
                guest.ticket_type,
                if guest.seats == 1 { "1 seat".to_owned() } else { format!("{} seats", guest.seats) }
            ),
        )
        .add("Source", came_by(guest))
        .maybe("Paid", (guest.price_paid.minor > 0).then(|| guest.price_paid.display()))
        .maybe("Refund", guest.money_back().map(|said| badge(Tone::Neutral, said)))
        .add("Added", zone.display(guest.created_at))
        .maybe("Note", guest.note.clone().filter(|note| !note.is_empty()))
        .maybe("Account", account)
        .view()
}

fn acts(data: Loading<Data>, guest: &Attendee, name: &str, types: &[TicketType], open: bool) -> AnyView {
    let (id, toasts) = (guest.id, Toasts::get());
    let first = match guest.reach().address() {
        Some(address) => {
            let said = format!("Tickets sent to {}", grouped(address));
            let run = submit(
                move |_: Nothing| resend(id),
                move |_: Ticket| {
                    toasts.done(said.clone());
                    data.refetch();
                },
            );
            view! { <Act label="Resend tickets" icon=Icon::MAIL run=run class="btn small"/> }.into_any()
        }
        None => contact(data, guest, name),
    };
    let others: Vec<_> = types.iter().filter(|ticket_type| ticket_type.id != guest.ticket_type_id).cloned().collect();
    let moves = open && !others.is_empty();
    let mut entries = Vec::new();
    if moves {
        entries.push(menu_act("guest-move", "Change ticket type…", Icon::SWAP, false));
    }
    entries.push(menu_act("guest-remove", "Remove guest…", Icon::TRASH, true));
    view! {
        <div class="row acts">{first}{menu(format!("More for {name}"), entries)}</div>
        {moves.then(|| move_dialog(data, guest, name, &others))}
        {remove_dialog(data, guest, name)}
    }
    .into_any()
}

fn move_dialog(data: Loading<Data>, guest: &Attendee, name: &str, others: &[TicketType]) -> AnyView {
    let (id, toasts) = (guest.id, Toasts::get());
    let run = submit(
        move |input: MoveGuest| attendee_move(id, input),
        move |moved: Attendee| {
            toasts.done(format!("Moved to {}", moved.ticket_type));
            data.refetch();
        },
    );
    let left = |ticket_type: &TicketType| match ticket_type.available {
        1 => format!("{} · 1 seat left", ticket_type.name),
        left => format!("{} · {left} seats left", ticket_type.name),
    };
    let options = others.iter().map(|ticket_type| (ticket_type.id.to_string(), left(ticket_type))).collect::<Vec<_>>();
    view! {
        <Confirm id="guest-move" label="Change ticket type" icon=Icon::SWAP title=format!("Move {name} to another ticket type") confirm="Change ticket type" run=run danger=false in_menu=true>
            <p>"The tickets get new codes and are sent again; the old codes stop working. What was paid stays as it is."</p>
            <Pick name="ticket_type_id" label="Ticket type" options=options required=true/>
        </Confirm>
    }
    .into_any()
}

fn remove_dialog(data: Loading<Data>, guest: &Attendee, name: &str) -> AnyView {
    let (id, toasts, removed) = (guest.id, Toasts::get(), format!("{name} removed"));
    let run = submit(
        move |input: CancelAttendee| attendee_cancel(id, input),
        move |_: Attendee| {
            toasts.done(removed.clone());
            data.refetch();
        },
    );
    let numbers = guest.removal().into_iter().map(|said| view! { <p>{said}</p> }).collect_view();
    view! {
        <Confirm id="guest-remove" label="Remove guest" icon=Icon::TRASH title=format!("Remove {name}?") confirm="Remove guest" keep="Keep guest" run=run in_menu=true>
            {numbers}
            <Area name="reason" label="Reason" check={rule::<Reason>} required=true hint="Sent to the guest"/>
        </Confirm>
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
        <Confirm id="guest-contact" label="Add contact" icon=Icon::MAIL title=format!("Add an email or phone for {name}") confirm="Save and send tickets" run=run class="btn small" danger=false>
            <p>"The tickets are sent there, and so is every notice about the event."</p>
            <Field name="email" label="Email" kind="email" check={rule::<Email>}/>
            <Field name="phone" label="Phone" kind="tel" check={rule::<Phone>} hint="With the country code, such as +91 98450 12345. A phone gets text messages."/>
        </Confirm>
    }
    .into_any()
}

fn tickets_part(data: Loading<Data>, guest: &Attendee, tickets: Vec<Pass>, rights: Rights, checks_in: bool) -> AnyView {
    let (count, toasts) = (tickets.len(), Toasts::get());
    let name = guest.name.clone().unwrap_or_else(|| "this guest".to_owned());
    let one = |pass: Pass| {
        let Pass { ticket, code } = pass;
        let gives = (rights.manages_tickets && ticket.status == TicketStatus::Issued).then(|| transfer(data, &ticket));
        let here = checks_in.then(|| check_in::button(data, &ticket, &name)).flatten();
        let label = format!("QR code of ticket {}", code.short_code);
        let (id, named, picture) = (ticket.id, label.clone(), RwSignal::new(code.svg));
        let opened = move |_| {
            if picture.with_untracked(String::is_empty) {
                spawn_local(async move {
                    match ticket_code(id).await {
                        Ok(code) => picture.set(code.svg),
                        Err(error) => toasts.failed("Couldn't show the code", &error),
                    }
                });
            }
        };
        view! {
            <li>
                <code>{code.short_code.clone()}</code>
                {ticket_badge(ticket.status)}
                <span class="row push">
                    {here}
                    {gives}
                    <details class="menu" name="guest-codes" on:toggle=opened>
                        <summary class="btn square quiet small" aria-label=format!("Show {label}")>{Icon::QR.svg()}</summary>
                        <div class="menu-panel"><figure class="qr" role="img" aria-label=named inner_html=picture></figure></div>
                    </details>
                </span>
            </li>
        }
    };
    let body = match count {
        0 => view! { <p class="muted">{if guest.status == AttendeeStatus::Going { "No valid tickets" } else { "The tickets are void" }}</p> }.into_any(),
        _ => view! { <ul class="tix" role="list">{tickets.into_iter().map(one).collect_view()}</ul> }.into_any(),
    };
    view! {
        <section aria-labelledby="guest-tickets">
            <h3 id="guest-tickets">"Tickets "<span>{count}</span></h3>
            {body}
        </section>
    }
    .into_any()
}

fn transfer(data: Loading<Data>, ticket: &Ticket) -> AnyView {
    let (id, toasts) = (ticket.id, Toasts::get());
    let run = submit(
        move |input: TransferTicket| ticket_transfer(id, input),
        move |ticket: Ticket| {
            toasts.done(format!("Ticket transferred to {}", ticket.holder_name.as_deref().unwrap_or("the new guest")));
            data.refetch();
        },
    );
    view! {
        <Confirm id=format!("transfer-{id}") label="Transfer" icon=Icon::SWAP title="Transfer this ticket" confirm="Transfer ticket" run=run danger=false in_row="Transfer this ticket">
            <p>"The new guest is sent a ticket with a new code. The old code stops working."</p>
            <Field name="name" label="Full name" check={rule::<PersonName>} required=true/>
            <Field name="email" label="Email" kind="email" check={rule::<Email>} required=true/>
        </Confirm>
    }
    .into_any()
}

fn answers(guest: &Attendee, questions: &[Question]) -> AnyView {
    let given = |question: &Question| {
        let answer = guest.answers.get(question.id.to_string())?.as_str()?.to_owned();
        Some(view! { <div><dt>{question.label.clone()}</dt><dd dir="auto">{answer}</dd></div> })
    };
    let given: Vec<_> = questions.iter().filter_map(given).collect();
    if given.is_empty() {
        return ().into_any();
    }
    view! {
        <section aria-labelledby="guest-answers">
            <h3 id="guest-answers">"Answers"</h3>
            <dl class="qa">{given}</dl>
        </section>
    }
    .into_any()
}

fn messages(list: Vec<GuestMessage>, zone: &Zone) -> AnyView {
    let one = |message: GuestMessage| {
        let how = match message.channel {
            MessageChannel::Email => "Email",
            MessageChannel::Text => "Text message",
        };
        let (tone, word) = match message.status {
            MessageStatus::Waiting => (Tone::Neutral, "Waiting"),
            MessageStatus::Sent => (Tone::Success, "Sent"),
            MessageStatus::Failed => (Tone::Danger, "Failed"),
        };
        let when = zone.display(message.finished_at.unwrap_or(message.created_at));
        view! {
            <li>
                {Icon::MAIL.small()}
                <span>{message.title()}<small>{format!("{how} to {}", message.to)}</small><small>{when}</small></span>
                {badge(tone, word)}
            </li>
        }
    };
    let body = match list.is_empty() {
        true => view! { <p class="muted">"None in the last 30 days"</p> }.into_any(),
        false => view! { <ul class="msgs" role="list">{list.into_iter().map(one).collect_view()}</ul> }.into_any(),
    };
    view! { <section aria-labelledby="guest-messages"><h3 id="guest-messages">"Messages"</h3>{body}</section> }
        .into_any()
}

/// One mail holds all tickets of a guest, so one of them brings it.
pub async fn resend(id: AttendeeId) -> Result<Ticket, Error> {
    let standing = [TicketStatus::Issued, TicketStatus::Inside, TicketStatus::Outside];
    let filter = TicketFilter { attendee_id: Some(id), status: Some(standing.to_vec()), ..TicketFilter::default() };
    let ticket = ticket_list(filter).await?.items.into_iter().next().ok_or_else(not_found)?;
    ticket_resend(ticket.id, ResendTicket::default()).await
}
