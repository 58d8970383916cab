-- One index over everything a person may look for. The tables keep it themselves, by triggers, so it can
-- neither lag behind nor be forgotten by an operation.

create table search_entries (
    kind          text        not null,
    object_id     uuid        not null,
    title         text        not null,
    detail        text        not null default '',
    -- Who may find it: holders of this permission, everywhere or for this partner. No foreign key: the program
    -- writes the permissions at its start, after the migrations.
    permission_id text        not null,
    partner_id    uuid,
    -- E-mail addresses are also found by their parts.
    terms         tsvector    not null generated always as (
        to_tsvector('simple', title || ' ' || detail || ' ' || translate(title || ' ' || detail, '@.-_/', '     '))) stored,
    primary key (kind, object_id)
);
create index search_entries_terms on search_entries using gin (terms);
create index search_entries_permission on search_entries (permission_id);

create function search_forget() returns trigger language plpgsql as $$
begin
    delete from search_entries where kind = tg_argv[0] and object_id = old.id;
    return old;
end $$;

create function search_keep_staff() returns trigger language plpgsql as $$
begin
    insert into search_entries (kind, object_id, title, detail, permission_id)
    values ('staff', new.id, new.full_name, new.email, 'staff.read')
    on conflict (kind, object_id) do update set title = excluded.title, detail = excluded.detail;
    return new;
end $$;
create trigger admin_users_search after insert or update of full_name, email on admin_users
    for each row execute function search_keep_staff();
create trigger admin_users_search_forget after delete on admin_users
    for each row execute function search_forget('staff');

create function search_keep_role() returns trigger language plpgsql as $$
begin
    insert into search_entries (kind, object_id, title, detail, permission_id)
    values ('role', new.id, new.name, coalesce(new.description, ''), 'roles.read')
    on conflict (kind, object_id) do update set title = excluded.title, detail = excluded.detail;
    return new;
end $$;
create trigger roles_search after insert or update of name, description on roles
    for each row execute function search_keep_role();
create trigger roles_search_forget after delete on roles
    for each row execute function search_forget('role');

create function search_keep_partner() returns trigger language plpgsql as $$
begin
    insert into search_entries (kind, object_id, title, detail, permission_id, partner_id)
    values ('partner', new.id, new.name, new.type, 'partners.read', new.id)
    on conflict (kind, object_id) do update set title = excluded.title, detail = excluded.detail;
    return new;
end $$;
create trigger partners_search after insert or update of name, type on partners
    for each row execute function search_keep_partner();
create trigger partners_search_forget after delete on partners
    for each row execute function search_forget('partner');

grant select, insert, update, delete on search_entries to eventify_app;

insert into search_entries (kind, object_id, title, detail, permission_id)
select 'staff', id, full_name, email, 'staff.read' from admin_users;
insert into search_entries (kind, object_id, title, detail, permission_id)
select 'role', id, name, coalesce(description, ''), 'roles.read' from roles;
insert into search_entries (kind, object_id, title, detail, permission_id, partner_id)
select 'partner', id, name, type, 'partners.read', id from partners;
