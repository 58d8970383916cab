//! The waiting list: who is offered what comes free, and until when.

use eventify::kernel::context::Db;
use serde_json::{Value, json};
use time::Duration;

use crate::fixtures::{make_guests, must_hold, open, renew, reserve, run_queued};
use crate::partners::text;
use crate::support::{Person, Site};

async fn wait(person: &Person, event: &Value, kind: &Value, seats: i32) -> Value {
    let input = json!({ "ticket_type_id": kind["id"], "seats": seats });
    person.post(&format!("/events/{}/waiting-list", text(event, "id")), input).await.expect(201)
}

async fn standing(person: &Person, event: &Value) -> String {
    let list = person.rows(&format!("/events/{}/waiting-list", text(event, "id"))).await;
    text(&list[0], "status").to_owned()
}

async fn give_back(person: &Person, taken: &Value) {
    person.post(&format!("/attendees/{}/cancel", text(taken, "attendee_id")), json!({})).await.expect(200);
}

#[tokio::test]
async fn what_comes_free_is_kept_for_the_first_party() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 2, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 5).await;
    let one = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let two = reserve(&people[1], &event, &kinds[0], 1).await.expect(201);
    wait(&people[2], &event, &kinds[0], 2).await;
    wait(&people[3], &event, &kinds[0], 1).await;
    give_back(&people[0], &one).await;
    assert_eq!(standing(&people[2], &event).await, "waiting");
    assert_eq!(standing(&people[3], &event).await, "waiting", "the later single does not get the seat");
    reserve(&people[4], &event, &kinds[0], 1).await.refused(409, "sold_out");
    let shown = people[4].rows(&format!("/events/{}/ticket-types", text(&event, "id"))).await;
    assert_eq!(shown[0]["available"], 0, "a seat that is kept is not shown as free");
    let seats = people[4].rows(&format!("/events/seats?event_id={}", text(&event, "id"))).await;
    assert_eq!(seats[0]["left"], 0, "nor is it left on the list of events");
    must_hold(&site, &event, "one seat came free").await;
    give_back(&people[1], &two).await;
    assert_eq!(standing(&people[2], &event).await, "offered");
    assert_eq!(standing(&people[3], &event).await, "waiting");
    must_hold(&site, &event, "two seats came free").await;
}

#[tokio::test]
async fn smaller_parties_pass_where_the_organiser_lets_them() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 2, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 4).await;
    let path = format!("/events/{}", text(&event, "id"));
    let one = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    reserve(&people[1], &event, &kinds[0], 1).await.expect(201);
    wait(&people[2], &event, &kinds[0], 2).await;
    wait(&people[3], &event, &kinds[0], 1).await;
    give_back(&people[0], &one).await;
    assert_eq!(standing(&people[3], &event).await, "waiting");
    let version = admin.get(&path).await.expect(200)["version"].clone();
    admin.patch(&path, json!({ "smaller_parties_pass": true, "version": version })).await.expect(200);
    assert_eq!(standing(&people[3], &event).await, "offered", "the setting counts at once");
    assert_eq!(standing(&people[2], &event).await, "waiting");
    must_hold(&site, &event, "the smaller party passed").await;
}

#[tokio::test]
async fn a_kind_that_is_short_holds_up_no_other_kind() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Few", Some(2), 0), ("Some", Some(3), 0)]).await;
    let people = make_guests(&site, 6).await;
    let few = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    reserve(&people[1], &event, &kinds[0], 1).await.expect(201);
    let some = reserve(&people[2], &event, &kinds[1], 3).await.expect(201);
    wait(&people[3], &event, &kinds[0], 2).await;
    wait(&people[4], &event, &kinds[1], 1).await;
    give_back(&people[0], &few).await;
    give_back(&people[2], &some).await;
    assert_eq!(standing(&people[3], &event).await, "waiting");
    assert_eq!(standing(&people[4], &event).await, "offered");
    reserve(&people[5], &event, &kinds[0], 1).await.refused(409, "sold_out");
    reserve(&people[5], &event, &kinds[1], 2).await.expect(201);
    must_hold(&site, &event, "both kinds came free").await;
}

#[tokio::test]
async fn seats_are_offered_out_of_turn_where_the_event_has_room() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 3, &[("Few", Some(1), 0)]).await;
    let people = make_guests(&site, 5).await;
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let first = wait(&people[1], &event, &kinds[0], 1).await;
    let late = wait(&people[2], &event, &kinds[0], 1).await;
    let offer = |entry: &Value| format!("/waiting-list/{}/offer", text(entry, "id"));
    people[2].post(&offer(&late), Value::Null).await.refused(404, "not_found");
    // Twice at once, as impatient fingers do: one offer.
    let path = offer(&late);
    let (one, two) = tokio::join!(admin.post(&path, Value::Null), admin.post(&path, Value::Null));
    let (done, again) = if one.status.is_success() { (one, two) } else { (two, one) };
    assert_eq!(text(&done.expect(200), "status"), "offered");
    again.refused(409, "invalid_transition");
    assert_eq!(standing(&people[1], &event).await, "waiting", "the first keeps its place");
    let shown = admin.rows(&format!("/events/{}/ticket-types", text(&event, "id"))).await;
    assert_eq!(shown[0]["quota"], 2, "the ticket type got the seat that was missing");
    must_hold(&site, &event, "a seat was offered out of turn").await;
    admin.post(&offer(&first), Value::Null).await.expect(200);
    let last = wait(&people[3], &event, &kinds[0], 1).await;
    let full = admin.post(&offer(&last), Value::Null).await;
    full.refused(409, "sold_out");
    assert!(full.body.to_string().contains("increase its capacity first"), "{}", full.body);
    must_hold(&site, &event, "the event is full").await;
}

