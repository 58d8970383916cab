//! What a crash does to a sale: more guests than seats, the server and then PostgreSQL killed in the middle, and
//! everything looked at afterwards. Any promise that was not kept ends it with an error.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use eventify::kernel::clock::Clock;
use eventify_server::boot;
use futures::StreamExt;
use sqlx::types::Uuid;

use crate::fixtures::{Guests, HotEvent};
use crate::subject::{Subject, Victim};

const SEATS: usize = 1_000;
const GUESTS: usize = 1_500;
const AT_ONCE: usize = 64;
/// After how many confirmed seats whom it hits.
const KILLS: [(usize, Victim); 2] = [(300, Victim::Server), (650, Victim::Postgres)];

/// Runs it.
pub async fn run() -> Result<()> {
    let mut subject = Subject::start().await?;
    let event = HotEvent::open(&subject, i32::try_from(SEATS)?).await?;
    let crowd = Guests::gather(&subject, GUESTS).await?;
    println!("{GUESTS} guests, {SEATS} seats, {AT_ONCE} calls at a time");
    let mut confirmed = BTreeSet::new();
    for (after, victim) in KILLS {
        let rest: Vec<usize> = (0..GUESTS).filter(|guest| !confirmed.contains(guest)).collect();
        let answers = until(&subject, &crowd, &event, &rest, after - confirmed.len(), victim).await?;
        confirmed.extend(answers);
        println!("kill -9 of {victim} after {} seats were confirmed; starting again", confirmed.len());
        subject.revive().await?;
        look(&subject, &event, &crowd, &confirmed).await?;
    }
    // Everybody again, those too who hold an answer already: the same request has the same answer.
    let calls = futures::stream::iter(0..GUESTS).map(|guest| take(&subject, &crowd, &event, guest));
    let answers: Vec<(usize, u16)> = calls.buffer_unordered(AT_ONCE).collect().await;
    let with = |status: u16| answers.iter().filter(move |answer| answer.1 == status).map(|answer| answer.0);
    let now: BTreeSet<usize> = with(201).collect();
    ensure!(confirmed.is_subset(&now), "an answer was given that does not hold any more");
    ensure!(now.len() == SEATS, "{} guests were told that they have a seat", now.len());
    ensure!(with(409).count() == GUESTS - SEATS, "some got neither a seat nor a refusal: {answers:?}");
    look(&subject, &event, &crowd, &now).await?;
    println!("sold out: exactly {SEATS} seats, every answer that was given holds");
    Ok(())
}

/// Calls until so many more are confirmed, then kills. Answers who was confirmed, by then and in the calls that
/// were under way.
async fn until(
    subject: &Subject,
    crowd: &Guests,
    event: &HotEvent,
    guests: &[usize],
    most: usize,
    victim: Victim,
) -> Result<Vec<usize>> {
    let done = AtomicUsize::new(0);
    let answers = futures::stream::iter(guests.iter().copied())
        .map(async |guest| {
            // After the kill the rest do not even try: they come back when the doors are open again.
            if done.load(Ordering::SeqCst) >= most {
                return Ok(None);
            }
            let answer = crowd.reserve(subject, event, guest).send().await;
            let status = match answer {
                Ok(answer) => answer.status().as_u16(),
                Err(_) => return Ok(None),
            };
            if status != 201 {
                return Ok(None);
            }
            if done.fetch_add(1, Ordering::SeqCst) + 1 == most {
                subject.kill(victim)?;
            }
            Ok::<_, anyhow::Error>(Some(guest))
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    answers.into_iter().filter_map(Result::transpose).collect()
}

/// One seat for one guest; asks again while the server says it is busy. 0 where there was no answer.
async fn take(subject: &Subject, crowd: &Guests, event: &HotEvent, guest: usize) -> (usize, u16) {
    for _ in 0..60 {
        let answer = crowd.reserve(subject, event, guest).send().await;
        let status = answer.map_or(0, |answer| answer.status().as_u16());
        if status != 503 && status != 0 {
            return (guest, status);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    (guest, 0)
}

/// What must hold after every crash: the seats add up, and whoever was told so has exactly one.
async fn look(subject: &Subject, event: &HotEvent, crowd: &Guests, confirmed: &BTreeSet<usize>) -> Result<()> {
    let mut db = subject.owner.acquire().await?;
    let broken = eventify::tickets::verify::violations(&mut db, None, Clock::default().now()).await;
    let broken = broken.map_err(boot::describe)?;
    ensure!(broken.is_empty(), "the seats do not add up: {broken:?}");
    let going: Vec<Uuid> =
        sqlx::query_scalar("select user_id from event_attendees where event_id = $1 and status = 'going'")
            .bind(event.id)
            .fetch_all(&mut *db)
            .await?;
    let persons: BTreeSet<Uuid> = going.iter().copied().collect();
    ensure!(persons.len() == going.len(), "somebody has two seats");
    let lost = confirmed.iter().filter(|guest| !persons.contains(&crowd.users[**guest])).count();
    ensure!(lost == 0, "{lost} guests were told that they have a seat and have none");
    let audit = eventify::audit::verify::verify(&mut db, Clock::default().now()).await.map_err(boot::describe)?;
    ensure!(audit.broken.is_none(), "the audit chain is broken: {:?}", audit.broken.map(|broken| broken.to_string()));
    println!("  {} seats taken, {} of them confirmed; all adds up", going.len(), confirmed.len());
    Ok(())
}
