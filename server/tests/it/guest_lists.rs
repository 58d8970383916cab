//! Guest lists: whatever people paste or upload, read as they mean it or refused by row and column.

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::fixtures::{kind, make_guests, must_hold, open, plan, reserve, run_queued};
use crate::partners::text;
use crate::support::{Answer, Person, Site, read};

async fn send(person: &Person, event: &Value, kind: &Value, more: &str, list: impl Into<reqwest::Body>) -> Answer {
    let path = format!("/events/{}/attendees/import?ticket_type_id={}{more}", text(event, "id"), text(kind, "id"));
    let request = person.request(Method::POST, &path).header("content-type", "text/csv");
    read(request.body(list).send().await.expect("an answer")).await
}

async fn guests(person: &Person, event: &Value) -> Vec<(String, String)> {
    let list = person.get(&format!("/events/{}/attendees?limit=200", text(event, "id"))).await.expect(200);
    let word = |guest: &Value, field: &str| guest[field].as_str().unwrap_or_default().to_owned();
    list["items"].as_array().unwrap().iter().map(|guest| (word(guest, "name"), word(guest, "email"))).collect()
}

#[tokio::test]
async fn a_list_is_read_as_people_write_it() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let utf16: Vec<u8> =
        "\u{feff}Name\tEmail\r\nMüller 6\tm6@x.test\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (event, kinds) = open(&site, &admin, 50, &[("Standard", None, 0)]).await;
    for (list, name, email) in [
        (b"Name,E-mail\r\nAsha,asha@example.test\r\n".to_vec(), "Asha", "asha@example.test"),
        (b"Name,Email\r\nM\xfcller 1,m1@x.test\r\n".to_vec(), "Müller 1", "m1@x.test"),
        ("\u{feff}Name,Email\nMüller 2,m2@x.test".as_bytes().to_vec(), "Müller 2", "m2@x.test"),
        (b"Name\tEmail\r\nTab\tt@x.test".to_vec(), "Tab", "t@x.test"),
        (b"Name;Email address\r\nSemi;s@x.test".to_vec(), "Semi", "s@x.test"),
        (b"sep=;\r\nFirst name;Last name;email\r\nSep;Line;sep@x.test".to_vec(), "Sep Line", "sep@x.test"),
        (utf16, "Müller 6", "m6@x.test"),
        (b"Bare Name,bare@x.test\n".to_vec(), "Bare Name", "bare@x.test"),
    ] {
        let answer = send(&admin, &event, &kinds[0], "", list).await.expect(200);
        assert_eq!(answer["imported"], 1, "{name}: {answer}");
        assert!(guests(&admin, &event).await.contains(&(name.to_owned(), email.to_owned())), "{name}");
    }
    let before = site.number("select count(*) from event_attendees").await;
    for (list, place, says) in [
        (&b"Name,Email\r\n\"Open,o@x.test\r\nDev,d@x.test\r\n"[..], "row 2", "quotation mark"),
        (b"Name,Emial\r\nAsha,a@x.test\r\n", "row 1", "“Emial” is not a column"),
        (b"Name,Email\r\nAsha,a@x.test\r\nOm,x\r\n", "row 3, email", "“x” is not an email address"),
        (b"Name,Email\r\nAsha,a@x.test\r\nOm\0,o@x.test\r\n", "row 3", "NUL"),
        (b"Name,Phone\r\nRao, Asha,12345678\r\n", "row 2", "more cells"),
        (b"Name,Ticket type\r\nAsha,Gold\r\n", "row 2, ticket type", "there is no ticket type “Gold”"),
        (b"Nom\r\nAsha\r\n", "row 1", "must name the columns"),
    ] {
        let answer = send(&admin, &event, &kinds[0], "", list).await;
        answer.refused(422, "invalid_input");
        let said = answer.body["errors"][place].to_string();
        assert!(said.contains(says), "{place}: {}", answer.body);
        assert!(text(&answer.body, "detail").to_lowercase().contains(place), "{}", answer.body);
    }
    assert_eq!(site.number("select count(*) from event_attendees").await, before, "nobody was added");
    must_hold(&site, &event, "the lists").await;
}

#[tokio::test]
async fn who_is_there_already_is_counted_and_not_added() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 50, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 1).await;
    let phone: String = sqlx::query_scalar("select phone from end_users where id = $1::uuid")
        .bind(&people[0].id)
        .fetch_one(&site.test.reader)
        .await
        .unwrap();
    let email: String = sqlx::query_scalar("select email from end_users where id = $1::uuid")
        .bind(&people[0].id)
        .fetch_one(&site.test.reader)
        .await
        .unwrap();
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let comp = json!({ "ticket_type_id": kinds[0]["id"], "name": "Ira Bose", "email": "ira@x.test" });
    admin.post(&format!("/events/{}/attendees", text(&event, "id")), comp).await.expect(201);
    let list = format!(
        "Name,Email,Phone\nBy account,{},\nBy phone,,{}\nBy comp,IRA@x.test,\nNew,new@x.test,+91 98450 00001\n\
         Twice,new@x.test,\nPartner of new,partner@x.test,+91 98450 00001\nOnly a name,,\nOnly a name,,\n",
        email.to_uppercase(),
        phone.replace('+', "00"),
    );
    // An address that an account only typed may be somebody else's, whose ticket it does not take.
    let preview = send(&admin, &event, &kinds[0], "&dry_run=true", list.clone()).await.expect(200);
    assert_eq!((&preview["imported"], &preview["skipped"]), (&json!(5), &json!(3)));
    sqlx::query("update end_users set email_verified_at = now()").execute(&site.test.pool).await.unwrap();
    let preview = send(&admin, &event, &kinds[0], "&dry_run=true", list.clone()).await.expect(200);
    assert_eq!((&preview["imported"], &preview["skipped"], &preview["dry_run"]), (&json!(4), &json!(4), &json!(true)));
    assert_eq!(site.number("select count(*) from event_attendees").await, 2, "it was only asked");
    let done = send(&admin, &event, &kinds[0], "", list.clone()).await.expect(200);
    assert_eq!((&done["imported"], &done["skipped_rows"]), (&preview["imported"], &preview["skipped_rows"]));
    let rows: Vec<i64> =
        done["skipped_rows"].as_array().unwrap().iter().map(|row| row["row"].as_i64().unwrap()).collect();
    assert_eq!(rows, [2, 3, 4, 6]);
    let again = send(&admin, &event, &kinds[0], "", list).await.expect(200);
    assert_eq!((&again["imported"], &again["skipped"]), (&json!(0), &json!(8)), "{again}");
    assert_eq!(admin.get(&format!("/events/{}", text(&event, "id"))).await.expect(200)["going_count"], 6);
    must_hold(&site, &event, "the lists").await;
    // Each new guest with an address gets one mail.
    run_queued(&site, "tickets.mail_tickets").await;
    let mails = "select count(*) from job_runs where payload->'mail'->>'template' = 'tickets_issued'
                 and payload->>'to' in ('new@x.test', 'partner@x.test')";
    assert_eq!(site.number(mails).await, 2);
}

