//! What people call the records of events, what is done to them, and the work behind it.

use crate::audit::words::Area;

/// The area's own.
pub const WORDS: Area = Area {
    kinds: &[
        ("event", "Event"),
        ("event_co_host", "Co-host"),
        ("event_image", "Picture"),
        ("event_stream", "Stream"),
        ("venue", "Venue"),
        ("event_interest", "Interest"),
    ],
    also: &[("interest", "Interest")],
    actions: &[
        ("event.cancelled", "cancelled {|the event}"),
        ("event.co_host_added", "added {|someone} as a co-host"),
        ("event.co_host_removed", "removed {|someone} as a co-host"),
        ("event.created", "created {|the event}"),
        ("event.ended", "ended {|the event}"),
        ("event.image_added", "added a picture"),
        ("event.image_removed", "removed a picture"),
        ("event.images_ordered", "changed the order of the pictures"),
        ("event.published", "published {|the event}"),
        ("event.questions_set", "changed the questions for guests"),
        ("event.rescheduled", "rescheduled[ {}]: <time or venue>"),
        ("event.started", "started {|the event}"),
        ("event.stream_added", "added the stream {}"),
        ("event.stream_key_shown", "looked up the key of the stream {}"),
        ("event.stream_removed", "removed the stream {}"),
        ("event.stream_updated", "changed the stream {}"),
        ("event.updated", "changed <details>[ of {}]"),
        ("interest.created", "added the interest {}"),
        ("interest.deleted", "removed the interest {}"),
        ("interest.updated", "changed <details>[ of the interest {}]"),
        ("venue.created", "added the venue {}"),
        ("venue.retired", "retired the venue {}"),
        ("venue.updated", "changed <details>[ of the venue {}]"),
    ],
    jobs: &[
        ("events.turn", "Start and end events"),
        ("events.make_image", "Prepare event images"),
        ("events.make_images", "Prepare event images"),
    ],
    ..Area::NONE
};
