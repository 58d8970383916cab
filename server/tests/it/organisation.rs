//! The organisation's own settings, what follows from them, and the mails that wear its name.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::{Browser, slug};
use crate::fixtures::{draft, kind, make_guests, open, plan, reserve};
use crate::partners::{BOUNDARY, form, partner, text};
use crate::support::{Answer, Person, Site, read};

pub fn settings(now: &Value) -> Value {
    json!({ "name": "Marigold & Co", "primary_colour": "#7A1F5C", "accent_colour": "#ffd166",
            "timezone": "Europe/Oslo", "currency": "nok", "reply_to": "desk@marigold.example",
            "version": now["version"] })
}

#[tokio::test]
async fn settings_are_read_by_everybody_and_changed_by_those_who_may() {
    let site = Site::start().await;
    let (admin, auditor) = (site.admin().await, site.person("auditor@example.com", "auditor").await);
    let before = site.anonymous().get("/organisation").await.expect(200);
    assert_eq!((&before["name"], &before["currency"]), (&json!("Eventify"), &json!("INR")));
    auditor.put("/admin/organisation", settings(&before)).await.refused(403, "forbidden");
    let after = admin.put("/admin/organisation", settings(&before)).await.expect(200);
    assert_eq!(after["colours"]["primary"], "#7a1f5c");
    // The process that changed it shows it at once.
    assert_eq!(site.anonymous().get("/organisation").await.expect(200), after);
    let entry = "select count(*) from audit_logs where action = 'organisation.updated'";
    assert_eq!(site.number(entry).await, 1);
    assert_eq!(site.number("select count(*) from outbox_events where type = 'organisation.changed'").await, 1);
    // Who opened it before sees what it is now.
    let stale = admin.put("/admin/organisation", settings(&before)).await;
    stale.refused(409, "conflict");
    assert_eq!(stale.body["current"]["name"], "Marigold & Co");
    for (field, value) in [
        ("primary_colour", "#ffd166"),
        ("accent_colour", "#0a2125"),
        ("primary_colour", "petrol"),
        ("timezone", "IST"),
        ("timezone", "Asia/Nowhere"),
        ("currency", "EURO"),
        ("currency", "XXX"),
        ("currency", "XTS"),
        ("reply_to", "desk"),
        ("name", " "),
    ] {
        let mut wrong = settings(&after);
        wrong[field] = value.into();
        let answer = admin.put("/admin/organisation", wrong).await;
        answer.refused(422, "invalid_input");
        assert!(answer.body["errors"][field].is_array(), "{field}: {}", answer.body);
    }
}

#[tokio::test]
async fn of_two_who_change_the_settings_at_once_one_is_told() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let now = admin.get("/organisation").await.expect(200);
    let calls = (0..8).map(|_| {
        let (admin, input) = (admin.clone(), settings(&now));
        async move { admin.put("/admin/organisation", input).await.status.as_u16() }
    });
    let mut answers = futures::future::join_all(calls).await;
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn what_is_made_without_a_zone_or_currency_has_the_organisation_s() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let now = admin.get("/organisation").await.expect(200);
    admin.put("/admin/organisation", settings(&now)).await.expect(200);
    let organiser = partner(&admin, "Nordlys").await;
    assert_eq!(organiser["settlement_currency"], "NOK");
    let mut input = plan(&site, 10, 20);
    input["organizer_partner_id"] = organiser["id"].clone();
    let event = admin.post("/events", input).await.expect(201);
    assert_eq!((&event["timezone"], &event["ticket_price"]["currency"]), (&json!("Europe/Oslo"), &json!("NOK")));
    let venue = admin.post("/venues", json!({ "name": "Aker", "city": "Oslo" })).await.expect(201);
    assert_eq!(venue["timezone"], "Europe/Oslo");
}

async fn logo(person: &Person, file: &[u8]) -> Answer {
    let body = form(None, "logo.png", file);
    let request = person.request(Method::POST, "/admin/organisation/logo");
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    read(request.header("content-type", kind).body(body).send().await.expect("an answer")).await
}

