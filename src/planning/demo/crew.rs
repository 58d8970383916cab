//! The demo's crew: who they are, where they work, and what one of them has handed in.

use std::sync::Arc;

use time::Duration;

use super::talent::specimen;
use super::{Hours, hours_of, named, place};
use crate::events::Event;
use crate::kernel::app::App;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::money::{Currency, Money};
use crate::planning::{
    AssignmentStatus, CrewDocument, CrewDocumentId, CrewDocumentKind, CrewId, CrewMember, EntryKind, Shift, ShiftId,
    StaffAssignment, StaffAssignmentId, cost_of, sql,
};

/// Name, skill, rate per hour, and where they set out from.
const CREW: &[(&str, &str, i64, &str)] = &[
    ("Joy Thomas", "Gate", 32_000, "Bandra West"),
    ("Imran Shaikh", "Gate", 30_000, "Andheri"),
    ("Leela Menon", "Gate", 30_000, "Whitefield"),
    ("Arjun Patil", "Rigging", 45_000, "Whitefield"),
    ("Farah Contractor", "Sound", 60_000, "Dadar"),
    ("Dev Kulkarni", "Lights", 55_000, "Indiranagar"),
    ("Anita Rozario", "Stage", 48_000, "Bandra West"),
    ("Samir Bose", "Rigging", 45_000, "Koramangala"),
    ("Nandini Shah", "Food safety", 42_000, "Navrangpura"),
    ("Vikram Desai", "Power", 52_000, "Maninagar"),
    ("Sunita Rao", "First aid", 38_000, "Indiranagar"),
    ("Karan Mehta", "Front of house", 34_000, "Andheri"),
    ("Meghna Iyer", "Registration", 32_000, "Koramangala"),
    ("Esther Pinto", "Front of house", 34_000, "Dadar"),
];

pub async fn hired(tx: &mut Tx, rupees: &Currency) -> Result<Vec<CrewMember>> {
    let mut made = Vec::new();
    for (number, (name, skill, rate, area)) in CREW.iter().enumerate() {
        let member = CrewMember {
            id: CrewId::new(),
            full_name: (*name).to_owned(),
            skills: vec![(*skill).to_owned()],
            rate: Money { minor: *rate, currency: rupees.clone() },
            email: Some(format!("{}@crew.example.com", name.to_lowercase().replace(' ', "."))),
            // Not everybody has given a number.
            phone: (number % 4 != 3).then(|| format!("+9198200000{:02}", 40 + number)),
            area: Some((*area).to_owned()),
            note: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        sql::crew_insert(tx.conn(), &member).await?;
        tx.audit_created("staff_member.created", &member);
        made.push(member);
    }
    Ok(made)
}

/// A shift at an event: role, skill, place, how many people, when, and who of them has accepted.
pub type Shared = (&'static str, &'static str, &'static str, i32, (i64, i64), &'static [&'static str]);
/// Somebody's own place at an event: who, as what, where, and when.
pub type Post = (&'static str, &'static str, &'static str, (i64, i64), AssignmentStatus);

async fn shift(
    tx: &mut Tx,
    event: &Event,
    (role, skill, place, headcount, ..): &Shared,
    hours: Hours,
) -> Result<Shift> {
    let shift = Shift {
        id: ShiftId::new(),
        event_id: event.id,
        role: (*role).to_owned(),
        skill: Some((*skill).to_owned()),
        place: Some((*place).to_owned()),
        gate_id: None,
        lead_id: None,
        headcount: *headcount,
        taken: 0,
        starts_at: hours.0,
        ends_at: hours.1,
        note: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::shift_insert(tx.conn(), &shift).await?;
    tx.audit_created("staff_shift.created", &shift);
    Ok(shift)
}

async fn works(
    tx: &mut Tx,
    event: &Event,
    member: &CrewMember,
    (shift, role, where_): (Option<&Shift>, &str, &str),
    hours: Hours,
    status: AssignmentStatus,
) -> Result<()> {
    // Whoever had accepted has come and gone meanwhile, or is there.
    let status = match status {
        AssignmentStatus::Accepted if hours.1 <= tx.now => AssignmentStatus::Done,
        AssignmentStatus::Accepted if hours.0 <= tx.now => AssignmentStatus::CheckedIn,
        status => status,
    };
    let came = matches!(status, AssignmentStatus::Done | AssignmentStatus::CheckedIn);
    let one = StaffAssignment {
        id: StaffAssignmentId::new(),
        event_id: event.id,
        staff_id: member.id,
        full_name: member.full_name.clone(),
        shift_id: shift.map(|shift| shift.id),
        role: role.to_owned(),
        place: Some(where_.to_owned()),
        starts_at: hours.0,
        ends_at: hours.1,
        status,
        minutes: (hours.1.0 - hours.0.0).whole_minutes(),
        cost: cost_of(&member.rate, hours),
        rate: member.rate.clone(),
        answered_at: None,
        swap_asked_at: None,
        swap_note: None,
        checked_in_at: came.then_some(hours.0),
        checked_out_at: (status == AssignmentStatus::Done).then_some(hours.1),
        note: None,
        clashes: Vec::new(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    sql::assignment_insert(tx.conn(), &one).await?;
    tx.audit_created("staff_assignment.created", &one);
    place(tx, (EntryKind::Crew, one.id.0), event, hours, status.is_firm(), vec![("person", member.id.0)], None).await
}

/// Everybody who works at an event.
pub async fn planned(
    tx: &mut Tx,
    event: &Event,
    crew: &[CrewMember],
    (shifts, posts): (&[Shared], &[Post]),
) -> Result<()> {
    let who = |name: &str| named(crew, |member| member.full_name == name);
    for one in shifts {
        let made = shift(tx, event, one, hours_of(event, one.4)).await?;
        for name in one.5 {
            let hours = (made.starts_at, made.ends_at);
            works(tx, event, who(name)?, (Some(&made), one.0, one.2), hours, AssignmentStatus::Accepted).await?;
        }
    }
    for (name, role, where_, hours, status) in posts {
        works(tx, event, who(name)?, (None, role, where_), hours_of(event, *hours), *status).await?;
    }
    Ok(())
}

/// A contract, and a certificate that expires two days before the event they work at.
pub async fn papers(tx: &mut Tx, app: &Arc<App>, member: &CrewMember, event: &Event) -> Result<()> {
    let now = tx.now;
    let day = event.start_at.plus(-Duration::days(2)).rfc3339().chars().take(10).collect();
    for (kind, name, expires_on) in [
        (CrewDocumentKind::Contract, "contract.pdf", None),
        (CrewDocumentKind::Certificate, "working-at-height.pdf", Some(day)),
    ] {
        let folder = format!("staff/{}", member.id);
        let file = specimen(tx, app, &folder, (kind.title(), &member.full_name)).await?;
        let document = CrewDocument {
            id: CrewDocumentId::new(),
            staff_id: member.id,
            kind,
            file_name: name.to_owned(),
            media_type: file.media_type.to_owned(),
            size_bytes: file.size_bytes,
            expires_on,
            is_expired: false,
            uncovered: None,
            uploaded_at: now,
            version: 1,
        };
        sql::crew_document_insert(tx.conn(), &document, &file, None).await?;
        tx.audit_created("staff_document.uploaded", &document);
    }
    Ok(())
}
