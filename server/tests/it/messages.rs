//! Every email and text message from the moment it is queued: where it stands, why, and sending it again.

use std::time::Duration;

use eventify::notify::mailbox;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixtures::open;
use crate::partners::text;
use crate::people::{PHONE, ask};
use crate::support::{Person, Site};
use crate::webhook_sending::comes_to;

/// The newest message to this address.
async fn message(admin: &Person, to: &str) -> Value {
    admin.rows(&format!("/admin/messages?to={}", to.replace('+', "%2B"))).await[0].clone()
}

/// A guest whose tickets are mailed; nothing else is.
async fn guest(site: &Site, admin: &Person, email: &str) {
    let (event, kinds) = open(site, admin, 20, &[("Free", None, 0)]).await;
    let db = &mut site.test.owner().await;
    for sql in ["delete from notification_queue", "delete from job_runs where job_type = 'mail.send'"] {
        sqlx::query(sql).execute(&mut *db).await.expect("mails of making the event");
    }
    let guest = json!({ "ticket_type_id": kinds[0]["id"], "name": "A guest", "email": email });
    admin.post(&format!("/events/{}/attendees", text(&event, "id")), guest).await.expect(201);
}

#[tokio::test]
async fn a_message_is_there_as_soon_as_what_it_speaks_of() {
    let site = Site::start().await;
    let admin = site.admin().await;
    guest(&site, &admin, "rehana@guests.test").await;
    ask(&site, PHONE).await;
    let queued = message(&admin, "Rehana@guests.test").await;
    assert_eq!((text(&queued, "kind"), text(&queued, "status")), ("tickets_issued", "queued"));
    assert_eq!((text(&queued, "recipient"), &queued["attempts"]), ("re•••@guests.test", &json!(0)));
    let code = message(&admin, PHONE).await;
    assert_eq!(
        (text(&code, "kind"), text(&code, "channel"), text(&code, "status")),
        ("one_time_code", "sms", "queued")
    );
    // What lets somebody in never stands behind the rest.
    let queues = "select count(*) from notification_queue m join job_runs j on j.id = m.job_id
                  where (m.kind, j.queue_name) in (('one_time_code', 'text'), ('tickets_issued', 'mail'))";
    assert_eq!(site.number(queues).await, 2);
    let kept = "select count(*) from notification_queue where notification_queue::text ilike '%rehana@%'";
    assert_eq!(site.number(kept).await, 0, "no whole address is kept");
    let _background = eventify_server::serve::background(&site.test.app, true);
    comes_to(&site, "select count(*) from notification_queue where status = 'sent' and attempts = 1", 2).await;
    assert_eq!(site.number("select count(*) from notification_queue").await, 2);
    // What is refused leaves nothing behind.
    let again = json!({ "ticket_type_id": eventify::kernel::clock::new_uuid(), "name": "B", "email": "b@guests.test" });
    let (event, _) = open(&site, &admin, 20, &[("Free", None, 0)]).await;
    admin.post(&format!("/events/{}/attendees", text(&event, "id")), again).await.refused(422, "invalid_input");
    assert_eq!(admin.rows("/admin/messages?to=b@guests.test").await, json!([]));
}

#[tokio::test]
async fn a_failed_message_says_why_and_is_sent_again_by_who_may() {
    let site = Site::start().await;
    let admin = site.admin().await;
    guest(&site, &admin, "rehana@guests.test").await;
    let db = &mut site.test.owner().await;
    let to = |to: &'static str| {
        sqlx::query(
            "update job_runs set payload = jsonb_set(payload, '{to}', to_jsonb($1::text)) where job_type = 'mail.send'",
        )
        .bind(to)
    };
    to("nobody").execute(&mut *db).await.expect("a job");
    let _background = eventify_server::serve::background(&site.test.app, true);
    comes_to(&site, "select count(*) from notification_queue where status = 'failed' and reason <> ''", 1).await;
    let failed = message(&admin, "rehana@guests.test").await;
    let path = format!("/admin/messages/{}", text(&failed, "id"));
    let detail = admin.get(&path).await.expect(200);
    assert_eq!((&detail["message"], text(&detail["deliveries"][0], "outcome")), (&failed, "failed"));
    assert_eq!(failed["can_retry"], true);
    let auditor = site.person("auditor@example.com", "auditor").await;
    auditor.get(&path).await.refused(403, "forbidden");
    auditor.post(&format!("{path}/retry"), json!({})).await.refused(403, "forbidden");
    to("rehana@guests.test").execute(&mut *db).await.expect("a job");
    // Two at once: one sends it, to the other it is on its way.
    let again = format!("{path}/retry");
    let retry = || admin.post(&again, json!({}));
    let (one, other) = tokio::join!(retry(), retry());
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", one.body, other.body);
    comes_to(&site, "select count(*) from notification_queue where status = 'sent'", 1).await;
    let said = "select count(*) from audit_logs where action = 'message.retried'";
    assert_eq!(site.number(said).await, 1);
    retry().await.refused(409, "invalid_transition");
    assert_eq!(mailbox::list(&site.test).await.expect("mails").len(), 1);
    let unknown = format!("/admin/messages/{}", eventify::kernel::clock::new_uuid());
    admin.post(&format!("{unknown}/retry"), json!({})).await.refused(404, "not_found");
    // What one says is kept for a while only; that it was there is kept longer.
    for old in ["update notification_queue set status = 'failed'", "delete from job_runs where job_type = 'mail.send'"]
    {
        sqlx::query(old).execute(&mut *db).await.expect("a month later");
    }
    assert_eq!(admin.get(&path).await.expect(200)["message"]["can_retry"], false);
    let late = retry().await;
    late.refused(409, "invalid_transition");
    assert!(late.body["detail"].as_str().is_some_and(|why| why.contains("30 days")), "{}", late.body);
}

