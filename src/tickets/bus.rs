//! What tickets tells the bus, which of its records are audited, and what its constraints mean.

use super::sql;
use super::{
    Attendee, AttendeeId, EventInvite, EventRequest, InviteId, InviteStatus, PromoCode, RequestId, RequestStatus,
    Reservation, ReservationId, Ticket, TicketId, TicketType, TicketTypeId, WaitingEntry, WaitingId, WaitingStatus,
};
use crate::bus::audiences;
use crate::events::records::EventRecords;
use crate::events::{ActivityOf, EventId};
use crate::kernel::audit::audited;
use crate::kernel::error::constraints;
use crate::kernel::outbox::bus_events;
use crate::kernel::permissions::Permission;
use crate::kernel::timestamp::Timestamp;

audited!(TicketType "ticket_type", PromoCode "promo_code", Reservation "capacity_reservation",
         WaitingEntry "waiting_list_entry", EventRequest "event_request", EventInvite "event_invite",
         Attendee "event_attendee", Ticket "ticket");

inventory::submit!(
    EventRecords::of_kinds(ActivityOf::Event, Permission::EventsManage, &[])
        .and(|db, event| Box::pin(sql::kinds_of_event(db, event)))
);
inventory::submit!(
    EventRecords::of_kinds(ActivityOf::Guests, Permission::TicketsRead, &[])
        .and(|db, event| Box::pin(sql::guests_of_event(db, event)))
);

constraints! {
    "ticket_types_name" "name" "already_exists" "Another ticket type of this event has this name.";
    "ticket_types_sales" "sales_end_at" "invalid_input" "Sales must end after they start.";
    "promo_codes_code" "code" "already_exists" "The event has this promo code already; if it is revoked, restore it.";
    "waiting_list_entries_open" "ticket_type_id" "already_exists" "You are already on the waiting list for this ticket type.";
    "event_requests_open" "event_id" "already_exists" "You have already sent a request.";
    "event_invites_direct" "invited_user_id" "already_exists" "This person is invited already.";
    "event_invites_email" "invited_email" "already_exists" "This address is invited already.";
    "event_invites_phone" "invited_phone" "already_exists" "This number is invited already.";
    "event_invites_invited_user_id_fkey" "invited_user_id" "unknown_reference" "There is no such end user.";
    "event_attendees_user_id_fkey" "user_id" "unknown_reference" "There is no such end user.";
    "event_attendees_import" "email" "already_exists" "A guest with this email address is already on the list.";
    "events_within_capacity" "capacity" "capacity_below_taken" "More seats are taken than that.";
    "ticket_types_within_quota" "quota" "capacity_below_taken" "More seats are taken than that.";
}

audiences! {
    "ticket." TicketsRead;
    "ticket_type." TicketsRead;
    "reservation." TicketsRead;
    "attendee." TicketsRead;
    "event_request." TicketsRead;
    "event_invite." TicketsRead;
    "waiting_list." TicketsRead;
}

bus_events! {
    "event" event_id: EventId;
    /// A ticket type was added, changed or removed.
    TicketTypeChanged "ticket_type.changed" { ticket_type_id: TicketTypeId }
    /// Seats were reserved.
    SeatsHeld "reservation.created" { reservation_id: ReservationId, seats: i32, expires_at: Timestamp }
    /// Reserved seats were released.
    SeatsReleased "reservation.released" { reservation_id: ReservationId }
    /// A guest's booking was confirmed and tickets were issued.
    AttendeeConfirmed "attendee.confirmed" { attendee_id: AttendeeId, seats: i32 }
    /// A guest cancelled their booking or was removed.
    AttendeeGone "attendee.cancelled" { attendee_id: AttendeeId, seats: i32 }
    /// A ticket was voided.
    TicketRevoked "ticket.revoked" { ticket_id: TicketId }
    /// A ticket was transferred.
    TicketTransferred "ticket.transferred" { ticket_id: TicketId, attendee_id: AttendeeId }
    /// A ticket was reissued with new codes.
    TicketReissued "ticket.reissued" { ticket_id: TicketId, generation: i32 }
    /// A request was made, answered or withdrawn.
    RequestChanged "event_request.changed" { request_id: RequestId, status: RequestStatus }
    /// An invitation was sent, accepted, declined or revoked.
    InviteChanged "event_invite.changed" { invite_id: InviteId, status: InviteStatus }
    /// A guest joined the waiting list, was offered seats, booked them or left.
    WaitingListChanged "waiting_list.changed" { entry_id: WaitingId, status: WaitingStatus }
}
