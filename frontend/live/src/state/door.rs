//! Looking for people without a code, adding one at the door, and telling the control room.

use eventify_gate::{DoorFound, DoorGuest, DoorGuestAdd, DoorGuestAdded, NewUpdate, State, UpdateAudience, UpdateKind};
use uuid::Uuid;

use super::network::{Answer, Purpose};
use super::scan::{Subject, Wanted};
use super::sync::encoded;
use super::{Live, Report, Screen};

/// What an incident can be.
pub const INCIDENTS: [&str; 6] =
    ["Medical", "Crowd pressure", "Security", "Fire or smoke", "Equipment", "Lost or found"];

impl Live {
    /// Asked for, not made with every letter: names travel no more often than somebody wants one.
    pub(super) fn look_for(&mut self) {
        let q = self.search.q.trim().to_owned();
        if q.chars().count() < 2 {
            self.search.said = Some("Type at least 2 letters".into());
            return;
        }
        let Some(device) = &self.device else { return };
        let path = format!("/events/{}/door/search?q={}", device.state.event.id, encoded(&q));
        (self.search.busy, self.search.said, self.search.asked) = (true, None, true);
        self.call(Purpose::Search { q }, "GET", &path, None::<&()>);
    }

    pub(super) fn search_came(&mut self, q: &str, answer: &Answer) {
        if self.search.q.trim() != q {
            return;
        }
        self.search.busy = false;
        match answer.json::<DoorFound>() {
            Some(found) => {
                (self.search.found, self.search.more) = (by_guest(found.items), found.more);
                let said = match self.search.found.len() {
                    0 => "Nobody found".to_owned(),
                    1 => "1 guest".to_owned(),
                    n => format!("{n} guests"),
                };
                self.say(said);
            }
            None => {
                self.search.found.clear();
                let said = answer.trouble();
                self.search.said = Some(said.clone());
                self.say(said);
            }
        }
    }

    /// The ticket types that may come in at this gate, by name: what a guest at the door can get.
    pub fn door_types(&self) -> Vec<(Uuid, String)> {
        let (Some((_, gate)), Some(list)) = (self.here(), &self.list) else { return Vec::new() };
        let known = list.types.iter().filter(|kind| gate.takes(kind.id) && !kind.name.is_empty());
        known.map(|kind| (kind.id, kind.name.clone())).collect()
    }

    /// The one that was chosen, where there is a choice.
    pub fn door_type(&self) -> Option<Uuid> {
        let types = self.door_types();
        let chosen = self.form.ticket_type.filter(|id| types.iter().any(|(known, _)| known == id));
        chosen.or_else(|| types.first().filter(|_| types.len() > 1).map(|(id, _)| *id))
    }

    pub(super) fn add_guest(&mut self) {
        let name = self.form.name.trim().to_owned();
        if name.is_empty() {
            self.form.said = Some("Enter the guest’s name".into());
            return;
        }
        let Some(device) = &self.device else { return };
        let path = format!("/events/{}/door/guests", device.state.event.id);
        let seats = self.form.seats.trim().parse().unwrap_or(1);
        let guest = DoorGuestAdd { name: name.clone(), ticket_type_id: self.door_type(), seats, note: None };
        (self.form.busy, self.form.said) = (true, None);
        let key = self.name_of_form(&guest);
        self.call_once(Purpose::Guest { name }, &path, &guest, key);
    }

    /// The name that what the form says is sent by: another once it says something else.
    fn name_of_form(&mut self, says: &impl serde::Serialize) -> String {
        let says = serde_json::to_string(says).unwrap_or_default();
        match &self.form.sent {
            Some((sent, name)) if *sent == says => name.clone(),
            _ => {
                let name = self.fresh_name();
                self.form.sent = Some((says, name.clone()));
                name
            }
        }
    }

    pub(super) fn guest_added(&mut self, name: &str, answer: &Answer) {
        self.form.busy = false;
        match answer.json::<DoorGuestAdded>() {
            Some(added) => {
                let Some(ticket) = added.tickets.first() else { return };
                self.screen_is(Screen::Scan);
                self.begin(Subject::found(*ticket, Some(name.to_owned())), Wanted::default(), None);
            }
            None => {
                let said = answer.trouble();
                self.form.said = Some(said.clone());
                self.say(said);
            }
        }
    }

    /// Two touches: what it is, and this.
    pub(super) fn send_incident(&mut self) {
        let Some(kind) = self.form.kind else {
            return self.mention("Choose what it is first");
        };
        let text = self.form.text.trim();
        let body = if text.is_empty() { kind.to_owned() } else { format!("{kind}: {text}") };
        self.report(UpdateKind::Incident, body);
        self.screen_is(Screen::Scan);
        let said = if self.waits_for_network() {
            "Use the radio. The report goes out when the network returns"
        } else {
            "Sending to the control room"
        };
        self.mention(said);
    }

    /// Kept until the server has it.
    pub(super) fn report(&mut self, kind: UpdateKind, body: String) {
        let event = self.device.as_ref().map(|device| device.state.event.id);
        let (name, body) = (self.fresh_name(), body.chars().take(1000).collect());
        self.reports.push(Report { event, name, kind, body, sending: false });
        self.save_reports();
        if self.network.is_online() {
            self.send_reports();
        } else {
            self.network.try_now();
        }
    }

    pub(super) fn post(&mut self) {
        let body = self.form.text.trim().to_owned();
        if body.is_empty() {
            self.form.said = Some("Write what others should know".into());
            return;
        }
        let event_id = self.device.as_ref().map(|device| device.state.event.id);
        let update =
            NewUpdate { event_id, kind: UpdateKind::Info, body, audience: UpdateAudience::Staff, pinned: false };
        (self.form.busy, self.form.said) = (true, None);
        let key = self.name_of_form(&update);
        self.call_once(Purpose::Post, "/live/updates", &update, key);
    }

    pub(super) fn posted(&mut self, answer: &Answer) {
        self.form.busy = false;
        if answer.is_good() {
            self.screen_is(Screen::Updates);
            self.fetch_updates();
            return self.mention("Posted");
        }
        let said = answer.trouble();
        self.form.said = Some(said.clone());
        self.say(said);
    }
}

/// One line for a guest: of all tickets in one hand, the one that can still be let in.
fn by_guest(tickets: Vec<DoorGuest>) -> Vec<DoorGuest> {
    let hand = |one: &DoorGuest| (one.attendee_id, one.name.clone(), one.phone_ends.clone(), one.ticket_type.clone());
    let turn = |one: &DoorGuest| match one.status {
        State::Issued => 0,
        State::Outside => 1,
        State::Inside => 2,
        State::Revoked | State::Refunded => 3,
    };
    let mut guests: Vec<DoorGuest> = Vec::new();
    for ticket in tickets {
        match guests.iter_mut().find(|guest| hand(guest) == hand(&ticket)) {
            Some(guest) if turn(&ticket) < turn(guest) => *guest = ticket,
            Some(_) => {}
            None => guests.push(ticket),
        }
    }
    guests
}
