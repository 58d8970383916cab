-- bus: what an event from elsewhere said, as a hash, so that another one under its id is refused instead of lost. Absent of
-- those from before, and of those that a server of the version before this one notes.
alter table inbound_events add column said_hash bytea;
