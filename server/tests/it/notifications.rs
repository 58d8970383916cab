//! What people are told inside Eventify: whom it concerns, once, and nobody else.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::finance::{buy, say_refund};
use crate::finance_payouts::{PAYS, joined, page, payable};
use crate::fixtures::{make_guests, open, reserve};
use crate::partners::text;
use crate::support::{Person, Site};
use crate::webhook_sending::comes_to;

/// Lets the consumer of notifications hear everything from the beginning on, until what it answers is dropped.
pub async fn listen(site: &Site) -> impl Sized + use<> {
    // Known: one that is seen for the first time begins with what comes next.
    sqlx::query("insert into bus_consumers (name) values ('notifications') on conflict do nothing")
        .execute(&site.test.pool)
        .await
        .expect("a consumer");
    eventify_server::serve::background(&site.test.app, true)
}

/// Waits until everything that happened so far was told.
pub async fn told(site: &Site) {
    comes_to(site, "select count(*) from outbox_events where published_seq is null", 0).await;
    let behind = "select count(*) from bus_consumers where name = 'notifications'
                  and position < (select max(published_seq) from outbox_events)";
    comes_to(site, behind, 0).await;
}

async fn list(person: &Person, query: &str) -> Vec<Value> {
    person.rows(&format!("/notifications{query}")).await.as_array().expect("rows").clone()
}

pub async fn titles(person: &Person) -> Vec<String> {
    list(person, "").await.iter().map(|one| text(one, "title").to_owned()).collect()
}

async fn unread(person: &Person) -> i64 {
    person.get("/notifications/unread").await.expect(200)["unread"].as_i64().expect("a number")
}

