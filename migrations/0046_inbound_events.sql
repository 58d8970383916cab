-- Events that other systems told of, each once: whoever tells of one again is told that it is known. Nothing of what they
-- say is kept here.
create table inbound_events (
    -- the team member who answers for who told, or nobody's id for a message broker
    told_by uuid not null,
    id uuid not null,
    type text not null,
    created_at timestamptz not null,
    primary key (told_by, id)
);
create index inbound_events_created on inbound_events (created_at);
grant select, insert, delete on inbound_events to eventify_app;
