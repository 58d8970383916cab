-- events: hosting  [004 §2.2–2.7, 003 §2.4, 001]

-- Ships with PostgreSQL's own contrib: ids in an exclusion constraint.
create extension if not exists btree_gist;

create table venues (
    id uuid primary key,
    name text not null,
    address text not null default '',
    city text not null,
    latitude numeric(9, 6) check (latitude between -90 and 90),
    longitude numeric(9, 6) check (longitude between -180 and 180),
    timezone text not null,
    -- seats the place can hold; a hint, not a limit
    capacity int check (capacity > 0),
    -- the partner whose place it is
    partner_id uuid references partners (id),
    -- accessibility, indoor or outdoor, hints
    metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
    retired_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((latitude is null) = (longitude is null))
);
create index venues_name on venues (lower(name), id);
create index venues_city on venues (lower(city), lower(name), id);
create index venues_partner on venues (partner_id);
create index venues_place on venues (latitude, longitude);
create trigger venues_touch before update on venues
    for each row execute function touch_updated_at();

create table events (
    id uuid primary key,
    -- who organises: an end user or a partner
    host_user_id uuid references end_users (id),
    organizer_partner_id uuid references partners (id),
    title text not null,
    slug text not null,
    -- party, picnic, travel …
    mood text,
    description text not null default '',
    venue_id uuid references venues (id),
    -- a place that is not among the venues
    venue_text text,
    city text not null,
    start_at timestamptz not null,
    end_at timestamptz not null,
    timezone text not null,
    capacity int not null check (capacity > 0),
    -- derived from the ticket types, by their trigger: the lowest price that is not hidden
    is_paid boolean not null default false,
    ticket_price_minor bigint not null default 0 check (ticket_price_minor >= 0),
    currency char(3) not null default 'INR' check (currency ~ '^[A-Z]{3}$'),
    gst_number text,
    gst_percent numeric(5, 2) check (gst_percent between 0 and 100),
    allow_plus_one boolean not null default false,
    allowed_genders text not null default 'all' check (allowed_genders in ('all', 'male', 'female', 'non_binary')),
    -- ids of one to three of its images, in order
    cover_images jsonb not null default '[]'
        check (jsonb_typeof(cover_images) = 'array' and jsonb_array_length(cover_images) <= 3),
    status text not null default 'draft' check (status in ('draft', 'published', 'live', 'ended', 'cancelled')),
    published_at timestamptz,
    live_at timestamptz,
    ended_at timestamptz,
    cancelled_at timestamptz,
    cancellation_reason text,
    -- time or place changed after it was published: until then a guest may step back with a refund
    refund_window_until timestamptz,
    -- raised with each change of time or place, for calendars
    sequence int not null default 0,
    -- seats of those going or checked in, and requests that wait; kept in the transaction that changes them
    going_count int not null default 0 check (going_count >= 0),
    requests_count int not null default 0 check (requests_count >= 0),
    duplicated_from uuid references events (id),
    -- what the list searches in
    search_text text not null default '',
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint events_organiser check (num_nonnulls(host_user_id, organizer_partner_id) = 1),
    constraint events_time check (start_at < end_at),
    constraint events_within_capacity check (going_count <= capacity),
    check ((status = 'cancelled') = (cancelled_at is not null)),
    check ((cancelled_at is null) = (cancellation_reason is null)),
    -- Nobody is double-booked: a place holds one published event at a time. Drafts are plans.
    constraint events_venue_free exclude using gist (venue_id with =, tstzrange(start_at, end_at) with &&)
        where (venue_id is not null and status in ('published', 'live'))
);
create unique index events_slug on events (slug);
create index events_host on events (host_user_id, start_at desc);
create index events_organizer on events (organizer_partner_id, start_at desc);
create index events_start on events (start_at, id);
create index events_created on events (created_at, id);
create index events_updated on events (updated_at, id);
create index events_title on events (lower(title), id);
create index events_status on events (status, start_at, id);
create index events_city on events (lower(city), start_at, id);
create index events_venue on events (venue_id, start_at);
create index events_original on events (duplicated_from);
-- What the clock has to start and to end.
create index events_to_start on events (start_at) where status = 'published';
create index events_to_end on events (end_at) where status = 'live';
create trigger events_touch before update on events
    for each row execute function touch_updated_at();

