//! What lists of events and venues can be asked for.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{City, Day, EventId, EventStatus, VenueId};
use crate::access::EndUserId;
use crate::access::wire;
use crate::kernel::page::Limit;
use crate::kernel::text::SearchText;
use crate::kernel::timestamp::Timestamp;
use crate::partners::PartnerId;
use crate::people::InterestId;

wire! {
    /// Order of the list of events; `-` is descending.
    #[derive(Copy, Eq, Default)]
    pub enum EventSort {
        #[default]
        #[serde(rename = "start_at")]
        Start,
        #[serde(rename = "-start_at")]
        StartDesc,
        #[serde(rename = "title")]
        Title,
        #[serde(rename = "-title")]
        TitleDesc,
        #[serde(rename = "created")]
        Created,
        #[serde(rename = "-created")]
        CreatedDesc,
    }

    /// Filter, order and page of the list of events.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct EventFilter {
        /// Part of title, mood, place, city or description.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        /// Only those with these IDs, at most 100.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub id: Option<Vec<EventId>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub city: Option<City>,
        /// Any of these.
        #[serde(default, alias = "interests", skip_serializing_if = "Option::is_none")]
        pub interest: Option<Vec<InterestId>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub status: Option<Vec<EventStatus>>,
        /// Not over before this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from: Option<Timestamp>,
        /// Started before this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to: Option<Timestamp>,
        /// Not over before this day, in the time zone of each event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub from_day: Option<Day>,
        /// Begun on this day at the latest, in the time zone of each event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub to_day: Option<Day>,
        /// Lowest public price, in minor units.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub price_min: Option<i64>,
        /// Highest, in minor units; 0 is free.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub price_max: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub venue_id: Option<VenueId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub organizer_partner_id: Option<PartnerId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub host_user_id: Option<EndUserId>,
        /// Near this point: degrees north …
        #[serde(default, alias = "latitude", skip_serializing_if = "Option::is_none")]
        pub lat: Option<f64>,
        /// … and east …
        #[serde(default, alias = "longitude", skip_serializing_if = "Option::is_none")]
        pub lon: Option<f64>,
        /// … within so many kilometres; 25 if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub radius_km: Option<f64>,
        /// Only those the caller organises, drafts too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub mine: Option<bool>,
        /// Only those with requests to join that wait for an answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub has_requests: Option<bool>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sort: Option<EventSort>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }

    /// Cities and months to choose from.
    pub struct EventChoices {
        /// Cities, those with most events first; at most 12.
        pub cities: Vec<String>,
        /// Months such as `2026-12` in which events start, in each event's time zone; at most 12.
        pub months: Vec<String>,
    }

    /// Filter and page of the list of venues.
    #[derive(Default)]
    #[serde(deny_unknown_fields)]
    pub struct VenueFilter {
        /// Part of the name or address.
        #[serde(default, alias = "search", skip_serializing_if = "Option::is_none")]
        pub q: Option<SearchText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub city: Option<City>,
        /// Changed at or after this time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub updated_since: Option<Timestamp>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub cursor: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub limit: Option<Limit>,
    }
}

/// How far around a point is near, in kilometres, where nothing else is said.
pub const NEAR_KM: f64 = 25.0;

impl Validate for EventFilter {
    fn check(&self, errors: &mut FieldErrors) {
        let mut say = |field: &str, message: &str| errors.entry(field.to_owned()).or_default().push(message.to_owned());
        if self.id.as_ref().is_some_and(|ids| ids.len() > 100) {
            say("id", "must be at most 100");
        }
        if self.lat.is_some() != self.lon.is_some() {
            say("lat", "a point has lat and lon");
        }
        if self.lat.is_some_and(|lat| !(-90.0..=90.0).contains(&lat)) {
            say("lat", "must be between -90 and 90");
        }
        if self.lon.is_some_and(|lon| !(-180.0..=180.0).contains(&lon)) {
            say("lon", "must be between -180 and 180");
        }
        if self.radius_km.is_some_and(|km| !(0.1..=1000.0).contains(&km)) {
            say("radius_km", "must be between 0.1 and 1000");
        }
        if self.radius_km.is_some() && self.lat.is_none() {
            say("radius_km", "needs lat and lon");
        }
        if self.price_min.is_some_and(|minor| minor < 0) {
            say("price_min", "must be 0 or more");
        }
        if self.price_max.is_some_and(|minor| minor < 0) {
            say("price_max", "must be 0 or more");
        }
    }
}
impl Validate for VenueFilter {}
