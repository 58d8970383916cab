//! What crew are told of their shifts: by mail, or by text message where there is only a phone. Whoever has neither is
//! not told, and the list of the crew says so.

use super::templates::{ShiftCancelled, ShiftChanged, ShiftOffered};
use super::{AssignmentStatus, CrewMember, StaffAssignment, sql};
use crate::events::Event;
use crate::kernel::context::{Db, Tx};
use crate::kernel::error::Result;
use crate::kernel::text::E164Phone;
use crate::notify::{Message, Template};
use crate::tickets::event_facts;
use crate::zones;

fn tell(tx: &mut Tx, member: &CrewMember, notice: Template) {
    match (&member.email, &member.phone) {
        (Some(email), _) => crate::notify::mail(tx, email, notice),
        (None, Some(phone)) => {
            if let Ok(phone) = E164Phone::parse(phone) {
                crate::notify::text(tx, &phone, Message::Notice { notice });
            }
        }
        (None, None) => {}
    }
}

/// Whether somebody counts on it.
fn counts(one: &StaffAssignment) -> bool {
    matches!(one.status, AssignmentStatus::Offered | AssignmentStatus::Accepted)
}

/// Tells somebody what became of their shift, where it is another one for them now.
pub async fn told(tx: &mut Tx, event: &Event, before: Option<&StaffAssignment>, after: &StaffAssignment) -> Result<()> {
    let known = before.filter(|before| counts(before));
    let is_offer = after.status == AssignmentStatus::Offered && known.is_none();
    let is_off = matches!(after.status, AssignmentStatus::Pencilled | AssignmentStatus::Cancelled);
    let what = |one: &StaffAssignment| (one.starts_at, one.ends_at, one.role.clone(), one.place.clone());
    let is_other = known.is_some_and(|known| counts(after) && what(known) != what(after));
    if !(is_offer || is_other || known.is_some() && is_off) || after.ends_at <= tx.now {
        return Ok(());
    }
    let Ok(member) = sql::crew_find(tx.conn(), after.staff_id).await else { return Ok(()) };
    let generation = sql::crew_generation(tx.conn(), member.id).await?;
    let zone = zones::zone(tx.conn(), &event.timezone).await?;
    let facts = event_facts(tx, event, None).await?;
    let (name, member_id, role) = (member.full_name.clone(), member.id.0, after.role.clone());
    let hours = zone.display_span(after.starts_at, after.ends_at);
    let place = after.place.clone().unwrap_or_default();
    let notice = match known {
        Some(known) if is_off => {
            let hours = zone.display_span(known.starts_at, known.ends_at);
            Template::from(ShiftCancelled { name, event: facts, role, hours, member: member_id, generation })
        }
        Some(known) => {
            let was = zone.display_span(known.starts_at, known.ends_at);
            let was = if was == hours { String::new() } else { was };
            ShiftChanged { name, event: facts, role, hours, was, place, member: member_id, generation }.into()
        }
        None => ShiftOffered { name, event: facts, role, hours, place, member: member_id, generation }.into(),
    };
    tell(tx, &member, notice);
    Ok(())
}
