-- bus: when a consumer that failed tries again, by the clock of the server that saw it fail. Absent of one that has not
-- failed, and of those whose failure a server of the version before this one counts: these try again at once.
alter table bus_consumers add column retry_at timestamptz;
