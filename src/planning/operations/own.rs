//! Crew by links of their own: their shifts, answers to offers, asking to swap, coming and leaving; and the time sheet.

use operation::{Answer, operation};

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{
    CrewId, CrewLink, LinkToken, OwnAnswer, OwnShift, OwnShifts, OwnStep, OwnSwap, StaffAssignmentId,
};

#[cfg(feature = "ssr")]
use {
    super::assignments::save,
    crate::events::rules::{find_run, lock_open},
    crate::events::{Event, EventStatus},
    crate::kernel::{
        app::App,
        context::{Db, Reader, RequestContext, Tx},
        csv,
        error::{Error, invalid_transition, link_invalid},
        permissions::Permission::StaffingRead,
        timestamp::Timestamp,
    },
    crate::notify::crew,
    crate::organisation,
    crate::planning::{
        AssignmentStatus, OfferAnswer, ShiftStep, StaffAssignment, TimeSheetRow, bus::PlanChanged, calendar, sql,
    },
    crate::zones::{self, Zone},
    time::Duration,
};

/// How long before a shift one can come to it.
#[cfg(feature = "ssr")]
const EARLY: Duration = Duration::minutes(30);
/// How long shifts that are over stay on somebody's page.
#[cfg(feature = "ssr")]
const KEPT: Duration = Duration::days(30);

#[cfg(feature = "ssr")]
fn addresses(app: &App, id: CrewId, generation: i32) -> CrewLink {
    let url = crew::url(app, id.0, generation);
    CrewLink { staff_id: id, calendar_url: format!("{url}/shifts.ics"), url }
}

/// Get a crew member's personal link to their shifts
#[operation(GET "/staff/{id}/link", staff = StaffingManage)]
pub async fn crew_link_get(db: &mut Reader, id: CrewId) -> Result<CrewLink> {
    let generation = sql::crew_generation(db.conn(), id).await?;
    Ok(addresses(db.app(), id, generation))
}

/// Replace a crew member's personal link
///
/// The previous link stops working.
#[operation(POST "/staff/{id}/link", staff = StaffingManage)]
pub async fn crew_link_renew(tx: &mut Tx, id: CrewId) -> Result<CrewLink> {
    let before = sql::crew_lock(tx.conn(), id).await?;
    let generation = sql::crew_generation_raise(tx.conn(), id).await?;
    let after = sql::crew_find(tx.conn(), id).await?;
    tx.audit("staff_member.link_renewed", &before, &after);
    Ok(addresses(tx.app(), id, generation))
}

/// Whose link it is; whether there is such a person only who has the token is told.
#[cfg(feature = "ssr")]
pub(super) async fn must_be_theirs(db: &mut impl Db, id: CrewId, token: &str) -> Result<i32> {
    let gone = |error: Error| if error.status() == 404 { link_invalid() } else { error };
    let generation = sql::crew_generation(db.conn(), id).await.map_err(gone)?;
    let genuine = crew::is_genuine(&db.cx().app().keys, id.0, generation, token);
    if genuine { Ok(generation) } else { Err(link_invalid()) }
}

#[cfg(feature = "ssr")]
async fn own(db: &mut Reader, id: CrewId, token: &str) -> Result<OwnShifts> {
    let generation = must_be_theirs(db, id, token).await?;
    let now = db.now;
    let (member, since) = (sql::crew_find(db.conn(), id).await?, Timestamp(now.0 - KEPT));
    let shifts = sql::own_shifts(db.conn(), id, since).await?;
    Ok(OwnShifts {
        staff_id: id,
        full_name: member.full_name,
        organisation: organisation::of(db.conn()).await?.name,
        shifts,
        documents: sql::crew_document_list(db.conn(), id, now).await?,
        calendar_url: addresses(db.app(), id, generation).calendar_url,
    })
}

/// List your shifts, offers and documents by personal link
///
/// Returns 410 if the link was replaced.
#[operation(GET "/staff/{id}/shifts", public, errors(link_invalid))]
pub async fn own_shift_list(db: &mut Reader, id: CrewId, query: LinkToken) -> Result<OwnShifts> {
    own(db, id, &query.token).await
}