#[tokio::test]
async fn the_rest_of_a_list_can_be_taken() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 3, &[("Standard", None, 0), ("VIP", Some(1), 0)]).await;
    let list = "Name,Email,Company,Seats,Ticket type\nAsha,a@x.test,Acme,1,\nOm,nonsense,Acme,1,\n\
                Dev,d@x.test,,1,vip\nIra,i@x.test,,1,VIP\nPia,p@x.test,,5,\n";
    send(&admin, &event, &kinds[0], "", list).await.refused(422, "invalid_input");
    let done = send(&admin, &event, &kinds[0], "&skip_errors=true", list).await.expect(200);
    assert_eq!((&done["imported"], &done["failed"], &done["seats"]), (&json!(2), &json!(3), &json!(2)));
    assert_eq!(done["ignored_columns"], json!(["Company"]));
    assert_eq!(done["unreachable"], 0);
    let said: Vec<String> =
        done["errors"].as_array().unwrap().iter().map(|e| format!("{} {}", e["row"], text(e, "message"))).collect();
    assert_eq!(said, ["3 “nonsense” is not an email address", "5 VIP is sold out", "6 1 of Standard is left"]);
    must_hold(&site, &event, "the rest").await;
}

#[tokio::test]
async fn whoever_no_ticket_can_reach_is_named_before_the_list_is_taken() {
    let site = Site::start().await;
    let people = make_guests(&site, 1).await;
    let event = people[0].post("/events", plan(&site, 10, 10)).await.expect(201);
    let kind = kind(&people[0], &event, "Standard", None, 0).await;
    let id = text(&event, "id");
    people[0].post(&format!("/events/{id}/publish"), json!({})).await.expect(200);
    let list = "Name,Email,Phone\nAsha,a@x.test,\nDev,,+91 98450 00001\nOm,,\n";
    let preview = send(&people[0], &event, &kind, "&dry_run=true", list).await.expect(200);
    assert_eq!((&preview["imported"], &preview["unreachable"]), (&json!(3), &json!(1)));
    let mut host = Browser::of(&site, &people[0]);
    let sent = [("list", list), ("ticket_type_id", text(&kind, "id")), ("act", "check")];
    let checked = host.post(&format!("/host/{id}/guests/list"), &sent).await;
    checked.says(&["3 guests would be added", "No tickets can be sent to 1 guest", "Row 4: <bdi>Om</bdi>"]);
    let done = send(&people[0], &event, &kind, "", list).await.expect(200);
    assert_eq!((&done["imported"], &done["unreachable"]), (&json!(3), &json!(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn others_get_seats_while_five_thousand_guests_are_imported() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 6_000, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 40).await;
    let mut list = "Name,Email\n".to_owned();
    for number in 0..5_000 {
        list.push_str(&format!("Guest {number},guest{number}@list.test\n"));
    }
    let import = tokio::spawn({
        let (admin, event, kind) = (admin.clone(), event.clone(), kinds[0].clone());
        async move {
            let began = std::time::Instant::now();
            (send(&admin, &event, &kind, "", list).await, began.elapsed())
        }
    });
    let path = format!("/events/{}/reservations", text(&event, "id"));
    let mut longest = std::time::Duration::ZERO;
    let mut meanwhile = 0;
    for person in &people {
        let began = std::time::Instant::now();
        person.post(&path, json!({ "ticket_type_id": kinds[0]["id"] })).await.expect(201);
        longest = longest.max(began.elapsed());
        meanwhile += usize::from(!import.is_finished());
    }
    let (done, took) = import.await.expect("an answer");
    println!("5,000 guests in {took:?}; {meanwhile} seats taken meanwhile, the slowest in {longest:?}");
    assert_eq!(done.expect(200)["imported"], 5_000);
    assert!(meanwhile > 0, "the import was over before anybody else came");
    assert_eq!(site.number("select going_count::bigint from events").await, 5_040);
    assert_eq!(site.number("select count(*) from tickets").await, 5_040);
    let portions = "select count(*) from job_runs where job_type = 'tickets.mail_tickets'";
    assert_eq!(site.number(portions).await, 25);
    must_hold(&site, &event, "the import").await;
}
