//! Ticket types, and promo codes. [003 ticket_types]

use operation::{FieldErrors, Validate, say};
use serde::{Deserialize, Serialize};

use super::{Party, PromoCodeId, PromoWord, TicketTypeId};
use crate::access::wire;
use crate::events::{EventId, Percent, Seats};
use crate::kernel::money::Money;
use crate::kernel::patch::Patch;
use crate::kernel::text::{Note, Title};
use crate::kernel::timestamp::Timestamp;

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
        /// Seats of those who go or are in.
        pub sold_count: i32,
        /// Seats that can be had now.
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
            say(errors, "discount_percent", "say what the code does: a discount, or that it opens hidden types");
        }
    }
}
