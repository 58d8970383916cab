use sqlx::PgConnection;
use uuid::Uuid;

use crate::audit::AuditSubject;
use crate::audit::names::Named;
use crate::kernel::error::Result;

/// Disputes and signals by who paid, evidence by its file, sales at the door by their guest, payouts by whom they pay,
/// fees by whom they apply to, closed months by their month.
pub async fn names(db: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Named>> {
    let rows = sqlx::query!(
        r#"select d.id as "id!", coalesce(nullif(up.name, ''), 'a guest') as "name!",
                  '/disputes/' || d.id as "href!", e.title as within
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
               from cash_deposits c join events e on e.id = c.event_id where c.id = any($1)
           union all select id, reference, '/payouts/' || id, null from payout_batches where id = any($1)
           union all select t.id, p.name, '/payouts/' || b.id, b.reference
               from payouts t join payout_batches b on b.id = t.batch_id join partners p on p.id = t.partner_id
               where t.id = any($1)
           union all select s.id, coalesce(nullif(up.name, ''), 'a guest'),
                            '/fraud-signals?show=all&rule=' || s.rule || '&user_id=' || s.user_id, e.title
               from fraud_signals s join payments p on p.id = s.payment_id join payment_orders o on o.id = p.order_id
               join events e on e.id = o.event_id left join user_profiles up on up.user_id = s.user_id
               where s.id = any($1)
           union all select l.id, l.reference, '/reconciliation?tab=exceptions&show=all', s.reference
               from settlement_lines l left join settlements s on s.id = l.settlement_id where l.id = any($1)
           union all select f.id, coalesce(e.title, p.name, 'everyone'), '/fees', null
               from fee_schedules f left join events e on e.id = f.event_id left join partners p on p.id = f.partner_id
               where f.id = any($1)
           union all select id, to_char(month, 'FMMonth YYYY'), '/ledger/months', null
               from accounting_periods where id = any($1)"#,
        ids,
    );
    let one = |(id, name, href, within)| (id, AuditSubject { name, href: Some(href), within });
    Ok(rows.fetch_all(db).await?.into_iter().map(|row| one((row.id, row.name, row.href, row.within))).collect())
}
