//! Gates, and what an event decides about them.

use operation::operation;

use crate::events::EventId;
use crate::gate::{Gate, GateId, GatePatch, GateSettings, GateSettingsPatch, NewGate};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::lock,
    crate::gate::bus::GateChanged,
    crate::gate::{GateWay, reach, sql},
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{invalid_input, invalid_transition, same_version},
        permissions::Permission::{LiveRead, TicketsManage},
    },
    crate::tickets::TicketTypeId,
};

/// List the gates of an event
///
/// In order.
#[operation(GET "/events/{id}/gates", staff = LiveRead, device, scoped)]
pub async fn gate_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<Gate>> {
    reach::run(db, id, LiveRead).await?;
    let rows = sql::gate_list(db.conn(), Some(id), None).await?;
    query.cut(db, "gates", id, rows, |gate| gate.id.0)
}

#[cfg(feature = "ssr")]
async fn must_be_of(tx: &mut Tx, event: EventId, types: &[TicketTypeId]) -> Result<()> {
    if sql::types_are_of(tx.conn(), event, types).await? {
        return Ok(());
    }
    Err(invalid_input().field("ticket_types", "choose ticket types of this event"))
}

/// Add a gate to an event
///
/// It admits all ticket types, or only those listed. Pair phones with it to scan.
#[operation(POST "/events/{id}/gates", staff = TicketsManage, status = 201, scoped, errors(already_exists))]
pub async fn gate_add(tx: &mut Tx, id: EventId, input: NewGate) -> Result<Gate> {
    lock(tx, id, TicketsManage).await?;
    must_be_of(tx, id, &input.ticket_types).await?;
    let now = tx.now;
    let gate = Gate {
        id: GateId::new(),
        event_id: id,
        name: input.name.into(),
        direction: input.direction.unwrap_or(GateWay::Both),
        ticket_types: input.ticket_types,
        opens_at: input.opens_at,
        closes_at: input.closes_at,
        adds_guests: input.adds_guests,
        devices: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    sql::gate_insert(tx.conn(), &gate).await?;
    let gate = sql::gate_find(tx.conn(), gate.id).await?;
    tx.audit_created("gate.created", &gate);
    tx.emit(&GateChanged { event_id: id, gate_id: gate.id });
    Ok(gate)
}

/// Update a gate
///
/// Phones are updated the next time they connect.
#[operation(PATCH "/gates/{id}", staff = TicketsManage, scoped, errors(already_exists, conflict))]
pub async fn gate_update(tx: &mut Tx, id: GateId, input: GatePatch) -> Result<Gate> {
    let event = sql::gate_find(tx.conn(), id).await?.event_id;
    lock(tx, event, TicketsManage).await.map_err(reach::hidden)?;
    let before = sql::gate_lock(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let after = Gate {
        name: input.name.map_or_else(|| before.name.clone(), String::from),
        direction: input.direction.unwrap_or(before.direction),
        ticket_types: input.ticket_types.unwrap_or_else(|| before.ticket_types.clone()),
        opens_at: input.opens_at.apply(before.opens_at),
        closes_at: input.closes_at.apply(before.closes_at),
        adds_guests: input.adds_guests.unwrap_or(before.adds_guests),
        ..before.clone()
    };
    if after.opens_at.zip(after.closes_at).is_some_and(|(opens, closes)| opens >= closes) {
        return Err(invalid_input().field("closes_at", "must be after it opens"));
    }
    must_be_of(tx, event, &after.ticket_types).await?;
    sql::gate_update(tx.conn(), &after).await?;
    let after = sql::gate_find(tx.conn(), id).await?;
    tx.audit("gate.updated", &before, &after);
    tx.emit(&GateChanged { event_id: event, gate_id: id });
    Ok(after)
}

/// Remove a gate
///
/// Its scans are kept. Move its phones to another gate first.
#[operation(DELETE "/gates/{id}", staff = TicketsManage, scoped, errors(invalid_transition))]
pub async fn gate_remove(tx: &mut Tx, id: GateId) -> Result<()> {
    let event = sql::gate_find(tx.conn(), id).await?.event_id;
    lock(tx, event, TicketsManage).await.map_err(reach::hidden)?;
    let (before, now) = (sql::gate_lock(tx.conn(), id).await?, tx.now);
    if before.devices > 0 {
        let phones =
            if before.devices == 1 { "1 phone is".to_owned() } else { format!("{} phones are", before.devices) };
        return Err(invalid_transition().detail(format!("{phones} paired with this gate: move or revoke them first.")));
    }
    sql::gate_remove(tx.conn(), id, now).await?;
    tx.audit_deleted("gate.removed", &before);
    tx.emit(&GateChanged { event_id: event, gate_id: id });
    Ok(())
}

/// Get the gate settings of an event
#[operation(GET "/events/{id}/gate-settings", staff = LiveRead, device, scoped)]
pub async fn gate_settings(db: &mut Reader, id: EventId) -> Result<GateSettings> {
    reach::run(db, id, LiveRead).await?;
    sql::settings_find(db.conn(), id).await
}

/// Update the gate settings of an event
///
/// Whether guests can re-enter, what a phone may do offline, and when it starts to decide offline.
#[operation(PATCH "/events/{id}/gate-settings", staff = TicketsManage, scoped, errors(conflict))]
pub async fn gate_settings_update(tx: &mut Tx, id: EventId, input: GateSettingsPatch) -> Result<GateSettings> {
    lock(tx, id, TicketsManage).await?;
    let before = sql::settings_find(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let after = GateSettings {
        reentry: input.reentry.unwrap_or(before.reentry),
        offline_unknown: input.offline_unknown.unwrap_or(before.offline_unknown),
        decide_ms: input.decide_ms.unwrap_or(before.decide_ms),
        ..before.clone()
    };
    sql::settings_set(tx.conn(), &after).await?;
    let after = sql::settings_find(tx.conn(), id).await?;
    tx.audit("event.gate_settings_changed", &before, &after);
    Ok(after)
}
