//! Ticket types. [003 ticket_types]

use operation::{FieldErrors, Validate, operation};
use serde::Serialize;

use crate::access::wire;
use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::tickets::{NewTicketType, PromoWord, TicketType, TicketTypeId, TicketTypePatch};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{audience, find, find_run, lock},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{Error, invalid_input, invalid_transition, not_found, same_version},
        money::Money,
        patch::Patch,
        permissions::Permission::{TicketsManage, TicketsRead},
        timestamp::Timestamp,
    },
    crate::tickets::errors::capacity_below_taken,
    crate::tickets::{
        bus::TicketTypeChanged,
        follow,
        rules::{is_good, less},
        sql, waiting_list,
    },
};

wire! {
    /// Opens hidden ticket types.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct TicketTypeQuery {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub promo_code: Option<PromoWord>,
    }
}
impl Validate for TicketTypeQuery {
    fn check(&self, _errors: &mut FieldErrors) {}
}

/// List the ticket types of an event with available seats
///
/// Hidden ones are included for those who manage the event, and with a promo code that shows them. If the code applies,
/// `promo_price` is the price of a seat with it. All in one page.
#[operation(GET "/events/{id}/ticket-types", staff = TicketsRead, end_user, public, scoped)]
pub async fn ticket_type_list(db: &mut Reader, id: EventId, query: TicketTypeQuery) -> Result<Page<TicketType>> {
    let run = match audience(db, TicketsRead) {
        crate::events::rules::Viewer::Anyone => None,
        _ => find_run(db, id, TicketsRead).await.ok(),
    };
    let runs = run.is_some();
    let event = match run {
        Some(event) => event,
        None => find(db, id).await?,
    };
    let now = db.now;
    let mut types = waiting_list::free(db, &event).await?.types;
    let promo = match &query.promo_code {
        Some(code) => sql::promo_list(db.conn(), id, Some(code.as_str()), now).await?.into_iter().next(),
        None => None,
    };
    if let Some(row) = &promo {
        for ticket_type in types.iter_mut().filter(|ticket_type| is_good(&row.promo, ticket_type.id, now)) {
            ticket_type.promo_price = Some(less(&ticket_type.price, row.basis_points));
        }
    }
    let opens = promo.is_some_and(|row| row.promo.unlocks_hidden);
    types.retain(|ticket_type| runs || !ticket_type.hidden || opens && ticket_type.promo_price.is_some());
    Ok(types.into())
}

/// One ticket type under the event's lock.
#[cfg(feature = "ssr")]
async fn locked(tx: &mut Tx, event: EventId, id: TicketTypeId) -> Result<TicketType> {
    let now = tx.now;
    let types = sql::type_list(tx.conn(), event, now, true).await?;
    types.into_iter().find(|ticket_type| ticket_type.id == id).ok_or_else(not_found)
}

#[cfg(feature = "ssr")]
fn in_currency(price: &Money, event: &crate::events::Event) -> Result<(), Error> {
    let expected = &event.ticket_price.currency;
    match price.currency == *expected {
        true => Ok(()),
        false => Err(invalid_input().field("price", format!("must be in {expected}, like the event"))),
    }
}

/// A sale that begins when the event is over sells nothing.
#[cfg(feature = "ssr")]
fn must_begin_before(sale: Option<Timestamp>, event: &crate::events::Event) -> Result<(), Error> {
    match sale {
        Some(start) if start >= event.end_at => {
            Err(invalid_input().field("sales_start_at", "must be before the event ends"))
        }
        _ => Ok(()),
    }
}

/// Add a ticket type to an event
#[operation(POST "/events/{id}/ticket-types", staff = TicketsManage, end_user, status = 201, scoped, idempotent,
    errors(already_exists, invalid_transition))]
pub async fn ticket_type_add(tx: &mut Tx, id: EventId, input: NewTicketType) -> Result<TicketType> {
    let event = lock(tx, id, TicketsManage).await?;
    let now = tx.now;
    must_begin_before(input.sales_start_at, &event)?;
    let position = sql::type_list(tx.conn(), id, now, true).await?.last().map_or(0, |last| last.position + 1);
    let price = input.price.unwrap_or(Money { minor: 0, currency: event.ticket_price.currency.clone() });
    in_currency(&price, &event)?;
    let ticket_type = TicketType {
        id: TicketTypeId::new(),
        event_id: id,
        name: input.name.into(),
        description: input.description.map(String::from).unwrap_or_default(),
        price,
        promo_price: None,
        quota: input.quota.map(|seats| seats.count()),
        sales_start_at: input.sales_start_at,
        sales_end_at: input.sales_end_at,
        per_order_limit: input.per_order_limit.map_or(4, |party| party.count()),
        hidden: input.hidden,
        position,
        sold_count: 0,
        available: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    sql::type_insert(tx.conn(), &ticket_type).await?;
    let ticket_type = locked(tx, id, ticket_type.id).await?;
    tx.audit_created("ticket_type.created", &ticket_type);
    tx.emit(&TicketTypeChanged { event_id: id, ticket_type_id: ticket_type.id });
    Ok(ticket_type)
}

/// Update a ticket type
///
/// The price cannot change once seats are booked, and the quantity cannot be lower than the seats booked. Additional
/// seats are offered to the waiting list first.
#[operation(PATCH "/ticket-types/{id}", staff = TicketsManage, end_user, scoped,
    errors(already_exists, conflict, capacity_below_taken, invalid_transition))]
