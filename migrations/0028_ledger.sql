-- finance: the ledger. Every journal adds up to nothing per currency, nothing of it is ever changed, and each posting
-- keeps the balance its account had after it, so that a page of an account costs the same at any depth.

create table ledger_accounts (
    id uuid primary key,
    kind text not null check (kind in ('provider_clearing', 'partner_payable', 'host_payable', 'platform_fees',
        'tax_payable', 'refunds_payable')),
    partner_id uuid references partners (id),
    user_id uuid references end_users (id),
    provider text,
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    -- the sum of its postings, and how many there are; kept by the trigger below
    balance_minor bigint not null default 0,
    postings bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((kind = 'partner_payable') = (partner_id is not null)),
    check ((kind = 'host_payable') = (user_id is not null)),
    check ((kind = 'provider_clearing') = (provider is not null)),
    constraint ledger_accounts_one unique nulls not distinct (kind, partner_id, user_id, provider, currency),
    constraint ledger_accounts_currency unique (id, currency)
);
create index ledger_accounts_partner on ledger_accounts (partner_id);
create index ledger_accounts_user on ledger_accounts (user_id);
create trigger ledger_accounts_touch before update on ledger_accounts
    for each row execute function touch_updated_at();

create table accounting_periods (
    id uuid primary key,
    -- its first day
    month date not null check (extract(day from month) = 1),
    closed_at timestamptz not null,
    closed_by uuid references admin_users (id),
    created_at timestamptz not null default now(),
    constraint accounting_periods_month unique (month)
);
create index accounting_periods_by on accounting_periods (closed_by);

create table ledger_journals (
    id uuid primary key,
    kind text not null check (kind in ('sale', 'refund', 'refund_paid')),
    -- what caused it
    object_type text not null,
    object_id uuid not null,
    event_id uuid references events (id),
    -- what happened, for people
    description text not null,
    -- the day it counts for
    booked_on date not null,
    -- its postings are written by the same transaction
    xid xid8 not null default pg_current_xact_id(),
    created_at timestamptz not null
);
create index ledger_journals_object on ledger_journals (object_type, object_id, created_at);
create index ledger_journals_event on ledger_journals (event_id, created_at);
create index ledger_journals_created on ledger_journals (created_at, id);

create table ledger_postings (
    id uuid primary key,
    journal_id uuid not null references ledger_journals (id),
    account_id uuid not null,
    currency char(3) not null,
    -- what comes to the account is above zero, what leaves it below: debit and credit
    amount_minor bigint not null check (amount_minor <> 0),
    line text not null check (line in ('gross', 'fee', 'fee_tax', 'refund', 'settlement')),
    event_id uuid references events (id),
    -- its place within the account, and the account's balance after it
    position bigint not null,
    balance_minor bigint not null,
    created_at timestamptz not null,
    foreign key (account_id, currency) references ledger_accounts (id, currency),
    constraint ledger_postings_position unique (account_id, position)
);
create index ledger_postings_journal on ledger_postings (journal_id);
create index ledger_postings_event on ledger_postings (event_id, created_at, id);
create index ledger_postings_created on ledger_postings (created_at, id);

-- Takes the next place in its account and the balance there; partners' figures follow in their own currency.
create function ledger_postings_place() returns trigger language plpgsql security definer
    set search_path = public, pg_temp as $$
declare
    partner uuid;
begin
    if not exists (select 1 from ledger_journals j where j.id = new.journal_id and j.xid = pg_current_xact_id()) then
        raise exception 'a journal is written whole, at once' using errcode = 'insufficient_privilege';
    end if;
    update ledger_accounts set balance_minor = balance_minor + new.amount_minor, postings = postings + 1
    where id = new.account_id
    returning balance_minor, postings, partner_id into new.balance_minor, new.position, partner;
    if partner is not null then
        update partners set open_balance_minor = open_balance_minor - new.amount_minor,
            total_revenue_minor = total_revenue_minor
                - case when new.line in ('gross', 'refund') then new.amount_minor else 0 end
        where id = partner and settlement_currency = new.currency;
    end if;
    return new;
end $$;
create trigger ledger_postings_place before insert on ledger_postings
    for each row execute function ledger_postings_place();

create function ledger_journals_open_period() returns trigger language plpgsql security definer
    set search_path = public, pg_temp as $$
begin
    -- Whoever closes a period waits for those who post into it, and they for it.
    perform pg_advisory_xact_lock_shared(7316548200);
    if exists (select 1 from accounting_periods p where p.month = date_trunc('month', new.booked_on)::date) then
        raise exception 'the accounting period of % is closed', new.booked_on
            using errcode = 'check_violation', constraint = 'ledger_journals_open_period';
    end if;
    return new;
end $$;
create trigger ledger_journals_open_period before insert on ledger_journals
    for each row execute function ledger_journals_open_period();

create function ledger_adds_up() returns trigger language plpgsql security definer
    set search_path = public, pg_temp as $$
declare
    journal uuid;
begin
    if tg_table_name = 'ledger_journals' then journal := new.id; else journal := new.journal_id; end if;
    if (select count(*) from ledger_postings p where p.journal_id = journal) < 2 or exists (
        select 1 from ledger_postings p where p.journal_id = journal group by p.currency having sum(p.amount_minor) <> 0
    ) then
        raise exception 'journal % does not add up', journal
            using errcode = 'check_violation', constraint = 'ledger_journals_add_up';
    end if;
    return null;
end $$;
create constraint trigger ledger_journals_add_up after insert on ledger_journals
    deferrable initially deferred for each row execute function ledger_adds_up();
create constraint trigger ledger_postings_add_up after insert on ledger_postings
    deferrable initially deferred for each row execute function ledger_adds_up();

create trigger ledger_journals_append_only before update or delete or truncate on ledger_journals
    for each statement execute function refuse_change();
create trigger ledger_postings_append_only before update or delete or truncate on ledger_postings
    for each statement execute function refuse_change();
create trigger accounting_periods_append_only before update or delete or truncate on accounting_periods
    for each statement execute function refuse_change();

grant select, insert on ledger_accounts, accounting_periods, ledger_journals, ledger_postings to eventify_app;
