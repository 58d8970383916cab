//! The form of the desk: what a sale comes to is said before the tickets are issued, and what to collect stays on the
//! page until the cash is there.

use eventify::events::EventId;
use eventify::finance::operations::door_sale_make;
use eventify::finance::{DoorSale, NewDoorSale};
use eventify::kernel::money::Money;
use eventify::kernel::text::{Email, PersonName, counted};
use eventify::tickets::TicketType;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement};

use super::Data;
use crate::ui::{Field, Form, Loading, Pick, PickOne, Tone, dom, note, rule, submit};

/// The sale that was just made; kept by the page, which is drawn anew after each.
pub type Sold = RwSignal<Option<DoorSale>>;

/// Where it is told.
const SOLD: &str = "door-sold";

/// What the form says now.
#[derive(Clone)]
struct Chosen {
    kind: String,
    seats: Option<i32>,
    cash: bool,
}

impl Chosen {
    /// As it stands in the form around an event's target.
    fn read(event: &web_sys::Event) -> Option<Self> {
        let form: HtmlFormElement = dom::closest(event, "form")?.dyn_into().ok()?;
        let data = FormData::new_with_form(&form).ok()?;
        let text = |name: &str| data.get(name).as_string().unwrap_or_default();
        Some(Self {
            kind: text("ticket_type_id"),
            seats: text("seats").trim().parse().ok(),
            cash: text("method") == "cash",
        })
    }

    /// What the button says: how many tickets, and how much to collect for them.
    fn words(&self, prices: &[(String, Money)]) -> String {
        let price = prices.iter().find(|(kind, _)| *kind == self.kind).map(|(_, price)| price);
        let (Some(price), Some(seats @ 1..)) = (price, self.seats) else { return "Issue tickets".to_owned() };
        let minor = if self.cash { price.minor.saturating_mul(i64::from(seats)) } else { 0 };
        match minor {
            0 => format!("Issue {}", counted(seats, "free ticket")),
            minor => {
                let due = Money { minor, currency: price.currency.clone() };
                format!("Issue {} · collect {}", counted(seats, "ticket"), due.display())
            }
        }
    }
}

/// The form, under what the last sale came to.
pub fn form(data: Loading<Data>, sold: Sold, id: EventId, types: &[TicketType]) -> AnyView {
    let option = |kind: &TicketType| {
        (kind.id.to_string(), format!("{} · {} · {} left", kind.name, kind.price.price(), kind.available))
    };
    let options: Vec<_> = types.iter().map(option).collect();
    let prices: Vec<_> = types.iter().map(|kind| (kind.id.to_string(), kind.price.clone())).collect();
    let first = prices.first().map(|(id, _)| id.clone()).unwrap_or_default();
    let chosen = RwSignal::new(Chosen { kind: first.clone(), seats: Some(1), cash: true });
    let follow = move |event: web_sys::Event| {
        if let Some(now) = Chosen::read(&event) {
            chosen.set(now);
        }
    };
    let methods = vec![
        ("cash".to_owned(), "Cash".to_owned(), "Collect the price of the tickets from the guest".to_owned()),
        ("comp".to_owned(), "Complimentary".to_owned(), "For guests of the organiser".to_owned()),
    ];
    let run = submit(
        move |input: NewDoorSale| door_sale_make(id, input),
        move |sale: DoorSale| {
            sold.set(Some(sale));
            request_animation_frame(|| dom::focus(SOLD));
            data.refetch();
        },
    );
    let last = move || sold.get().filter(|sale| sale.event_id == id).map(|sale| told(sold, &sale));
    let says = Signal::derive(move || chosen.with(|chosen| chosen.words(&prices)));
    view! {
        <div class="door-sold" id=SOLD tabindex="-1" role="status">{last}</div>
        <div on:input=follow>
            <Form id="door-sale" submit=run label="Issue tickets" says=says fresh=true guarded=false>
                <div class="grid-2">
                    <Pick name="ticket_type_id" label="Ticket type" options=options value=first required=true/>
                    <Field name="seats" label="Tickets" kind="number" value="1" required=true/>
                    <Field name="name" label="Guest name" check={rule::<PersonName>} required=true/>
                    <Field name="email" label="Email" check={rule::<Email>} hint="Tickets are sent there. Leave empty if the guest enters by name."/>
                </div>
                <PickOne name="method" label="Payment" options=methods value="cash"/>
            </Form>
        </div>
    }
    .into_any()
}

/// What to collect for the tickets that were issued, and from whom.
fn told(sold: Sold, sale: &DoorSale) -> AnyView {
    let name = sale.name.clone().unwrap_or_else(|| "the guest".to_owned());
    let issued = format!("{} issued", counted(sale.seats, "ticket"));
    let (tone, title, text, done) = match sale.amount.minor {
        0 => (Tone::Success, format!("{issued} to {name}"), format!("{} · complimentary", sale.ticket_type), "Close"),
        _ => (
            Tone::Warning,
            format!("Collect {} from {name}", sale.amount.display()),
            format!("{issued} · {}", sale.ticket_type),
            "Cash received",
        ),
    };
    let href = format!("/events/{}?tab=guests&guest={}", sale.event_id, sale.attendee_id);
    let text = view! { <p>{text}" · "<a href=href>"Show tickets"</a></p> };
    let done = view! { <button class="btn small" type="button" on:click=move |_| sold.set(None)>{done}</button> };
    note(tone, &title, text, Some(done.into_any()))
}

#[cfg(test)]
mod tests {
    use eventify::kernel::money::{Currency, Money};

    use super::Chosen;

    #[test]
    fn the_button_says_what_to_collect() {
        let rupees = |minor| Money { minor, currency: Currency::parse("INR").unwrap() };
        let prices = [("early".to_owned(), rupees(70_000)), ("free".to_owned(), rupees(0))];
        let words = |kind: &str, seats, cash| Chosen { kind: kind.to_owned(), seats, cash }.words(&prices);
        assert_eq!(words("early", Some(3), true), "Issue 3 tickets · collect ₹2,100");
        assert_eq!(words("early", Some(1), true), "Issue 1 ticket · collect ₹700");
        assert_eq!(words("early", Some(2), false), "Issue 2 free tickets");
        assert_eq!(words("free", Some(1), true), "Issue 1 free ticket");
        for (kind, seats) in [("early", None), ("early", Some(0)), ("early", Some(-1)), ("", Some(2))] {
            assert_eq!(words(kind, seats, true), "Issue tickets");
        }
    }
}