#[tokio::test]
async fn a_logo_is_made_anew_and_leaves_nothing_behind() {
    let site = Site::start().await;
    let admin = site.admin().await;
    logo(&site.person("auditor@example.com", "auditor").await, &crate::pictures::png(40, 30))
        .await
        .refused(403, "forbidden");
    let broken = logo(&admin, &crate::pictures::png(40, 30)[..60]).await;
    broken.refused(422, "invalid_input");
    let one = logo(&admin, &crate::pictures::png(900, 300)).await.expect(200);
    let address = text(&one, "logo_url").replace("/api/v1", "");
    let shown = site.anonymous().request(Method::GET, &address).send().await.expect("an answer");
    assert_eq!((shown.status().as_u16(), shown.headers()["content-type"].to_str().unwrap()), (200, "image/jpeg"));
    assert_eq!(site.number("select count(*) from stored_files").await, 1);
    let two = logo(&admin, &crate::pictures::png(60, 60)).await.expect(200);
    assert_ne!(one["logo_url"], two["logo_url"]);
    site.anonymous().get(&address).await.refused(404, "not_found");
    assert_eq!(site.number("select count(*) from stored_files").await, 1);
    let none = admin.delete("/admin/organisation/logo").await.expect(200);
    assert!(none["logo_url"].is_null());
    assert_eq!(site.number("select count(*) from stored_files").await, 0);
}

#[tokio::test]
async fn pages_have_the_organisation_s_name_logo_and_colours() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, _) = open(&site, &admin, 10, &[("Standard", None, 0)]).await;
    let (page, mut anyone) = (slug(&event), Browser::new(&site));
    let ours = anyone.get(&page).await.says(&[" · Eventify</title>"]).hides(&["Powered by", "-d2f13c.css"]);
    let now = admin.get("/organisation").await.expect(200);
    admin.put("/admin/organisation", settings(&now)).await.expect(200);
    let logo = logo(&admin, &crate::pictures::png(900, 300)).await.expect(200);
    let (_other, url) = site.another().await;
    let mut elsewhere = Browser { url, ..Browser::new(&site) };
    let worn = [" · Marigold &amp; Co</title>", text(&logo, "logo_url"), "Powered by Eventify", "/7a1f5c-ffd166.css\""];
    for path in ["/", &page, "/sign-in"] {
        anyone.get(path).await.is(200, path).says(&worn).hides(&["· Eventify<"]);
        elsewhere.get(path).await.says(&worn);
    }
    let shown = anyone.get(&page).await.says(&["property=\"og:site_name\" content=\"Marigold &amp; Co\""]);
    assert!(shown.text.len() < 40_000 && ours.text.len() < 40_000, "{} bytes", shown.text.len());
    let inside = Browser::of_staff(&site, &admin).get("/events").await;
    inside.says(&[" · Marigold &amp; Co</title>", text(&logo, "logo_url")]).hides(&["-ffd166.css"]);

    // The colours are a file of their own, which the browser keeps; another choice is another file.
    let (before, _) = shown.text.split_once("/7a1f5c-ffd166.css").expect("its colours");
    let folder = before.rsplit_once('"').expect("an address").1.to_owned();
    let colours =
        anyone.get(&format!("{folder}/7a1f5c-ffd166.css")).await.says(&["--accent: #7a1f5c;", "--spark: #ffd166;"]);
    assert_eq!(colours.headers["cache-control"], "public, max-age=31536000, immutable");
    // What can be read on white alone is darker where pages are tinted.
    anyone.get(&format!("{folder}/767676-ffd166.css")).await.hides(&["--accent: #767676;"]);
    let older = anyone.get("/style/another/7a1f5c-ffd166.css").await.says(&["--accent: #7a1f5c;"]);
    assert_eq!(older.headers["cache-control"], "no-cache");
    assert_eq!(anyone.get(&format!("{folder}/red.css")).await.status, 404);
}

/// Runs the mails that wait; answers them, the latest first, each with its whole file.
async fn sent(site: &Site) -> Vec<(eventify::notify::mailbox::KeptMail, String)> {
    crate::fixtures::run_queued(site, "mail.send").await;
    let mails = eventify::notify::mailbox::list(&site.test).await.expect("the mailbox");
    let file = |mail: &eventify::notify::mailbox::KeptMail| {
        std::fs::read_to_string(site.test.config.data.join("mail").join(&mail.name)).expect("a mail")
    };
    mails.into_iter().map(|mail| (file(&mail), mail)).map(|(file, mail)| (mail, file)).collect()
}

