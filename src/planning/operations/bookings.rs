//! Which event needs which equipment when.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{CheckOnly, EquipmentBooking, EquipmentBookingId, EquipmentBookingPatch, NewEquipmentBooking};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::find_run,
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{invalid_input, invalid_transition, not_found, same_version},
        permissions::Permission::{ProductionManage, ProductionRead},
    },
    crate::planning::{
        BookingStatus, Clash, EntryKind,
        engine::{self, Taken},
        entry::{self, Entry, must_last},
        reach, sql,
    },
    sqlx::PgConnection,
    uuid::Uuid,
};

#[cfg(feature = "ssr")]
impl Entry for EquipmentBooking {
    const KIND: EntryKind = EntryKind::Equipment;
    fn taken(&self) -> Taken {
        Taken {
            kind: Self::KIND,
            id: self.id.0,
            event: self.event_id,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            firm: self.status.is_firm(),
            alive: self.status.is_firm() || self.status == BookingStatus::Pencilled,
            takes: self.unit_id.iter().map(|unit| ("unit", unit.0)).collect(),
            counted: Some((self.equipment_id.0, self.units)),
        }
    }
    async fn write(&self, db: &mut PgConnection) -> Result<()> {
        sql::booking_update(db, self).await
    }
    async fn read(db: &mut PgConnection, id: Uuid) -> Result<Self> {
        sql::booking_find(db, EquipmentBookingId(id)).await
    }
    fn with(self, clashes: Vec<Clash>) -> Self {
        Self { clashes, ..self }
    }
}

/// List the equipment booked for an event
///
/// In order.
#[operation(GET "/production/equipment/{event_id}", staff = ProductionRead, scoped)]
pub async fn equipment_booking_list(
    db: &mut Reader,
    event_id: EventId,
    query: Paging,
) -> Result<Page<EquipmentBooking>> {
    find_run(db, event_id, ProductionRead).await?;
    let rows = sql::booking_list(db.conn(), event_id).await?;
    query.cut(db, "equipment", event_id, rows, |booking| booking.id.0)
}

/// Book equipment for an event
///
/// Holds the requested number of units. If other events have booked them, returns 409 with the number available;
/// pencilled bookings hold no units. With `check`, the answer is the same and nothing is saved.
#[operation(POST "/production/equipment", staff = ProductionManage, status = 201, scoped,
    errors(clash, invalid_transition))]
pub async fn equipment_booking_add(
    cx: &RequestContext,
    query: CheckOnly,
    input: NewEquipmentBooking,
) -> Result<EquipmentBooking> {
    engine::run(cx, query.check, move |tx| Box::pin(add(tx, input))).await
}

/// What is booked belongs together: the unit to its kind, the stage to the event.
#[cfg(feature = "ssr")]
async fn must_belong(tx: &mut Tx, event: &crate::events::Event, booking: &EquipmentBooking) -> Result<()> {
    reach::stage(tx, event, booking.stage_id).await?;
    let Some(unit) = booking.unit_id else { return Ok(()) };
    let message = "choose a unit of this equipment";
    let unit = reach::named(sql::unit_find(tx.conn(), unit).await, "unit_id", message)?;
    if unit.equipment_id != booking.equipment_id {
        return Err(invalid_input().field("unit_id", message));
    }
    if booking.units != 1 {
        return Err(invalid_input().field("units", "must be 1 where a certain unit is chosen"));
    }
    if unit.state != crate::planning::UnitState::Ok {
        let state = unit.state.as_str().replace('_', " ");
        return Err(invalid_input().field("unit_id", format!("{} is {state}: choose another one", unit.code)));
    }
    Ok(())
}

