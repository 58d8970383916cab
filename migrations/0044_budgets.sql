-- finance: what an event is planned to bring in and to cost, line by line.  [001 Finance]

create table budgets (
    id uuid primary key,
    event_id uuid not null references events (id),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    created_by uuid references admin_users (id),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint budgets_event unique (event_id)
);
create index budgets_created on budgets (created_at, id);
create index budgets_by on budgets (created_by);
create trigger budgets_touch before update on budgets
    for each row execute function touch_updated_at();

create table budget_lines (
    id uuid primary key,
    budget_id uuid not null references budgets (id),
    kind text not null check (kind in ('income', 'cost')),
    -- where what came of it is known from: people, or the ledger
    source text not null default 'typed' check (source in ('typed', 'ticket_sales', 'booking_fees')),
    title text not null,
    planned_minor bigint not null check (planned_minor >= 0),
    -- what was agreed, and what was paid; of the ledger's lines it says so itself
    committed_minor bigint not null default 0 check (committed_minor >= 0),
    actual_minor bigint not null default 0 check (actual_minor >= 0),
    position int not null,
    version bigint not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (source = 'typed' or (committed_minor = 0 and actual_minor = 0)),
    check (source <> 'ticket_sales' or kind = 'income'),
    check (source <> 'booking_fees' or kind = 'cost')
);
create index budget_lines_budget on budget_lines (budget_id, position, id);
-- The ledger is read once for each.
create unique index budget_lines_ledger on budget_lines (budget_id, source) where source <> 'typed';
create trigger budget_lines_touch before update on budget_lines
    for each row execute function touch_updated_at();

grant select, insert, update on budgets to eventify_app;
grant select, insert, update, delete on budget_lines to eventify_app;
