//! Whatever is booked, moved, confirmed, cancelled and rescheduled in whichever order: nobody and nothing is ever held
//! twice at a time.

use reqwest::Method;
use serde_json::{Value, json};

use crate::partners::text;
use crate::planning::{Day, booked, nothing_is_double_booked, slot, works};
use crate::support::{Answer, Person, Site};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).expect("31 bits").rem_euclid(below)
    }
}

/// Two events that share their people and their equipment, and what was answered so far.
struct World<'s> {
    admin: &'s Person,
    days: [Day; 2],
    dice: Dice,
    done: usize,
    clashed: usize,
}

impl World<'_> {
    fn hours(&mut self) -> (i64, i64) {
        let from = self.dice.roll(8);
        (from, from + 1 + self.dice.roll(3))
    }

    async fn book(&mut self) -> Answer {
        let (from, to) = self.hours();
        let (at, whose, kind) = (self.dice.roll(2), self.dice.roll(2), self.dice.roll(4));
        let (day, owner) = (&self.days[usize::from(at == 1)], &self.days[usize::from(whose == 1)]);
        let (path, mut body) = match kind {
            0 => ("/staff/assignments", works(owner, from, to)),
            1 => ("/talent/schedules", slot(owner, from, to)),
            2 => ("/production/equipment", booked(owner, 3 + from % 5, from, to)),
            _ => {
                let mut entry = json!({ "title": "Rehearsal", "kind": "rehearsal", "stage_id": day.stage["id"] });
                day.hours(&mut entry, from, to);
                ("/production/schedules", entry)
            }
        };
        if kind != 3 {
            day.hours(&mut body, from, to);
        }
        body["event_id"] = day.event["id"].clone();
        if kind == 1 {
            body["stage_id"] = day.stage["id"].clone();
        }
        if self.dice.roll(3) == 0 {
            body["status"] = "pencilled".into();
        }
        self.admin.post(path, body).await
    }

    /// Changes or removes one of the entries there are.
    async fn change(&mut self) -> Option<Answer> {
        let at = usize::from(self.dice.roll(2) == 1);
        let plan = self.admin.get(&format!("/events/{}/plan", text(&self.days[at].event, "id"))).await.expect(200);
        let entries = plan["entries"].as_array().expect("entries");
        let one = entries.get(usize::try_from(self.dice.roll(12)).expect("a number"))?;
        let (under, firm) = match text(one, "kind") {
            "crew" => ("/staff-assignments", "offered"),
            "talent" => ("/talent-schedules", "confirmed"),
            "equipment" => ("/equipment-bookings", "confirmed"),
            _ => ("/production-schedules", "confirmed"),
        };
        let path = format!("{under}/{}", text(one, "id"));
        let mut body = json!({ "version": one["version"] });
        match self.dice.roll(5) {
            0 => return Some(self.admin.delete(&path).await),
            1 | 2 => body["status"] = if one["status"] == firm { "pencilled".into() } else { firm.into() },
            _ => {
                let (from, to) = self.hours();
                self.days[at].hours(&mut body, from, to);
            }
        }
        Some(self.admin.send(Method::PATCH, &path, Some(body)).await)
    }

    async fn reschedule(&mut self) -> Answer {
        let (at, hours) = (usize::from(self.dice.roll(2) == 1), self.dice.roll(7));
        let path = format!("/events/{}", text(&self.days[at].event, "id"));
        let event: Value = self.admin.get(&path).await.expect(200);
        let mut body = json!({});
        self.days[at].hours(&mut body, hours, hours + 4);
        let moved = json!({ "start_at": body["starts_at"], "end_at": body["ends_at"], "version": event["version"] });
        self.admin.post(&format!("{path}/reschedule"), moved).await
    }

    async fn step(&mut self) {
        let answer = match self.dice.roll(10) {
            0 => Some(self.reschedule().await),
            1..=4 => self.change().await,
            _ => Some(self.book().await),
        };
        let Some(answer) = answer else { return };
        match answer.status.as_u16() {
            200..=299 => self.done += 1,
            409 if answer.code() == "clash" => self.clashed += 1,
            // A step that its state does not allow, or the same hour again.
            409 => assert_eq!(answer.code(), "invalid_transition", "{}", answer.body),
            422 => assert!(answer.body["errors"]["start_at"].is_array(), "{}", answer.body),
            status => panic!("{status}: {}", answer.body),
        }
    }
}

#[tokio::test]
async fn no_order_of_steps_books_anybody_or_anything_twice() {
    let site = Site::start().await;
    let admin = site.admin().await;
    // Both count from the same moment, so that whatever is booked at one is in the way of the other.
    let one = Day::new(&site, &admin, "a").await;
    let days = [Day::new(&site, &admin, "b").await.beside(&one), one];
    let mut world = World { admin: &admin, days, dice: Dice(20_261_212), done: 0, clashed: 0 };
    for step in 0..150 {
        world.step().await;
        nothing_is_double_booked(&site, &format!("after step {step}")).await;
    }
    assert!(world.done > 50 && world.clashed > 15, "{} done, {} clashes", world.done, world.clashed);
}