#[tokio::test]
async fn a_dispute_is_told_to_those_who_may_see_to_it_and_to_nobody_else() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let finance = site.person("finance@example.com", "finance").await;
    let auditor = site.person("auditor@example.com", "auditor").await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 100_000)]).await;
    let people = make_guests(&site, 1).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 1).await;
    let by_hand = json!({ "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
    let path = format!("/payments/{}/disputes", text(&paid["payment"], "id"));
    let dispute = admin.post(&path, by_hand).await.expect(201);
    told(&site).await;
    let rows = list(&finance, "").await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((text(&rows[0], "type"), text(&rows[0], "severity")), ("dispute_opened", "critical"));
    assert_eq!(text(&rows[0], "title"), "A guest disputes ₹1,000");
    assert_eq!(text(&rows[0], "href"), format!("/disputes/{}", text(&dispute, "id")));
    assert_eq!((text(&rows[0], "event"), &rows[0]["due_at"]), (text(&event, "title"), &dispute["due_at"]));
    assert_eq!((unread(&finance).await, unread(&auditor).await), (1, 0));
    // What comes again is told once.
    sqlx::query("update bus_consumers set position = 0 where name = 'notifications'")
        .execute(&site.test.pool)
        .await
        .expect("back");
    told(&site).await;
    assert_eq!(unread(&finance).await, 1);
    // Nobody reads for somebody else, and what is read stays in the list.
    let one = json!({ "ids": [rows[0]["id"]] });
    assert_eq!(auditor.post("/notifications/read", one.clone()).await.expect(200)["unread"], 0);
    assert_eq!(unread(&finance).await, 1);
    assert_eq!(finance.post("/notifications/read", one).await.expect(200)["unread"], 0);
    assert_eq!(list(&finance, "?unread=true").await.len(), 0);
    assert_eq!(list(&finance, "").await[0]["is_read"], true);
    // It is open until somebody has seen to it.
    assert_eq!((list(&finance, "?open=true").await.len(), list(&finance, "?open=false").await.len()), (1, 0));
    let shown = page(&finance, "/notifications").await;
    for words in ["Urgent", "Add evidence: A guest disputes"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // Once the bank has decided, it says how.
    let lost = json!({ "outcome": "lost", "note": "The bank wrote to us" });
    admin.post(&format!("/disputes/{}/decide", text(&dispute, "id")), lost).await.expect(200);
    told(&site).await;
    let rows = list(&finance, "").await;
    assert_eq!((text(&rows[0], "title"), text(&rows[0], "outcome")), ("Dispute lost: ₹1,000", "lost"));
    let shown = page(&finance, "/notifications").await;
    for words in ["Dispute lost: ₹1,000", "The bank gave the money back to the guest."] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    finance.post("/notifications/read", json!({ "ids": [] })).await.refused(422, "invalid_input");
    site.anonymous().get("/notifications").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn what_waits_is_told_to_who_may_see_to_it_and_not_to_who_brought_it_about() {
    let site = Site::start_with(PAYS).await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let other = site.person("second@example.com", "super_admin").await;
    let people = make_guests(&site, 3).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 2).await;
    let path = format!("/payments/{}/refund", text(&paid["payment"], "id"));
    let refund = admin.post(&path, json!({ "amount_minor": 20_000, "reason": "Rain" })).await.expect(201);
    say_refund(&site, &paid, &refund, "refund.processed").await;
    let partner = admin.get(&format!("/partners/{}", text(&event, "organizer_partner_id"))).await.expect(200);
    payable(&admin, &other, &partner, "50100234567890").await;
    joined(&site, text(&partner, "id")).await;
    admin.post("/financials/payouts", json!({})).await.expect(201);
    let (few, one) = open(&site, &admin, 5, &[("Few", Some(1), 0)]).await;
    reserve(&people[1], &few, &one[0], 1).await.expect(201);
    let line = format!("/events/{}/waiting-list", text(&few, "id"));
    let waits = people[2].post(&line, json!({ "ticket_type_id": one[0]["id"] })).await.expect(201);
    admin.post(&format!("/waiting-list/{}/offer", text(&waits, "id")), Value::Null).await.expect(200);
    told(&site).await;

    let (own, others) = (titles(&admin).await, titles(&other).await);
    let documents = others.iter().filter(|title| title.ends_with("uploaded a document")).count();
    let approvals = others.iter().filter(|title| title.ends_with("need approval")).count();
    assert_eq!((documents, approvals), (3, 1), "{others:?}");
    assert!(own.is_empty(), "told of their own doing: {own:?}");
    let of = text(&event, "title");
    // The bank has confirmed what they paid. Who books free seats needs no word of it.
    assert_eq!(titles(&people[0]).await, [format!("₹200 for {of} was refunded"), format!("You’re in: {of}")]);
    assert!(titles(&people[1]).await.is_empty());
    assert_eq!(titles(&people[2]).await, [format!("A seat at {} is yours to take", text(&few, "title"))]);
}

#[tokio::test]
async fn guests_are_told_of_what_is_theirs_and_their_data_goes_with_them() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 5, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 3).await;
    let path = format!("/events/{}", text(&event, "id"));
    let invite = json!({ "invite_type": "direct", "invited_user_id": people[0].id, "message": "Do come" });
    admin.post(&format!("{path}/invites"), invite).await.expect(201);
    let asked = people[1].post(&format!("{path}/requests"), json!({ "ticket_type_id": kinds[0]["id"] })).await;
    let asked = asked.expect(201);
    told(&site).await;
    let title = text(&event, "title");
    assert_eq!(titles(&people[0]).await, [format!("You’re invited to {title}")]);
    assert_eq!(list(&people[0], "").await[0]["message"], "Do come");
    assert!(titles(&admin).await.iter().any(|one| one.contains("requests 1 seat at")), "{:?}", titles(&admin).await);
    let answer = json!({ "status": "accepted" });
    admin.patch(&format!("/requests/{}", text(&asked, "id")), answer).await.expect(200);
    reserve(&people[2], &event, &kinds[0], 1).await.expect(201);
    told(&site).await;
    assert_eq!(titles(&people[1]).await, [format!("You’re in: {title}")]);
    admin.post(&format!("{path}/cancel"), json!({ "reason": "The roof leaks" })).await.expect(200);
    told(&site).await;
    for going in [&people[1], &people[2]] {
        assert_eq!(titles(going).await[0], format!("{title} was cancelled"));
    }
    assert_eq!(unread(&people[1]).await, 2);
    assert_eq!(people[1].post("/notifications/read", json!({})).await.expect(200)["unread"], 0);

    // What they were told is part of their data, and goes when they do; so does what others were told of them.
    let export: Value = people[1].post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    admin.post(&format!("/privacy/requests/{}/run", text(&export, "id")), json!({})).await.expect(200);
    let left = format!("select count(*) from notifications where recipient_id = '{}'", people[1].id);
    assert_eq!(site.number(Box::leak(left.into_boxed_str())).await, 0);
    assert!(!titles(&admin).await.iter().any(|one| one.contains("requests 1 seat at")), "the name of who asked");
}

