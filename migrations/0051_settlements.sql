-- finance: what providers say they have paid us, compared with what guests paid them.

alter table ledger_accounts drop constraint ledger_accounts_kind_check;
alter table ledger_accounts add constraint ledger_accounts_kind_check check (kind in ('provider_clearing',
    'partner_payable', 'host_payable', 'platform_fees', 'tax_payable', 'refunds_payable', 'disputes_held',
    'payouts_in_transit', 'bank', 'cash', 'provider_fees', 'suspense'));

alter table ledger_journals drop constraint ledger_journals_kind_check;
alter table ledger_journals add constraint ledger_journals_kind_check check (kind in ('sale', 'refund', 'refund_paid',
    'dispute', 'dispute_released', 'dispute_lost', 'payout', 'payout_paid', 'door_sale', 'door_refund', 'settlement',
    'settlement_resolved'));

-- Money that a provider sent to our bank at once.
create table settlements (
    id uuid primary key,
    provider text not null,
    -- the provider's own name of it
    reference text not null,
    settled_on date not null,
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    amount_minor bigint not null,
    fee_minor bigint not null,
    imported_by uuid references admin_users (id),
    created_at timestamptz not null,
    constraint settlements_reference unique (provider, reference)
);
create index settlements_created on settlements (created_at, id);
create index settlements_importer on settlements (imported_by);

create table settlement_lines (
    id uuid primary key,
    settlement_id uuid not null references settlements (id),
    position int not null check (position > 0),
    kind text not null check (kind in ('payment', 'refund', 'dispute')),
    -- the provider's name of the payment
    reference text not null,
    amount_minor bigint not null check (amount_minor <> 0),
    fee_minor bigint not null,
    -- what it is of ours, where it is known
    payment_id uuid references payments (id),
    refund_id uuid references refunds (id),
    dispute_id uuid references disputes (id),
    exception text check (exception in ('unknown', 'amount_differs', 'settled_twice')),
    -- what it should have been
    expected_minor bigint,
    resolved_at timestamptz,
    resolved_by uuid references admin_users (id),
    note text,
    created_at timestamptz not null,
    updated_at timestamptz not null default now(),
    constraint settlement_lines_place unique (settlement_id, position),
    check (exception is not null or num_nonnulls(payment_id, refund_id, dispute_id) = 1),
    check ((exception = 'amount_differs') = (expected_minor is not null)),
    check (exception is not null or resolved_at is null),
    check ((resolved_at is null) = (note is null))
);
-- Each is settled once.
create unique index settlement_lines_payment on settlement_lines (payment_id)
    where exception is null or exception = 'amount_differs';
create unique index settlement_lines_refund on settlement_lines (refund_id)
    where exception is null or exception = 'amount_differs';
create unique index settlement_lines_dispute on settlement_lines (dispute_id)
    where exception is null or exception = 'amount_differs';
create index settlement_lines_payments on settlement_lines (payment_id);
create index settlement_lines_refunds on settlement_lines (refund_id);
create index settlement_lines_disputes on settlement_lines (dispute_id);
create index settlement_lines_resolver on settlement_lines (resolved_by);
create index settlement_lines_exceptions on settlement_lines (created_at, id) where exception is not null;
create trigger settlement_lines_touch before update on settlement_lines
    for each row execute function touch_updated_at();

grant select, insert on settlements to eventify_app;
grant select, insert, update on settlement_lines to eventify_app;
