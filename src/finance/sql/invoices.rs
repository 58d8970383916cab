use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::events::Event;
use crate::finance::{
    CreditNote, DoorSaleId, Invoice, InvoiceDetail, InvoiceFilter, InvoiceId, InvoiceLine, PaymentOrderId, TaxParts,
    TaxSums, state_name,
};
use crate::kernel::context::Db;
use crate::kernel::error::{Result, not_found};
use crate::kernel::money::Money;
use crate::kernel::page::{Page, Paged, paged};
use crate::tickets::AttendeeId;

paged!(InvoiceFilter);

/// Invoices or credit notes to be written, column by column.
#[derive(Default)]
pub struct Documents {
    pub ids: Vec<Uuid>,
    /// The order, or the invoice.
    pub of: Vec<Option<Uuid>>,
    /// The payment, or the refund.
    pub by: Vec<Option<Uuid>>,
    /// The sale at the door, where it is of one.
    pub doors: Vec<Option<Uuid>>,
    pub references: Vec<String>,
    pub years: Vec<String>,
    pub numbers: Vec<i64>,
    pub taxable: Vec<i64>,
    pub cgst: Vec<i64>,
    pub sgst: Vec<i64>,
    pub igst: Vec<i64>,
    pub other: Vec<i64>,
    pub totals: Vec<i64>,
    pub days: Vec<Date>,
    pub times: Vec<OffsetDateTime>,
}

/// Who supplies: the key of its series, and its name where it is a partner.
pub async fn supplier_of(db: &mut PgConnection, event: &Event) -> Result<(String, Option<String>)> {
    let row = sqlx::query!(
        r#"select coalesce('gst:' || e.gst_number, 'partner:' || e.organizer_partner_id, 'host:' || e.host_user_id)
                      as "supplier!",
                  p.name as "name?"
           from events e left join partners p on p.id = e.organizer_partner_id where e.id = $1"#,
        event.id.0,
    )
    .fetch_one(db)
    .await?;
    Ok((row.supplier, row.name))
}

/// Which days these moments are there.
pub async fn days_at(db: &mut PgConnection, zone: &str, times: &[OffsetDateTime]) -> Result<Vec<Date>> {
    let days = sqlx::query_scalar!(
        r#"select (t.at at time zone $1)::date as "day!" from unnest($2::timestamptz[]) with ordinality as t (at, place)
           order by t.place"#,
        zone,
        times,
    );
    Ok(days.fetch_all(db).await?)
}

/// Takes so many numbers of a series; the last of them. Its row stays locked until the transaction ends.
pub async fn series_take(db: &mut PgConnection, (supplier, kind): (&str, &str), year: &str, count: i64) -> Result<i64> {
    let last = sqlx::query_scalar!(
        "insert into invoice_series (supplier, kind, financial_year, last_number) values ($1, $2, $3, $4)
         on conflict (supplier, kind, financial_year)
             do update set last_number = invoice_series.last_number + excluded.last_number
         returning last_number",
        supplier,
        kind,
        year,
        count,
    );
    Ok(last.fetch_one(db).await?)
}

