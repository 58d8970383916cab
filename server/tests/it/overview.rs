//! The figures of the first page: right, and only of what the caller may see.

use eventify::kernel::timestamp::Timestamp;
use serde_json::{Value, json};

use crate::finance::{buy, with_fees};
use crate::finance_payouts::page;
use crate::fixtures::{make_guests, open, renew, run_queued};
use crate::gate::{gate, phone, tonight};
use crate::partners::{partner, text, within};
use crate::support::Site;

/// A document of this partner that waits for review since so many hours.
async fn waiting(site: &Site, partner: &Value, hours: i64) {
    let (file, now) = (eventify::kernel::clock::new_uuid(), site.test.clock.now().0);
    sqlx::query(
        "with file as (insert into stored_files (id, storage_key, kept_at) values ($1, $1::text, $4) returning *)
         insert into partner_documents (id, partner_id, type, file_id, storage_key, file_name, media_type, size_bytes,
                                        sha256, uploaded_at)
         select $2, $3, 'other', id, storage_key, 'paper.pdf', 'application/pdf', 1, 'hash', $4 from file",
    )
    .bind(file)
    .bind(eventify::kernel::clock::new_uuid())
    .bind(uuid::Uuid::parse_str(partner["id"].as_str().expect("an id")).expect("an id"))
    .bind(now - time::Duration::hours(hours))
    .execute(&site.test.pool)
    .await
    .expect("a document");
}

#[tokio::test]
async fn the_figures_are_those_of_the_lists() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (one, two) = (partner(&admin, "Harbour Hall").await, partner(&admin, "Riverside").await);
    let path = format!("/partners/{}/status", two["id"].as_str().expect("an id"));
    let active = admin.patch(&path, json!({ "status": "active", "version": two["version"] })).await.expect(200);
    let suspended = json!({ "status": "suspended", "reason": "checks", "version": active["version"] });
    admin.patch(&path, suspended).await.expect(200);
    waiting(&site, &one, 30).await;
    waiting(&site, &two, 3).await;
    site.account("gate@example.com", "gate_staff").await;
    sqlx::query(
        "insert into job_runs (id, queue_name, job_type, status, payload, attempts)
         select gen_random_uuid(), 'default', 'mail.send', status, '{}', 8 from unnest(array['dead', 'dead', 'retry', 'done']) status",
    )
    .execute(&site.test.pool)
    .await
    .expect("jobs");
    let seen = admin.get("/overview").await.expect(200);
    assert_eq!(seen["own_sessions"], 1);
    assert_eq!(seen["partners"], json!({ "active": 0, "invited": 1, "suspended": 1 }));
    assert_eq!(seen["documents"], json!({ "waiting": 2, "oldest_hours": 30 }));
    // Partners' people have accounts as well: the two primary contacts.
    let invited = admin.get("/admin/users?status=invited").await.expect(200)["items"].as_array().map(Vec::len);
    assert_eq!(invited, Some(2));
    assert_eq!(seen["team"], json!({ "active": 2, "invited": invited, "without_second_factor": 2 }));
    assert_eq!((&seen["jobs"]["dead"], &seen["jobs"]["retrying"]), (&json!(2), &json!(1)));
    // No worker and no relay runs: what waits is seen to wait.
    assert!(seen["jobs"]["lag_seconds"].is_u64() && seen["jobs"]["unpublished_seconds"].is_u64(), "{seen}");
    let chain = admin.get("/admin/audit/chain").await.expect(200);
    assert_eq!(seen["audit"]["unsealed"], chain["unsealed"]);
    site.anonymous().get("/overview").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn nobody_counts_what_they_may_not_see() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (own, other) = (partner(&admin, "Riverside One").await, partner(&admin, "Riverside Two").await);
    waiting(&site, &own, 1).await;
    waiting(&site, &other, 9).await;
    let everything = ["partners.read", "kyc.review", "staff.read", "audit.read"];
    let insider = within(&site, &admin, &own, "insider@example.com", &everything).await;
    let seen = insider.get("/overview").await.expect(200);
    assert_eq!(seen["partners"], json!({ "active": 0, "invited": 1, "suspended": 0 }), "theirs alone");
    assert_eq!(seen["documents"], json!({ "waiting": 1, "oldest_hours": 1 }));
    assert!(seen["team"].is_null() && seen["audit"].is_null(), "what belongs to no partner is not theirs: {seen}");
    let role = json!({ "name": "Nothing at all" });
    admin.post("/admin/roles", role).await.expect(201);
    let powerless = site.person("powerless@example.com", "nothing_at_all").await;
    let seen = powerless.get("/overview").await.expect(200);
    assert_eq!(seen["own_sessions"], 1);
    for part in ["partners", "documents", "team", "jobs", "audit"] {
        assert!(seen[part].is_null(), "{part}: {seen}");
    }
}