/// Subscribe to your shifts as a calendar (RFC 5545)
#[operation(GET "/staff/{id}/shifts/calendar.ics", public, answer = Calendar, errors(link_invalid))]
pub async fn own_shift_calendar(cx: &RequestContext, id: CrewId, query: LinkToken) -> Result<Answer> {
    let own = {
        let mut db = cx.reader().await?;
        own(&mut db, id, &query.token).await?
    };
    calendar::answer(&calendar::of_shifts(cx.now, &own))
}

/// List a crew member's shifts and offers
///
/// Those to come and those of the last 30 days, in order of time.
#[operation(GET "/staff/{id}/assignments", staff = StaffingRead)]
pub async fn crew_shift_list(db: &mut Reader, id: CrewId, query: Paging) -> Result<Page<OwnShift>> {
    sql::crew_find(db.conn(), id).await?;
    let since = Timestamp(db.now.0 - KEPT);
    let rows = sql::own_shifts(db.conn(), id, since).await?;
    query.cut(db, "shifts of crew", id, rows, |shift| shift.id.0)
}

/// The shift that a link speaks of, under the lock of its event; nobody changes it meanwhile.
#[cfg(feature = "ssr")]
async fn locked(tx: &mut Tx, id: StaffAssignmentId, token: &str) -> Result<(Event, StaffAssignment)> {
    let gone = |error: Error| if error.status() == 404 { link_invalid() } else { error };
    let seen = sql::assignment_find(tx.conn(), id).await.map_err(gone)?;
    must_be_theirs(tx, seen.staff_id, token).await?;
    let event = lock_open(tx, seen.event_id).await?;
    if event.status == EventStatus::Cancelled {
        return Err(invalid_transition().detail(format!("{} is cancelled.", event.title)));
    }
    sql::lock_resources(tx.conn(), &[seen.staff_id.0]).await?;
    let now = sql::assignment_find(tx.conn(), id).await?;
    match now.status {
        AssignmentStatus::Pencilled | AssignmentStatus::Cancelled => {
            Err(invalid_transition().detail("This shift is no longer yours."))
        }
        _ => Ok((event, now)),
    }
}

#[cfg(feature = "ssr")]
async fn seen(tx: &mut Tx, one: &StaffAssignment) -> Result<OwnShift> {
    let shifts = sql::own_shifts(tx.conn(), one.staff_id, Timestamp(one.ends_at.0 - Duration::SECOND)).await?;
    shifts.into_iter().find(|shift| shift.id == one.id).ok_or_else(link_invalid)
}

/// Accept or decline a shift by personal link
///
/// Accepted shifts can still be declined before check-in. Sending the same answer again has no effect.
#[operation(POST "/staff-assignments/{id}/answer", public, errors(link_invalid, invalid_transition, clash))]
pub async fn own_shift_answer(tx: &mut Tx, id: StaffAssignmentId, input: OwnAnswer) -> Result<OwnShift> {
    use AssignmentStatus::{Accepted, Declined, Offered};
    let (event, before) = locked(tx, id, input.token.expose()).await?;
    let status = match input.answer {
        OfferAnswer::Accepted => Accepted,
        OfferAnswer::Declined => Declined,
    };
    if status == before.status {
        return seen(tx, &before).await;
    }
    if before.ends_at <= tx.now {
        return Err(invalid_transition().detail("This shift is over."));
    }
    let possible = matches!((before.status, status), (Offered, _) | (Accepted, Declined));
    if !possible {
        let detail = match before.status {
            Declined => "You have declined this shift: ask the person who plans it to offer it to you again.",
            _ => "You are already checked in.",
        };
        return Err(invalid_transition().detail(detail));
    }
    if before.swap_asked_at.is_some() {
        // Whoever declines asks for nothing more, also where they are offered it again.
        sql::swap_set(tx.conn(), id, None, None).await?;
    }
    let after = StaffAssignment { status, answered_at: Some(tx.now), ..before.clone() };
    let after = save(tx, "staff_assignment.answered", &event, &before, after).await?;
    seen(tx, &after).await
}

