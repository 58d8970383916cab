-- production · staffing · talent: the day itself, and what holds whom when  [001 Production, Staffing, Talent]

-- Where something happens: of a venue, for all that is held there, or of one event.
create table stages (
    id uuid primary key,
    venue_id uuid references venues (id),
    event_id uuid references events (id),
    name text not null,
    kind text not null default 'stage' check (kind in ('stage', 'room')),
    -- between two on it
    changeover_minutes int not null default 0 check (changeover_minutes between 0 and 600),
    removed_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (num_nonnulls(venue_id, event_id) = 1)
);
create unique index stages_name on stages (coalesce(venue_id, event_id), lower(name)) where removed_at is null;
create index stages_venue on stages (venue_id);
create index stages_event on stages (event_id);
create trigger stages_touch before update on stages for each row execute function touch_updated_at();

create table production_schedules (
    id uuid primary key,
    event_id uuid not null references events (id),
    title text not null,
    kind text not null check (kind in ('load_in', 'rehearsal', 'show', 'load_out')),
    -- held while it takes place
    stage_id uuid references stages (id),
    location text,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    owner_id uuid references admin_users (id),
    status text not null default 'pencilled' check (status in ('pencilled', 'confirmed', 'done', 'cancelled')),
    note text,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (starts_at < ends_at)
);
create index production_schedules_event on production_schedules (event_id, starts_at, id);
create index production_schedules_stage on production_schedules (stage_id);
create index production_schedules_owner on production_schedules (owner_id);
create trigger production_schedules_touch before update on production_schedules
    for each row execute function touch_updated_at();

