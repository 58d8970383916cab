-- access: what outlives its ground no longer does.

-- What each active account may do everywhere, as of now. An api key reaches no further than this view
-- lets its maker. Where a role asks for a second factor, it rests until there is one.
create view staff_reach as
    select a.user_id, p.permission_id
    from user_role_assignments a
    join admin_users u on u.id = a.user_id and u.status = 'active'
    join role_permissions p on p.role_id = a.role_id
    where a.revoked_at is null and num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0
      and (u.totp_enabled_at is not null
           or not exists (select 1 from user_role_assignments o join roles r on r.id = o.role_id
                          where o.user_id = a.user_id and o.revoked_at is null and r.requires_2fa));
grant select on staff_reach to eventify_app;

-- A process that knows fewer permissions than another one used to delete the rest, and their grants with
-- them. They stay; reading ignores what a process does not know.
create function permissions_stay() returns trigger language plpgsql as $$
begin
    return null;
end $$;
create trigger permissions_stay before delete on permissions
    for each row execute function permissions_stay();

-- Until when a trusted device stands in for the second factor. Trust from before ends with this: it had
-- no effect then.
alter table admin_devices add column trusted_until timestamptz;

-- Whether and when a contact was invited, whatever became of its account.
alter table partner_contacts add column invited_at timestamptz;
update partner_contacts set invited_at = updated_at where user_id is not null;
