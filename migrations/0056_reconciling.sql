-- finance: payments that no report names, and cash of door sales that is paid into the bank.

alter table ledger_journals drop constraint ledger_journals_kind_check;
alter table ledger_journals add constraint ledger_journals_kind_check check (kind in ('sale', 'refund', 'refund_paid',
    'dispute', 'dispute_released', 'dispute_lost', 'payout', 'payout_paid', 'door_sale', 'door_refund', 'cash_deposit',
    'settlement', 'settlement_resolved'));

-- Cash that was paid into the bank.
create table cash_deposits (
    id uuid primary key,
    event_id uuid not null references events (id),
    amount_minor bigint not null check (amount_minor > 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    -- what the bank calls it
    reference text not null,
    deposited_by uuid references admin_users (id),
    created_at timestamptz not null
);
create index cash_deposits_event on cash_deposits (event_id, created_at, id);
create index cash_deposits_depositor on cash_deposits (deposited_by);
create trigger cash_deposits_append_only before update or delete or truncate on cash_deposits
    for each statement execute function refuse_change();
grant select, insert on cash_deposits to eventify_app;

-- A payment that came long ago and that no report names is an exception too, of no settlement.
alter table settlement_lines alter column settlement_id drop not null;
alter table settlement_lines alter column position drop not null;
alter table settlement_lines drop constraint settlement_lines_exception_check;
alter table settlement_lines add constraint settlement_lines_exception_check
    check (exception in ('unknown', 'amount_differs', 'settled_twice', 'missing'));
alter table settlement_lines add constraint settlement_lines_missing
    check ((exception is not distinct from 'missing') = (settlement_id is null)
           and (settlement_id is null) = (position is null));
create unique index settlement_lines_missing_payment on settlement_lines (payment_id) where exception = 'missing';
