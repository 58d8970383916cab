//! What many scans of one ticket at the same moment come to, over two processes of the server: one is admitted, all
//! others are told when and where. Anything else ends it with an error.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use eventify_server::boot;
use futures::future::join_all;
use serde_json::Value;

use crate::gate::Night;
use crate::subject::Subject;

const AT_ONCE: usize = 64;

/// Runs it.
pub async fn run(tickets: usize) -> Result<()> {
    let subject = Subject::start().await?;
    let (_second, other) = subject.second().await?;
    let night = Night::open(&subject, tickets).await?;
    println!("{tickets} tickets, each scanned {AT_ONCE} times at once, by two processes in turn");
    let begun = Instant::now();
    for (at, code) in night.codes.iter().enumerate() {
        let calls = (0..AT_ONCE).map(|n| {
            let server = if n % 2 == 0 { &subject.url } else { &other };
            let call = night.scan_at(&subject, server, n, code, &format!("hot-{at}-{n}"));
            async move { anyhow::Ok(call.send().await?.error_for_status()?.json::<Value>().await?) }
        });
        let answers = join_all(calls).await.into_iter().collect::<Result<Vec<Value>>>()?;
        one_alone(&answers).with_context(|| format!("ticket {at}"))?;
        if (at + 1) % 100 == 0 {
            println!("  {} tickets, {:.0} s", at + 1, begun.elapsed().as_secs_f64());
        }
    }
    look(&subject, &night, tickets).await?;
    println!("each admitted once, {} told when and where; no exception", tickets * (AT_ONCE - 1));
    Ok(())
}

/// One is admitted, the others know of it.
fn one_alone(answers: &[Value]) -> Result<()> {
    let (admitted, others): (Vec<&Value>, Vec<&Value>) =
        answers.iter().partition(|answer| answer["result"] == "admitted");
    ensure!(admitted.len() == 1, "{} were admitted", admitted.len());
    for other in others {
        let first = &other["first_scan"];
        let knows =
            other["reason"] == "already_redeemed" && first["at"] == admitted[0]["at"] && first["gate"] == "Main";
        ensure!(knows, "{other}");
    }
    Ok(())
}

/// What is kept of it adds up.
async fn look(subject: &Subject, night: &Night, tickets: usize) -> Result<()> {
    let mut db = subject.owner.acquire().await?;
    let (all, admitted, inside): (i64, i64, i64) = sqlx::query_as(
        "select count(*), count(*) filter (where result = 'admitted'),
             (select count(*) from tickets where event_id = $1 and status = 'inside')
         from ticket_checkins where event_id = $1",
    )
    .bind(night.event)
    .fetch_one(&mut *db)
    .await?;
    let tickets = i64::try_from(tickets)?;
    ensure!(all == tickets * AT_ONCE as i64, "{all} attempts were kept");
    ensure!((admitted, inside) == (tickets, tickets), "{admitted} admissions, {inside} inside");
    let broken = eventify::gate::verify::violations(&mut db).await.map_err(boot::describe)?;
    ensure!(broken.is_empty(), "the check-ins do not add up: {broken:?}");
    Ok(())
}
