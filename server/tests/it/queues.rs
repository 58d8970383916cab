//! Queues with slots of their own: what is slow or comes in thousands stands before nobody.

use eventify::kernel::jobs::{self, Pending};
use eventify::kernel::queues::Queue;
use eventify::notify::Template;
use eventify::ops::JobId;
use eventify::ops::handlers::{JobContext, JobHandler};
use eventify::ops::worker;
use serde_json::{Value, json};

use crate::fixtures::{make_guests, open, reserve};
use crate::partners::text;
use crate::people::{PHONE, ask};
use crate::receiver::Receiver;
use crate::support::Site;
use crate::webhook_sending::{comes_to, test_message};
use crate::webhooks::{endpoint, open_site};

/// So many messages wait for an endpoint, queued by the version before this one.
async fn waiting(site: &Site, endpoint: &Value, count: i32) {
    let id: uuid::Uuid = text(endpoint, "id").parse().unwrap();
    let mut owner = site.test.owner().await;
    sqlx::query(
        "insert into webhook_deliveries (id, endpoint_id, event_id, event_type, event_at, payload, next_attempt_at)
         select gen_random_uuid(), $1, gen_random_uuid(), 'partner.created', now(), '{}', now() from generate_series(1, $2)",
    )
    .bind(id)
    .bind(count)
    .execute(&mut owner)
    .await
    .expect("messages");
    sqlx::query(
        "insert into job_runs (id, queue_name, job_type, payload, run_at)
         select gen_random_uuid(), 'webhooks', 'webhook.deliver', jsonb_build_object('delivery', id, 'attempts', 0),
                $2
         from webhook_deliveries where endpoint_id = $1",
    )
    .bind(id)
    .bind(site.test.clock.now().0 - time::Duration::minutes(10))
    .execute(&mut owner)
    .await
    .expect("jobs");
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_keeps_neither_codes_nor_other_endpoints_waiting() {
    let site = open_site().await;
    let admin = site.admin().await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    let hold = slow.hold();
    let busy = endpoint(&admin, &slow.url, &["partner.created"]).await["endpoint"].clone();
    let free = endpoint(&admin, &quick.url, &["partner.created"]).await["endpoint"].clone();
    waiting(&site, &busy, 10_000).await;
    let background = eventify_server::serve::background(&site.test.app, true);
    slow.expect(2).await;
    // Everybody's sign-in goes on: from asking for the code until the text has left.
    let asked = std::time::Instant::now();
    ask(&site, PHONE).await;
    comes_to(&site, "select count(*) from job_runs where job_type = 'text.send' and status = 'done'", 1).await;
    let took = asked.elapsed();
    assert!(took < std::time::Duration::from_secs(2), "a code took {took:?}");
    // Other endpoints are sent to meanwhile.
    test_message(&admin, &free).await;
    quick.expect(1).await;
    assert!(asked.elapsed() < std::time::Duration::from_secs(10), "it waited until an attempt of 15 s was given up");
    assert_eq!(slow.got().len(), 2, "the limit of one endpoint");
    let figures = admin.get("/ops/jobs/queues").await.expect(200);
    let row =
        |queue: &str| figures["queues"].as_array().unwrap().iter().find(|row| row["queue"] == queue).unwrap().clone();
    assert_eq!((&row("webhook")["running"], &row("webhook")["waiting"]), (&json!(2), &json!(9_998)));
    assert!(
        row("webhook")["lag_seconds"].as_i64().unwrap() >= 600 && row("urgent")["lag_seconds"].is_null(),
        "{figures}"
    );
    drop(hold);
    drop(background);
}

#[tokio::test]
async fn a_big_imports_mails_do_not_stand_before_a_code() {
    let site = Site::start().await;
    // Thousands of mails that have been due for long, none of which can be sent at all just now.
    let now = site.test.clock.now();
    let event = eventify::notify::EventFacts::sample();
    let guests: Template = serde_json::from_value(json!({
        "template": "guest_taken_off", "name": "Ira", "event": event, "reason": "",
    }))
    .expect("a mail");
    let mail =
        |n: usize| eventify::notify::pending_mail(&site.test.keys, &format!("guest{n}@example.com"), guests.clone());
    let mut mails: Vec<Pending> = (0..5_000).map(mail).collect();
    for mail in &mut mails {
        mail.run_at((now.0 - time::Duration::hours(1)).into());
    }
    jobs::insert_all(&mut site.test.pool.acquire().await.unwrap(), "import", now, &mails).await.unwrap();
    site.admin().await;
    ask(&site, PHONE).await;
    let mut next: Vec<(String, i64)> = Vec::new();
    for queue in Queue::ALL {
        let first = "select job_type, count(*) over () from job_runs
                     where queue_name = $1 and status = 'queued' order by run_at, id limit 1";
        next.extend(
            sqlx::query_as::<_, (String, i64)>(first)
                .bind(queue.as_str())
                .fetch_optional(&site.test.reader)
                .await
                .unwrap(),
        );
    }
    assert!(
        next.contains(&("mail.send".to_owned(), 5_000)) && next.iter().any(|(kind, _)| kind == "text.send"),
        "{next:?}"
    );
    let background = eventify_server::serve::background(&site.test.app, true);
    comes_to(&site, "select count(*) from job_runs where job_type = 'text.send' and status = 'done'", 1).await;
    let open = site.number("select count(*) from job_runs where job_type = 'mail.send' and status = 'queued'").await;
    assert!(open > 1_000, "the code went out while mails were waiting: {open}");
    drop(background);
}

#[tokio::test]
async fn a_mail_server_that_hangs_keeps_no_code_waiting() {
    let mute = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let smtp = format!("smtp://{}", mute.local_addr().expect("an address"));
    let site = Site::start_with(&["--smtp-url", &smtp]).await;
    let now = site.test.clock.now();
    let template = || eventify::access::templates::NewDeviceSignIn {
        name: "Ira".to_owned(),
        platform: "Linux".to_owned(),
        ip: "192.0.2.1".to_owned(),
        at: now,
        told: None,
    };
    let mails: Vec<Pending> = (0..8)
        .map(|n| eventify::notify::pending_mail(&site.test.keys, &format!("p{n}@example.com"), template()))
        .collect();
    jobs::insert_all(&mut site.test.pool.acquire().await.unwrap(), "test", now, &mails).await.unwrap();
    let background = eventify_server::serve::background(&site.test.app, true);
    comes_to(&site, "select count(*) from job_runs where job_type = 'mail.send' and status = 'running'", 4).await;
    ask(&site, PHONE).await;
    let sent = comes_to(&site, "select count(*) from job_runs where job_type = 'text.send' and status = 'done'", 1);
    tokio::time::timeout(std::time::Duration::from_secs(8), sent).await.expect("long before the mail server gives up");
    drop(background);
    drop(mute);
}

#[tokio::test]
async fn guests_are_told_once_when_the_worker_is_lost_after_its_commit() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    for person in &make_guests(&site, 3).await {
        reserve(person, &event, &kinds[0], 1).await.expect(201);
    }
    let path = format!("/events/{}/cancel", text(&event, "id"));
    admin.post(&path, json!({ "reason": "The roof leaks" })).await.expect(200);
    let (id, payload): (uuid::Uuid, Value) = sqlx::query_as(
        "update job_runs set status = 'running', attempts = 1, leased_by = 'lost',
                leased_until = now() - interval '1 second'
         where job_type = 'tickets.tell_guests' returning id, payload",
    )
    .fetch_one(&site.test.pool)
    .await
    .expect("the job");
    // The worker does the work and is lost before it can note that.
    let handler = JobHandler::find("tickets.tell_guests").expect("known");
    let context = JobContext::new(JobId(id), 1, None, "lost");
    (handler.run)(site.test.app.clone(), context, payload.clone()).await.expect("done");
    let mails = "select count(*) from job_runs where payload->'mail'->>'template' = 'event_cancelled'";
    assert_eq!(site.number(mails).await, 3);
    assert_eq!(worker::reclaim(&site.test).await.unwrap(), 0, "it ended with what it did");
    // A worker that believes it still has the job does nothing more.
    let late = JobContext::new(JobId(id), 1, None, "lost");
    assert!((handler.run)(site.test.app.clone(), late, payload).await.is_err());
    assert_eq!(site.number(mails).await, 3);
}

#[tokio::test]
async fn a_code_that_comes_too_late_is_a_failed_job_with_its_reason() {
    let site = Site::start().await;
    let admin = site.admin().await;
    ask(&site, PHONE).await;
    site.test.clock.advance(time::Duration::minutes(6));
    let background = eventify_server::serve::background(&site.test.app, true);
    comes_to(
        &site,
        "select count(*) from job_runs where job_type = 'text.send' and status = 'dead' and attempts = 1",
        1,
    )
    .await;
    let failed = admin.get("/ops/jobs?status=dead").await.expect(200);
    let why = text(&failed["items"][0], "last_error").to_owned();
    assert!(why.contains("The code expired before the text message was sent."), "{why}");
    drop(background);
}