#[tokio::test]
async fn a_mail_with_tickets_shows_their_codes_and_answers_to_the_organiser() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let guests = format!("/events/{}/attendees", text(&event, "id"));
    let guest = json!({ "ticket_type_id": kinds[0]["id"], "name": "Rohit", "email": "rohit@example.com", "seats": 2 });
    let guest = admin.post(&guests, guest).await.expect(201);
    let (mail, file) = sent(&site).await.remove(0);
    assert_eq!(mail.subject, "Your tickets for Monsoon Jazz");
    let alone = json!({ "ticket_type_id": kinds[0]["id"], "name": "Ira", "email": "ira@example.com", "seats": 1 });
    admin.post(&guests, alone).await.expect(201);
    let all = sent(&site).await;
    let (alone, _) = all.iter().find(|(mail, _)| mail.to == "ira@example.com").expect("her mail");
    assert_eq!(alone.subject, "Your ticket for Monsoon Jazz");
    assert!(alone.text.contains("can show your ticket.") && !alone.text.contains("your tickets"), "{}", alone.text);
    let tickets = admin.get(&format!("/attendees/{}/tickets", text(&guest, "id"))).await.expect(200);
    for ticket in tickets["tickets"].as_array().expect("tickets") {
        let typed = text(&ticket["code"], "short_code");
        assert!(mail.text.contains(typed) && mail.html.contains(typed), "{typed}: {}", mail.text);
    }
    assert!(file.contains("Content-ID: <ticket-1>") && file.contains("Content-ID: <ticket-2>"), "{file}");
    assert!(file.contains("text/calendar") && file.contains("event.ics"));
    let contact: String = sqlx::query_scalar(
        "select c.email from partner_contacts c join events e on e.organizer_partner_id = c.partner_id
         where e.id = $1::uuid and c.is_primary",
    )
    .bind(text(&event, "id"))
    .fetch_one(&site.test.reader)
    .await
    .expect("a contact");
    assert!(file.contains(&format!("Reply-To: {contact}")), "{file}");
    assert!(mail.html.contains("Monsoon Jazz") && mail.text.contains("GMT+5:30"), "{}", mail.text);
    // The address of an account is nobody's word: no code, and no link that shows one, goes there.
    let people = make_guests(&site, 1).await;
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let (own, file) = sent(&site).await.remove(0);
    assert!(own.text.contains("/my") && !file.contains("Content-ID: <ticket-1>") && file.contains("event.ics"));
}

#[tokio::test]
async fn a_transferred_ticket_says_who_sent_it_and_nobody_is_called_guest() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 1).await;
    let taken = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    sqlx::query("update user_profiles set name = 'Kabir & Co' where user_id = $1::uuid")
        .bind(&people[0].id)
        .execute(&site.test.pool)
        .await
        .expect("a name");
    let tickets = people[0].rows(&format!("/tickets?attendee_id={}", text(&taken, "attendee_id"))).await;
    let to = json!({ "name": "Ira Bose", "email": "ira@example.com" });
    people[0].post(&format!("/tickets/{}/transfer", text(&tickets[0], "id")), to).await.expect(200);
    let (mail, _) = sent(&site).await.remove(0);
    assert_eq!(mail.to, "ira@example.com");
    assert!(mail.text.contains("Kabir & Co transferred this ticket to you."), "{}", mail.text);
    assert!(mail.html.contains("<bdi>Kabir &amp; Co</bdi> transferred this ticket to you."), "{}", mail.html);
    // What it is named by is looked up when the mail is sent: no queue holds it.
    let kept = "select count(*) from job_runs where payload::text like '%Kabir%'";
    assert_eq!(site.number(kept).await, 0);

    let by_email = json!({ "invite_type": "direct", "invited_email": "someone@example.com" });
    admin.post(&format!("/events/{}/invites", text(&event, "id")), by_email).await.expect(201);
    let (mail, _) = sent(&site).await.remove(0);
    assert!(mail.text.lines().any(|line| line.trim() == "Hello,"), "{}", mail.text);
}

