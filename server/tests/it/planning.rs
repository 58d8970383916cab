//! Production, staffing and talent: nobody and nothing is double-booked, whoever asks at once, and a clash says with
//! what.

use futures::future::join_all;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::fixtures::draft;
use crate::partners::text;
use crate::support::{Answer, Person, Site};

/// An event with a stage, an artist, somebody of the crew and equipment.
pub struct Day {
    pub event: Value,
    pub stage: Value,
    pub artist: Value,
    pub member: Value,
    pub gear: Value,
    start: OffsetDateTime,
}

impl Day {
    pub async fn new(site: &Site, admin: &Person, tag: &str) -> Day {
        let event = draft(site, admin, 10).await;
        let path = format!("/events/{}/stages", text(&event, "id"));
        let stage = json!({ "name": "Sea Stage", "changeover_minutes": 30 });
        let person = json!({ "full_name": format!("Joy {tag}"), "skills": ["Gate"], "rate_minor": 60_000 });
        let artist = json!({ "stage_name": format!("The Salt Coast {tag}"), "kind": "performer" });
        Day {
            stage: admin.post(&path, stage).await.expect(201),
            artist: admin.post("/talent", artist).await.expect(201),
            member: admin.post("/staff", person).await.expect(201),
            gear: admin
                .post("/equipment", json!({ "name": format!("Radio of {tag}"), "units_owned": 10 }))
                .await
                .expect(201),
            start: OffsetDateTime::parse(text(&event, "start_at"), &time::format_description::well_known::Rfc3339)
                .expect("a time"),
            event,
        }
    }

    /// Counts its hours from the same moment as another one.
    pub fn beside(self, other: &Day) -> Day {
        Day { start: other.start, ..self }
    }

    /// Sets the hours, counted from the event's start.
    pub fn hours(&self, body: &mut Value, from: i64, to: i64) {
        let at = |hours| eventify::kernel::timestamp::Timestamp(self.start + Duration::hours(hours)).rfc3339();
        body["starts_at"] = at(from).into();
        body["ends_at"] = at(to).into();
    }
}

pub fn slot(day: &Day, from: i64, to: i64) -> Value {
    let mut slot = json!({ "event_id": day.event["id"], "talent_id": day.artist["id"], "stage_id": day.stage["id"] });
    day.hours(&mut slot, from, to);
    slot
}

pub fn works(day: &Day, from: i64, to: i64) -> Value {
    let mut works = json!({ "event_id": day.event["id"], "staff_id": day.member["id"], "role": "Gate steward" });
    day.hours(&mut works, from, to);
    works
}

pub fn booked(day: &Day, units: i64, from: i64, to: i64) -> Value {
    let mut booked = json!({ "event_id": day.event["id"], "equipment_id": day.gear["id"], "units": units });
    day.hours(&mut booked, from, to);
    booked
}

/// No two entries that are decided hold the same at a time: looked at in the tables themselves, not in the holds.
pub async fn nothing_is_double_booked(site: &Site, when: &str) {
    let overlaps = "select count(*) from staff_assignments a join staff_assignments b
            on a.staff_id = b.staff_id and a.id < b.id and a.starts_at < b.ends_at and b.starts_at < a.ends_at
         where a.status in ('offered', 'accepted', 'checked_in', 'done')
               and b.status in ('offered', 'accepted', 'checked_in', 'done')";
    assert_eq!(site.number(overlaps).await, 0, "{when}: a person at two places");
    let overlaps = "select count(*) from plan_entries a join plan_entries b
            on (a.kind = 'talent' and b.kind = 'talent' and a.subject_id = b.subject_id or a.stage_id = b.stage_id)
               and a.id < b.id and a.starts_at < b.ends_at and b.starts_at < a.ends_at
         where a.kind in ('talent', 'production') and b.kind in ('talent', 'production')
               and a.status in ('confirmed', 'done') and b.status in ('confirmed', 'done')";
    assert_eq!(site.number(overlaps).await, 0, "{when}: an artist or a stage twice");
    let short = "select count(*) from equipment_bookings a join equipment q on q.id = a.equipment_id
         where a.status in ('confirmed', 'out') and q.units_owned < (
             select sum(b.units) from equipment_bookings b where b.equipment_id = a.equipment_id
             and b.status in ('confirmed', 'out') and b.starts_at <= a.starts_at and b.ends_at > a.starts_at)";
    assert_eq!(site.number(short).await, 0, "{when}: more units than there are");
    let unlike = "select count(*) from plan_holds h join plan_entries p on p.id = h.entry_id
         where h.during <> tstzrange(p.starts_at, p.ends_at)
               or h.firm <> (p.status in ('confirmed', 'done', 'out', 'offered', 'accepted', 'checked_in'))";
    assert_eq!(site.number(unlike).await, 0, "{when}: holds that say something else than their entries");
}

