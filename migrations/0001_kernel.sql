-- What every area stands on: audit, outbox, jobs, idempotency, counters.
-- Rows are written by the role eventify_app (made before the migrations run); it gets exactly the
-- grants below, so that not even a bug of ours can rewrite history.

create function touch_updated_at() returns trigger language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;

-- Audit ------------------------------------------------------------------------------------------

-- Who, what, when, and one salted commitment per changed field; the values stand in audit_values.
create table audit_logs (
    seq bigint generated always as identity,
    id uuid not null,
    actor_kind text not null check (actor_kind in ('staff', 'end_user', 'api_key', 'device', 'system')),
    actor_id uuid,
    actor_label text not null,
    action text not null,
    object_type text not null,
    object_id text not null,
    -- {field: hex(sha256(salt || field || before || after))}
    change_set jsonb not null,
    -- why, for acts that ask for a reason
    reason text,
    ip_address inet,
    request_id text,
    -- sha256 over all of the above in a fixed order
    hash bytea not null,
    created_at timestamptz not null,
    primary key (seq, created_at)
) partition by range (created_at);
create index audit_logs_object on audit_logs (object_type, object_id, seq desc);
create index audit_logs_actor on audit_logs (actor_id, seq desc);
create index audit_logs_action on audit_logs (action, seq desc);
create index audit_logs_seq on audit_logs (seq desc);

create function audit_ensure_partitions(ahead int) returns void language plpgsql security definer
    set search_path = public, pg_temp as $$
declare
    month date;
begin
    for i in -1..ahead loop
        month := date_trunc('month', now() at time zone 'utc')::date + make_interval(months => i);
        execute format(
            'create table if not exists audit_logs_%s partition of audit_logs for values from (%L) to (%L)',
            to_char(month, 'YYYY_MM'),
            month::timestamp at time zone 'utc',
            (month + interval '1 month')::timestamp at time zone 'utc');
    end loop;
end $$;
create table audit_logs_rest partition of audit_logs default;
select audit_ensure_partitions(3);

-- One row per changed field. Erasure blanks before/after (and the salt): the proof stands.
create table audit_values (
    audit_seq bigint not null,
    field text not null,
    salt bytea,
    before jsonb,
    after jsonb,
    erased_at timestamptz,
    primary key (audit_seq, field)
);

-- A queue: rows that no block holds yet. The sealer takes what is visible to it, so blocks follow
-- the order of commit and writers never wait for the chain.
create table audit_unsealed (
    audit_seq bigint primary key
);

create table audit_blocks (
    no bigint primary key,
    prev_hash bytea not null,
    row_seqs bigint[] not null,
    -- the rows' hashes, 32 bytes each, in the order of row_seqs: so that a broken row can be named
    row_hashes bytea not null,
    hash bytea not null,
    sealed_at timestamptz not null default now(),
    created_at timestamptz not null default now()
);
create index audit_blocks_rows on audit_blocks using gin (row_seqs);

create trigger audit_logs_append_only before update or delete or truncate on audit_logs
    for each statement execute function refuse_change();
create trigger audit_blocks_append_only before update or delete or truncate on audit_blocks
    for each statement execute function refuse_change();
create trigger audit_values_no_delete before delete or truncate on audit_values
    for each statement execute function refuse_change();

-- Outbox -----------------------------------------------------------------------------------------

create sequence outbox_published_seq;
create table outbox_events (
    seq bigint generated always as identity primary key,
    id uuid not null unique,
    aggregate_type text not null,
    aggregate_id text not null,
    type text not null,
    payload jsonb not null,
    -- sequence numbers are not commit order: the relay publishes only below the oldest running
    -- transaction
    xid xid8 not null default pg_current_xact_id(),
    request_id text,
    published_seq bigint unique,
    published_at timestamptz,
    created_at timestamptz not null default now()
);
create index outbox_events_unpublished on outbox_events (seq) where published_seq is null;
create index outbox_events_aggregate on outbox_events (aggregate_type, aggregate_id, seq);

create table bus_consumers (
    name text primary key,
    -- the last published_seq this consumer has taken in
    position bigint not null default 0,
    failures int not null default 0,
    last_error text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create trigger bus_consumers_touch before update on bus_consumers
    for each row execute function touch_updated_at();

-- Jobs -------------------------------------------------------------------------------------------

create table job_runs (
    id uuid primary key,
    queue_name text not null,
    job_type text not null,
    status text not null default 'queued'
        check (status in ('queued', 'running', 'retry', 'done', 'dead', 'cancelled')),
    payload jsonb not null,
    -- at most one live job per (job_type, dedupe_key)
    dedupe_key text,
    attempts int not null default 0,
    max_attempts int not null default 8 check (max_attempts > 0),
    run_at timestamptz not null default now(),
    leased_by text,
    leased_until timestamptz,
    last_error text,
    request_id text,
    started_at timestamptz,
    finished_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index job_runs_due on job_runs (run_at, id) where status in ('queued', 'retry');
create index job_runs_leases on job_runs (leased_until) where status = 'running';
create index job_runs_status on job_runs (status, id desc);
create index job_runs_type on job_runs (job_type, id desc);
create unique index job_runs_dedupe on job_runs (job_type, dedupe_key)
    where status in ('queued', 'running', 'retry');
create trigger job_runs_touch before update on job_runs
    for each row execute function touch_updated_at();

-- Idempotency, counters --------------------------------------------------------------------------

create table idempotency_keys (
    caller text not null,
    operation text not null,
    key text not null check (length(key) between 1 and 200),
    input_hash bytea not null,
    status int not null,
    answer jsonb,
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    primary key (caller, operation, key)
);
create index idempotency_keys_expiry on idempotency_keys (expires_at);

-- Limits that protect a person hold over all processes, so they are counted here.
create table rate_counters (
    name text not null,
    subject text not null,
    window_start timestamptz not null,
    count int not null,
    created_at timestamptz not null default now(),
    primary key (name, subject, window_start)
);
create index rate_counters_age on rate_counters (window_start);

-- Grants -----------------------------------------------------------------------------------------

grant usage on schema public to eventify_app;
grant select, insert on audit_logs to eventify_app;
grant select, insert on audit_blocks to eventify_app;
grant select, insert on audit_values to eventify_app;
grant update (salt, before, after, erased_at) on audit_values to eventify_app;
grant select, insert, delete on audit_unsealed to eventify_app;
grant select, insert, update, delete on outbox_events, bus_consumers, job_runs, idempotency_keys, rate_counters
    to eventify_app;
grant usage on all sequences in schema public to eventify_app;
