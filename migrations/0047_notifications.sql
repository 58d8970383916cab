-- What people are told inside Eventify. [000 notifications, 004 §2.12]
create table notifications (
    id uuid primary key,
    -- admin_users or end_users, by the kind
    recipient_id uuid not null,
    recipient_kind text not null check (recipient_kind in ('staff', 'end_user')),
    -- the team member who brought it about; none where it was a guest or Eventify itself
    sender_id uuid,
    -- what it is about, such as dispute_opened
    type text not null,
    severity text not null check (severity in ('critical', 'info', 'success')),
    title text not null check (title <> ''),
    message text not null,
    -- what it is about: the kind of record and its id
    reference_type text not null,
    reference_id text not null,
    is_read boolean not null default false,
    -- href: the page of it
    metadata jsonb not null default '{}',
    -- the event that it came of: told once, however often the event comes
    dedupe_key text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null default now(),
    unique (recipient_id, type, dedupe_key)
);
create index notifications_of on notifications (recipient_id, created_at desc, id desc);
create index notifications_unread on notifications (recipient_id) where not is_read;
create trigger notifications_touch before update on notifications
    for each row execute function touch_updated_at();

grant select, insert, update, delete on notifications to eventify_app;