#[tokio::test]
async fn every_mail_can_be_looked_at_before_it_is_sent() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let now = admin.get("/organisation").await.expect(200);
    let mut input = settings(&now);
    input["name"] = "<b>Marigold</b>".into();
    admin.put("/admin/organisation", input).await.expect(200);
    let list = admin.get("/admin/mail-templates").await.expect(200);
    let mails = list["items"].as_array().expect("mails");
    assert!(mails.len() >= 25, "{}", mails.len());
    for mail in mails {
        let address = text(mail, "preview_url").replace("/api/v1", "");
        let page = admin.request(Method::GET, &address).send().await.expect("an answer");
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
        let html = page.text().await.expect("a page");
        assert!(html.contains("#7a1f5c") && html.contains("&lt;b&gt;Marigold") && !html.contains("<b>Marigold"));
        assert!(!html.contains("\"cid:"), "a picture that is not there: {address}");
        assert_eq!(mail["text_message"].is_string(), mail["audience"] == "guests", "{mail}");
    }
    site.person("a@example.com", "auditor").await.get("/admin/mail-templates").await.refused(403, "forbidden");
    admin.get("/admin/mail-templates/9999/html").await.refused(404, "not_found");
}

#[tokio::test]
async fn an_address_is_invited_and_only_the_right_person_comes_by_it() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}/invites", text(&event, "id"));
    let people = make_guests(&site, 3).await;
    let phone: String = sqlx::query_scalar("select phone from end_users where id = $1::uuid")
        .bind(&people[0].id)
        .fetch_one(&site.test.reader)
        .await
        .expect("a phone");
    let by_phone = json!({ "invite_type": "direct", "invited_phone": phone, "ticket_type_id": kinds[0]["id"] });
    let made = admin.post(&path, by_phone.clone()).await.expect(201);
    assert_eq!((&made["invite_type"], &made["ticket_type"]), (&json!("direct"), &json!("Standard")));
    admin.post(&path, by_phone).await.refused(409, "already_exists");
    let token = text(&made, "link").rsplit('/').next().unwrap().to_owned();
    // Another number has no use of the link, and it is still good afterwards.
    people[1].post("/invites/accept", json!({ "token": token })).await.refused(410, "link_invalid");
    let mine = people[0].get("/me/invites").await.expect(200);
    let mine = mine["items"].as_array().or(mine.as_array()).expect("invitations").clone();
    assert_eq!((&mine[0]["id"], &mine[0]["created_by_name"]), (&made["id"], &Value::Null));
    people[0].post("/invites/accept", json!({ "token": token })).await.expect(201);
    people[0].post("/invites/accept", json!({ "token": token })).await.refused(410, "link_invalid");

    // The event is in India, where ten digits are enough.
    let short = json!({ "invite_type": "direct", "invited_phone": "098450 99999", "ticket_type_id": kinds[0]["id"] });
    assert_eq!(admin.post(&path, short).await.expect(201)["invited_phone"], "+919845099999");

    let by_email = json!({ "invite_type": "direct", "invited_email": "Someone@Example.com" });
    let made = admin.post(&path, by_email).await.expect(201);
    let (mail, _) = sent(&site).await.remove(0);
    assert_eq!((mail.to.as_str(), mail.text.contains(text(&made, "link"))), ("someone@example.com", true));
    let token = text(&made, "link").rsplit('/').next().unwrap().to_owned();
    // It may be forwarded, and is good once whoever is first.
    let calls = [&people[1], &people[2]].map(|person| person.post("/invites/accept", json!({ "token": token })));
    let mut answers: Vec<u16> = futures::future::join_all(calls).await.iter().map(|a| a.status.as_u16()).collect();
    answers.sort_unstable();
    assert_eq!(answers, [201, 410]);
    let list = admin.get(&path).await.expect(200);
    let list = list["items"].as_array().or(list.as_array()).expect("invitations").clone();
    assert_eq!((&list[0]["status"], &list[0]["uses"]), (&json!("accepted"), &json!(1)));
    for wrong in [
        json!({ "invite_type": "direct" }),
        json!({ "invite_type": "direct", "invited_email": "a@example.com", "invited_phone": "+919845012345" }),
        json!({ "invite_type": "share_link", "invited_email": "a@example.com" }),
        json!({ "invite_type": "direct", "invited_phone": "12" }),
    ] {
        admin.post(&path, wrong).await.refused(422, "invalid_input");
    }
}

