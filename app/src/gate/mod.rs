//! The gate, from the Command Center: gates and phones of an event, its live board, admissions that disagree, and the
//! door list on paper.

pub mod arrivals;
mod board;
mod conflicts;
mod data;
mod devices;
mod door_list;
mod gates;
pub mod history;
mod needs;
mod settings;
pub(crate) mod signs;
pub mod updates;
mod wall;

use eventify::Error;
use eventify::access::Me;
use eventify::events::EventId;
use eventify::gate::operations::gate_list;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission;
use leptos::prelude::*;

use crate::events::head::BOARD;
use crate::events::{Head, Here, parts};
use board::board;
use conflicts::conflicts;
use door_list::door_list;
use gates::gates;

crate::ui::bundles! {
    gates: gates, conflicts, door_list;
    live_board: board;
}

/// What stands above each page of the gate: the event's head, and the parts of the gate with the page's own buttons.
fn head(of: &Head, page: &'static str, me: &Me, acts: Option<AnyView>) -> AnyView {
    let (path, manages) = (format!("/events/{}", of.event.id), of.may(me, Permission::TicketsManage));
    let all = [
        (true, "/gates", "Gates and phones"),
        (of.may(me, Permission::LiveRead), "/board", BOARD),
        (manages, "/conflicts", "Admissions to check"),
        (manages, "/door-list", "Door list"),
    ];
    let links = all.into_iter().filter(|(may, ..)| *may).map(|(_, key, label)| {
        let here = (label == page).then_some("page");
        view! { <a href=format!("{path}{key}") aria-current=here data-noscroll="">{label}</a> }
    });
    view! { {of.view(me, Here { tab: "/gates", page })}{parts("Gate", links.collect_view(), acts)} }.into_any()
}

/// A gate as the door list names it.
#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct GateName {
    name: String,
    types: Vec<uuid::Uuid>,
}

impl GateName {
    fn takes(&self, ticket_type: uuid::Uuid) -> bool {
        self.types.is_empty() || self.types.contains(&ticket_type)
    }
}

/// The gates of an event, where this person may see them.
async fn gates_of(id: EventId) -> Result<Vec<GateName>, Error> {
    match every(|page| gate_list(id, page)).await {
        Ok(gates) => Ok(gates
            .into_iter()
            .map(|gate| GateName { name: gate.name, types: gate.ticket_types.iter().map(|id| id.0).collect() })
            .collect()),
        Err(error) if error.status() == 403 => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