pub async fn ticket_type_update(tx: &mut Tx, id: TicketTypeId, input: TicketTypePatch) -> Result<TicketType> {
    let event_id = sql::type_event(tx.conn(), id).await?;
    let event = lock(tx, event_id, TicketsManage).await.map_err(super::reach::hidden)?;
    let before = locked(tx, event_id, id).await?;
    same_version(input.version, before.version, &before)?;
    let mut wanted = before.clone();
    wanted.name = input.name.map_or(wanted.name, String::from);
    wanted.description = input.description.map_or(wanted.description, String::from);
    wanted.price = input.price.unwrap_or(wanted.price);
    wanted.quota = match input.quota {
        Patch::Absent => wanted.quota,
        Patch::Null => None,
        Patch::Value(seats) => Some(seats.count()),
    };
    let starts = !input.sales_start_at.is_absent();
    wanted.sales_start_at = input.sales_start_at.apply(wanted.sales_start_at);
    wanted.sales_end_at = input.sales_end_at.apply(wanted.sales_end_at);
    wanted.per_order_limit = input.per_order_limit.map_or(wanted.per_order_limit, |party| party.count());
    wanted.hidden = input.hidden.unwrap_or(wanted.hidden);
    if wanted.sales_start_at.zip(wanted.sales_end_at).is_some_and(|(from, to)| from >= to) {
        return Err(invalid_input().field("sales_end_at", "must be after the start"));
    }
    if starts {
        must_begin_before(wanted.sales_start_at, &event)?;
    }
    in_currency(&wanted.price, &event)?;
    let now = tx.now;
    let taken = sql::seats_taken(tx.conn(), event_id, Some(id), now).await?.of_type;
    if taken > 0 && wanted.price != before.price {
        return Err(invalid_transition()
            .detail("Seats of it are booked, so its price cannot change. Add another ticket type instead."));
    }
    if wanted.quota.is_some_and(|quota| i64::from(quota) < taken) {
        let detail = format!("{taken} seats of it are taken or held.");
        return Err(capacity_below_taken().detail(detail.clone()).field("quota", detail));
    }
    sql::type_update(tx.conn(), &wanted).await?;
    waiting_list::promote_waiters(tx, &event).await?;
    let after = locked(tx, event_id, id).await?;
    tx.audit("ticket_type.updated", &before, &after);
    tx.emit(&TicketTypeChanged { event_id, ticket_type_id: id });
    Ok(after)
}

/// Stop selling a ticket type
///
/// Issued tickets stay valid. Guests on its waiting list are removed and notified. The last ticket type of a published
/// event cannot be removed.
#[operation(DELETE "/ticket-types/{id}", staff = TicketsManage, end_user, scoped, errors(invalid_transition))]
pub async fn ticket_type_retire(tx: &mut Tx, id: TicketTypeId) -> Result<()> {
    let event_id = sql::type_event(tx.conn(), id).await?;
    let event = lock(tx, event_id, TicketsManage).await.map_err(super::reach::hidden)?;
    let now = tx.now;
    let types = sql::type_list(tx.conn(), event_id, now, true).await?;
    if types.len() == 1 && event.status.is_open() {
        return Err(invalid_transition().detail("It is the event's last ticket type: add another one first."));
    }
    let before = types.into_iter().find(|ticket_type| ticket_type.id == id).ok_or_else(not_found)?;
    let taken = sql::seats_taken(tx.conn(), event_id, Some(id), now).await?.of_type;
    if taken > i64::from(before.sold_count) {
        return Err(invalid_transition().detail("Seats of it are currently held: try again when they are released."));
    }
    sql::type_retire(tx.conn(), id, now).await?;
    follow::retired(tx, &event, &before).await?;
    // What was kept for those who waited for it goes to the next.
    waiting_list::promote_waiters(tx, &event).await?;
    tx.audit_deleted("ticket_type.retired", &before);
    tx.emit(&TicketTypeChanged { event_id, ticket_type_id: id });
    Ok(())
}
