//! Seats under pressure: many takers at once, expiry, the line, and random sequences of everything.

use futures::future::join_all;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use reqwest::Method;
use serde_json::{Value, json};

use crate::fixtures::{make_guests, must_hold, open, patiently, renew, reserve};
use crate::partners::text;
use crate::seeds::{Seeded, seeded};
use crate::support::{Person, Site};

fn count(answers: &[crate::support::Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_200_takers_for_50_seats_50_get_one() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 50, &[("Standard", None, 0)]).await;
    let (_, elsewhere) = site.another().await;
    let people = make_guests(&site, 200).await;
    let calls = people.iter().enumerate().map(|(n, person)| {
        let person = if n % 2 == 0 { person.clone() } else { person.at(&elsewhere) };
        let (event, kind) = (event.clone(), kinds[0].clone());
        async move { reserve(&person, &event, &kind, 1).await }
    });
    let answers = join_all(calls).await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (50, 150));
    for answer in answers.iter().filter(|answer| answer.status == 409) {
        answer.refused(409, "sold_out");
    }
    must_hold(&site, &event, "the rush").await;
    assert_eq!(site.number("select going_count::bigint from events").await, 50);
    assert_eq!(site.number("select count(*) from tickets where status = 'issued'").await, 50);
    assert_eq!(site.number("select count(distinct secret_hash) from ticket_secrets").await, 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn quotas_of_two_kinds_hold_beside_the_capacity() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let kinds = [("Floor", Some(30), 0), ("Balcony", Some(30), 0)];
    let (event, kinds) = open(&site, &admin, 50, &kinds).await;
    let people = make_guests(&site, 200).await;
    let calls = people.iter().enumerate().map(|(n, person)| {
        let (event, kind) = (event.clone(), kinds[n % 2].clone());
        async move { reserve(person, &event, &kind, 1).await }
    });
    let answers = join_all(calls).await;
    assert_eq!((count(&answers, 201), count(&answers, 409)), (50, 150));
    must_hold(&site, &event, "the rush").await;
    let most = "select max(sold_count)::bigint from ticket_types";
    assert!(site.number(most).await <= 30);
    assert_eq!(site.number("select sum(sold_count)::bigint from ticket_types").await, 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn while_reservations_expire_and_offers_are_made_no_seat_is_sold_twice() {
    let site = Site::start_with(&["--reservation-minutes", "1", "--offer-minutes", "1"]).await;
    let admin = site.admin().await;
    let kinds = [("Paid", Some(30), 50_000), ("Free", Some(30), 0)];
    let (event, kinds) = open(&site, &admin, 50, &kinds).await;
    let mut people = make_guests(&site, 200).await;
    // Thirty are paying, twenty go; then everybody else waits in line.
    let first = join_all(people[..30].iter().map(|person| reserve(person, &event, &kinds[0], 1))).await;
    assert_eq!(count(&first, 201), 30);
    let second = join_all(people[30..60].iter().map(|person| reserve(person, &event, &kinds[1], 1))).await;
    assert_eq!((count(&second, 201), count(&second, 409)), (20, 10));
    let path = format!("/events/{}/waiting-list", text(&event, "id"));
    let line = people[60..130].iter().map(|p| patiently(p, &path, json!({ "ticket_type_id": kinds[1]["id"] })));
    assert_eq!(count(&join_all(line).await, 201), 70);
    must_hold(&site, &event, "joining the line").await;
    // The thirty let it lapse; at the same moment newcomers, offers and the clock meet.
    site.test.clock.advance(time::Duration::seconds(61));
    for person in &mut people {
        renew(&site, person).await;
    }
    let newcomers = people[130..].iter().enumerate().map(|(n, person)| {
        let (event, kind) = (event.clone(), kinds[n % 2].clone());
        async move { reserve(person, &event, &kind, 1).await }
    });
    let clock = (0..6).map(|_| eventify::tickets::jobs::offer_all(&site.test.app));
    let (answers, offered) = futures::join!(join_all(newcomers), join_all(clock));
    assert!(offered.iter().all(Result::is_ok));
    must_hold(&site, &event, "the rush").await;
    // Ten of the free kind were left in its quota: they are the line's, and nobody's beside.
    assert_eq!(site.number("select count(*) from waiting_list_entries where status = 'offered'").await, 10);
    let free = |answer: &&crate::support::Answer| answer.body["ticket_type_id"] == kinds[1]["id"];
    assert_eq!(answers.iter().filter(free).count(), 0);
    assert_eq!(count(&answers, 201), 20, "the other twenty are for whoever pays");
    // Those who were offered seats take them, all at once and twice.
    let mut takes = Vec::new();
    for person in &people[60..130] {
        let own = person.rows(&path).await;
        if own[0]["status"] == "offered" {
            takes.push((person, format!("/waiting-list/{}/take", text(&own[0], "id"))));
        }
    }
    let twice = takes.iter().chain(&takes).map(|(person, path)| patiently(person, path, json!({})));
    let answers = join_all(twice).await;
    assert_eq!((count(&answers, 200), count(&answers, 409)), (10, 10));
    must_hold(&site, &event, "taking the offers").await;
}

/// The organiser lets smaller parties pass larger ones.
async fn smaller_ones_pass(admin: &Person, event: &Value) {
    let path = format!("/events/{}", text(event, "id"));
    let version = admin.get(&path).await.expect(200)["version"].clone();
    admin.patch(&path, json!({ "smaller_parties_pass": true, "version": version })).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn seats_that_come_free_are_offered_in_order() {
    let site = Site::start_with(&["--offer-minutes", "1"]).await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 2, &[("Standard", None, 0)]).await;
    smaller_ones_pass(&admin, &event).await;
    let mut people = make_guests(&site, 5).await;
    let mut guests = Vec::new();
    for person in &people[..2] {
        guests.push(reserve(person, &event, &kinds[0], 1).await.expect(201));
    }
    let path = format!("/events/{}/waiting-list", text(&event, "id"));
    let join = |seats: i32| json!({ "ticket_type_id": kinds[0]["id"], "seats": seats });
    people[2].post(&path, join(2)).await.expect(201);
    people[3].post(&path, join(1)).await.expect(201);
    people[3].post(&path, join(1)).await.refused(409, "already_exists");
    let status = async |person: &Person| person.rows(&path).await[0]["status"].clone();
    // One seat: the party of two is passed over and keeps its place.
    let cancel = |guest: &Value| format!("/attendees/{}/cancel", text(guest, "attendee_id"));
    people[0].post(&cancel(&guests[0]), json!({})).await.expect(200);
    must_hold(&site, &event, "one cancelled").await;
    assert_eq!((status(&people[2]).await, status(&people[3]).await), (json!("waiting"), json!("offered")));
    reserve(&people[4], &event, &kinds[0], 1).await.refused(409, "sold_out");
    // The offer ends by itself; with the next free seat the party of two has what it needs.
    site.test.clock.advance(time::Duration::seconds(61));
    for person in &mut people {
        renew(&site, person).await;
    }
    assert_eq!(status(&people[3]).await, json!("lapsed"));
    people[1].post(&cancel(&guests[1]), json!({})).await.expect(200);
    must_hold(&site, &event, "both cancelled").await;
    assert_eq!(status(&people[2]).await, json!("offered"));
    let entry = people[2].rows(&path).await[0].clone();
    let take = format!("/waiting-list/{}/take", text(&entry, "id"));
    people[3].post(&take, json!({})).await.refused(404, "not_found");
    let taken = people[2].post(&take, json!({})).await.expect(200);
    assert_eq!((&taken["status"], &taken["seats_reserved"]), (&json!("consumed"), &json!(2)));
    people[2].post(&take, json!({})).await.refused(409, "invalid_transition");
    must_hold(&site, &event, "the offer was taken").await;
    assert_eq!(
        site.number("select count(*) from job_runs where payload->'mail'->>'template' = 'seats_offered'").await,
        2
    );
}

/// One step of a random sequence; numbers choose among what is there.
#[derive(Clone, Debug)]
enum Step {
    Request(usize, i32),
    Accept(usize),
    TakeBack(usize),
    Reserve(usize, usize, i32),
    Release(usize),
    Wait(usize, usize, i32),
    TakeOffer(usize),
    Cancel(usize),
    Revoke(usize),
    Transfer(usize, usize),
    Expire,
    Capacity(i32),
    Quota(usize, i32),
}

fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let (who, which, seats) = (0..12_usize, 0..2_usize, 1..4_i32);
    prop_oneof![
        3 => (who.clone(), seats.clone()).prop_map(|(a, b)| Request(a, b)),
        3 => who.clone().prop_map(Accept),
        1 => who.clone().prop_map(TakeBack),
        5 => (who.clone(), which.clone(), seats.clone()).prop_map(|(a, b, c)| Reserve(a, b, c)),
        1 => who.clone().prop_map(Release),
        4 => (who.clone(), which.clone(), seats).prop_map(|(a, b, c)| Wait(a, b, c)),
        3 => who.clone().prop_map(TakeOffer),
        3 => who.clone().prop_map(Cancel),
        1 => who.clone().prop_map(Revoke),
        2 => (who.clone(), who).prop_map(|(a, b)| Transfer(a, b)),
        1 => Just(Expire),
        1 => (4..14_i32).prop_map(Capacity),
        1 => (which, 2..8_i32).prop_map(|(a, b)| Quota(a, b)),
    ]
}

/// What the steps act on.
struct Harness {
    site: Site,
    admin: Person,
    people: Vec<Person>,
    event: Value,
    kinds: Vec<Value>,
}

impl Harness {
    /// The id of one of the rows, chosen by a number.
    async fn pick(&self, sql: &'static str, number: usize) -> Option<(String, usize)> {
        let rows: Vec<(uuid::Uuid, uuid::Uuid)> =
            sqlx::query_as(sql).bind(text(&self.event, "id")).fetch_all(&self.site.test.reader).await.expect(sql);
        let (id, user) = *rows.get(number % rows.len().max(1))?;
        let at = self.people.iter().position(|person| person.id == user.to_string())?;
        Some((id.to_string(), at))
    }

    async fn take(&mut self, step: &Step) -> Option<u16> {
        let (event, people) = (text(&self.event, "id").to_owned(), &self.people);
        let kind = |which: usize| self.kinds[which]["id"].clone();
        let answer = match step {
            Step::Request(who, seats) => {
                let input = json!({ "seats_requested": seats, "ticket_type_id": kind(0) });
                people[*who].post(&format!("/events/{event}/requests"), input).await
            }
            Step::Accept(number) => {
                let sql = "select id, requester_user_id from event_requests where event_id = $1::uuid and status = 'pending' order by id";
                let (id, _) = self.pick(sql, *number).await?;
                self.admin.patch(&format!("/requests/{id}"), json!({ "status": "accepted" })).await
            }
            Step::TakeBack(number) => {
                let sql = "select id, requester_user_id from event_requests where event_id = $1::uuid and status in ('pending', 'accepted') order by id";
                let (id, who) = self.pick(sql, *number).await?;
                people[who].patch(&format!("/requests/{id}"), json!({ "status": "cancelled" })).await
            }
            Step::Reserve(who, which, seats) => reserve(&people[*who], &self.event, &self.kinds[*which], *seats).await,
            Step::Release(number) => {
                let sql = "select id, user_id from capacity_reservations where event_id = $1::uuid and not consumed order by id";
                let (id, who) = self.pick(sql, *number).await?;
                people[who].delete(&format!("/reservations/{id}")).await
            }
            Step::Wait(who, which, seats) => {
                let input = json!({ "ticket_type_id": kind(*which), "seats": seats });
                people[*who].post(&format!("/events/{event}/waiting-list"), input).await
            }
            Step::TakeOffer(number) => {
                let sql = "select id, user_id from waiting_list_entries where event_id = $1::uuid and status = 'offered' order by id";
                let (id, who) = self.pick(sql, *number).await?;
                people[who].post(&format!("/waiting-list/{id}/take"), json!({})).await
            }
            Step::Cancel(number) => {
                let sql = "select id, user_id from event_attendees where event_id = $1::uuid and status = 'going' order by id";
                let (id, who) = self.pick(sql, *number).await?;
                people[who].post(&format!("/attendees/{id}/cancel"), json!({})).await
            }
            Step::Revoke(number) => {
                let sql = "select id, user_id from tickets where event_id = $1::uuid and status = 'issued' order by id";
                let (id, _) = self.pick(sql, *number).await?;
                self.admin.post(&format!("/tickets/{id}/revoke"), json!({ "reason": "By chance" })).await
            }
            Step::Transfer(number, to) => {
                let sql = "select id, user_id from tickets where event_id = $1::uuid and status = 'issued' order by id";
                let (id, who) = self.pick(sql, *number).await?;
                let input = json!({ "user_id": people[*to].id });
                people[who].post(&format!("/tickets/{id}/transfer"), input).await
            }
            Step::Expire => {
                self.site.test.clock.advance(time::Duration::seconds(61));
                for person in &mut self.people {
                    renew(&self.site, person).await;
                }
                self.admin.sign_in().await;
                eventify::tickets::jobs::offer_all(&self.site.test.app).await.expect("offers");
                return Some(200);
            }
            Step::Capacity(seats) => {
                let version = self.admin.get(&format!("/events/{event}")).await.expect(200)["version"].clone();
                self.admin.patch(&format!("/events/{event}"), json!({ "capacity": seats, "version": version })).await
            }
            Step::Quota(which, seats) => {
                let kinds = self.admin.rows(&format!("/events/{event}/ticket-types")).await;
                let now = kinds.as_array().unwrap().iter().find(|now| now["id"] == kind(*which)).unwrap();
                let input = json!({ "quota": seats, "version": now["version"] });
                self.admin.patch(&format!("/ticket-types/{}", text(now, "id")), input).await
            }
        };
        let status = answer.status.as_u16();
        assert!(status < 300 || [404, 409, 422].contains(&status), "{step:?}: {}", answer.body);
        Some(status)
    }
}

/// Other sequences in each run; the seed it says repeats them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_every_step_of_any_sequence_the_counters_are_right() {
    let Seeded { mut runner, cases, again } = seeded(8);
    let site = Site::start_with(&["--reservation-minutes", "1", "--offer-minutes", "1"]).await;
    let admin = site.admin().await;
    let people = make_guests(&site, 12).await;
    let kinds = [("Free", Some(6), 0), ("Paid", None, 40_000)];
    let (event, made) = open(&site, &admin, 9, &kinds).await;
    let mut stage = Harness { site, admin, people, event, kinds: made };
    let (mut done, mut refused) = (0, 0);
    for sequence in 0..cases {
        if sequence > 0 {
            let (event, made) = open(&stage.site, &stage.admin, 9, &kinds).await;
            if sequence % 2 == 1 {
                smaller_ones_pass(&stage.admin, &event).await;
            }
            (stage.event, stage.kinds) = (event, made);
        }
        let steps = proptest::collection::vec(step(), 60).new_tree(&mut runner).expect("steps").current();
        for (at, step) in steps.iter().enumerate() {
            match stage.take(step).await {
                Some(200..=299) => done += 1,
                Some(_) => refused += 1,
                None => {}
            }
            let event = stage.event.clone();
            let after = format!("{again}: step {at} of sequence {sequence}, {step:?}, of {steps:?}");
            must_hold(&stage.site, &event, &after).await;
        }
    }
    println!("{done} steps done, {refused} refused");
    let enough = done > 15 * cases && refused * 2 > 5 * cases;
    assert!(enough, "{again}: {done} done, {refused} refused: the sequences do nothing");
}

