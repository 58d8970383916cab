-- The dashboard counts guests of all events by minute.
create index gate_tallies_minute on gate_tallies (minute);
