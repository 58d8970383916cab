//! People's words: found however they are written, and never more than what they look like.

use eventify::kernel::text::E164Phone;
use serde_json::{Value, json};

use crate::fixtures::{kind, open};
use crate::partners::text;
use crate::people::{PHONE, ask, end_user, verify};
use crate::support::{Answer, Person, Site};

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

async fn found(person: &Person, list: &str, q: &str) -> usize {
    let sign = if list.contains('?') { '&' } else { '?' };
    let page = person.get(&format!("{list}{sign}q={}", encoded(q))).await.expect(200);
    page["items"].as_array().or(page.as_array()).expect("rows").len()
}

/// One record in every list that is searched, with these words for a name and this local part of an address.
async fn furnish(site: &Site, admin: &Person, words: &str, local: &str) -> Vec<(String, String)> {
    let mail = |at: &str| format!("{local}@{at}.test");
    let (event, kinds) = open(site, admin, 10, &[("Standard", None, 0)]).await;
    let id = text(&event, "id");
    let title = json!({ "title": words, "version": event["version"] });
    admin.patch(&format!("/events/{id}"), title).await.expect(200);
    let guest = json!({ "ticket_type_id": kinds[0]["id"], "name": words, "email": mail("guest") });
    admin.post(&format!("/events/{id}/attendees"), guest).await.expect(201);
    admin.post("/venues", json!({ "name": words, "city": "Pune", "address": "1 Road" })).await.expect(201);
    let partner = json!({ "name": words, "type": "venue", "contact_name": "C", "contact_email": mail("partner") });
    admin.post("/partners", partner).await.expect(201);
    let role = site.role("auditor").await;
    let staff = json!({ "full_name": words, "email": mail("staff"), "role_id": role });
    admin.post("/admin/users", staff).await.expect(201);
    let user = end_user(site, PHONE).await;
    user.patch("/me", json!({ "name": words, "email": mail("user"), "version": 1 })).await.expect(200);
    [
        ("/events?status=published", ""),
        (&*format!("/events/{id}/attendees"), "guest"),
        ("/tickets", "guest"),
        ("/venues", ""),
        ("/partners", "partner"),
        ("/admin/users", "staff"),
        ("/users", "user"),
    ]
    .map(|(list, at)| (list.to_owned(), if at.is_empty() { String::new() } else { mail(at) }))
    .into()
}

#[tokio::test]
async fn every_list_finds_what_was_typed_however_it_is_written() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let lists = furnish(&site, &admin, "Zürich_Fête 100% Straße Łódź", "first_last1").await;
    for (list, email) in &lists {
        for q in [
            "Zürich_Fête",
            "zurich_fete",
            "ZU\u{308}RICH",
            "100% stra",
            "strasse",
            "STRASSE",
            "lodz",
            "ｚｕｒｉｃｈ",
            "_fete 100%",
            " zurich ",
        ] {
            assert_eq!(found(&admin, list, q).await, 1, "{list}: {q}");
        }
        for q in ["zurich fete", "%fete", "100_", "\\", "_1_", "%%"] {
            assert_eq!(found(&admin, list, q).await, 0, "{list}: {q}");
        }
        if !email.is_empty() {
            assert_eq!(found(&admin, list, email).await, 1, "{list}: {email}");
            assert_eq!(found(&admin, list, &email.replace('_', "x")).await, 0, "{list}: {email}");
        }
    }
    for q in ["zurich", "Zu\u{308}rich fe", "strasse", "łódź", "ＬＯＤＺ"] {
        assert_eq!(found(&admin, "/search", q).await, 5, "{q}: event, venue, partner, colleague and user");
    }
}

#[tokio::test]
async fn other_alphabets_are_found_too() {
    let site = Site::start().await;
    let admin = site.admin().await;
    for (title, typed) in [
        ("İstanbul Gecesi", vec!["İstanbul Gecesi", "istanbul gecesi", "ISTANBUL", "ıstanbul"]),
        ("Ёлка на Арбате", vec!["елка", "ёлка", "АРБАТЕ"]),
        ("नृत्य संध्या", vec!["नृत्य", "संध्या"]),
        ("東京 ジャズ", vec!["東京", "ジャズ", "ｼﾞｬｽﾞ"]),
        ("أمسية عُود", vec!["امسية", "عود"]),
        ("Ωδείο", vec!["ωδειο", "ΩΔΕΙΟ"]),
    ] {
        admin.post("/venues", json!({ "name": title, "city": "Pune", "address": "" })).await.expect(201);
        for q in typed {
            assert_eq!(found(&admin, "/venues", q).await, 1, "{title}: {q}");
            assert_eq!(found(&admin, "/search", q).await, 1, "{title} by /search: {q}");
        }
    }
}

