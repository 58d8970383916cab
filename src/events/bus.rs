//! What events tells the bus, which of its records are audited, and what its constraints mean.

use super::operations::InterestRecord;
use super::{CoHost, Event, EventId, EventImage, EventStatus, EventStream, StreamId, StreamStatus, Venue, VenueId};
use crate::bus::audiences;
use crate::kernel::audit::audited;
use crate::kernel::error::constraints;
use crate::kernel::outbox::bus_events;
use crate::kernel::timestamp::Timestamp;
use crate::people::InterestId;

audited!(Event "event", Venue "venue", CoHost "event_co_host", EventImage "event_image", EventStream "event_stream",
         InterestRecord "event_interest");

constraints! {
    "events_venue_free" "venue_id" "venue_taken" "Another published event is at the venue at that time.";
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

audiences! {
    "event." EventsRead;
    "venue." EventsRead;
    "interest." EventsRead;
}

bus_events! {
    "event" event_id: EventId;
    /// An event was created.
    EventCreated "event.created" {}
    /// The details, images, questions or organisers of an event changed.
    EventChanged "event.changed" {}
    /// An event was published, went live, ended or was cancelled.
    EventStepped "event.status_changed" { status: EventStatus }
    /// The time or venue of a published event changed.
    EventRescheduled "event.rescheduled" { start_at: Timestamp, end_at: Timestamp }
    /// A stream was added, changed or removed.
    StreamChanged "event.stream_changed" { stream_id: StreamId, stream_status: StreamStatus }
}

bus_events! {
    "venue" venue_id: VenueId;
    /// A venue was added or changed.
    VenueChanged "venue.changed" {}
}
bus_events! {
    "interest" interest_id: InterestId;
    /// An interest was added or changed.
    InterestChanged "interest.changed" {}
}
