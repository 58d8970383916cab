-- Who is banned, or goes by another name: phones learn of it with what has changed of their list.
alter table user_bans add column changed_xid xid8 not null default '0';
create index user_bans_changed on user_bans (changed_xid);
create trigger user_bans_changed_new before insert on user_bans
    for each row execute function note_changed_xid();
create trigger user_bans_changed before update on user_bans
    for each row when ((old.lifted_at, old.until) is distinct from (new.lifted_at, new.until))
    execute function note_changed_xid();
alter table user_profiles add column changed_xid xid8 not null default '0';
create index user_profiles_changed on user_profiles (changed_xid);
create trigger user_profiles_changed before update on user_profiles
    for each row when (old.name is distinct from new.name)
    execute function note_changed_xid();

-- Nobody read it: updates are told in the order of change_seq.
alter table live_updates drop column seq;
comment on column gate_devices.manifest_version is 'not written any more: older processes still do';
