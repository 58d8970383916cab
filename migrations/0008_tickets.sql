-- tickets: seats, guests and their tickets  [004 §2.8–2.10, 003 §2.4]
-- Whoever changes seats locks the event's row first, then ticket types by id: the sums below are read and
-- written under that lock.

create table ticket_types (
    id uuid primary key,
    event_id uuid not null references events (id),
    name text not null,
    description text not null default '',
    price_minor bigint not null default 0 check (price_minor >= 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    -- seats of this type; without one the event's capacity is the limit
    quota int check (quota > 0),
    sales_start_at timestamptz,
    sales_end_at timestamptz,
    -- the most seats one person takes
    per_order_limit int not null default 4 check (per_order_limit between 1 and 100),
    -- only with a promo code that opens it, by invitation, or from staff
    hidden boolean not null default false,
    position int not null default 0,
    -- seats of those going or checked in; kept in the transaction that changes them
    sold_count int not null default 0 check (sold_count >= 0),
    -- sold no more
    retired_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint ticket_types_within_quota check (quota is null or sold_count <= quota),
    constraint ticket_types_sales check (sales_start_at < sales_end_at)
);
create unique index ticket_types_name on ticket_types (event_id, lower(name)) where retired_at is null;
create index ticket_types_event on ticket_types (event_id, position, id);
create trigger ticket_types_touch before update on ticket_types
    for each row execute function touch_updated_at();

-- What an event costs is the lowest price on show.
create function events_note_price() returns trigger language plpgsql as $$
begin
    update events e set ticket_price_minor = p.lowest, is_paid = p.lowest > 0
    from (select coalesce(min(price_minor), 0) as lowest from ticket_types
          where event_id = new.event_id and not hidden and retired_at is null) p
    where e.id = new.event_id and (e.ticket_price_minor, e.is_paid) is distinct from (p.lowest, p.lowest > 0);
    return new;
end $$;
create trigger ticket_types_price after insert or update of price_minor, hidden, retired_at on ticket_types
    for each row execute function events_note_price();

create table promo_codes (
    id uuid primary key,
    event_id uuid not null references events (id),
    code text not null check (code = upper(code)),
    -- all types if absent
    ticket_type_id uuid references ticket_types (id),
    -- hundredths of a percent off each seat
    discount_basis_points int not null default 0 check (discount_basis_points between 0 and 10000),
    -- opens hidden types
    unlocks_hidden boolean not null default false,
    -- orders; counted from the reservations that stand
    max_uses int check (max_uses > 0),
    valid_from timestamptz,
    valid_until timestamptz,
    revoked_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (valid_from < valid_until)
);
create unique index promo_codes_code on promo_codes (event_id, code);
create index promo_codes_type on promo_codes (ticket_type_id);
create trigger promo_codes_touch before update on promo_codes
    for each row execute function touch_updated_at();

create table waiting_list_entries (
    id uuid primary key,
    event_id uuid not null references events (id),
    ticket_type_id uuid not null references ticket_types (id),
    user_id uuid not null references end_users (id),
    seats int not null check (seats between 1 and 100),
    -- offered has lapsed once offer_expires_at is past, written or not
    status text not null default 'waiting' check (status in ('waiting', 'offered', 'taken', 'lapsed', 'left')),
    offered_at timestamptz,
    offer_expires_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (status <> 'offered' or offer_expires_at is not null)
);
create unique index waiting_list_entries_open on waiting_list_entries (ticket_type_id, user_id)
    where status in ('waiting', 'offered');
create index waiting_list_entries_line on waiting_list_entries (event_id, created_at, id);
create index waiting_list_entries_waiting on waiting_list_entries (event_id, created_at, id) where status = 'waiting';
create index waiting_list_entries_offers on waiting_list_entries (offer_expires_at) where status = 'offered';
create index waiting_list_entries_type on waiting_list_entries (ticket_type_id);
create index waiting_list_entries_user on waiting_list_entries (user_id, created_at desc);
create trigger waiting_list_entries_touch before update on waiting_list_entries
    for each row execute function touch_updated_at();

-- Seats held for a while. Past expires_at they are free, though nobody has written so.
create table capacity_reservations (
    id uuid primary key,
    reservation_key uuid not null,
    event_id uuid not null references events (id),
    ticket_type_id uuid not null references ticket_types (id),
    user_id uuid references end_users (id),
    seats_reserved int not null check (seats_reserved > 0),
    consumed boolean not null default false,
    consumed_at timestamptz,
    released_at timestamptz,
    expires_at timestamptz not null,
    unit_price_minor bigint not null check (unit_price_minor >= 0),
    currency char(3) not null,
    -- how the person came in
    request_id uuid references event_requests (id),
    invite_id uuid references event_invites (id),
    waiting_list_entry_id uuid references waiting_list_entries (id),
    promo_code_id uuid references promo_codes (id),
    answers jsonb not null default '{}' check (jsonb_typeof(answers) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (consumed = (consumed_at is not null)),
    check (not (consumed and released_at is not null))
);
create unique index capacity_reservations_key on capacity_reservations (reservation_key);
create index capacity_reservations_held on capacity_reservations (event_id, ticket_type_id, expires_at)
    where not consumed and released_at is null;
create index capacity_reservations_event on capacity_reservations (event_id, created_at desc);
create index capacity_reservations_type on capacity_reservations (ticket_type_id);
create index capacity_reservations_user on capacity_reservations (user_id, event_id);
create index capacity_reservations_request on capacity_reservations (request_id);
create index capacity_reservations_invite on capacity_reservations (invite_id);
create index capacity_reservations_entry on capacity_reservations (waiting_list_entry_id);
create index capacity_reservations_promo on capacity_reservations (promo_code_id);
create trigger capacity_reservations_touch before update on capacity_reservations
    for each row execute function touch_updated_at();

create table event_attendees (
    id uuid primary key,
    event_id uuid not null references events (id),
    -- an end user, or a guest known by name (imported, complimentary)
    user_id uuid references end_users (id),
    guest_name text,
    guest_email text check (guest_email = lower(guest_email)),
    guest_phone text,
    request_id uuid references event_requests (id),
    reservation_id uuid references capacity_reservations (id),
    -- whose ticket it was before
    transferred_from uuid references event_attendees (id),
    ticket_type_id uuid not null references ticket_types (id),
    -- the type's name at the time
    ticket_type text not null,
    -- those that still stand; none once all were revoked or passed on
    seats int not null check (seats >= 0),
    is_paid boolean not null default false,
    price_paid_minor bigint not null default 0 check (price_paid_minor >= 0),
    platform_fee_minor bigint not null default 0 check (platform_fee_minor >= 0),
    currency char(3) not null,
    status text not null default 'going' check (status in ('going', 'not_going', 'checked_in', 'cancelled')),
    source text not null check (source in ('direct', 'request', 'invite', 'waiting_list', 'comp', 'import', 'transfer')),
    checked_in_at timestamptz,
    cancelled_at timestamptz,
    cancellation_reason text,
    answers jsonb not null default '{}' check (jsonb_typeof(answers) = 'object'),
    note text,
    -- raised when a ticket is issued anew: links in older mails are dead
    link_generation int not null default 1,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (user_id is not null or guest_name is not null),
    check (seats > 0 or status in ('cancelled', 'not_going', 'checked_in'))
);
create index event_attendees_event on event_attendees (event_id, created_at, id);
create index event_attendees_status on event_attendees (event_id, status, created_at, id);
create index event_attendees_user on event_attendees (user_id, event_id);
create index event_attendees_request on event_attendees (request_id);
create unique index event_attendees_reservation on event_attendees (reservation_id);
create index event_attendees_from on event_attendees (transferred_from);
create index event_attendees_type on event_attendees (ticket_type_id);
-- A guest list can be imported again: who is on it stays on it once.
create unique index event_attendees_import on event_attendees (event_id, guest_email)
    where source = 'import' and status in ('going', 'checked_in') and guest_email is not null;
create trigger event_attendees_touch before update on event_attendees
    for each row execute function touch_updated_at();

create table tickets (
    id uuid primary key,
    event_id uuid not null references events (id),
    ticket_type_id uuid not null references ticket_types (id),
    attendee_id uuid not null references event_attendees (id),
    user_id uuid references end_users (id),
    status text not null default 'issued' check (status in ('issued', 'inside', 'outside', 'revoked', 'refunded')),
    -- raised by transfer and re-issue: codes of an older generation are dead
    generation int not null default 1 check (generation > 0),
    -- of the code that can be typed; keyed, as that code is short
    short_code_hash bytea not null,
    issued_at timestamptz not null,
    revoked_at timestamptz,
    revoke_reason text,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status in ('revoked', 'refunded')) = (revoked_at is not null))
);
create unique index tickets_short_code on tickets (short_code_hash);
create index tickets_event on tickets (event_id, issued_at, id);
create index tickets_issued on tickets (issued_at, id);
create index tickets_attendee on tickets (attendee_id, id);
create index tickets_user on tickets (user_id, issued_at desc);
create index tickets_type on tickets (ticket_type_id);
create trigger tickets_touch before update on tickets
    for each row execute function touch_updated_at();

create table ticket_secrets (
    ticket_id uuid primary key references tickets (id),
    -- sha256 over salt and the secret, which is derived from event, ticket and generation
    secret_hash bytea not null,
    secret_salt bytea not null,
    is_redeemed boolean not null default false,
    redeemed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (is_redeemed = (redeemed_at is not null))
);
create trigger ticket_secrets_touch before update on ticket_secrets
    for each row execute function touch_updated_at();

grant select, insert, update on ticket_types, promo_codes, waiting_list_entries, capacity_reservations,
    event_attendees, tickets, ticket_secrets to eventify_app;

-- Which kind of ticket somebody asks for, or is invited to.
alter table event_requests add column ticket_type_id uuid references ticket_types (id);
create index event_requests_type on event_requests (ticket_type_id);
alter table event_invites add column ticket_type_id uuid references ticket_types (id);
create index event_invites_type on event_invites (ticket_type_id);
