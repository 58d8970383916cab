-- people: end users, who buy and attend  [000 §3, 004 §2.1, 002 Auth and Profiles, 003 privacy_requests]

create table end_users (
    id uuid primary key,
    -- E.164, and the login; gone once the person was erased
    phone text check (phone ~ '^\+[1-9][0-9]{7,14}$'),
    email text check (email = lower(email)),
    -- A ban ends by time without a writer: banned is who stands as such and whose banned_until is not past.
    status text not null default 'active' check (status in ('active', 'banned', 'erased')),
    banned_until timestamptz,
    -- cache of the ledger: what was paid, less what was refunded
    total_spent_minor bigint not null default 0,
    currency char(3) not null default 'INR' check (currency ~ '^[A-Z]{3}$'),
    last_login_at timestamptz,
    -- seed encrypted with the server's key; enabled once a first code was right
    totp_secret_enc bytea,
    totp_enabled_at timestamptz,
    -- the last accepted time step: a code works once
    totp_last_step bigint,
    -- what the list searches in: name, phone and e-mail in lower case; kept by a trigger
    search_text text not null default '',
    erased_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status = 'erased') = (phone is null)),
    check ((status = 'erased') = (erased_at is not null)),
    check (banned_until is null or status = 'banned')
);
create unique index end_users_phone_key on end_users (phone);
create index end_users_email on end_users (email) where email is not null;
create index end_users_created on end_users (created_at, id);
create index end_users_updated on end_users (updated_at, id);
create index end_users_last_login on end_users (coalesce(last_login_at, '-infinity'::timestamptz), id);
create index end_users_spent on end_users (total_spent_minor, id);
create index end_users_not_active on end_users (status, created_at, id) where status <> 'active';
create trigger end_users_touch before update on end_users
    for each row execute function touch_updated_at();

-- Without the extension a search reads the whole table, which is right but slower.
do $$
begin
    create extension if not exists pg_trgm;
    execute 'create index end_users_search_text on end_users using gin (search_text gin_trgm_ops)';
exception when undefined_file or feature_not_supported or insufficient_privilege then
    raise notice 'pg_trgm cannot be had here: end users are searched without an index';
end $$;

-- One per end user, made with it. The phone number stands in end_users alone.
create table user_profiles (
    user_id uuid primary key references end_users (id),
    name text not null default '',
    bio text not null default '',
    location text not null default '',
    birth_date date,
    gender text check (gender in ('female', 'male', 'non_binary', 'undisclosed')),
    -- the ids of user_pictures, in the order they are shown
    profile_pictures jsonb not null default '[]'
        check (jsonb_typeof(profile_pictures) = 'array' and jsonb_array_length(profile_pictures) <= 6),
    -- the phone was proven by a code
    is_verified boolean not null default false,
    -- shown to others; false once erased
    is_active boolean not null default true,
    metadata jsonb not null default '{}',
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index user_profiles_name on user_profiles (lower(name), user_id);
create trigger user_profiles_touch before update on user_profiles
    for each row execute function touch_updated_at();

-- A picture is shown only once a job has re-encoded it; what was uploaded is given to the sweeper then.
create table user_pictures (
    id uuid primary key,
    user_id uuid not null references end_users (id),
    status text not null default 'processing' check (status in ('processing', 'ready', 'unreadable')),
    -- as it was uploaded
    source_file_id uuid references stored_files (id),
    source_key text,
    source_type text not null check (source_type in ('image/jpeg', 'image/png', 'image/webp')),
    -- upright, without metadata: in full, at most 1280 and at most 256 a side
    full_file_id uuid references stored_files (id),
    full_key text,
    large_file_id uuid references stored_files (id),
    large_key text,
    thumb_file_id uuid references stored_files (id),
    thumb_key text,
    width int,
    height int,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status = 'ready') = (full_key is not null and large_key is not null and thumb_key is not null)),
    check ((status = 'processing') = (source_key is not null))
);
create index user_pictures_user on user_pictures (user_id, id);
create index user_pictures_source on user_pictures (source_file_id);
create index user_pictures_full on user_pictures (full_file_id);
create index user_pictures_large on user_pictures (large_file_id);
create index user_pictures_thumb on user_pictures (thumb_file_id);
create trigger user_pictures_touch before update on user_pictures
    for each row execute function touch_updated_at();

