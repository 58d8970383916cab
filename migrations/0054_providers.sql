-- finance: payments by providers of their own

-- What the provider calls the money that came, which refunds and disputes go by.
alter table payments add column provider_charge text;
create unique index payments_charge on payments (provider, provider_charge);

-- How often the provider refused: with the id, the key by which it sends a refund once.
alter table refunds add column failures int not null default 0 check (failures >= 0);
