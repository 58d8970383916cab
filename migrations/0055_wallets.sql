-- finance: what of the ledger is somebody's own, seen from their side, and what looks wrong about payments.

-- An account of what a partner or a host is owed: above zero it is theirs.
create view wallets as
    select a.id, a.partner_id, a.user_id, a.currency, -a.balance_minor as balance_minor, a.postings as transactions,
           a.created_at, a.updated_at
    from ledger_accounts a
    where a.kind in ('partner_payable', 'host_payable');

-- Above zero it came to the wallet, below it left.
create view wallet_transactions as
    select g.id, g.account_id as wallet_id, g.journal_id, j.kind, j.description, g.event_id, g.line, g.currency,
           -g.amount_minor as amount_minor, -g.balance_minor as balance_minor, g.position, g.created_at
    from ledger_postings g join ledger_journals j on j.id = g.journal_id join ledger_accounts a on a.id = g.account_id
    where a.kind in ('partner_payable', 'host_payable');

-- What somebody should look at. Found by a rule, never by hand, and closed by a person with a note.
create table fraud_signals (
    id uuid primary key,
    rule text not null
        check (rule in ('many_failures', 'many_payments', 'many_refunds', 'many_disputes', 'own_event')),
    user_id uuid not null references end_users (id),
    -- the payment at which it was found last
    payment_id uuid not null references payments (id),
    -- how many payments, refunds or disputes speak for it
    evidence int not null check (evidence > 0),
    outcome text check (outcome in ('dismissed', 'confirmed')),
    resolved_at timestamptz,
    resolved_by uuid references admin_users (id),
    note text,
    created_at timestamptz not null,
    updated_at timestamptz not null default now(),
    check ((outcome is null) = (resolved_at is null)),
    check (resolved_at is not null or note is null)
);
-- While one is open, what comes on top is told by it.
create unique index fraud_signals_open on fraud_signals (rule, user_id) where resolved_at is null;
create index fraud_signals_user on fraud_signals (user_id, rule, created_at);
create index fraud_signals_payment on fraud_signals (payment_id);
create index fraud_signals_resolver on fraud_signals (resolved_by);
create index fraud_signals_created on fraud_signals (created_at, id);
create trigger fraud_signals_touch before update on fraud_signals
    for each row execute function touch_updated_at();

grant select on wallets, wallet_transactions to eventify_app;
grant select, insert, update on fraud_signals to eventify_app;
