//! What people call the records of tickets, what is done to them, and the work behind it.

use super::TicketStatus;
use crate::audit::words::Area;
use crate::kernel::wording::titled;

/// The area's own.
pub const WORDS: Area = Area {
    kinds: &[
        ("ticket_type", "Ticket type"),
        ("event_attendee", "Guest"),
        ("ticket", "Ticket"),
        ("event_invite", "Invitation"),
        ("event_request", "Request"),
        ("waiting_list_entry", "Waiting list"),
        ("promo_code", "Promo code"),
        ("capacity_reservation", "Held seats"),
    ],
    also: &[("attendee", "Guest"), ("waiting_list", "Waiting list"), ("reservation", "Held seats")],
    values: &[("ticket", "status", titled!(TicketStatus))],
    actions: &[
        ("attendee.booked", "booked <tickets>[ for {}]"),
        ("attendee.booked:own", "booked <tickets>"),
        ("attendee.cancelled", "removed {|a guest}"),
        ("attendee.cancelled:not_going", "cancelled their booking"),
        ("attendee.comp_issued", "added {|a guest}"),
        ("attendee.comp_issued:own", "added themselves as a guest"),
        ("attendee.contact_added", "added a contact for {|a guest}"),
        ("attendee.list_imported", "imported <several> guests"),
        ("attendee.moved", "moved {|a guest} to <another ticket type>"),
        ("event_invite.created", "invited {|a guest}"),
        ("event_invite.decided", "answered an invitation"),
        ("event_invite.decided:accepted", "accepted the invitation"),
        ("event_invite.decided:declined", "declined the invitation"),
        ("event_invite.decided:expired", "revoked the invitation of {|a guest}"),
        ("event_request.decided", "answered the request of {|a guest}"),
        ("event_request.decided:accepted", "accepted the request of {|a guest}"),
        ("event_request.decided:cancelled", "withdrew the request"),
        ("event_request.decided:declined", "declined the request of {|a guest}"),
        ("promo_code.created", "added the promo code {}"),
        ("promo_code.restored", "restored the promo code {}"),
        ("promo_code.revoked", "revoked the promo code {}"),
        ("reservation.released", "released held seats[ of {}]"),
        ("reservation.released:own", "released the seats held for them"),
        ("ticket.reissued", "issued new ticket codes for {|a guest}"),
        ("ticket.reissued:own", "issued new codes for their ticket"),
        ("ticket.resent", "resent tickets to {|a guest}"),
        ("ticket.resent:own", "resent their ticket to themselves"),
        ("ticket.revoked", "voided a ticket of {|a guest}"),
        ("ticket.transferred", "transferred a ticket to {|another guest}"),
        ("ticket_type.created", "added the ticket type {}"),
        ("ticket_type.retired", "stopped selling {|a ticket type}"),
        ("ticket_type.updated", "changed {|a ticket type}: <details>"),
        ("waiting_list.left", "removed {|a guest} from the waiting list"),
        ("waiting_list.left:own", "left the waiting list"),
        ("waiting_list.offered", "offered seats out of turn to {|a guest}"),
    ],
    jobs: &[
        ("tickets.offer_seats", "Offer seats to the waiting list"),
        ("tickets.tell_guests", "Tell guests"),
        ("tickets.tell_others", "Tell guests"),
        ("tickets.mail_tickets", "Send tickets"),
    ],
    ..Area::NONE
};
