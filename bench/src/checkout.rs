//! Checkouts from a held seat to a ticket, with the sandbox.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::fixtures::{Guests, HotEvent};
use crate::money::PRICE;
use crate::subject::Subject;
use crate::{Row, floor, load, per_second, ratio, row};

/// Guests who buy.
const GUESTS: usize = 20_000;
const CALLERS: usize = 8;

/// By one and by several callers.
pub async fn figures(subject: &Subject, time: Duration) -> Result<Vec<Row>> {
    let crowd = Guests::gather(subject, GUESTS).await?;
    let event = HotEvent::priced(subject, 1_000_000, PRICE).await?;
    let mut rows = Vec::new();
    for callers in [1, CALLERS] {
        eprintln!("checking out with {callers} callers");
        rows.push(checkouts(subject, &crowd, &event, callers, time).await?);
    }
    Ok(rows)
}

/// One guest pays for the seat they hold, on the sandbox's page; the sandbox says so by a signed message over HTTP.
async fn buy(subject: &Subject, crowd: &Guests, event: &HotEvent) -> Result<()> {
    let guest = crowd.next()?;
    let held: Value = crowd.reserve(subject, event, guest).send().await?.error_for_status()?.json().await?;
    let checkout = json!({ "reservation_ids": [held["id"]] });
    let call = crowd.post(subject, "/payments/checkout", guest).json(&checkout);
    let (status, state) = {
        let answer = call.send().await?;
        (answer.status(), answer.text().await?)
    };
    ensure!(status.is_success(), "checkout: {status} {state}");
    let state: Value = serde_json::from_str(&state)?;
    let page = format!("{}/pay/sandbox/{}", subject.url, text(&state["payment"], "provider_ref")?);
    let card = [("card", "4242 4242 4242 4242")];
    let paid = subject.http.post(page).header("origin", &subject.url).form(&card).send().await?;
    ensure!(paid.status().is_redirection(), "the card was taken: {}", paid.status());
    Ok(())
}

