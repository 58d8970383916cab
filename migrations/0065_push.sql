-- Browsers that somebody is told on by Web Push. [000 notifications: push; RFC 8030, 8291, 8292]
create table push_subscriptions (
    id uuid primary key,
    -- admin_users or end_users, by the kind
    recipient_id uuid not null,
    recipient_kind text not null check (recipient_kind in ('staff', 'end_user')),
    -- the sign-in it belongs to: it goes with it
    session_id uuid not null unique,
    -- who has the address can send to the browser
    endpoint_enc bytea not null,
    -- a keyed hash of it: a browser tells one person
    endpoint_hash bytea not null unique,
    -- the host of the push service
    service text not null,
    -- the browser's public key and secret, with which messages are encrypted
    keys_enc bytea not null,
    -- what the browser calls itself, such as Firefox on Linux
    name text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null default now()
);
create index push_subscriptions_of on push_subscriptions (recipient_id, created_at);
create trigger push_subscriptions_touch before update on push_subscriptions
    for each row execute function touch_updated_at();

-- Whatever ends a session ends what it is told.
create function push_subscriptions_end() returns trigger language plpgsql as $$
begin
    delete from push_subscriptions where session_id = old.id;
    return null;
end $$;
create trigger admin_sessions_push after update of revoked_at on admin_sessions for each row
    when (new.revoked_at is not null) execute function push_subscriptions_end();
create trigger admin_sessions_push_swept after delete on admin_sessions for each row
    execute function push_subscriptions_end();
create trigger end_user_sessions_push after update of revoked_at on end_user_sessions for each row
    when (new.revoked_at is not null) execute function push_subscriptions_end();
create trigger end_user_sessions_push_swept after delete on end_user_sessions for each row
    execute function push_subscriptions_end();

grant select, insert, update, delete on push_subscriptions to eventify_app;
