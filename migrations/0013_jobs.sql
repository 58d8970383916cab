-- Queues with slots of their own, lanes within them, and indexes for everything that grows. Processes of the
-- version before run beside the new ones during a deploy: they write the old names and claim whatever is due.

-- Taken in the order in which writers take them, so that a process that is at work never waits crosswise.
lock table webhook_endpoints, webhook_deliveries, admin_devices, auth_tokens, user_activity_logs, audit_logs,
    outbox_events, job_runs in access exclusive mode;

-- Jobs -------------------------------------------------------------------------------------------

-- Of one lane (such as one webhook endpoint) only a few run side by side.
alter table job_runs add column lane text not null default '';

-- The names of the version before become ours.
create function job_runs_adopt() returns trigger language plpgsql as $$
begin
    if new.queue_name = 'webhooks' then
        new.lane := coalesce((select d.endpoint_id::text from webhook_deliveries d
                              where d.id = (new.payload->>'delivery')::uuid), '');
    end if;
    new.queue_name := case new.queue_name when 'webhooks' then 'webhook' when 'pictures' then 'media' else 'bulk' end;
    return new;
end $$;
create trigger job_runs_adopt before insert on job_runs for each row
    when (new.queue_name in ('default', 'webhooks', 'pictures', 'upkeep'))
    execute function job_runs_adopt();
update job_runs j
set lane = coalesce((select d.endpoint_id::text from webhook_deliveries d where d.id = (j.payload->>'delivery')::uuid), ''),
    queue_name = 'webhook'
where queue_name = 'webhooks' and status in ('queued', 'retry', 'running', 'dead', 'cancelled');
update job_runs
set queue_name = case queue_name when 'pictures' then 'media' else 'bulk' end
where queue_name in ('default', 'pictures', 'upkeep')
      and status in ('queued', 'retry', 'running', 'dead', 'cancelled');

-- A process of the version before buries what it cannot run: a kind, or a payload, that it does not know. It waits for
-- a process that can.
create function job_runs_unbury() returns trigger language plpgsql as $$
begin
    new.status := 'retry';
    new.attempts := old.attempts - 1;
    new.run_at := greatest(new.run_at, old.run_at) + interval '1 second';
    new.finished_at := null;
    return new;
end $$;
create trigger job_runs_unbury before update on job_runs for each row
    when (old.status = 'running' and new.status = 'dead'
          and (new.last_error like '%no code for jobs of type ' || old.job_type || '%'
               or new.last_error like '%[payload: %'))
    execute function job_runs_unbury();

create index job_runs_waiting on job_runs (queue_name, lane, run_at, id) where status in ('queued', 'retry');
create index job_runs_lanes on job_runs (queue_name, lane) where status = 'running';
-- Sweeps, and the history of attempts.
create index job_runs_over on job_runs (coalesce(finished_at, created_at)) where status in ('done', 'dead', 'cancelled');
create index job_runs_periodic on job_runs (finished_at)
    where status = 'done' and starts_with(dedupe_key, 'periodic:');
create index job_runs_begun on job_runs (coalesce(finished_at, started_at)) where attempts > 0;

-- Webhooks ---------------------------------------------------------------------------------------

-- Secrets before the old one, each until it stops signing: several rotations within a day keep all of them.
alter table webhook_endpoints
    add column older_secrets_enc bytea[] not null default '{}',
    add column older_secrets_until timestamptz[] not null default '{}',
    add constraint webhook_endpoints_older check (cardinality(older_secrets_enc) = cardinality(older_secrets_until));

-- What was published since: sent to endpoints that missed it, and swept.
create index outbox_events_published on outbox_events (published_at) where published_at is not null;

-- Audit ------------------------------------------------------------------------------------------

create index audit_logs_id on audit_logs (id);

-- After a long downtime rows lie in no month's partition, and such a month could not be made any more: its rows are
-- moved into it. Nobody writes meanwhile, and the log stays what it was, row by row.
create or replace function audit_ensure_partitions(ahead int) returns void language plpgsql security definer
    set search_path = public, pg_temp as $$
declare
    month timestamp;
    part text;
    low timestamptz;
    high timestamptz;
begin
    for month in
        select date_trunc('month', now() at time zone 'utc') + make_interval(months => i)
        from generate_series(-1, ahead) i
        union
        select distinct date_trunc('month', created_at at time zone 'utc') from audit_logs_rest
    loop
        part := 'audit_logs_' || to_char(month, 'YYYY_MM');
        continue when to_regclass(part) is not null;
        low := month at time zone 'utc';
        high := (month + interval '1 month') at time zone 'utc';
        lock table audit_logs_rest in access exclusive mode;
        -- Another process may have made it meanwhile.
        continue when to_regclass(part) is not null;
        execute format('create table %I (like audit_logs including defaults including constraints)', part);
        execute format('with moved as (delete from audit_logs_rest where created_at >= %L and created_at < %L returning *)
                        insert into %I select * from moved', low, high, part);
        execute format('alter table audit_logs attach partition %I for values from (%L) to (%L)', part, low, high);
    end loop;
end $$;

-- Sweeps of what grows ---------------------------------------------------------------------------

create index auth_tokens_expiry on auth_tokens (expires_at);
create index user_activity_logs_age on user_activity_logs (created_at);
create index admin_devices_age on admin_devices (last_seen_at);
grant delete on user_activity_logs, admin_devices to eventify_app;
