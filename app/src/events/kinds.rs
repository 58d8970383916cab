//! The ticket types of an event.

use eventify::Error;
use eventify::events::{Event, EventStatus, Seats};
use eventify::kernel::error::{FieldErrors, Validate, invalid_input};
use eventify::kernel::money::{Amount, Currency, Money};
use eventify::kernel::patch::Patch;
use eventify::kernel::text::{Note, Title};
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{ticket_type_add, ticket_type_retire, ticket_type_update};
use eventify::tickets::{NewTicketType, Party, TicketType, TicketTypePatch};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::detail::{Data, Rights};
use super::{afterwards, clock};
use crate::ui::{
    Area, Column, Confirm, Field, Flag, Icon, ListQuery, Loading, Nothing, Options, Submit, Table, Tone, badge, rule,
    submit, whole,
};

/// What the form holds.
#[derive(Clone, Debug, Deserialize)]
struct Fields {
    name: Title,
    #[serde(default)]
    description: Option<Note>,
    #[serde(default)]
    amount: Option<Amount>,
    #[serde(default)]
    quota: Option<Seats>,
    #[serde(default)]
    sales_start_at: Option<Timestamp>,
    #[serde(default)]
    sales_end_at: Option<Timestamp>,
    per_order_limit: Party,
    hidden: bool,
    #[serde(default)]
    version: i64,
}
impl Validate for Fields {
    fn check(&self, errors: &mut FieldErrors) {
        if self.sales_start_at.zip(self.sales_end_at).is_some_and(|(from, to)| from >= to) {
            errors.entry("sales_end_at".to_owned()).or_default().push("must be after the beginning".to_owned());
        }
    }
}

/// The types as choices.
pub fn choices(kinds: &[TicketType]) -> Options {
    let name = |kind: &TicketType| match kind.hidden {
        true => format!("{} (hidden)", kind.name),
        false => kind.name.clone(),
    };
    kinds.iter().map(|kind| (kind.id.to_string(), name(kind))).collect()
}

/// The tab.
pub fn tab(data: Loading<Data>, event: &Event, list: Vec<TicketType>, rights: Rights) -> AnyView {
    let open = !matches!(event.status, EventStatus::Ended | EventStatus::Cancelled);
    let changes = rights.manages_tickets && open;
    let mut table = Table::new("Ticket types", ListQuery::default())
        .column(Column::head("Name", name))
        .column(
            Column::new("Price", |k: &TicketType| match k.price.minor {
                0 => "Free".into_any(),
                _ => k.price.display().into_any(),
            })
            .number(),
        )
        .column(Column::new("Taken", |k: &TicketType| taken(k).into_any()).number())
        .column(Column::new("Can be had", |k: &TicketType| k.available.into_any()).number())
        .column(Column::new("Sale", sale).low())
        .empty("No ticket types yet", "When it is published without one, it gets a free one.", None);
    if changes {
        let event = event.clone();
        table = table.column(Column::actions(move |kind: &TicketType| kind_actions(data, &event, kind)));
    }
    let add = changes.then(|| add(data, event));
    view! { <div class="stack"><div class="row">{add}</div>{table.all(list)}</div> }.into_any()
}

fn taken(kind: &TicketType) -> String {
    match kind.quota {
        Some(quota) => format!("{} / {quota}", kind.sold_count),
        None => kind.sold_count.to_string(),
    }
}

fn name(kind: &TicketType) -> AnyView {
    let hidden = kind.hidden.then(|| view! { " "{badge(Tone::Neutral, "Hidden")} });
    let about = (!kind.description.is_empty()).then(|| view! { <small>{kind.description.clone()}</small> });
    view! { {kind.name.clone()}{hidden}{about} }.into_any()
}

fn sale(kind: &TicketType) -> AnyView {
    let text = match (kind.sales_start_at, kind.sales_end_at) {
        (None, None) => "Always".to_owned(),
        (Some(from), None) => format!("From {}", from.display()),
        (None, Some(to)) => format!("Until {}", to.display()),
        (Some(from), Some(to)) => format!("{} – {}", from.display(), to.display()),
    };
    text.into_any()
}

/// The fields, for a new one and for one that is there.
fn fields(event: &Event, kind: Option<&TicketType>) -> AnyView {
    let text = |of: fn(&TicketType) -> String| kind.map(of).unwrap_or_default();
    let time = |of: fn(&TicketType) -> Option<Timestamp>| kind.and_then(of).map(clock::typed).unwrap_or_default();
    let price = format!("Price in {}", event.ticket_price.currency);
    let most = kind.map_or(4, |k| k.per_order_limit).to_string();
    view! {
        <Field name="name" label="Name" check={rule::<Title>} required=true value=text(|k| k.name.clone())/>
        <Area name="description" label="What it holds" check={rule::<Note>} emptyable=true value=text(|k| k.description.clone())/>
        <Field name="amount" label=price check={rule::<Amount>} value=text(|k| k.price.decimal()) hint="Empty: free. It stays once seats are taken."/>
        <Field name="quota" label="Seats of this type" kind="number" check={whole::<Seats>} value=text(|k| k.quota.map(|n| n.to_string()).unwrap_or_default()) hint="Empty: as many as the event has."/>
        <Field name="per_order_limit" label="Most for one person" kind="number" check={whole::<Party>} required=true value=most/>
        <Field name="sales_start_at" label="On sale from (UTC)" kind="datetime-local" value=time(|k| k.sales_start_at)/>
        <Field name="sales_end_at" label="On sale until (UTC)" kind="datetime-local" value=time(|k| k.sales_end_at)/>
        <Flag name="hidden" label="Hidden" hint="Only by promo code, by invitation, or from the organiser." value=kind.is_some_and(|k| k.hidden)/>
    }
    .into_any()
}

