-- webhooks: an endpoint is told no more than somebody may know

-- Who answers for an endpoint: whoever made it or, since, changed what it is told and where, or enabled it.
-- `created_by` where nobody did.
alter table webhook_endpoints add column kept_by uuid references admin_users (id);
create index webhook_endpoints_kept_by on webhook_endpoints (kept_by);

-- Whether an account has this permission everywhere; also while it has to set up its second factor again.
create function staff_holds(staff uuid, permission text) returns boolean language sql stable as $$
    select exists (select 1 from user_role_assignments a
                   join admin_users u on u.id = a.user_id and u.status = 'active'
                   join role_permissions p on p.role_id = a.role_id
                   where a.user_id = staff and p.permission_id = permission and a.revoked_at is null
                         and num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0)
$$;
