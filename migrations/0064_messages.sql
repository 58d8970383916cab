-- Every email, text and push message is a row from the transaction it speaks of on, so that "why was this not sent?" has
-- an answer before the first attempt too. [002 Notifications Backbone: notification_queue, delivery_logs]
alter table notification_queue
    alter column notification_id drop not null,
    -- the job that sends it; its status follows that of the job
    add column job_id uuid,
    -- what it is: a template's name, or the type of its notification
    add column kind text not null default 'notice',
    -- enough of the address to know it again; what an older version queued has none
    add column recipient text not null default '',
    -- a keyed hash of it: found by who knows the address
    add column recipient_hash bytea,
    add column attempts int not null default 0,
    drop constraint notification_queue_notification_id_channel_key,
    drop constraint notification_queue_channel_check,
    add constraint notification_queue_channel_check check (channel in ('email', 'sms', 'push')),
    drop constraint notification_queue_status_check,
    add constraint notification_queue_status_check
        check (status in ('queued', 'sending', 'retrying', 'sent', 'skipped', 'failed', 'cancelled'));
create unique index notification_queue_job on notification_queue (job_id);
create index notification_queue_notification on notification_queue (notification_id);
create index notification_queue_created on notification_queue (created_at desc, id desc);
create index notification_queue_unsent on notification_queue (status, created_at desc, id desc) where status <> 'sent';
create index notification_queue_recipient on notification_queue (recipient_hash, created_at desc, id desc);

alter table delivery_logs
    drop constraint delivery_logs_channel_check,
    add constraint delivery_logs_channel_check check (channel in ('email', 'sms', 'push'));

alter table notification_preferences
    drop constraint notification_preferences_channel_check,
    add constraint notification_preferences_channel_check check (channel in ('in_app', 'email', 'push'));

-- A message stands where its job stands, whoever moves that: a worker, a person, or the upkeep after a worker was lost.
create function notification_queue_follow() returns trigger language plpgsql as $$
begin
    update notification_queue
    set status = case new.status when 'running' then 'sending' when 'retry' then 'retrying' when 'done' then 'sent'
                                 when 'dead' then 'failed' else new.status end,
        attempts = new.attempts,
        not_before = new.run_at,
        reason = case when new.status in ('done', 'queued') then null
                      when new.status = 'dead' then coalesce(reason, new.last_error) else reason end
    where job_id = new.id and status <> 'skipped';
    return null;
end $$;
create trigger job_runs_message after update of status on job_runs for each row
    when (old.status is distinct from new.status
          and (new.job_type in ('mail.send', 'text.send', 'push.send')
               or new.job_type = 'notifications.mail' and new.status in ('dead', 'queued')))
    execute function notification_queue_follow();

update notification_queue q set kind = n.type from notifications n where n.id = q.notification_id;
-- What was sent or tried before.
insert into notification_queue (id, job_id, channel, kind, recipient, recipient_hash, status, reason, attempts, not_before,
                                created_at)
select l.id, l.job_id, l.channel, l.kind, l.recipient, l.recipient_hash,
       case l.outcome when 'sent' then 'sent' when 'failed' then 'failed' else 'retrying' end, l.reason, l.attempt,
       l.created_at, l.first
from (select distinct on (job_id) *, min(created_at) over (partition by job_id) as first
      from delivery_logs order by job_id, created_at desc, id desc) l;