/// What each person chooses holds for them alone: what is muted is neither listed nor counted, and what comes by email
/// waits for the end of the quiet hours, unless it was read by then.
#[tokio::test]
async fn people_choose_how_they_are_told() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let finance = site.person("finance@example.com", "finance").await;
    let other = site.person("other@example.com", "finance").await;
    let now = finance.get("/notifications/settings").await.expect(200);
    let kinds = now["kinds"].as_array().expect("kinds");
    let of = |kind: &str| kinds.iter().find(|one| one["kind"] == kind).cloned().unwrap_or_default();
    assert_eq!((&of("dispute_opened")["in_app"], &of("dispute_opened")["email"]), (&json!(true), &json!(true)));
    assert_eq!(of("document_uploaded"), json!(null), "who reviews nothing is told of no documents");
    // The site's clock shows 09:00 in UTC, which is 14:30 in Kolkata.
    let quiet = json!({ "in_app": [], "email": ["dispute_opened"], "quiet_from": "14:00", "quiet_until": "07:30",
                        "quiet_timezone": "Asia/Kolkata" });
    let set = finance.put("/notifications/settings", quiet).await.expect(200);
    assert_eq!(set["quiet"], json!({ "from": "14:00", "until": "07:30", "timezone": "Asia/Kolkata" }));
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 100_000)]).await;
    let people = make_guests(&site, 2).await;
    let mut disputes = Vec::new();
    for guest in &people {
        let paid = buy(&site, guest, &event, &kinds[0], 1).await;
        let by_hand = json!({ "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
        let path = format!("/payments/{}/disputes", text(&paid["payment"], "id"));
        disputes.push(admin.post(&path, by_hand).await.expect(201));
    }
    told(&site).await;
    assert_eq!((list(&finance, "").await.len(), unread(&finance).await), (0, 0), "muted");
    assert_eq!((list(&other, "").await.len(), unread(&other).await), (2, 2));
    let due = "select count(*) from notification_queue q join notifications n on n.id = q.notification_id
               join admin_users u on u.id = n.recipient_id
               where u.email = 'finance@example.com' and not_before = '2026-11-26 07:30 Asia/Kolkata'
                     and q.status = 'queued' and q.reason = 'Quiet hours.' and q.kind = 'dispute_opened'";
    assert_eq!(site.number(due).await, 2);
    // The others get theirs at once.
    comes_to(&site, "select count(*) from delivery_logs where kind = 'dispute_opened' and outcome = 'sent'", 2).await;
    // One is settled before the night is over: it need not be read any more, and no email says so.
    admin
        .post(&format!("/disputes/{}/decide", text(&disputes[0], "id")), json!({ "outcome": "won", "note": "Ours" }))
        .await
        .expect(200);
    told(&site).await;
    assert_eq!(unread(&other).await, 1);
    // What cannot be chosen is refused in words.
    let wrong = json!({ "in_app": ["everything"], "quiet_from": "25:00" });
    finance.put("/notifications/settings", wrong).await.refused(422, "invalid_input");
    let half = json!({ "in_app": [], "quiet_from": "22:00" });
    let answer = finance.put("/notifications/settings", half).await;
    answer.refused(422, "invalid_input");
    assert!(answer.body["errors"]["quiet_until"][0].is_string(), "{}", answer.body);
    // What is somebody else's to be told, or by no clock, is named.
    for (field, wrong) in [
        ("in_app", json!({ "in_app": ["refund_sent"] })),
        ("email", json!({ "in_app": [], "email": ["document_uploaded"] })),
        ("push", json!({ "in_app": [], "push": ["document_uploaded"] })),
        ("quiet_timezone", json!({ "in_app": [], "quiet_timezone": "Mars/Olympus" })),
    ] {
        let answer = finance.put("/notifications/settings", wrong).await;
        answer.refused(422, "invalid_input");
        assert!(answer.body["errors"][field][0].is_string(), "{field}: {}", answer.body);
    }
    let kept = finance.get("/notifications/settings").await.expect(200);
    assert_eq!(kept["quiet"]["from"], "14:00", "what is refused changes nothing");
    let guest = people[0].get("/notifications/settings").await.expect(200);
    assert!(guest["kinds"].as_array().expect("kinds").iter().all(|kind| kind["email"].is_null()), "{guest}");
    let over = time::macros::datetime!(2026-11-26 02:00 UTC);
    site.test.clock.set(eventify::kernel::timestamp::Timestamp(over));
    comes_to(&site, "select count(*) from notification_queue where status = 'skipped'", 1).await;
    comes_to(&site, "select count(*) from delivery_logs where kind = 'dispute_opened' and outcome = 'sent'", 3).await;
}

/// Quiet hours end an hour later; until then one lost the role, one turned it off, and one wants to be left alone longer.
#[tokio::test]
async fn what_is_due_later_asks_again_who_wants_and_may_have_it() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 100_000)]).await;
    let quiet = json!({ "in_app": ["dispute_opened"], "email": ["dispute_opened"], "quiet_from": "08:00",
                        "quiet_until": "10:00", "quiet_timezone": "UTC" });
    let mut team = Vec::new();
    for name in ["stays", "left", "off", "later"] {
        let person = site.person(&format!("{name}@example.com"), "finance").await;
        person.put("/notifications/settings", quiet.clone()).await.expect(200);
        team.push(person);
    }
    let guests = make_guests(&site, 1).await;
    let paid = buy(&site, &guests[0], &event, &kinds[0], 1).await;
    let by_hand = json!({ "reason": "A letter came", "due_at": "2026-12-24T12:00:00Z" });
    admin.post(&format!("/payments/{}/disputes", text(&paid["payment"], "id")), by_hand).await.expect(201);
    told(&site).await;
    for person in &team {
        assert_eq!((list(person, "").await.len(), unread(person).await), (1, 1));
    }
    let revoked = "update user_role_assignments set revoked_at = $1
                   where user_id = (select id from admin_users where email = 'left@example.com')";
    sqlx::query(revoked).bind(site.test.clock.now().0).execute(&site.test.pool).await.expect("revoked");
    team[2].put("/notifications/settings", json!({ "in_app": ["dispute_opened"], "email": [] })).await.expect(200);
    let longer = json!({ "in_app": ["dispute_opened"], "email": ["dispute_opened"], "quiet_from": "08:00",
                         "quiet_until": "12:00", "quiet_timezone": "UTC" });
    team[3].put("/notifications/settings", longer).await.expect(200);
    assert_eq!((list(&team[1], "").await.len(), unread(&team[1]).await), (0, 0), "not theirs any more");
    site.test.clock.advance(time::Duration::minutes(61));
    let ended = "select count(*) from notification_queue q join notifications n on n.id = q.notification_id
                 join admin_users u on u.id = n.recipient_id
                 where q.kind = 'dispute_opened'
                       and (u.email, q.status) in (('stays@example.com', 'sent'), ('left@example.com', 'skipped'),
                                                   ('off@example.com', 'skipped'))";
    comes_to(&site, ended, 3).await;
    let waits = "select count(*) from job_runs where job_type = 'notifications.mail' and status = 'retry'
                 and run_at = '2026-11-25 12:00Z' and attempts = 0";
    comes_to(&site, waits, 1).await;
    site.test.clock.advance(time::Duration::hours(2));
    let later = "select count(*) from notification_queue q join notifications n on n.id = q.notification_id
                 join admin_users u on u.id = n.recipient_id
                 where q.kind = 'dispute_opened' and u.email = 'later@example.com' and q.status = 'sent'";
    comes_to(&site, later, 1).await;
    // A role that asks for a second factor shows nothing before there is one.
    team[0].sign_in().await;
    sqlx::query("update roles set requires_2fa = true where code = 'finance'")
        .execute(&site.test.pool)
        .await
        .expect("a stricter role");
    assert_eq!((list(&team[0], "").await.len(), unread(&team[0]).await), (0, 0));
}

