//! The ticket types of an event.

use eventify::Error;
use eventify::events::{Event, Seats};
use eventify::finance::EventRevenue;
use eventify::kernel::error::{FieldErrors, Validate, invalid_input};
use eventify::kernel::money::{Amount, Currency, Money, count};
use eventify::kernel::patch::Patch;
use eventify::kernel::text::{Note, Title};
use eventify::kernel::timestamp::Timestamp;
use eventify::tickets::operations::{ticket_type_add, ticket_type_retire, ticket_type_update};
use eventify::tickets::{EventSummary, NewTicketType, Party, TicketType, TicketTypeId, TicketTypePatch};
use eventify::zones::Zone;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::data::Data;
use super::head::Rights;
use super::{afterwards, clock, money, nothing};
use crate::ui::{
    Area, Column, Confirm, Field, Flag, Icon, ListQuery, Loading, Nothing, Options, Submit, Table, Tone, badge,
    integer, menu, menu_act, now, rule, submit,
};

/// What the form holds.
#[derive(Clone, Debug, Deserialize)]
struct Fields {
    name: Title,
    #[serde(default)]
    description: Option<Note>,
    free: bool,
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
            errors.entry("sales_end_at".to_owned()).or_default().push("must be after the start of sales".to_owned());
        }
        if !self.free && self.amount.is_none() {
            errors.entry("amount".to_owned()).or_default().push("is required, or switch on Free".to_owned());
        }
    }
}

impl Fields {
    /// What it costs; an amount that was typed before it was made free does not count.
    fn price(&self, currency: &Currency) -> Result<Money, Error> {
        let free = || Money { minor: 0, currency: currency.clone() };
        match self.amount.as_ref().filter(|_| !self.free) {
            Some(amount) => amount.exactly_in(currency).map_err(|message| invalid_input().field("amount", message)),
            None => Ok(free()),
        }
    }

    /// From when to when it is sold, as moments.
    fn times(&self, zone: &Zone) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
        Ok((
            clock::moment_or_none(self.sales_start_at, zone, "sales_start_at")?,
            clock::moment_or_none(self.sales_end_at, zone, "sales_end_at")?,
        ))
    }
}

/// The types as choices.
pub fn choices(ticket_types: &[TicketType]) -> Options {
    let name = |ticket_type: &TicketType| match ticket_type.hidden {
        true => format!("{} (hidden)", ticket_type.name),
        false => ticket_type.name.clone(),
    };
    ticket_types.iter().map(|ticket_type| (ticket_type.id.to_string(), name(ticket_type))).collect()
}

/// The tab.
pub fn tab(
    data: Loading<Data>,
    (event, zone): (&Event, &Zone),
    list: Vec<TicketType>,
    (summary, revenue): (&EventSummary, Option<&EventRevenue>),
    rights: Rights,
) -> AnyView {
    let clocks = zone.clone();
    let sales =
        summary.types.iter().map(|ticket_type| (ticket_type.ticket_type_id, money::of_type(ticket_type, revenue)));
    let sales: Vec<_> = sales.filter(|(_, paid)| paid.minor > 0).collect();
    let open = !event.status.is_over();
    let changes = rights.manages_tickets && open;
    let yet = ("No ticket types yet", "Add one. Publishing without one adds a free ticket type.");
    let empty = nothing(event.status, yet, ("No ticket types", "This event had none."));
    let mut table = Table::new("Ticket types", ListQuery::default())
        .counts("ticket type", "ticket types")
        .csv_of(format!("/events/{}/ticket-types/export", event.id), &())
        .column(Column::head("Name", name))
        .column(Column::new("Price", |k: &TicketType| k.price.price().into_any()).number())
        .column(Column::new("Sold", |k: &TicketType| taken(k).into_any()).number())
        .column(
            Column::new(
                "Available",
                move |k: &TicketType| if open && !k.sale_is_over(now()) { available(k) } else { "–".into_any() },
            )
            .number(),
        )
        .column(Column::new(money::income_title(revenue), move |k: &TicketType| income(k, &sales)).number())
        .column(
            Column::new(
                "On sale",
                move |ticket_type: &TicketType| {
                    if open { sale(ticket_type, &clocks) } else { "Sales ended".into_any() }
                },
            )
            .low(),
        )
        .empty(empty.0, empty.1, None);
    if changes {
        let (event, zone) = (event.clone(), zone.clone());
        table = table.column(Column::actions(move |ticket_type: &TicketType| {
            ticket_type_actions(data, &event, &zone, ticket_type)
        }));
    }
    let add = changes.then(|| add(data, event, zone));
    let seats = open.then(|| seats_left(list.len(), summary));
    view! { <div class="stack">{add.map(|add| view! { <div class="row">{add}</div> })}{table.all(list)}{seats}</div> }
        .into_any()
}

/// How many more of one can be sold: what is left of its own number, and no more than the event has free seats.
fn available(ticket_type: &TicketType) -> AnyView {
    let shared = ticket_type.quota.is_none().then(|| match ticket_type.available {
        0 => view! { <small>"Sold out"</small> },
        _ => view! { <small>"All free seats"</small> },
    });
    view! { {ticket_type.available}{shared} }.into_any()
}

