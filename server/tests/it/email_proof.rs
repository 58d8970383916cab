//! An end user's email address: nothing is trusted to it before a link that was mailed there came back.

use eventify::kernel::context::Db as _;
use eventify::people::EndUserId;
use serde_json::{Value, json};
use time::Duration;

use crate::access::{link, work};
use crate::fixtures::{make_guests, open, reserve};
use crate::partners::text;
use crate::people::{PHONE, end_user};
use crate::support::{Answer, Person, Site};

async fn give(person: &Person, email: Value) -> Value {
    let version = person.get("/me").await.expect(200)["version"].clone();
    person.patch("/me", json!({ "name": "Asha Rao", "email": email, "version": version })).await.expect(200)
}

async fn confirm(site: &Site, token: &str) -> Answer {
    site.anonymous().post("/auth/email-verification/confirm", json!({ "token": token })).await
}

/// What the newest mail to this address says.
async fn mailed(site: &Site, to: &str) -> String {
    work(site).await;
    let mails = eventify::notify::mailbox::list(&site.test).await.expect("the mailbox");
    mails
        .into_iter()
        .filter(|mail| mail.to == to && mail.subject.contains("Your ticket"))
        .map(|mail| mail.text)
        .next()
        .expect("a mail")
}

#[tokio::test]
async fn tickets_are_mailed_to_an_address_that_has_proven_to_be_the_guests() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let guest = end_user(&site, PHONE).await;
    let me = give(&guest, json!("typo@example.com")).await;
    assert_eq!((&me["email_verified"], me["email_link_expires_at"].is_string()), (&json!(false), true));
    let typo = link(&site, "email_verification").await;

    // Another address: the link to the one before proves nothing any more.
    give(&guest, json!("asha@example.com")).await;
    confirm(&site, &typo).await.refused(410, "link_invalid");
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    reserve(&guest, &event, &kinds[0], 1).await.expect(201);
    let mail = mailed(&site, "asha@example.com").await;
    assert!(mail.contains("/my") && !mail.contains("/t/"), "{mail}");

    // The link says what it confirms, works once, and needs no session.
    let token = link(&site, "email_verification").await;
    let path = format!("/auth/email-verification?token={token}");
    let asked = site.anonymous().get(&path).await.expect(200);
    assert_eq!((text(&asked, "email"), text(&asked, "phone_ends")), ("asha@example.com", &PHONE[PHONE.len() - 2..]));
    confirm(&site, &token).await.expect(204);
    confirm(&site, &token).await.refused(410, "link_invalid");
    site.anonymous().get(&path).await.refused(410, "link_invalid");
    let me = guest.get("/me").await.expect(200);
    assert_eq!((&me["email_verified"], &me["email_link_expires_at"]), (&json!(true), &Value::Null));
    let seen = admin.get(&format!("/users/{}", guest.id)).await.expect(200);
    assert_eq!(seen["user"]["email_verified"], true);
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    reserve(&guest, &event, &kinds[0], 1).await.expect(201);
    let mails =
        "select count(*) from job_runs where payload::text like '%\"account\": false%' and job_type = 'mail.send'";
    assert_eq!(site.number(mails).await, 1, "the second mail opens the tickets, the first does not");

    // What an older process writes proves nothing either; and a link of another kind opens nothing.
    sqlx::query("update end_users set email = 'older@example.com'").execute(&site.test.pool).await.unwrap();
    assert_eq!(guest.get("/me").await.expect(200)["email_verified"], false);
    let reset = json!({ "email": admin.email });
    site.anonymous().post("/auth/password/forgot", reset).await.expect(204);
    work(&site).await;
    confirm(&site, &link(&site, "password_reset").await).await.refused(410, "link_invalid");
}

#[tokio::test]
async fn so_many_links_are_mailed_and_no_more() {
    let site = Site::start().await;
    let guest = end_user(&site, PHONE).await;
    let again = || guest.post("/me/email/verification", json!({}));
    again().await.refused(409, "invalid_transition");
    give(&guest, json!("asha@example.com")).await;
    for _ in 0..4 {
        again().await.expect(204);
    }
    let refused = again().await;
    refused.refused(429, "rate_limited");
    assert!(refused.headers.contains_key("retry-after"));
    // A change is saved all the same, and does not say that a link was sent.
    assert_eq!(give(&guest, json!("other@example.com")).await["email_link_expires_at"], Value::Null);
    site.test.clock.advance(Duration::hours(1));
    let guest = end_user(&site, PHONE).await;
    guest.post("/me/email/verification", json!({})).await.expect(204);
    site.test.clock.advance(Duration::hours(25));
    let guest = end_user(&site, PHONE).await;
    confirm(&site, &link(&site, "email_verification").await).await.refused(410, "link_invalid");
    guest.post("/me/email/verification", json!({})).await.expect(204);
    confirm(&site, &link(&site, "email_verification").await).await.expect(204);
    guest.post("/me/email/verification", json!({})).await.refused(409, "invalid_transition");
}

#[tokio::test]
async fn an_erasure_takes_nothing_of_whose_address_was_typed_and_reads_no_whole_table() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let people = make_guests(&site, 2).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let comp = json!({ "ticket_type_id": kinds[0]["id"], "email": "victim@example.com", "name": "Vic" });
    admin.post(&format!("/events/{}/attendees", text(&event, "id")), comp).await.expect(201);
    give(&people[0], json!("victim@example.com")).await;
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);

    let mut tx = site.test.tx().await;
    sqlx::query("set local enable_seqscan = off").execute(tx.conn()).await.unwrap();
    let scans = "select coalesce(string_agg(relname, ' ' order by relname), '') from pg_stat_xact_user_tables
                 where seq_scan > 0 and relname in ('job_runs', 'idempotency_keys', 'rate_counters', 'event_attendees',
                     'tickets', 'event_requests', 'event_invites', 'capacity_reservations', 'waiting_list_entries',
                     'audit_values', 'user_activity_logs', 'end_user_sessions', 'auth_tokens', 'stored_files')";
    let user = EndUserId(people[0].id.parse().expect("an id"));
    eventify::people::erasure::run(&mut tx, user).await.expect("is erased");
    let read: String = sqlx::query_scalar(scans).fetch_one(tx.conn()).await.unwrap();
    assert_eq!(read, "", "these were read from end to end");
    tx.commit().await.expect("commits");
    let named = "select count(*) from event_attendees where guest_email = 'victim@example.com' and guest_name = 'Vic'";
    assert_eq!(site.number(named).await, 1);
    let queued = "select count(*) from job_runs where payload::text like '%victim@example.com%' and status = 'queued'";
    assert_eq!(site.number(queued).await, 0);
}
