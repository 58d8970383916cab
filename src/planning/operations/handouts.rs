//! Equipment on its way: the pick list of an event, units checked out and in by what stands on them, and what
//! is going to be short over all events.

use operation::{Answer, operation};

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{EquipmentHandout, PickLine, Shortage, UnitReturn, UnitScan};

#[cfg(feature = "ssr")]
use {
    crate::events::rules::find_run,
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::{invalid_input, invalid_transition},
        permissions::Permission::{ProductionManage, ProductionRead},
    },
    crate::planning::{
        BookingStatus, EquipmentBooking, EquipmentHandoutId, EquipmentUnit, UnitState, bus::PlanChanged, engine,
        entry::Entry, reach, sql,
    },
};

/// Get the equipment pick list of an event
///
/// What to bring, how many units are checked out, and what is overdue.
#[operation(GET "/events/{id}/pick-list", staff = ProductionRead, scoped)]
pub async fn pick_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<PickLine>> {
    find_run(db, id, ProductionRead).await?;
    let now = db.now;
    let rows = sql::pick_list(db.conn(), id, now).await?;
    query.cut(db, "pick_list", id, rows, |line| line.booking_id.0)
}

/// Export the pick list of an event as CSV
#[operation(GET "/events/{id}/pick-list/export", staff = ProductionRead, scoped, answer = Csv)]
pub async fn pick_list_export(cx: &RequestContext, id: EventId, columns: Option<Vec<String>>) -> Result<Answer> {
    {
        let mut db = cx.reader().await?;
        find_run(&mut db, id, ProductionRead).await?;
    }
    csv::answer(cx, "pick-list", columns, move |db: &mut Reader, _| {
        Box::pin(async move {
            find_run(db, id, ProductionRead).await?;
            let now = db.now;
            Ok(sql::pick_list(db.conn(), id, now).await?.into())
        })
    })
    .await
}

/// List upcoming equipment shortages
///
/// Times at which more units are needed across all events than are available. Pencilled bookings count too.
#[operation(GET "/equipment/shortages", staff = ProductionRead)]
pub async fn equipment_shortage_list(db: &mut Reader, query: Paging) -> Result<Page<Shortage>> {
    let now = db.now;
    let rows = sql::shortages(db.conn(), now).await?;
    query.cut(db, "shortages", "", rows, |shortage| {
        // The booking with which it begins: no other one begins with it.
        shortage.bookings.last().map_or(shortage.equipment_id.0, |booking| booking.booking_id.0)
    })
}

/// The unit on which this stands.
#[cfg(feature = "ssr")]
async fn scanned(tx: &mut Tx, code: &str) -> Result<EquipmentUnit> {
    let found = sql::units_by_code(tx.conn(), code).await?;
    match found[..] {
        [unit] => {
            let unit = sql::unit_find(tx.conn(), unit).await?;
            // Nobody else hands out or changes it meanwhile.
            sql::lock_resources(tx.conn(), &[unit.equipment_id.0, unit.id.0]).await?;
            sql::unit_find(tx.conn(), unit.id).await
        }
        [] => Err(invalid_input().field("code", "no unit has this code or serial number")),
        _ => Err(invalid_input()
            .field("code", "several units have this code or serial number: enter the one that only yours has")),
    }
}

/// Where a unit is, in words for this caller.
#[cfg(feature = "ssr")]
fn elsewhere(tx: &Tx, title: &str) -> String {
    if tx.scope == Scope::All { title.to_owned() } else { "another event".to_owned() }
}

/// Check out a unit to an event
///
/// Identify the unit by its code or serial number. It is assigned to the booking for this unit, or else to the earliest
/// booking of its type that still needs units. The booking is checked out with its first unit. A unit that was checked
/// in by mistake can be checked out again, and a spare can replace a unit that is broken or lost.
#[operation(POST "/events/{id}/equipment/check-out", staff = ProductionManage, status = 201, scoped,
    errors(invalid_transition))]