/// Request or cancel a swap of a shift by personal link
///
/// The person keeps the shift until someone else takes it.
#[operation(POST "/staff-assignments/{id}/swap", public, errors(link_invalid, invalid_transition))]
pub async fn own_shift_swap(tx: &mut Tx, id: StaffAssignmentId, input: OwnSwap) -> Result<OwnShift> {
    let (event, before) = locked(tx, id, input.token.expose()).await?;
    if before.status != AssignmentStatus::Accepted || before.starts_at <= tx.now {
        return Err(invalid_transition().detail("Only possible for upcoming shifts that you have accepted."));
    }
    let note = input.note.map(String::from).filter(|_| input.asked);
    let asked_at = input.asked.then_some(before.swap_asked_at.unwrap_or(tx.now));
    sql::swap_set(tx.conn(), id, asked_at, note.as_deref()).await?;
    let after = sql::assignment_find(tx.conn(), id).await?;
    tx.audit("staff_assignment.swap_asked", &before, &after);
    let kind = crate::planning::EntryKind::Crew;
    tx.emit(&PlanChanged { event_id: event.id, kind, entry_id: id.0 });
    seen(tx, &after).await
}

/// Check in to or out of a shift by personal link
///
/// Check-in opens 30 minutes before the shift starts. The hours worked are paid.
#[operation(POST "/staff-assignments/{id}/step", public, errors(link_invalid, invalid_transition))]
pub async fn own_shift_step(tx: &mut Tx, id: StaffAssignmentId, input: OwnStep) -> Result<OwnShift> {
    use AssignmentStatus::{CheckedIn, Done};
    let (event, before) = locked(tx, id, input.token.expose()).await?;
    let now = tx.now;
    let after = match input.step {
        ShiftStep::In => {
            if now.0 < before.starts_at.0 - EARLY {
                let zone = zones::zone(tx.conn(), &event.timezone).await?;
                let opens = zone.display(Timestamp(before.starts_at.0 - EARLY));
                return Err(invalid_transition().detail(format!("Check-in opens on {opens}.")));
            }
            if before.status != CheckedIn && before.ends_at <= now {
                return Err(invalid_transition().detail("This shift is over."));
            }
            let status = before.status.next(CheckedIn)?;
            StaffAssignment { status, checked_in_at: before.checked_in_at.or(Some(now)), ..before.clone() }
        }
        ShiftStep::Out => {
            let status = before.status.next(Done)?;
            StaffAssignment { status, checked_out_at: before.checked_out_at.or(Some(now)), ..before.clone() }
        }
    };
    if after.status == before.status {
        return seen(tx, &before).await;
    }
    let after = save(tx, "staff_assignment.checked", &event, &before, after).await?;
    seen(tx, &after).await
}

/// A moment by the clocks of the place, with how far they are from UTC: an hour that comes twice is told apart.
#[cfg(feature = "ssr")]
fn told(zone: &Zone, at: Option<Timestamp>) -> String {
    let format = time::macros::format_description!(
        "[year]-[month]-[day] [hour]:[minute][offset_hour sign:mandatory]:[offset_minute]"
    );
    at.and_then(|at| zone.local(at).format(format).ok()).unwrap_or_default()
}

/// Export the time sheet of an event as CSV
///
/// Everyone who was offered a shift and has not declined, in order, with the hours worked and their cost.
#[operation(GET "/events/{id}/time-sheet", staff = StaffingRead, scoped, answer = Csv)]
pub async fn time_sheet_export(cx: &RequestContext, id: EventId, columns: Option<Vec<String>>) -> Result<Answer> {
    {
        let mut db = cx.reader().await?;
        find_run(&mut db, id, StaffingRead).await?;
    }
    csv::answer(cx, "time-sheet", columns, move |db: &mut Reader, _| {
        Box::pin(async move {
            let event = find_run(db, id, StaffingRead).await?;
            let zone = zones::zone(db.conn(), &event.timezone).await?;
            let all = sql::assignment_list(db.conn(), id).await?.into_iter().filter(|one| one.status.is_firm());
            let row = |one: StaffAssignment| {
                let worked = one.checked_in_at.zip(one.checked_out_at).unwrap_or((one.starts_at, one.ends_at));
                TimeSheetRow {
                    assignment_id: one.id,
                    planned_from: told(&zone, Some(one.starts_at)),
                    planned_to: told(&zone, Some(one.ends_at)),
                    came: told(&zone, one.checked_in_at),
                    left: told(&zone, one.checked_out_at),
                    minutes: (worked.1.0 - worked.0.0).whole_minutes().max(0),
                    full_name: one.full_name,
                    role: one.role,
                    place: one.place,
                    status: one.status,
                    rate: one.rate,
                    cost: one.cost,
                }
            };
            Ok(all.map(row).collect::<Vec<_>>().into())
        })
    })
    .await
}