pub async fn invoices_insert(
    db: &mut PgConnection,
    event: &Event,
    (supplier, name, place): (&str, Option<&str>, Option<&str>),
    rows: &Documents,
) -> Result<()> {
    sqlx::query!(
        "insert into invoices (id, order_id, payment_id, door_sale_id, event_id, supplier, supplier_name, gst_number, place_of_supply,
             tax_basis_points, currency, reference, financial_year, number, taxable_minor, cgst_minor, sgst_minor,
             igst_minor, other_tax_minor, total_minor, issued_on, issued_at)
         select i.id, i.of, i.by, i.door, $1, $2, $3, e.gst_number, $4, coalesce((e.gst_percent * 100)::int, 0), $5, i.word,
                i.year, i.number, i.taxable, i.cgst, i.sgst, i.igst, i.other, i.total, i.day, i.at
         from unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::bigint[], $12::bigint[],
                     $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::date[],
                     $19::timestamptz[], $20::uuid[])
              as i (id, of, by, word, year, number, taxable, cgst, sgst, igst, other, total, day, at, door)
              join events e on e.id = $1",
        event.id.0,
        supplier,
        name,
        place,
        event.ticket_price.currency.as_str(),
        &rows.ids,
        &rows.of as &[Option<Uuid>],
        &rows.by as &[Option<Uuid>],
        &rows.references,
        &rows.years,
        &rows.numbers,
        &rows.taxable,
        &rows.cgst,
        &rows.sgst,
        &rows.igst,
        &rows.other,
        &rows.totals,
        &rows.days,
        &rows.times,
        &rows.doors as &[Option<Uuid>],
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn credit_notes_insert(db: &mut PgConnection, supplier: &str, rows: &Documents) -> Result<()> {
    sqlx::query!(
        "insert into credit_notes (id, invoice_id, refund_id, door_sale_id, supplier, reference, financial_year, number, taxable_minor,
             cgst_minor, sgst_minor, igst_minor, other_tax_minor, total_minor, issued_on, issued_at)
         select c.id, c.of, c.by, c.door, $1, c.word, c.year, c.number, c.taxable, c.cgst, c.sgst, c.igst, c.other, c.total,
                c.day, c.at
         from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
                     $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::date[],
                     $15::timestamptz[], $16::uuid[])
              as c (id, of, by, word, year, number, taxable, cgst, sgst, igst, other, total, day, at, door)",
        supplier,
        &rows.ids,
        &rows.of as &[Option<Uuid>],
        &rows.by as &[Option<Uuid>],
        &rows.references,
        &rows.years,
        &rows.numbers,
        &rows.taxable,
        &rows.cgst,
        &rows.sgst,
        &rows.igst,
        &rows.other,
        &rows.totals,
        &rows.days,
        &rows.times,
        &rows.doors as &[Option<Uuid>],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What was invoiced of an order or a sale at the door, and how much of that was taken back.
pub struct Invoiced {
    pub id: Uuid,
    pub supplier: String,
    /// Whether the supplier has a GST number.
    pub gst: bool,
    pub parts: TaxParts,
    pub credited: i64,
}

pub async fn invoiced(db: &mut PgConnection, of: Uuid) -> Result<Option<Invoiced>> {
    let row = sqlx::query!(
        r#"select i.id, i.supplier, i.gst_number is not null as "gst!", i.taxable_minor, i.cgst_minor, i.sgst_minor,
                  i.igst_minor, i.other_tax_minor,
                  (select coalesce(sum(c.total_minor), 0)::bigint from credit_notes c where c.invoice_id = i.id)
                      as "credited!"
           from invoices i where i.order_id = $1 or i.door_sale_id = $1"#,
        of,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Invoiced {
        id: row.id,
        supplier: row.supplier,
        gst: row.gst,
        parts: TaxParts {
            taxable: row.taxable_minor,
            cgst: row.cgst_minor,
            sgst: row.sgst_minor,
            igst: row.igst_minor,
            other: row.other_tax_minor,
        },
        credited: row.credited,
    }))
}

const INVOICE: &str =
    "select i.id, i.reference, i.financial_year, i.number, i.order_id, o.order_reference, i.payment_id, i.door_sale_id,
    i.event_id, e.title as event_title, coalesce(i.supplier_name, nullif(h.name, '')) as supplier_name, i.gst_number,
    i.place_of_supply, coalesce(nullif(p.name, ''), g.guest_name) as payer_name, i.tax_basis_points, i.currency::text as currency,
    i.taxable_minor, i.cgst_minor, i.sgst_minor, i.igst_minor, i.other_tax_minor, i.total_minor,
    (select coalesce(sum(c.total_minor), 0)::bigint from credit_notes c where c.invoice_id = i.id) as credited_minor,
    i.issued_on::text as issued_on, i.issued_at
    from invoices i left join payment_orders o on o.id = i.order_id join events e on e.id = i.event_id
        left join door_sales s on s.id = i.door_sale_id left join event_attendees g on g.id = s.attendee_id
        left join user_profiles p on p.user_id = o.user_id
        left join user_profiles h on h.user_id = e.host_user_id
    where ";

fn sums(row: &sqlx::postgres::PgRow, currency: &str) -> Result<TaxSums> {
    let of = |column| Money::stored(row.try_get(column)?, currency);
    Ok(TaxSums {
        taxable: of("taxable_minor")?,
        cgst: of("cgst_minor")?,
        sgst: of("sgst_minor")?,
        igst: of("igst_minor")?,
        other_tax: of("other_tax_minor")?,
        total: of("total_minor")?,
    })
}