pub async fn equipment_check_out(tx: &mut Tx, id: EventId, input: UnitScan) -> Result<EquipmentHandout> {
    let (event, now, by) = (reach::plan(tx, id, ProductionManage).await?, tx.now, tx.caller.person());
    let unit = scanned(tx, input.code.as_str()).await?;
    let code = &unit.code;
    let no = |detail: String| Err(invalid_transition().detail(detail));
    if unit.state != UnitState::Ok {
        return no(format!("{code} is {}.", unit.state.as_str().replace('_', " ")));
    }
    if let Some((out, title)) = sql::handout_open(tx.conn(), unit.id).await? {
        let at = if out.event_id == event.id { "here".to_owned() } else { format!("at {}", elsewhere(tx, &title)) };
        return no(format!("{code} is already checked out, {at}."));
    }
    let Some(booking) = sql::booking_wanting(tx.conn(), event.id, unit.equipment_id, unit.id, now).await? else {
        let name = sql::equipment_find(tx.conn(), unit.equipment_id).await?.name;
        return match sql::is_wanted(tx.conn(), event.id, unit.equipment_id).await? {
            true => no(format!("All of {name} that this event needs were checked out.")),
            false => no(format!("{name} is not booked for this event.")),
        };
    };
    let before = sql::booking_find(tx.conn(), booking).await?;
    if sql::is_unit_promised(tx.conn(), unit.id, booking, (now, before.ends_at)).await? {
        return no(format!("{code} is booked for something else before it would be back: choose another unit."));
    }
    let again = before.status == BookingStatus::Returned;
    let status = if again { BookingStatus::Out } else { before.status.next(BookingStatus::Out)? };
    let after = EquipmentBooking { status, ..before.clone() };
    if after.status != before.status {
        after.write(tx.conn()).await?;
    }
    // What was back, by mistake or broken, is wanted again: it may be somebody else's by now.
    if again {
        engine::replace(tx, &before.taken(), &after.taken()).await?;
    }
    let handout = EquipmentHandout {
        id: EquipmentHandoutId::new(),
        event_id: event.id,
        booking_id: booking,
        unit_id: unit.id,
        code: unit.code.clone(),
        equipment: before.equipment,
        out_at: now,
        in_at: None,
        state: None,
        booking_status: after.status,
    };
    sql::handout_insert(tx.conn(), &handout, by).await?;
    tx.audit_created("equipment_handout.out", &handout);
    tx.emit(&PlanChanged { event_id: event.id, kind: EquipmentBooking::KIND, entry_id: booking.0 });
    Ok(handout)
}

/// Check in a unit from an event
///
/// Identify the unit by its code or serial number. With `state`, the unit is marked for repair or as lost, and a spare
/// can take its place in the booking. The booking is returned once all its units are back.
#[operation(POST "/events/{id}/equipment/check-in", staff = ProductionManage, scoped, errors(invalid_transition))]
pub async fn equipment_check_in(tx: &mut Tx, id: EventId, input: UnitReturn) -> Result<EquipmentHandout> {
    let (event, now, by) = (reach::run(tx, id, ProductionManage).await?, tx.now, tx.caller.person());
    let unit = scanned(tx, input.code.as_str()).await?;
    let no = |detail: String| Err(invalid_transition().detail(detail));
    let Some((before, title)) = sql::handout_open(tx.conn(), unit.id).await? else {
        return no(format!("{} is not out.", unit.code));
    };
    if before.event_id != event.id {
        return no(format!("{} is checked out at {}: check it in there.", unit.code, elsewhere(tx, &title)));
    }
    sql::handout_close(tx.conn(), before.id, input.state.unwrap_or(unit.state), by, now).await?;
    let state = input.state.filter(|state| *state != unit.state);
    if let Some(state) = state {
        sql::unit_update(tx.conn(), &EquipmentUnit { state, ..unit.clone() }).await?;
    }
    let booking = sql::booking_find(tx.conn(), before.booking_id).await?;
    let (out, back) = sql::handouts_of(tx.conn(), booking.id).await?;
    let all_back = out == 0 && back >= i64::from(booking.units) && booking.status == BookingStatus::Out;
    let after = match all_back {
        true => EquipmentBooking { status: booking.status.next(BookingStatus::Returned)?, ..booking.clone() },
        false => booking.clone(),
    };
    if all_back {
        after.write(tx.conn()).await?;
        engine::replace(tx, &booking.taken(), &after.taken()).await?;
    }
    let handout = EquipmentHandout { in_at: Some(now), state, booking_status: after.status, ..before.clone() };
    tx.audit("equipment_handout.in", &before, &handout);
    tx.emit(&PlanChanged { event_id: event.id, kind: EquipmentBooking::KIND, entry_id: booking.id.0 });
    Ok(handout)
}
