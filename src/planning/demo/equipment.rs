//! The demo's equipment: radios with codes, some of them out, and more of them wanted by two events than there are.

use super::{Hours, place};
use crate::events::Event;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::planning::{
    BookingStatus, EntryKind, Equipment, EquipmentBooking, EquipmentBookingId, EquipmentHandout, EquipmentHandoutId,
    EquipmentId, EquipmentUnit, EquipmentUnitId, UnitState, sql,
};
use time::Duration;

const GEAR: &[(&str, &str, i32)] =
    &[("Radio, 16 channels", "Radio", 24), ("Line array, 12 boxes", "Sound", 2), ("Barrier, 2 m", "Site", 60)];
/// So many radios are known by code, and so many of them are out.
const CODES: i32 = 8;
const OUT: i32 = 3;

/// What there is.
pub async fn catalogue(tx: &mut Tx) -> Result<Vec<Equipment>> {
    let mut made = Vec::new();
    for (name, category, units) in GEAR {
        let equipment = Equipment {
            id: EquipmentId::new(),
            name: (*name).to_owned(),
            category: (*category).to_owned(),
            units_owned: *units,
            units_usable: i64::from(*units),
            note: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::equipment_insert(tx.conn(), &equipment).await?;
        tx.audit_created("equipment.created", &equipment);
        made.push(equipment);
    }
    Ok(made)
}

/// Books it for an event.
pub async fn needs(
    tx: &mut Tx,
    event: &Event,
    equipment: &Equipment,
    units: i32,
    hours: Hours,
    status: BookingStatus,
) -> Result<EquipmentBooking> {
    let booking = EquipmentBooking {
        id: EquipmentBookingId::new(),
        event_id: event.id,
        equipment_id: equipment.id,
        equipment: equipment.name.clone(),
        units,
        unit_id: None,
        stage_id: None,
        starts_at: hours.0,
        ends_at: hours.1,
        status,
        note: None,
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::booking_insert(tx.conn(), &booking).await?;
    tx.audit_created("equipment_booking.created", &booking);
    let counted = Some((equipment.id.0, units));
    place(tx, (EntryKind::Equipment, booking.id.0), event, hours, status.is_firm(), Vec::new(), counted).await?;
    Ok(booking)
}

/// Radios are out for the next event, and the one after it would like more at the same time than are left.
pub async fn on_the_way(tx: &mut Tx, events: &[Event], gear: &[Equipment]) -> Result<()> {
    let (Some(event), Some(radio)) = (events.first(), gear.first()) else { return Ok(()) };
    let at = |hours: i64| event.start_at.plus(Duration::hours(hours));
    let training = needs(tx, event, radio, OUT, (at(-9), at(-8)), BookingStatus::Confirmed).await?;
    let out = EquipmentBooking { status: BookingStatus::Out, ..training.clone() };
    sql::booking_update(tx.conn(), &out).await?;
    for number in 1..=CODES {
        let unit = EquipmentUnit {
            id: EquipmentUnitId::new(),
            equipment_id: radio.id,
            code: format!("RAD-{number:03}"),
            serial_number: Some(format!("SN-88{:03}", 200 + number * 7)),
            state: UnitState::Ok,
            note: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::unit_insert(tx.conn(), &unit).await?;
        tx.audit_created("equipment_unit.created", &unit);
        if number <= OUT {
            let handout = EquipmentHandout {
                id: EquipmentHandoutId::new(),
                event_id: event.id,
                booking_id: training.id,
                unit_id: unit.id,
                code: unit.code.clone(),
                equipment: radio.name.clone(),
                out_at: tx.now,
                in_at: None,
                state: None,
                booking_status: BookingStatus::Out,
            };
            sql::handout_insert(tx.conn(), &handout, None).await?;
            tx.audit_created("equipment_handout.out", &handout);
        }
    }
    if let Some(next) = events.get(1) {
        needs(tx, next, radio, 16, (at(-2), at(2)), BookingStatus::Pencilled).await?;
    }
    Ok(())
}
