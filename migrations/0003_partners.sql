-- partners: organisations, their people, KYC documents, bank accounts  [000 §2]

-- Objects in storage. A row stands before the object is written and is kept by the transaction that
-- makes use of it: what is not kept in time the sweeper removes, object first.
create table stored_files (
    id uuid primary key,
    storage_key text not null,
    kept_at timestamptz,
    created_at timestamptz not null default now()
);
create unique index stored_files_key on stored_files (storage_key);
create index stored_files_orphans on stored_files (created_at) where kept_at is null;

create table partners (
    id uuid primary key,
    name text not null,
    type text not null check (type in ('venue', 'promoter', 'sponsor', 'vendor')),
    status text not null default 'invited' check (status in ('invited', 'active', 'suspended')),
    logo_url text,
    -- follows from the required documents, in the transaction that changes one
    verification_status text not null default 'pending' check (verification_status in ('pending', 'verified', 'rejected')),
    settlement_currency char(3) not null default 'INR' check (settlement_currency ~ '^[A-Z]{3}$'),
    -- caches of the ledger, in the settlement currency
    total_revenue_minor bigint not null default 0,
    open_balance_minor bigint not null default 0,
    -- when it became active for the first time
    joined_at timestamptz,
    suspended_at timestamptz,
    suspension_reason text,
    -- what the list searches in: name, and name and address of the primary contact, in lower case
    search_text text not null,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status = 'suspended') = (suspended_at is not null)),
    check ((suspended_at is null) = (suspension_reason is null))
);
create index partners_name on partners (lower(name), id);
create index partners_created on partners (created_at, id);
create index partners_updated on partners (updated_at, id);
create index partners_joined on partners (coalesce(joined_at, '-infinity'::timestamptz), id);
create index partners_status on partners (status, lower(name), id);
create trigger partners_touch before update on partners
    for each row execute function touch_updated_at();

-- Without the extension a search reads the whole table, which is right but slower.
do $$
begin
    create extension if not exists pg_trgm;
    execute 'create index partners_search on partners using gin (search_text gin_trgm_ops)';
exception when undefined_file or feature_not_supported or insufficient_privilege then
    raise notice 'pg_trgm cannot be had here: partners are searched without an index';
end $$;

create table partner_contacts (
    id uuid primary key,
    partner_id uuid not null references partners (id),
    name text not null,
    email text not null check (email = lower(email)),
    phone text,
    is_primary boolean not null default false,
    -- the account it signs in with, once invited
    user_id uuid references admin_users (id),
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index partner_contacts_primary on partner_contacts (partner_id) where is_primary;
create unique index partner_contacts_email on partner_contacts (partner_id, email);
create index partner_contacts_user on partner_contacts (user_id);
create trigger partner_contacts_touch before update on partner_contacts
    for each row execute function touch_updated_at();

create table partner_documents (
    id uuid primary key,
    partner_id uuid not null references partners (id),
    type text not null check (type in ('company_reg', 'pan', 'cheque', 'other')),
    file_id uuid not null references stored_files (id),
    storage_key text not null,
    file_name text not null,
    -- as the bytes say, not as the sender said
    media_type text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
    size_bytes bigint not null check (size_bytes > 0),
    sha256 bytea not null,
    status text not null default 'pending' check (status in ('pending', 'verified', 'rejected')),
    rejection_reason text,
    uploaded_at timestamptz not null,
    uploaded_by uuid references admin_users (id),
    verified_at timestamptz,
    reviewed_at timestamptz,
    reviewed_by uuid references admin_users (id),
    -- a newer upload of the same type counts instead
    superseded_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status = 'rejected') = (rejection_reason is not null)),
    check ((status = 'verified') = (verified_at is not null))
);
create index partner_documents_partner on partner_documents (partner_id, uploaded_at desc, id desc);
create unique index partner_documents_current on partner_documents (partner_id, type)
    where superseded_at is null and type <> 'other';
create index partner_documents_queue on partner_documents (uploaded_at, id)
    where status = 'pending' and superseded_at is null;
create unique index partner_documents_file on partner_documents (file_id);
create index partner_documents_uploader on partner_documents (uploaded_by);
create index partner_documents_reviewer on partner_documents (reviewed_by);
create trigger partner_documents_touch before update on partner_documents
    for each row execute function touch_updated_at();

create table partner_bank_accounts (
    id uuid primary key,
    partner_id uuid not null references partners (id),
    holder_name text not null,
    bank_code text not null,
    -- encrypted with the server's key
    number_enc bytea not null,
    last_four text not null check (length(last_four) = 4),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    status text not null default 'pending' check (status in ('pending', 'verified', 'rejected')),
    rejection_reason text,
    added_by uuid references admin_users (id),
    reviewed_at timestamptz,
    reviewed_by uuid references admin_users (id),
    -- payouts go to another account since
    retired_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status = 'rejected') = (rejection_reason is not null))
);
create index partner_bank_accounts_partner on partner_bank_accounts (partner_id, created_at desc);
-- Payouts in one currency go to one account.
create unique index partner_bank_accounts_payout on partner_bank_accounts (partner_id, currency)
    where status = 'verified' and retired_at is null;
create index partner_bank_accounts_adder on partner_bank_accounts (added_by);
create index partner_bank_accounts_reviewer on partner_bank_accounts (reviewed_by);
create trigger partner_bank_accounts_touch before update on partner_bank_accounts
    for each row execute function touch_updated_at();

-- Not checked for what stands there already: until now any uuid was taken, and assignments are history.
alter table user_role_assignments add constraint user_role_assignments_partner_id_fkey
    foreign key (partner_id) references partners (id) not valid;
create index user_role_assignments_partner on user_role_assignments (partner_id) where partner_id is not null;

-- Contacts keep their own partner's records. (System roles are only made, never changed, at start.)
insert into role_permissions (role_id, permission_id)
    select r.id, p.id from roles r, permissions p where r.code = 'partner' and p.id = 'partners.manage'
    on conflict do nothing;

grant select, insert, update on partners, partner_documents, partner_bank_accounts to eventify_app;
grant select, insert, update, delete on partner_contacts, stored_files to eventify_app;