fn invoice_row(row: &sqlx::postgres::PgRow) -> Result<Invoice> {
    let currency: String = row.try_get("currency")?;
    let place: Option<String> = row.try_get("place_of_supply")?;
    let named = |code: String| state_name(&code).map_or_else(|| code.clone(), |name| format!("{name} ({code})"));
    Ok(Invoice {
        id: row.try_get("id")?,
        reference: row.try_get("reference")?,
        financial_year: row.try_get("financial_year")?,
        number: row.try_get("number")?,
        order_id: row.try_get("order_id")?,
        order_reference: row.try_get("order_reference")?,
        payment_id: row.try_get("payment_id")?,
        door_sale_id: row.try_get("door_sale_id")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        supplier_name: row.try_get("supplier_name")?,
        gst_number: row.try_get("gst_number")?,
        place_of_supply: place.map(named),
        payer_name: row.try_get("payer_name")?,
        tax_basis_points: row.try_get("tax_basis_points")?,
        sums: sums(row, &currency)?,
        credited: Money::stored(row.try_get("credited_minor")?, &currency)?,
        issued_on: row.try_get("issued_on")?,
        issued_at: row.try_get("issued_at")?,
    })
}

/// The rest of the filter, over the invoice `i` and its order `o`, and over the document's own number and time.
fn push_filter(query: &mut QueryBuilder<Postgres>, filter: &InvoiceFilter, own: &str) {
    if let Some(text) = &filter.q {
        let like = format!("%{}%", text.as_str().replace(['\\', '%', '_'], ""));
        query.push(format_args!(" and ({own}.reference ilike ")).push_bind(like.clone());
        query.push(" or i.reference ilike ").push_bind(like.clone());
        query.push(" or i.supplier_name ilike ").push_bind(like.clone());
        query.push(" or o.order_reference ilike ").push_bind(like).push(")");
    }
    if let Some(event) = filter.event_id {
        query.push(" and i.event_id = ").push_bind(event);
    }
    if let Some(payment) = filter.payment_id {
        query.push(" and i.payment_id = ").push_bind(payment);
    }
    if let Some(partner) = filter.partner_id {
        query.push(" and e.organizer_partner_id = ").push_bind(partner);
    }
    if let Some(credited) = filter.credited {
        query.push(" and exists (select from credit_notes n where n.invoice_id = i.id) = ").push_bind(credited);
    }
    if let Some(from) = filter.from {
        query.push(format_args!(" and {own}.issued_at >= ")).push_bind(from);
    }
    if let Some(to) = filter.to {
        query.push(format_args!(" and {own}.issued_at < ")).push_bind(to);
    }
}

/// Invoices, the latest first.
pub async fn invoice_list(db: &mut impl Db, filter: &InvoiceFilter) -> Result<Page<Invoice>> {
    let keyset = filter.keyset(db.cx(), ("i.issued_at", "timestamptz", true))?;
    let mut query = QueryBuilder::<Postgres>::new(INVOICE);
    query.push("true");
    push_filter(&mut query, filter, "i");
    keyset.rows(db, query, "i.id").await?.page_by(invoice_row, |invoice| (invoice.issued_at, invoice.id.0))
}

const CREDIT_NOTE: &str = "select c.id, c.reference, c.financial_year, c.number, c.invoice_id,
    i.reference as invoice_reference, c.refund_id, i.payment_id, c.door_sale_id, i.event_id, e.title as event_title,
    coalesce(r.reason, s.refund_reason, '') as reason,
    i.currency::text as currency, c.taxable_minor, c.cgst_minor, c.sgst_minor, c.igst_minor, c.other_tax_minor,
    c.total_minor, c.issued_on::text as issued_on, c.issued_at
    from credit_notes c join invoices i on i.id = c.invoice_id left join payment_orders o on o.id = i.order_id
        join events e on e.id = i.event_id left join refunds r on r.id = c.refund_id
        left join door_sales s on s.id = c.door_sale_id
    where ";

fn credit_note_row(row: &sqlx::postgres::PgRow) -> Result<CreditNote> {
    let currency: String = row.try_get("currency")?;
    Ok(CreditNote {
        id: row.try_get("id")?,
        reference: row.try_get("reference")?,
        financial_year: row.try_get("financial_year")?,
        number: row.try_get("number")?,
        invoice_id: row.try_get("invoice_id")?,
        invoice_reference: row.try_get("invoice_reference")?,
        refund_id: row.try_get("refund_id")?,
        payment_id: row.try_get("payment_id")?,
        door_sale_id: row.try_get("door_sale_id")?,
        event_id: row.try_get("event_id")?,
        event_title: row.try_get("event_title")?,
        reason: row.try_get("reason")?,
        sums: sums(row, &currency)?,
        issued_on: row.try_get("issued_on")?,
        issued_at: row.try_get("issued_at")?,
    })
}