#[tokio::test]
async fn a_reservation_runs_out_without_a_writer() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 2, &[("Paid", None, 10_000)]).await;
    let mut people = make_guests(&site, 2).await;
    let held = reserve(&people[0], &event, &kinds[0], 2).await.expect(201);
    assert_eq!((&held["status"], &held["total"]["minor"]), (&json!("active"), &json!(20_000)));
    assert!(held["attendee_id"].is_null());
    reserve(&people[1], &event, &kinds[0], 1).await.refused(409, "sold_out");
    reserve(&people[0], &event, &kinds[0], 3).await.refused(409, "over_the_limit");
    site.test.clock.advance(time::Duration::minutes(15));
    for person in &mut people {
        renew(&site, person).await;
    }
    let path = format!("/reservations/{}", text(&held, "id"));
    assert_eq!(people[0].get(&path).await.expect(200)["status"], "expired");
    let raw: i64 = site.number("select count(*) from capacity_reservations where released_at is null").await;
    assert_eq!(raw, 1, "nobody has written so");
    people[0].delete(&path).await.refused(409, "invalid_transition");
    people[1].get(&path).await.refused(404, "not_found");
    let other = reserve(&people[1], &event, &kinds[0], 2).await.expect(201);
    people[1].send(Method::DELETE, &format!("/reservations/{}", text(&other, "id")), None).await.expect(204);
    must_hold(&site, &event, "giving back").await;
}