do $$
begin
    execute 'create index events_search on events using gin (search_text gin_trgm_ops)';
exception when undefined_object then
    raise notice 'pg_trgm cannot be had here: events are searched without an index';
end $$;

create function events_note_search() returns trigger language plpgsql as $$
begin
    new.search_text := lower(concat_ws(' ', new.title, new.mood, new.city, new.venue_text,
        (select v.name from venues v where v.id = new.venue_id), left(new.description, 2000)));
    return new;
end $$;
create trigger events_search_text before insert or update of title, mood, city, venue_text, venue_id, description
    on events for each row execute function events_note_search();

create function venues_note_search() returns trigger language plpgsql as $$
begin
    update events set venue_id = venue_id where venue_id = new.id;
    return new;
end $$;
create trigger venues_search_text after update of name on venues
    for each row when (old.name is distinct from new.name) execute function venues_note_search();

-- A name of the time zone database, such as Asia/Kolkata.
create function timezone_is_known(zone text) returns boolean language plpgsql stable as $$
begin
    perform now() at time zone zone;
    return zone ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$';
exception when invalid_parameter_value then
    return false;
end $$;

-- Who organises beside the host: end users and partners.
create table event_co_hosts (
    id uuid primary key,
    event_id uuid not null references events (id),
    user_id uuid references end_users (id),
    partner_id uuid references partners (id),
    created_at timestamptz not null default now(),
    check (num_nonnulls(user_id, partner_id) = 1)
);
create unique index event_co_hosts_user on event_co_hosts (event_id, user_id) where user_id is not null;
create unique index event_co_hosts_partner on event_co_hosts (event_id, partner_id) where partner_id is not null;
create index event_co_hosts_event on event_co_hosts (event_id, created_at);
create index event_co_hosts_of_user on event_co_hosts (user_id);
create index event_co_hosts_of_partner on event_co_hosts (partner_id);

create table event_interest_map (
    event_id uuid not null references events (id) on delete cascade,
    interest_id uuid not null references event_interests (id),
    created_at timestamptz not null default now(),
    primary key (event_id, interest_id)
);
create index event_interest_map_interest on event_interest_map (interest_id);

create table event_images (
    id uuid primary key,
    event_id uuid not null references events (id),
    -- several where an event was duplicated with its images
    file_id uuid not null references stored_files (id),
    storage_key text not null,
    media_type text not null check (media_type in ('image/png', 'image/jpeg')),
    size_bytes bigint not null check (size_bytes > 0),
    position int not null check (position >= 0),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint event_images_position unique (event_id, position) deferrable initially deferred
);
create index event_images_file on event_images (file_id);
create trigger event_images_touch before update on event_images
    for each row execute function touch_updated_at();

