//! The gate, from the Command Center: gates and phones of an event, its live board, admissions that disagree, and the
//! door list on paper.

pub mod arrivals;
mod board;
mod conflicts;
mod devices;
mod door_list;
mod gates;
pub mod history;
mod needs;
mod settings;
mod signs;
pub mod updates;
mod wall;

use eventify::Error;
use eventify::access::Me;
use eventify::events::operations::{event_co_host_list, event_get};
use eventify::events::{CoHost, Event, EventId, Zone};
use eventify::gate::operations::gate_list;
use eventify::kernel::error::not_found;
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission;
use leptos::prelude::*;

use crate::events::{clock, may_run};
use crate::ui::tabs;
use board::board;
use conflicts::conflicts;
use door_list::door_list;
use gates::gates;

crate::ui::part!(gate: gates, board, conflicts, door_list);

/// The event that a page of the gate belongs to.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Of {
    pub event: Event,
    /// Its clocks, by which its times are told.
    pub zone: Zone,
    pub co_hosts: Vec<CoHost>,
}

impl Of {
    async fn load(id: Option<EventId>) -> Result<Self, Error> {
        let id = id.ok_or_else(not_found)?;
        let event = event_get(id).await?;
        let (zone, co_hosts) = (clock::zone(&event).await?, every(|page| event_co_host_list(id, page)).await?);
        Ok(Self { event, zone, co_hosts })
    }

    fn may(&self, me: &Me, permission: Permission) -> bool {
        may_run(me, permission, &self.event, &self.co_hosts)
    }

    /// The way here.
    fn crumbs(&self) -> Vec<(String, String)> {
        crumbs(&self.event)
    }

    /// The pages of the gate.
    fn strip(&self, current: &'static str, me: &Me) -> AnyView {
        let all = [
            (true, ("/gates", "Gates and phones", None)),
            (self.may(me, Permission::LiveRead), ("/board", "Live board", None)),
            (self.may(me, Permission::TicketsManage), ("/conflicts", "Conflicts", None)),
            (self.may(me, Permission::TicketsManage), ("/door-list", "Door list", None)),
        ];
        let open: Vec<_> = all.into_iter().filter(|(may, _)| *may).map(|(_, tab)| tab).collect();
        tabs("Gate", &format!("/events/{}", self.event.id), current, &open)
    }
}

/// The way to a page of an event's gate.
fn crumbs(event: &Event) -> Vec<(String, String)> {
    vec![
        ("Events".to_owned(), "/events".to_owned()),
        (event.title.clone(), format!("/events/{}", event.id)),
        ("Gate".to_owned(), format!("/events/{}/gates", event.id)),
    ]
}

/// A gate as the door list names it.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
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
