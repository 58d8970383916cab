//! Who works at an event, when and as what.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{CheckOnly, NewStaffAssignment, StaffAssignment, StaffAssignmentId, StaffAssignmentPatch};

#[cfg(feature = "ssr")]
use {
    crate::events::{Event, rules::find_run},
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{invalid_input, invalid_transition, not_found, same_version},
        money::Money,
        permissions::Permission::{StaffingManage, StaffingRead},
        timestamp::Timestamp,
    },
    crate::planning::{
        AssignmentStatus, Clash, EntryKind, Shift, cost_of,
        engine::{self, Taken},
        entry::{self, Entry, must_last},
        mails, reach, sql,
    },
    sqlx::PgConnection,
    uuid::Uuid,
};

#[cfg(feature = "ssr")]
impl Entry for StaffAssignment {
    const KIND: EntryKind = EntryKind::Crew;
    fn taken(&self) -> Taken {
        Taken {
            kind: Self::KIND,
            id: self.id.0,
            event: self.event_id,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            firm: self.status.is_firm(),
            alive: self.status.is_firm() || self.status == AssignmentStatus::Pencilled,
            takes: vec![("person", self.staff_id.0)],
            counted: None,
        }
    }
    async fn write(&self, db: &mut PgConnection) -> Result<()> {
        sql::assignment_update(db, self).await
    }
    async fn read(db: &mut PgConnection, id: Uuid) -> Result<Self> {
        sql::assignment_find(db, StaffAssignmentId(id)).await
    }
    fn with(self, clashes: Vec<Clash>) -> Self {
        Self { clashes, ..self }
    }
}

/// List the crew assigned to an event
///
/// In order.
#[operation(GET "/staff/assignments/{event_id}", staff = StaffingRead, scoped)]
pub async fn staff_assignment_list(db: &mut Reader, event_id: EventId, query: Paging) -> Result<Page<StaffAssignment>> {
    find_run(db, event_id, StaffingRead).await?;
    let rows = sql::assignment_list(db.conn(), event_id).await?;
    query.cut(db, "assignments", event_id, rows, |one| one.id.0)
}

/// Assign a crew member to an event
///
/// An offer blocks their hours until they answer. Nobody can be at two events at the same time: a clash returns 409
/// with the entries that clash. Pencilled assignments can overlap and are marked. With `check`, the answer is the same
/// and nothing is saved.
#[operation(POST "/staff/assignments", staff = StaffingManage, status = 201, scoped,
    errors(clash, invalid_transition))]
pub async fn staff_assignment_add(
    cx: &RequestContext,
    query: CheckOnly,
    input: NewStaffAssignment,
) -> Result<StaffAssignment> {
    engine::run(cx, query.check, move |tx| Box::pin(add(tx, input))).await
}

#[cfg(feature = "ssr")]
async fn add(tx: &mut Tx, input: NewStaffAssignment) -> Result<StaffAssignment> {
    let event = reach::plan(tx, input.event_id, StaffingManage).await?;
    sql::lock_resources(tx.conn(), &[input.staff_id.0]).await?;
    let found = sql::crew_find(tx.conn(), input.staff_id).await;
    let member = reach::named(found, "staff_id", "choose a crew member")?;
    let shift = match input.shift_id {
        None => None,
        Some(id) => {
            let message = "choose a shift of this event";
            let shift = reach::named(sql::shift_find(tx.conn(), id).await, "shift_id", message)?;
            if shift.event_id != event.id {
                return Err(invalid_input().field("shift_id", message));
            }
            Some(shift)
        }
    };
    let status = input.status.unwrap_or(AssignmentStatus::Offered);
    if let Some(shift) = shift.as_ref().filter(|_| status.is_firm()) {
        must_have_room(shift)?;
    }
    let missing = |field: &str| invalid_input().field(field, "is required without a shift");
    let from = |own: Option<Timestamp>, theirs: Option<Timestamp>, field| own.or(theirs).ok_or_else(|| missing(field));
    let starts_at = from(input.starts_at, shift.as_ref().map(|shift| shift.starts_at), "starts_at")?;
    let ends_at = from(input.ends_at, shift.as_ref().map(|shift| shift.ends_at), "ends_at")?;
    must_last(starts_at, ends_at)?;
    let role = input.role.map(String::from).or_else(|| shift.as_ref().map(|shift| shift.role.clone()));
    let rate = Money { minor: input.rate_minor.unwrap_or(member.rate.minor), currency: member.rate.currency };
    let one = StaffAssignment {
        id: StaffAssignmentId::new(),
        event_id: event.id,
        staff_id: member.id,
        full_name: member.full_name,
        shift_id: input.shift_id,
        role: role.ok_or_else(|| missing("role"))?,
        place: input.place.map(String::from).or_else(|| shift.and_then(|shift| shift.place)),
        starts_at,
        ends_at,
        status,
        minutes: (ends_at.0 - starts_at.0).whole_minutes(),
        cost: cost_of(&rate, (starts_at, ends_at)),
        rate,
        answered_at: None,
        swap_asked_at: None,
        swap_note: None,
        checked_in_at: None,
        checked_out_at: None,
        note: input.note.map(String::from),
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::assignment_insert(tx.conn(), &one).await?;
    let one = entry::added(tx, "staff_assignment.created", one).await?;
    mails::told(tx, &event, None, &one).await?;
    Ok(one)
}

/// 409 where nobody else is needed.
#[cfg(feature = "ssr")]
fn must_have_room(shift: &Shift) -> Result<()> {
    if shift.taken < i64::from(shift.headcount) {
        return Ok(());
    }
    Err(invalid_transition().detail(format!("The shift is full: {} of {}.", shift.taken, shift.headcount)))
}

/// Update an assignment
///
/// Changes the hours, location or status (offered, accepted, declined, checked in, done). Checking in and out records
/// the time; the hours worked are paid.
#[operation(PATCH "/staff-assignments/{id}", staff = StaffingManage, scoped,
    errors(clash, conflict, invalid_transition))]