/// One of two workers is lost between sending and noting it: the other sends again, the mail has the name it had, so a
/// mailbox knows it, and it is one message.
#[tokio::test]
async fn a_worker_that_is_lost_loses_no_message_and_shows_none_twice() {
    let site = Site::start().await;
    let admin = site.admin().await;
    guest(&site, &admin, "rehana@guests.test").await;
    let (other, _) = site.another().await;
    let _both = [&site.test.app, &other].map(|app| eventify_server::serve::background(app, true));
    comes_to(&site, "select count(*) from notification_queue where status = 'sent'", 1).await;
    // As it stands where the note of the first was never made, and its lease has run out.
    sqlx::query(
        "update job_runs set status = 'running', finished_at = null, leased_by = 'lost',
                leased_until = now() - interval '1 second' where job_type = 'mail.send'",
    )
    .execute(&mut site.test.owner().await)
    .await
    .expect("a job");
    let stands = "select count(*) from notification_queue where status = 'sending'";
    assert_eq!(site.number(stands).await, 1);
    let reclaimed = tokio::join!(eventify::ops::worker::reclaim(&site.test), eventify::ops::worker::reclaim(&other));
    assert!(reclaimed.0.expect("looked") + reclaimed.1.expect("looked") <= 1, "one of them takes it");
    comes_to(&site, "select count(*) from notification_queue where status = 'sent' and attempts = 2", 1).await;
    assert_eq!(site.number("select count(*) from notification_queue").await, 1);
    let mails = mailbox::list(&site.test).await.expect("mails");
    let names: std::collections::BTreeSet<_> =
        mails.iter().map(|mail| mail.name.split_once('-').map(|(_, id)| id)).collect();
    assert_eq!(names.len(), 1, "{mails:?}");

    // Lost at the last attempt, it has failed, and says so.
    sqlx::query(
        "update job_runs set status = 'running', attempts = max_attempts, leased_by = 'lost',
                leased_until = now() - interval '1 second' where job_type = 'mail.send'",
    )
    .execute(&mut site.test.owner().await)
    .await
    .expect("a job");
    eventify::ops::worker::reclaim(&site.test).await.expect("looked");
    let failed = "select count(*) from notification_queue where status = 'failed' and reason like '%vanished%'";
    comes_to(&site, failed, 1).await;
}

#[tokio::test]
async fn a_part_of_an_address_is_refused_beside_its_field_with_the_list_as_it_was() {
    let site = Site::start().await;
    let admin = site.admin().await;
    guest(&site, &admin, "rehana@guests.test").await;
    admin.get("/admin/messages?to=rehana").await.refused(422, "invalid_input");
    let mut browser = Browser::of_staff(&site, &admin);
    let page = browser.get("/sent-messages?to=rehana").await.is(200, "/sent-messages?to=rehana");
    page.says(&["must be a whole email address", "aria-invalid=\"true\"", "value=\"rehana\"", "re•••@guests.test"]);
    let found = browser.get("/sent-messages?to=rehana@guests.test").await;
    let id = text(&message(&admin, "rehana@guests.test").await, "id").to_owned();
    found.says(&["Tickets", "Queued", &format!("/sent-messages/{id}")]).hides(&["aria-invalid=\"true\""]);
    browser.get(&format!("/sent-messages/{id}")).await.says(&[
        "No attempts yet",
        "re•••@guests.test",
        "A guest",
        "Your ticket for",
    ]);
}

/// A message that an older version queued has no row; it has one as soon as it is tried.
#[tokio::test]
async fn what_an_older_version_queued_is_kept_from_its_first_attempt_on() {
    let site = Site::start().await;
    let admin = site.admin().await;
    guest(&site, &admin, "rehana@guests.test").await;
    sqlx::query("delete from notification_queue").execute(&mut site.test.owner().await).await.expect("gone");
    let _background = eventify_server::serve::background(&site.test.app, true);
    comes_to(&site, "select count(*) from notification_queue where status = 'sent' and attempts = 1", 1).await;
    let sent = tokio::time::timeout(Duration::from_secs(5), message(&admin, "rehana@guests.test")).await.expect("one");
    assert_eq!((text(&sent, "kind"), text(&sent, "recipient")), ("tickets_issued", "re•••@guests.test"));
}
