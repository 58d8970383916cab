-- tickets: the waiting list

-- Free seats go to whoever in line they are enough for; else they are kept for the first party.
alter table events add column smaller_parties_pass boolean not null default false;

-- Who waits for a kind of ticket, in order.
create index waiting_list_entries_kind on waiting_list_entries (ticket_type_id, created_at, id) include (seats)
    where status = 'waiting';
