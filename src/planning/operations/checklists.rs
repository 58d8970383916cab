//! What an artist is booked for, and what is to be done until then.

use operation::{Answer, operation};

use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{NewTalentTask, TalentBooking, TalentId, TalentTask, TalentTaskId, TalentTaskPatch};

#[cfg(feature = "ssr")]
use {
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{invalid_input, same_version},
        permissions::Permission::TalentManage,
    },
    crate::planning::{calendar, reach, sql},
    crate::{organisation, partners},
    std::collections::BTreeMap,
    std::collections::btree_map::Entry,
};

/// List an artist's bookings
///
/// Slots and checklist of each event, the next one first. Artists see their own only.
#[operation(GET "/talent/{id}/bookings", staff = TalentRead, scoped)]
pub async fn talent_booking_list(db: &mut Reader, id: TalentId, query: Paging) -> Result<Page<TalentBooking>> {
    let (talent, now) = (reach::talent(db, id).await?, db.now);
    let mut rows = sql::talent_bookings(db.conn(), talent.id, now).await?;
    if !reach::reads_notes(&db.scope) {
        for booking in &mut rows {
            booking.slots.iter_mut().for_each(|slot| slot.note = None);
            booking.tasks.iter_mut().for_each(|task| task.note = None);
        }
    }
    name_contacts(db, &mut rows).await?;
    query.cut(db, "talent_bookings", id, rows, |booking| booking.event_id.0)
}

/// Who an artist writes to about each: the contact of the partner that organises the event, else the house.
#[cfg(feature = "ssr")]
async fn name_contacts(db: &mut Reader, rows: &mut [TalentBooking]) -> Result<()> {
    let organisation = organisation::of(db.conn()).await?;
    let events: Vec<_> = rows.iter().map(|booking| booking.event_id.0).collect();
    let organisers = sql::organisers(db.conn(), &events).await?;
    let mut emails = BTreeMap::new();
    for (_, partner, _) in &organisers {
        if let Entry::Vacant(unknown) = emails.entry(partner.0) {
            unknown.insert(partners::answers_to(db.conn(), *partner).await?);
        }
    }
    for booking in rows {
        let partner = organisers.iter().find(|(event, ..)| *event == booking.event_id);
        let theirs = partner.and_then(|(_, id, name)| Some((name.clone(), emails.get(&id.0)?.clone()?)));
        (booking.contact_name, booking.contact_email) = match theirs {
            Some((name, email)) => (name, Some(email)),
            None => (organisation.name.clone(), organisation.reply_to.clone().map(String::from)),
        };
    }
    Ok(())
}

/// Download an artist's slots as a calendar (RFC 5545)
#[operation(GET "/talent/{id}/calendar.ics", staff = TalentRead, scoped, answer = Calendar)]
pub async fn talent_calendar(cx: &RequestContext, id: TalentId) -> Result<Answer> {
    let (talent, bookings) = {
        let mut db = cx.reader().await?;
        let talent = reach::talent(&mut db, id).await?;
        (talent, sql::talent_bookings(db.conn(), id, cx.now).await?)
    };
    calendar::answer(&calendar::of_talent(cx.now, &talent.stage_name, &bookings))
}

/// Add a task to the checklist of a booking
///
/// The standard tasks (contract, travel, hotel, sound check) can be added once each.
#[operation(POST "/talent/{id}/tasks", staff = TalentManage, status = 201, scoped,
    errors(already_exists, invalid_transition))]
pub async fn talent_task_add(tx: &mut Tx, id: TalentId, input: NewTalentTask) -> Result<TalentTask> {
    let event = reach::plan(tx, input.event_id, TalentManage).await?;
    let talent = sql::talent_find(tx.conn(), id).await?;
    if !sql::is_booked(tx.conn(), id, event.id).await? {
        return Err(invalid_input().field("event_id", "choose an event they have a slot at"));
    }
    let task = TalentTask {
        id: TalentTaskId::new(),
        event_id: event.id,
        talent_id: talent.id,
        kind: input.kind,
        title: input.title.map(String::from),
        due_at: input.due_at,
        done_at: None,
        note: input.note.map(String::from),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::task_insert(tx.conn(), &task).await?;
    tx.audit_created("talent_task.created", &task);
    Ok(task)
}

/// Mark a task as done or not done, or set its due date
#[operation(PATCH "/talent-tasks/{id}", staff = TalentManage, scoped, errors(conflict))]
pub async fn talent_task_update(tx: &mut Tx, id: TalentTaskId, input: TalentTaskPatch) -> Result<TalentTask> {
    let before = locked(tx, id).await?;
    same_version(input.version, before.version, &before)?;
    let done_at = match input.done {
        Some(true) => before.done_at.or(Some(tx.now)),
        Some(false) => None,
        None => before.done_at,
    };
    let after = TalentTask {
        done_at,
        due_at: input.due_at.apply(before.due_at),
        note: input.note.map(String::from).apply(before.note.clone()),
        ..before.clone()
    };
    let by = tx.caller.person();
    sql::task_update(tx.conn(), &after, by).await?;
    let after = sql::task_lock(tx.conn(), id).await?;
    tx.audit("talent_task.updated", &before, &after);
    Ok(after)
}

/// Remove a task from a checklist
#[operation(DELETE "/talent-tasks/{id}", staff = TalentManage, scoped)]
pub async fn talent_task_remove(tx: &mut Tx, id: TalentTaskId) -> Result<()> {
    let before = locked(tx, id).await?;
    sql::task_delete(tx.conn(), id).await?;
    tx.audit_deleted("talent_task.removed", &before);
    Ok(())
}

/// What is on a checklist, under the lock of its event.
#[cfg(feature = "ssr")]
async fn locked(tx: &mut Tx, id: TalentTaskId) -> Result<TalentTask> {
    let seen = sql::task_lock(tx.conn(), id).await?;
    reach::run(tx, seen.event_id, TalentManage).await?;
    Ok(seen)
}