#[tokio::test]
async fn one_person_has_one_phone_in_every_writing() {
    let site = Site::start().await;
    let code = ask(&site, "+447700123456").await;
    let first = verify(&site.anonymous(), "+44 7700 123456", &code).await.expect(200);
    assert_eq!(first["is_new"], true);
    for writing in ["+44 0 7700 123456", "+44 (0)7700\u{a0}123456", "\u{202a}+44\u{2013}7700\u{2013}123456\u{202c}"] {
        site.test.clock.advance(time::Duration::minutes(20));
        site.anonymous().post("/auth/otp/request", json!({ "phone": writing })).await.expect(200);
        let code = crate::people::newest_code(&site, "+447700123456").await;
        let again = verify(&site.anonymous(), writing, &code).await.expect(200);
        assert_eq!(again["is_new"], false, "{writing}");
    }
    assert_eq!(site.number("select count(*) from end_users").await, 1);
    let admin = site.admin().await;
    for q in ["+44 (0)7700 123456", "07700 123456", "7700-1234", "\u{202a}+447700123456\u{202c}"] {
        assert_eq!(found(&admin, "/users", q).await, 1, "{q}");
    }
    assert_eq!(found(&admin, "/users", "-").await, 0);
}

#[tokio::test]
async fn numbers_that_were_kept_with_the_zero_are_put_right_by_the_rule_of_new_ones() {
    let site = Site::start().await;
    for number in [
        "+4407700123456",
        "+447700123456",
        "+91098450123",
        "+390612345678",
        "+2250712345678",
        "+12125550123",
        "+353086123456",
        "+9710501234567",
        "+5900690123456",
        "+78005553535",
    ] {
        let kept: String = sqlx::query_scalar("select phone_without_trunk($1)")
            .bind(number)
            .fetch_one(&site.test.reader)
            .await
            .expect("a number");
        assert_eq!(kept, E164Phone::parse(number).expect("a number").as_str(), "{number}");
    }
}

fn refused_for(answer: &Answer, field: &str, what: &str) {
    assert_eq!((answer.status.as_u16(), answer.code()), (422, "invalid_input"), "{what:?}: {}", answer.body);
    assert!(answer.body["errors"][field].is_array(), "{what:?}: {}", answer.body);
}

#[tokio::test]
async fn a_name_is_one_line_that_can_be_seen() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let user = end_user(&site, PHONE).await;
    for bad in [
        "Click\n\nYour account is locked",
        "a\r\nBcc: x",
        "a\u{2028}b",
        "abc\u{202e}fdp",
        "\u{200b}\u{200b}\u{200b}",
        "\u{3164}",
        "\u{2800}\u{2800}\u{2800}",
    ] {
        let guest = json!({ "ticket_type_id": kinds[0]["id"], "name": bad, "email": "victim@example.test" });
        refused_for(&admin.post(&format!("{path}/attendees"), guest).await, "name", bad);
        refused_for(&user.patch("/me", json!({ "name": bad, "version": 1 })).await, "name", bad);
        refused_for(&admin.patch(&path, json!({ "title": bad, "version": event["version"] })).await, "title", bad);
        refused_for(&admin.post("/admin/roles", json!({ "name": bad })).await, "name", bad);
        let venue = json!({ "name": bad, "city": "Pune", "address": "1 Road" });
        refused_for(&admin.post("/venues", venue).await, "name", bad);
    }
    for good in ["क्\u{200d}ष", "می\u{200c}خواهم", "👩\u{200d}🔬 Rao", "李小龍"] {
        let guest = json!({ "ticket_type_id": kinds[0]["id"], "name": good });
        assert_eq!(text(&admin.post(&format!("{path}/attendees"), guest).await.expect(201), "name"), good);
    }
    let lines = json!({ "description": "Doors 19:00\r\nShow 20:00", "version": event["version"] });
    let event: Value = admin.patch(&path, lines).await.expect(200);
    assert_eq!(text(&event, "description"), "Doors 19:00\nShow 20:00");
    let turned = json!({ "description": "a\u{202e}b", "version": event["version"] });
    refused_for(&admin.patch(&path, turned).await, "description", "an override");
}

#[tokio::test]
async fn whole_numbers_written_with_a_point_are_taken() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}", text(&event, "id"));
    let version = event["version"].as_i64().expect("a version") as f64;
    admin.patch(&path, json!({ "title": "Evening", "version": version })).await.expect(200);
    refused_for(&admin.patch(&path, json!({ "title": "Night", "version": version + 0.5 })).await, "version", "a half");
    kind(&admin, &event, "Late", Some(3), 100).await;
}
