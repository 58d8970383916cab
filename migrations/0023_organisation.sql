-- The organisation that runs this installation: its name, brand and what is assumed where nothing was said.
create table organisation (
    id uuid primary key default '01934c2e-0000-7000-8000-000000000001'
        check (id = '01934c2e-0000-7000-8000-000000000001'),
    name text not null default 'Eventify',
    logo_file_id uuid references stored_files (id),
    logo_key text,
    primary_colour text not null default '#006469' check (primary_colour ~ '^#[0-9a-f]{6}$'),
    accent_colour text not null default '#d2f13c' check (accent_colour ~ '^#[0-9a-f]{6}$'),
    timezone text not null default 'Asia/Kolkata',
    currency char(3) not null default 'INR' check (currency ~ '^[A-Z]{3}$'),
    sender_name text,
    reply_to text,
    version bigint not null default 1,
    updated_at timestamptz not null default now(),
    check ((logo_file_id is null) = (logo_key is null))
);
create index organisation_logo on organisation (logo_file_id);
insert into organisation default values;
grant select, update on organisation to eventify_app;

-- A role within one event or partner may end by itself.
alter table user_role_assignments
    add column expires_at timestamptz,
    add constraint user_role_assignments_ends
        check (expires_at is null or num_nonnulls(event_id, partner_id, talent_id) = 1);
create index user_role_assignments_ending on user_role_assignments (expires_at)
    where revoked_at is null and expires_at is not null;

create or replace function assignments_are_history() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'role assignments are history' using errcode = 'insufficient_privilege';
    end if;
    if old.revoked_at is not null
        or (new.id, new.user_id, new.role_id, new.assigned_at, new.expires_at) is distinct from
           (old.id, old.user_id, old.role_id, old.assigned_at, old.expires_at)
        or (new.event_id, new.partner_id, new.talent_id, new.assigned_by) is distinct from
           (old.event_id, old.partner_id, old.talent_id, old.assigned_by)
        or new.revoked_at is null
    then
        raise exception 'role assignments are history' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

-- An invitation may go to an email address or a phone number that nobody has an account with. To the table it is a
-- link that works once.
alter table event_invites
    add column invited_email text,
    add column invited_phone text,
    -- who accepted it
    add column accepted_by uuid references end_users (id),
    add constraint event_invites_addressed
        check (num_nonnulls(invited_email, invited_phone) = 0
               or invite_type = 'share_link' and num_nonnulls(invited_email, invited_phone) = 1);
create unique index event_invites_email on event_invites (event_id, invited_email)
    where invited_email is not null and status = 'pending';
create unique index event_invites_phone on event_invites (event_id, invited_phone)
    where invited_phone is not null and status = 'pending';
create index event_invites_to_email on event_invites (invited_email) where invited_email is not null;
create index event_invites_to_phone on event_invites (invited_phone) where invited_phone is not null;
create index event_invites_accepted_by on event_invites (accepted_by);
