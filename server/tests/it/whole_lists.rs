//! No list ends before its last row: where it has more than a page holds, the cursor leads on.

use std::collections::BTreeSet;

use eventify::kernel::timestamp::Timestamp;
use serde_json::{Value, json};
use time::Duration;

use crate::finance::{buy, with_fees};
use crate::fixtures::{make_guests, open};
use crate::gate::{gate, passes, phone, tonight};
use crate::partners::{partner, review, text, upload};
use crate::people::end_user;
use crate::planning::{Day, booked};
use crate::support::{Person, Site};

/// Adds copies of the rows of a table: the expression says in JSON what is different in the copy `n`.
async fn copied(site: &Site, table: &str, rows: &str, copies: i64, different: &str) {
    let sql = format!(
        "insert into {table} select (jsonb_populate_record(x, {different})).* from {table} x, generate_series(1, $1) n
         where {rows}"
    );
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(copies).execute(&site.test.pool).await.expect("copies");
}

/// All rows of a list, page by page; none comes twice.
async fn all(person: &Person, path: &str, id: &str) -> Vec<Value> {
    let (mut rows, mut seen, mut cursor) = (Vec::new(), BTreeSet::new(), String::new());
    loop {
        let mut page = person.get(&format!("{path}?limit=200{cursor}")).await.expect(200);
        for row in page["items"].as_array_mut().expect("rows").drain(..) {
            assert!(seen.insert(row[id].to_string()), "twice: {row}");
            rows.push(row);
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return rows,
        }
    }
}

#[tokio::test]
async fn the_documents_of_a_partner_and_the_phones_of_an_event_are_all_listed() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Paper Mill").await;
    upload(&admin, &made, "other").await;
    let file = "jsonb_build_object('id', md5(n::text)::uuid, 'storage_key', 'copy ' || n)";
    copied(&site, "stored_files", "id in (select file_id from partner_documents)", 620, file).await;
    let document = "jsonb_build_object('id', gen_random_uuid(), 'file_id', md5(n::text)::uuid,
                                       'uploaded_at', uploaded_at - n / 3 * interval '1 minute')";
    copied(&site, "partner_documents", "true", 620, document).await;
    let documents = all(&admin, &format!("/partners/{}/documents", text(&made, "id")), "id").await;
    assert_eq!(documents.len(), 621);
    let at = |row: &Value| Timestamp::parse(text(row, "uploaded_at")).expect("a time");
    assert!(documents.windows(2).all(|pair| at(&pair[0]) >= at(&pair[1])), "newest first");

    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let main = gate(&admin, &event, json!({ "name": "Main" })).await;
    phone(&site, &admin, &event, &main, false).await;
    let device = r"jsonb_build_object('id', gen_random_uuid(), 'token_hash', '\x' || md5(n::text))";
    copied(&site, "gate_devices", "true", 1_050, device).await;
    assert_eq!(all(&admin, &format!("/events/{}/gate-devices", text(&event, "id")), "id").await.len(), 1_051);
}

#[tokio::test]
async fn events_with_open_gates_are_paged_and_a_calendar_says_when_it_is_too_full() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = tonight(&site, &admin, &["Standard"]).await;
    let start = Timestamp::parse(text(&event, "start_at")).expect("a time");
    let calendar = format!(
        "/production/calendar?from={}&to={}",
        start.plus(Duration::days(-1)).rfc3339(),
        start.plus(Duration::days(1)).rfc3339()
    );
    let one = format!("id = '{}'", text(&event, "id"));
    let other = "jsonb_build_object('id', gen_random_uuid(), 'slug', 'copy-' || n, 'title', 'Copy ' || n)";
    copied(&site, "events", &one, 1_200, other).await;
    let live = all(&admin, "/live/events", "event_id").await;
    assert_eq!(live.len(), 1_201);
    assert_eq!(admin.rows(&calendar).await.as_array().map(Vec::len), Some(1_201));
    copied(&site, "events", &one, 3_800, &other.replace("copy-", "more-")).await;
    let refused = admin.get(&calendar).await;
    refused.refused(422, "invalid_input");
    assert!(refused.body["errors"]["to"][0].as_str().is_some_and(|told| told.contains("5,000")), "{}", refused.body);
}

#[tokio::test]
async fn every_shortage_is_listed() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    admin.post("/production/equipment", booked(&day, 1, 0, 1)).await.expect(201);
    let later =
        "jsonb_build_object('id', gen_random_uuid(), 'units', 1000, 'starts_at', starts_at + n * interval '2 hours',
                                    'ends_at', ends_at + n * interval '2 hours')";
    copied(&site, "equipment_bookings", "true", 560, later).await;
    let short = all(&admin, "/equipment/shortages", "starts_at").await;
    assert_eq!(short.len(), 560);
    assert!(short.iter().all(|one| one["bookings"].as_array().is_some_and(|bookings| bookings.len() == 1)));
}