/// The clocks of the test show ten minutes before midnight in Kolkata, which is five past in Kathmandu.
fn late_evening(site: &Site) {
    let evening = site.test.clock.now().0.replace_time(time::macros::time!(18:20));
    site.test.clock.set(Timestamp(evening + time::Duration::DAY));
}

#[tokio::test]
async fn the_dashboard_agrees_with_the_ledger() {
    let site = Site::start().await;
    late_evening(&site);
    let mut admin = site.admin().await;
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let people = make_guests(&site, 2).await;
    let paid = buy(&site, &people[0], &event, &kinds[0], 2).await;
    let sold_at = site.test.clock.now();
    let refund = json!({ "amount_minor": 20_000, "reason": "Rain" });
    let refund_path = format!("/payments/{}/refund", text(&paid["payment"], "id"));
    admin.post(&refund_path, refund).await.expect(201);
    site.test.clock.advance(time::Duration::minutes(1));

    let seen = admin.get("/dashboard/metrics").await.expect(200);
    let figures = &seen["revenue"][0];
    let sums =
        |figures: &Value| ["gross", "refunded", "fees", "gross_before"].map(|part| figures[part]["minor"].as_i64());
    assert_eq!(sums(figures).map(Option::unwrap)[0..2], [100_000, 20_000], "{seen}");
    assert_eq!(seen["tickets"], json!({ "now": 2, "before": 0 }));
    assert_eq!((&seen["new_users"]["now"], &seen["let_in"]["now"]), (&json!(2), &json!(0)));
    // What it says is what the ledger's list adds up to.
    let range = format!("from={}&to={}", text(&seen, "from"), text(&seen, "to"));
    let entries = admin.get(&format!("/financials/entries?account_kind=partner_payable&{range}")).await.expect(200);
    let of = |line: &str| -> i64 {
        let entries = entries["items"].as_array().unwrap().iter().filter(|entry| entry["line"] == line);
        entries.map(|entry| entry["amount"]["minor"].as_i64().unwrap()).sum()
    };
    let listed = [-of("gross"), of("refund"), of("fee"), 0].map(Some);
    assert_eq!(sums(figures), listed);

    // And what the page's figures lead to.
    for (line, minor) in [("gross", -100_000), ("refund", 20_000)] {
        let of = format!("/financials/entries?organisers=true&line={line}&{range}");
        let minors = admin.rows(&of).await;
        let sum: i64 = minors.as_array().unwrap().iter().map(|one| one["amount"]["minor"].as_i64().unwrap()).sum();
        assert_eq!(sum, minor, "{line}");
    }
    // Event by event it adds up to the same, and who signed up is the list of users.
    let by_event = admin.get(&format!("/dashboard/events?{range}")).await.expect(200);
    let listed = by_event["items"].as_array().unwrap();
    let sum = |part: &str| listed.iter().map(|event| event[part].as_i64().unwrap()).sum::<i64>();
    assert_eq!([sum("tickets"), sum("let_in")], [2, 0]);
    assert_eq!(listed.iter().filter(|event| event["held"] == true).count(), 0, "it is still to come: {by_event}");
    assert_eq!(seen["events"]["now"], 0);
    let joined = format!("joined_from={}&joined_to={}", text(&seen, "from"), text(&seen, "to"));
    let users = admin.get(&format!("/users?{joined}")).await.expect(200);
    assert_eq!(users["total_estimate"], seen["new_users"]["now"]);

    // By the days of each zone: the same moment is today in Kolkata and tomorrow in Kathmandu.
    for (zone, minutes) in [("Asia/Kolkata", 330), ("Asia/Kathmandu", 345)] {
        let chart = admin.get(&format!("/dashboard/revenue-chart?timezone={zone}")).await.expect(200);
        let days = chart["series"][0]["days"].as_array().unwrap();
        assert!((30..=32).contains(&days.len()), "{} days", days.len());
        let day = (sold_at.0 + time::Duration::minutes(minutes)).date().to_string();
        let with: Vec<&Value> = days.iter().filter(|day| day["gross"]["minor"] != 0).collect();
        assert_eq!((with.len(), text(with[0], "day")), (1, day.as_str()), "{zone}");
        assert_eq!((&with[0]["gross"]["minor"], &with[0]["refunded"]["minor"]), (&json!(100_000), &json!(20_000)));
    }

    // A month later all of it belongs to the range before.
    site.test.clock.advance(time::Duration::days(31));
    admin.sign_in().await;
    let later = admin.get("/dashboard/metrics").await.expect(200);
    assert_eq!(sums(&later["revenue"][0])[3], Some(100_000), "{later}");
    assert_eq!(later["tickets"], json!({ "now": 0, "before": 2 }));
}

