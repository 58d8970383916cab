-- What the pages of an event ask for: what was done to parts of it that are gone by now, and what was sent to a guest.

-- Parts of an event name it in their first entry: images, streams and co-hosts are found after they were removed.
create index audit_values_event on audit_values ((coalesce(after, before) #>> '{}')) where field = 'event_id';

-- Mails and text messages about a guest's tickets name the guest.
create index job_runs_guest on job_runs ((coalesce(payload #>> '{mail,attendee}', payload #>> '{message,notice,attendee}')), id)
    where job_type in ('mail.send', 'text.send');
