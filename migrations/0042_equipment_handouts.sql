-- equipment: which unit was handed out to which event, and when it came back

create table equipment_handouts (
    id uuid primary key,
    event_id uuid not null references events (id),
    booking_id uuid not null references equipment_bookings (id),
    unit_id uuid not null references equipment_units (id),
    -- as it stood on the unit
    code text not null,
    out_at timestamptz not null,
    out_by uuid references admin_users (id),
    in_at timestamptz,
    in_by uuid references admin_users (id),
    created_at timestamptz not null default now(),
    check (in_at is null or in_at >= out_at)
);
-- A unit is out once.
create unique index equipment_handouts_open on equipment_handouts (unit_id) where in_at is null;
create index equipment_handouts_unit on equipment_handouts (unit_id);
create index equipment_handouts_booking on equipment_handouts (booking_id);
create index equipment_handouts_event on equipment_handouts (event_id, out_at, id);
create index equipment_handouts_giver on equipment_handouts (out_by);
create index equipment_handouts_taker on equipment_handouts (in_by);

grant select, insert, update on equipment_handouts to eventify_app;
