//! What equipment there is.

use operation::operation;

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{
    Equipment, EquipmentFilter, EquipmentId, EquipmentPatch, EquipmentUnit, EquipmentUnitId, EquipmentUnitPatch,
    EquipmentUse, NewEquipment, NewEquipmentUnit,
};

#[cfg(feature = "ssr")]
use {
    crate::kernel::{
        context::{Db, Reader, Tx},
        error::{already_exists, invalid_input, invalid_transition, same_version},
        timestamp::Timestamp,
    },
    crate::planning::{UnitState, sql},
    time::Duration,
};

/// List equipment
///
/// By name.
#[operation(GET "/production/equipment", staff = ProductionRead)]
pub async fn equipment_list(db: &mut Reader, query: EquipmentFilter) -> Result<Page<Equipment>> {
    sql::equipment_list(db, &query).await
}

/// Get a piece of equipment
#[operation(GET "/equipment/{id}", staff = ProductionRead)]
pub async fn equipment_get(db: &mut Reader, id: EquipmentId) -> Result<Equipment> {
    sql::equipment_find(db.conn(), id).await
}

/// Add equipment to the catalogue
#[operation(POST "/equipment", staff = ProductionManage, status = 201, idempotent, errors(already_exists))]
pub async fn equipment_add(tx: &mut Tx, input: NewEquipment) -> Result<Equipment> {
    let equipment = Equipment {
        id: EquipmentId::new(),
        name: input.name.into(),
        category: input.category.map(String::from).unwrap_or_default(),
        units_owned: input.units_owned,
        units_usable: i64::from(input.units_owned),
        next_use_at: None,
        note: input.note.map(String::from),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::equipment_insert(tx.conn(), &equipment).await?;
    tx.audit_created("equipment.created", &equipment);
    Ok(equipment)
}

/// Update equipment
///
/// If fewer units are owned than are booked, the bookings stay and are shown as short.
#[operation(PATCH "/equipment/{id}", staff = ProductionManage, errors(already_exists, conflict))]
pub async fn equipment_update(tx: &mut Tx, id: EquipmentId, input: EquipmentPatch) -> Result<Equipment> {
    let before = sql::equipment_lock(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let after = Equipment {
        name: input.name.map_or_else(|| before.name.clone(), String::from),
        category: input.category.map_or_else(|| before.category.clone(), String::from),
        units_owned: input.units_owned.unwrap_or(before.units_owned),
        note: input.note.map(String::from).apply(before.note.clone()),
        ..before.clone()
    };
    sql::lock_resources(tx.conn(), &[id.0]).await?;
    let known = sql::unit_list(tx.conn(), id).await?.len();
    if after.units_owned < before.units_owned && i64::from(after.units_owned) < known as i64 {
        let least = format!("must be at least {known}: so many are known by their code");
        return Err(invalid_input().field("units_owned", least));
    }
    sql::equipment_update(tx.conn(), &after).await?;
    let after = sql::equipment_find(tx.conn(), id).await?;
    tx.audit("equipment.updated", &before, &after);
    Ok(after)
}

/// Remove equipment from the catalogue
///
/// Rejected while an upcoming event needs it.
#[operation(DELETE "/equipment/{id}", staff = ProductionManage, errors(invalid_transition))]
pub async fn equipment_remove(tx: &mut Tx, id: EquipmentId) -> Result<()> {
    let (before, now) = (sql::equipment_lock(tx.conn(), id).await?, tx.now);
    sql::lock_resources(tx.conn(), &[id.0]).await?;
    if sql::equipment_in_use(tx.conn(), id, now).await? {
        return Err(invalid_transition().detail("An upcoming event needs it."));
    }
    sql::equipment_remove(tx.conn(), id, now).await?;
    tx.audit_deleted("equipment.removed", &before);
    Ok(())
}

/// List the units of equipment that are tracked individually
#[operation(GET "/equipment/{id}/units", staff = ProductionRead)]
pub async fn equipment_unit_list(db: &mut Reader, id: EquipmentId, query: Paging) -> Result<Page<EquipmentUnit>> {
    sql::equipment_find(db.conn(), id).await?;
    let rows = sql::unit_list(db.conn(), id).await?;
    query.cut(db, "units", id, rows, |unit| unit.id.0)
}

/// List the events that use equipment
///
/// Those to come and those of the last 30 days, in order of time.
#[operation(GET "/equipment/{id}/bookings", staff = ProductionRead)]
pub async fn equipment_use_list(db: &mut Reader, id: EquipmentId, query: Paging) -> Result<Page<EquipmentUse>> {
    sql::equipment_find(db.conn(), id).await?;
    let since = Timestamp(db.now.0 - Duration::days(30));
    let rows = sql::equipment_uses(db.conn(), id, since).await?;
    query.cut(db, "uses of equipment", id, rows, |one| one.booking_id.0)
}

/// What stands on a unit finds it and no other one: no code is another unit's serial number. Waits for whoever marks
/// another unit with the same.
#[cfg(feature = "ssr")]
async fn must_be_told_apart(tx: &mut Tx, unit: &EquipmentUnit) -> Result<()> {
    sql::unit_marks_turn(tx.conn(), unit).await?;
    let (code, serial) = sql::unit_marks_taken(tx.conn(), unit).await?;
    if let Some(other) = code {
        return Err(already_exists().field("code", format!("is the serial number of {other}: choose another one")));
    }
    match serial {
        Some(other) => Err(already_exists().field("serial_number", format!("is the code of {other}"))),
        None => Ok(()),
    }
}

/// Add a unit that is tracked individually
///
/// It is one of the units already owned: their number does not change. Its code cannot be the serial number of another
/// unit.
#[operation(POST "/equipment/{id}/units", staff = ProductionManage, status = 201,
    errors(already_exists, invalid_transition))]
