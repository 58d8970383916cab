-- How people want to be told, and what became of every mail and text message. [002 Notifications Backbone: preferences,
-- notification_queue, delivery_logs]

-- What somebody chose otherwise than it comes.
create table notification_preferences (
    id uuid primary key,
    -- admin_users or end_users, by the kind
    recipient_id uuid not null,
    recipient_kind text not null check (recipient_kind in ('staff', 'end_user')),
    -- such as dispute_opened
    type text not null,
    channel text not null check (channel in ('in_app', 'email')),
    enabled boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null default now(),
    unique (recipient_id, type, channel)
);
create trigger notification_preferences_touch before update on notification_preferences
    for each row execute function touch_updated_at();

-- When somebody wants no mail of what was told: it waits until the hours are over.
create table quiet_hours (
    recipient_id uuid primary key,
    recipient_kind text not null check (recipient_kind in ('staff', 'end_user')),
    starts time not null,
    -- the next day where it is not later
    ends time not null check (ends <> starts),
    timezone text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null default now()
);
create trigger quiet_hours_touch before update on quiet_hours
    for each row execute function touch_updated_at();

-- Kept, but neither listed nor counted: its reader does not want to see this kind.
alter table notifications add column muted boolean not null default false;

-- Found again once nobody needs to see to it.
create index notifications_about on notifications (reference_id) where not is_read;

-- Notifications on their way to somebody by something else than the bell.
create table notification_queue (
    id uuid primary key,
    notification_id uuid not null references notifications (id) on delete cascade,
    channel text not null check (channel in ('email')),
    status text not null check (status in ('queued', 'sent', 'skipped')),
    -- why it was not sent
    reason text,
    not_before timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null default now(),
    unique (notification_id, channel)
);
create trigger notification_queue_touch before update on notification_queue
    for each row execute function touch_updated_at();

-- Every attempt at a mail or a text message.
create table delivery_logs (
    id uuid primary key,
    job_id uuid not null,
    attempt int not null,
    channel text not null check (channel in ('email', 'sms')),
    -- what it was: a template's name, such as tickets_issued
    kind text not null,
    -- enough of the address to know it again
    recipient text not null,
    -- a keyed hash of it: found by who knows the address
    recipient_hash bytea not null,
    outcome text not null check (outcome in ('sent', 'retried', 'postponed', 'failed')),
    -- why it was not sent
    reason text,
    created_at timestamptz not null
);
create index delivery_logs_created on delivery_logs (created_at desc, id desc);
create index delivery_logs_recipient on delivery_logs (recipient_hash, created_at desc, id desc);
create index delivery_logs_job on delivery_logs (job_id);

grant select, insert, update, delete on notification_preferences, quiet_hours, notification_queue, delivery_logs
    to eventify_app;
