//! What the walks over everything need to know of the plan.

use reqwest::Method;
use serde_json::{Value, json};

use crate::areas::{AreaTests, Write, add};
use crate::partners::text;
use crate::planning::{Day, booked, slot, works};
use crate::support::{Person, Site};

inventory::submit!(AreaTests {
    records: &[
        ("/equipment-bookings/{id}", "select id from equipment_bookings"),
        ("/equipment-units/{id}", "select id from equipment_units"),
        ("/equipment/{id}", "select equipment_id from equipment_units"),
        ("/plan-links/{id}", "select id from plan_links"),
        ("/production-schedules/{id}", "select id from production_schedules"),
        ("/production/equipment/{event_id}", "select event_id from equipment_bookings"),
        ("/production/schedules/{event_id}", "select event_id from production_schedules"),
        ("/shifts/{id}", "select id from staff_shifts"),
        ("/staff-absences/{id}", "select id from staff_availability"),
        ("/staff-assignments/{id}", "select id from staff_assignments"),
        ("/staff-documents/{id}", "select id from staff_documents"),
        ("/staff/assignments/{event_id}", "select event_id from staff_assignments"),
        ("/staff/{id}", "select staff_id from staff_documents"),
        ("/stages/{id}", "select id from stages where event_id is not null"),
        ("/talent-documents/{id}", "select id from talent_documents"),
        ("/talent-schedules/{id}", "select id from talent_schedules"),
        ("/talent-tasks/{id}", "select id from talent_tasks"),
        ("/talent/schedules/{event_id}", "select event_id from talent_schedules"),
        ("/talent/{id}", "select talent_id from talent_documents"),
    ],
    tables: &[
        ("stages", "id venue_id event_id name kind changeover_minutes version created_at updated_at"),
        (
            "production_schedules",
            "id event_id title kind stage_id location starts_at ends_at owner_id status version created_at updated_at"
        ),
        ("equipment", "id name category units_owned version created_at updated_at"),
        ("equipment_units", "id equipment_id code serial_number state created_at updated_at"),
        ("equipment_bookings", "id event_id equipment_id units unit_id starts_at ends_at status created_at updated_at"),
        ("staff_members", "id full_name skills rate_minor currency email phone admin_user_id created_at updated_at"),
        ("staff_availability", "id staff_id starts_at ends_at created_at"),
        (
            "staff_documents",
            "id staff_id kind expires_on file_id storage_key file_name media_type uploaded_at uploaded_by version"
        ),
        ("plan_links", "id event_id name shows_crew created_by revoked_at version created_at updated_at"),
        (
            "staff_assignments",
            "id event_id staff_id shift_id role starts_at ends_at status rate_minor created_at updated_at"
        ),
        (
            "talents",
            "id stage_name kind rider fee_minor currency contact_name contact_email agent created_at updated_at"
        ),
        ("talent_schedules", "id event_id talent_id stage_id starts_at ends_at status created_at updated_at"),
        ("equipment_handouts", "id event_id booking_id unit_id code out_at out_by in_at in_by created_at"),
        ("plan_versions", "id event_id number kind entries made_by created_at"),
        ("talent_tasks", "id event_id talent_id kind title due_at done_at done_by version created_at updated_at"),
        (
            "talent_documents",
            "id talent_id kind file_id storage_key file_name media_type uploaded_at uploaded_by version"
        ),
    ],
    takes_no_markup: &[
        ("equipment_check_out", "a code that a unit has"),
        ("equipment_check_in", "a code that a unit has"),
        ("plan_version_add", "a word of a list"),
        ("plan_rule_set", "words of a list"),
        ("own_shift_answer", "a link's token, and a word of a list"),
        ("own_shift_step", "a link's token, and a word of a list"),
    ],
    elsewhere: &[("/crew", "/staff")],
    ..AreaTests::writes(90, |s| Box::pin(writes(s.site, s.admin, s.tag, s.out)))
});

/// Adds the change and the removal of a record like this one.
fn both(out: &mut Vec<Write>, names: (&'static str, &'static str), under: &str, made: [Value; 2], change: Value) {
    let path = |one: &Value| format!("{under}/{}", text(one, "id"));
    let mut change = change;
    change["version"] = made[0]["version"].clone();
    add(out, names.0, Method::PATCH, path(&made[0]), change);
    add(out, names.1, Method::DELETE, path(&made[1]), Value::Null);
}

