-- The dashboard's figures by quarter hours in UTC, so that the days of every time zone add up from them: zones are
-- whole quarters of an hour apart. A bucket is filled once it is over for good and never changes then.
create table metric_buckets (
    measure text not null check (measure in ('tickets', 'users', 'gross', 'refund', 'fee')),
    starts_at timestamptz not null check (extract(epoch from starts_at)::bigint % 900 = 0),
    -- of money; empty of what is counted
    currency text not null,
    -- the sum, in minor units of the currency or as a number
    value bigint not null,
    -- how many rows it is the sum of
    rows bigint not null check (rows > 0),
    primary key (measure, starts_at, currency)
);

-- Up to when the buckets are filled: what is later is read from the rows themselves.
create table metric_progress (
    one boolean primary key default true check (one),
    filled_until timestamptz not null check (extract(epoch from filled_until)::bigint % 900 = 0)
);

-- What is counted, row by row. Money is what organisers are owed and what it cost them, as guests' side has it: paid is
-- above zero, and so are refunds and fees.
create view metric_rows as
    select 'tickets' as measure, issued_at as at, '' as currency, 1::bigint as value from tickets
    union all
    select 'users', created_at, '', 1::bigint from end_users
    union all
    select g.line, g.created_at, g.currency, case g.line when 'gross' then -g.amount_minor else g.amount_minor end
    from ledger_postings g join ledger_accounts a on a.id = g.account_id
    where g.line in ('gross', 'refund', 'fee') and a.kind in ('partner_payable', 'host_payable');

-- The same, from the buckets as far as they are filled.
create view metrics as
    select measure, starts_at as at, currency, value, rows from metric_buckets
    where starts_at < (select filled_until from metric_progress)
    union all
    select measure, at, currency, value, 1 from metric_rows
    where at >= coalesce((select filled_until from metric_progress), '-infinity');

grant select, insert, delete on metric_buckets to eventify_app;
grant select, insert, update, delete on metric_progress to eventify_app;
grant select on metric_rows, metrics to eventify_app;
