-- Views of a list that a person keeps: filter, order and columns under a name.

create table saved_views (
    id uuid primary key,
    staff_id uuid not null references admin_users (id),
    -- which list: "partners", "team" …
    list text not null check (list ~ '^[a-z][a-z0-9_-]{0,39}$'),
    name text not null check (length(name) between 1 and 200),
    -- the list's query string: empty, or with its question mark
    query text not null check (query = '' or query like '?%'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index saved_views_name_key on saved_views (staff_id, list, lower(name));
create trigger saved_views_touch before update on saved_views
    for each row execute function touch_updated_at();

grant select, insert, update, delete on saved_views to eventify_app;
