//! A list of a hundred thousand records: pages near and far, searched, rendered, and as CSV.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use serde_json::Value;

use crate::subject::Subject;
use crate::{Row, floor, load, ms, per_second, ratio, row};

const PARTNERS: i64 = 100_000;
const FAR: usize = 1_000;

const PARTNER: &str = "select p.id, p.name, p.type, p.status, p.logo_url, p.verification_status,
    p.settlement_currency::text as settlement_currency, p.total_revenue_minor, p.open_balance_minor, p.joined_at,
    p.suspended_at, p.suspension_reason, c.id as contact_id, c.name as contact_name, c.email as contact_email,
    (select count(*) from partner_documents d where d.partner_id = p.id and d.status = 'pending'
        and d.superseded_at is null) as pending_documents,
    p.version, p.created_at, p.updated_at, lower(p.name)::text as sort_key
    from partners p left join partner_contacts c on c.partner_id = p.id and c.is_primary where true";

/// All figures of the list.
pub async fn figures(subject: &Subject, time: Duration) -> Result<Vec<Row>> {
    fill(subject).await?;
    let mut rows = Vec::new();
    for (what, search) in
        [("", None), (", all of them found by a word", Some("hall")), (", one found by a number", Some("hall 77123"))]
    {
        eprintln!("listing partners{what}");
        let query = search.map(|q| format!("&q={}", q.replace(' ', "%20"))).unwrap_or_default();
        let near = format!("/api/v1/partners?limit=50{query}");
        rows.push(
            page(subject, time, format!("GET /partners, first page of 100,000{what}"), &near, &sql(search, None))
                .await?,
        );
        if search != Some("hall 77123") {
            let (cursor, last) = walk(subject, &near).await?;
            let far = format!("{near}&cursor={cursor}");
            let what = format!("GET /partners, page {FAR}{what}");
            rows.push(page(subject, time, what, &far, &sql(search, Some(&last))).await?);
        }
    }
    eprintln!("rendering the partners");
    let ours = load::run(8, time, |_| {
        let call = subject.page("/partners");
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    let bare =
        floor::BarePage::start(subject, sql(None, None).split(';').next().unwrap_or_default().to_owned()).await?;
    let plain = load::run(8, time, |_| {
        let call = subject.http.get(&bare.url);
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    rows.push(row(
        "Partners page, server-rendered, 8 connections",
        ours.text(),
        plain.text(),
        ratio(ours.rate, plain.rate),
    ));
    eprintln!("exporting the partners");
    rows.extend(export(subject).await?);
    eprintln!("uploading");
    rows.push(upload(subject).await?);
    Ok(rows)
}

async fn fill(subject: &Subject) -> Result<()> {
    let statements = [
        "insert into partners (id, name, type, status, joined_at, search_text)
         select gen_random_uuid(), 'Hall ' || n, 'venue', 'active', now(), 'hall ' || n || ' person ' || n || ' p' || n || '@bench.example'
         from generate_series(1, $1) n",
        "insert into partner_contacts (id, partner_id, name, email, is_primary)
         select gen_random_uuid(), id, 'Person', 'p@bench.example', true from partners where name like 'Hall %' limit $1",
    ];
    for statement in statements {
        sqlx::query(statement).bind(PARTNERS).execute(&subject.owner).await?;
    }
    sqlx::query("vacuum analyze").execute(&subject.owner).await?;
    Ok(())
}

/// The statements of a page, as the server sends them; the first page is counted as far as ten thousand.
fn sql(search: Option<&str>, after: Option<&(String, String)>) -> String {
    let found = search.map(|q| format!(" and p.search_text like '%{q}%'")).unwrap_or_default();
    let from =
        after.map(|(name, id)| format!(" and (lower(p.name), p.id) > ('{}', '{id}'::uuid)", name.to_lowercase()));
    let list = format!("{PARTNER}{found}{} order by lower(p.name), p.id limit 51;\n", from.clone().unwrap_or_default());
    let list = list.replace('\n', " ");
    match from {
        Some(_) => format!("{list}\n"),
        None => {
            format!("{list}\nselect count(*) from (select from partners p where true{found} limit 10001) counted;\n")
        }
    }
}

async fn page(subject: &Subject, time: Duration, what: String, path: &str, sql: &str) -> Result<Row> {
    let ours = load::run(8, time, |_| {
        let call = subject.get(path);
        async move { load::ok(call.send().await?).await }
    })
    .await?;
    let floor = floor::pgbench(subject, sql, 8, time).await?;
    Ok(row(format!("{what}, 8 connections"), ours.text(), per_second(floor), ratio(ours.rate, floor)))
}

/// Turns pages as a person would, and says where the far one starts.
async fn walk(subject: &Subject, path: &str) -> Result<(String, (String, String))> {
    let mut at: Option<(String, (String, String))> = None;
    for _ in 1..FAR {
        let path = match &at {
            Some((cursor, _)) => format!("{path}&cursor={cursor}"),
            None => path.to_owned(),
        };
        let answer: Value = subject.get(&path).send().await?.error_for_status()?.json().await?;
        let text = |value: &Value| value.as_str().map(str::to_owned).context("text");
        let last = answer["items"].as_array().and_then(|items| items.last()).context("a row")?;
        at = Some((text(&answer["next_cursor"])?, (text(&last["name"])?, text(&last["id"])?)));
    }
    at.context("a page")
}

/// The whole list as CSV, and how much memory that takes.
async fn export(subject: &Subject) -> Result<Vec<Row>> {
    let before = subject.memory().unwrap_or_default();
    let begun = Instant::now();
    let mut body = subject.get("/api/v1/partners/export").send().await?.error_for_status()?.bytes_stream();
    let (mut bytes, mut lines, mut most) = (0, 0, before);
    while let Some(part) = body.next().await {
        let part = part?;
        bytes += part.len();
        lines += part.iter().filter(|byte| **byte == b'\n').count();
        most = most.max(subject.memory().unwrap_or_default());
    }
    let ours = begun.elapsed();
    ensure!(lines > PARTNERS as usize, "{lines} lines were exported");
    let begun = Instant::now();
    let mut connection = subject.owner.acquire().await?;
    let statement = format!("copy ({PARTNER} order by lower(p.name), p.id) to stdout with csv");
    let mut copied = connection.copy_out_raw(&statement).await?;
    while let Some(part) = copied.next().await {
        part?;
    }
    let floor = begun.elapsed();
    let note = format!("{} MB; floor: COPY", bytes / 1_000_000);
    let grown = (most - before) / 1024;
    Ok(vec![
        row("GET /partners/export, 100,000 rows", ms(ours), ms(floor), note),
        row("memory that takes, at most", format!("{grown} MiB more than before"), "", ""),
    ])
}

/// Two gigabytes from a sender that does not say how much will come: how much is taken before it is refused.
async fn upload(subject: &Subject) -> Result<Row> {
    const LINE: &str = "a-line-that-is-in-no-file";
    let before = subject.memory().unwrap_or_default();
    let sent = Arc::new(AtomicU64::new(0));
    let head = format!(
        "--{LINE}\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nother\r\n--{LINE}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"large.pdf\"\r\n\r\n%PDF-1.7\n"
    );
    let counter = sent.clone();
    let chunks =
        std::iter::once(head.into_bytes()).chain(std::iter::repeat_n(vec![b' '; 1 << 16], 1 << 15)).map(move |chunk| {
            counter.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            Ok::<_, std::io::Error>(chunk)
        });
    let partner: String = sqlx::query_scalar("select id::text from partners limit 1").fetch_one(&subject.owner).await?;
    let call = subject.send(reqwest::Method::POST, &format!("/api/v1/partners/{partner}/documents"));
    let call = call.header("content-type", format!("multipart/form-data; boundary={LINE}"));
    // Refused early, the connection may end before the answer is read.
    let answer = call.body(reqwest::Body::wrap_stream(futures::stream::iter(chunks))).send().await;
    ensure!(answer.map_or(true, |answer| answer.status() == 413), "it was taken");
    let grown = subject.memory().unwrap_or_default().saturating_sub(before) / 1024;
    let taken = sent.load(Ordering::Relaxed) >> 20;
    Ok(row(
        "2 GB upload of unsaid length",
        format!("refused after {taken} MiB"),
        "",
        format!("{grown} MiB more memory; the limit is 20 MiB"),
    ))
}