-- The code is derived from its row with the server's key when the message is sent, so no queue, log or
-- backup holds one; here stands its salted hash.
create table user_phone_otps (
    id uuid primary key,
    phone_number text not null,
    otp_hash bytea not null,
    otp_salt bytea not null,
    attempts int not null default 0 check (attempts between 0 and 5),
    is_verified boolean not null default false,
    -- used, spent by wrong guesses, or replaced by a newer code
    closed_at timestamptz,
    ip_address inet,
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (not is_verified or closed_at is not null)
);
-- One code at a time.
create unique index user_phone_otps_open on user_phone_otps (phone_number) where closed_at is null;
create index user_phone_otps_phone on user_phone_otps (phone_number, created_at desc);
create index user_phone_otps_expiry on user_phone_otps (expires_at);
create trigger user_phone_otps_touch before update on user_phone_otps
    for each row execute function touch_updated_at();

create table end_user_sessions (
    id uuid primary key,
    user_id uuid not null references end_users (id),
    -- tokens form a hash chain: the successor is derived from the token it replaces
    refresh_token_hash bytea not null,
    refresh_generation int not null default 0,
    rotated_at timestamptz not null default now(),
    mfa boolean not null default false,
    ip_address inet,
    user_agent text,
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    revoked_at timestamptz,
    revoke_reason text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create index end_user_sessions_user on end_user_sessions (user_id, last_seen_at desc);
create index end_user_sessions_expiry on end_user_sessions (expires_at);
create trigger end_user_sessions_touch before update on end_user_sessions
    for each row execute function touch_updated_at();

create table event_interests (
    id uuid primary key,
    name text not null,
    slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    description text not null default '',
    is_active boolean not null default true,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index event_interests_slug_key on event_interests (slug);
create unique index event_interests_name_key on event_interests (lower(name));
create trigger event_interests_touch before update on event_interests
    for each row execute function touch_updated_at();

create table user_profile_event_interests (
    user_id uuid not null references user_profiles (user_id),
    interest_id uuid not null references event_interests (id),
    created_at timestamptz not null default now(),
    primary key (user_id, interest_id)
);
create index user_profile_event_interests_interest on user_profile_event_interests (interest_id, user_id);

-- Wallets whose key the person has shown to hold, by signing a challenge.
create table wallet_links (
    id uuid primary key,
    user_id uuid not null references end_users (id),
    kind text not null check (kind in ('ed25519')),
    -- the public key in hex
    address text not null,
    label text not null default '',
    verified_at timestamptz not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index wallet_links_address_key on wallet_links (kind, address);
create index wallet_links_user on wallet_links (user_id, id);
create trigger wallet_links_touch before update on wallet_links
    for each row execute function touch_updated_at();

-- One per end user, made with it.
create table privacy_settings (
    user_id uuid primary key references end_users (id),
    profile_visibility text not null default 'attendees'
        check (profile_visibility in ('everyone', 'attendees', 'nobody')),
    show_location boolean not null default true,
    show_age boolean not null default false,
    show_attendance boolean not null default true,
    invites_from text not null default 'everyone' check (invites_from in ('everyone', 'attendees', 'nobody')),
    -- consents: asked for, never assumed
    marketing boolean not null default false,
    analytics boolean not null default false,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create trigger privacy_settings_touch before update on privacy_settings
    for each row execute function touch_updated_at();

create table privacy_requests (
    id uuid primary key,
    user_id uuid not null references end_users (id),
    request_type text not null check (request_type in ('export', 'erasure')),
    status text not null default 'open' check (status in ('open', 'running', 'completed', 'rejected', 'withdrawn')),
    requested_at timestamptz not null,
    completed_at timestamptz,
    -- what the staff member says to the person, or why it was rejected
    answer text,
    handled_by uuid references admin_users (id),
    -- the export
    file_id uuid references stored_files (id),
    storage_key text,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status in ('completed', 'rejected', 'withdrawn')) = (completed_at is not null))
);
create unique index privacy_requests_open on privacy_requests (user_id, request_type)
    where status in ('open', 'running');
create index privacy_requests_user on privacy_requests (user_id, requested_at desc);
create index privacy_requests_requested on privacy_requests (requested_at, id);
create index privacy_requests_handler on privacy_requests (handled_by);
create index privacy_requests_file on privacy_requests (file_id);
create trigger privacy_requests_touch before update on privacy_requests
    for each row execute function touch_updated_at();

-- The history of bans; the one that is not lifted is in force until its end.
create table user_bans (
    id uuid primary key,
    user_id uuid not null references end_users (id),
    reason text not null,
    until timestamptz,
    banned_by uuid references admin_users (id),
    lifted_at timestamptz,
    lifted_by uuid references admin_users (id),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index user_bans_open on user_bans (user_id) where lifted_at is null;
create index user_bans_user on user_bans (user_id, created_at desc);
create index user_bans_banned_by on user_bans (banned_by);
create index user_bans_lifted_by on user_bans (lifted_by);
create trigger user_bans_touch before update on user_bans
    for each row execute function touch_updated_at();

-- Search -----------------------------------------------------------------------------------------

create function end_users_keep_search_text() returns trigger language plpgsql as $$
begin
    new.search_text := lower(concat_ws(' ', (select nullif(name, '') from user_profiles where user_id = new.id),
                                       new.phone, new.email));
    return new;
end $$;
create trigger end_users_search_text before insert or update on end_users
    for each row execute function end_users_keep_search_text();

create function search_keep_user() returns trigger language plpgsql as $$
begin
    if new.phone is null then
        delete from search_entries where kind = 'user' and object_id = new.id;
        return new;
    end if;
    insert into search_entries (kind, object_id, title, detail, permission_id)
    select 'user', new.id, coalesce((select nullif(name, '') from user_profiles where user_id = new.id), new.phone),
           concat_ws(' ', new.phone, new.email), 'users.read'
    on conflict (kind, object_id) do update set title = excluded.title, detail = excluded.detail;
    return new;
end $$;
create trigger end_users_search after insert or update of phone, email, search_text on end_users
    for each row execute function search_keep_user();
create trigger end_users_search_forget after delete on end_users
    for each row execute function search_forget('user');

create function user_profiles_named() returns trigger language plpgsql as $$
begin
    -- Its trigger reads the new name.
    update end_users set search_text = '' where id = new.user_id;
    return new;
end $$;
create trigger user_profiles_search after insert or update of name on user_profiles
    for each row execute function user_profiles_named();

-- What people are asked to choose from at first; staff may change it.
insert into event_interests (id, name, slug, description) values
    ('01990000-0000-7000-8000-000000000001', 'Live music', 'live-music', 'Bands, orchestras and everything played in front of you'),
    ('01990000-0000-7000-8000-000000000002', 'Electronic', 'electronic', 'Clubs, DJs and festivals of dance music'),
    ('01990000-0000-7000-8000-000000000003', 'Classical', 'classical', 'Indian and Western classical music and dance'),
    ('01990000-0000-7000-8000-000000000004', 'Comedy', 'comedy', 'Stand-up, improvisation and open microphones'),
    ('01990000-0000-7000-8000-000000000005', 'Theatre', 'theatre', 'Plays, musicals and readings'),
    ('01990000-0000-7000-8000-000000000006', 'Film', 'film', 'Screenings, premieres and film clubs'),
    ('01990000-0000-7000-8000-000000000007', 'Art', 'art', 'Exhibitions, galleries and workshops'),
    ('01990000-0000-7000-8000-000000000008', 'Food and drink', 'food-and-drink', 'Tastings, supper clubs and markets'),
    ('01990000-0000-7000-8000-000000000009', 'Sports', 'sports', 'Matches, runs and everything that keeps score'),
    ('01990000-0000-7000-8000-00000000000a', 'Outdoors', 'outdoors', 'Treks, rides and days out'),
    ('01990000-0000-7000-8000-00000000000b', 'Wellness', 'wellness', 'Yoga, meditation and retreats'),
    ('01990000-0000-7000-8000-00000000000c', 'Technology', 'technology', 'Meet-ups, hackathons and conferences'),
    ('01990000-0000-7000-8000-00000000000d', 'Business', 'business', 'Networking, talks and fairs'),
    ('01990000-0000-7000-8000-00000000000e', 'Books', 'books', 'Readings, clubs and festivals of literature'),
    ('01990000-0000-7000-8000-00000000000f', 'Games', 'games', 'Board games, quizzes and e-sports'),
    ('01990000-0000-7000-8000-000000000010', 'Family', 'family', 'Days that children like as well');

grant select, insert, update on end_users, user_profiles, user_pictures, event_interests, privacy_settings,
    privacy_requests, user_bans to eventify_app;
grant select, insert, update, delete on user_phone_otps, end_user_sessions, user_profile_event_interests, wallet_links
    to eventify_app;
grant delete on user_pictures to eventify_app;
-- Erasure blanks what the log holds of a person.
grant update (metadata, ip_address) on user_activity_logs to eventify_app;
