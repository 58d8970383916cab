//! Ticket types, and promo codes. [003 ticket_types]

use operation::{FieldErrors, Validate, say};
use serde::Serialize;

use super::{Party, PromoCodeId, PromoWord, TicketTypeId};
use crate::access::wire;
use crate::events::{EventId, Percent, Seats};
use crate::kernel::money::Money;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Note, Title, counted};
use crate::kernel::timestamp::Timestamp;
use crate::zones::Zone;

wire! {
    /// A ticket type of an event.
    pub struct TicketType {
        pub id: TicketTypeId,
        pub event_id: EventId,
        pub name: String,
        pub description: String,
        pub price: Money,
        /// The price with the promo code that was given, where it works for this kind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub promo_price: Option<Money>,
        /// Seats of this type; without one the event's capacity is the limit.
        pub quota: Option<i32>,
        pub sales_start_at: Option<Timestamp>,
        pub sales_end_at: Option<Timestamp>,
        /// The most seats one person takes.
        pub per_order_limit: i32,
        /// Only with a promo code that opens it, by invitation, or from the organiser.
        pub hidden: bool,
        pub position: i32,
        /// Seats of guests who are going or inside.
        pub sold_count: i32,
        /// Seats available now.
        pub available: i32,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new ticket type.
    #[serde(deny_unknown_fields)]
    pub struct NewTicketType {
        pub name: Title,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Note>,
        /// Free if absent; in the event's currency.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub price: Option<Money>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub quota: Option<Seats>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sales_start_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sales_end_at: Option<Timestamp>,
        /// 4 if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub per_order_limit: Option<Party>,
        #[serde(default)]
        pub hidden: bool,
    }

    /// Changes to a ticket type. Its price stays once tickets of it were taken.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct TicketTypePatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<Title>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Note>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub price: Option<Money>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub quota: Patch<Seats>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub sales_start_at: Patch<Timestamp>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub sales_end_at: Patch<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub per_order_limit: Option<Party>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub hidden: Option<bool>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// A promo code.
    pub struct PromoCode {
        pub id: PromoCodeId,
        pub event_id: EventId,
        pub code: String,
        /// All types if absent.
        pub ticket_type_id: Option<TicketTypeId>,
        /// Percent off each seat.
        pub discount_percent: String,
        /// Opens hidden types.
        pub unlocks_hidden: bool,
        /// The most tickets it is good for.
        pub max_uses: Option<i32>,
        /// Tickets that stand, and seats that are held; cancelled ones come back.
        pub uses: i64,
        pub valid_from: Option<Timestamp>,
        pub valid_until: Option<Timestamp>,
        pub revoked_at: Option<Timestamp>,
        pub created_at: Timestamp,
    }

    /// A new promo code.
    #[serde(deny_unknown_fields)]
    pub struct NewPromoCode {
        pub code: PromoWord,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub ticket_type_id: Option<TicketTypeId>,
        /// 0 if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub discount_percent: Option<Percent>,
        #[serde(default)]
        pub unlocks_hidden: bool,
        /// The most tickets it is good for; without a limit if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub max_uses: Option<Seats>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub valid_from: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub valid_until: Option<Timestamp>,
    }
}

/// What a ticket may cost, in minor units.
const DEAREST: i64 = 100_000_000_000;

fn check_price(errors: &mut FieldErrors, price: Option<&Money>) {
    let Some(price) = price else { return };
    if price.minor < 0 {
        say(errors, "price", "must be 0 or more");
    } else if price.minor > DEAREST {
        let most = Money { minor: DEAREST, currency: price.currency.clone() };
        say(errors, "price", &format!("must be at most {}", most.display()));
    }
}

fn check_window(errors: &mut FieldErrors, field: &str, from: Option<Timestamp>, to: Option<Timestamp>) {
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        say(errors, field, "must be after the start");
    }
}

