-- planning: links to a plan for people without an account; the crew's own links, who leads a shift, swap requests

create table plan_links (
    id uuid primary key,
    event_id uuid not null references events (id),
    -- who has it
    name text not null,
    -- who works is in what it shows
    shows_crew boolean not null default false,
    created_by uuid references admin_users (id),
    revoked_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index plan_links_event on plan_links (event_id, created_at, id);
create index plan_links_creator on plan_links (created_by);
create trigger plan_links_touch before update on plan_links for each row execute function touch_updated_at();

-- The link of somebody of the crew is derived of their row; another generation is another link.
alter table staff_members add column link_generation int not null default 1;

alter table staff_shifts add column lead_id uuid references staff_members (id);
create index staff_shifts_lead on staff_shifts (lead_id);

alter table staff_assignments add column swap_asked_at timestamptz, add column swap_note text;

grant select, insert, update on plan_links to eventify_app;

create or replace view plan_entries as
    select 'production' as kind, p.id, p.event_id, p.title, p.kind as detail, p.starts_at, p.ends_at, p.status,
           p.stage_id, null::uuid as subject_id, null::uuid as group_id, 1 as units, p.location as place, p.note, p.version,
           null::timestamptz as swap_asked_at
    from production_schedules p
    union all
    select 'crew', a.id, a.event_id, m.full_name, a.role, a.starts_at, a.ends_at, a.status,
           null, a.staff_id, a.shift_id, 1, a.place, a.note, a.version, a.swap_asked_at
    from staff_assignments a join staff_members m on m.id = a.staff_id
    union all
    select 'talent', s.id, s.event_id, t.stage_name, s.kind, s.starts_at, s.ends_at, s.status,
           s.stage_id, s.talent_id, null, 1, null, s.note, s.version, null
    from talent_schedules s join talents t on t.id = s.talent_id
    union all
    select 'equipment', b.id, b.event_id, q.name, q.category, b.starts_at, b.ends_at, b.status,
           b.stage_id, b.equipment_id, null, b.units, null, b.note, b.version, null
    from equipment_bookings b join equipment q on q.id = b.equipment_id;
