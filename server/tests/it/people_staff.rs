//! End users as staff see them: lists, bans and their races, privacy requests, the demo.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::finance_payouts::page;
use crate::fixtures::{open, reserve};
use crate::partners::text;
use crate::people::{PHONE, ask, end_user, verify};
use crate::support::{Person, Site};

fn names(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|user| text(user, "full_name").to_owned()).collect()
}

async fn named(site: &Site, phone: &str, name: &str) -> Person {
    let user = end_user(site, phone).await;
    user.patch("/me", json!({ "name": name, "version": 1 })).await.expect(200);
    user
}

/// The next write is refused at once, with 401; reads end within a second.
async fn shut_out(user: &Person) {
    user.patch("/me", json!({ "bio": "still here", "version": 2 })).await.refused(401, "session_expired");
    let since = Instant::now();
    while user.get("/me").await.status != 401 {
        assert!(since.elapsed() < Duration::from_secs(1), "still reading after a second");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn end_users_are_listed_searched_and_paged() {
    let site = Site::start().await;
    let admin = site.admin().await;
    for (n, name) in ["Beena Rao", "aakash Das", "Chitra Sen"].iter().enumerate() {
        named(&site, &format!("+91984501234{n}"), name).await;
    }
    let first = admin.get("/users?sort=name&limit=2").await.expect(200);
    assert_eq!((names(&first), &first["total_estimate"]), (vec!["aakash Das".into(), "Beena Rao".into()], &json!(3)));
    let next = admin.get(&format!("/users?sort=name&limit=2&cursor={}", text(&first, "next_cursor"))).await.expect(200);
    assert_eq!(names(&next), ["Chitra Sen"]);
    // A long list is begun at a letter, or at a time.
    let begun = |place: &str| {
        let path = format!("/users?{place}");
        let admin = &admin;
        async move { names(&admin.get(&path).await.expect(200)) }
    };
    assert_eq!(begun("sort=name&cursor=at:b").await, ["Beena Rao", "Chitra Sen"]);
    assert_eq!(begun("sort=name&cursor=at:B&limit=1").await, ["Beena Rao"]);
    assert_eq!(begun("sort=-name&cursor=at:b").await, ["Beena Rao", "aakash Das"]);
    assert_eq!(begun("sort=-name&cursor=at:z").await.len(), 3, "from the list's beginning");
    assert_eq!(begun("sort=created&cursor=at:2026-01-01T00:00:00Z").await.len(), 3);
    assert_eq!(begun("sort=-created&cursor=at:2026-01-01T00:00:00Z").await.len(), 0);
    let second = text(&first["items"][1], "created_at");
    assert_eq!(begun(&format!("sort=created&cursor=at:{second}&limit=1")).await, ["Beena Rao"]);
    for place in
        ["sort=name&cursor=at:", "sort=name&cursor=at:be", "sort=created&cursor=at:b", "sort=spent&cursor=at:b"]
    {
        let refused = admin.get(&format!("/users?{place}")).await;
        refused.refused(422, "invalid_input");
        assert!(refused.body["errors"]["cursor"].is_array(), "{place}: {}", refused.body);
    }
    for (query, expected) in [
        ("", 3),
        ("q=RAO", 1),
        ("search=98450%2012341", 1),
        ("q=%25", 0),
        ("status=banned", 0),
        ("status=Active&sort=-spent", 3),
        ("sort=-last_login", 3),
        ("min_spent=0", 3),
        ("min_spent=1", 0),
        ("updated_since=2099-01-01T00:00:00Z", 0),
    ] {
        let page = admin.get(&format!("/users?{query}")).await.expect(200);
        assert_eq!(names(&page).len(), expected, "{query}");
    }
    let csv = admin.get("/users/export?q=rao&columns=full_name,phone,status").await.expect(200);
    let csv = csv.as_str().unwrap().trim_start_matches('\u{feff}');
    assert_eq!(csv, "full_name,phone,status\r\nBeena Rao,+919845012340,active\r\n");
    let one = admin.get(&format!("/users/{}", text(&first["items"][0], "id"))).await.expect(200);
    assert_eq!(one["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(one["activity"][0]["action"], "login");
    assert_eq!(one["user"]["total_spent"], json!({ "minor": 0, "currency": "INR" }));
    let found = admin.rows("/search?q=chit").await;
    assert_eq!((&found[0]["kind"], &found[0]["title"]), (&json!("user"), &json!("Chitra Sen")));
    let author = site.person("author@example.com", "author").await;
    author.get("/users").await.refused(403, "forbidden");
    assert_eq!(author.rows("/search?q=chit").await, json!([]));
}

#[tokio::test]
async fn a_ban_ends_writes_at_once_and_reads_within_a_second_on_every_process() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (_elsewhere, url) = site.another().await;
    let user = named(&site, PHONE, "Beena Rao").await;
    let there = user.at(&url);
    there.get("/me").await.expect(200);
    let path = format!("/users/{}", user.id);
    let settings = there.get("/me/privacy").await.expect(200);
    assert_eq!(admin.get(&path).await.expect(200)["privacy"], settings);
    admin.post(&format!("{path}/ban"), json!({ "reason": "Sold fakes" })).await.expect(200);
    shut_out(&there).await;
    let refused = site.anonymous().post("/auth/refresh", json!({ "refresh_token": user.refresh })).await;
    refused.refused(401, "session_expired");
    site.test.clock.advance(time::Duration::seconds(31));
    let code = ask(&site, PHONE).await;
    let told = verify(&site.anonymous(), PHONE, &code).await;
    told.refused(403, "account_banned");
    assert_eq!(told.body["detail"], "Banned permanently: Sold fakes");
    assert_eq!(names(&admin.get("/users?status=banned").await.expect(200)), ["Beena Rao"]);
    admin.post(&format!("{path}/unban"), json!({ "reason": "Was somebody else" })).await.expect(200);
    admin.post(&format!("{path}/unban"), json!({ "reason": "Once more" })).await.refused(409, "invalid_transition");
    site.test.clock.advance(time::Duration::seconds(31));
    end_user(&site, PHONE).await;
    let bans = admin.get(&path).await.expect(200)["bans"].clone();
    assert_eq!((&bans[0]["reason"], &bans[0]["lifted_by_name"]), (&json!("Sold fakes"), &json!("Test Person")));
    for (sql, expected) in [
        (
            "select count(*) from audit_logs l join audit_values v on v.audit_seq = l.seq
             where l.action = 'user.banned' and v.field = '$reason' and v.after #>> '{}' = 'Sold fakes'",
            1,
        ),
        ("select count(*) from audit_logs where action = 'user.unbanned'", 1),
        ("select count(*) from outbox_events where type = 'user.banned'", 1),
        ("select count(*) from outbox_events where type = 'session.invalidated' and aggregate_type = 'end_user'", 1),
    ] {
        assert_eq!(site.number(sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn a_ban_with_an_end_ends_by_time() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = named(&site, PHONE, "Beena Rao").await;
    let path = format!("/users/{}", user.id);
    let now = site.test.clock.now();
    let past = json!({ "reason": "Too loud", "until": now.rfc3339() });
    admin.post(&format!("{path}/ban"), past).await.refused(422, "invalid_input");
    let until = eventify::kernel::timestamp::Timestamp(now.0 + time::Duration::minutes(5));
    let ban = json!({ "reason": "Too loud", "until": until.rfc3339() });
    let banned = admin.post(&format!("{path}/ban"), ban).await.expect(200);
    assert_eq!((&banned["status"], text(&banned, "banned_until")), (&json!("banned"), until.rfc3339().as_str()));
    site.test.clock.advance(time::Duration::seconds(31));
    let told = verify(&site.anonymous(), PHONE, &ask(&site, PHONE).await).await;
    told.refused(403, "account_banned");
    assert_eq!(told.body["detail"], "Banned for 5 more minutes: Too loud");
    site.test.clock.advance(time::Duration::minutes(5));
    let free = admin.get(&path).await.expect(200)["user"].clone();
    assert_eq!((&free["status"], &free["banned_until"]), (&json!("active"), &json!(null)));
    end_user(&site, PHONE).await;
    assert!(names(&admin.get("/users?status=banned").await.expect(200)).is_empty());
    admin.post(&format!("{path}/unban"), json!({ "reason": "Late" })).await.refused(409, "invalid_transition");
    // The next ban closes the one that ran out, at its own end and by nobody.
    admin.post(&format!("{path}/ban"), json!({ "reason": "Again" })).await.expect(200);
    let bans = admin.get(&path).await.expect(200)["bans"].clone();
    assert_eq!((text(&bans[1], "lifted_at"), &bans[1]["lifted_by_name"]), (until.rfc3339().as_str(), &json!(null)));
}

#[tokio::test]
async fn bans_at_once_leave_one_in_force() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = named(&site, PHONE, "Beena Rao").await;
    let path = format!("/users/{}/ban", user.id);
    let calls = (0..12).map(|n| {
        let (admin, path) = (admin.clone(), path.clone());
        async move { admin.post(&path, json!({ "reason": format!("Reason {n}") })).await }
    });
    for answer in futures::future::join_all(calls).await {
        answer.expect(200);
    }
    assert_eq!(site.number("select count(*) from user_bans where lifted_at is null").await, 1);
    assert_eq!(site.number("select count(*) from audit_logs where action = 'user.banned'").await, 12);
}

#[tokio::test]
async fn many_are_banned_in_one_call_and_each_is_answered_for() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (one, two) = (end_user(&site, "+919845012341").await, end_user(&site, "+919845012342").await);
    let nobody = "01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90";
    let ban = |ids: Vec<&str>| json!({ "ids": ids, "reason": "A ring of touts" });
    let moderator = site.person("moderator@example.com", "moderator").await;
    let outcomes =
        moderator.post("/users/bulk-ban", ban(vec![&two.id, nobody, &one.id])).await.expect(200)["items"].clone();
    let result = |id: &str| {
        let all = outcomes.as_array().unwrap();
        all.iter().find(|outcome| outcome["id"] == id).map(|outcome| text(outcome, "result").to_owned())
    };
    assert_eq!(outcomes.as_array().unwrap().len(), 3);
    assert_eq!((result(&one.id), result(nobody)), (Some("banned".into()), Some("not_found".into())));
    assert_eq!(site.number("select count(*) from audit_logs where action = 'user.banned'").await, 2);
    shut_out(&two).await;
    admin.post("/users/bulk-ban", ban(vec![nobody])).await.refused(422, "invalid_input");
    admin.post("/users/bulk-ban", ban(vec![])).await.refused(422, "invalid_input");
    let many: Vec<String> = (0..201).map(|_| eventify::kernel::clock::new_uuid().to_string()).collect();
    admin.post("/users/bulk-ban", ban(many.iter().map(String::as_str).collect())).await.refused(422, "invalid_input");
    let finance = site.person("finance@example.com", "finance").await;
    finance.post("/users/bulk-ban", ban(vec![&one.id])).await.refused(403, "forbidden");
}

#[tokio::test]
async fn an_export_is_gathered_and_fetched_by_its_owner_alone() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let background = eventify_server::serve::background(&site.test.app, true);
    let user = named(&site, PHONE, "Beena Rao").await;
    let other = end_user(&site, "+919845012342").await;
    let asked = user.post("/me/privacy-requests", json!({ "request_type": "export" })).await.expect(201);
    user.post("/me/privacy-requests", json!({ "request_type": "export" })).await.refused(409, "already_exists");
    let (own, staff) =
        (format!("/me/privacy-requests/{}", text(&asked, "id")), format!("/privacy/requests/{}", text(&asked, "id")));
    user.get(&format!("{own}/link")).await.refused(404, "not_found");
    let listed = admin.get("/privacy/requests?status=open").await.expect(200);
    assert_eq!(listed["items"][0]["user_name"], "Beena Rao");
    admin.post(&format!("{staff}/run"), json!({})).await.expect(200);
    for attempt in 0.. {
        if user.rows("/me/privacy-requests").await[0]["status"] == "completed" {
            break;
        }
        assert!(attempt < 100, "it was never completed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    other.get(&format!("{own}/link")).await.refused(404, "not_found");
    let link = user.get(&format!("{own}/link")).await.expect(200);
    let file = site.anonymous().http.get(format!("{}{}", site.url, text(&link, "url"))).send().await.unwrap();
    let bundle: Value = serde_json::from_slice(&file.bytes().await.unwrap()).unwrap();
    assert_eq!((&bundle["profile"]["name"], &bundle["profile"]["phone"]), (&json!("Beena Rao"), &json!(PHONE)));
    let altered = text(&link, "url").replace("expires=", "expires=9");
    assert_eq!(site.anonymous().http.get(format!("{}{altered}", site.url)).send().await.unwrap().status(), 410);
    user.delete(&own).await.refused(409, "invalid_transition");
    admin.post(&format!("{staff}/reject"), json!({ "answer": "Too late" })).await.refused(409, "invalid_transition");
    drop(background);
}

#[tokio::test]
async fn an_erased_person_is_nowhere_and_the_audit_still_verifies() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = named(&site, PHONE, "Beena Uncommonname").await;
    user.patch("/me", json!({ "email": "beena.uncommon@example.com", "version": 2 })).await.expect(200);
    let path = format!("/users/{}", user.id);
    admin.post(&format!("{path}/ban"), json!({ "reason": "Shouting" })).await.expect(200);
    admin.post(&format!("{path}/unban"), json!({ "reason": "Said sorry" })).await.expect(200);
    site.test.clock.advance(time::Duration::seconds(31));
    let user = end_user(&site, PHONE).await;
    let asked = user.post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let run = format!("/privacy/requests/{}/run", text(&asked, "id"));
    let moderator = site.person("moderator@example.com", "moderator").await;
    moderator.post(&run, json!({})).await.refused(403, "forbidden");
    assert_eq!(admin.post(&run, json!({})).await.expect(200)["status"], "completed");
    shut_out(&user).await;
    let dump = crate::secrets::whole_database(&site).await.expect("a dump");
    for personal in ["Uncommonname", "uncommon@example.com", PHONE, &PHONE[1..]] {
        assert!(!dump.contains(personal), "{personal} is still there");
    }
    let left = admin.get(&path).await.expect(200);
    assert_eq!((&left["user"]["status"], &left["user"]["phone"]), (&json!("erased"), &json!(null)));
    assert!(names(&admin.get("/users").await.expect(200)).is_empty());
    assert_eq!(admin.get("/users?status=erased").await.expect(200)["items"].as_array().unwrap().len(), 1);
    admin.post(&format!("{path}/ban"), json!({ "reason": "Too late" })).await.refused(409, "invalid_transition");
    assert_eq!(site.number("select count(*) from outbox_events where type = 'profile.deleted'").await, 1);
    let mut owner = site.test.owner().await;
    let verdict = eventify::audit::verify::verify(&mut owner, site.test.clock.now()).await.expect("a verdict");
    assert!(verdict.broken.is_none(), "{:?}", verdict.broken.map(|broken| broken.to_string()));
    // The phone is free again: who comes back is somebody new.
    site.test.clock.advance(time::Duration::seconds(31));
    let back = end_user(&site, PHONE).await;
    assert_ne!(back.id, user.id);
}

#[tokio::test]
async fn the_demo_has_three_hundred_people_the_same_every_time() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let site = Site::start_with_nobody(&[]).await;
        eventify::access::demo::seed(&site.test).await.expect("the team");
        for _ in 0..2 {
            eventify::people::demo::seed(&site.test).await.expect("the people");
        }
        for (sql, expected) in [
            ("select count(*) from end_users", 300),
            ("select count(distinct name) from user_profiles", 300),
            ("select count(*) from admin_users where last_active_at is not null and last_active_at <= now()", 10),
            ("select count(*) from end_users where status = 'banned'", 6),
            ("select count(*) from search_entries where kind = 'user'", 300),
            ("select count(*) from privacy_requests where status = 'open' and request_type = 'export'", 2),
            ("select count(*) from privacy_requests where status = 'open' and request_type = 'erasure'", 2),
        ] {
            assert_eq!(site.number(sql).await, expected, "{sql}");
        }
        let people: Vec<(String, String)> = sqlx::query_as(
            "select u.phone, p.name from end_users u join user_profiles p on p.user_id = u.id order by u.phone",
        )
        .fetch_all(&site.test.reader)
        .await
        .unwrap();
        assert_eq!(people[0].0, eventify::people::demo::phone());
        seen.push(people);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_users_tickets_are_found_by_the_word_the_table_shows() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let guest = end_user(&site, PHONE).await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    reserve(&guest, &event, &kinds[0], 1).await.expect(201);
    let mut owner = site.test.owner().await;
    // How it stands, whether the event is over, what the table calls it, and the one option that finds it.
    for (status, over, shown, option) in [
        ("issued", false, "Issued", "issued"),
        ("inside", false, "Inside", "inside"),
        ("outside", false, "Outside", "inside"),
        ("issued", true, "Not used", "issued"),
        ("inside", true, "Attended", "inside"),
        ("outside", true, "Attended", "inside"),
        ("revoked", true, "Void", "revoked"),
    ] {
        for sql in ["alter table tickets disable trigger user", "alter table events disable trigger user"] {
            sqlx::query(sql).execute(&mut owner).await.expect(sql);
        }
        let ticket = "update tickets set status = $1, revoked_at = case $1 when 'revoked' then now() end where user_id = $2::uuid";
        sqlx::query(ticket).bind(status).bind(&guest.id).execute(&mut owner).await.expect("a ticket");
        let ends = "update events set status = case when $1 then 'ended' else 'published' end where id = $2::uuid";
        sqlx::query(ends).bind(over).bind(text(&event, "id")).execute(&mut owner).await.expect("an event");
        let of = |choice: &str| format!("/users/{}?tab=tickets&status={choice}", guest.id);
        for choice in ["issued", "inside", "revoked", "refunded"] {
            let html = page(&admin, &of(choice)).await;
            let is_there = html.contains(&format!("href=\"/events/{}?tab=guests\"", text(&event, "id")));
            assert_eq!(is_there, choice == option, "{status}, over {over}, under {choice}");
            if is_there {
                let offered = html.split_once(&format!("<option value=\"{choice}\"")).expect("it is offered").1;
                let offered = offered.split_once('>').expect("its words").1.split('<').next().unwrap_or_default();
                assert!(offered.to_lowercase().contains(&shown.to_lowercase()), "{shown} under {offered}");
                assert!(html.contains(&format!(">{shown}<")), "{status}, over {over}: not called {shown}");
            }
        }
    }
}
