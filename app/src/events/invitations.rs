//! Who is asked to come: one person, or whoever has a link.

use eventify::access::Me;
use eventify::events::{Event, Seats, Zone};
use eventify::kernel::permissions::Permission;
use eventify::kernel::text::Note;
use eventify::search::HitKind;
use eventify::tickets::operations::{event_invite_create, event_invite_decide};
use eventify::tickets::{EventInvite, InviteDecision, InviteStatus, InviteType, NewInvite, Party, TicketType};
use leptos::prelude::*;
use serde_json::json;

use super::detail::{Data, Link, Rights};
use super::{afterwards, clock, kinds};
use crate::ui::{
    Area, Column, Confirm, Field, Find, Icon, ListQuery, Loading, Options, Pick, Table, Tone, badge, rule, submit,
    whole,
};

/// The tab. A new link is put into `link`, to be shown once.
pub fn tab(
    data: Loading<Data>,
    (event, zone): (&Event, &Zone),
    list: Vec<EventInvite>,
    kinds: &[TicketType],
    link: Link,
    rights: Rights,
    me: &Me,
) -> AnyView {
    let clocks = zone.clone();
    let mut table = Table::new("Invitations", ListQuery::default())
        .column(Column::head("Whom", whom))
        .column(Column::new("State", state))
        .column(Column::new("Seats", |i: &EventInvite| i.seats.into_any()).number())
        .column(Column::new("Uses left", |i: &EventInvite| i.uses_left.map(|n| n.to_string()).into_any()).number())
        .column(Column::new("Until", move |i: &EventInvite| clock::at(&clocks, i.expires_at)).low())
        .empty("Nobody is invited yet", "Invite one person, or make a link to share.", None);
    if rights.manages {
        table = table.column(Column::actions(move |invite: &EventInvite| take_back(data, invite)));
    }
    let options = kinds::choices(kinds);
    let invites = rights.manages && event.status.is_open();
    let one = (invites && me.may(Permission::UsersRead)).then(|| direct(data, event, options.clone()));
    let many = invites.then(|| share(data, event, options, link));
    view! { <div class="stack"><div class="row">{one}{many}</div>{table.all(list)}</div> }.into_any()
}

fn whom(invite: &EventInvite) -> AnyView {
    let name = match invite.invite_type {
        InviteType::Direct => invite.invited_name.clone().unwrap_or_else(|| "No name".to_owned()),
        InviteType::ShareLink => "Whoever has the link".to_owned(),
    };
    view! { {name}<small>{invite.message.clone()}</small> }.into_any()
}

fn state(invite: &EventInvite) -> AnyView {
    match invite.status {
        InviteStatus::Pending => badge(Tone::Info, "Open"),
        InviteStatus::Accepted => badge(Tone::Success, "Accepted"),
        InviteStatus::Declined => badge(Tone::Danger, "Declined"),
        InviteStatus::Expired => badge(Tone::Neutral, "Over"),
    }
}

fn take_back(data: Loading<Data>, invite: &EventInvite) -> AnyView {
    if invite.status != InviteStatus::Pending {
        return ().into_any();
    }
    let id = invite.id;
    let run = submit(
        move |input: InviteDecision| event_invite_decide(id, input),
        afterwards::<_, EventInvite>(data, "Taken back"),
    );
    view! {
        <Confirm id=format!("invite-{id}") label="Take back" icon=Icon::TRASH title="Take this invitation back?" confirm="Take back" run=run extra=json!({ "status": InviteStatus::Expired }) square="Take the invitation back">
            <p>"Nobody comes in by it from now on. Who has come by it already stays."</p>
        </Confirm>
    }
    .into_any()
}

fn direct(data: Loading<Data>, event: &Event, kinds: Options) -> AnyView {
    let id = event.id;
    let run = submit(
        move |input: NewInvite| event_invite_create(id, input),
        afterwards::<_, EventInvite>(data, "The invitation is on its way"),
    );
    view! {
        <Confirm id="invite-one" label="Invite somebody" icon=Icon::MAIL title=format!("Whom do you ask to {}?", event.title) confirm="Invite" run=run extra=json!({ "invite_type": InviteType::Direct }) danger=false>
            <Find name="invited_user_id" label="Person" of=HitKind::User/>
            <Pick name="ticket_type_id" label="Ticket type" options=kinds hint="None chosen: the first on show."/>
            <Field name="seats" label="Seats" kind="number" check={whole::<Party>} value="1" required=true/>
            <Area name="message" label="Message" check={rule::<Note>}/>
        </Confirm>
    }
    .into_any()
}

fn share(data: Loading<Data>, event: &Event, kinds: Options, link: Link) -> AnyView {
    let id = event.id;
    let run = submit(
        move |input: NewInvite| event_invite_create(id, input),
        move |made: EventInvite| {
            link.set(made.link.map(|link| (id, link)));
            data.refetch();
        },
    );
    view! {
        <Confirm id="invite-link" label="Make a link" icon=Icon::EXTERNAL title=format!("Make a link to {}?", event.title) confirm="Make the link" run=run extra=json!({ "invite_type": InviteType::ShareLink }) danger=false>
            <p>"Whoever has it may come. It holds for two weeks, and at latest until the event is over."</p>
            <Pick name="ticket_type_id" label="Ticket type" options=kinds hint="None chosen: the first on show."/>
            <Field name="seats" label="Seats for each" kind="number" check={whole::<Party>} value="1" required=true/>
            <Field name="max_uses" label="How often it can be used" kind="number" check={whole::<Seats>} value="50"/>
        </Confirm>
    }
    .into_any()
}