fn rules(clashes: &Value) -> Vec<&str> {
    clashes.as_array().expect("clashes").iter().map(|clash| text(clash, "rule")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_bookings_at_once_over_two_processes_never_two_overlap() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (day, other) = (Day::new(&site, &admin, "a").await, Day::new(&site, &admin, "b").await);
    let (_, elsewhere) = site.another().await;
    let there = admin.at(&elsewhere);
    for kind in 0..3 {
        let calls = (0..32).map(|n| {
            // From two events, so that it is not their rows that keep them apart.
            let mut body = match kind {
                0 => works(&day, 0, 2),
                1 => slot(&day, 0, 2),
                _ => booked(&day, 6, 0, 2),
            };
            if n % 4 > 1 {
                body["event_id"] = other.event["id"].clone();
                body.as_object_mut().expect("a body").remove("stage_id");
            }
            let who = if n % 2 == 0 { &admin } else { &there };
            let path = ["/staff/assignments", "/talent/schedules", "/production/equipment"][kind];
            who.post(path, body)
        });
        let answers: Vec<Answer> = join_all(calls).await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(won, 1, "of kind {kind}: {:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        for lost in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!((lost.status.as_u16(), lost.code()), (409, "clash"), "{}", lost.body);
            let told = &lost.body["current"][0];
            assert_eq!(told["severity"], "must_fix", "{}", lost.body);
            assert!(text(&told["other"], "link").starts_with("/events/"), "the losers are told with what: {told}");
        }
    }
    nothing_is_double_booked(&site, "at the end").await;
}

#[tokio::test]
async fn a_clash_names_what_clashes_and_a_dry_run_writes_nothing() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let rows = async || site.number("select count(*) from plan_holds").await;
    let audits = async || site.number("select count(*) from audit_logs").await;
    let before = (rows().await, audits().await);
    let tried = admin.post("/talent/schedules?check=true", slot(&day, 0, 1)).await.expect(201);
    assert_eq!(tried["clashes"], json!([]));
    assert_eq!((rows().await, audits().await), before, "a dry run writes nothing");
    admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    let artist = json!({ "stage_name": "Night Ferry", "kind": "performer" });
    let artist = admin.post("/talent", artist).await.expect(201);
    let mut over = slot(&day, 0, 1);
    over["talent_id"] = artist["id"].clone();
    for path in ["/talent/schedules?check=true", "/talent/schedules"] {
        let answer = admin.post(path, over.clone()).await;
        answer.refused(409, "clash");
        assert_eq!(
            answer.body["detail"], "Double booked: Sea Stage already has “The Salt Coast a” at that time.",
            "{path}"
        );
    }
    // Pencilled it may lie there, and is what has to be fixed; confirmed it may not be.
    over["status"] = "pencilled".into();
    let made = admin.post("/talent/schedules", over).await.expect(201);
    assert_eq!(rules(&made["clashes"]), ["double_booked"]);
    let events = format!("/events/{}/clashes", text(&day.event, "id"));
    let open = admin.get(&events).await.expect(200);
    assert_eq!((rules(&open["items"]), &open["items"][0]["entry"]["id"]), (vec!["double_booked"], &made["id"]));
    let path = format!("/talent-schedules/{}", text(&made, "id"));
    admin.patch(&path, json!({ "status": "confirmed", "version": 1 })).await.refused(409, "clash");
    // Moved behind the other one it only wants its change-over.
    let mut later = json!({ "status": "confirmed", "version": 1 });
    day.hours(&mut later, 1, 2);
    let moved = admin.patch(&path, later).await.expect(200);
    assert_eq!(moved["clashes"][0]["sentence"], "Change-over 0 min, needs 30");
    admin.delete(&path).await.expect(204);
    assert_eq!(admin.get(&events).await.expect(200)["items"], json!([]));
    nothing_is_double_booked(&site, "at the end").await;
}

