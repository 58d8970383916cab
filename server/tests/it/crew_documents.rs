//! Documents of the crew: who reads them, until when they are good, and that they go with their files.

use eventify::planning::CrewDocumentKind;
use serde_json::{Value, json};
use time::Duration;

use crate::audit_rows::upload;
use crate::browser::Browser;
use crate::partners::{BOUNDARY, PDF, text};
use crate::planning::{Day, works};
use crate::support::{Answer, Person, Site, read};

/// Hands in a file with these fields beside it.
async fn hand_in(person: &Person, member: &Value, kind: Option<&str>, until: Option<&str>) -> Answer {
    let (media, mut form) = upload(kind, PDF);
    if let Some(day) = until {
        let field = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"expires_on\"\r\n\r\n{day}\r\n");
        form.splice(0..0, field.bytes());
    }
    let path = format!("/staff/{}/documents", text(member, "id"));
    let request = person.request(reqwest::Method::POST, &path).header("content-type", media).body(form);
    read(request.send().await.expect("an answer")).await
}

async fn documents(person: &Person, member: &Value) -> Value {
    person.get(&format!("/staff/{}/documents", text(member, "id"))).await.expect(200)["items"].clone()
}

/// The page of somebody's own, and its token.
async fn own_page(admin: &Person, member: &Value) -> (String, String) {
    let link = admin.get(&format!("/staff/{}/link", text(member, "id"))).await.expect(200);
    let url = text(&link, "url");
    let path = url[url.find("/c/").expect("a page")..].to_owned();
    let token = path.rsplit('/').next().expect("a token").to_owned();
    (path, token)
}

#[tokio::test]
async fn a_document_says_when_it_expires_before_a_shift() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let shift = admin.post("/staff/assignments", works(&day, 0, 4)).await.expect(201);
    // The shift is on Saturday 5 December.
    let short = hand_in(&admin, &day.member, Some("certificate"), Some("2026-12-04")).await.expect(201);
    assert_eq!((&short["expires_on"], &short["is_expired"]), (&json!("2026-12-04"), &json!(false)));
    let uncovered = &short["uncovered"];
    assert_eq!((&uncovered["event_id"], &uncovered["day"]), (&day.event["id"], &json!("2026-12-05")));
    let long = hand_in(&admin, &day.member, Some("right_to_work"), Some("2026-12-05")).await.expect(201);
    assert_eq!(long["uncovered"], Value::Null, "the last day is a good one");
    let always = hand_in(&admin, &day.member, Some("contract"), Some("")).await.expect(201);
    assert_eq!((&always["expires_on"], &always["uncovered"]), (&Value::Null, &Value::Null));
    assert_eq!(documents(&admin, &day.member).await.as_array().map(Vec::len), Some(3));
    let crew_page = format!("/crew/{}", text(&day.member, "id"));
    let told = ["Documents of Joy a", "Certificate", "valid until Friday 4 December 2026", "Expires before", "Upload"];
    Browser::of_staff(&site, &admin).get(&crew_page).await.says(&told).says(&["Sat 5 Dec", "Right to work"]);
    let (page, _) = own_page(&admin, &day.member).await;
    let mut phone = Browser::new(&site);
    phone.get(&page).await.says(&["Your documents", "Certificate: ", "Expires before", "Send a new one"]);
    // Whoever has no such shift any more is short of nothing.
    admin.delete(&format!("/staff-assignments/{}", text(&shift, "id"))).await.expect(204);
    assert!(documents(&admin, &day.member).await.as_array().expect("all").iter().all(|one| one["uncovered"].is_null()));
    site.test.clock.advance(Duration::days(10));
    let mut admin = admin;
    admin.sign_in().await;
    let all = documents(&admin, &day.member).await;
    let expired: Vec<&Value> = all.as_array().expect("all").iter().filter(|one| one["is_expired"] == true).collect();
    assert_eq!(expired.len(), 1, "on its last day one is still good: {all}");
    assert_eq!(expired[0]["id"], short["id"]);
    phone.get(&page).await.says(&["Expired"]);
}

