//! What every list can do beside being read: be written as CSV, and be kept as a view.

use eventify::kernel::csv::listed::lists;
use futures::StreamExt;
use serde_json::json;

use crate::partners::{partner, text, within};
use crate::support::{Person, Site};

/// So many, with names of at least so many letters.
async fn many_partners(site: &Site, count: i64, letters: i32) {
    for from in (1..=count).step_by(5_000) {
        sqlx::query(
            "insert into partners (id, name, type, search_text)
             select gen_random_uuid(), rpad('Partner ' || n, greatest($3, length('Partner ' || n)), '.'),
                    case when n % 2 = 0 then 'venue' else 'vendor' end, 'partner ' || n
             from generate_series($1, $2) n",
        )
        .bind(from)
        .bind((from + 4_999).min(count))
        .bind(letters)
        .execute(&site.test.pool)
        .await
        .expect("partners");
    }
}

async fn csv(person: &Person, path: &str) -> Vec<Vec<String>> {
    let answer = person.request(reqwest::Method::GET, path).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/csv"));
    assert!(answer.headers()["content-disposition"].to_str().unwrap().starts_with("attachment; filename=\""));
    let body = answer.text().await.expect("the whole file");
    let body = body.strip_prefix('\u{feff}').expect("a mark that spreadsheets know UTF-8 by");
    let split = |line: &str| line.split(',').map(str::to_owned).collect();
    body.lines().map(split).collect()
}

#[tokio::test]
async fn an_export_holds_every_row_of_the_filter_once_and_the_columns_asked_for() {
    let site = Site::start().await;
    let admin = site.admin().await;
    many_partners(&site, 2_500, 0).await;
    let rows = csv(&admin, "/partners/export?type=venue&sort=-name&columns=name,type,status").await;
    assert_eq!(rows[0], ["name", "type", "status"]);
    assert_eq!(rows.len(), 1 + 1_250);
    assert!(rows[1..].iter().all(|row| row[1] == "venue" && row[2] == "invited"));
    let names: std::collections::BTreeSet<&String> = rows[1..].iter().map(|row| &row[0]).collect();
    assert_eq!(names.len(), 1_250, "each once");
    assert!(rows[1..].windows(2).all(|pair| pair[0][0].to_lowercase() > pair[1][0].to_lowercase()), "in order");
    let all = csv(&admin, "/partners/export").await;
    assert_eq!((all.len(), all[0].len()), (2_501, 14));

    let refused = admin.get("/partners/export?columns=name,secret").await;
    refused.refused(422, "invalid_input");
    assert!(refused.body["errors"]["columns"][0].as_str().unwrap().contains("verification"), "it says which there are");
    admin.get("/partners/export?status=nonsense").await.refused(422, "invalid_input");
    admin.get("/partners/export?nonsense=1").await.refused(422, "invalid_input");
    site.person("nobody@example.com", "talent").await.get("/partners/export").await.refused(403, "forbidden");
    assert_eq!(csv(&admin, "/admin/users/export?q=admin@&columns=email").await[1..], [[admin.email.clone()]]);
    partner(&admin, "Written Down").await;
    let entries = csv(&admin, "/admin/audit/export?columns=action,actor").await;
    assert_eq!(entries[1], ["partner.created", admin.email.as_str()]);
}

/// So many people of the crew with a skill, and one without whose name is a formula.
async fn many_crew(site: &Site, admin: &Person, count: i64) {
    sqlx::query(
        "insert into staff_members (id, full_name, skills, rate_minor, currency)
         select gen_random_uuid(), 'Crew ' || lpad(n::text, 4, '0'), array['Stewarding', 'First aid'], 32050, 'INR'
         from generate_series(1, $1) n",
    )
    .bind(count)
    .execute(&site.test.pool)
    .await
    .expect("crew");
    let other = json!({ "full_name": "=HYPERLINK(1)", "note": "-2+3", "phone": "+919845012345" });
    admin.post("/staff", other).await.expect(201);
}