pub async fn staff_assignment_update(
    cx: &RequestContext,
    id: StaffAssignmentId,
    query: CheckOnly,
    input: StaffAssignmentPatch,
) -> Result<StaffAssignment> {
    engine::run(cx, query.check, move |tx| Box::pin(change(tx, id, input))).await
}

#[cfg(feature = "ssr")]
async fn change(tx: &mut Tx, id: StaffAssignmentId, input: StaffAssignmentPatch) -> Result<StaffAssignment> {
    use AssignmentStatus::{Accepted, CheckedIn, Declined, Done};
    let event = sql::assignment_find(tx.conn(), id).await?.event_id;
    let event = reach::plan_of(tx, event, StaffingManage).await?;
    let before = sql::assignment_find(tx.conn(), id).await?;
    same_version(input.version, before.version, &before)?;
    let status = before.status.next(input.status.unwrap_or(before.status))?;
    let now = tx.now;
    let noted = |to: bool, was: Option<Timestamp>| if to && status != before.status { Some(now) } else { was };
    let after = StaffAssignment {
        role: input.role.map_or_else(|| before.role.clone(), String::from),
        place: input.place.map(String::from).apply(before.place.clone()),
        starts_at: input.starts_at.unwrap_or(before.starts_at),
        ends_at: input.ends_at.unwrap_or(before.ends_at),
        status,
        answered_at: noted(matches!(status, Accepted | Declined), before.answered_at),
        checked_in_at: noted(status == CheckedIn, before.checked_in_at),
        checked_out_at: noted(status == Done, before.checked_out_at),
        note: input.note.map(String::from).apply(before.note.clone()),
        ..before.clone()
    };
    must_last(after.starts_at, after.ends_at)?;
    if let Some(shift) = after.shift_id.filter(|_| !before.status.is_firm() && after.status.is_firm()) {
        must_have_room(&sql::shift_find(tx.conn(), shift).await?)?;
    }
    save(tx, "staff_assignment.updated", &event, &before, after).await
}

/// Writes a change, judges it, and tells whoever it is about.
#[cfg(feature = "ssr")]
pub(super) async fn save(
    tx: &mut Tx,
    action: &'static str,
    event: &Event,
    before: &StaffAssignment,
    after: StaffAssignment,
) -> Result<StaffAssignment> {
    let after = entry::save(tx, action, before, after).await?;
    mails::told(tx, event, Some(before), &after).await?;
    Ok(after)
}

/// Remove an assignment
#[operation(DELETE "/staff-assignments/{id}", staff = StaffingManage, scoped, errors(invalid_transition))]
pub async fn staff_assignment_remove(tx: &mut Tx, id: StaffAssignmentId) -> Result<()> {
    let event = sql::assignment_find(tx.conn(), id).await?.event_id;
    let event = reach::plan_of(tx, event, StaffingManage).await?;
    let before = sql::assignment_find(tx.conn(), id).await?;
    if before.status == AssignmentStatus::Cancelled {
        return Err(not_found());
    }
    let after = StaffAssignment { status: before.status.next(AssignmentStatus::Cancelled)?, ..before.clone() };
    save(tx, "staff_assignment.removed", &event, &before, after).await.map(drop)
}
