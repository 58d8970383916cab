//! The demo's equipment: what there is, what events need of it, and radios with codes, some of them out.

use super::{Hours, place};
use crate::events::Event;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::planning::{
    BookingStatus, EntryKind, Equipment, EquipmentBooking, EquipmentBookingId, EquipmentHandout, EquipmentHandoutId,
    EquipmentId, EquipmentUnit, EquipmentUnitId, UnitState, sql,
};
use time::Duration;

const GEAR: &[(&str, &str, i32)] = &[
    ("Radio, 16 channels", "Radio", 24),
    ("Line array, 12 boxes", "Sound", 2),
    ("Barrier, 2 m", "Site", 60),
    ("Gas ring, 2 burners", "Kitchen", 48),
    ("Food thermometer", "Kitchen", 16),
    ("Power distributor, 63 A", "Power", 6),
    ("Yoga mat", "Wellness", 70),
    ("Portable speaker", "Sound", 4),
    ("Handheld microphone", "Sound", 8),
    ("Condenser microphone", "Sound", 12),
    ("Carpet, 3 × 4 m", "Stage", 4),
    ("Haze machine", "Lights", 4),
    ("Round table, 8 seats", "Furniture", 12),
    ("Folding chair", "Furniture", 150),
];
/// Equipment at an event: what, how much of it, and when.
pub type Needed = (&'static str, i32, (i64, i64), BookingStatus);
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
            next_use_at: None,
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
    let over = status == BookingStatus::Confirmed && hours.1 <= tx.now;
    let status = if over { BookingStatus::Returned } else { status };
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
    if over {
        return Ok(booking);
    }
    place(tx, (EntryKind::Equipment, booking.id.0), event, hours, status.is_firm(), Vec::new(), counted).await?;
    Ok(booking)
}

/// Radios are known by code, and some of them are out at the event that is on.
pub async fn on_the_way(tx: &mut Tx, event: &Event, radio: &Equipment) -> Result<()> {
    let hours = (event.start_at.plus(-Duration::hours(1)), event.end_at);
    let training = needs(tx, event, radio, OUT, hours, BookingStatus::Confirmed).await?;
    let out = EquipmentBooking { status: BookingStatus::Out, ..training.clone() };
    sql::booking_update(tx.conn(), &out).await?;
    for number in 1..=CODES {
        let unit = EquipmentUnit {
            id: EquipmentUnitId::new(),
            equipment_id: radio.id,
            code: format!("RAD-{number:03}"),
            serial_number: Some(format!("SN-88{:03}", 200 + number * 7)),
            state: UnitState::Ok,
            out_at: None,
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
    Ok(())
}
