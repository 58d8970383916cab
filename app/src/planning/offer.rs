//! Offering a shift to somebody of the crew: who could take it, the best first, with what speaks for and against each.

use eventify::planning::operations::{shift_suggestion_list, staff_assignment_add};
use eventify::planning::{
    AssignmentStatus, CheckOnly, CrewId, CrewMember, NewStaffAssignment, PlanEntry, ShiftId, ShiftSuggestion,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::data::Data;
use crate::events::afterwards;
use crate::ui::{Confirm, Icon, Loading, Pick, PickOne, Shell, Toasts, open_dialog, submit};

/// Who is offered it, and how.
#[derive(Clone, Debug, serde::Deserialize)]
struct Offer {
    staff_id: CrewId,
    status: AssignmentStatus,
}
impl eventify::kernel::error::Validate for Offer {}

type Choices = Vec<(String, String, String)>;

/// Who is on a shift: whoever declined it or was taken off may be asked again.
fn on_it(entries: &[PlanEntry], shift: ShiftId) -> Vec<CrewId> {
    let gone = [AssignmentStatus::Declined.as_str(), AssignmentStatus::Cancelled.as_str()];
    let its = entries.iter().filter(|entry| entry.group_id == Some(shift.0) && !gone.contains(&entry.status.as_str()));
    its.filter_map(|entry| entry.subject_id.map(CrewId)).collect()
}

/// Those who were looked at in their order, and the rest of the crew below them; nobody who is on it already.
fn choices(found: Vec<ShiftSuggestion>, crew: &[CrewMember], on_it: &[CrewId]) -> Choices {
    let rest = crew.iter().filter(|one| found.iter().all(|known| known.staff_id != one.id));
    let rest = rest.filter(|one| !on_it.contains(&one.id));
    let rest: Choices = rest.map(|one| (one.id.to_string(), one.full_name.clone(), skilled(&one.skills))).collect();
    let found = found.into_iter().filter(|one| !on_it.contains(&one.staff_id));
    let first = found.map(|one| (one.staff_id.to_string(), one.full_name, [one.pros, one.cons].concat().join(" · ")));
    first.chain(rest).collect()
}

/// `Skills: Gate, Rigging`.
fn skilled(skills: &[String]) -> String {
    match skills {
        [] => String::new(),
        [one] => format!("Skill: {one}"),
        more => format!("Skills: {}", more.join(", ")),
    }
}

/// Offers a shift to somebody of the crew.
pub fn offer(data: Loading<Data>, record: &Data, shift: ShiftId, role: &str) -> AnyView {
    let (event_id, crew) = (record.of.plan.event.id, StoredValue::new(record.crew.clone()));
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
    let taken = StoredValue::new(on_it(&record.of.plan.entries, shift));
    let ways = vec![
        ("offered".to_owned(), "Offered: they answer".to_owned()),
        ("accepted".to_owned(), "Accepted: they have agreed".to_owned()),
        ("pencilled".to_owned(), "Pencilled: nobody is notified".to_owned()),
    ];
    let (shell, toasts, found) = (Shell::get(), Toasts::get(), RwSignal::new(Choices::new()));
    let dialog = format!("offer-{shift}");
    let opens = dialog.clone();
    let open = move |_| {
        let opens = opens.clone();
        spawn_local(async move {
            match shift_suggestion_list(shift).await {
                Ok(page) => {
                    let all =
                        crew.try_with_value(|crew| choices(page.items, crew, &taken.get_value())).unwrap_or_default();
                    let _ = found.try_set(all);
                    open_dialog(&opens);
                }
                Err(error) => toasts.failed("Couldn't find who is free", &error),
            }
        });
    };
    view! {
        <button class="btn small" type="button" aria-haspopup="dialog" disabled=move || !shell.alive.get() on:click=open>
            {Icon::PLUS.svg()}"Offer shift"
        </button>
        <Confirm id=dialog label="Offer shift" icon=Icon::PLUS title=format!("Offer a shift: {role}") confirm="Offer shift" run=run danger=false in_menu=true>
            {move || {
                let all = found.get();
                (!all.is_empty()).then(|| view! { <PickOne name="staff_id" label="Who" options=all/> })
            }}
            <Pick name="status" label="As" options=ways value="offered" required=true/>
        </Confirm>
    }
    .into_any()
}
