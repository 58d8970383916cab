-- finance: an invoice for what a guest paid, and a credit note for what went back. Numbers are gapless: the next one is
-- taken from a row that stays locked until the invoice stands.

create table invoice_series (
    -- who supplies: a GST number, else the organiser
    supplier text not null,
    kind text not null check (kind in ('invoice', 'credit_note')),
    -- such as 26-27 from April on where there is a GST number, else the year
    financial_year text not null,
    last_number bigint not null check (last_number > 0),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (supplier, kind, financial_year)
);
create trigger invoice_series_touch before update on invoice_series
    for each row execute function touch_updated_at();

create table invoices (
    id uuid primary key,
    order_id uuid not null references payment_orders (id),
    payment_id uuid not null references payments (id),
    event_id uuid not null references events (id),
    supplier text not null,
    financial_year text not null,
    number bigint not null check (number > 0),
    reference text not null check (length(reference) <= 16),
    -- as they were when it was issued; a host's name is not kept here
    supplier_name text,
    gst_number text,
    -- the state the event is held in, by its GST code
    place_of_supply char(2) check (place_of_supply ~ '^[0-9]{2}$'),
    tax_basis_points int not null check (tax_basis_points >= 0),
    currency char(3) not null check (currency ~ '^[A-Z]{3}$'),
    taxable_minor bigint not null check (taxable_minor >= 0),
    cgst_minor bigint not null check (cgst_minor >= 0),
    sgst_minor bigint not null check (sgst_minor >= 0),
    igst_minor bigint not null check (igst_minor >= 0),
    -- where there is no GST number
    other_tax_minor bigint not null check (other_tax_minor >= 0),
    total_minor bigint not null check (total_minor > 0),
    issued_on date not null,
    issued_at timestamptz not null,
    created_at timestamptz not null default now(),
    constraint invoices_order unique (order_id),
    constraint invoices_number unique (supplier, financial_year, number),
    check (taxable_minor + cgst_minor + sgst_minor + igst_minor + other_tax_minor = total_minor),
    check (igst_minor = 0 or cgst_minor + sgst_minor = 0),
    check (gst_number is not null or cgst_minor + sgst_minor + igst_minor = 0)
);
create index invoices_event on invoices (event_id, issued_at, id);
create index invoices_payment on invoices (payment_id);
create index invoices_issued on invoices (issued_at, id);

create table credit_notes (
    id uuid primary key,
    invoice_id uuid not null references invoices (id),
    refund_id uuid not null references refunds (id),
    supplier text not null,
    financial_year text not null,
    number bigint not null check (number > 0),
    reference text not null check (length(reference) <= 16),
    taxable_minor bigint not null check (taxable_minor >= 0),
    cgst_minor bigint not null check (cgst_minor >= 0),
    sgst_minor bigint not null check (sgst_minor >= 0),
    igst_minor bigint not null check (igst_minor >= 0),
    other_tax_minor bigint not null check (other_tax_minor >= 0),
    total_minor bigint not null check (total_minor > 0),
    issued_on date not null,
    issued_at timestamptz not null,
    created_at timestamptz not null default now(),
    constraint credit_notes_refund unique (refund_id),
    constraint credit_notes_number unique (supplier, financial_year, number),
    check (taxable_minor + cgst_minor + sgst_minor + igst_minor + other_tax_minor = total_minor)
);
create index credit_notes_invoice on credit_notes (invoice_id, issued_at);
create index credit_notes_issued on credit_notes (issued_at, id);

create trigger invoices_append_only before update or delete or truncate on invoices
    for each statement execute function refuse_change();
create trigger credit_notes_append_only before update or delete or truncate on credit_notes
    for each statement execute function refuse_change();

grant select, insert, update on invoice_series to eventify_app;
grant select, insert on invoices, credit_notes to eventify_app;