impl Validate for NewTicketType {
    fn check(&self, errors: &mut FieldErrors) {
        check_price(errors, self.price.as_ref());
        check_window(errors, "sales_end_at", self.sales_start_at, self.sales_end_at);
    }
}
impl Validate for TicketTypePatch {
    fn check(&self, errors: &mut FieldErrors) {
        check_price(errors, self.price.as_ref());
        if self == &(TicketTypePatch { version: self.version, ..TicketTypePatch::default() }) {
            say(errors, "name", "change at least one field");
        }
    }
}
impl Validate for NewPromoCode {
    fn check(&self, errors: &mut FieldErrors) {
        check_window(errors, "valid_until", self.valid_from, self.valid_until);
        if self.discount_percent.is_none() && !self.unlocks_hidden {
            say(errors, "discount_percent", "choose a discount, hidden ticket types, or both");
        }
    }
}

/// What publishing puts on sale, a sentence for each ticket type: an event that has none gets a free one.
pub fn going_on_sale(ticket_types: &[TicketType], capacity: i32, zone: &Zone, now: Timestamp) -> Vec<String> {
    if ticket_types.is_empty() {
        return vec![format!("Standard is added and goes on sale: free, {}", counted(capacity, "seat"))];
    }
    ticket_types.iter().map(|ticket_type| going_on(ticket_type, capacity, zone, now)).collect()
}

/// `Standard goes on sale: ₹900, 150 seats`.
fn going_on(ticket_type: &TicketType, capacity: i32, zone: &Zone, now: Timestamp) -> String {
    let name = &ticket_type.name;
    let what = match (ticket_type.hidden, ticket_type.sales_start_at, ticket_type.sales_end_at) {
        (_, _, Some(end)) if end <= now => format!("{name} is no longer on sale"),
        (true, ..) => format!("{name} stays hidden, for promo codes and invitations"),
        (_, Some(start), _) if start > now => format!("{name} goes on sale on {}", zone.brief(start)),
        _ => format!("{name} goes on sale"),
    };
    let price = if ticket_type.price.minor == 0 { "free".to_owned() } else { ticket_type.price.display() };
    format!("{what}: {price}, {}", counted(ticket_type.quota.unwrap_or(capacity).min(capacity), "seat"))
}

impl TicketType {
    /// Whether its sale has ended: nobody can book it any more.
    pub fn sale_is_over(&self, now: Timestamp) -> bool {
        self.sales_end_at.is_some_and(|end| end <= now)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::money::Currency;

    #[test]
    fn what_goes_on_sale_is_said_with_names_and_numbers() {
        let moment = |text: &str| Timestamp::parse(text).unwrap();
        let now = moment("2026-11-27T10:00:00Z");
        let zone = Zone { name: "UTC".to_owned(), changes: Vec::new() };
        let standard = TicketType {
            id: TicketTypeId(Uuid::nil()),
            event_id: EventId(Uuid::nil()),
            name: "Standard".to_owned(),
            description: String::new(),
            price: Money { minor: 90_000, currency: Currency::parse("INR").unwrap() },
            promo_price: None,
            quota: None,
            sales_start_at: None,
            sales_end_at: None,
            per_order_limit: 4,
            hidden: false,
            position: 0,
            sold_count: 0,
            available: 150,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        let said = |ticket_types: &[TicketType]| going_on_sale(ticket_types, 150, &zone, now);
        assert_eq!(said(&[]), ["Standard is added and goes on sale: free, 150 seats"]);
        let crew = TicketType { name: "Crew".to_owned(), hidden: true, quota: Some(1), ..standard.clone() };
        let later = TicketType { sales_start_at: Some(moment("2026-12-05T10:00:00Z")), ..standard.clone() };
        let over = TicketType { sales_end_at: Some(now), ..standard.clone() };
        let all = said(&[standard, crew, later, over]);
        assert_eq!(all[0], "Standard goes on sale: ₹900, 150 seats");
        assert_eq!(all[1], "Crew stays hidden, for promo codes and invitations: ₹900, 1 seat");
        assert!(all[2].starts_with("Standard goes on sale on Sat 5 Dec, 10:00"), "{}", all[2]);
        assert_eq!(all[3], "Standard is no longer on sale: ₹900, 150 seats");
    }
}
