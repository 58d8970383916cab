-- Messages that other systems sent over NATS and that could not be taken in. Each waits until somebody has seen to it, for
-- 30 days at most.
create table bus_dead_letters (
    id uuid primary key,
    -- the broker's own place of the message: delivered again, it is the same one
    place text not null unique,
    subject text not null,
    body text not null,
    error_code text not null,
    error text not null,
    received_at timestamptz not null
);
create index bus_dead_letters_received on bus_dead_letters (received_at desc, id desc);
grant select, insert, delete on bus_dead_letters to eventify_app;
