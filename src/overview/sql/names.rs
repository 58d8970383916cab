use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::AuditSubject;
use crate::audit::names::Named;
use crate::kernel::error::Result;
use crate::kernel::text::grouped;

fn named(id: Uuid, name: String, href: Option<String>, within: Option<String>) -> Named {
    (id, AuditSubject { name, href, within })
}

/// Colleagues, users, roles and the like.
pub async fn names_of_platform(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"select id as "id!", full_name as "name!", '/team/' || id as href from admin_users where id = any($1)
           union all select u.id, coalesce(nullif(p.name, ''), u.phone, 'an erased user'), '/users/' || u.id
               from end_users u left join user_profiles p on p.user_id = u.id where u.id = any($1)
           union all select r.id, coalesce(nullif(p.name, ''), u.phone, 'an erased user'), '/privacy'
               from privacy_requests r left join user_profiles p on p.user_id = r.user_id
               left join end_users u on u.id = r.user_id where r.id = any($1)
           union all select id, name, '/roles/' || id from roles where id = any($1)
           union all select a.id, u.full_name, '/team/' || u.id
               from user_role_assignments a join admin_users u on u.id = a.user_id where a.id = any($1)
           union all select id, key_name, '/api-keys' from api_keys where id = any($1)
           union all select id, cidr::text, '/ip-allowlist' from ip_allowlist where id = any($1)
           union all select id, name, '/venues/' || id from venues where id = any($1)
           union all select id, name, '/interests' from event_interests where id = any($1)
           union all select id, name, '/organisation' from organisation where id = any($1)
           union all select id, job_type, '/jobs/' || id from job_runs where id = any($1)
           union all select id, platform, '/team/' || user_id from admin_devices where id = any($1)
           union all select id, subject, '/event-bus' from bus_dead_letters where id = any($1)
           union all select id, 'made ' || to_char(created_at at time zone 'UTC', 'FMDD Mon YYYY'), null
               from signing_keys where id = any($1)"#,
        ids,
    );
    let rows = rows.fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| named(row.id, grouped(&row.name), row.href, None)).collect())
}

/// Events, what they are made of, and their guests.
pub async fn names_at_events(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"with parts as (
               select id, id as event_id, title as name, '' as path from events where id = any($1)
               union all select id, event_id, name, '?tab=types' from ticket_types where id = any($1)
               union all select id, event_id, code, '?tab=promos' from promo_codes where id = any($1)
               union all select id, event_id, provider, '?tab=streams' from event_streams where id = any($1)
               union all select id, event_id, 'a picture', '' from event_images where id = any($1)
               union all select c.id, c.event_id, coalesce(pa.name, nullif(up.name, ''), 'a user'), ''
                   from event_co_hosts c left join partners pa on pa.id = c.partner_id
                   left join user_profiles up on up.user_id = c.user_id where c.id = any($1)
               union all select i.id, i.event_id,
                                coalesce(nullif(up.name, ''), i.invited_email, i.invited_phone,
                                         case when i.invite_type = 'share_link' then 'anyone with a link' else 'a guest' end),
                                '?tab=invitations'
                   from event_invites i left join user_profiles up on up.user_id = i.invited_user_id where i.id = any($1)
               union all select r.id, r.event_id, coalesce(nullif(up.name, ''), 'a guest'), '?tab=requests'
                   from event_requests r left join user_profiles up on up.user_id = r.requester_user_id
                   where r.id = any($1)
               union all select w.id, w.event_id, coalesce(nullif(up.name, ''), 'a guest'), '?tab=waiting'
                   from waiting_list_entries w left join user_profiles up on up.user_id = w.user_id where w.id = any($1)
               union all select a.id, a.event_id, coalesce(a.guest_name, nullif(up.name, ''), 'a guest'),
                                '?tab=guests&guest=' || a.id
                   from event_attendees a left join user_profiles up on up.user_id = a.user_id where a.id = any($1)
               union all select t.id, t.event_id, coalesce(a.guest_name, nullif(up.name, ''), 'a guest'),
                                '?tab=guests&guest=' || a.id
                   from tickets t join event_attendees a on a.id = t.attendee_id
                   left join user_profiles up on up.user_id = a.user_id where t.id = any($1)
               union all select c.id, c.event_id, c.gate, '/board' from ticket_checkins c
                   where c.id = any($1) and c.event_id is not null
               union all select id, event_id, name, '/gates' from gates where id = any($1)
               union all select id, event_id, name, '/gates' from gate_devices where id = any($1)
               union all select id, event_id, case when length(body) > 60 then left(body, 59) || '…' else body end, '/board'
                   from live_updates where id = any($1) and removed_at is null
               union all select x.id, x.event_id, coalesce(a.guest_name, nullif(up.name, ''), 'a guest'), '/conflicts'
                   from checkin_conflicts x left join tickets t on t.id = x.ticket_id
                   left join event_attendees a on a.id = t.attendee_id
                   left join user_profiles up on up.user_id = a.user_id where x.id = any($1)
               union all select r.id, r.event_id, coalesce(nullif(up.name, ''), 'a guest'), ''
                   from capacity_reservations r left join user_profiles up on up.user_id = r.user_id where r.id = any($1)
               union all select r.id, o.event_id, coalesce(nullif(up.name, ''), 'a guest'), '?tab=money'
                   from refunds r join payments p on p.id = r.payment_id join payment_orders o on o.id = p.order_id
                   left join user_profiles up on up.user_id = o.user_id where r.id = any($1)
               union all select b.id, b.event_id, v.title, '?tab=money'
                   from budgets b join events v on v.id = b.event_id where b.id = any($1)
               union all select l.id, b.event_id, l.title, '?tab=money'
                   from budget_lines l join budgets b on b.id = l.budget_id where l.id = any($1))
           select p.id as "id!", p.event_id as "event!", p.name as "name!", p.path as "path!", e.title
           from parts p join events e on e.id = p.event_id"#,
        ids,
    );
    let rows = rows.fetch_all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let within = (row.id != row.event).then_some(row.title);
            named(row.id, row.name, Some(format!("/events/{}{}", row.event, row.path)), within)
        })
        .collect())
}