#[tokio::test]
async fn a_list_without_columns_of_its_own_has_those_of_its_rows() {
    let site = Site::start().await;
    let admin = site.admin().await;
    many_crew(&site, &admin, 450).await;
    let rows = csv(&admin, "/staff/export?columns=full_name,skills,rate&skill=stewarding&limit=10").await;
    assert_eq!(rows[0], ["full_name", "skills", "rate", "rate.currency"]);
    assert_eq!(rows[1], ["Crew 0001", "Stewarding; First aid", "320.50", "INR"]);
    assert_eq!(rows.len(), 1 + 450, "all of the filter, whatever page is asked for");
    assert!(rows[1..].windows(2).all(|pair| pair[0][0] < pair[1][0]), "each once, in the order of the list");

    let all = csv(&admin, "/staff/export").await;
    let named = ["id", "full_name", "skills", "rate", "rate.currency", "version", "created_at", "updated_at"];
    assert_eq!(all[0][..8], named, "what every row has, in the order of its record");
    assert_eq!(all[0][8..], ["area", "email", "note", "phone"]);
    let other = all.iter().find(|row| row[1].contains("HYPERLINK")).expect("the other");
    assert_eq!((all.len(), other[1].as_str(), other[10].as_str()), (1 + 451, "'=HYPERLINK(1)", "'-2+3"));
    assert!(other[6].ends_with('Z') && other[6].contains('T'), "{}", other[6]);

    let refused = admin.get("/staff/export?columns=full_name,secret").await;
    refused.refused(422, "invalid_input");
    assert!(refused.body["errors"]["columns"][0].as_str().unwrap().contains("rate.currency"), "{}", refused.body);
    admin.get("/staff/export?nonsense=1").await.refused(422, "invalid_input");
    let stranger = site.person("nobody@example.com", "talent").await;
    // Whoever may not read it learns nothing of its columns.
    stranger.get("/staff/export?columns=secret").await.refused(403, "forbidden");
    // Another list has rows within rows.
    let interests = csv(&admin, "/interests/all/export?columns=interest").await;
    assert_eq!(interests[0][..2], ["interest.id", "interest.name"]);
}