-- What guests are asked on their way in.
create table event_questions (
    id uuid primary key,
    event_id uuid not null references events (id),
    label text not null,
    kind text not null check (kind in ('text', 'choice', 'yes_no')),
    -- of a choice
    options jsonb not null default '[]' check (jsonb_typeof(options) = 'array'),
    required boolean not null default false,
    position int not null,
    -- asked no more; answers that were given stay readable
    retired_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index event_questions_event on event_questions (event_id, position);
create trigger event_questions_touch before update on event_questions
    for each row execute function touch_updated_at();

create table event_requests (
    id uuid primary key,
    event_id uuid not null references events (id),
    requester_user_id uuid not null references end_users (id),
    message text not null default '',
    status text not null default 'pending' check (status in ('pending', 'accepted', 'declined', 'cancelled')),
    host_message text,
    seats_requested int not null check (seats_requested between 1 and 100),
    -- question → answer
    answers jsonb not null default '{}' check (jsonb_typeof(answers) = 'object'),
    decided_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
-- One that waits or was accepted at a time; after a decline or a cancellation one may ask again.
create unique index event_requests_open on event_requests (event_id, requester_user_id)
    where status in ('pending', 'accepted');
create index event_requests_event on event_requests (event_id, created_at, id);
create index event_requests_requester on event_requests (requester_user_id, created_at desc);
create trigger event_requests_touch before update on event_requests
    for each row execute function touch_updated_at();

create table event_invites (
    id uuid primary key,
    event_id uuid not null references events (id),
    -- who invites; none where staff does it for a partner
    host_user_id uuid references end_users (id),
    invited_user_id uuid references end_users (id),
    status text not null default 'pending' check (status in ('pending', 'accepted', 'declined', 'expired')),
    message text not null default '',
    invite_type text not null check (invite_type in ('direct', 'share_link')),
    -- of a share link: its token is derived from the id, never stored
    token_hash bytea,
    uses_left int check (uses_left >= 0),
    seats int not null default 1 check (seats between 1 and 100),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    created_by uuid references admin_users (id),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((invite_type = 'direct') = (invited_user_id is not null)),
    check ((invite_type = 'share_link') = (token_hash is not null)),
    check ((invite_type = 'share_link') = (uses_left is not null))
);
create unique index event_invites_direct on event_invites (event_id, invited_user_id)
    where invite_type = 'direct' and status in ('pending', 'accepted');
create unique index event_invites_token on event_invites (token_hash);
create index event_invites_event on event_invites (event_id, created_at desc);
create index event_invites_invited on event_invites (invited_user_id, created_at desc);
create index event_invites_host on event_invites (host_user_id);
create trigger event_invites_touch before update on event_invites
    for each row execute function touch_updated_at();

create table event_streams (
    id uuid primary key,
    event_id uuid not null references events (id),
    provider text not null,
    -- encrypted with the server's key
    stream_key_enc bytea not null,
    playback_url text,
    stream_status text not null default 'idle' check (stream_status in ('idle', 'live', 'ended')),
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index event_streams_event on event_streams (event_id, created_at);
create trigger event_streams_touch before update on event_streams
    for each row execute function touch_updated_at();

-- Assignments are bound to events that are there; what stands there already is history.
alter table user_role_assignments add constraint user_role_assignments_event_id_fkey
    foreign key (event_id) references events (id) not valid;
create index user_role_assignments_event on user_role_assignments (event_id) where event_id is not null;

-- Search -----------------------------------------------------------------------------------------

create function search_keep_event() returns trigger language plpgsql as $$
begin
    insert into search_entries (kind, object_id, title, detail, permission_id, partner_id)
    values ('event', new.id, new.title, concat_ws(', ', new.city, to_char(new.start_at at time zone new.timezone, 'FMDD Mon YYYY')),
            'events.read', new.organizer_partner_id)
    on conflict (kind, object_id) do update set title = excluded.title, detail = excluded.detail;
    return new;
end $$;
create trigger events_search_keep after insert or update of title, city, start_at, timezone on events
    for each row execute function search_keep_event();
create trigger events_search_forget after delete on events
    for each row execute function search_forget('event');

create function search_keep_venue() returns trigger language plpgsql as $$
begin
    insert into search_entries (kind, object_id, title, detail, permission_id, partner_id)
    values ('venue', new.id, new.name, concat_ws(', ', nullif(new.address, ''), new.city), 'events.read', new.partner_id)
    on conflict (kind, object_id) do update
        set title = excluded.title, detail = excluded.detail, partner_id = excluded.partner_id;
    return new;
end $$;
create trigger venues_search_keep after insert or update of name, address, city, partner_id on venues
    for each row execute function search_keep_venue();
create trigger venues_search_forget after delete on venues
    for each row execute function search_forget('venue');

grant select, insert, update on venues, events, event_requests, event_invites, event_questions to eventify_app;
grant select, insert, update, delete on event_images, event_streams to eventify_app;
grant select, insert, delete on event_co_hosts, event_interest_map to eventify_app;