/// What the numbers above do not add up to.
fn seats_left(types: usize, summary: &EventSummary) -> AnyView {
    let (free, capacity) = (count(summary.free.into()), count(summary.capacity.into()));
    let shared = if types > 1 { " Ticket types share them, so the numbers under “Available” overlap." } else { "" };
    view! { <p class="muted">{format!("{free} of {capacity} seats are free.{shared}")}</p> }.into_any()
}

fn taken(ticket_type: &TicketType) -> String {
    match ticket_type.quota {
        Some(quota) => format!("{} / {quota}", ticket_type.sold_count),
        None => ticket_type.sold_count.to_string(),
    }
}

/// What it brought in.
fn income(ticket_type: &TicketType, sales: &[(TicketTypeId, Money)]) -> AnyView {
    let paid = sales.iter().find(|(id, _)| *id == ticket_type.id);
    paid.map_or_else(|| "–".to_owned(), |(_, paid)| paid.display()).into_any()
}

fn name(ticket_type: &TicketType) -> AnyView {
    let hidden = ticket_type.hidden.then(|| view! { " "{badge(Tone::Neutral, "Hidden")} });
    let about =
        (!ticket_type.description.is_empty()).then(|| view! { <small>{ticket_type.description.clone()}</small> });
    view! { {ticket_type.name.clone()}{hidden}{about} }.into_any()
}

fn sale(ticket_type: &TicketType, zone: &Zone) -> AnyView {
    let text = match (ticket_type.sales_start_at, ticket_type.sales_end_at) {
        (_, Some(to)) if ticket_type.sale_is_over(now()) => format!("Ended {}", zone.display(to)),
        (None, None) => "Always".to_owned(),
        (Some(from), None) => format!("From {}", zone.display(from)),
        (None, Some(to)) => format!("Until {}", zone.display(to)),
        (Some(from), Some(to)) => format!("{} – {}", zone.display(from), zone.display(to)),
    };
    text.into_any()
}

/// The fields, for a new one and for one that is there.
fn fields(event: &Event, zone: &Zone, ticket_type: Option<&TicketType>) -> AnyView {
    let text = |of: fn(&TicketType) -> String| ticket_type.map(of).unwrap_or_default();
    let time = |of: fn(&TicketType) -> Option<Timestamp>| {
        ticket_type.and_then(of).map(|at| zone.field(at)).unwrap_or_default()
    };
    let clocks = zone.label(event.start_at);
    let (from, until) = (format!("On sale from, {clocks}"), format!("On sale until, {clocks}"));
    let price = format!("Price in {}", event.ticket_price.currency);
    let amount = ticket_type
        .filter(|ticket_type| ticket_type.price.minor > 0)
        .map(|ticket_type| ticket_type.price.display())
        .unwrap_or_default();
    let free = ticket_type.is_some_and(|ticket_type| ticket_type.price.minor == 0);
    let most = ticket_type.map_or(4, |k| k.per_order_limit).to_string();
    let priced = match ticket_type.filter(|ticket_type| ticket_type.sold_count > 0) {
        Some(sold) => {
            let said = format!("Price: {}. Locked: {} sold.", sold.price.price(), count(sold.sold_count.into()));
            view! { <p class="muted">{said}</p> }.into_any()
        }
        None => view! {
            <Flag name="free" label="Free" value=free/>
            <div class="when-paid">
                <Field name="amount" label=price check={rule::<Amount>} value=amount hint="Locked after the first sale"/>
            </div>
        }
        .into_any(),
    };
    view! {
        <Field name="name" label="Name" check={rule::<Title>} required=true value=text(|k| k.name.clone())/>
        <Area name="description" label="Description" check={rule::<Note>} emptyable=true value=text(|k| k.description.clone())/>
        {priced}
        <Field name="quota" label="Quantity" kind="number" check={integer::<Seats>} value=text(|k| k.quota.map(|n| n.to_string()).unwrap_or_default()) hint="Leave empty for no limit"/>
        <Field name="per_order_limit" label="Max per person" kind="number" check={integer::<Party>} required=true value=most/>
        <Field name="sales_start_at" label=from kind="datetime-local" value=time(|k| k.sales_start_at)/>
        <Field name="sales_end_at" label=until kind="datetime-local" after=("sales_start_at", "the start") value=time(|k| k.sales_end_at)/>
        <Flag name="hidden" label="Hidden" hint="Available by promo code, by invitation or from the organiser only" value=ticket_type.is_some_and(|k| k.hidden)/>
    }
    .into_any()
}