/// Stages, schedule, equipment, crew and talent of one event.
async fn writes(site: &Site, admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let day = Day::new(site, admin, tag).await;
    let event = format!("/events/{}", text(&day.event, "id"));
    let post = async |path: String, body: Value| admin.post(&path, body).await.expect(201);
    let stage = |n: u8| json!({ "name": format!("Stage {tag} {n}"), "changeover_minutes": 10 });
    let stages = format!("{event}/stages");
    add(out, "stage_add", Method::POST, stages.clone(), stage(0));
    let made = [post(stages.clone(), stage(1)).await, post(stages, stage(2)).await];
    both(out, ("stage_update", "stage_remove"), "/stages", made, json!({ "changeover_minutes": 20 }));
    let entry = |from| {
        let mut entry = json!({ "event_id": day.event["id"], "title": "Load-in", "kind": "load_in" });
        day.hours(&mut entry, from, from + 1);
        entry
    };
    let path = "/production/schedules".to_owned();
    add(out, "production_schedule_add", Method::POST, path.clone(), entry(-9));
    let made = [post(path.clone(), entry(-8)).await, post(path, entry(-7)).await];
    let names = ("production_schedule_update", "production_schedule_remove");
    both(out, names, "/production-schedules", made, json!({ "title": format!("Build {tag}") }));
    let gear = |n: u8| json!({ "name": format!("Radio {tag} {n}"), "units_owned": 9 });
    add(out, "equipment_add", Method::POST, "/equipment".to_owned(), gear(1));
    let made = [post("/equipment".to_owned(), gear(2)).await, post("/equipment".to_owned(), gear(3)).await];
    let units = format!("/equipment/{}/units", text(&made[0], "id"));
    both(out, ("equipment_update", "equipment_remove"), "/equipment", made, json!({ "units_owned": 10 }));
    add(out, "equipment_unit_add", Method::POST, units.clone(), json!({ "code": format!("R-{tag}-1") }));
    let unit = post(units, json!({ "code": format!("R-{tag}-2") })).await;
    let path = format!("/equipment-units/{}", text(&unit, "id"));
    add(out, "equipment_unit_update", Method::PATCH, path, json!({ "state": "in_repair", "version": 1 }));
    add(out, "equipment_booking_add", Method::POST, "/production/equipment".to_owned(), booked(&day, 1, 0, 1));
    let path = || "/production/equipment".to_owned();
    let made = [post(path(), booked(&day, 1, 1, 2)).await, post(path(), booked(&day, 1, 2, 3)).await];
    let names = ("equipment_booking_update", "equipment_booking_remove");
    both(out, names, "/equipment-bookings", made, json!({ "units": 2 }));
    let lamp = post("/equipment".to_owned(), json!({ "name": format!("Lamp {tag}"), "units_owned": 3 })).await;
    let mut booking = booked(&day, 3, 0, 1);
    booking["equipment_id"] = lamp["id"].clone();
    post("/production/equipment".to_owned(), booking).await;
    let units = format!("/equipment/{}/units", text(&lamp, "id"));
    let code = |kind: &str| json!({ "code": format!("{kind}-{tag}") });
    let at = |step: &str| format!("{event}/equipment/{step}");
    for kind in ["OUT", "IN"] {
        post(units.clone(), code(kind)).await;
    }
    post(at("check-out"), code("IN")).await;
    add(out, "equipment_check_out", Method::POST, at("check-out"), code("OUT"));
    add(out, "equipment_check_in", Method::POST, at("check-in"), code("IN"));
    let mistake = post(units, code("MISTAKE")).await;
    let path = format!("/equipment-units/{}", text(&mistake, "id"));
    add(out, "equipment_unit_remove", Method::DELETE, path, Value::Null);
    let links = format!("{event}/plan/links");
    add(out, "plan_link_add", Method::POST, links.clone(), json!({ "name": format!("Vendor {tag}") }));
    let link = post(links, json!({ "name": format!("Old vendor {tag}") })).await;
    let path = format!("/plan-links/{}", text(&link["link"], "id"));
    add(out, "plan_link_revoke", Method::DELETE, path, Value::Null);
    let versions = format!("{event}/plan/versions");
    add(out, "plan_version_add", Method::POST, versions, json!({ "kind": "sent" }));
    people(&day, admin, tag, out).await;
    let rule = admin.get("/production/rules").await.expect(200);
    let rule = rule["items"].as_array().expect("rules").iter().find(|rule| rule["rule"] == "long_day").cloned();
    let minutes = 600 + i64::from(tag.as_bytes()[0]);
    let version = rule.expect("a rule")["version"].clone();
    let input = json!({ "rule": "long_day", "severity": "note", "minutes": minutes, "version": version });
    add(out, "plan_rule_set", Method::PUT, "/production/rules".to_owned(), input);
}

