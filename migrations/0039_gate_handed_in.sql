-- the gate: what phones hand in is held to the rules of the gate, annulling closes a conflict, PINs are found by a tag
-- [001 Live]

-- Admitted without a network though the rules of the gate are against it; and settled by annulling one of its scans.
alter table checkin_conflicts drop constraint checkin_conflicts_kind_check;
alter table checkin_conflicts add constraint checkin_conflicts_kind_check check (kind in ('double_admission',
    'void_ticket', 'revoked_device', 'against_rules'));
alter table checkin_conflicts drop constraint checkin_conflicts_resolution_check;
alter table checkin_conflicts add constraint checkin_conflicts_resolution_check check (resolution in ('two_guests',
    'same_person', 'copied', 'unknown', 'annulled'));

-- Keyed, so that a PIN leads to its row and one hash is computed; absent until the PIN is set or used again.
alter table gate_pins add column pin_tag bytea;
create index gate_pins_tag on gate_pins (pin_tag);
-- An older process changes the hash alone: the tag is none of the new PIN's.
create function forget_pin_tag() returns trigger language plpgsql as $$
begin
    new.pin_tag := null;
    return new;
end $$;
create trigger gate_pins_retagged before update on gate_pins
    for each row when (old.pin_hash is distinct from new.pin_hash and old.pin_tag is not distinct from new.pin_tag)
    execute function forget_pin_tag();

-- Who stood at a gate: as it was typed there and, where a member of the team asked, by whose account.
create function scanned_by(typed text, account text) returns text language sql immutable as $$
    select case when account is null or typed is null or typed = account then coalesce(typed, account)
                else typed || ' (' || account || ')' end
$$;