/// Fills the buckets that are over.
async fn fill_buckets(site: &Site) {
    sqlx::query(
        "insert into job_runs (id, queue_name, job_type, status, payload, attempts)
         values (gen_random_uuid(), 'bulk', 'overview.fill_buckets', 'queued', 'null', 0)",
    )
    .execute(&site.test.pool)
    .await
    .expect("a job");
    run_queued(site, "overview.fill_buckets").await;
}

#[tokio::test]
async fn buckets_add_up_to_what_the_rows_do() {
    let site = Site::start().await;
    late_evening(&site);
    let mut admin = site.admin().await;
    with_fees(&admin).await;
    let mut people = make_guests(&site, 3).await;
    let mut sold = 0;
    // Over a month, then some minutes ago: of the last sale nothing is in a bucket yet.
    let waits = [Some(time::Duration::days(33)), Some(time::Duration::minutes(45)), None];
    for (person, later) in people.iter_mut().zip(waits) {
        renew(&site, person).await;
        let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
        buy(&site, person, &event, &kinds[0], 1).await;
        sold += 1;
        if let Some(later) = later {
            site.test.clock.advance(later);
            admin.sign_in().await;
        }
        fill_buckets(&site).await;
    }
    let buckets = "select count(*) from metric_buckets where measure = 'tickets'";
    assert_eq!((sold, site.number(buckets).await), (3, 2));
    let zones = ["Asia/Kolkata", "Asia/Kathmandu", "UTC"];
    let mut paths = zones.map(|zone| format!("/dashboard/revenue-chart?timezone={zone}")).to_vec();
    paths.push("/dashboard/metrics".to_owned());
    let mut filled = Vec::new();
    for path in &paths {
        filled.push(admin.get(path).await.expect(200));
    }
    let metrics = &filled[zones.len()];
    assert_eq!(metrics["tickets"], json!({ "now": 2, "before": 1 }));
    assert_eq!(metrics["new_users"], json!({ "now": 0, "before": 3 }));
    assert_eq!(metrics["revenue"][0]["gross"]["minor"], 100_000);
    assert_eq!(metrics["revenue"][0]["gross_before"]["minor"], 50_000);
    // The rows alone say the same.
    eventify::overview::count_anew(&site.test.app).await.expect("forgotten");
    assert_eq!(site.number(buckets).await, 0);
    for (path, filled) in paths.iter().zip(&filled) {
        assert_eq!(&admin.get(path).await.expect(200), filled, "{path}");
    }
    // And so it is when they are filled again, however often.
    for _ in 0..2 {
        fill_buckets(&site).await;
        for (path, filled) in paths.iter().zip(&filled) {
            assert_eq!(&admin.get(path).await.expect(200), filled, "{path}");
        }
    }
}