async fn people(day: &Day, admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let post = async |path: String, body: Value| admin.post(&path, body).await.expect(201);
    let person = |n: u8| json!({ "full_name": format!("Crew {tag} {n}"), "skills": ["Rigging"] });
    add(out, "crew_add", Method::POST, "/staff".to_owned(), person(1));
    let made = [post("/staff".to_owned(), person(2)).await, post("/staff".to_owned(), person(3)).await];
    let path = |one: &Value| format!("/staff/{}", text(one, "id"));
    let renamed = json!({ "full_name": format!("Other {tag}"), "version": 1 });
    add(out, "crew_update", Method::PUT, path(&made[0]), renamed);
    add(out, "crew_remove", Method::DELETE, path(&made[1]), Value::Null);
    let linked = post("/staff".to_owned(), person(4)).await;
    add(out, "crew_link_renew", Method::POST, format!("{}/link", path(&linked)), json!({}));
    let mut away = json!({ "note": "Exams" });
    day.hours(&mut away, 100, 101);
    let absences = format!("{}/absences", path(&made[0]));
    add(out, "crew_absence_add", Method::POST, absences.clone(), away.clone());
    let absence = post(absences, away).await;
    add(out, "crew_absence_remove", Method::DELETE, format!("/staff-absences/{}", text(&absence, "id")), Value::Null);
    let (kind, form) = crate::audit_rows::upload(Some("contract"), crate::partners::PDF);
    let request = admin.request(Method::POST, &format!("{}/documents", path(&made[0])));
    let request = request.header("content-type", kind).body(form);
    let document = crate::support::read(request.send().await.expect("an answer")).await.expect(201);
    let document = format!("/staff-documents/{}", text(&document, "id"));
    add(out, "crew_document_remove", Method::DELETE, document, Value::Null);
    let mut shift = json!({ "role": "Rigger", "headcount": 3 });
    day.hours(&mut shift, 0, 4);
    let shifts = format!("/events/{}/shifts", text(&day.event, "id"));
    add(out, "shift_add", Method::POST, shifts.clone(), shift.clone());
    let made = [post(shifts.clone(), shift.clone()).await, post(shifts, shift).await];
    both(out, ("shift_update", "shift_remove"), "/shifts", made, json!({ "headcount": 4 }));
    let path = || "/staff/assignments".to_owned();
    add(out, "staff_assignment_add", Method::POST, path(), works(day, 0, 1));
    let made = [post(path(), works(day, 1, 2)).await, post(path(), works(day, 2, 3)).await];
    let names = ("staff_assignment_update", "staff_assignment_remove");
    both(out, names, "/staff-assignments", made, json!({ "status": "accepted" }));
    let artist = |n: u8| json!({ "stage_name": format!("Act {tag} {n}"), "kind": "performer" });
    add(out, "talent_add", Method::POST, "/talent".to_owned(), artist(1));
    let made = [post("/talent".to_owned(), artist(2)).await, post("/talent".to_owned(), artist(3)).await];
    let path = |one: &Value| format!("/talent/{}", text(one, "id"));
    let renamed = json!({ "stage_name": format!("Band {tag}"), "kind": "speaker", "version": 1 });
    add(out, "talent_update", Method::PUT, path(&made[0]), renamed);
    add(out, "talent_remove", Method::DELETE, path(&made[1]), Value::Null);
    let made = post("/talent".to_owned(), artist(4)).await;
    let documents = format!("{}/documents", path(&made));
    let (kind, form) = crate::audit_rows::upload(Some("rider"), crate::partners::PDF);
    let request = admin.request(Method::POST, &documents).header("content-type", kind).body(form);
    let document = crate::support::read(request.send().await.expect("an answer")).await.expect(201);
    let path = format!("/talent-documents/{}", text(&document, "id"));
    add(out, "talent_document_remove", Method::DELETE, path, Value::Null);
    let path = || "/talent/schedules".to_owned();
    add(out, "talent_slot_add", Method::POST, path(), slot(day, 0, 1));
    let made = [post(path(), slot(day, 1, 2)).await, post(path(), slot(day, 2, 3)).await];
    both(out, ("talent_slot_update", "talent_slot_remove"), "/talent-schedules", made, json!({ "shown": false }));
    let tasks = format!("/talent/{}/tasks", text(&day.artist, "id"));
    let task =
        |n: u8| json!({ "event_id": day.event["id"], "kind": "other", "title": format!("Guest list {tag} {n}") });
    add(out, "talent_task_add", Method::POST, tasks.clone(), task(1));
    let made = [post(tasks.clone(), task(2)).await, post(tasks, task(3)).await];
    both(out, ("talent_task_update", "talent_task_remove"), "/talent-tasks", made, json!({ "done": true }));
}
