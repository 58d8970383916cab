//! Events themselves.

use operation::{FieldErrors, Validate, say};
use serde::Serialize;

use super::{
    City, CoHostId, Description, EventId, EventImageId, EventTitle, GstNumber, Mood, Percent, PlaceText, Seats,
    TimeZone, VenueId,
};
use crate::access::EndUserId;
use crate::access::wire;
use crate::kernel::error::{Error, is_now};
use crate::kernel::money::{Currency, Money};
use crate::kernel::patch::Patch;
use crate::kernel::text::Reason;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::partners::PartnerId;
use crate::people::InterestId;

wire_enum! {
    /// What an entry of an event's activity is about.
    pub enum ActivityOf {
        /// The event itself, its ticket types and promo codes.
        Event "event",
        /// Its guests, requests, invitations and waiting list.
        Guests "guests",
        /// Refunds, disputes, sales at the door and the budget.
        Money "money",
        /// Gates, phones, admissions to check and updates.
        Gate "gate",
        /// Stages, crew, talent and equipment.
        Plan "plan",
    }

    /// Status of an event.
    pub enum EventStatus {
        /// Being planned; only its organisers see it.
        Draft "draft" "Draft",
        /// Everybody can see it and come in.
        Published "published" "Published",
        /// The event is live.
        Live "live" "Live",
        /// The event has ended.
        Ended "ended" "Ended",
        /// It was cancelled.
        Cancelled "cancelled" "Cancelled",
    }

    /// Who can attend an event.
    #[derive(Default)]
    pub enum AllowedGenders {
        /// Everybody.
        #[default]
        All "all" "All",
        /// Men.
        Male "male" "Male",
        /// Women.
        Female "female" "Female",
        /// Non-binary people.
        NonBinary "non_binary" "non-binary",
    }
}

impl ActivityOf {
    /// What a filter calls it.
    pub fn title(self) -> &'static str {
        match self {
            ActivityOf::Event => "Event",
            ActivityOf::Guests => "Guests",
            ActivityOf::Money => "Money",
            ActivityOf::Gate => "Gate",
            ActivityOf::Plan => "Plan",
        }
    }
}

impl EventStatus {
    /// Where a step leads; 409 `invalid_transition` where it is not possible.
    pub fn next(self, to: EventStatus) -> Result<EventStatus, Error> {
        use EventStatus::{Cancelled, Draft, Ended, Live, Published};
        match (self, to) {
            (Draft, Published) | (Published, Live) | (Live, Ended) | (Draft | Published | Live, Cancelled) => Ok(to),
            _ => Err(is_now("event", self.as_str())),
        }
    }

    /// Whether guests can come in.
    pub fn is_open(self) -> bool {
        matches!(self, EventStatus::Published | EventStatus::Live)
    }

    /// Whether nothing of it changes any more: it ended, or was cancelled.
    pub fn is_over(self) -> bool {
        matches!(self, EventStatus::Ended | EventStatus::Cancelled)
    }
}

impl Event {
    /// Whether it was cancelled before anybody could see it.
    pub fn is_discarded(&self) -> bool {
        self.status == EventStatus::Cancelled && self.published_at.is_none()
    }
}

