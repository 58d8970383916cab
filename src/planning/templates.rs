//! The mails to the crew.

use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::timestamp::Timestamp;
use crate::notify::samples::NAME;
use crate::notify::{EventFacts, MailAudience, Samples, Says, Template, Values, crew, mails};
use crate::organisation::Organisation;

mails! {
    /// Somebody of the crew is offered a shift.
    ShiftOffered "shift_offered" {
        /// Whom it greets.
        name: String,
        /// At what.
        event: EventFacts,
        /// As what.
        role: String,
        /// When, by the clocks of the event.
        hours: String,
        /// Where at the event; may be empty.
        place: String,
        /// Whose shift.
        member: Uuid,
        /// Of the link.
        generation: i32,
    }
    /// Somebody's shift is at another time or place, or another one.
    ShiftChanged "shift_changed" {
        /// Whom it greets.
        name: String,
        /// At what.
        event: EventFacts,
        /// As what.
        role: String,
        /// When, by the clocks of the event.
        hours: String,
        /// When it was before; empty if it is at the same time.
        was: String,
        /// Where at the event; may be empty.
        place: String,
        /// Whose shift.
        member: Uuid,
        /// Of the link.
        generation: i32,
    }
    /// Somebody's shift is not needed any more.
    ShiftCancelled "shift_cancelled" {
        /// Whom it greets.
        name: String,
        /// At what.
        event: EventFacts,
        /// As what.
        role: String,
        /// When, by the clocks of the event.
        hours: String,
        /// Whose shift.
        member: Uuid,
        /// Of the link.
        generation: i32,
    }
}

inventory::submit!(Samples { to: MailAudience::Guests, place: 80, mails: samples });

fn samples(_at: Timestamp) -> Vec<Template> {
    let (name, event, role) = (|| NAME.to_owned(), EventFacts::sample, || "Gate steward".to_owned());
    let place = || "North gate".to_owned();
    let hours = || "Sat 5 Dec 2026, 17:00 to 23:00 IST (GMT+5:30)".to_owned();
    let was = "Sat 5 Dec 2026, 16:00 to 22:00 IST (GMT+5:30)".to_owned();
    let (member, generation) = (Uuid::nil(), 1);
    let (at, what, when, there) = (event(), role(), hours(), place());
    vec![
        ShiftOffered { name: name(), event: event(), role: role(), hours: hours(), place: place(), member, generation }
            .into(),
        ShiftChanged { name: name(), event: at, role: what, hours: when, was, place: there, member, generation }.into(),
        ShiftCancelled { name: name(), event: event(), role: role(), hours: hours(), member, generation }.into(),
    ]
}

fn shift(role: &str, hours: &str, link: String) -> Values {
    vec![("role", role.to_owned()), ("hours", hours.to_owned()), ("link", link)]
}

/// Where at the event, after the role.
fn spot(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" ({place})") }
}

impl Says for ShiftOffered {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        let mut values = self.event.values(&self.name, []);
        values.extend(shift(&self.role, &self.hours, crew::url(app, self.member, self.generation)));
        values.push(("at_spot", spot(&self.place)));
        values
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("{{title}}: {{role}}{{at_spot}}, {{hours}}. Accept or decline: {{link}}")
    }
}

impl Says for ShiftChanged {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        let mut values = self.event.values(&self.name, []);
        values.extend(shift(&self.role, &self.hours, crew::url(app, self.member, self.generation)));
        values.push(("at_spot", spot(&self.place)));
        let was = &self.was;
        values.push(("was", if was.is_empty() { String::new() } else { format!("It was {was}.") }));
        values
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("{{title}}: your shift is now {{role}}{{at_spot}}, {{hours}}. {{was}} {{link}}")
    }
}

impl Says for ShiftCancelled {
    fn values(&self, app: &App, _house: &Organisation) -> Values {
        let mut values = self.event.values(&self.name, []);
        values.extend(shift(&self.role, &self.hours, crew::url(app, self.member, self.generation)));
        values
    }
    fn in_short(&self) -> Option<&'static str> {
        Some("{{title}}: your shift was cancelled: {{role}}, {{hours}}. See {{link}}")
    }
}