/// Whoever gave their seats back before an event moves is not told that it does.
#[tokio::test]
async fn only_who_comes_is_told_that_an_event_moves_or_is_cancelled() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 5, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 2).await;
    let mut taken = Vec::new();
    for person in &people {
        taken.push(reserve(person, &event, &kinds[0], 1).await.expect(201));
    }
    let path = format!("/events/{}", text(&event, "id"));
    let gone = format!("/attendees/{}/cancel", text(&taken[1], "attendee_id"));
    admin.post(&gone, json!({ "reason": "They asked" })).await.expect(200);
    // Later than what was given back.
    site.test.clock.advance(time::Duration::minutes(1));
    admin.post(&format!("{path}/cancel"), json!({ "reason": "The roof leaks" })).await.expect(200);
    told(&site).await;
    assert_eq!(titles(&people[0]).await, [format!("{} was cancelled", text(&event, "title"))]);
    assert_eq!(titles(&people[1]).await, Vec::<String>::new());
}

/// Guests read it as plain HTML: the count in every page's frame, the list, and how they want to be told.
#[tokio::test]
async fn a_guest_reads_what_they_were_told_and_chooses_how() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let people = make_guests(&site, 2).await;
    let (event, kinds) = open(&site, &admin, 5, &[("Standard", None, 0)]).await;
    let mut guest = Browser::of(&site, &people[1]);
    guest.get("/my/notifications").await.is(200, "/my/notifications").says(&["No notifications yet", "Settings"]);
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let tickets = people[0].rows("/tickets").await;
    let to = json!({ "user_id": people[1].id });
    let path = format!("/tickets/{}/transfer", text(&tickets[0], "id"));
    people[0].post(&path, to).await.expect(200);
    admin
        .post(&format!("/events/{}/cancel", text(&event, "id")), json!({ "reason": "The roof leaks" }))
        .await
        .expect(200);
    told(&site).await;
    let title = text(&event, "title");
    let given = format!("You’re given a ticket for {title}");
    assert_eq!(titles(&people[1]).await, [format!("{title} was cancelled"), given.clone()]);
    guest.get("/my").await.says(&["Notifications, 2 unread"]);
    let page = guest.get("/my/notifications").await.says(&[&given, "Important", "New", "Mark all as read"]);
    // Whoever follows one has read it.
    let ways: Vec<String> = page
        .text
        .split("action=\"/my/notifications/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|way| way.contains("?to="))
        .map(|way| format!("/my/notifications/{}", way.replace("&amp;", "&")))
        .collect();
    let [cancelled, _] = &ways[..] else { panic!("{ways:?}") };
    assert_eq!(guest.get(cancelled).await.status, 405, "looking changes nothing");
    guest.get("/my/notifications?unread=maybe&saved=7").await.says(&["Notifications, 2 unread"]);
    guest.post(cancelled, &[]).await.says(&["Notifications, 1 unread"]);
    guest.get("/my/notifications?unread=true").await.says(&[&given]).hides(&["was cancelled"]);
    guest.post("/my/notifications/read", &[]).await.is(200, "/my/notifications").hides(&["Mark all as read"]);
    assert_eq!(unread(&people[1]).await, 0);
    // What is wrong stands at its field, with what was typed; a zone that is none is to be chosen anew.
    let form = [("in_app", "refund_sent"), ("quiet_from", "22:00"), ("quiet_timezone", "Mars/Olympus")];
    guest.post("/my/notifications", &form).await.is(422, "/my/notifications").says(&[
        "value=\"22:00\"",
        "<option value=\"\">Choose",
        "is required",
    ]);
    let form = [
        ("in_app", "refund_sent"),
        ("quiet_from", "22:00"),
        ("quiet_until", "07:00"),
        ("quiet_timezone", "Asia/Kolkata"),
    ];
    guest.post("/my/notifications", &form).await.is(200, "/my/notifications?tab=settings&saved=true").says(&["Saved."]);
    let settings = people[1].get("/notifications/settings").await.expect(200);
    assert_eq!(settings["quiet"], json!({ "from": "22:00", "until": "07:00", "timezone": "Asia/Kolkata" }));
    for kind in settings["kinds"].as_array().expect("kinds") {
        assert_eq!((&kind["in_app"], &kind["push"]), (&json!(kind["kind"] == "refund_sent"), &json!(false)), "{kind}");
    }
    Browser::new(&site).get("/my/notifications").await.says(&["Sign in"]);
    let stranger = Browser::of(&site, &people[0]).post(cancelled, &[]).await;
    assert_eq!(stranger.status, 200, "others' are left as they are");
}