wire! {
    /// An event, as lists and its own page show it.
    pub struct Event {
        pub id: EventId,
        /// The end user who hosts; else a partner organises.
        pub host_user_id: Option<EndUserId>,
        pub host_name: Option<String>,
        pub organizer_partner_id: Option<PartnerId>,
        pub organizer_name: Option<String>,
        pub title: String,
        /// Names the event in addresses; unique.
        pub slug: String,
        pub mood: Option<String>,
        pub description: String,
        pub venue_id: Option<VenueId>,
        pub venue_name: Option<String>,
        pub venue_address: Option<String>,
        /// A place that is not among the venues.
        pub venue_text: Option<String>,
        pub city: String,
        pub latitude: Option<f64>,
        pub longitude: Option<f64>,
        pub start_at: Timestamp,
        pub end_at: Timestamp,
        pub timezone: String,
        /// The day on which it starts, there.
        pub event_date: String,
        /// The time at which it starts, there.
        pub start_time: String,
        /// The day on which it ends, there.
        pub end_date: String,
        /// The time at which it ends, there.
        pub end_time: String,
        /// How long it takes (ISO 8601).
        pub duration: String,
        pub capacity: i32,
        /// Whether all public ticket types are paid.
        pub is_paid: bool,
        /// The lowest public price.
        pub ticket_price: Money,
        pub gst_number: Option<String>,
        pub gst_percent: Option<String>,
        pub allow_plus_one: bool,
        /// Seats that come free go to the first on the waiting list they are enough for; else they are kept for the first party.
        #[serde(default)]
        pub smaller_parties_pass: bool,
        pub allowed_genders: AllowedGenders,
        /// One to three of its images, in order.
        pub cover_images: Vec<EventImageId>,
        pub interests: Vec<InterestId>,
        pub status: EventStatus,
        pub is_published: bool,
        pub is_active: bool,
        pub published_at: Option<Timestamp>,
        pub cancelled_at: Option<Timestamp>,
        pub cancellation_reason: Option<String>,
        /// If the time or venue changed, guests who cannot attend are asked to cancel until then. Nothing is
        /// refunded automatically.
        pub refund_window_until: Option<Timestamp>,
        /// How often the time or venue has changed.
        pub sequence: i32,
        /// Seats of guests who are going or inside.
        pub going_count: i32,
        /// Requests waiting for an answer.
        pub requests_count: i32,
        pub version: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }

    /// A new event; it is a draft. An end user hosts it itself.
    #[serde(deny_unknown_fields)]
    pub struct NewEvent {
        pub title: EventTitle,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mood: Option<Mood>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Description>,
        /// Staff says who organises: this partner …
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub organizer_partner_id: Option<PartnerId>,
        /// … or this end user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub host_user_id: Option<EndUserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub venue_id: Option<VenueId>,
        /// Instead of a venue.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub venue_text: Option<PlaceText>,
        /// The venue's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub city: Option<City>,
        pub start_at: Timestamp,
        pub end_at: Timestamp,
        /// The venue's if absent, else the organisation's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub timezone: Option<TimeZone>,
        pub capacity: Seats,
        /// The organisation's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub currency: Option<Currency>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub gst_number: Option<GstNumber>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub gst_percent: Option<Percent>,
        /// Whether a person can book several seats.
        #[serde(default)]
        pub allow_plus_one: bool,
        /// Whether seats that come free go to a smaller party where the first on the waiting list needs more; else they are kept
        /// for the first.
        #[serde(default)]
        pub smaller_parties_pass: bool,
        #[serde(default)]
        pub allowed_genders: AllowedGenders,
        #[serde(default)]
        pub interests: Vec<InterestId>,
    }

    /// Changes to an event. Guests of a published event are notified of a new time or venue.
    #[serde(deny_unknown_fields)]
    #[derive(Default)]
    pub struct EventPatch {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<EventTitle>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub mood: Patch<Mood>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub description: Option<Description>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub venue_id: Patch<VenueId>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub venue_text: Patch<PlaceText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub city: Option<City>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub start_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub end_at: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub timezone: Option<TimeZone>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub capacity: Option<Seats>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub gst_number: Patch<GstNumber>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub gst_percent: Patch<Percent>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub allow_plus_one: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub smaller_parties_pass: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub allowed_genders: Option<AllowedGenders>,
        /// All of them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub interests: Option<Vec<InterestId>>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// Another time, and perhaps another place.
    #[serde(deny_unknown_fields)]
    pub struct Reschedule {
        pub start_at: Timestamp,
        pub end_at: Timestamp,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub venue_id: Patch<VenueId>,
        #[serde(default, skip_serializing_if = "Patch::is_absent")]
        pub venue_text: Patch<PlaceText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub city: Option<City>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }

    /// Calls an event off.
    #[serde(deny_unknown_fields)]
    pub struct CancelEvent {
        /// Guests read it.
        pub reason: Reason,
    }

    /// A new draft like an event that is there.
    #[serde(deny_unknown_fields)]
    pub struct DuplicateEvent {
        pub start_at: Timestamp,
        /// As long as the original if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub end_at: Option<Timestamp>,
        /// The original's if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub title: Option<EventTitle>,
    }

    /// A co-host: an end user or a partner.
    pub struct CoHost {
        pub id: CoHostId,
        pub event_id: EventId,
        pub user_id: Option<EndUserId>,
        pub partner_id: Option<PartnerId>,
        pub name: Option<String>,
        pub created_at: Timestamp,
    }

    /// Adds a co-host: say one of the two.
    #[serde(deny_unknown_fields)]
    pub struct NewCoHost {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub user_id: Option<EndUserId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub partner_id: Option<PartnerId>,
    }
}

/// The longest an event may take.
pub const LONGEST: time::Duration = time::Duration::days(60);

fn check_time(errors: &mut FieldErrors, start: Timestamp, end: Timestamp) {
    if end <= start {
        say(errors, "end_at", "must be after the start");
    } else if end.0 - start.0 > LONGEST {
        say(errors, "end_at", "must be at most 60 days after the start");
    }
}

#[cfg(feature = "ssr")]
impl crate::kernel::csv::CsvRow for Event {
    const COLUMNS: &'static [crate::kernel::csv::CsvColumn<Event>] = &[
        ("id", |e| e.id.to_string()),
        ("title", |e| e.title.clone()),
        ("status", |e| e.status.as_str().to_owned()),
        ("organiser", |e| e.organizer_name.clone().or_else(|| e.host_name.clone()).unwrap_or_default()),
        ("starts", |e| format!("{} {}", e.event_date, e.start_time)),
        ("ends", |e| format!("{} {}", e.end_date, e.end_time)),
        ("timezone", |e| e.timezone.clone()),
        ("start_at", |e| e.start_at.rfc3339()),
        ("place", |e| e.venue_name.clone().or_else(|| e.venue_text.clone()).unwrap_or_default()),
        ("city", |e| e.city.clone()),
        ("going", |e| e.going_count.to_string()),
        ("capacity", |e| e.capacity.to_string()),
        ("requests", |e| e.requests_count.to_string()),
        ("currency", |e| e.ticket_price.currency.to_string()),
        ("price", |e| e.ticket_price.decimal()),
        ("slug", |e| e.slug.clone()),
        ("created", |e| e.created_at.rfc3339()),
    ];
}