#[tokio::test]
async fn soft_rules_are_as_strict_as_the_organisation_wants() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let mut shift = json!({ "role": "Rigger", "skill": "Rigging", "headcount": 1 });
    day.hours(&mut shift, 0, 6);
    let shifts = format!("/events/{}/shifts", text(&day.event, "id"));
    let shift = admin.post(&shifts, shift).await.expect(201);
    let suggested = admin.get(&format!("/shifts/{}/suggestions", text(&shift, "id"))).await.expect(200);
    assert_eq!(suggested["items"][0]["cons"], json!(["No Rigging skill"]));
    let mut away = json!({});
    day.hours(&mut away, 10, 20);
    admin.post(&format!("/staff/{}/absences", text(&day.member, "id")), away).await.expect(201);
    admin.post("/staff/assignments", works(&day, 12, 13)).await.refused(409, "clash");
    let body = json!({ "event_id": day.event["id"], "staff_id": day.member["id"], "shift_id": shift["id"] });
    let taken = admin.post("/staff/assignments", body.clone()).await.expect(201);
    assert_eq!(rules(&taken["clashes"]), ["skill_missing"]);
    assert_eq!((&taken["status"], &taken["cost"]["minor"]), (&json!("offered"), &json!(360_000)));
    let full = admin.post("/staff/assignments", body).await;
    full.refused(409, "invalid_transition");
    let set = async |rule: &str, severity: &str| {
        let rules = admin.get("/production/rules").await.expect(200);
        let old = rules["items"].as_array().unwrap().iter().find(|one| one["rule"] == rule).cloned().unwrap();
        let input = json!({ "rule": rule, "severity": severity, "version": old["version"] });
        admin.send(reqwest::Method::PUT, "/production/rules", Some(input)).await
    };
    set("double_booked", "note").await.refused(422, "invalid_input");
    set("not_available", "check").await.expect(200);
    set("short_rest", "must_fix").await.expect(200);
    let refused = admin.post("/staff/assignments", works(&day, 12, 13)).await;
    refused.refused(409, "clash");
    assert_eq!(rules(&refused.body["current"]), ["short_rest", "not_available"]);
    set("short_rest", "off").await.expect(200);
    let taken = admin.post("/staff/assignments", works(&day, 12, 13)).await.expect(201);
    assert_eq!(rules(&taken["clashes"]), ["not_available"]);
}

#[tokio::test]
async fn an_event_that_moves_takes_its_plan_along_and_says_first_what_would_clash() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (day, other) = (Day::new(&site, &admin, "a").await, Day::new(&site, &admin, "b").await);
    let mine = admin.post("/staff/assignments", works(&day, 0, 2)).await.expect(201);
    admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    // Back to back: moved one by one they would be in each other's way.
    admin.post("/talent/schedules", slot(&day, 1, 2)).await.expect(201);
    let mut theirs = works(&day, 24, 26);
    theirs["event_id"] = other.event["id"].clone();
    admin.post("/staff/assignments", theirs).await.expect(201);
    let path = format!("/events/{}", text(&day.event, "id"));
    let at = |hours| eventify::kernel::timestamp::Timestamp(day.start + Duration::hours(hours)).rfc3339();
    let would = admin.get(&format!("{path}/plan/move?start_at={}", at(25))).await.expect(200);
    assert_eq!((&would["entries"], would["clashes"][0]["rule"].as_str()), (&json!(3), Some("double_booked")));
    let still = admin.get(&format!("/staff/assignments/{}", text(&day.event, "id"))).await.expect(200);
    assert_eq!(still["items"][0]["starts_at"], mine["starts_at"], "it was only looked at");
    for (hours, status) in [(1, "offered"), (25, "pencilled")] {
        let now = admin.get(&path).await.expect(200);
        let moved = json!({ "start_at": at(hours), "end_at": at(hours + 4), "version": now["version"] });
        admin.post(&format!("{path}/reschedule"), moved).await.expect(200);
        let slots = admin.get(&format!("/talent/schedules/{}", text(&day.event, "id"))).await.expect(200);
        assert_eq!((&slots["items"][0]["starts_at"], slots["items"].as_array().unwrap().len()), (&json!(at(hours)), 2));
        let crew = admin.get(&format!("/staff/assignments/{}", text(&day.event, "id"))).await.expect(200);
        assert_eq!((&crew["items"][0]["starts_at"], &crew["items"][0]["status"]), (&json!(at(hours)), &json!(status)));
        nothing_is_double_booked(&site, "at the end").await;
    }
    admin.post(&format!("{path}/cancel"), json!({ "reason": "The roof leaks" })).await.expect(200);
    assert_eq!(site.number("select count(*) from plan_holds").await, 1, "what is cancelled holds nobody");
    admin.post("/talent/schedules", slot(&day, 5, 6)).await.refused(409, "invalid_transition");
}

