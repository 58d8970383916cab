-- the gate: gates, phones at them, scans, what they disagree on, and what is told while an event goes on
-- [001 Live, 003 §2.4]

-- What an event decides about its gates; an event without a row has the defaults.
create table event_gate_settings (
    event_id uuid primary key references events (id),
    -- who went out may come back in with the same ticket
    reentry boolean not null default false,
    -- without a network, a genuine code of a ticket that the phone does not know is let in
    offline_unknown boolean not null default true,
    -- after so many milliseconds without an answer the phone decides by itself
    decide_ms int not null default 1500 check (decide_ms between 500 and 3000),
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create trigger event_gate_settings_touch before update on event_gate_settings
    for each row execute function touch_updated_at();

create table gates (
    id uuid primary key,
    event_id uuid not null references events (id),
    name text not null,
    direction text not null default 'both' check (direction in ('both', 'in', 'out')),
    opens_at timestamptz,
    closes_at timestamptz,
    -- a steward here may add a guest to the list
    adds_guests boolean not null default false,
    position int not null default 0,
    removed_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint gates_hours check (opens_at < closes_at)
);
create unique index gates_name on gates (event_id, lower(name)) where removed_at is null;
create index gates_event on gates (event_id, position, id);
create trigger gates_touch before update on gates for each row execute function touch_updated_at();

-- The ticket types that may come in at a gate; all where it has none.
create table gate_ticket_types (
    gate_id uuid not null references gates (id),
    ticket_type_id uuid not null references ticket_types (id),
    created_at timestamptz not null default now(),
    primary key (gate_id, ticket_type_id)
);
create index gate_ticket_types_type on gate_ticket_types (ticket_type_id);

create table gate_devices (
    id uuid primary key,
    event_id uuid not null references events (id),
    gate_id uuid not null references gates (id),
    name text not null,
    -- forces without a PIN, and annuls
    supervisor boolean not null default false,
    token_hash bytea not null,
    -- the device this phone was before: what that one has queued is known by it
    was_device_id uuid references gate_devices (id),
    paired_by uuid references admin_users (id),
    paired_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoked_by uuid references admin_users (id),
    last_seen_at timestamptz not null,
    battery int check (battery between 0 and 100),
    app_version text,
    queued int not null default 0,
    refused int not null default 0,
    storage_kept boolean,
    manifest_version text,
    -- by how much its clock is ahead
    clock_ahead_ms bigint,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index gate_devices_token on gate_devices (token_hash);
create index gate_devices_event on gate_devices (event_id, paired_at, id);
create index gate_devices_gate on gate_devices (gate_id);
create index gate_devices_was on gate_devices (was_device_id);
create index gate_devices_paired_by on gate_devices (paired_by);
create index gate_devices_revoked_by on gate_devices (revoked_by);
create trigger gate_devices_touch before update on gate_devices for each row execute function touch_updated_at();

-- A supervisor's own PIN.
create table gate_pins (
    user_id uuid primary key references admin_users (id),
    pin_hash text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create trigger gate_pins_touch before update on gate_pins for each row execute function touch_updated_at();

-- Every attempt, as it was answered; a row is never rewritten, but for being annulled. Where one scan lets several
-- people in, each ticket has a row, and the others name the first as their attempt.
create table ticket_checkins (
    id uuid primary key,
    event_id uuid references events (id),
    -- absent where no ticket of ours was shown
    ticket_id uuid references tickets (id),
    attempt_id uuid references ticket_checkins (id),
    checked_in_by uuid references admin_users (id),
    device_id uuid references gate_devices (id),
    gate_id uuid references gates (id),
    -- the gate's name at the time
    gate text not null default '',
    -- when it happened; of a scan without a network by the phone's clock, put right
    checked_in_at timestamptz not null,
    -- when we learned of it
    recorded_at timestamptz not null,
    direction text not null check (direction in ('in', 'out')),
    result text not null check (result in ('admitted', 'rejected', 'look', 'annulled')),
    reason text,
    -- people who came in or went out; taken back by a row of its own with a negative number
    people int not null default 0,
    ticket_type_id uuid references ticket_types (id),
    -- the code's generation, where one was scanned
    generation int,
    typed boolean not null default false,
    offline boolean not null default false,
    -- a revoked phone says so: kept, and changes nothing
    untrusted boolean not null default false,
    device_time timestamptz,
    clock_ahead_ms bigint,
    -- a supervisor let it in in spite of this
    forced text,
    forced_by uuid references admin_users (id),
    force_reason text,
    -- the name of who stood there, as the phone knows it
    steward text,
    -- who asks: device, account or key. With the nonce it names the attempt.
    source uuid,
    nonce text,
    input_hash bytea,
    -- what was answered, without what is known of the guest
    answer jsonb,
    -- where the ticket stood before, for annulling
    was text,
    annulled_at timestamptz,
    annulled_by uuid references admin_users (id),
    annul_reason text,
    -- sequence numbers are not commit order: who counts and who takes changes along goes by this
    xid xid8 not null default pg_current_xact_id(),
    created_at timestamptz not null default now(),
    check ((nonce is null) = (source is null))
);
create unique index ticket_checkins_nonce on ticket_checkins (source, nonce) where nonce is not null;
create index ticket_checkins_ticket on ticket_checkins (ticket_id, checked_in_at);
create index ticket_checkins_xid on ticket_checkins (xid);
create index ticket_checkins_event on ticket_checkins (event_id, recorded_at, id);
create index ticket_checkins_attempt on ticket_checkins (attempt_id) where attempt_id is not null;
create index ticket_checkins_device on ticket_checkins (device_id, recorded_at) where device_id is not null;
create index ticket_checkins_gate on ticket_checkins (gate_id) where gate_id is not null;
create index ticket_checkins_type on ticket_checkins (ticket_type_id) where ticket_type_id is not null;
create index ticket_checkins_by on ticket_checkins (checked_in_by) where checked_in_by is not null;
create index ticket_checkins_forced_by on ticket_checkins (forced_by) where forced_by is not null;
create index ticket_checkins_annulled_by on ticket_checkins (annulled_by) where annulled_by is not null;

-- What a person has to look at: a ticket that let two people in, or one that was void.
create table checkin_conflicts (
    id uuid primary key,
    event_id uuid not null references events (id),
    ticket_id uuid references tickets (id),
    kind text not null check (kind in ('double_admission', 'void_ticket', 'revoked_device')),
    -- the admission that the server knew of, and the one that arrived later
    first_checkin_id uuid references ticket_checkins (id),
    second_checkin_id uuid not null references ticket_checkins (id),
    -- by how much the later one's clock is ahead
    clock_ahead_ms bigint,
    resolution text check (resolution in ('two_guests', 'same_person', 'copied', 'unknown')),
    note text,
    closed_ticket_id uuid references tickets (id),
    resolved_at timestamptz,
    resolved_by uuid references admin_users (id),
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((resolved_at is null) = (resolution is null))
);
create index checkin_conflicts_event on checkin_conflicts (event_id, created_at, id);
create index checkin_conflicts_open on checkin_conflicts (event_id) where resolved_at is null;
create index checkin_conflicts_ticket on checkin_conflicts (ticket_id);
create index checkin_conflicts_first on checkin_conflicts (first_checkin_id);
create unique index checkin_conflicts_second on checkin_conflicts (second_checkin_id);
create index checkin_conflicts_closed on checkin_conflicts (closed_ticket_id);
create index checkin_conflicts_by on checkin_conflicts (resolved_by);
create trigger checkin_conflicts_touch before update on checkin_conflicts
    for each row execute function touch_updated_at();

-- What happened at the gates, minute by minute: added up beside the scans, never by them.
create table gate_tallies (
    event_id uuid not null references events (id),
    minute timestamptz not null,
    gate_id uuid not null,
    ticket_type_id uuid not null,
    direction text not null,
    result text not null,
    reason text not null default '',
    scans int not null default 0,
    people int not null default 0,
    created_at timestamptz not null default now(),
    primary key (event_id, minute, gate_id, ticket_type_id, direction, result, reason)
);
-- Up to where they were added up.
create table gate_tally_position (
    only_one boolean primary key default true check (only_one),
    xid xid8 not null,
    created_at timestamptz not null default now()
);
insert into gate_tally_position (xid) values ('0');

create table live_updates (
    id uuid primary key,
    event_id uuid not null references events (id),
    seq bigint generated always as identity unique,
    kind text not null check (kind in ('info', 'warning', 'incident', 'schedule', 'headcount')),
    body text not null,
    audience text not null default 'staff' check (audience in ('staff', 'guests')),
    pinned boolean not null default false,
    author_id uuid references admin_users (id),
    device_id uuid references gate_devices (id),
    gate_id uuid references gates (id),
    -- what else is to be known of the author: a phone's name
    author text,
    removed_at timestamptz,
    removed_by uuid references admin_users (id),
    -- raised by every change: a stream sends it again
    change_seq bigint not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create sequence live_updates_change owned by live_updates.change_seq;
alter table live_updates alter column change_seq set default nextval('live_updates_change');
create index live_updates_event on live_updates (event_id, change_seq);
create index live_updates_author on live_updates (author_id);
create index live_updates_device on live_updates (device_id);
create index live_updates_gate on live_updates (gate_id);
create index live_updates_removed_by on live_updates (removed_by);
create trigger live_updates_touch before update on live_updates for each row execute function touch_updated_at();

-- What a manifest says of a ticket changed then; scans are found by their own rows.
alter table tickets add column changed_xid xid8 not null default '0';
create index tickets_changed on tickets (event_id, changed_xid);
create function note_changed_xid() returns trigger language plpgsql as $$
begin
    new.changed_xid := pg_current_xact_id();
    return new;
end $$;
create trigger tickets_changed_new before insert on tickets
    for each row execute function note_changed_xid();
create trigger tickets_changed before update on tickets
    for each row when ((old.generation, old.attendee_id, old.ticket_type_id, old.revoked_at)
                       is distinct from (new.generation, new.attendee_id, new.ticket_type_id, new.revoked_at))
    execute function note_changed_xid();
-- The same of a guest: kept in a row of its own, so that nobody who notes something waits for a scan, nor it for them.
alter table event_attendees add column changed_xid xid8 not null default '0';
create index event_attendees_changed on event_attendees (event_id, changed_xid);
create trigger event_attendees_changed before update on event_attendees
    for each row when ((old.guest_name, old.note, old.answers, old.is_paid, old.seats,
                        old.status = any('{cancelled,not_going}'))
                       is distinct from (new.guest_name, new.note, new.answers, new.is_paid, new.seats,
                        new.status = any('{cancelled,not_going}')))
    execute function note_changed_xid();

grant select, insert, update on event_gate_settings, gates, gate_devices, gate_pins, ticket_checkins, checkin_conflicts,
    gate_tallies, gate_tally_position, live_updates to eventify_app;
grant select, insert, delete on gate_ticket_types to eventify_app;
grant delete on gate_pins to eventify_app;
grant usage on sequence live_updates_change to eventify_app;
