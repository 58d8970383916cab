-- planning: what a plan was when it was printed or sent, so that what changed since can be marked

create table plan_versions (
    id uuid primary key,
    event_id uuid not null references events (id),
    number int not null check (number > 0),
    kind text not null check (kind in ('printed', 'sent')),
    -- the entries as they were
    entries jsonb not null,
    made_by uuid references admin_users (id),
    created_at timestamptz not null default now(),
    unique (event_id, number)
);
create index plan_versions_maker on plan_versions (made_by);

grant select, insert on plan_versions to eventify_app;
