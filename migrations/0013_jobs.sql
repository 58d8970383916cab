-- Queues with slots of their own, lanes within them, and indexes for everything that grows. Processes of the
-- version before run beside the new ones during a deploy: they write the old names and claim whatever is due.

-- Jobs -------------------------------------------------------------------------------------------

-- Of one lane (such as one webhook endpoint) only a few run side by side.
alter table job_runs add column lane text not null default '';

-- The names of the version before become ours.
create function job_runs_adopt() returns trigger language plpgsql as $$
begin
    if new.queue_name = 'webhooks' then
        new.lane := coalesce((select d.endpoint_id::text from webhook_deliveries d
                              where d.id::text = new.payload->>'delivery'), '');
    end if;
    new.queue_name := case new.queue_name when 'text' then 'urgent' when 'webhooks' then 'webhook'
                                          when 'pictures' then 'media' else 'bulk' end;
    return new;
end $$;
create trigger job_runs_adopt before insert on job_runs for each row
    when (new.queue_name in ('default', 'text', 'webhooks', 'pictures', 'upkeep'))
    execute function job_runs_adopt();
update job_runs j
set lane = coalesce((select d.endpoint_id::text from webhook_deliveries d where d.id = (j.payload->>'delivery')::uuid), ''),
    queue_name = 'webhook'
where queue_name = 'webhooks' and status in ('queued', 'retry', 'running');
update job_runs
set queue_name = case queue_name when 'text' then 'urgent' when 'pictures' then 'media' else 'bulk' end
where queue_name in ('default', 'text', 'pictures', 'upkeep') and status in ('queued', 'retry', 'running');

-- A process of the version before buries what it cannot run. It waits for a process that can.
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
          and new.last_error like '%no code for jobs of type ' || old.job_type || '%')
    execute function job_runs_unbury();

create index job_runs_waiting on job_runs (queue_name, lane, run_at, id) where status in ('queued', 'retry');
create index job_runs_lanes on job_runs (queue_name, lane) where status = 'running';
-- Sweeps and the history of attempts.
create index job_runs_ended on job_runs (status, finished_at) where finished_at is not null;
create index job_runs_begun on job_runs (coalesce(finished_at, started_at)) where attempts > 0;