create table equipment (
    id uuid primary key,
    name text not null,
    category text not null default '',
    units_owned int not null check (units_owned between 0 and 100000),
    note text,
    removed_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index equipment_name on equipment (lower(name)) where removed_at is null;
create trigger equipment_touch before update on equipment for each row execute function touch_updated_at();

-- One of them that is known by itself.
create table equipment_units (
    id uuid primary key,
    equipment_id uuid not null references equipment (id),
    code text not null,
    serial_number text,
    state text not null default 'ok' check (state in ('ok', 'in_repair', 'lost')),
    note text,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index equipment_units_code on equipment_units (lower(code));
create index equipment_units_equipment on equipment_units (equipment_id);
create trigger equipment_units_touch before update on equipment_units for each row execute function touch_updated_at();

create table equipment_bookings (
    id uuid primary key,
    event_id uuid not null references events (id),
    equipment_id uuid not null references equipment (id),
    units int not null check (units between 1 and 100000),
    -- which one, where it is to be a certain one
    unit_id uuid references equipment_units (id),
    stage_id uuid references stages (id),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    status text not null default 'pencilled' check (status in ('pencilled', 'confirmed', 'out', 'returned', 'cancelled')),
    note text,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (starts_at < ends_at),
    check (unit_id is null or units = 1)
);
create index equipment_bookings_event on equipment_bookings (event_id, starts_at, id);
create index equipment_bookings_when on equipment_bookings
    using gist (equipment_id, tstzrange(starts_at, ends_at));
create index equipment_bookings_equipment on equipment_bookings (equipment_id);
create index equipment_bookings_unit on equipment_bookings (unit_id);
create index equipment_bookings_stage on equipment_bookings (stage_id);
create trigger equipment_bookings_touch before update on equipment_bookings
    for each row execute function touch_updated_at();

create table staff_members (
    id uuid primary key,
    full_name text not null,
    skills text[] not null default '{}',
    -- for an hour
    rate_minor bigint not null default 0 check (rate_minor >= 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    email text,
    phone text,
    -- where they set out from
    area text,
    admin_user_id uuid references admin_users (id),
    note text,
    removed_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index staff_members_email on staff_members (lower(email)) where removed_at is null;
create index staff_members_name on staff_members (lower(full_name), id);
create unique index staff_members_account on staff_members (admin_user_id) where removed_at is null;
create trigger staff_members_touch before update on staff_members for each row execute function touch_updated_at();

-- When somebody said that they cannot.
create table staff_availability (
    id uuid primary key,
    staff_id uuid not null references staff_members (id),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    note text,
    created_at timestamptz not null default now(),
    check (starts_at < ends_at)
);
create index staff_availability_when on staff_availability using gist (staff_id, tstzrange(starts_at, ends_at));
create index staff_availability_staff on staff_availability (staff_id);

-- How many are needed, for what, where and when.
create table staff_shifts (
    id uuid primary key,
    event_id uuid not null references events (id),
    role text not null,
    skill text,
    place text,
    gate_id uuid references gates (id),
    headcount int not null default 1 check (headcount between 1 and 1000),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    note text,
    removed_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (starts_at < ends_at)
);
create index staff_shifts_event on staff_shifts (event_id, starts_at, id);
create index staff_shifts_gate on staff_shifts (gate_id);
create trigger staff_shifts_touch before update on staff_shifts for each row execute function touch_updated_at();

create table staff_assignments (
    id uuid primary key,
    event_id uuid not null references events (id),
    staff_id uuid not null references staff_members (id),
    shift_id uuid references staff_shifts (id),
    role text not null,
    place text,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    status text not null default 'offered'
        check (status in ('pencilled', 'offered', 'accepted', 'declined', 'checked_in', 'done', 'cancelled')),
    -- for an hour, as agreed for this one
    rate_minor bigint not null check (rate_minor >= 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    answered_at timestamptz,
    checked_in_at timestamptz,
    checked_out_at timestamptz,
    note text,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (starts_at < ends_at)
);
create index staff_assignments_event on staff_assignments (event_id, starts_at, id);
create index staff_assignments_staff on staff_assignments (staff_id, starts_at);
create index staff_assignments_shift on staff_assignments (shift_id);
create trigger staff_assignments_touch before update on staff_assignments
    for each row execute function touch_updated_at();

create table talents (
    id uuid primary key,
    stage_name text not null,
    kind text not null check (kind in ('performer', 'speaker', 'vip')),
    fee_minor bigint not null default 0 check (fee_minor >= 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    rider text,
    contact_name text,
    contact_email text,
    contact_phone text,
    agent text,
    note text,
    removed_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index talents_name on talents (lower(stage_name), id);
create trigger talents_touch before update on talents for each row execute function touch_updated_at();

create table talent_schedules (
    id uuid primary key,
    event_id uuid not null references events (id),
    talent_id uuid not null references talents (id),
    stage_id uuid references stages (id),
    -- a sound check is a slot as well
    kind text not null default 'set' check (kind in ('set', 'sound_check', 'talk', 'appearance')),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    status text not null default 'pencilled' check (status in ('pencilled', 'confirmed', 'done', 'cancelled')),
    -- guests see it once it is confirmed
    shown boolean not null default true,
    note text,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (starts_at < ends_at)
);
create index talent_schedules_event on talent_schedules (event_id, starts_at, id);
create index talent_schedules_talent on talent_schedules (talent_id, starts_at);
create index talent_schedules_stage on talent_schedules (stage_id);
create trigger talent_schedules_touch before update on talent_schedules
    for each row execute function touch_updated_at();

-- What holds whom when: one row for each person, artist, stage and single unit that an entry of the plan takes. Nobody
-- and nothing is held twice at a time by entries that are firm; one that is pencilled may lie over another.
create table plan_holds (
    entry_id uuid not null,
    entry_kind text not null check (entry_kind in ('production', 'crew', 'talent', 'equipment')),
    event_id uuid not null references events (id),
    resource_id uuid not null,
    resource_kind text not null check (resource_kind in ('person', 'talent', 'stage', 'unit')),
    during tstzrange not null,
    firm boolean not null default false,
    created_at timestamptz not null default now(),
    primary key (entry_id, resource_id),
    constraint plan_holds_free exclude using gist (resource_id with =, during with &&) where (firm)
);
create index plan_holds_event on plan_holds (event_id);
create index plan_holds_when on plan_holds using gist (resource_id, during);

-- How strict the organisation is with what is no double booking; a rule without a row has its default.
create table plan_rules (
    rule text primary key,
    severity text not null check (severity in ('must_fix', 'check', 'note', 'off')),
    minutes int check (minutes between 0 and 10080),
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create trigger plan_rules_touch before update on plan_rules for each row execute function touch_updated_at();

-- Every entry of a plan in one form.
create view plan_entries as
    select 'production' as kind, p.id, p.event_id, p.title, p.kind as detail, p.starts_at, p.ends_at, p.status,
           p.stage_id, null::uuid as subject_id, null::uuid as group_id, 1 as units, p.location as place, p.note, p.version
    from production_schedules p
    union all
    select 'crew', a.id, a.event_id, m.full_name, a.role, a.starts_at, a.ends_at, a.status,
           null, a.staff_id, a.shift_id, 1, a.place, a.note, a.version
    from staff_assignments a join staff_members m on m.id = a.staff_id
    union all
    select 'talent', s.id, s.event_id, t.stage_name, s.kind, s.starts_at, s.ends_at, s.status,
           s.stage_id, s.talent_id, null, 1, null, s.note, s.version
    from talent_schedules s join talents t on t.id = s.talent_id
    union all
    select 'equipment', b.id, b.event_id, q.name, q.category, b.starts_at, b.ends_at, b.status,
           b.stage_id, b.equipment_id, null, b.units, null, b.note, b.version
    from equipment_bookings b join equipment q on q.id = b.equipment_id;

grant select, insert, update on stages, production_schedules, equipment, equipment_units, equipment_bookings,
    staff_members, staff_availability, staff_shifts, staff_assignments, talents, talent_schedules, plan_holds, plan_rules
    to eventify_app;
grant select on plan_entries to eventify_app;
grant delete on plan_holds, staff_availability, equipment_units to eventify_app;
