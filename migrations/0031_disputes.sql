-- finance: disputes, the accounts that disputes and payouts are posted to, and an order for the list of accounts.

alter table ledger_accounts drop constraint ledger_accounts_kind_check;
alter table ledger_accounts add constraint ledger_accounts_kind_check check (kind in ('provider_clearing',
    'partner_payable', 'host_payable', 'platform_fees', 'tax_payable', 'refunds_payable', 'disputes_held',
    'payouts_in_transit', 'bank'));
create index ledger_accounts_kind on ledger_accounts (kind, id);

alter table ledger_journals drop constraint ledger_journals_kind_check;
alter table ledger_journals add constraint ledger_journals_kind_check check (kind in ('sale', 'refund', 'refund_paid',
    'dispute', 'dispute_released', 'dispute_lost', 'payout', 'payout_paid'));

alter table ledger_postings drop constraint ledger_postings_line_check;
alter table ledger_postings add constraint ledger_postings_line_check check (line in ('gross', 'fee', 'fee_tax', 'refund',
    'settlement', 'dispute', 'payout'));

-- A guest's bank asks for money back. [002 E3.4]
create table disputes (
    id uuid primary key,
    payment_id uuid not null references payments (id),
    amount_minor bigint not null check (amount_minor > 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    reason text not null,
    status text not null default 'opened' check (status in ('opened', 'under_review', 'won', 'lost', 'withdrawn')),
    -- who told us: the provider, by its own name of it, or a colleague
    provider_ref text,
    opened_by uuid references admin_users (id),
    -- until when evidence counts
    due_at timestamptz not null,
    submitted_at timestamptz,
    submitted_by uuid references admin_users (id),
    closed_at timestamptz,
    -- nobody where the provider said so
    closed_by uuid references admin_users (id),
    note text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status in ('won', 'lost', 'withdrawn')) = (closed_at is not null))
);
-- One at a time, and each of the provider's once.
create unique index disputes_open on disputes (payment_id) where closed_at is null;
create unique index disputes_ref on disputes (provider_ref);
create index disputes_payment on disputes (payment_id, created_at);
create index disputes_due on disputes (due_at, id);
create index disputes_opener on disputes (opened_by);
create index disputes_submitter on disputes (submitted_by);
create index disputes_closer on disputes (closed_by);
create trigger disputes_touch before update on disputes
    for each row execute function touch_updated_at();

create table dispute_evidence (
    id uuid primary key,
    dispute_id uuid not null references disputes (id),
    kind text not null check (kind in ('receipt', 'correspondence', 'attendance', 'terms', 'other')),
    file_id uuid not null references stored_files (id),
    storage_key text not null,
    file_name text not null,
    -- as the bytes say, not as the sender said
    media_type text not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg')),
    size_bytes bigint not null check (size_bytes > 0),
    sha256 bytea not null,
    added_by uuid references admin_users (id),
    created_at timestamptz not null default now()
);
create index dispute_evidence_dispute on dispute_evidence (dispute_id, created_at);
create index dispute_evidence_file on dispute_evidence (file_id);
create index dispute_evidence_adder on dispute_evidence (added_by);

grant select, insert, update on disputes to eventify_app;
grant select, insert on dispute_evidence to eventify_app;
