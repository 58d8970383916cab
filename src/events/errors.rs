//! What events refuses with, beside what the house does.

use crate::kernel::error::codes;

codes! {
    INTERESTS at 260;
    interest_in_use 409 "People or events still have this interest" "Archive it instead (`is_active: false`); those who have it keep it.";
}

codes! {
    IMAGES at 360;
    too_many_images 409 "An event has at most 20 pictures" "Remove one first.";
    picture_storage_full 409 "No storage left for pictures" "Remove pictures from your events first.";
}

codes! {
    EVENTS at 420;
    venue_taken 409 "The venue is taken at that time" "`detail` names the event that is there; choose another time or venue.";
    too_many_drafts 409 "You have reached the limit of drafts" "Publish or cancel one first.";
}