impl Validate for NewEvent {
    fn check(&self, errors: &mut FieldErrors) {
        check_time(errors, self.start_at, self.end_at);
        if self.venue_id.is_some() && self.venue_text.is_some() {
            say(
                errors,
                "venue_text",
                "cannot be combined with venue_id: use it for addresses that are not among the venues",
            );
        }
        if self.venue_id.is_none() && self.city.is_none() {
            say(errors, "city", "is required without a venue");
        }
        if self.organizer_partner_id.is_some() && self.host_user_id.is_some() {
            say(errors, "host_user_id", "choose an end user or a partner as organiser, not both");
        }
        if self.interests.len() > 10 {
            say(errors, "interests", "must be at most 10");
        }
    }
}
impl Validate for EventPatch {
    fn check(&self, errors: &mut FieldErrors) {
        if let (Some(start), Some(end)) = (self.start_at, self.end_at) {
            check_time(errors, start, end);
        }
        if self == &(EventPatch { version: self.version, ..EventPatch::default() }) {
            say(errors, "title", "change at least one field");
        }
        if self.interests.as_ref().is_some_and(|list| list.len() > 10) {
            say(errors, "interests", "must be at most 10");
        }
    }
}
impl Validate for Reschedule {
    fn check(&self, errors: &mut FieldErrors) {
        check_time(errors, self.start_at, self.end_at);
    }
}
impl Validate for CancelEvent {}
impl Validate for DuplicateEvent {
    fn check(&self, errors: &mut FieldErrors) {
        if let Some(end) = self.end_at {
            check_time(errors, self.start_at, end);
        }
    }
}
impl Validate for NewCoHost {
    fn check(&self, errors: &mut FieldErrors) {
        if self.user_id.is_some() == self.partner_id.is_some() {
            say(errors, "user_id", "choose an end user or a partner");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_the_table() {
        use EventStatus::*;
        let allowed = [
            (Draft, Published),
            (Published, Live),
            (Live, Ended),
            (Draft, Cancelled),
            (Published, Cancelled),
            (Live, Cancelled),
        ];
        for from in EventStatus::ALL {
            for to in EventStatus::ALL {
                assert_eq!(from.next(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
    }
}
