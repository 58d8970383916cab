use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::AuditSubject;
use crate::audit::names::Named;
use crate::kernel::error::Result;

/// Disputes by who paid, their evidence by its file, sales at the door by their guest.
pub async fn names(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"select d.id as "id!", coalesce(nullif(up.name, ''), 'a guest') as "name!",
                  '/disputes/' || d.id as "href!", e.title as "within!"
               from disputes d join payments p on p.id = d.payment_id join payment_orders o on o.id = p.order_id
               join events e on e.id = o.event_id left join user_profiles up on up.user_id = o.user_id
               where d.id = any($1)
           union all select x.id, x.file_name, '/disputes/' || d.id, e.title
               from dispute_evidence x join disputes d on d.id = x.dispute_id join payments p on p.id = d.payment_id
               join payment_orders o on o.id = p.order_id join events e on e.id = o.event_id where x.id = any($1)
           union all select s.id, coalesce(a.guest_name, 'a guest'), '/events/' || e.id || '/door-sales', e.title
               from door_sales s join event_attendees a on a.id = s.attendee_id join events e on e.id = s.event_id
               where s.id = any($1)
           union all select c.id, c.reference, '/events/' || e.id || '/door-sales', e.title
               from cash_deposits c join events e on e.id = c.event_id where c.id = any($1)"#,
        ids,
    );
    let one = |(id, name, href, within)| (id, AuditSubject { name, href: Some(href), within: Some(within) });
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| one((row.id, row.name, row.href, row.within))).collect())
}
