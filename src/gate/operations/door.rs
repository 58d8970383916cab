//! At the door without a code: looking people up, and adding a guest.

use operation::operation;

use crate::events::EventId;
use crate::gate::{DoorFound, DoorGuestAdd, DoorGuestAdded, DoorQuery};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    crate::events::rules::{lock, lock_open},
    crate::gate::{GateName, reach, sql, typed},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{forbidden, invalid_input, not_found},
        money::Money,
        permissions::Permission::{TicketsManage, TicketsScan},
        text::{Note, PersonName, SearchText},
    },
    crate::tickets::seats::{self, GuestDetails, SeatRequest},
    crate::tickets::secrets::short_code_hash,
    crate::tickets::{AttendeeSource, TicketTypeId, find_attendee, rules, standing_tickets},
};

/// The most that is shown of those who were found.
#[cfg(feature = "ssr")]
const FOUND: usize = 20;

/// An order's number, as it is kept: with or without its `EV-`, in any case.
#[cfg(feature = "ssr")]
fn order_reference(typed: &str) -> Option<String> {
    let typed = typed.trim().to_ascii_uppercase();
    let letters = typed.strip_prefix("EV").map_or(typed.as_str(), |rest| rest.trim_start_matches(['-', ' ']));
    let is_whole = letters.len() == 10 && letters.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_whole.then(|| format!("EV-{letters}"))
}

/// Search for a guest at the door
///
/// By part of a name, email or phone number, or by a whole short code or order number. Searching admits nobody: scan
/// the ticket that was found.
#[operation(GET "/events/{id}/door/search", staff = TicketsScan, device, scoped)]
pub async fn door_search(db: &mut Reader, id: EventId, query: DoorQuery) -> Result<DoorFound> {
    reach::run(db, id, TicketsScan).await?;
    let wanted = SearchText::parse(&query.q).map_err(|wrong| invalid_input().field("q", wrong))?;
    let code = typed(&query.q).map(|short| short_code_hash(&db.app().keys, &short).to_vec());
    let order = order_reference(&query.q);
    let mut items = sql::door_search(db.conn(), id, &wanted, code, order, FOUND as i64 + 1).await?;
    let more = items.len() > FOUND;
    items.truncate(FOUND);
    Ok(DoorFound { items, more })
}

/// Add a guest at the door
///
/// Free of charge, as long as seats are left. Phones can add guests if the gate allows it; scan each ticket to admit
/// its holder.
#[operation(POST "/events/{id}/door/guests", staff = TicketsManage, device, status = 201, scoped, idempotent,
    errors(event_closed, sold_out))]
pub async fn door_guest_add(tx: &mut Tx, id: EventId, input: DoorGuestAdd) -> Result<DoorGuestAdded> {
    let device = tx.caller.device().cloned();
    let event = match &device {
        Some(device) if device.event == id.0 => lock_open(tx, id).await?,
        Some(_) => return Err(not_found()),
        None => lock(tx, id, TicketsManage).await?,
    };
    rules::must_be_open(tx, &event).await?;
    let gates = sql::gate_list(tx.conn(), Some(id), None).await?;
    let gate = device.as_ref().and_then(|device| gates.iter().find(|gate| gate.id.0 == device.gate));
    if device.is_some() && !gate.is_some_and(|gate| gate.adds_guests) {
        return Err(forbidden().detail("Guests cannot be added at this gate: ask a supervisor."));
    }
    let types = sql::type_facts(tx.conn(), id.0).await?;
    let takes = |kind: &uuid::Uuid| {
        gate.is_none_or(|gate| gate.ticket_types.is_empty() || gate.ticket_types.contains(&TicketTypeId(*kind)))
    };
    let kind = match input.ticket_type_id {
        Some(kind) => Some(kind).filter(|kind| types.iter().any(|known| known.id == *kind)),
        None => types.iter().map(|kind| kind.id).find(takes),
    };
    let kind = kind.filter(takes);
    let kind =
        kind.ok_or_else(|| invalid_input().field("ticket_type_id", "choose a ticket type that this gate admits"))?;
    let free = Money { minor: 0, currency: event.ticket_price.currency.clone() };
    let seat_request = SeatRequest::new(TicketTypeId(kind), None, i32::from(input.seats), free, 1);
    let name = PersonName::parse(&input.name).map_err(|wrong| invalid_input().field("name", wrong))?;
    let note = input.note.as_deref().map(Note::parse).transpose();
    let note = note.map_err(|wrong| invalid_input().field("note", wrong))?;
    let going = GuestDetails {
        name: Some(name.into()),
        note: note.map(String::from),
        tell: false,
        ..GuestDetails::by(AttendeeSource::Comp)
    };
    let reservation = seats::take(tx, &event, seat_request, going).await?;
    let attendee = find_attendee(tx.conn(), reservation.attendee_id.ok_or_else(not_found)?).await?;
    tx.audit_created("attendee.added_at_door", &attendee).note("gate", gate.map(|gate| gate.name.clone()));
    let tickets = standing_tickets(tx.conn(), attendee.id).await?;
    Ok(DoorGuestAdded {
        attendee_id: attendee.id.0,
        tickets: tickets.iter().map(|ticket| ticket.id.0).collect(),
        gate: gate.map_or(GateName { id: uuid::Uuid::nil(), name: String::new() }, |gate| GateName {
            id: gate.id.0,
            name: gate.name.clone(),
        }),
    })
}