/// Credit notes, the latest first.
pub async fn credit_note_list(db: &mut impl Db, filter: &InvoiceFilter) -> Result<Page<CreditNote>> {
    let keyset = filter.keyset(db.cx(), ("c.issued_at", "timestamptz", true))?;
    let mut query = QueryBuilder::<Postgres>::new(CREDIT_NOTE);
    query.push("true");
    push_filter(&mut query, filter, "c");
    keyset.rows(db, query, "c.id").await?.page_by(credit_note_row, |note| (note.issued_at, note.id.0))
}

async fn detail(db: &mut PgConnection, column: &str, id: Uuid) -> Result<InvoiceDetail> {
    let mut query = QueryBuilder::<Postgres>::new(INVOICE);
    query.push(column).push(" = ").push_bind(id);
    let invoice = invoice_row(&query.build().fetch_optional(&mut *db).await?.ok_or_else(not_found)?)?;
    // What found no seat went back, and was never invoiced.
    let rows = sqlx::query!(
        r#"select t.name, l.seats as "seats!", l.amount_minor as "amount_minor!"
           from (select l.id, l.ticket_type_id, l.seats, l.amount_minor from payment_order_lines l
                 where l.order_id = $1
                       and exists (select 1 from event_attendees a where a.reservation_id = l.reservation_id)
                 union all
                 select id, ticket_type_id, seats, amount_minor from door_sales where id = $2) l
               join ticket_types t on t.id = l.ticket_type_id
           order by l.id"#,
        invoice.order_id.map(|id| id.0),
        invoice.door_sale_id.map(|id| id.0),
    )
    .fetch_all(&mut *db)
    .await?;
    let currency = invoice.sums.total.currency.as_str();
    let line = |row: (String, i32, i64)| {
        Ok(InvoiceLine { ticket_type: row.0, seats: row.1, amount: Money::stored(row.2, currency)? })
    };
    let lines =
        rows.into_iter().map(|row| line((row.name, row.seats, row.amount_minor))).collect::<Result<Vec<_>>>()?;
    let mut query = QueryBuilder::<Postgres>::new(CREDIT_NOTE);
    query.push("c.invoice_id = ").push_bind(invoice.id).push(" order by c.issued_at, c.id");
    let credit_notes = query.build().fetch_all(db).await?.iter().map(credit_note_row).collect::<Result<Vec<_>>>()?;
    Ok(InvoiceDetail { invoice, lines, credit_notes })
}

/// One invoice, or 404.
pub async fn invoice_find(db: &mut PgConnection, id: InvoiceId) -> Result<InvoiceDetail> {
    detail(db, "i.id", id.0).await
}

/// The invoice of an order, or 404.
pub async fn invoice_of_order(db: &mut PgConnection, order: PaymentOrderId) -> Result<InvoiceDetail> {
    detail(db, "i.order_id", order.0).await
}

/// The invoice of a sale at the door, or 404.
pub async fn invoice_of_door_sale(db: &mut PgConnection, sale: DoorSaleId) -> Result<InvoiceDetail> {
    detail(db, "i.door_sale_id", sale.0).await
}

/// The sale at the door by which a guest came.
pub async fn door_sale_of_attendee(db: &mut PgConnection, id: AttendeeId) -> Result<Option<DoorSaleId>> {
    let sale = sqlx::query_scalar!("select id from door_sales where attendee_id = $1", id.0);
    Ok(sale.fetch_optional(db).await?.map(DoorSaleId))
}

/// The order that paid for a guest's tickets.
pub async fn order_of_attendee(db: &mut PgConnection, id: AttendeeId) -> Result<Option<PaymentOrderId>> {
    let order = sqlx::query_scalar!(
        "select l.order_id from event_attendees a join payment_order_lines l on l.reservation_id = a.reservation_id
         where a.id = $1",
        id.0,
    );
    Ok(order.fetch_optional(db).await?.map(PaymentOrderId))
}
