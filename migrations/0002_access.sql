-- access: staff, roles, sessions, keys  [000 §1, 003 §2.1, 002]

create table admin_users (
    id uuid primary key,
    email text not null check (email = lower(email)),
    password_hash text,
    full_name text not null,
    -- invited: no password yet; inactive: access revoked, the row stays
    status text not null default 'invited' check (status in ('invited', 'active', 'inactive')),
    last_active_at timestamptz,
    -- seed encrypted with the server's key; enabled once a first code was right
    totp_secret_enc bytea,
    totp_enabled_at timestamptz,
    -- the last accepted time step: a code works once
    totp_last_step bigint,
    failed_logins int not null default 0,
    locked_until timestamptz,
    password_changed_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index admin_users_email_key on admin_users (email);
create index admin_users_name on admin_users (lower(full_name), id);
create index admin_users_created on admin_users (created_at, id);
create index admin_users_updated on admin_users (updated_at, id);
create index admin_users_last_active on admin_users (last_active_at, id);
create trigger admin_users_touch before update on admin_users
    for each row execute function touch_updated_at();

create table roles (
    id uuid primary key,
    code text not null check (code ~ '^[a-z][a-z0-9_]{1,59}$'),
    name text not null,
    description text not null default '',
    is_system boolean not null default false,
    requires_2fa boolean not null default false,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index roles_code_key on roles (code);
create unique index roles_name_key on roles (lower(name));
create trigger roles_touch before update on roles
    for each row execute function touch_updated_at();

-- Mirrored from the catalogue in code at start.
create table permissions (
    id text primary key,
    name text not null,
    group_name text not null,
    description text not null default '',
    position int not null,
    created_at timestamptz not null default now()
);

create table role_permissions (
    role_id uuid not null references roles (id) on delete cascade,
    permission_id text not null references permissions (id) on delete cascade,
    created_at timestamptz not null default now(),
    primary key (role_id, permission_id)
);
create index role_permissions_permission on role_permissions (permission_id);

-- History: a row is only ever added, or closed once.
create table user_role_assignments (
    id uuid primary key,
    user_id uuid not null references admin_users (id),
    role_id uuid not null references roles (id),
    event_id uuid,
    partner_id uuid,
    talent_id uuid,
    assigned_by uuid references admin_users (id),
    assigned_at timestamptz not null default now(),
    revoked_at timestamptz,
    revoked_by uuid references admin_users (id),
    created_at timestamptz not null default now(),
    check (num_nonnulls(event_id, partner_id, talent_id) <= 1)
);
create index user_role_assignments_user on user_role_assignments (user_id, assigned_at desc);
create index user_role_assignments_role on user_role_assignments (role_id) where revoked_at is null;
create unique index user_role_assignments_main on user_role_assignments (user_id)
    where revoked_at is null and num_nonnulls(event_id, partner_id, talent_id) = 0;
create unique index user_role_assignments_scoped on user_role_assignments
    (user_id, role_id, coalesce(event_id, partner_id, talent_id))
    where revoked_at is null and num_nonnulls(event_id, partner_id, talent_id) = 1;

create function assignments_are_history() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'role assignments are history' using errcode = 'insufficient_privilege';
    end if;
    if old.revoked_at is not null
        or (new.id, new.user_id, new.role_id, new.assigned_at) is distinct from
           (old.id, old.user_id, old.role_id, old.assigned_at)
        or (new.event_id, new.partner_id, new.talent_id, new.assigned_by) is distinct from
           (old.event_id, old.partner_id, old.talent_id, old.assigned_by)
        or new.revoked_at is null
    then
        raise exception 'role assignments are history' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger user_role_assignments_history before update or delete on user_role_assignments
    for each row execute function assignments_are_history();

create table admin_devices (
    id uuid primary key,
    user_id uuid not null references admin_users (id),
    -- sha256 of the random id in the device's long-lived cookie
    device_fingerprint bytea not null,
    platform text not null,
    trusted boolean not null default false,
    risk_state text not null default 'new' check (risk_state in ('new', 'known', 'suspicious', 'blocked')),
    last_seen_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index admin_devices_fingerprint on admin_devices (user_id, device_fingerprint);
create trigger admin_devices_touch before update on admin_devices
    for each row execute function touch_updated_at();

create table admin_sessions (
    id uuid primary key,
    user_id uuid not null references admin_users (id),
    device_id uuid references admin_devices (id),
    -- tokens form a hash chain: the successor is derived from the token it replaces
    refresh_token_hash bytea not null,
    refresh_generation int not null default 0,
    rotated_at timestamptz not null default now(),
    -- whether this session was opened with a second factor
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
create index admin_sessions_user on admin_sessions (user_id, last_seen_at desc);
create index admin_sessions_device on admin_sessions (device_id);
create index admin_sessions_expiry on admin_sessions (expires_at);
create trigger admin_sessions_touch before update on admin_sessions
    for each row execute function touch_updated_at();

create table recovery_codes (
    id uuid primary key,
    user_id uuid not null references admin_users (id),
    code_hash bytea not null,
    used_at timestamptz,
    created_at timestamptz not null default now()
);
create unique index recovery_codes_code on recovery_codes (user_id, code_hash);

create table api_keys (
    id uuid primary key,
    key_name text not null,
    key_prefix text not null,
    key_hash bytea not null,
    -- permission codes
    scope text[] not null,
    expires_at timestamptz,
    active boolean not null default true,
    created_by uuid not null references admin_users (id),
    revoked_at timestamptz,
    revoked_by uuid references admin_users (id),
    last_used_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index api_keys_hash on api_keys (key_hash);
create index api_keys_created_by on api_keys (created_by);
create index api_keys_created on api_keys (created_at, id);
create trigger api_keys_touch before update on api_keys
    for each row execute function touch_updated_at();

create table ip_allowlist (
    id uuid primary key,
    cidr cidr not null,
    note text not null default '',
    created_by uuid references admin_users (id),
    created_at timestamptz not null default now()
);
create unique index ip_allowlist_cidr on ip_allowlist (cidr);

-- What a person did or what happened to an account, for investigation; not the audit trail.
create table user_activity_logs (
    id uuid primary key,
    actor_user_id uuid references admin_users (id),
    action text not null,
    target_type text not null,
    target_id uuid,
    metadata jsonb not null default '{}',
    ip_address inet,
    created_at timestamptz not null default now()
);
create index user_activity_logs_actor on user_activity_logs (actor_user_id, id desc);
create index user_activity_logs_target on user_activity_logs (target_type, target_id, id desc);

-- Single-use links. The secret is derived from the row's id with the server's key when the mail is
-- sent, so nothing that queues a mail holds it; here stands its hash.
create table auth_tokens (
    id uuid primary key,
    purpose text not null check (purpose in
        ('password_reset', 'invitation', 'email_verification', 'device_pairing', 'share_link')),
    user_id uuid references admin_users (id),
    token_hash bytea not null,
    data jsonb not null default '{}',
    expires_at timestamptz not null,
    used_at timestamptz,
    created_at timestamptz not null default now()
);
create unique index auth_tokens_hash on auth_tokens (token_hash);
create index auth_tokens_user on auth_tokens (user_id, purpose) where used_at is null;

create table signing_keys (
    -- the key id that tokens carry
    id uuid primary key,
    purpose text not null check (purpose in ('jwt', 'event')),
    secret_enc bytea not null,
    public_key bytea,
    -- new tokens are signed with the newest key that is not past this
    signs_until timestamptz not null,
    -- tokens signed with it are accepted until then
    expires_at timestamptz not null,
    created_at timestamptz not null default now()
);
create index signing_keys_purpose on signing_keys (purpose, created_at desc);

grant select, insert, update on admin_users, user_role_assignments, admin_sessions, admin_devices,
    recovery_codes, api_keys, auth_tokens, signing_keys to eventify_app;
grant select, insert, update, delete on roles, permissions, role_permissions, ip_allowlist to eventify_app;
grant delete on recovery_codes, auth_tokens, admin_sessions, signing_keys to eventify_app;
grant select, insert on user_activity_logs to eventify_app;