/// From choosing a seat to the ticket, until the last one is there.
async fn checkouts(subject: &Subject, crowd: &Guests, event: &HotEvent, callers: usize, time: Duration) -> Result<Row> {
    let before = tickets(subject, event).await?;
    let begun = Instant::now();
    let ours = load::run(callers, time, |_| buy(subject, crowd, event)).await?;
    let orders: i64 = sqlx::query_scalar("select count(*) from payment_orders where event_id = $1")
        .bind(event.id)
        .fetch_one(&subject.owner)
        .await?;
    let issued = loop {
        let issued = tickets(subject, event).await?;
        if issued == orders {
            break issued - before;
        }
        ensure!(begun.elapsed() < Duration::from_secs(120), "{issued} of {orders} tickets are there");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let rate = issued as f64 / begun.elapsed().as_secs_f64();
    let floor = floor::pgbench(subject, &statements(crowd, event, callers), callers, time).await?;
    Ok(row(
        format!("checkout from seat to ticket with the sandbox, {callers} callers"),
        format!("{rate:.0}/s; until the card is taken {}", ours.text()),
        per_second(floor),
        ratio(rate, floor),
    ))
}

async fn tickets(subject: &Subject, event: &HotEvent) -> Result<i64> {
    let count = sqlx::query_scalar("select count(*) from tickets where event_id = $1").bind(event.id);
    Ok(count.fetch_one(&subject.owner).await?)
}

fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str> {
    value[name].as_str().with_context(|| format!("{name} in {value}"))
}

/// What a checkout locks and writes in its five transactions, in its order: the seat that is held, the order, the card,
/// and the two messages of the sandbox. What it only reads, another 110 statements, is left out.
fn statements(crowd: &Guests, event: &HotEvent, callers: usize) -> String {
    let users: Vec<String> = crowd.users.iter().rev().take(callers).map(|id| format!("'{id}'")).collect();
    let user = format!("((array[{}])[:client_id + 1])::uuid", users.join(","));
    let outbox = |kind: &str, count: usize| {
        format!(
            "insert into outbox_events (id, aggregate_type, aggregate_id, type, payload, request_id)
             select gen_random_uuid(), 'event', :order, '{kind}', '{{}}', 'bench' from generate_series(1, {count})"
        )
    };
    let job = "insert into job_runs (id, queue_name, lane, job_type, payload, status, finished_at)
         values (gen_random_uuid(), 'webhook', :order, 'bench', '{}', 'done', now())";
    let message = "insert into payment_webhooks (id, provider, provider_event_id, payment_id, event_type, body, outcome,
             received_at)
         values (gen_random_uuid(), 'sandbox', gen_random_uuid()::text, :payment::uuid, 'bench', '{}', 'applied', now())";
    let account = |kind: &str| {
        format!(
            "insert into ledger_accounts (id, kind, partner_id, provider, currency)
             select gen_random_uuid(), '{kind}', case when '{kind}' = 'partner_payable' then organizer_partner_id end,
                    case when '{kind}' = 'provider_clearing' then 'sandbox' end, 'INR'
             from events where id = :event::uuid on conflict on constraint ledger_accounts_one do nothing"
        )
    };
    let locks = [
        "select id from events where id = :event::uuid for update",
        "select id from payment_orders where id = :order::uuid for update",
    ];
    let mut script = vec![
        "select gen_random_uuid() as hold, gen_random_uuid() as guest, gen_random_uuid() as ticket,
             gen_random_uuid() as order, gen_random_uuid() as payment, gen_random_uuid() as journal \\gset"
            .to_owned(),
    ];
    let mut transaction = |statements: Vec<String>| {
        script.push("begin".to_owned());
        script.extend(statements);
        script.push("commit".to_owned());
    };
    transaction(vec![
        locks[0].to_owned(),
        "select id from ticket_types where event_id = :event::uuid order by id for update".to_owned(),
        "update waiting_list_entries set status = 'lapsed', version = version + 1
             where event_id = :event::uuid and status = 'offered' and offer_expires_at <= now()"
            .to_owned(),
        format!(
            "insert into capacity_reservations (id, reservation_key, event_id, ticket_type_id, user_id, seats_reserved,
                 expires_at, unit_price_minor, currency, answers)
             values (:hold::uuid, :hold::uuid, :event::uuid, :kind::uuid, {user}, 1, now() + interval '15 minutes', 50000,
                     'INR', '{{}}')"
        ),
        outbox("seats.held", 1),
    ]);
    transaction(vec![
        locks[0].to_owned(),
        format!(
            "insert into payment_orders (id, order_reference, user_id, event_id, amount_minor, currency, payment_provider,
                 expires_at)
             values (:order::uuid, :order, {user}, :event::uuid, 50000, 'INR', 'sandbox', now() + interval '15 minutes')"
        ),
        "insert into payment_order_lines (id, order_id, reservation_id, ticket_type_id, seats, amount_minor, tax_minor,
             fee_minor, fee_tax_minor)
         values (gen_random_uuid(), :order::uuid, :hold::uuid, :kind::uuid, 1, 50000, 0, 2500, 0)"
            .to_owned(),
        locks[1].to_owned(),
        "insert into payments (id, order_id, provider, amount_minor, currency, provider_ref)
         values (:payment::uuid, :order::uuid, 'sandbox', 50000, 'INR', :payment)"
            .to_owned(),
        outbox("payment.started", 1),
    ]);
    transaction(vec![
        "insert into sandbox_charges (provider_ref, card) values (:payment, 'success') on conflict do nothing"
            .to_owned(),
        job.to_owned(),
        job.to_owned(),
    ]);
    let said = |status: &str| {
        let mut said = locks.map(str::to_owned).to_vec();
        said.push(format!(
            "update payments set status = '{status}', captured_at = case when '{status}' = 'captured' then now() end
             where id = :payment::uuid"
        ));
        said
    };
    let mut authorised = said("authorised");
    authorised.push(message.to_owned());
    transaction(authorised);
    let mut captured = said("captured");
    captured.extend([
        "update payment_orders set status = 'paid', provider_payment_id = :payment, paid_at = now()
             where id = :order::uuid"
            .to_owned(),
        "update capacity_reservations set consumed = true, consumed_at = now() where id = :hold::uuid".to_owned(),
        format!(
            "insert into event_attendees (id, event_id, user_id, reservation_id, ticket_type_id, ticket_type, seats, is_paid,
                 price_paid_minor, currency, status, source, answers)
             values (:guest::uuid, :event::uuid, {user}, :hold::uuid, :kind::uuid, 'Entry', 1, true, 50000, 'INR', 'going',
                     'direct', '{{}}')"
        ),
        "update events set going_count = going_count + 1 where id = :event::uuid".to_owned(),
        "update ticket_types set sold_count = sold_count + 1 where id = :kind::uuid".to_owned(),
        format!(
            "insert into tickets (id, event_id, ticket_type_id, attendee_id, user_id, short_code_hash, issued_at)
             values (:ticket::uuid, :event::uuid, :kind::uuid, :guest::uuid, {user}, sha256(:ticket::text::bytea), now())"
        ),
        "insert into ticket_secrets (ticket_id, secret_hash, secret_salt)
             values (:ticket::uuid, sha256(:ticket::text::bytea), '\\x00')"
            .to_owned(),
        "update event_attendees set platform_fee_minor = 2500 where id = :guest::uuid".to_owned(),
        account("provider_clearing"),
        account("partner_payable"),
        account("platform_fees"),
        "insert into ledger_journals (id, kind, object_type, object_id, event_id, description, booked_on, created_at)
             values (:journal::uuid, 'sale', 'payment', :payment::uuid, :event::uuid, 'An order was paid.', current_date,
                     now())"
            .to_owned(),
        "insert into ledger_postings (id, journal_id, account_id, currency, amount_minor, line, event_id, position,
             balance_minor, created_at)
         select gen_random_uuid(), :journal::uuid, a.id, 'INR', k.amount, k.line, e.id, 0, 0, now()
         from events e cross join (values ('provider_clearing', 50000, 'gross'), ('partner_payable', -50000, 'gross'),
                  ('partner_payable', 2500, 'fee'), ('platform_fees', -2500, 'fee')) k (kind, amount, line)
         join ledger_accounts a on a.kind = k.kind and a.currency = 'INR' and a.user_id is null
              and a.partner_id is not distinct from case when k.kind = 'partner_payable' then e.organizer_partner_id end
              and a.provider is not distinct from case when k.kind = 'provider_clearing' then 'sandbox' end
         where e.id = :event::uuid"
            .to_owned(),
        "insert into invoice_series (supplier, kind, financial_year, last_number) values ('bench', 'invoice', '2026-27', 1)
             on conflict (supplier, kind, financial_year)
             do update set last_number = invoice_series.last_number + excluded.last_number"
            .to_owned(),
        "insert into invoices (id, order_id, payment_id, event_id, supplier, tax_basis_points, currency, reference,
             financial_year, number, taxable_minor, cgst_minor, sgst_minor, igst_minor, other_tax_minor, total_minor,
             issued_on, issued_at)
         select gen_random_uuid(), :order::uuid, :payment::uuid, :event::uuid, 'bench', 0, 'INR', last_number::text,
                '2026-27', last_number, 50000, 0, 0, 0, 0, 50000, current_date, now()
         from invoice_series where supplier = 'bench'"
            .to_owned(),
        format!("update end_users set total_spent_minor = total_spent_minor + 50000 where id = {user}"),
        message.to_owned(),
        outbox("payment.succeeded", 3),
        job.to_owned(),
    ]);
    transaction(captured);
    let mut text = String::new();
    for statement in script {
        let one = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        let one = one.replace(":event", &format!("'{}'", event.id)).replace(":kind", &format!("'{}'", event.kind));
        text.push_str(&one);
        text.push_str(if one.ends_with("\\gset") { "\n" } else { ";\n" });
    }
    text
}
