-- finance: what is sold and given away at the door, and the cash it brings in.

alter table ledger_accounts drop constraint ledger_accounts_kind_check;
alter table ledger_accounts add constraint ledger_accounts_kind_check check (kind in ('provider_clearing',
    'partner_payable', 'host_payable', 'platform_fees', 'tax_payable', 'refunds_payable', 'disputes_held',
    'payouts_in_transit', 'bank', 'cash'));

alter table ledger_journals drop constraint ledger_journals_kind_check;
alter table ledger_journals add constraint ledger_journals_kind_check check (kind in ('sale', 'refund', 'refund_paid',
    'dispute', 'dispute_released', 'dispute_lost', 'payout', 'payout_paid', 'door_sale', 'door_refund'));

create table door_sales (
    id uuid primary key,
    event_id uuid not null references events (id),
    reservation_id uuid not null references capacity_reservations (id),
    attendee_id uuid not null references event_attendees (id),
    ticket_type_id uuid not null references ticket_types (id),
    seats int not null check (seats > 0),
    method text not null check (method in ('cash', 'comp')),
    amount_minor bigint not null check (amount_minor >= 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    -- within the amount: the event's tax
    tax_minor bigint not null check (tax_minor between 0 and amount_minor),
    -- what the organiser is charged for it, and the tax on that
    fee_minor bigint not null check (fee_minor >= 0),
    fee_tax_minor bigint not null check (fee_tax_minor >= 0),
    sold_by uuid references admin_users (id),
    -- the cash was handed back
    refunded_at timestamptz,
    refunded_by uuid references admin_users (id),
    refund_reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null default now(),
    constraint door_sales_reservation unique (reservation_id),
    constraint door_sales_attendee unique (attendee_id),
    check (method = 'cash' or amount_minor = 0),
    check (fee_minor + fee_tax_minor <= amount_minor),
    check ((refunded_at is null) = (refund_reason is null))
);
create index door_sales_event on door_sales (event_id, created_at, id);
create index door_sales_type on door_sales (ticket_type_id);
create index door_sales_seller on door_sales (sold_by);
create index door_sales_refunder on door_sales (refunded_by);
create trigger door_sales_touch before update on door_sales
    for each row execute function touch_updated_at();

grant select, insert, update on door_sales to eventify_app;
