-- equipment: a unit that comes back broken leaves its place to a spare; what stands on a unit is its own  [001 Production]

-- In which state it came back, where it cannot be used: then it takes none of its booking's places any more.
alter table equipment_handouts add column in_state text check (in_state in ('in_repair', 'lost'));

-- A code that is another unit's serial number would be found twice.
create index equipment_units_serial on equipment_units (lower(serial_number));
