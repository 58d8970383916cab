-- finance: orders, payments, refunds  [004 §2.11, 003 payments/refunds]

-- What the organiser is charged: the most exact one that holds, by event, by partner, else for all.
create table fee_schedules (
    id uuid primary key,
    partner_id uuid references partners (id),
    event_id uuid references events (id),
    -- hundredths of a percent of each order, and of tax on the fee
    fee_basis_points int not null check (fee_basis_points between 0 and 5000),
    tax_basis_points int not null default 0 check (tax_basis_points between 0 and 5000),
    replaced_at timestamptz,
    created_by uuid references admin_users (id),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (num_nonnulls(partner_id, event_id) <= 1)
);
create unique index fee_schedules_now on fee_schedules (partner_id, event_id) nulls not distinct where replaced_at is null;
create index fee_schedules_partner on fee_schedules (partner_id);
create index fee_schedules_event on fee_schedules (event_id);
create trigger fee_schedules_touch before update on fee_schedules
    for each row execute function touch_updated_at();

create table payment_orders (
    id uuid primary key,
    order_reference text not null,
    user_id uuid not null references end_users (id),
    event_id uuid not null references events (id),
    amount_minor bigint not null check (amount_minor > 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    payment_provider text not null,
    -- of the payment that was captured
    provider_payment_id text,
    provider_response jsonb,
    -- created has failed or expired once expires_at is past, written or not
    status text not null default 'created'
        check (status in ('created', 'paid', 'partially_refunded', 'refunded', 'failed', 'expired')),
    -- of all its payments; the rows of refunds say for what
    refunded_minor bigint not null default 0 check (refunded_minor between 0 and amount_minor),
    expires_at timestamptz not null,
    paid_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index payment_orders_reference on payment_orders (order_reference);
create index payment_orders_user on payment_orders (user_id, created_at desc);
create index payment_orders_event on payment_orders (event_id, created_at, id);
create trigger payment_orders_touch before update on payment_orders
    for each row execute function touch_updated_at();

create table payment_order_lines (
    id uuid primary key,
    order_id uuid not null references payment_orders (id),
    reservation_id uuid not null references capacity_reservations (id),
    ticket_type_id uuid not null references ticket_types (id),
    seats int not null check (seats > 0),
    amount_minor bigint not null check (amount_minor > 0),
    -- within the amount: the event's tax
    tax_minor bigint not null check (tax_minor between 0 and amount_minor),
    -- what the organiser is charged for it, and the tax on that
    fee_minor bigint not null check (fee_minor >= 0),
    fee_tax_minor bigint not null check (fee_tax_minor >= 0),
    refunded_minor bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint payment_order_lines_refunded check (refunded_minor between 0 and amount_minor),
    check (fee_minor + fee_tax_minor <= amount_minor)
);
-- Seats are paid for once.
create unique index payment_order_lines_reservation on payment_order_lines (reservation_id);
create index payment_order_lines_order on payment_order_lines (order_id, id);
create index payment_order_lines_type on payment_order_lines (ticket_type_id);
create trigger payment_order_lines_touch before update on payment_order_lines
    for each row execute function touch_updated_at();

-- Attempts to pay an order.
create table payments (
    id uuid primary key,
    order_id uuid not null references payment_orders (id),
    provider text not null,
    status text not null default 'initiated'
        check (status in ('initiated', 'authorised', 'captured', 'failed', 'disputed', 'lost')),
    amount_minor bigint not null check (amount_minor > 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    provider_ref text not null,
    failure_reason text,
    refunded_minor bigint not null default 0,
    captured_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint payments_refunded check (refunded_minor between 0 and amount_minor),
    check (refunded_minor = 0 or captured_at is not null)
);
create unique index payments_ref on payments (provider, provider_ref);
-- One attempt at a time.
create unique index payments_open on payments (order_id) where status in ('initiated', 'authorised');
create index payments_order on payments (order_id, created_at);
create index payments_created on payments (created_at, id);
create trigger payments_touch before update on payments
    for each row execute function touch_updated_at();

create table payment_webhooks (
    id uuid primary key,
    provider text not null,
    provider_event_id text not null,
    payment_id uuid references payments (id),
    event_type text not null,
    body jsonb not null,
    -- what came of it
    outcome text not null check (outcome in ('applied', 'ignored', 'unknown_payment', 'amount_differs')),
    received_at timestamptz not null,
    created_at timestamptz not null default now()
);
create unique index payment_webhooks_event on payment_webhooks (provider, provider_event_id);
create index payment_webhooks_payment on payment_webhooks (payment_id, received_at);

create table refunds (
    id uuid primary key,
    payment_id uuid not null references payments (id),
    amount_minor bigint not null check (amount_minor > 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    reason text not null,
    status text not null default 'requested' check (status in ('requested', 'processing', 'processed', 'failed')),
    failure_reason text,
    -- nobody where Eventify paid back by itself
    requested_by uuid references admin_users (id),
    processed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check ((status = 'processed') = (processed_at is not null))
);
create index refunds_payment on refunds (payment_id, created_at);
create index refunds_by on refunds (requested_by);
create trigger refunds_touch before update on refunds
    for each row execute function touch_updated_at();

-- The built-in provider's own memory: which test card paid. Never a number.
create table sandbox_charges (
    provider_ref text primary key,
    card text not null,
    created_at timestamptz not null default now()
);

grant select, insert, update on fee_schedules, payment_orders, payment_order_lines, payments, payment_webhooks, refunds
    to eventify_app;
grant select, insert on sandbox_charges to eventify_app;