#[tokio::test]
async fn documents_are_read_by_who_plans_staff_and_by_the_person_alone() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (day, other) = (Day::new(&site, &admin, "a").await, Day::new(&site, &admin, "b").await);
    let made = hand_in(&admin, &day.member, Some("identity"), None).await.expect(201);
    let one = format!("/staff-documents/{}", text(&made, "id"));
    let (page, token) = own_page(&admin, &day.member).await;
    let (_, foreign) = own_page(&admin, &other.member).await;
    // Whoever reads staffing reads them and changes nothing; nobody else does.
    let reader = site.person("reader@example.com", "auditor").await;
    assert_eq!(documents(&reader, &day.member).await, json!([made]));
    hand_in(&reader, &day.member, Some("contract"), None).await.refused(403, "forbidden");
    reader.delete(&one).await.refused(403, "forbidden");
    let shown = Browser::of_staff(&site, &reader).get(&format!("/crew/{}", text(&day.member, "id"))).await;
    shown.says(&["Identity document", "a file"]).hides(&["Upload", "Remove a file"]);
    let author = site.person("author@example.com", "author").await;
    author.get(&format!("/staff/{}/documents", text(&day.member, "id"))).await.refused(403, "forbidden");
    author.get(&format!("{one}/link")).await.refused(403, "forbidden");
    let link = reader.get(&format!("{one}/link")).await.expect(200);
    let file = reader.http.get(format!("{}{}", site.url, text(&link, "url"))).send().await.expect("an answer");
    assert_eq!((file.status().as_u16(), file.bytes().await.expect("a file").as_ref()), (200, PDF));
    // A link to this id among the artists' documents is none to it.
    let swapped = text(&link, "url").replace("staff-documents", "talent-documents");
    assert_eq!(reader.http.get(format!("{}{swapped}", site.url)).send().await.expect("an answer").status(), 410);
    // The person's own link opens their own file, and no other link does.
    let anyone = site.anonymous();
    let mine = anyone.get(&format!("{one}/own-link?token={token}")).await.expect(200);
    let file = anyone.http.get(format!("{}{}", site.url, text(&mine, "url"))).send().await.expect("an answer");
    assert_eq!(file.bytes().await.expect("a file").as_ref(), PDF);
    anyone.get(&format!("{one}/own-link?token={foreign}")).await.refused(410, "link_invalid");
    let unknown = eventify::kernel::clock::new_uuid();
    anyone.get(&format!("/staff-documents/{unknown}/own-link?token={token}")).await.refused(410, "link_invalid");
    let mut phone = Browser::new(&site);
    phone.get(&page).await.says(&["Identity document"]);
    let elsewhere = page.replace(&token, &foreign);
    phone.get(&format!("{elsewhere}/documents/{}", text(&made, "id"))).await.says(&["This link no longer works"]);
    // A new link ends the one before, for the files too.
    admin.post(&format!("/staff/{}/link", text(&day.member, "id")), json!({})).await.expect(200);
    anyone.get(&format!("{one}/own-link?token={token}")).await.refused(410, "link_invalid");
}

#[tokio::test]
async fn what_is_refused_or_removed_leaves_no_file() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let kinds: Vec<&str> = CrewDocumentKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let refused = hand_in(&admin, &day.member, Some("diary"), None).await;
    let message = format!("must be {} or other", kinds[..kinds.len() - 1].join(", "));
    assert_eq!(refused.body["errors"]["type"], json!([message]));
    assert_eq!(hand_in(&admin, &day.member, None, None).await.body["errors"]["type"], json!(["is required"]));
    for day_typed in ["soon", "2026-02-30", "20261204"] {
        let refused = hand_in(&admin, &day.member, Some("contract"), Some(day_typed)).await;
        refused.refused(422, "invalid_input");
        assert!(refused.body["errors"]["expires_on"].is_array(), "{}", refused.body);
    }
    assert_eq!(site.number("select count(*) from stored_files").await, 0, "a refused file is not left behind");
    let made = hand_in(&admin, &day.member, Some("contract"), None).await.expect(201);
    let one = format!("/staff-documents/{}", text(&made, "id"));
    let link = admin.get(&format!("{one}/link")).await.expect(200);
    // Two who remove it at once: one does.
    let again = admin.clone();
    let (first, second) = futures::join!(admin.delete(&one), again.delete(&one));
    let mut answers = [first.status, second.status];
    answers.sort_unstable();
    assert_eq!(answers, [204, 404]);
    assert_eq!(site.number("select count(*) from stored_files where kept_at is not null").await, 0);
    assert_eq!(site.number("select count(*) from audit_logs where action = 'staff_document.removed'").await, 1);
    let gone = admin.http.get(format!("{}{}", site.url, text(&link, "url"))).send().await.expect("an answer");
    assert_eq!(gone.status(), 404);
    // Of somebody who has left the crew nothing is read any more.
    let kept = hand_in(&admin, &day.member, Some("contract"), None).await.expect(201);
    admin.delete(&format!("/staff/{}", text(&day.member, "id"))).await.expect(204);
    admin.get(&format!("/staff-documents/{}/link", text(&kept, "id"))).await.refused(404, "not_found");
    hand_in(&admin, &day.member, Some("contract"), None).await.refused(404, "not_found");
}
