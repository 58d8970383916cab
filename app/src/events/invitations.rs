//! Who is invited: one person, by email, phone or account, or whoever has a link.

use eventify::access::Me;
use eventify::events::{Event, EventStatus, Seats};
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::{Email, Note, Phone, counted, grouped};
use eventify::search::HitKind;
use eventify::tickets::operations::{event_invite_create, event_invite_decide};
use eventify::tickets::{
    AttendeeSource, EventInvite, EventSummary, InviteDecision, InviteStatus, InviteType, NewInvite, Party, TicketType,
};
use eventify::zones::Zone;
use leptos::prelude::*;
use serde_json::json;

use super::data::{Data, Link};
use super::head::Rights;
use super::{afterwards, clock, ticket_types};
use crate::ui::{
    Area, Column, Confirm, CopyButton, Field, Find, Icon, ListQuery, Loading, Options, Pick, Table, Tone, badge,
    integer, menu, menu_act, parameter, rule, submit,
};

/// The tab. A new link is put into `link`, to be shown at once.
pub fn tab(
    data: Loading<Data>,
    (event, zone): (&Event, &Zone),
    mut list: Vec<EventInvite>,
    ticket_types: &[TicketType],
    summary: &EventSummary,
    link: Link,
    (rights, me): (Rights, &Me),
) -> AnyView {
    let (clocks, sent, said) = (zone.clone(), zone.clone(), figures(&list, summary));
    // What still waits for an answer comes first.
    list.sort_by_key(|invite| invite.status != InviteStatus::Pending);
    let first = ticket_types
        .iter()
        .find(|ticket_type| !ticket_type.hidden)
        .map(|ticket_type| ticket_type.name.clone())
        .unwrap_or_default();
    let mut table = Table::new("Invitations", ListQuery::default())
        .counts("invitation", "invitations")
        .csv_of(format!("/events/{}/invites/export", event.id), &())
        .column(Column::head("Recipient", whom))
        .column(Column::new("Status", state))
        .column(Column::new("Ticket type", move |i: &EventInvite| {
            i.ticket_type.clone().unwrap_or_else(|| first.clone()).into_any()
        }))
        .column(Column::new("Seats", |i: &EventInvite| i.seats.into_any()).number())
        .column(Column::new("Sent", move |i: &EventInvite| clock::brief(&sent, i.created_at)).low())
        .column(Column::new("Expires", move |i: &EventInvite| expires(i, &clocks)).low())
        .column(Column::new("Created by", |i: &EventInvite| i.created_by_name.clone().into_any()).low())
        .empty("No invitations here yet", nothing(event.status), None);
    if rights.manages {
        table = table.column(Column::actions(move |invite: &EventInvite| acts(data, invite)));
    }
    let options = ticket_types::choices(ticket_types);
    let invites = rights.manages && event.status.is_open();
    let one = invites.then(|| direct(data, event, options.clone(), me.may(Permission::UsersRead)));
    let many = invites.then(|| share(data, event, options, link));
    view! { <div class="stack"><div class="row">{one}{many}</div>{said}{table.all(list)}</div> }.into_any()
}

/// How there come to be some.
fn nothing(event: EventStatus) -> &'static str {
    match event {
        EventStatus::Draft => "Guests can be invited once the event is published.",
        EventStatus::Published | EventStatus::Live => "Invite a guest by email or phone, or create a link to share.",
        EventStatus::Ended | EventStatus::Cancelled => "Nobody was invited.",
    }
}