/// Whoever asks why something did not arrive is answered by its log, of which an address is no part.
#[tokio::test]
async fn every_attempt_at_a_message_is_kept_and_found_by_the_whole_address() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Free", None, 0)]).await;
    let path = format!("/events/{}/attendees", text(&event, "id"));
    for guest in ["rehana@guests.test", "kavya@guests.test"] {
        let guest = json!({ "ticket_type_id": kinds[0]["id"], "name": "A guest", "email": guest });
        admin.post(&path, guest).await.expect(201);
    }
    comes_to(&site, "select count(*) from delivery_logs where kind = 'tickets_issued' and outcome = 'sent'", 2).await;
    let found = admin.rows("/admin/deliveries?to=Rehana@guests.test").await;
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!((&found[0]["recipient"], &found[0]["channel"]), (&json!("re•••@guests.test"), &json!("email")));
    let all = admin.rows("/admin/deliveries?kind=tickets_issued&outcome=sent").await;
    assert_eq!(all.as_array().map(Vec::len), Some(2), "{all}");
    let heard =
        "select count(*) from outbox_events where type = 'notification.sent' and payload->>'kind' = 'tickets_issued'";
    assert_eq!(site.number(heard).await, 2);
    let kept = "select count(*) from delivery_logs where delivery_logs::text ilike '%rehana@%'";
    assert_eq!(site.number(kept).await, 0, "no whole address is kept");
    admin.get("/admin/deliveries?to=rehana").await.refused(422, "invalid_input");
    site.person("auditor@example.com", "auditor").await.get("/admin/deliveries").await.refused(403, "forbidden");
    // What can never be sent is given up, and says why.
    let never = "update job_runs set payload = jsonb_set(payload, '{to}', '\"nobody\"'), status = 'queued', run_at = created_at - interval '9 days',
                 leased_by = null, attempts = 0 where job_type = 'mail.send' and id in (select job_id from delivery_logs limit 1)";
    sqlx::query(never).execute(&mut site.test.owner().await).await.expect("a job");
    comes_to(&site, "select count(*) from delivery_logs where outcome = 'failed' and reason <> ''", 1).await;
    let failed = "select count(*) from outbox_events where type = 'notification.failed'";
    assert_eq!(site.number(failed).await, 1);
}

#[tokio::test]
async fn what_is_open_comes_first_and_what_is_alike_is_one_line() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 5, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 3).await;
    let path = format!("/events/{}/requests", text(&event, "id"));
    let mut asked = Vec::new();
    for person in &people {
        asked.push(person.post(&path, json!({ "ticket_type_id": kinds[0]["id"] })).await.expect(201));
    }
    told(&site).await;
    assert_eq!(list(&admin, "?open=true").await.len(), 3);
    let shown = page(&admin, "/notifications").await;
    let line = format!("3 requests to join · {}", text(&event, "title"));
    for words in [line.as_str(), "Answer", "<details class=\"told\">"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    // What is answered is not open any more, and stands with the rest.
    let answer = json!({ "status": "accepted" });
    admin.patch(&format!("/requests/{}", text(&asked[0], "id")), answer).await.expect(200);
    told(&site).await;
    assert_eq!((list(&admin, "?open=true").await.len(), list(&admin, "?open=false").await.len()), (2, 1));
    let shown = page(&admin, "/notifications").await;
    assert!(shown.contains("2 requests to join") && shown.contains("Done"), "{shown}");
}