#[test]
fn no_file_holds_what_opens_something() {
    let keys = |path: &str| {
        let list = lists().iter().find(|list| list.path == path).expect(path);
        list.chosen(&[]).expect("all").iter().map(|column| column.key().to_owned()).collect::<Vec<_>>()
    };
    assert!(keys("/events/{id}/invites/export").contains(&"message".to_owned()));
    let links = lists().iter().flat_map(|list| keys(&list.path)).filter(|key| {
        let last = key.rsplit('.').next().unwrap_or_default();
        key == "link" || matches!(last, "token" | "calendar_url") || last.ends_with("secret")
    });
    assert_eq!(links.collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test]
async fn a_file_of_many_pages_is_one_request() {
    let site = Site::start_with(&["--rate-per-minute", "30"]).await;
    let admin = site.admin().await;
    many_crew(&site, &admin, 450).await;
    let left = async || {
        let answer = admin.get("/staff?limit=1").await;
        answer.headers["ratelimit-remaining"].to_str().unwrap().parse::<i64>().expect("a number")
    };
    let before = left().await;
    assert_eq!(csv(&admin, "/staff/export").await.len(), 1 + 451);
    assert!(left().await >= before - 2, "three pages, counted once");
}

/// Nobody in particular gets no more by one request than by many: each page counts, and a file that would be longer than
/// some is refused before it begins.
#[tokio::test]
async fn a_file_for_nobody_in_particular_counts_page_by_page_and_has_an_end() {
    let site = Site::start_with(&["--rate-per-minute", "30"]).await;
    let admin = site.admin().await;
    let (event, _) = crate::fixtures::open(&site, &admin, 9, &[("Standard", None, 0)]).await;
    let told = async |many: i32| {
        sqlx::query(
            "insert into live_updates (id, event_id, kind, body, audience)
             select gen_random_uuid(), $1::uuid, 'info', 'Update ' || n, 'guests' from generate_series(1, $2) n",
        )
        .bind(text(&event, "id"))
        .bind(many)
        .execute(&site.test.pool)
        .await
        .expect("updates");
    };
    told(4_000).await;
    let (list, nobody) = (format!("/live/updates/{}", text(&event, "id")), site.anonymous());
    let left = async || {
        let answer = nobody.get(&format!("{list}?limit=1")).await;
        answer.headers["ratelimit-remaining"].to_str().unwrap().parse::<i64>().expect("a number")
    };
    let before = left().await;
    assert_eq!(csv(&nobody, &format!("{list}/export")).await.len(), 1 + 4_000);
    assert!(left().await <= before - 8, "twenty pages");
    told(1_250).await;
    let refused = nobody.get(&format!("{list}/export")).await;
    assert!(text(&refused.body, "detail").contains("more than 5,000 rows"), "{}", refused.body);
    refused.refused(422, "invalid_input");
    assert_eq!(csv(&admin, &format!("{list}/export")).await.len(), 1 + 5_250, "whoever says who they are gets all");
}

#[tokio::test]
async fn an_export_reaches_no_further_than_its_caller() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (own, other) = (partner(&admin, "Own Hall").await, partner(&admin, "Other Hall").await);
    let person = within(&site, &admin, &own, "own@example.com", &["partners.read"]).await;
    let rows = csv(&person, "/partners/export?columns=id").await;
    assert_eq!(rows[1..], [[text(&own, "id").to_owned()]]);
    // Nor does that of a list without columns of its own.
    let contacts = |of: &serde_json::Value| format!("/partners/{}/contacts/export", text(of, "id"));
    assert_eq!(csv(&person, &contacts(&own)).await[0][..2], ["id", "partner_id"]);
    person.get(&contacts(&other)).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_export_ends_when_its_caller_is_revoked() {
    let site = Site::start().await;
    let admin = site.admin().await;
    // More than the sockets between hold, however long the other end does not read.
    many_partners(&site, 60_000, 180).await;
    let reader = site.person("reader@example.com", "auditor").await;
    let answer = reader.request(reqwest::Method::GET, "/partners/export").send().await.expect("an answer");
    let mut body = answer.bytes_stream();
    body.next().await.expect("a first part").expect("a part");
    admin.delete(&format!("/admin/users/{}", reader.id)).await.expect(200);
    site.test.forget_callers();
    let mut rest = body.collect::<Vec<_>>().await;
    assert!(rest.pop().expect("an end").is_err(), "the file is cut off, and the connection says so");
}

#[tokio::test]
async fn views_belong_to_the_person_who_kept_them() {
    let site = Site::start().await;
    let (admin, other) = (site.admin().await, site.person("other@example.com", "auditor").await);
    let view = |name: &str, query: &str| json!({ "list": "partners", "name": name, "query": query });
    let kept = admin.post("/views", view("Halls", "?type=venue&sort=-name")).await.expect(200);
    let again = admin.post("/views", view("halls", "?type=venue")).await.expect(200);
    assert_eq!((&kept["id"], &again["query"]), (&again["id"], &json!("?type=venue")), "one of that name");
    admin.post("/views", view("All of them", "")).await.expect(200);
    let names = |list: serde_json::Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|v| text(v, "name").to_owned()).collect()
    };
    assert_eq!(names(admin.rows("/views?list=partners").await), ["All of them", "halls"]);
    assert_eq!(names(admin.rows("/views?list=team").await), Vec::<String>::new());
    assert_eq!(names(other.rows("/views?list=partners").await), Vec::<String>::new());
    let path = format!("/views/{}", text(&kept, "id"));
    other.delete(&path).await.refused(404, "not_found");
    admin.delete(&path).await.expect(204);
    admin.delete(&path).await.refused(404, "not_found");
    for (list, query, field) in [("Partners!", "", "list"), ("partners", "https://elsewhere", "query")] {
        let refused = admin.post("/views", json!({ "list": list, "name": "x", "query": query })).await;
        refused.refused(422, "invalid_input");
        assert!(refused.body["errors"][field].is_array(), "{}", refused.body);
    }
    let calls = (0..60).map(|n| admin.post("/views", view(&format!("View {n}"), "")));
    let calls: Vec<_> = calls.collect();
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().any(|a| a.status == 409 && a.code() == "too_many_views"));
    assert_eq!(site.number("select count(*) from saved_views").await, eventify::views::MOST_VIEWS);
}