#[cfg(feature = "ssr")]
async fn add(tx: &mut Tx, input: NewEquipmentBooking) -> Result<EquipmentBooking> {
    let event = reach::plan(tx, input.event_id, ProductionManage).await?;
    let found = sql::equipment_find(tx.conn(), input.equipment_id).await;
    let equipment = reach::named(found, "equipment_id", "choose equipment of the catalogue")?;
    let booking = EquipmentBooking {
        id: EquipmentBookingId::new(),
        event_id: event.id,
        equipment_id: equipment.id,
        equipment: equipment.name,
        units: input.units,
        unit_id: input.unit_id,
        stage_id: input.stage_id,
        starts_at: input.starts_at,
        ends_at: input.ends_at,
        status: input.status.unwrap_or(BookingStatus::Confirmed),
        note: input.note.map(String::from),
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    engine::lock_resources(tx, &booking.taken()).await?;
    must_belong(tx, &event, &booking).await?;
    sql::booking_insert(tx.conn(), &booking).await?;
    entry::added(tx, "equipment_booking.created", booking).await
}

/// Update an equipment booking
///
/// Changes how many units are booked, when, and whether they were checked out or returned.
#[operation(PATCH "/equipment-bookings/{id}", staff = ProductionManage, scoped,
    errors(clash, conflict, invalid_transition))]
pub async fn equipment_booking_update(
    cx: &RequestContext,
    id: EquipmentBookingId,
    query: CheckOnly,
    input: EquipmentBookingPatch,
) -> Result<EquipmentBooking> {
    engine::run(cx, query.check, move |tx| Box::pin(change(tx, id, input))).await
}

#[cfg(feature = "ssr")]
async fn change(tx: &mut Tx, id: EquipmentBookingId, input: EquipmentBookingPatch) -> Result<EquipmentBooking> {
    let event = sql::booking_find(tx.conn(), id).await?.event_id;
    let event = reach::plan_of(tx, event, ProductionManage).await?;
    let before = sql::booking_find(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let after = EquipmentBooking {
        units: input.units.unwrap_or(before.units),
        unit_id: input.unit_id.apply(before.unit_id),
        stage_id: input.stage_id.apply(before.stage_id),
        starts_at: input.starts_at.unwrap_or(before.starts_at),
        ends_at: input.ends_at.unwrap_or(before.ends_at),
        status: before.status.next(input.status.unwrap_or(before.status))?,
        note: input.note.map(String::from).apply(before.note.clone()),
        ..before.clone()
    };
    must_last(after.starts_at, after.ends_at)?;
    if after.status == BookingStatus::Returned && before.status != after.status {
        must_be_back(tx, id).await?;
    }
    if after.units < before.units {
        must_cover_handouts(tx, &after).await?;
    }
    if (after.unit_id, after.stage_id, after.units) != (before.unit_id, before.stage_id, before.units) {
        must_belong(tx, &event, &after).await?;
    }
    entry::save(tx, "equipment_booking.updated", &before, after).await
}

/// 409 while units that were handed out by code are not back.
#[cfg(feature = "ssr")]
async fn must_be_back(tx: &mut Tx, id: EquipmentBookingId) -> Result<()> {
    let detail = match sql::handouts_of(tx.conn(), id).await?.0 {
        0 => return Ok(()),
        1 => "1 unit is still out: check it in first.".to_owned(),
        out => format!("{out} units are still out: check them in first."),
    };
    Err(invalid_transition().detail(detail))
}

/// 422 for fewer units than are handed out by code: they are needed until they are back.
#[cfg(feature = "ssr")]
async fn must_cover_handouts(tx: &mut Tx, booking: &EquipmentBooking) -> Result<()> {
    let out = sql::handouts_of(tx.conn(), booking.id).await?.0;
    match out > i64::from(booking.units) {
        true => Err(invalid_input().field("units", format!("must be at least the {out} that are handed out"))),
        false => Ok(()),
    }
}

/// Remove equipment from an event
#[operation(DELETE "/equipment-bookings/{id}", staff = ProductionManage, scoped, errors(invalid_transition))]
pub async fn equipment_booking_remove(tx: &mut Tx, id: EquipmentBookingId) -> Result<()> {
    let event = sql::booking_find(tx.conn(), id).await?.event_id;
    reach::plan_of(tx, event, ProductionManage).await?;
    let before = sql::booking_find(tx.conn(), id).await?;
    if before.status == BookingStatus::Cancelled {
        return Err(not_found());
    }
    let after = EquipmentBooking { status: before.status.next(BookingStatus::Cancelled)?, ..before.clone() };
    entry::save(tx, "equipment_booking.removed", &before, after).await.map(drop)
}
