//! Offering a shift to somebody of the crew.

use eventify::planning::operations::staff_assignment_add;
use eventify::planning::{AssignmentStatus, CheckOnly, CrewId, NewStaffAssignment, ShiftId};
use leptos::prelude::*;

use super::board::Data;
use crate::events::afterwards;
use crate::ui::{Confirm, Icon, Loading, Options, Pick, submit};

/// Who is offered it, and how.
#[derive(Clone, Debug, serde::Deserialize)]
struct Offer {
    staff_id: CrewId,
    status: AssignmentStatus,
}
impl eventify::kernel::error::Validate for Offer {}

/// Offers a shift to somebody of the crew.
pub fn offer(data: Loading<Data>, record: &Data, shift: ShiftId, role: &str) -> AnyView {
    let event_id = record.of.plan.event.id;
    let crew: Options = record.crew.iter().map(|one| (one.id.to_string(), one.full_name.clone())).collect();
    let call = move |fields: Offer| async move {
        let staff_id = fields.staff_id;
        let (role, place, starts_at, ends_at, rate_minor) = (None, None, None, None, None);
        let status = Some(fields.status);
        let (shift_id, note) = (Some(shift), None);
        let offer = NewStaffAssignment {
            event_id,
            staff_id,
            shift_id,
            role,
            place,
            starts_at,
            ends_at,
            status,
            rate_minor,
            note,
        };
        staff_assignment_add(CheckOnly::default(), offer).await.map(drop)
    };
    let run = submit(call, afterwards::<_, ()>(data, "Shift offered"));
    let ways = vec![
        ("offered".to_owned(), "Offered: they answer".to_owned()),
        ("accepted".to_owned(), "Accepted: they have agreed".to_owned()),
        ("pencilled".to_owned(), "Pencilled: nobody is told".to_owned()),
    ];
    view! {
        <Confirm id=format!("offer-{shift}") label="Offer" icon=Icon::PLUS title=format!("Offer a shift: {role}") confirm="Offer shift" run=run danger=false class="btn small">
            <Pick name="staff_id" label="Who" options=crew required=true/>
            <Pick name="status" label="As" options=ways value="offered" required=true/>
        </Confirm>
    }
    .into_any()
}