#[tokio::test]
async fn a_shift_over_the_change_of_the_clocks_is_as_long_as_it_is() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    for (from, to, minutes) in [
        // Oslo, 25 October 2026: 02:00 comes twice. From 22:00 to 06:00 by the clocks on the wall.
        ("2026-10-24T22:00:00+02:00", "2026-10-25T06:00:00+01:00", 540),
        // 28 March 2027: 02:00 is jumped over.
        ("2027-03-27T22:00:00+01:00", "2027-03-28T06:00:00+02:00", 420),
    ] {
        let mut body = works(&day, 0, 1);
        body["starts_at"] = from.into();
        body["ends_at"] = to.into();
        let made = admin.post("/staff/assignments", body).await.expect(201);
        assert_eq!((&made["minutes"], &made["cost"]["minor"]), (&json!(minutes), &json!(minutes * 1_000)), "{made}");
    }
}

#[tokio::test]
async fn units_are_counted_at_the_worst_moment_and_certain_ones_are_held() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let book = async |units, from, to| admin.post("/production/equipment", booked(&day, units, from, to)).await;
    book(6, 0, 2).await.expect(201);
    // One after the other: at no moment are more than ten in use.
    book(4, 0, 1).await.expect(201);
    book(4, 1, 2).await.expect(201);
    let short = book(1, 0, 1).await;
    short.refused(409, "clash");
    assert!(text(&short.body, "detail").contains("0 of Radio of a free, needs 1"), "{}", short.body);
    book(10, 2, 3).await.expect(201);
    let units = format!("/equipment/{}/units", text(&day.gear, "id"));
    let unit = admin.post(&units, json!({ "code": "RAD-1" })).await.expect(201);
    let mut certain = booked(&day, 1, 5, 6);
    certain["unit_id"] = unit["id"].clone();
    let made = admin.post("/production/equipment", certain.clone()).await.expect(201);
    admin.post("/production/equipment", certain.clone()).await.refused(409, "clash");
    let path = format!("/equipment-bookings/{}", text(&made, "id"));
    for (step, version) in [("out", 1), ("returned", 2)] {
        admin.patch(&path, json!({ "status": step, "version": version })).await.expect(200);
    }
    admin.post("/production/equipment", certain).await.expect(201);
    admin
        .patch(&format!("/equipment-units/{}", text(&unit, "id")), json!({ "state": "lost", "version": 1 }))
        .await
        .expect(200);
    let open = admin.get(&format!("/events/{}/clashes", text(&day.event, "id"))).await.expect(200);
    assert!(rules(&open["items"]).contains(&"short_of_units"), "one of ten is lost: {open}");
    // What another event has pencilled of the same is short at both, and both plans say so.
    book(6, 7, 8).await.expect(201);
    let other = Day::new(&site, &admin, "b").await;
    let mut wish = booked(&day, 5, 7, 8);
    wish["event_id"] = other.event["id"].clone();
    wish["status"] = "pencilled".into();
    admin.post("/production/equipment", wish).await.expect(201);
    for event in [&day.event, &other.event] {
        let open = admin.rows(&format!("/events/{}/clashes", text(event, "id"))).await;
        let theirs = |clash: &Value| clash["entry"]["event_id"] == other.event["id"];
        let short = |clash: &Value| clash["rule"] == "short_of_units" && theirs(clash);
        assert!(open.as_array().is_some_and(|all| all.iter().any(short)), "{open}");
    }
}

#[tokio::test]
async fn an_artist_who_signs_in_sees_themselves_and_their_own_slots_alone() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (day, other) = (Day::new(&site, &admin, "a").await, Day::new(&site, &admin, "b").await);
    let mine = admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    let mut theirs = slot(&day, 1, 2);
    theirs["talent_id"] = other.artist["id"].clone();
    admin.post("/talent/schedules", theirs).await.expect(201);
    // The other event begins a moment later: not back to back with it.
    admin.post("/talent/schedules", slot(&other, 3, 4)).await.expect(201);
    let role =
        admin.post("/admin/roles", json!({ "name": "Artist", "permissions": ["talent.read"] })).await.expect(201);
    let mut artist = site.account("artist@example.com", "author").await;
    let path = format!("/admin/users/{}/assignments", artist.id);
    let scoped = json!({ "role_id": role["id"], "talent_id": day.artist["id"] });
    admin.post(&path, scoped).await.expect(201);
    artist.sign_in().await;
    let roster = artist.get("/talent").await.expect(200);
    assert_eq!((roster["items"].as_array().unwrap().len(), &roster["items"][0]["id"]), (1, &day.artist["id"]));
    artist.get(&format!("/talent/{}", text(&other.artist, "id"))).await.refused(404, "not_found");
    let slots = artist.get(&format!("/talent/schedules/{}", text(&day.event, "id"))).await.expect(200);
    assert_eq!((slots["items"].as_array().unwrap().len(), &slots["items"][0]["id"]), (1, &mine["id"]));
    artist.get(&format!("/talent/schedules/{}", text(&other.event, "id"))).await.refused(404, "not_found");
    artist.post("/talent/schedules", slot(&day, 4, 5)).await.refused(403, "forbidden");
    artist.get("/staff").await.refused(403, "forbidden");
}

