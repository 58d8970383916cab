-- Staff read times by their own clock; absent until their browser said which.
alter table admin_users add column timezone text;

-- What waits for an answer is counted for every page.
create index events_requests on events (id) where requests_count > 0;

-- An event is found by who organises it.
create function event_search_detail(e events) returns text language sql stable as $$
    select concat_ws(', ',
        coalesce((select p.name from partners p where p.id = e.organizer_partner_id),
                 (select nullif(u.name, '') from user_profiles u where u.user_id = e.host_user_id)),
        nullif(e.city, ''), to_char(e.start_at at time zone e.timezone, 'FMDD Mon YYYY'))
$$;

create or replace function search_keep_event() returns trigger language plpgsql as $$
begin
    insert into search_entries (kind, object_id, title, detail, permission_id, partner_id)
    values ('event', new.id, new.title, event_search_detail(new), 'events.read', new.organizer_partner_id)
    on conflict (kind, object_id) do update
        set title = excluded.title, detail = excluded.detail, partner_id = excluded.partner_id;
    return new;
end $$;
drop trigger events_search_keep on events;
create trigger events_search_keep
    after insert or update of title, city, start_at, timezone, organizer_partner_id, host_user_id on events
    for each row execute function search_keep_event();

-- Who organises may be called something else later; who is erased is called nothing.
create function search_keep_partners_events() returns trigger language plpgsql as $$
begin
    update search_entries s set detail = event_search_detail(e)
    from events e where s.kind = 'event' and s.object_id = e.id and e.organizer_partner_id = new.id;
    return new;
end $$;
create trigger partners_search_events after update of name on partners
    for each row when (old.name is distinct from new.name) execute function search_keep_partners_events();

create function search_keep_hosts_events() returns trigger language plpgsql as $$
begin
    update search_entries s set detail = event_search_detail(e)
    from events e where s.kind = 'event' and s.object_id = e.id and e.host_user_id = new.user_id;
    return new;
end $$;
create trigger user_profiles_search_events after update of name on user_profiles
    for each row when (old.name is distinct from new.name) execute function search_keep_hosts_events();

update search_entries s set detail = event_search_detail(e)
from events e where s.kind = 'event' and s.object_id = e.id;
