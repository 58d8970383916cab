//! What people without an account see of a plan, and what crew see and say by links of their own.

use operation::{FieldErrors, Validate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    AssignmentStatus, CrewDocument, CrewId, EntryKind, PlanLinkId, PlanNote, PlanTitle, StaffAssignmentId, say,
};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::text::Secret;
use crate::kernel::timestamp::Timestamp;
use crate::partners::words;

words! {
    /// What somebody says to an offer.
    pub enum OfferAnswer {
        /// They will come.
        Accepted "accepted" "Accepted",
        /// They cannot come.
        Declined "declined" "Declined",
    }

    /// Coming to a shift, or leaving it.
    pub enum ShiftStep {
        /// They are here.
        In "in" "In",
        /// They leave.
        Out "out" "Out",
    }
}

wire! {
    /// A link to the plan of an event, for people without an account.
    pub struct PlanLink {
        pub id: PlanLinkId,
        pub event_id: EventId,
        /// Who has it.
        pub name: String,
        /// Whether it shows who works.
        pub shows_crew: bool,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A link with its addresses: whoever has one of them sees what is confirmed.
    pub struct PlanLinkShown {
        /// The link.
        pub link: PlanLink,
        /// The plan as a page.
        pub url: String,
        /// The plan as a calendar to subscribe to.
        pub calendar_url: String,
    }

    /// A new link to a plan.
    #[serde(deny_unknown_fields)]
    pub struct NewPlanLink {
        /// Who is to have it.
        pub name: PlanTitle,
        /// Whether it shows who works.
        #[serde(default)]
        pub shows_crew: bool,
    }

    /// What a link carries.
    #[serde(deny_unknown_fields)]
    pub struct LinkToken {
        pub token: String,
    }

    /// What a link shows of a plan: what is confirmed, without notes and without money.
    pub struct SharedPlan {
        /// Who the link is for.
        pub link: String,
        pub event_id: EventId,
        /// The event's title.
        pub event: String,
        pub place: String,
        /// By whose clocks its times are told.
        pub timezone: String,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        /// It does not take place.
        pub cancelled: bool,
        pub entries: Vec<SharedEntry>,
    }

    /// What a link shows of an entry.
    pub struct SharedEntry {
        pub id: Uuid,
        pub kind: EntryKind,
        /// The person, artist, equipment or entry.
        pub title: String,
        /// The kind, the role or the category.
        pub detail: String,
        /// The stage or the place.
        pub place: Option<String>,
        pub units: i32,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub version: i64,
    }

    /// The link of somebody of the crew.
    pub struct CrewLink {
        pub staff_id: CrewId,
        /// Their own page.
        pub url: String,
        /// Their shifts as a calendar to subscribe to.
        pub calendar_url: String,
    }

    /// What somebody of the crew sees of their own, by their link.
    pub struct OwnShifts {
        pub staff_id: CrewId,
        pub full_name: String,
        /// Who they work for.
        pub organisation: String,
        /// Offers and shifts that are not over, and those of the last 30 days, in order.
        pub shifts: Vec<OwnShift>,
        /// Their documents, newest first.
        #[serde(default)]
        pub documents: Vec<CrewDocument>,
        pub calendar_url: String,
    }

    /// A shift, as whoever holds it sees it.
    pub struct OwnShift {
        pub id: StaffAssignmentId,
        /// The event's title.
        pub event: String,
        /// Where the event is.
        pub venue: String,
        /// By whose clocks its times are told.
        pub timezone: String,
        pub latitude: Option<f64>,
        pub longitude: Option<f64>,
        pub role: String,
        /// Where at the event.
        pub place: Option<String>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub status: AssignmentStatus,
        /// How long it takes, in minutes that really pass.
        pub minutes: i64,
        /// What it pays: worked minutes once they have left, else planned ones.
        pub pay: Money,
        /// Who leads.
        pub lead: Option<String>,
        /// The lead's phone number.
        pub lead_phone: Option<String>,
        pub checked_in_at: Option<Timestamp>,
        pub checked_out_at: Option<Timestamp>,
        /// When they asked for somebody else to take it.
        pub swap_asked_at: Option<Timestamp>,
        pub version: i64,
    }

    /// An answer to an offer, by the link of whoever got it.
    #[serde(deny_unknown_fields)]
    pub struct OwnAnswer {
        pub token: Secret,
        pub answer: OfferAnswer,
    }

    /// Asks for somebody else to take a shift, or no longer.
    #[serde(deny_unknown_fields)]
    pub struct OwnSwap {
        pub token: Secret,
        /// Whether somebody else should take it.
        pub asked: bool,
        /// Why, for whoever plans.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// Coming or leaving, by the link of whoever does.
    #[serde(deny_unknown_fields)]
    pub struct OwnStep {
        pub token: Secret,
        pub step: ShiftStep,
    }

    /// A line of a time sheet.
    pub struct TimeSheetRow {
        pub assignment_id: StaffAssignmentId,
        pub full_name: String,
        pub role: String,
        pub place: Option<String>,
        pub status: AssignmentStatus,
        /// By the clocks of the event.
        pub planned_from: String,
        pub planned_to: String,
        pub came: String,
        pub left: String,
        /// Minutes that really pass: worked ones once they have left, else planned ones.
        pub minutes: i64,
        pub rate: Money,
        pub cost: Money,
    }
}

fn check_token(errors: &mut FieldErrors, token: &Secret) {
    crate::access::required(errors, "token", token);
}

impl Validate for NewPlanLink {}
impl Validate for LinkToken {
    fn check(&self, errors: &mut FieldErrors) {
        if self.token.is_empty() || self.token.len() > 200 {
            say(errors, "token", "must have between 1 and 200 characters");
        }
    }
}
impl Validate for OwnAnswer {
    fn check(&self, errors: &mut FieldErrors) {
        check_token(errors, &self.token);
    }
}
impl Validate for OwnSwap {
    fn check(&self, errors: &mut FieldErrors) {
        check_token(errors, &self.token);
    }
}
impl Validate for OwnStep {
    fn check(&self, errors: &mut FieldErrors) {
        check_token(errors, &self.token);
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for TimeSheetRow {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Self>] = &[
        ("name", |row| row.full_name.clone()),
        ("role", |row| row.role.clone()),
        ("place", |row| row.place.clone().unwrap_or_default()),
        ("status", |row| row.status.word().to_owned()),
        ("planned_from", |row| row.planned_from.clone()),
        ("planned_to", |row| row.planned_to.clone()),
        ("came", |row| row.came.clone()),
        ("left", |row| row.left.clone()),
        ("minutes", |row| row.minutes.to_string()),
        ("rate_per_hour", |row| row.rate.decimal()),
        ("cost", |row| row.cost.decimal()),
        ("currency", |row| row.cost.currency.as_str().to_owned()),
    ];
}