#[tokio::test]
async fn the_dashboard_refuses_what_it_cannot_show() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let wrong = [
        ("/dashboard/metrics?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("/dashboard/metrics?from=2001-01-01T00:00:00Z", "from"),
        ("/dashboard/events?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ("/dashboard/events?cursor=at:m", "cursor"),
        ("/dashboard/revenue-chart?timezone=Asia/Nowhere", "timezone"),
    ];
    for (path, field) in wrong {
        let answer = admin.get(path).await;
        answer.refused(422, "invalid_input");
        assert!(answer.body["errors"][field].is_array(), "{path}: {}", answer.body);
    }
    site.anonymous().get("/dashboard/metrics").await.refused(401, "unauthenticated");
    let talent = site.person("talent@example.com", "talent").await;
    for path in ["/dashboard/revenue-chart", "/dashboard/activity", "/dashboard/events"] {
        talent.get(path).await.refused(403, "forbidden");
    }
    // Whoever has the permission for one partner is told that it is needed for all.
    let house = partner(&admin, "The House").await;
    let theirs = within(&site, &admin, &house, "theirs@example.com", &["tickets.read"]).await;
    let refused = theirs.get("/dashboard/events").await;
    refused.refused(403, "forbidden");
    let said = "You have the permission “See tickets” (tickets.read) for some events or partners only. Ask an admin for \
                it everywhere.";
    assert_eq!(refused.body["detail"], said);
    let seen = talent.get("/dashboard/metrics").await.expect(200);
    for part in ["revenue", "tickets", "let_in", "new_users", "events", "active_partners"] {
        assert!(seen[part].is_null(), "{part}: {seen}");
    }
}

#[tokio::test]
async fn what_was_done_lately_is_told_in_sentences() {
    let site = Site::start().await;
    let admin = site.admin().await;
    admin.post("/admin/roles", json!({ "name": "Night crew" })).await.expect(201);
    let told = admin.get("/dashboard/activity?limit=1").await.expect(200);
    let first = &told["items"][0];
    assert_eq!(first["by"], "Test Person");
    assert!(text(first, "text").contains("Night crew"), "{first}");
    assert!(text(first, "href").starts_with("/roles/"), "{first}");
}

#[tokio::test]
async fn phones_that_are_offline_at_a_live_event_need_somebody() {
    let site = Site::start().await;
    let mut admin = site.admin().await;
    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    for _ in 0..2 {
        phone(&site, &admin, &event, &main, false).await;
    }
    assert!(!page(&admin, "/").await.contains("gate phones are offline"), "nothing is live yet");
    site.test.clock.advance(time::Duration::hours(2));
    eventify::events::jobs::advance(&site.test.app).await.expect("it begins");
    admin.sign_in().await;
    let shown = page(&admin, "/").await;
    let phones = format!("/events/{}/gates#gate-phones", text(&event, "id"));
    // Among what needs somebody and on the card of the event.
    assert_eq!(shown.matches(&phones).count(), 2, "the way to them");
    assert!(shown.contains("2 gate phones are offline"), "{shown}");
    // Its board, its public page and its acts are a touch away from each of its tabs.
    for tab in ["", "?tab=guests", "/gates", "/plan", "/run-sheet", "/door-sales"] {
        let shown = page(&admin, &format!("/events/{}{tab}", text(&event, "id"))).await;
        assert!(shown.contains("Open live board"), "{tab}");
        assert!(shown.contains(&format!("/e/{}\"", text(&event, "slug"))), "{tab}");
        assert!(shown.contains("Cancel event…"), "{tab}");
    }
}
