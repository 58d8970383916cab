//! Webhooks on their way: signatures, retries, giving up, sending again.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use eventify::kernel::outbox::BusEvent;
use futures::future::join_all;
use serde::Serialize;
use serde_json::{Value, json};

use crate::partners::{partner, text};
use crate::receiver::{Received, Receiver};
use crate::support::{Person, Site};
use crate::webhooks::{endpoint, open_site, path};

/// Whether one of the signatures is by this secret; computed without the server's own code.
fn signed(message: &Received, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a prefix")).expect("base64");
    let content = format!("{}.{}.{}", message.header("webhook-id"), message.header("webhook-timestamp"), message.body);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), content.as_bytes());
    let expected = format!("v1,{}", STANDARD.encode(tag));
    message.header("webhook-signature").split(' ').any(|signature| signature == expected)
}

/// The one entry of an endpoint's log, once it is so.
async fn log_until(person: &Person, endpoint: &Value, what: &str, so: impl Fn(&Value) -> bool) -> Value {
    let path = format!("/webhooks/deliveries?endpoint_id={}", text(endpoint, "id"));
    let mut last = Value::Null;
    for _ in 0..200 {
        let page = person.get(&path).await.expect(200);
        last = page["items"][0].clone();
        if so(&last) {
            let detail = format!("/webhooks/deliveries/{}", text(&last, "id"));
            return person.get(&detail).await.expect(200);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never {what}: {last}");
}

/// Waits until the number is this one.
pub async fn comes_to(site: &Site, sql: &'static str, wanted: i64) {
    let mut last = 0;
    for _ in 0..400 {
        last = site.number(sql).await;
        if last == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{sql}: {last}, never {wanted}");
}

/// Waits until every event so far was looked at.
pub async fn caught_up(site: &Site) {
    comes_to(site, "select count(*) from outbox_events where published_seq is null", 0).await;
    let behind = "select count(*) from bus_consumers where name = 'webhooks.fan_out'
                  and position < (select max(published_seq) from outbox_events)";
    comes_to(site, behind, 0).await;
}

async fn delivered(person: &Person, endpoint: &Value) -> Value {
    log_until(person, endpoint, "delivered", |d| d["status"] == "delivered").await
}

async fn attempted(person: &Person, endpoint: &Value, times: i64) -> Value {
    log_until(person, endpoint, "attempted", |d| d["attempts"] == times).await
}

pub async fn test_message(person: &Person, endpoint: &Value) -> Value {
    person.post(&format!("{}/test", path(endpoint)), json!({})).await.expect(202)
}

#[tokio::test]
async fn an_event_arrives_signed_and_once() {
    let site = open_site().await;
    let admin = site.admin().await;
    let receiver = Receiver::start().await;
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await;
    let _background = eventify_server::serve::background(&site.test.app, true);
    let harbour = partner(&admin, "Harbour Hall").await;
    let message = receiver.expect(1).await.remove(0);

    let secret = text(&made, "secret");
    assert!(signed(&message, secret));
    // The specification's own library comes to the same signature.
    let (id, at) = (message.header("webhook-id"), message.header("webhook-timestamp").parse().expect("seconds"));
    let library = standardwebhooks::Webhook::new(secret).unwrap();
    let expected = library.sign(id, at, message.body.as_bytes()).expect("signs");
    assert!(message.header("webhook-signature").split(' ').any(|one| one == expected));
    let body = message.json();
    assert_eq!((&body["type"], &body["data"]), (&json!("partner.created"), &json!({ "partner_id": harbour["id"] })));
    assert!(body["timestamp"].is_string() && body.as_object().unwrap().len() == 3, "{body}");
    assert_eq!(message.header("content-type"), "application/json");

    let log = delivered(&admin, &made["endpoint"]).await;
    assert_eq!((&log["payload"], &log["attempts"][0]["status_code"]), (&body, &json!(204)));
    let id = format!("msg_{}", text(&log["delivery"], "event_id"));
    assert_eq!(message.header("webhook-id"), id);

    // The same events again: whoever repeats them, nothing is sent twice.
    sqlx::query("update bus_consumers set position = 0 where name = 'webhooks.fan_out'")
        .execute(&site.test.pool)
        .await
        .unwrap();
    caught_up(&site).await;
    receiver.expect(1).await;
    assert_eq!(site.number("select count(*) from webhook_deliveries").await, 1);
}

#[derive(Serialize)]
struct Happened {
    what: &'static str,
}
impl BusEvent for Happened {
    const TYPE: &'static str = "test.happened";
    const AGGREGATE: &'static str = "test";
    fn aggregate_id(&self) -> String {
        self.what.to_owned()
    }
}

#[tokio::test]
async fn only_what_committed_is_told() {
    let site = open_site().await;
    let admin = site.admin().await;
    let receiver = Receiver::start().await;
    endpoint(&admin, &receiver.url, &["*"]).await;
    let _background = eventify_server::serve::background(&site.test.app, true);
    let mut undone = site.test.tx().await;
    undone.emit(&Happened { what: "undone" });
    drop(undone);
    let mut done = site.test.tx().await;
    done.emit(&Happened { what: "done" });
    done.commit().await.unwrap();
    let happened = || -> Vec<Value> {
        receiver.got().iter().map(Received::json).filter(|body| body["type"] == "test.happened").collect()
    };
    for _ in 0..200 {
        if !happened().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Nothing is left that could tell more.
    caught_up(&site).await;
    comes_to(&site, "select count(*) from webhook_deliveries where status <> 'delivered'", 0).await;
    let told = happened();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["data"], json!({ "what": "done" }));
}

#[tokio::test]
async fn every_secret_signs_for_a_day_after_it_was_replaced() {
    let site = open_site().await;
    let mut admin = site.admin().await;
    let receiver = Receiver::start().await;
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await;
    let mut secrets = vec![text(&made, "secret").to_owned()];
    let made = made["endpoint"].clone();
    let _background = eventify_server::serve::background(&site.test.app, true);
    let mut sent = 0;
    let mut signed_by = async |admin: &Person, secrets: &[String]| -> Vec<usize> {
        test_message(admin, &made).await;
        sent += 1;
        let message = receiver.expect(sent).await.remove(sent - 1);
        let by: Vec<usize> = (0..secrets.len()).filter(|n| signed(&message, &secrets[*n])).collect();
        assert_eq!(message.header("webhook-signature").split(' ').count(), by.len());
        by
    };
    // Two rotations within a day: whoever still checks with the first secret has the day they were told.
    for _ in 0..2 {
        let rotated = admin.post(&format!("{}/rotate-secret", path(&made)), json!({})).await.expect(200);
        secrets.push(text(&rotated, "secret").to_owned());
    }
    assert_eq!(signed_by(&admin, &secrets).await, [0, 1, 2]);
    site.test.clock.advance(time::Duration::hours(13));
    admin.sign_in().await;
    let rotated = admin.post(&format!("{}/rotate-secret", path(&made)), json!({})).await.expect(200);
    secrets.push(text(&rotated, "secret").to_owned());
    assert_eq!(signed_by(&admin, &secrets).await, [0, 1, 2, 3]);
    site.test.clock.advance(time::Duration::hours(12));
    admin.sign_in().await;
    assert_eq!(signed_by(&admin, &secrets).await, [2, 3]);
    site.test.clock.advance(time::Duration::hours(13));
    admin.sign_in().await;
    assert_eq!(signed_by(&admin, &secrets).await, [3]);
}

#[tokio::test]
async fn what_happened_while_an_endpoint_was_disabled_can_be_sent_afterwards() {
    let site = open_site().await;
    // PostgreSQL says when an event was published: here the server goes by the same clock.
    let now: time::OffsetDateTime =
        sqlx::query_scalar("select now()").fetch_one(&site.test.reader).await.expect("the time");
    site.test.clock.advance(now - site.test.clock.now().0);
    let admin = site.admin().await;
    let receiver = Receiver::start().await;
    let _background = eventify_server::serve::background(&site.test.app, true);
    partner(&admin, "Before its time").await;
    caught_up(&site).await;
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await["endpoint"].clone();
    partner(&admin, "Harbour Hall").await;
    receiver.expect(1).await;
    let status = format!("{}/status", path(&made));
    admin.patch(&status, json!({ "status": "disabled" })).await.expect(200);
    let mut missed = Vec::new();
    for name in ["Riverside", "Old Mill"] {
        missed.push(json!({ "partner_id": partner(&admin, name).await["id"] }));
    }
    caught_up(&site).await;
    admin.patch(&status, json!({ "status": "active" })).await.expect(200);
    let since = eventify::kernel::timestamp::Timestamp(site.test.clock.now().0 - time::Duration::hours(1)).rfc3339();
    let again = format!("{}/redeliver", path(&made));
    let sent = admin.post(&again, json!({ "since": since })).await.expect(202);
    assert_eq!(sent, json!({ "queued": 2, "more": false }), "neither what was sent nor what was before its time");
    let got = receiver.expect(3).await;
    let mut told: Vec<Value> = got[1..].iter().map(|message| message.json()["data"].clone()).collect();
    told.sort_by_key(ToString::to_string);
    missed.sort_by_key(ToString::to_string);
    assert_eq!(told, missed);
    let sent = admin.post(&again, json!({ "since": since })).await.expect(202);
    assert_eq!(sent, json!({ "queued": 0, "more": false }), "once");
    receiver.expect(3).await;
}

#[tokio::test]
async fn a_failed_message_is_tried_again_with_its_id_until_it_is_taken() {
    let site = open_site().await;
    let mut admin = site.admin().await;
    let receiver = Receiver::start().await;
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await["endpoint"].clone();
    let long = format!("out of\0order {}", "x".repeat(20_000));
    receiver.answer(&[(500, &long), (302, ""), (201, "thanks")]);
    let _background = eventify_server::serve::background(&site.test.app, true);
    test_message(&admin, &made).await;
    attempted(&admin, &made, 1).await;
    assert!(admin.get(&path(&made)).await.expect(200)["failing_since"].is_string());
    site.test.clock.advance(time::Duration::seconds(7));
    attempted(&admin, &made, 2).await;
    site.test.clock.advance(time::Duration::minutes(7));
    admin.sign_in().await;
    let log = attempted(&admin, &made, 3).await;
    assert_eq!(log["delivery"]["status"], "delivered");
    let got = receiver.expect(3).await;
    assert!(got.iter().all(|message| message.path == "/hook"), "a redirect is not followed: {got:?}");
    assert!(got.iter().all(|message| message.header("webhook-id") == got[0].header("webhook-id")));
    assert!(got.iter().all(|message| message.body == got[0].body));
    assert_ne!(got[0].header("webhook-timestamp"), got[2].header("webhook-timestamp"));

    let attempts = log["attempts"].as_array().unwrap();
    let codes: Vec<_> = attempts.iter().map(|attempt| attempt["status_code"].clone()).collect();
    assert_eq!(codes, [json!(201), json!(302), json!(500)]);
    assert!(text(&attempts[1], "error").contains("redirects are not followed"));
    let kept = text(&attempts[2], "response_body");
    assert!(kept.starts_with("out of\u{fffd}order") && kept.len() <= 4 * 1024 + 2, "{} bytes kept", kept.len());
    assert_eq!(attempts[0]["response_body"], "thanks");
    assert!(admin.get(&path(&made)).await.expect(200)["failing_since"].is_null());
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_is_disabled_and_its_maker_told() {
    let site = open_site().await;
    let mut admin = site.admin().await;
    let receiver = Receiver::start().await;
    receiver.otherwise(503);
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await["endpoint"].clone();
    let begun = site.test.clock.now().rfc3339();
    let _background = eventify_server::serve::background(&site.test.app, true);
    for _ in 0..10 {
        test_message(&admin, &made).await;
    }
    for attempt in 1..=8 {
        comes_to(&site, "select coalesce(sum(attempts), 0)::bigint from webhook_deliveries", 10 * attempt).await;
        site.test.clock.advance(time::Duration::hours(13));
    }
    admin.sign_in().await;
    let disabled = admin.get(&path(&made)).await.expect(200);
    assert_eq!(
        (&disabled["status"], text(&disabled, "disabled_reason")),
        (&json!("disabled"), "10 messages in a row could not be delivered.")
    );
    assert_eq!(site.number("select count(*) from webhook_deliveries where status = 'failed'").await, 10);
    assert_eq!(site.number("select count(*) from audit_logs where action = 'webhook_endpoint.given_up'").await, 1);
    let told = "select count(*) from outbox_events where type = 'webhook.endpoint_disabled'";
    assert_eq!(site.number(told).await, 1);
    let mails = "select count(*) from job_runs where job_type = 'mail.send' and payload::text like '%webhook_disabled%'
                 and payload ->> 'to' = 'admin@example.com'";
    assert_eq!(site.number(mails).await, 1);

    // While it is disabled nothing is made for it; afterwards what failed and what it missed can be sent.
    partner(&admin, "Passed By").await;
    let enabled = json!({ "status": "active" });
    caught_up(&site).await;
    admin.patch(&format!("{}/status", path(&made)), enabled).await.expect(200);
    receiver.otherwise(204);
    let again = admin.post(&format!("{}/redeliver", path(&made)), json!({ "since": begun })).await.expect(202);
    assert_eq!(again, json!({ "queued": 11, "more": false }));
    let got = receiver.expect(91).await;
    let ids: std::collections::BTreeSet<_> = got.iter().map(|m| m.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 11, "each was sent with the id it had");
    comes_to(&site, "select count(*) from webhook_deliveries where status = 'delivered'", 11).await;
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_at_once() {
    let site = open_site().await;
    let admin = site.admin().await;
    let receiver = Receiver::start().await;
    receiver.otherwise(410);
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await["endpoint"].clone();
    let _background = eventify_server::serve::background(&site.test.app, true);
    test_message(&admin, &made).await;
    log_until(&admin, &made, "failed", |d| d["status"] == "failed").await;
    let disabled = admin.get(&path(&made)).await.expect(200);
    assert_eq!(text(&disabled, "disabled_reason"), "The endpoint answered 410 (Gone).");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_clicks_send_a_message_again_once() {
    let site = open_site().await;
    let admin = site.admin().await;
    let receiver = Receiver::start().await;
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await["endpoint"].clone();
    let background = eventify_server::serve::background(&site.test.app, true);
    test_message(&admin, &made).await;
    let log = delivered(&admin, &made).await;
    // Nobody sends while people click, so that none finds it sent already.
    drop(background);
    let again = format!("/webhooks/deliveries/{}/redeliver", text(&log["delivery"], "id"));
    let clicks = join_all((0..32).map(|_| admin.post(&again, json!({})))).await;
    let (won, lost): (Vec<_>, Vec<_>) = clicks.into_iter().partition(|answer| answer.status == 202);
    assert_eq!((won.len(), lost.len()), (1, 31));
    for answer in lost {
        answer.refused(409, "invalid_transition");
    }
    let _background = eventify_server::serve::background(&site.test.app, true);
    let log = attempted(&admin, &made, 2).await;
    assert_eq!(log["delivery"]["status"], "delivered");
    let got = receiver.expect(2).await;
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    assert_eq!(site.number("select count(*) from audit_logs where action = 'webhook_delivery.redelivered'").await, 1);
}

#[tokio::test]
async fn what_waits_is_given_up_when_the_endpoint_is_disabled_and_forgotten_when_it_is_deleted() {
    let site = open_site().await;
    let admin = site.admin().await;
    let receiver = Receiver::start().await;
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await["endpoint"].clone();
    let other = endpoint(&admin, &receiver.url, &["partner.created"]).await["endpoint"].clone();
    test_message(&admin, &made).await;
    test_message(&admin, &other).await;
    admin.patch(&format!("{}/status", path(&made)), json!({ "status": "disabled" })).await.expect(200);
    admin.delete(&path(&other)).await.expect(204);
    let _background = eventify_server::serve::background(&site.test.app, true);
    let log = log_until(&admin, &made, "failed", |d| d["status"] == "failed").await;
    assert!(text(&log["delivery"], "last_error").contains("disabled") && log["attempts"] == json!([]));
    receiver.expect(0).await;
    let list = admin.get("/webhooks/deliveries").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "the deleted endpoint's log is out of sight");
    // The next hour's sweep takes it away, and after a month the rest.
    site.test.clock.advance(time::Duration::hours(1));
    comes_to(&site, "select count(*) from webhook_endpoints", 1).await;
    assert_eq!(site.number("select count(*) from webhook_deliveries").await, 1);
    site.test.clock.advance(time::Duration::days(31));
    comes_to(&site, "select count(*) from webhook_deliveries", 0).await;
}

#[tokio::test]
async fn an_endpoint_that_hung_is_left_alone_for_a_while() {
    let site = open_site().await;
    let admin = site.admin().await;
    let receiver = Receiver::start().await;
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await["endpoint"].clone();
    let held = site.test.clock.now().0 + time::Duration::seconds(30);
    sqlx::query("update webhook_endpoints set held_until = $1").bind(held).execute(&site.test.pool).await.unwrap();
    let _background = eventify_server::serve::background(&site.test.app, true);
    test_message(&admin, &made).await;
    log_until(&admin, &made, "postponed", |d| d["next_attempt_at"].as_str() > d["created_at"].as_str()).await;
    receiver.expect(0).await;
    site.test.clock.advance(time::Duration::seconds(61));
    let log = delivered(&admin, &made).await;
    assert_eq!(log["attempts"].as_array().unwrap().len(), 1, "to wait is no attempt");
}

#[tokio::test]
async fn an_endpoint_that_asks_for_time_gets_it() {
    let site = open_site().await;
    let mut admin = site.admin().await;
    let receiver = Receiver::start().await;
    receiver.answer(&[(429, "")]);
    let made = endpoint(&admin, &receiver.url, &["partner.created"]).await["endpoint"].clone();
    let _background = eventify_server::serve::background(&site.test.app, true);
    test_message(&admin, &made).await;
    attempted(&admin, &made, 1).await;
    // It would have been its turn: the endpoint has asked for two minutes, and no attempt is made before them.
    site.test.clock.advance(time::Duration::seconds(7));
    let until = site.test.clock.now().0 + time::Duration::seconds(100);
    let until = eventify::kernel::timestamp::Timestamp(until).rfc3339();
    log_until(&admin, &made, "postponed", |d| d["next_attempt_at"].as_str() > Some(until.as_str())).await;
    receiver.expect(1).await;
    site.test.clock.advance(time::Duration::minutes(3));
    admin.sign_in().await;
    assert_eq!(delivered(&admin, &made).await["attempts"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_address_inside_is_not_called_though_it_stands_in_the_database() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let receiver = Receiver::start().await;
    let made = endpoint(&admin, "https://hooks.example.com/", &["partner.created"]).await["endpoint"].clone();
    let _background = eventify_server::serve::background(&site.test.app, true);
    let port = receiver.url.split(':').nth(2).unwrap();
    for (n, inside) in ["http://127.0.0.1", "https://127.0.0.1", "https://localhost"].iter().enumerate() {
        sqlx::query("update webhook_endpoints set url = $1")
            .bind(format!("{inside}:{port}"))
            .execute(&site.test.pool)
            .await
            .unwrap();
        test_message(&admin, &made).await;
        let log = attempted(&admin, &made, 1).await;
        let error = text(&log["attempts"][0], "error");
        assert!(error.contains("public internet") || error.contains("https://"), "{inside}: {error}");
        assert_eq!(site.number("select count(*) from webhook_attempts").await, n as i64 + 1);
    }
    receiver.expect(0).await;
}
