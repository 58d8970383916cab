-- Erasure finds what it has to: records in the audit log that name a person, or a booking, as whose they are or were,
-- and guests who are known by their phone or email alone.
create index audit_values_person on audit_values ((coalesce(after, before)))
    where field in ('user_id', 'requester_user_id', 'invited_user_id', 'attendee_id');
create index audit_values_person_before on audit_values (before)
    where field in ('user_id', 'requester_user_id', 'invited_user_id', 'attendee_id');
create index event_attendees_guest_email on event_attendees (guest_email) where guest_email is not null;
create index event_attendees_guest_phone on event_attendees (guest_phone) where guest_phone is not null;
