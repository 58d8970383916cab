//! What people without an account see of a plan, and what crew see and say by links of their own.

use operation::{FieldErrors, Validate};
use serde::Serialize;
use uuid::Uuid;

use super::{
    AssignmentStatus, CrewDocument, CrewId, EntryKind, PlanLinkId, PlanNote, PlanTitle, StaffAssignmentId, say,
};
use crate::access::wire;
use crate::events::EventId;
use crate::kernel::money::Money;
use crate::kernel::text::Secret;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;

wire_enum! {
    /// An answer to an offer.
    pub enum OfferAnswer {
        /// Accepted.
        Accepted "accepted" "Accepted",
        /// Declined.
        Declined "declined" "Declined",
    }

    /// Coming to a shift, or leaving it.
    pub enum ShiftStep {
        /// Checked in.
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
        /// The holder.
        pub name: String,
        /// Whether it shows who works.
        pub shows_crew: bool,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A share link with its URLs. Anyone with one of them sees the confirmed entries.
    pub struct PlanLinkShown {
        /// The link.
        pub link: PlanLink,
        /// The plan as a page.
        #[cfg_attr(feature = "ssr", schemars(extend("x-secret" = true)))]
        pub url: String,
        /// The plan as a calendar to subscribe to.
        #[cfg_attr(feature = "ssr", schemars(extend("x-secret" = true)))]
        pub calendar_url: String,
    }

    /// A new link to a plan.
    #[serde(deny_unknown_fields)]
    pub struct NewPlanLink {
        /// The recipient.
        pub name: PlanTitle,
        /// Whether it shows who works.
        #[serde(default)]
        pub shows_crew: bool,
    }

    /// The parameters of a link.
    #[serde(deny_unknown_fields)]
    pub struct LinkToken {
        pub token: String,
    }

    /// A plan as shown by a share link: confirmed entries without notes or amounts.
    pub struct SharedPlan {
        /// Who the link is for.
        pub link: String,
        pub event_id: EventId,
        /// The event's title.
        pub event: String,
        pub place: String,
        /// Time zone of its times.
        pub timezone: String,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        /// It was cancelled.
        pub cancelled: bool,
        pub entries: Vec<SharedEntry>,
    }

    /// An entry as shown by a share link.
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

    /// The personal link of a crew member.
    pub struct CrewLink {
        pub staff_id: CrewId,
        /// Their own page.
        #[cfg_attr(feature = "ssr", schemars(extend("x-secret" = true)))]
        pub url: String,
        /// Their shifts as a calendar to subscribe to.
        #[cfg_attr(feature = "ssr", schemars(extend("x-secret" = true)))]
        pub calendar_url: String,
    }

    /// What a crew member sees by personal link.
    pub struct OwnShifts {
        pub staff_id: CrewId,
        pub full_name: String,
        /// Their partner.
        pub organisation: String,
        /// Offers and shifts that are not over, and those of the last 30 days, in order.
        pub shifts: Vec<OwnShift>,
        /// Their documents, newest first.
        #[serde(default)]
        pub documents: Vec<CrewDocument>,
        #[cfg_attr(feature = "ssr", schemars(extend("x-secret" = true)))]
        pub calendar_url: String,
    }

    /// A shift, as the person assigned to it sees it.
    pub struct OwnShift {
        pub id: StaffAssignmentId,
        pub event_id: EventId,
        /// The event's title.
        pub event: String,
        /// The venue of the event.
        pub venue: String,
        /// Time zone of its times.
        pub timezone: String,
        pub latitude: Option<f64>,
        pub longitude: Option<f64>,
        pub role: String,
        /// The location at the event.
        pub place: Option<String>,
        pub starts_at: Timestamp,
        pub ends_at: Timestamp,
        pub status: AssignmentStatus,
        /// How long it takes, in minutes that really pass.
        pub minutes: i64,
        /// The pay: by minutes worked after check-out, or else by planned minutes.
        pub pay: Money,
        /// The lead.
        pub lead: Option<String>,
        /// The lead's phone number.
        pub lead_phone: Option<String>,
        pub checked_in_at: Option<Timestamp>,
        pub checked_out_at: Option<Timestamp>,
        /// When they asked to swap.
        pub swap_asked_at: Option<Timestamp>,
        pub version: i64,
    }

    /// An answer to an offer by personal link.
    #[serde(deny_unknown_fields)]
    pub struct OwnAnswer {
        pub token: Secret,
        pub answer: OfferAnswer,
    }

    /// Requests or cancels a swap of a shift.
    #[serde(deny_unknown_fields)]
    pub struct OwnSwap {
        pub token: Secret,
        /// Whether they want to swap.
        pub asked: bool,
        /// The reason, for the planner.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub note: Option<PlanNote>,
    }

    /// Checking in to or out of a shift, by personal link.
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
        ("status", |row| row.status.as_str().to_owned()),
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
