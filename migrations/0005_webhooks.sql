-- webhooks: what happened, told to integrators' servers by Standard Webhooks  [002 Notifications Backbone]

create table webhook_endpoints (
    id uuid primary key,
    url text not null,
    description text not null default '',
    -- types of the bus; '*' alone is every one of them, those to come as well
    event_types text[] not null check (cardinality(event_types) > 0),
    status text not null default 'active' check (status in ('active', 'disabled')),
    disabled_at timestamptz,
    disabled_reason text,
    -- encrypted with the server's key; after a rotation the old one signs beside it for a day
    secret_enc bytea not null,
    old_secret_enc bytea,
    old_secret_until timestamptz,
    -- the first failed attempt since the last that succeeded
    failing_since timestamptz,
    -- messages given up in a row
    exhausted int not null default 0,
    -- it was too slow to answer: nothing is sent before
    held_until timestamptz,
    -- nobody sees it any more; the sweeper takes its log away in portions, and then the row
    deleted_at timestamptz,
    version bigint not null default 1,
    created_by uuid references admin_users (id),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status = 'disabled') = (disabled_at is not null)),
    check ((disabled_at is null) = (disabled_reason is null)),
    check ((old_secret_enc is null) = (old_secret_until is null)),
    check (deleted_at is null or status = 'disabled')
);
create index webhook_endpoints_status on webhook_endpoints (status, id desc);
create index webhook_endpoints_deleted on webhook_endpoints (id) where deleted_at is not null;
create trigger webhook_endpoints_touch before update on webhook_endpoints
    for each row execute function touch_updated_at();

-- One message to one endpoint, however often it is tried.
create table webhook_deliveries (
    id uuid primary key,
    endpoint_id uuid not null references webhook_endpoints (id),
    -- what webhook-id says: the event's own id
    event_id uuid not null,
    event_type text not null,
    event_at timestamptz not null,
    is_test boolean not null default false,
    payload jsonb not null,
    status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
    attempts int not null default 0,
    -- attempts since it was last queued: the schedule begins anew when a person sends it again
    round_attempts int not null default 0,
    next_attempt_at timestamptz,
    delivered_at timestamptz,
    last_status int,
    last_error text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status = 'pending') = (next_attempt_at is not null))
);
-- An event becomes one message to an endpoint, whoever hands it on and however often.
create unique index webhook_deliveries_event on webhook_deliveries (endpoint_id, event_id);
create index webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, id desc);
create index webhook_deliveries_status on webhook_deliveries (status, id desc);
create index webhook_deliveries_type on webhook_deliveries (event_type, id desc);
create index webhook_deliveries_failed on webhook_deliveries (endpoint_id, created_at, id) where status = 'failed';
create index webhook_deliveries_age on webhook_deliveries (created_at) where status <> 'pending';
create trigger webhook_deliveries_touch before update on webhook_deliveries
    for each row execute function touch_updated_at();

-- What came of each attempt.
create table webhook_attempts (
    delivery_id uuid not null references webhook_deliveries (id) on delete cascade,
    number int not null check (number > 0),
    status_code int,
    latency_ms int not null,
    -- as much of the answer as is kept
    response_body text,
    error text,
    created_at timestamptz not null,
    primary key (delivery_id, number)
);

grant select, insert, update, delete on webhook_endpoints, webhook_deliveries to eventify_app;
grant select, insert on webhook_attempts to eventify_app;
