-- finance: what partners are owed is paid out in batches; one person prepares them, another approves.

create table payout_batches (
    id uuid primary key,
    reference text not null,
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    -- who is owed less waits
    minimum_minor bigint not null check (minimum_minor > 0),
    status text not null default 'draft' check (status in ('draft', 'approved', 'processing', 'done', 'discarded')),
    prepared_by uuid references admin_users (id),
    approved_by uuid references admin_users (id),
    approved_at timestamptz,
    processing_at timestamptz,
    done_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint payout_batches_other_person check (approved_by <> prepared_by),
    check ((status in ('approved', 'processing', 'done')) = (approved_at is not null)),
    check ((status = 'done') = (done_at is not null))
);
create unique index payout_batches_reference on payout_batches (reference);
-- One at a time waits for approval.
create unique index payout_batches_draft on payout_batches (currency) where status = 'draft';
create index payout_batches_created on payout_batches (created_at, id);
create index payout_batches_preparer on payout_batches (prepared_by);
create index payout_batches_approver on payout_batches (approved_by);
create trigger payout_batches_touch before update on payout_batches
    for each row execute function touch_updated_at();

create table payouts (
    id uuid primary key,
    batch_id uuid not null references payout_batches (id),
    partner_id uuid not null references partners (id),
    bank_account_id uuid not null references partner_bank_accounts (id),
    amount_minor bigint not null check (amount_minor > 0),
    currency char(3) not null,
    -- what the bank calls it
    end_to_end_id text not null,
    status text not null default 'pending' check (status in ('pending', 'paid', 'failed')),
    failure_reason text,
    paid_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint payouts_partner unique (batch_id, partner_id),
    check ((status = 'paid') = (paid_at is not null))
);
create unique index payouts_end_to_end on payouts (end_to_end_id);
create index payouts_of_partner on payouts (partner_id, created_at);
create index payouts_bank_account on payouts (bank_account_id);
create trigger payouts_touch before update on payouts
    for each row execute function touch_updated_at();

-- Who is owed something and was left out, as it was then.
create table payout_exclusions (
    batch_id uuid not null references payout_batches (id),
    partner_id uuid not null references partners (id),
    amount_minor bigint not null check (amount_minor > 0),
    reason text not null check (reason in ('suspended', 'not_active', 'not_verified', 'no_bank_account', 'below_minimum')),
    created_at timestamptz not null default now(),
    primary key (batch_id, partner_id)
);
create index payout_exclusions_partner on payout_exclusions (partner_id);

grant select, insert, update on payout_batches, payouts to eventify_app;
grant select, insert on payout_exclusions to eventify_app;