pub async fn equipment_unit_add(tx: &mut Tx, id: EquipmentId, input: NewEquipmentUnit) -> Result<EquipmentUnit> {
    let equipment = sql::equipment_lock(tx.conn(), id).await?;
    if sql::unit_list(tx.conn(), id).await?.len() as i64 >= i64::from(equipment.units_owned) {
        let detail = format!("There are {} in all, and all have a code already.", equipment.units_owned);
        return Err(invalid_transition().detail(detail));
    }
    let unit = EquipmentUnit {
        id: EquipmentUnitId::new(),
        equipment_id: id,
        code: input.code.into(),
        serial_number: input.serial_number.map(String::from),
        state: UnitState::Ok,
        out_at: None,
        note: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    must_be_told_apart(tx, &unit).await?;
    sql::unit_insert(tx.conn(), &unit).await?;
    tx.audit_created("equipment_unit.created", &unit);
    Ok(unit)
}

/// Update a unit's status, serial number or note
///
/// Units in repair or lost are not available. The serial number cannot be the code of another unit.
#[operation(PATCH "/equipment-units/{id}", staff = ProductionManage, errors(already_exists, conflict))]
pub async fn equipment_unit_update(
    tx: &mut Tx,
    id: EquipmentUnitId,
    input: EquipmentUnitPatch,
) -> Result<EquipmentUnit> {
    let kind = sql::unit_find(tx.conn(), id).await?.equipment_id;
    sql::lock_resources(tx.conn(), &[kind.0]).await?;
    let before = sql::unit_find(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let after = EquipmentUnit {
        state: input.state.unwrap_or(before.state),
        serial_number: input.serial_number.map(String::from).apply(before.serial_number.clone()),
        note: input.note.map(String::from).apply(before.note.clone()),
        ..before.clone()
    };
    if after.serial_number != before.serial_number {
        must_be_told_apart(tx, &after).await?;
    }
    sql::unit_update(tx.conn(), &after).await?;
    let after = sql::unit_find(tx.conn(), id).await?;
    tx.audit("equipment_unit.updated", &before, &after);
    Ok(after)
}

/// Delete a unit that was added by mistake
///
/// Rejected once the unit has been booked or checked out: mark it as lost instead, so that its history is kept. The
/// number owned does not change.
#[operation(DELETE "/equipment-units/{id}", staff = ProductionManage, errors(invalid_transition))]
pub async fn equipment_unit_remove(tx: &mut Tx, id: EquipmentUnitId) -> Result<()> {
    let kind = sql::unit_find(tx.conn(), id).await?.equipment_id;
    // Nobody books it or hands it out meanwhile.
    sql::lock_resources(tx.conn(), &[kind.0, id.0]).await?;
    let before = sql::unit_find(tx.conn(), id).await?;
    if sql::is_unit_known(tx.conn(), id).await? {
        let detail = format!("{} was booked or checked out: mark it as lost instead.", before.code);
        return Err(invalid_transition().detail(detail));
    }
    sql::unit_delete(tx.conn(), id).await?;
    tx.audit_deleted("equipment_unit.removed", &before);
    Ok(())
}