#[tokio::test]
async fn nothing_is_offered_after_the_start() {
    let site = Site::start().await;
    let mut admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 1, &[("Standard", None, 0)]).await;
    let mut people = make_guests(&site, 4).await;
    let taken = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    wait(&people[1], &event, &kinds[0], 1).await;
    site.test.clock.advance(Duration::days(10) + Duration::minutes(30));
    admin.sign_in().await;
    for person in &mut people {
        renew(&site, person).await;
    }
    give_back(&people[0], &taken).await;
    eventify::tickets::jobs::offer_all(&site.test.app).await.expect("offers");
    assert_eq!(standing(&people[1], &event).await, "waiting");
    assert_eq!(
        site.number("select count(*) from job_runs where payload->'mail'->>'template' = 'seats_offered'").await,
        0
    );
    let input = json!({ "ticket_type_id": kinds[0]["id"] });
    let joins = people[2].post(&format!("/events/{}/waiting-list", text(&event, "id")), input).await;
    joins.refused(409, "event_closed");
    // Whoever stands at the door can have it.
    reserve(&people[3], &event, &kinds[0], 1).await.expect(201);
    must_hold(&site, &event, "the start").await;
}

#[tokio::test]
async fn of_a_long_line_one_is_served_for_each_seat() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 1, &[("Standard", None, 0)]).await;
    let people = make_guests(&site, 102).await;
    let taken = reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    for person in &people[1..100] {
        wait(person, &event, &kinds[0], 1).await;
    }
    give_back(&people[0], &taken).await;
    let offered = "select count(*) from waiting_list_entries where status = 'offered'";
    assert_eq!(site.number(offered).await, 1);
    assert_eq!(standing(&people[1], &event).await, "offered");
    reserve(&people[101], &event, &kinds[0], 1).await.refused(409, "sold_out");
    must_hold(&site, &event, "the rush").await;
}

#[tokio::test]
async fn who_waits_for_a_kind_that_is_retired_is_told() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 5, &[("Standard", None, 0), ("VIP", Some(1), 0)]).await;
    let people = make_guests(&site, 2).await;
    reserve(&people[0], &event, &kinds[1], 1).await.expect(201);
    let entry = wait(&people[1], &event, &kinds[1], 1).await;
    admin.delete(&format!("/ticket-types/{}", text(&kinds[1], "id"))).await.expect(204);
    assert_eq!(standing(&people[1], &event).await, "lapsed");
    let said =
        "select count(*) from outbox_events where type = 'waiting_list.changed' and payload->>'status' = 'lapsed'";
    assert_eq!(site.number(said).await, 1, "{entry}");
    run_queued(&site, "tickets.tell_others").await;
    let mails = "select count(*) from job_runs where payload->'mail'->>'template' = 'waiting_list_closed'";
    assert_eq!(site.number(mails).await, 1);
}

#[tokio::test]
async fn a_party_that_can_never_be_served_does_not_wait() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 10, &[("Few", Some(2), 0)]).await;
    let people = make_guests(&site, 2).await;
    reserve(&people[0], &event, &kinds[0], 2).await.expect(201);
    let input = json!({ "ticket_type_id": kinds[0]["id"], "seats": 3 });
    let refused = people[1].post(&format!("/events/{}/waiting-list", text(&event, "id")), input).await;
    refused.refused(422, "invalid_input");
    assert_eq!(refused.body["errors"]["seats"][0], "must be at most 2: there are no more Few tickets in all");
    wait(&people[1], &event, &kinds[0], 2).await;
}

#[tokio::test]
async fn the_line_for_a_kind_that_is_sold_out_is_not_read_for_another() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 50, &[("Gone", Some(1), 0), ("Free", Some(40), 0)]).await;
    let people = make_guests(&site, 2).await;
    reserve(&people[0], &event, &kinds[0], 1).await.expect(201);
    let mut owner = site.test.owner().await;
    let waiting = eventify::people::demo::crowd(&mut owner, 3_000).await.expect("end users");
    let users: Vec<_> = waiting.iter().map(|(user, _)| *user).collect();
    sqlx::query(
        "insert into waiting_list_entries (id, event_id, ticket_type_id, user_id, seats, created_at)
         select gen_random_uuid(), $1::uuid, $2::uuid, u, 1, $4 from unnest($3::uuid[]) u",
    )
    .bind(text(&event, "id"))
    .bind(text(&kinds[0], "id"))
    .bind(users)
    .bind(site.test.clock.now())
    .execute(&mut owner)
    .await
    .expect("a line");
    sqlx::query("analyze waiting_list_entries").execute(&mut owner).await.expect("analysed");
    let mut tx = site.test.tx().await;
    let known = serde_json::from_value(admin.get(&format!("/events/{}", text(&event, "id"))).await.expect(200));
    let free = eventify::tickets::waiting_list::free(&mut tx, &known.expect("an event")).await.expect("what is free");
    assert_eq!(free.types.iter().map(|kind| kind.available).collect::<Vec<_>>(), [0, 40]);
    let read: i64 = sqlx::query_scalar(
        "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'waiting_list_entries'",
    )
    .fetch_one(tx.conn())
    .await
    .expect("what was read");
    assert!(read < 10, "{read} places in the line were read");
    reserve(&people[1], &event, &kinds[1], 1).await.expect(201);
}
