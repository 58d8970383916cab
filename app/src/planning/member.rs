//! Somebody of the crew: what they can do and cost, when they cannot work, their documents, and changing it.

mod about;
mod absences;
mod actions;
mod data;
mod documents;
mod shifts;

use eventify::kernel::permissions::Permission::{StaffingManage, StaffingRead};
use eventify::planning::CrewId;
use leptos::prelude::*;

use crate::events::guarded;
use crate::ui::{Loading, PageHead, id_of_path, loaded, now};
pub use actions::{add, copy_link};
use data::{Record, fetch};

/// The page.
pub fn member() -> AnyView {
    let id = id_of_path::<CrewId>();
    let data: Loading<Record> = Loading::new(move || id.get(), fetch);
    loaded(data, move |record, me| guarded(&me, StaffingRead, || page(data, record, me.may(StaffingManage))))
}

fn page(data: Loading<Record>, record: Record, manages: bool) -> AnyView {
    let Record { member, shifts, absences, documents } = record;
    let where_now = shifts::whereabouts(&shifts, &absences, now());
    let about = about::facts(&member);
    let actions = manages.then(|| actions::of(data, &member));
    let absences = absences::section(data, member.id, absences, manages);
    let crumbs = vec![("Crew".to_owned(), "/crew".to_owned())];
    view! {
        <div class="page">
            <PageHead title=member.full_name.clone() crumbs=crumbs subtitle=where_now actions=actions.into_any()/>
            <div class="detail">
                <div class="stack">
                    {shifts::roll(&shifts)}
                    {absences}
                    {documents::card(data, &member, &documents, manages)}
                </div>
                <aside aria-label="About">{about}</aside>
            </div>
        </div>
    }
    .into_any()
}