/// What came of them: `12 sent · 8 accepted · 3 pending · 41 seats booked by invitation`.
fn figures(list: &[EventInvite], summary: &EventSummary) -> Option<AnyView> {
    // Seats booked by invitations that are not there any more would contradict the empty list.
    if list.is_empty() {
        return None;
    }
    let direct: Vec<_> = list.iter().filter(|invite| invite.invite_type == InviteType::Direct).collect();
    let of = |status: InviteStatus| direct.iter().filter(|invite| invite.status == status).count();
    let links = list.iter().filter(|invite| invite.invite_type == InviteType::ShareLink);
    let links = links.filter(|invite| invite.status == InviteStatus::Pending).count();
    let booked = summary.sources.iter().find(|from| from.source == AttendeeSource::Invite).map_or(0, |from| from.seats);
    let counts = [
        (direct.len(), "sent"),
        (of(InviteStatus::Accepted), "accepted"),
        (of(InviteStatus::Pending), "pending"),
        (of(InviteStatus::Declined), "declined"),
        (of(InviteStatus::Expired), "expired or revoked"),
        (links, if links == 1 { "active link" } else { "active links" }),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let mut said: Vec<_> = counts.map(|(count, word)| format!("{count} {word}")).collect();
    said.extend((booked > 0).then(|| format!("{} booked by invitation", counted(booked, "seat"))));
    (!said.is_empty()).then(|| view! { <p class="muted">{said.join(" · ")}</p> }.into_any())
}

fn whom(invite: &EventInvite) -> AnyView {
    let (email, phone) = (invite.invited_email.clone(), invite.invited_phone.as_deref().map(grouped));
    let name = match invite.invite_type {
        InviteType::Direct => invite.invited_name.clone().or(email.clone()).or(phone.clone()),
        InviteType::ShareLink => Some("Share link".to_owned()),
    };
    // Who accepted, and where the invitation went.
    let sent = invite.invited_name.as_ref().and(email.or(phone)).map(|to| view! { <small>{to}</small> });
    let said = (!invite.message.is_empty()).then(|| view! { <small>{invite.message.clone()}</small> });
    view! { {name.unwrap_or_else(|| "No name".to_owned())}{sent}{said} }.into_any()
}

/// Whom it is for, in a word.
fn named(invite: &EventInvite) -> String {
    let phone = invite.invited_phone.as_deref().map(grouped);
    let known = invite.invited_name.clone().or(invite.invited_email.clone()).or(phone);
    known.unwrap_or_else(|| "this invitation".to_owned())
}

/// Until when it can be accepted; nothing once it was answered or is no longer good.
fn expires(invite: &EventInvite, zone: &Zone) -> AnyView {
    match invite.status {
        InviteStatus::Pending => clock::brief(zone, invite.expires_at),
        _ => ().into_any(),
    }
}

/// `3 of 50 used`: of a link; nothing of an invitation to one person.
fn used(invite: &EventInvite) -> Option<String> {
    let left = invite.uses_left.filter(|_| invite.invite_type == InviteType::ShareLink)?;
    let used = invite.uses.unwrap_or_default();
    Some(format!("{used} of {} used", used + i64::from(left)))
}

fn state(invite: &EventInvite) -> AnyView {
    let used = used(invite).map(|used| view! { <small>{used}</small> });
    view! { {standing(invite)}{used} }.into_any()
}

fn standing(invite: &EventInvite) -> AnyView {
    match invite.status {
        InviteStatus::Pending if invite.invite_type == InviteType::ShareLink => badge(Tone::Success, "Active"),
        InviteStatus::Pending => badge(Tone::Info, "Pending"),
        InviteStatus::Accepted => badge(Tone::Success, "Accepted"),
        InviteStatus::Declined => badge(Tone::Danger, "Declined"),
        InviteStatus::Expired => badge(Tone::Neutral, "Expired"),
    }
}

/// Copying the link again, and revoking.
fn acts(data: Loading<Data>, invite: &EventInvite) -> AnyView {
    if invite.status != InviteStatus::Pending {
        return ().into_any();
    }
    let copy = invite.link.clone().map(|link| view! { <CopyButton text=link label="Copy link"/> });
    let whom = named(invite);
    let entry = menu_act(format!("invite-{}", invite.id), "Revoke…", Icon::X, true);
    view! { <div class="row">{copy}{menu(format!("More for {whom}"), vec![entry])}{revoke(data, invite)}</div> }
        .into_any()
}

fn revoke(data: Loading<Data>, invite: &EventInvite) -> AnyView {
    let id = invite.id;
    let run = submit(
        move |input: InviteDecision| event_invite_decide(id, input),
        afterwards::<_, EventInvite>(data, "Invitation revoked"),
    );
    let title = match invite.invite_type {
        InviteType::Direct => format!("Revoke the invitation of {}?", named(invite)),
        InviteType::ShareLink => "Revoke this share link?".to_owned(),
    };
    view! {
        <Confirm id=format!("invite-{id}") label="Revoke" icon=Icon::X title=title confirm="Revoke invitation" keep="Keep invitation" run=run extra=json!({ "status": InviteStatus::Expired }) in_menu=true>
            <p>"It stops working at once. Bookings made with it stay."</p>
        </Confirm>
    }
    .into_any()
}

fn direct(data: Loading<Data>, event: &Event, ticket_types: Options, finds_users: bool) -> AnyView {
    let id = event.id;
    let run = submit(
        move |input: NewInvite| event_invite_create(id, input),
        afterwards::<_, EventInvite>(data, "Invitation sent"),
    );
    // Made within the form, which knows it then.
    let user = move || {
        view! { <Find name="invited_user_id" label="Or a user" of=HitKind::User required=false hint="Someone with an account"/> }
    };
    view! {
        <Confirm id="invite-one" label="Invite guest" class="btn primary" icon=Icon::MAIL title=format!("Invite to {}", event.title) confirm="Send invitation" run=run extra=json!({ "invite_type": InviteType::Direct }) danger=false>
            <Field name="invited_email" label="Email" kind="email" check={rule::<Email>} value=parameter("invited_email").unwrap_or_default() hint="Gets a link that works once."/>
            <Field name="invited_phone" label="Or phone" kind="tel" check={rule::<Phone>} value=parameter("invited_phone").unwrap_or_default() hint="Gets a text message; only this number can accept it."/>
            {finds_users.then(user)}
            <Pick name="ticket_type_id" label="Ticket type" options=ticket_types hint="Defaults to the first public ticket type."/>
            <Field name="seats" label="Seats" kind="number" check={integer::<Party>} value="1" required=true/>
            <Area name="message" label="Message" check={rule::<Note>}/>
        </Confirm>
    }
    .into_any()
}

fn share(data: Loading<Data>, event: &Event, ticket_types: Options, link: Link) -> AnyView {
    let id = event.id;
    let run = submit(
        move |input: NewInvite| event_invite_create(id, input),
        move |made: EventInvite| {
            link.set(made.link.map(|link| (id, link)));
            data.refetch();
        },
    );
    view! {
        <Confirm id="invite-link" label="Create share link" icon=Icon::EXTERNAL title=format!("Create a share link to {}", event.title) confirm="Create share link" run=run extra=json!({ "invite_type": InviteType::ShareLink }) danger=false>
            <p>"Anyone with the link can book. It works for two weeks, and at most until the event ends. You can copy it again from the list."</p>
            <Pick name="ticket_type_id" label="Ticket type" options=ticket_types hint="Defaults to the first public ticket type."/>
            <Field name="seats" label="Seats for each" kind="number" check={integer::<Party>} value="1" required=true/>
            <Field name="max_uses" label="Maximum uses" kind="number" check={integer::<Seats>} value="50"/>
        </Confirm>
    }
    .into_any()
}
