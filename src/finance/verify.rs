//! Whether the books add up: what a restored backup or a hand-written repair could have broken. Read only.

use sqlx::PgConnection;

use crate::kernel::error::Result;

/// What does not hold: journals, balances and every figure that is kept beside its sum; money without a seat or a refund,
/// and seats without money.
pub async fn violations(db: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"with wrong (what) as (
               select 'journal ' || journal_id || ' does not add up' from ledger_postings
                   group by journal_id, currency having sum(amount_minor) <> 0
               union all
               select 'account ' || a.id || ' is ' || a.balance_minor || ', but its postings come to '
                      || coalesce(s.sum, 0)
                   from ledger_accounts a
                   left join (select account_id, sum(amount_minor) as sum, count(*) as n from ledger_postings
                              group by account_id) s on s.account_id = a.id
                   where a.balance_minor <> coalesce(s.sum, 0) or a.postings <> coalesce(s.n, 0)
               union all
               select 'posting ' || id || ' has not the balance of those before it'
                   from (select id, balance_minor, sum(amount_minor) over (partition by account_id order by position)
                             as run from ledger_postings) r where balance_minor <> run
               union all
               select 'partner ' || p.id || ' is owed ' || -coalesce(s.sum, 0) || ', but its figure is '
                      || p.open_balance_minor
                   from partners p
                   left join (select a.partner_id, a.currency, a.balance_minor as sum from ledger_accounts a) s
                       on s.partner_id = p.id and s.currency = p.settlement_currency
                   where p.open_balance_minor <> -coalesce(s.sum, 0)
               union all
               select 'partner ' || p.id || ' sold for ' || coalesce(s.sum, 0) || ', but its figure is '
                      || p.total_revenue_minor
                   from partners p
                   left join (select a.partner_id, l.currency, -sum(l.amount_minor) as sum
                              from ledger_postings l join ledger_accounts a on a.id = l.account_id
                              where a.partner_id is not null and l.line in ('gross', 'refund')
                              group by a.partner_id, l.currency) s
                       on s.partner_id = p.id and s.currency = p.settlement_currency
                   where p.total_revenue_minor <> coalesce(s.sum, 0)
               union all
               select 'guest ' || u.id || ' has spent ' || coalesce(s.sum, 0) || ', but the figure is '
                      || u.total_spent_minor
                   from end_users u
                   left join (select o.user_id, t.currency, sum(t.amount_minor - t.refunded_minor - coalesce(d.sum, 0)) as sum
                              from payments t
                              join payment_orders o on o.id = t.order_id and o.provider_payment_id = t.provider_ref
                              left join (select payment_id, sum(amount_minor) as sum from disputes
                                         where status = 'lost' group by payment_id) d on d.payment_id = t.id
                              group by o.user_id, t.currency) s on s.user_id = u.id and s.currency = u.currency
                   where u.total_spent_minor <> coalesce(s.sum, 0)
               union all
               select 'payment ' || t.id || ' says ' || t.refunded_minor || ' went back, but its refunds are '
                      || coalesce(s.sum, 0)
                   from payments t left join (select payment_id, sum(amount_minor) as sum from refunds
                                              group by payment_id) s on s.payment_id = t.id
                   where t.refunded_minor <> coalesce(s.sum, 0) or t.refunded_minor > t.amount_minor
               union all
               select 'order ' || o.order_reference || ' does not agree with its lines'
                   from payment_orders o
                   join (select order_id, sum(amount_minor) as amount, sum(refunded_minor) as refunded
                         from payment_order_lines group by order_id) l on l.order_id = o.id
                   where o.amount_minor <> l.amount or o.refunded_minor <> l.refunded
                         or (o.status in ('paid', 'partially_refunded', 'refunded')) <> (o.paid_at is not null)
                         or (o.status = 'refunded') <> (o.paid_at is not null and o.refunded_minor = o.amount_minor)
               union all
               select 'order ' || o.order_reference || ' does not agree with the payment that paid it'
                   from payment_orders o
                   left join payments t on t.order_id = o.id and t.provider_ref = o.provider_payment_id
                   where o.paid_at is not null
                         and (t.captured_at is null or t.amount_minor <> o.amount_minor
                              or t.refunded_minor <> o.refunded_minor)
               union all
               select 'payment ' || t.id || ' came, but pays nothing and did not go back'
                   from payments t join payment_orders o on o.id = t.order_id
                   where t.captured_at is not null and t.refunded_minor < t.amount_minor
                         and o.provider_payment_id is distinct from t.provider_ref
               union all
               select 'order ' || o.order_reference || ' was paid for seats that are neither there nor refunded'
                   from payment_orders o join payment_order_lines l on l.order_id = o.id
                   where o.paid_at is not null and l.refunded_minor < l.amount_minor
                         and not exists (select 1 from event_attendees a where a.reservation_id = l.reservation_id)
               union all
               select 'reservation ' || r.id || ' was taken and never paid'
                   from capacity_reservations r
                   where r.consumed and r.unit_price_minor > 0
                         and not exists (select 1 from payment_order_lines l join payment_orders o on o.id = l.order_id
                                         where l.reservation_id = r.id and o.paid_at is not null)
                         and not exists (select 1 from door_sales d where d.reservation_id = r.id)
               union all
               select 'there should be ' || a.balance_minor || ' ' || a.currency
                      || ' in cash, but what doors took less what was paid into the bank is '
                      || coalesce(m.sum, 0) - coalesce(b.sum, 0)
                   from ledger_accounts a
                   left join (select currency, sum(amount_minor) as sum from door_sales where refunded_at is null
                              group by currency) m on m.currency = a.currency
                   left join (select currency, sum(amount_minor) as sum from cash_deposits
                              group by currency) b on b.currency = a.currency
                   where a.kind = 'cash' and a.balance_minor <> coalesce(m.sum, 0) - coalesce(b.sum, 0)
               union all
               select 'provider ' || coalesce(a.provider, '') || ' holds ' || a.balance_minor || ' ' || a.currency
                      || ', but payments less refunds, lost disputes and settlements are '
                      || coalesce(m.sum, 0) - coalesce(w.sum, 0)
                   from ledger_accounts a
                   left join (select t.provider, t.currency, sum(t.amount_minor - coalesce(r.sum, 0) - coalesce(d.sum, 0)) as sum
                              from payments t
                              left join (select payment_id, sum(amount_minor) as sum from disputes
                                         where status = 'lost' group by payment_id) d on d.payment_id = t.id
                              left join (select payment_id, sum(amount_minor) as sum from refunds
                                         where status = 'processed' group by payment_id) r on r.payment_id = t.id
                              where t.captured_at is not null group by t.provider, t.currency) m
                       on m.provider = a.provider and m.currency = a.currency
                   left join (select s.provider, s.currency, sum(case when l.exception is null then l.amount_minor
                                         when l.resolved_at is not null then coalesce(l.expected_minor, 0)
                                         else 0 end) as sum
                              from settlement_lines l join settlements s on s.id = l.settlement_id
                              group by s.provider, s.currency) w on w.provider = a.provider and w.currency = a.currency
                   where a.kind = 'provider_clearing'
                         and a.balance_minor <> coalesce(m.sum, 0) - coalesce(w.sum, 0)
               union all
               select 'settlements of ' || -a.balance_minor || ' ' || a.currency || ' wait in the books, but exceptions are '
                      || coalesce(m.sum, 0)
                   from ledger_accounts a
                   left join (select s.currency, sum(l.amount_minor) as sum
                              from settlement_lines l join settlements s on s.id = l.settlement_id
                              where l.exception is not null and l.resolved_at is null group by s.currency) m
                       on m.currency = a.currency
                   where a.kind = 'suspense' and -a.balance_minor <> coalesce(m.sum, 0)
               union all
               select 'refunds of ' || -a.balance_minor || ' ' || a.currency || ' are on their way in the books, but '
                      || coalesce(m.sum, 0) || ' wait'
                   from ledger_accounts a
                   left join (select currency, sum(amount_minor) as sum from refunds where status <> 'processed'
                              group by currency) m on m.currency = a.currency
                   where a.kind = 'refunds_payable' and -a.balance_minor <> coalesce(m.sum, 0)
               union all
               select 'disputes hold ' || -a.balance_minor || ' ' || a.currency || ' in the books, but '
                      || coalesce(m.sum, 0) || ' is disputed'
                   from ledger_accounts a
                   left join (select currency, sum(amount_minor) as sum from disputes where closed_at is null
                              group by currency) m on m.currency = a.currency
                   where a.kind = 'disputes_held' and -a.balance_minor <> coalesce(m.sum, 0)
               union all
               select 'payment ' || t.id || ' is ' || t.status || ', but its disputes say otherwise'
                   from payments t
                   left join (select payment_id, bool_or(closed_at is null) as open,
                                     coalesce(sum(amount_minor) filter (where status = 'lost'), 0) as lost
                              from disputes group by payment_id) d on d.payment_id = t.id
                   where (t.status = 'disputed') <> coalesce(d.open, false)
                         or t.status = 'lost' and (coalesce(d.lost, 0) = 0 or t.refunded_minor + d.lost < t.amount_minor)
                         or t.status <> 'lost' and d.lost = t.amount_minor
               union all
               select 'of payment ' || t.id || ' ' || t.refunded_minor || ' was refunded and ' || d.lost
                      || ' disputed, which is more than came'
                   from payments t
                   join (select payment_id, sum(amount_minor) as lost from disputes
                         where status not in ('won', 'withdrawn') group by payment_id) d on d.payment_id = t.id
                   where t.refunded_minor + d.lost > t.amount_minor
               union all
               select 'invoice ' || i.reference || ' is of ' || i.total_minor || ', but its seats cost '
                      || coalesce(l.sum, d.amount_minor, 0)
                   from invoices i
                   left join (select l.order_id, sum(l.amount_minor) as sum from payment_order_lines l
                              where exists (select 1 from event_attendees a where a.reservation_id = l.reservation_id)
                              group by l.order_id) l on l.order_id = i.order_id
                   left join door_sales d on d.id = i.door_sale_id
                   where i.total_minor <> coalesce(l.sum, d.amount_minor, 0)
               union all
               select 'invoice ' || i.reference || ' is of ' || i.total_minor || ', but ' || c.sum || ' was credited'
                   from invoices i
                   join (select invoice_id, sum(total_minor) as sum from credit_notes group by invoice_id) c
                       on c.invoice_id = i.id
                   where c.sum > i.total_minor
               union all
               select 'credit note ' || c.reference || ' does not agree with its refund'
                   from credit_notes c left join refunds r on r.id = c.refund_id
                       left join door_sales d on d.id = c.door_sale_id and d.refunded_at is not null
                   where c.total_minor is distinct from coalesce(r.amount_minor, d.amount_minor)
               union all
               select 'the series ' || s.supplier || ' ' || s.kind || ' ' || s.financial_year || ' has gaps'
                   from invoice_series s
                   left join (select supplier, 'invoice' as kind, financial_year, count(*) as n, max(number) as last
                              from invoices group by supplier, financial_year
                              union all
                              select supplier, 'credit_note', financial_year, count(*), max(number)
                              from credit_notes group by supplier, financial_year) d
                       on d.supplier = s.supplier and d.kind = s.kind and d.financial_year = s.financial_year
                   where coalesce(d.n, 0) <> s.last_number or coalesce(d.last, 0) <> s.last_number
               union all
               select 'payouts of ' || -a.balance_minor || ' ' || a.currency || ' are on their way in the books, but '
                      || coalesce(m.sum, 0) || ' wait'
                   from ledger_accounts a
                   left join (select o.currency, sum(o.amount_minor) as sum
                              from payouts o join payout_batches b on b.id = o.batch_id
                              where o.status <> 'paid' and b.approved_at is not null group by o.currency) m
                       on m.currency = a.currency
                   where a.kind = 'payouts_in_transit' and -a.balance_minor <> coalesce(m.sum, 0)
               union all
               select 'the bank holds ' || a.balance_minor || ' ' || a.currency
                      || ' in the books, but settlements and cash less payouts are '
                      || coalesce(w.sum, 0) + coalesce(c.sum, 0) - coalesce(m.sum, 0)
                   from ledger_accounts a
                   left join (select currency, sum(amount_minor) as sum from payouts where status = 'paid'
                              group by currency) m on m.currency = a.currency
                   left join (select currency, sum(amount_minor - fee_minor) as sum from settlements
                              group by currency) w on w.currency = a.currency
                   left join (select currency, sum(amount_minor) as sum from cash_deposits
                              group by currency) c on c.currency = a.currency
                   where a.kind = 'bank'
                         and a.balance_minor <> coalesce(w.sum, 0) + coalesce(c.sum, 0) - coalesce(m.sum, 0))
           select what as "what!" from wrong order by what limit 1000"#
    )
    .fetch_all(db)
    .await?)
}