fn add(data: Loading<Data>, event: &Event, zone: &Zone) -> AnyView {
    let (id, currency, clocks) = (event.id, event.ticket_price.currency.clone(), zone.clone());
    let call = move |fields: Fields| {
        let times = fields.times(&clocks);
        let price = fields.price(&currency);
        async move {
            let (sales_start_at, sales_end_at) = times?;
            let input = NewTicketType {
                name: fields.name,
                description: fields.description,
                price: Some(price?),
                quota: fields.quota,
                sales_start_at,
                sales_end_at,
                per_order_limit: Some(fields.per_order_limit),
                hidden: fields.hidden,
            };
            ticket_type_add(id, input).await
        }
    };
    let run = submit(call, afterwards::<_, TicketType>(data, "Ticket type added"));
    let (owned, zone) = (event.clone(), zone.clone());
    view! {
        <Confirm id="kind-add" label="Add ticket type" icon=Icon::PLUS title="Add ticket type" confirm="Add ticket type" run=run danger=false>
            {fields(&owned, &zone, None)}
        </Confirm>
    }
    .into_any()
}

/// Changes one: `amount` only where it is another one, since the price of a type that sells stays.
fn update(data: Loading<Data>, ticket_type: &TicketType, zone: &Zone) -> Submit {
    let (id, before, clocks) = (ticket_type.id, ticket_type.price.clone(), zone.clone());
    let call = move |fields: Fields| {
        let times = fields.times(&clocks);
        let price = fields.price(&before.currency).map(|wanted| (wanted != before).then_some(wanted));
        async move {
            let time = |at: Option<Timestamp>| at.map_or(Patch::Null, Patch::Value);
            let (from, until) = times?;
            let patch = TicketTypePatch {
                name: Some(fields.name),
                description: fields.description,
                price: price?,
                quota: fields.quota.map_or(Patch::Null, Patch::Value),
                sales_start_at: time(from),
                sales_end_at: time(until),
                per_order_limit: Some(fields.per_order_limit),
                hidden: Some(fields.hidden),
                version: fields.version,
            };
            ticket_type_update(id, patch).await
        }
    };
    submit(call, afterwards::<_, TicketType>(data, "Saved"))
}

/// The same, for whether it is public alone.
fn set_hidden(data: Loading<Data>, ticket_type: &TicketType) -> (AnyView, AnyView) {
    let (id, name) = (ticket_type.id, ticket_type.name.clone());
    let patch = TicketTypePatch {
        hidden: Some(!ticket_type.hidden),
        version: ticket_type.version,
        ..TicketTypePatch::default()
    };
    let said = if ticket_type.hidden { "Ticket type is public" } else { "Ticket type is hidden" };
    let run = submit(move |_: Nothing| ticket_type_update(id, patch.clone()), afterwards::<_, TicketType>(data, said));
    let (label, icon, title, text) = match ticket_type.hidden {
        true => ("Show", Icon::EYE, format!("Make {name} public?"), "Everyone sees it while it is on sale."),
        false => (
            "Hide",
            Icon::LOCK,
            format!("Hide {name}?"),
            "It stays available by promo code, by invitation and from the organiser.",
        ),
    };
    let act = menu_act(format!("kind-show-{id}"), format!("{label} {name}…"), icon, false);
    let dialog = view! {
        <Confirm id=format!("kind-show-{id}") label=label icon=icon title=title confirm=label run=run danger=false in_menu=true>
            <p>{text}</p>
        </Confirm>
    };
    (act, dialog.into_any())
}

fn ticket_type_actions(data: Loading<Data>, event: &Event, zone: &Zone, ticket_type: &TicketType) -> AnyView {
    let (id, name) = (ticket_type.id, ticket_type.name.clone());
    let gone =
        submit(move |_: Nothing| ticket_type_retire(id), afterwards::<_, ()>(data, "Ticket type is no longer sold"));
    let (owned, clocks, now) = (event.clone(), zone.clone(), ticket_type.clone());
    let (show, shows) = set_hidden(data, ticket_type);
    // The price of what is sold is no field: it goes as it is.
    let extra = match (ticket_type.sold_count > 0, ticket_type.price.minor) {
        (false, _) => json!({ "version": ticket_type.version }),
        (true, 0) => json!({ "version": ticket_type.version, "free": true }),
        (true, _) => json!({ "version": ticket_type.version, "free": false, "amount": ticket_type.price.display() }),
    };
    let stop = menu_act(format!("kind-gone-{id}"), format!("Stop selling {name}…"), Icon::X, true);
    view! {
        <div class="row">
            <Confirm id=format!("kind-{id}") label="Edit" icon=Icon::EDIT title=format!("Edit {name}") confirm="Save" run=update(data, ticket_type, zone) extra=extra danger=false class="btn small">
                {fields(&owned, &clocks, Some(&now))}
            </Confirm>
            {menu(format!("More for {name}"), vec![show, stop])}
            {shows}
            <Confirm id=format!("kind-gone-{id}") label="Stop selling" icon=Icon::X title=format!("Stop selling {name}?") confirm="Stop selling" keep="Keep selling" run=gone in_menu=true>
                <p>"Tickets already sold stay valid. Guests on its waiting list are removed from it and notified. This can't be undone."</p>
            </Confirm>
        </div>
    }
    .into_any()
}