#[tokio::test]
async fn a_share_link_is_copied_again_by_those_who_manage_the_event_alone() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 10).await;
    kind(&admin, &event, "Standard", None, 0).await;
    let id = text(&event, "id");
    admin.post(&format!("/events/{id}/publish"), json!({})).await.expect(200);
    let path = format!("/events/{id}/invites");
    let made = admin.post(&path, json!({ "invite_type": "share_link" })).await.expect(201);
    let first = |list: Value| list["items"].as_array().or(list.as_array()).expect("invitations")[0].clone();
    let again = first(admin.get(&path).await.expect(200));
    assert_eq!((&again["link"], &again["created_by_name"]), (&made["link"], &json!("Test Person")));
    let auditor = site.person("auditor@example.com", "auditor").await;
    assert!(first(auditor.get(&path).await.expect(200))["link"].is_null());
}

#[tokio::test]
async fn an_end_user_invites_fifty_addresses_a_day_and_no_more() {
    let site = Site::start().await;
    let host = &make_guests(&site, 1).await[0];
    let event = host.post("/events", plan(&site, 100, 20)).await.expect(201);
    let id = text(&event, "id");
    host.post(&format!("/events/{id}/ticket-types"), json!({ "name": "Standard" })).await.expect(201);
    host.post(&format!("/events/{id}/publish"), json!({})).await.expect(200);
    let path = format!("/events/{id}/invites");
    let to = |n: usize| json!({ "invite_type": "direct", "invited_email": format!("g{n}@example.com") });
    for n in 0..49 {
        host.post(&path, to(n)).await.expect(201);
    }
    let calls = (50..56).map(|n| host.post(&path, to(n)));
    let mut answers: Vec<u16> = futures::future::join_all(calls).await.iter().map(|a| a.status.as_u16()).collect();
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409, 409]);
    host.post(&path, json!({ "invite_type": "share_link" })).await.expect(201);
}

#[tokio::test]
async fn a_role_ends_by_itself_and_can_be_given_again() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 10).await;
    let (id, role) = (text(&event, "id").to_owned(), site.role("gate_staff").await);
    let until = eventify::kernel::timestamp::Timestamp(site.test.clock.now().0 + time::Duration::hours(2)).rfc3339();
    let invited = |email: &str, until: &str| json!({ "email": email, "full_name": "Ravi", "role_id": role, "event_id": id, "expires_at": until });
    admin.post("/admin/users", invited("late@example.com", "2020-01-01T00:00:00Z")).await.refused(422, "invalid_input");
    let everywhere = json!({ "email": "all@example.com", "full_name": "All", "role_id": site.role("auditor").await, "expires_at": until });
    admin.post("/admin/users", everywhere).await.refused(422, "invalid_input");
    admin.post("/admin/users", invited("ravi@example.com", &until)).await.expect(201);
    assert!(
        crate::partners::mailed(&site, "invitation")
            .await
            .iter()
            .any(|mail| mail.contains("Gate Staff at Monsoon Jazz until "))
    );

    admin.post("/admin/roles", json!({ "name": "Nothing at all" })).await.expect(201);
    let reader = site.person("reader@example.com", "nothing_at_all").await;
    let given = json!({ "role_id": site.role("auditor").await, "event_id": id, "expires_at": until });
    let assignments = format!("/admin/users/{}/assignments", reader.id);
    let one = admin.post(&assignments, given.clone()).await.expect(201);
    assert!(one["expires_at"].is_string());
    reader.get(&format!("/events/{id}")).await.expect(200);
    site.test.clock.advance(time::Duration::hours(3));
    let (mut admin, mut reader) = (admin, reader);
    admin.sign_in().await;
    reader.sign_in().await;
    // No job has run: the moment itself has ended it.
    reader.get(&format!("/events/{id}")).await.refused(404, "not_found");
    let later = eventify::kernel::timestamp::Timestamp(site.test.clock.now().0 + time::Duration::hours(2)).rfc3339();
    let again = json!({ "role_id": site.role("auditor").await, "event_id": id, "expires_at": later });
    admin.post(&assignments, again).await.expect(201);
    reader.get(&format!("/events/{id}")).await.expect(200);
    assert_eq!(site.number("select count(*) from user_role_assignments where revoked_at = expires_at").await, 1);
}