#[tokio::test]
async fn a_record_holds_all_bans() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let user = end_user(&site, "+919845012345").await;
    let path = format!("/users/{}", user.id);
    admin.post(&format!("{path}/ban"), json!({ "reason": "Sold fakes" })).await.expect(200);
    admin.post(&format!("{path}/unban"), json!({ "reason": "It was not them" })).await.expect(200);
    copied(&site, "user_bans", "true", 130, "jsonb_build_object('id', gen_random_uuid())").await;
    assert_eq!(admin.get(&path).await.expect(200)["bans"].as_array().map(Vec::len), Some(131));
}

#[tokio::test]
async fn lists_are_narrowed_to_what_changed_since() {
    let site = Site::start().await;
    let admin = site.admin().await;
    Day::new(&site, &admin, "a").await;
    admin.post("/venues", json!({ "name": "Hall 4", "city": "Delhi" })).await.expect(201);
    with_fees(&admin).await;
    let (event, kinds) = open(&site, &admin, 10, &[("Paid", None, 50_000)]).await;
    let guests = make_guests(&site, 2).await;
    buy(&site, &guests[0], &event, &kinds[0], 1).await;
    let event = format!("/events/{}", text(&event, "id"));
    guests[1].post(&format!("{event}/requests"), json!({})).await.expect(201);
    let of_event = ["attendees", "requests"].map(|list| format!("{event}/{list}"));
    let lists = ["/staff", "/talent", "/production/equipment", "/venues", "/payments"].into_iter();
    for path in lists.chain(of_event.iter().map(String::as_str)) {
        let rows = admin.rows(path).await.as_array().map_or(0, Vec::len);
        assert!(rows > 0, "{path}");
        let since = async |at: &str| admin.rows(&format!("{path}?updated_since={at}")).await.as_array().map(Vec::len);
        assert_eq!(since("2001-01-01T00:00:00Z").await, Some(rows), "{path}");
        assert_eq!(since("2099-01-01T00:00:00Z").await, Some(0), "{path}");
    }
}

/// A row tells things of other records as well: a role that was given, a name in the profile, a seat that is in, a
/// document that was looked at. Who follows the list learns of them.
#[tokio::test]
async fn a_row_is_changed_with_whatever_it_tells() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Free", None, 0)]).await;
    let guests = make_guests(&site, 2).await;
    let path = format!("/events/{}", text(&event, "id"));
    passes(&admin, &guests[0], &event, &kinds[0], 2).await;
    guests[1].post(&format!("{path}/requests"), json!({})).await.expect(201);
    let hall = partner(&admin, "Hall").await;
    let document = upload(&admin, &hall, "pan").await;
    let staff = site.person("rosa@example.com", "auditor").await;
    let reviewer = site.person("reviewer@example.com", "super_admin").await;

    let mut owner = site.test.owner().await;
    let tables = [
        "admin_users",
        "partners",
        "partner_documents",
        "event_attendees",
        "event_requests",
        "tickets",
        "end_users",
        "user_profiles",
    ];
    let dated = tables.map(|table| (table, "updated_at")).into_iter();
    for (table, column) in dated.chain([("user_role_assignments", "assigned_at")]) {
        let sql = format!(
            "alter table {table} disable trigger user; update {table} set {column} = '2001-01-01';
             alter table {table} enable trigger user"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await.expect("all changed long ago");
    }
    let changed = async |list: &str| {
        let rows = admin.rows(&format!("{list}?updated_since=2002-01-01T00:00:00Z")).await;
        rows.as_array().expect("rows").iter().map(|row| text(row, "id").to_owned()).collect::<Vec<_>>()
    };
    let (guests_of, requests) = (format!("{path}/attendees"), format!("{path}/requests"));
    for list in ["/admin/users", "/partners", &guests_of, &requests] {
        assert_eq!(changed(list).await, Vec::<String>::new(), "{list}");
    }

    let given = json!({ "role_id": site.role("gate_staff").await, "event_id": event["id"] });
    admin.post(&format!("/admin/users/{}/assignments", staff.id), given).await.expect(201);
    assert_eq!(changed("/admin/users").await, std::slice::from_ref(&staff.id));
    review(&reviewer, &hall, &document, "Approve").await.expect(200);
    assert_eq!(changed("/partners").await, [text(&hall, "id")]);
    let seat = "update tickets set status = 'inside' where id = (select min(id::text)::uuid from tickets)";
    sqlx::query(seat).execute(&mut owner).await.unwrap();
    assert_eq!(changed(&guests_of).await.len(), 1, "a seat is in");
    let version = guests[1].get("/me").await.expect(200)["version"].clone();
    guests[1].patch("/me", json!({ "name": "Rosa Klein", "version": version })).await.expect(200);
    assert_eq!(changed(&requests).await.len(), 1, "the name of who asks");
}