/// The amount in the event's currency, or what is wrong with it.
fn price(amount: &Amount, currency: &Currency) -> Result<Money, Error> {
    amount.exactly_in(currency).map_err(|message| invalid_input().field("amount", message))
}

fn add(data: Loading<Data>, event: &Event) -> AnyView {
    let (id, currency) = (event.id, event.ticket_price.currency.clone());
    let call = move |fields: Fields| {
        let price = fields.amount.map(|amount| price(&amount, &currency)).transpose();
        let new = price.map(|price| NewTicketType {
            name: fields.name,
            description: fields.description,
            price,
            quota: fields.quota,
            sales_start_at: fields.sales_start_at,
            sales_end_at: fields.sales_end_at,
            per_order_limit: Some(fields.per_order_limit),
            hidden: fields.hidden,
        });
        async move { ticket_type_add(id, new?).await }
    };
    let run = submit(call, afterwards::<_, TicketType>(data, "Ticket type added"));
    let (title, owned) = (format!("Another way into {}", event.title), event.clone());
    view! {
        <Confirm id="kind-add" label="Add a ticket type" icon=Icon::PLUS title=title confirm="Add" run=run danger=false>
            {fields(&owned, None)}
        </Confirm>
    }
    .into_any()
}

/// Changes one: `amount` only where it is another one, since the price of a type that sells stays.
fn update(data: Loading<Data>, kind: &TicketType) -> Submit {
    let (id, before) = (kind.id, kind.price.clone());
    let call = move |fields: Fields| {
        let free = Money { minor: 0, currency: before.currency.clone() };
        let wanted = fields.amount.map_or(Ok(free), |amount| price(&amount, &before.currency));
        let time = |at: Option<Timestamp>| at.map_or(Patch::Null, Patch::Value);
        let patch = wanted.map(|wanted| TicketTypePatch {
            name: Some(fields.name),
            description: fields.description,
            price: (wanted != before).then_some(wanted),
            quota: fields.quota.map_or(Patch::Null, Patch::Value),
            sales_start_at: time(fields.sales_start_at),
            sales_end_at: time(fields.sales_end_at),
            per_order_limit: Some(fields.per_order_limit),
            hidden: Some(fields.hidden),
            version: fields.version,
        });
        async move { ticket_type_update(id, patch?).await }
    };
    submit(call, afterwards::<_, TicketType>(data, "Saved"))
}

/// The same, for its standing alone.
fn set_hidden(data: Loading<Data>, kind: &TicketType) -> AnyView {
    let (id, name) = (kind.id, kind.name.clone());
    let patch = TicketTypePatch { hidden: Some(!kind.hidden), version: kind.version, ..TicketTypePatch::default() };
    let said = if kind.hidden { "It is on show" } else { "It is hidden" };
    let run = submit(move |_: Nothing| ticket_type_update(id, patch.clone()), afterwards::<_, TicketType>(data, said));
    let (label, icon, title, text) = match kind.hidden {
        true => ("Show", Icon::EYE, format!("Put {name} on show?"), "Everybody sees it while it is on sale."),
        false => (
            "Hide",
            Icon::LOCK,
            format!("Hide {name}?"),
            "Then it is had by promo code, by invitation, or from the organiser alone.",
        ),
    };
    let square = format!("{label} {name}");
    view! {
        <Confirm id=format!("kind-show-{id}") label=label icon=icon title=title confirm=label run=run danger=false square=square>
            <p>{text}</p>
        </Confirm>
    }
    .into_any()
}

fn kind_actions(data: Loading<Data>, event: &Event, kind: &TicketType) -> AnyView {
    let (id, name) = (kind.id, kind.name.clone());
    let gone = submit(move |_: Nothing| ticket_type_retire(id), afterwards::<_, ()>(data, "Off sale"));
    let (owned, now) = (event.clone(), kind.clone());
    view! {
        <div class="row">
            <Confirm id=format!("kind-{id}") label="Edit" icon=Icon::EDIT title=format!("Change {name}") confirm="Save" run=update(data, kind) extra=json!({ "version": kind.version }) danger=false square=format!("Edit {name}")>
                {fields(&owned, Some(&now))}
            </Confirm>
            {set_hidden(data, kind)}
            <Confirm id=format!("kind-gone-{id}") label="Take off sale" icon=Icon::TRASH title=format!("Take {name} off sale for good?") confirm="Take it off" run=gone square=format!("Take {name} off sale")>
                <p>"Tickets of it that are out stay good. Guests on its waiting list are taken off it and told."</p>
            </Confirm>
        </div>
    }
    .into_any()
}
