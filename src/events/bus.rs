//! What events tells the bus, which of its records are audited, and what its constraints mean.

use operation::Constraint;
use serde::Serialize;

use super::operations::InterestRecord;
use super::{CoHost, Event, EventId, EventImage, EventStatus, EventStream, StreamId, StreamStatus, Venue, VenueId};
use crate::kernel::audit::Audited;
use crate::kernel::outbox::{BusEvent, EventType};
use crate::kernel::timestamp::Timestamp;
use crate::people::InterestId;

macro_rules! audited {
    ($($type:ident $object:literal),*) => {$(
        impl Audited for $type {
            const OBJECT: &'static str = $object;
            fn audit_id(&self) -> String {
                self.id.to_string()
            }
        }
    )*};
}
audited!(Event "event", Venue "venue", CoHost "event_co_host", EventImage "event_image", EventStream "event_stream",
         InterestRecord "event_interest");

macro_rules! constraints {
    ($($name:literal $field:literal $code:literal $message:literal;)*) => {$(
        inventory::submit!(Constraint { name: $name, field: $field, code: $code, message: $message });
    )*};
}
constraints! {
    "events_venue_free" "venue_id" "venue_taken" "Another published event holds the place at that time.";
    "events_venue_id_fkey" "venue_id" "unknown_reference" "There is no such venue.";
    "events_organizer_partner_id_fkey" "organizer_partner_id" "unknown_reference" "There is no such partner.";
    "events_host_user_id_fkey" "host_user_id" "unknown_reference" "There is no such end user.";
    "event_interest_map_interest_id_fkey" "interests" "unknown_reference" "There is no such interest.";
    "event_co_hosts_user" "user_id" "already_exists" "This person is a co-host already.";
    "event_co_hosts_partner" "partner_id" "already_exists" "This partner is a co-host already.";
    "event_co_hosts_user_id_fkey" "user_id" "unknown_reference" "There is no such end user.";
    "event_co_hosts_partner_id_fkey" "partner_id" "unknown_reference" "There is no such partner.";
    "event_interests_name_key" "name" "already_exists" "There is an interest of this name.";
    "event_interests_slug_key" "name" "already_exists" "There is an interest of this name, or nearly.";
    "venues_partner_id_fkey" "partner_id" "unknown_reference" "There is no such partner.";
    "user_role_assignments_event_id_fkey" "event_id" "unknown_reference" "There is no such event.";
}

macro_rules! event_event {
    ($(#[doc = $doc:literal] $name:ident $type:literal { $($field:ident: $field_type:ty),* })*) => {$(
        #[doc = $doc]
        #[derive(Serialize)]
        pub struct $name {
            pub event_id: EventId,
            $(pub $field: $field_type,)*
        }
        impl BusEvent for $name {
            const TYPE: &'static str = $type;
            const AGGREGATE: &'static str = "event";
            fn aggregate_id(&self) -> String {
                self.event_id.to_string()
            }
        }
        inventory::submit!(EventType::of::<$name>($doc));
    )*};
}
event_event! {
    /// A draft was made.
    EventCreated "event.created" {}
    /// Its fields, images, questions or organisers changed.
    EventChanged "event.changed" {}
    /// It was published, went live, ended or was cancelled.
    EventStepped "event.status_changed" { status: EventStatus }
    /// Its time or place changed after it was published.
    EventRescheduled "event.rescheduled" { start_at: Timestamp, end_at: Timestamp }
    /// A stream came, changed or went.
    StreamChanged "event.stream_changed" { stream_id: StreamId, stream_status: StreamStatus }
}

/// A venue came or changed.
#[derive(Serialize)]
pub struct VenueChanged {
    pub venue_id: VenueId,
}
impl BusEvent for VenueChanged {
    const TYPE: &'static str = "venue.changed";
    const AGGREGATE: &'static str = "venue";
    fn aggregate_id(&self) -> String {
        self.venue_id.to_string()
    }
}
inventory::submit!(EventType::of::<VenueChanged>("A venue came or changed."));

/// Something people and events have in common came or changed.
#[derive(Serialize)]
pub struct InterestChanged {
    pub interest_id: InterestId,
}
impl BusEvent for InterestChanged {
    const TYPE: &'static str = "interest.changed";
    const AGGREGATE: &'static str = "interest";
    fn aggregate_id(&self) -> String {
        self.interest_id.to_string()
    }
}
inventory::submit!(EventType::of::<InterestChanged>("Something people and events have in common came or changed."));
