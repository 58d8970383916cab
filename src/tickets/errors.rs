//! What tickets refuses with, beside what the house does.

use crate::kernel::error::codes;

codes! {
    SEATS at 440;
    event_closed 409 "The event is not open for bookings" "It is not published, was cancelled or is over.";
    sold_out 409 "There are not enough seats left" "`detail` says how many are left; the waiting list may be open.";
    sales_closed 409 "This ticket type is not on sale now" "`detail` says when it is.";
    over_the_limit 409 "That is more than a person can book" "`detail` gives the limit and what the person already has.";
    not_admitted 409 "This person cannot attend the event" "`detail` says who can attend.";
    promo_code_invalid 409 "This promo code does not work here" "It is unknown, not valid now, used up, or for another ticket type.";
    payment_required 402 "This must be paid first" "The seats are held until the reservation expires.";
    reservation_expired 409 "The reservation has expired" "Its seats were released; reserve again.";
}

codes! {
    CAPACITY at 600;
    capacity_below_taken 409 "More seats are taken than that" "`detail` says how many are taken.";
    seats_are_free 409 "Seats are available: no need to wait" "Reserve them instead of joining the waiting list.";
}