#[tokio::test]
async fn the_audit_log_calls_what_was_planned_by_its_name() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let day = Day::new(&site, &admin, "a").await;
    let event = text(&day.event, "id");
    let mut shift = json!({ "role": "Rigger", "headcount": 1 });
    day.hours(&mut shift, 0, 4);
    let shift = admin.post(&format!("/events/{event}/shifts"), shift).await.expect(201);
    let works = admin.post("/staff/assignments", works(&day, 0, 1)).await.expect(201);
    let slot = admin.post("/talent/schedules", slot(&day, 0, 1)).await.expect(201);
    let booked = admin.post("/production/equipment", booked(&day, 1, 0, 1)).await.expect(201);
    let unit = format!("/equipment/{}/units", text(&day.gear, "id"));
    let unit = admin.post(&unit, json!({ "code": "RAD-1" })).await.expect(201);
    let title = text(&day.event, "title");
    let plan = |anchor: &str, of: &Value| format!("/events/{event}/plan#{anchor}-{}", text(of, "id"));
    let log = admin.get("/admin/audit?limit=20").await.expect(200);
    for (record, name, href, within) in [
        (&day.stage, "Sea Stage", format!("/events/{event}/plan"), Some(title)),
        (&day.member, "Joy a", format!("/crew/{}", text(&day.member, "id")), None),
        (&day.artist, "The Salt Coast a", format!("/talent/{}", text(&day.artist, "id")), None),
        (&day.gear, "Radio of a", format!("/equipment/{}", text(&day.gear, "id")), None),
        (&unit, "RAD-1", format!("/equipment/{}", text(&day.gear, "id")), Some("Radio of a")),
        (&shift, "Rigger", plan("shift", &shift), Some(title)),
        (&works, "Joy a", plan("entry", &works), Some(title)),
        (&slot, "The Salt Coast a", plan("entry", &slot), Some(title)),
        (&booked, "Radio of a", plan("entry", &booked), Some(title)),
    ] {
        let row = log["items"].as_array().expect("rows").iter().find(|row| row["object_id"] == record["id"]);
        let subject = &row.expect("a row")["subject"];
        assert_eq!(subject, &json!({ "name": name, "href": href, "within": within }));
    }
    let row: eventify::audit::AuditRow = serde_json::from_value(log["items"][4].clone()).expect("a row");
    assert_eq!(row.said(&eventify::WORDS).text(), "added the shift Rigger");
}

#[tokio::test]
async fn the_demos_events_have_plans_of_their_own_kind() {
    let site = Site::start_with_nobody(&[]).await;
    let app = &site.test.app;
    crate::support::demo_events(app).await;
    for _ in 0..2 {
        eventify::planning::demo::seed(app).await.expect("the plans");
    }
    let planned = "select count(distinct event_id) from plan_entries";
    assert_eq!(site.number(planned).await, 8);
    // No two events say the same of themselves, but the two days of a festival.
    let alike =
        "select count(*) from (select string_agg(name, ',' order by name) as names from stages group by event_id) s
                 group by names having count(*) > 2";
    assert_eq!(sqlx::query_scalar::<_, i64>(alike).fetch_optional(&site.test.reader).await.unwrap(), None);
    let entries = async |title: &str, entry: &str| {
        sqlx::query_scalar::<_, i64>(
            "select count(*) from plan_entries p join events e on e.id = p.event_id where e.title = $1 and p.title = $2",
        )
        .bind(title)
        .bind(entry)
        .fetch_one(&site.test.reader)
        .await
        .expect("a count")
    };
    assert_eq!(entries("Riverside Food Weekend", "Kitchens open").await, 3);
    assert_eq!(entries("Sunrise Yoga by the River", "Yoga mat").await, 1);
    assert_eq!(entries("Sunrise Yoga by the River", "The Salt Coast").await, 0);
    // What is over is done, and who worked there has come and gone.
    let left = "select count(*) from plan_entries p join events e on e.id = p.event_id
                where e.status = 'ended' and p.status not in ('done', 'returned')";
    assert_eq!(site.number(left).await, 0);
    assert!(
        site.number("select count(*) from staff_assignments where status = 'done' and checked_out_at = ends_at").await
            > 0
    );
    nothing_is_double_booked(&site, "the demo").await;
}
