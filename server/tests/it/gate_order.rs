//! What phones hand in late, in any order: what happened last stands, and nobody goes out who was not in.

use serde_json::{Value, json};
use time::Duration;

use crate::fixtures::make_guests;
use crate::gate::{code, gate, passes, phone, said, scan, scan_with, tonight};
use crate::gate_counts::stands;
use crate::gate_devices::{counted, hand_in, queued};
use crate::partners::{text, within};
use crate::support::{Answer, Person, Site};

/// Two phones at one gate that lets people return, and a ticket.
struct Door {
    site: Site,
    admin: Person,
    event: Value,
    phones: [Person; 2],
    pass: Value,
}

impl Door {
    async fn open() -> Self {
        let site = Site::start().await;
        let admin = site.admin().await;
        let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
        let main = gate(&admin, &event, json!({ "name": "Main" })).await;
        let settings = format!("/events/{}/gate-settings", text(&event, "id"));
        admin.patch(&settings, json!({ "reentry": true, "version": 0 })).await.expect(200);
        let phones =
            [phone(&site, &admin, &event, &main, false).await, phone(&site, &admin, &event, &main, false).await];
        let pass = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await.remove(0);
        // No phone scans before it is paired.
        site.test.clock.advance(Duration::minutes(3));
        Self { site, admin, event, phones, pass }
    }

    /// A phone hands in one scan of so many seconds ago; what became of it.
    async fn told(&self, phone: usize, direction: &str, ago: i64) -> Value {
        let mut scan = queued(&self.site, code(&self.pass), ago);
        scan["direction"] = direction.into();
        hand_in(&self.site, &self.phones[phone], vec![scan]).await["scans"][0].clone()
    }

    async fn accepted(&self, phone: usize, direction: &str, ago: i64) -> Value {
        let taken = self.told(phone, direction, ago).await;
        assert_eq!(text(&taken, "outcome"), "accepted", "{direction} {ago}: {taken}");
        taken
    }

    async fn annul(&self, taken: &Value) -> Answer {
        let path = format!("/tickets/checkins/{}/annul", text(taken, "checkin_id"));
        self.admin.post(&path, json!({ "reason": "Wrong queue" })).await
    }

    /// What the board says, once all is counted.
    async fn board(&self) -> Value {
        counted(&self.site).await;
        self.admin.get(&format!("/events/{}/gate-board", text(&self.event, "id"))).await.expect(200)
    }

    async fn stands(&self) -> (i64, String) {
        stands(&self.site).await
    }
}

#[tokio::test]
async fn who_went_out_later_is_out_whoever_tells_first() {
    let door = Door::open().await;
    let out = door.accepted(1, "out", 10).await;
    assert_eq!(door.stands().await, (0, "issued".to_owned()), "nobody was known to be in");
    let came = door.accepted(0, "in", 40).await;
    assert_eq!(door.stands().await, (0, "outside".to_owned()));
    // One came in and one went out, by the board too.
    let board = door.board().await;
    assert_eq!((&board["came_in"], &board["inside"], &board["scans"]), (&json!(1), &json!(0), &json!(2)), "{board}");
    // They are annulled as they happened, the last first.
    door.annul(&came).await.refused(409, "invalid_transition");
    door.annul(&out).await.expect(200);
    assert_eq!(door.stands().await, (1, "inside".to_owned()));
    door.annul(&came).await.expect(200);
    assert_eq!(door.stands().await, (0, "issued".to_owned()));
}

#[tokio::test]
async fn who_went_out_later_may_return() {
    let door = Door::open().await;
    door.accepted(1, "out", 10).await;
    door.accepted(0, "in", 40).await;
    said(&scan(&door.phones[0], code(&door.pass)).await, "admitted", None);
    assert_eq!(door.stands().await, (1, "inside".to_owned()));
}

#[tokio::test]
async fn a_copy_that_was_used_while_the_first_was_inside_is_a_conflict() {
    let door = Door::open().await;
    for direction in ["in", "out"] {
        let answer = scan_with(&door.phones[0], code(&door.pass), json!({ "direction": direction })).await.expect(200);
        said(&answer, "admitted", None);
        door.site.test.clock.advance(Duration::minutes(1));
    }
    let copy = door.told(1, "in", 90).await;
    assert_eq!(text(&copy, "outcome"), "conflict", "{copy}");
    assert_eq!(door.stands().await, (1, "outside".to_owned()), "whoever went out may return");
    let path = format!("/events/{}/checkin-conflicts", text(&door.event, "id"));
    assert_eq!(door.admin.rows(&path).await[0]["kind"], "double_admission");
    said(&scan(&door.phones[0], code(&door.pass)).await, "admitted", None);
    assert_eq!(door.stands().await, (2, "inside".to_owned()));
}

#[tokio::test]
async fn a_stay_that_was_over_before_the_next_is_no_conflict() {
    let door = Door::open().await;
    door.accepted(1, "out", 60).await;
    door.accepted(1, "in", 50).await;
    assert_eq!(door.stands().await, (1, "inside".to_owned()));
    door.accepted(0, "in", 90).await;
    assert_eq!(door.stands().await, (1, "inside".to_owned()), "the later of two stays goes on");
    door.accepted(0, "out", 5).await;
    assert_eq!(door.stands().await, (0, "outside".to_owned()));
}

#[tokio::test]
async fn who_came_back_before_it_was_told_that_they_left_is_in() {
    let door = Door::open().await;
    door.accepted(0, "in", 90).await;
    let back = door.told(1, "in", 30).await;
    assert_eq!(text(&back, "outcome"), "conflict", "{back}");
    door.accepted(0, "out", 60).await;
    assert_eq!(door.stands().await, (1, "inside".to_owned()), "the last that happened is that they came back");
    let board = door.board().await;
    assert_eq!(
        (&board["came_in"], &board["inside"], &board["unresolved"]),
        (&json!(2), &json!(1), &json!(0)),
        "{board}"
    );
    // Whoever shows it again is a second one.
    said(&scan(&door.phones[0], code(&door.pass)).await, "rejected", Some("already_redeemed"));
    door.accepted(1, "out", 5).await;
    assert_eq!(door.stands().await, (0, "outside".to_owned()));
}

#[tokio::test]
async fn tickets_that_were_moved_as_it_was_told_stand_right_too() {
    let door = Door::open().await;
    for (direction, ago) in [("in", 60), ("out", 40), ("in", 20)] {
        door.accepted(0, direction, ago).await;
    }
    // As a server of the version before leaves it where the way out was told late, and had happened last.
    let last =
        "update ticket_checkins set checked_in_at = checked_in_at + interval '30 seconds' where direction = 'out'";
    let mut owner = door.site.test.owner().await;
    sqlx::query(last).execute(&mut owner).await.expect("the last that happened");
    assert_eq!(door.stands().await, (1, "inside".to_owned()));
    sqlx::query("update tickets set status = 'issued'").execute(&mut owner).await.expect("what nobody did");
    let broken = eventify::gate::verify::violations(&mut owner).await.expect("it looks");
    assert!(broken.len() == 1 && broken[0].ends_with("stands issued, but it was last scanned out"), "{broken:?}");
}

#[tokio::test]
async fn nobody_goes_out_who_was_not_in() {
    let door = Door::open().await;
    door.accepted(0, "out", 30).await;
    door.accepted(0, "out", 20).await;
    assert_eq!(door.stands().await, (0, "issued".to_owned()));
    said(&scan(&door.phones[0], code(&door.pass)).await, "admitted", None);
    door.site.test.clock.advance(Duration::minutes(1));
    for ago in [30, 20, 10] {
        door.accepted(1, "out", ago).await;
        assert_eq!(door.stands().await, (0, "outside".to_owned()), "once is all");
    }
}

#[tokio::test]
async fn who_came_in_twice_is_told_apart_until_it_is_settled() {
    let door = Door::open().await;
    door.accepted(0, "in", 60).await;
    let copy = door.told(1, "in", 30).await;
    let figures = |board: &Value| {
        ["came_in", "inside", "unresolved"].map(|of| (board[of].as_i64(), board["types"][0][of].as_i64()))
    };
    let both = |number: i64| (Some(number), Some(number));
    assert_eq!(figures(&door.board().await), [both(2), both(2), both(1)], "two people, one by a ticket of their own");
    let settled = json!({ "resolution": "same_person", "note": "Scanned twice.", "version": 1 });
    door.admin.post(&format!("/checkin-conflicts/{}/resolve", text(&copy, "conflict_id")), settled).await.expect(200);
    let board = door.board().await;
    assert_eq!(figures(&board), [both(1), both(1), both(0)], "{board}");
    assert_eq!(board["gates"].as_array().map(Vec::len), Some(1), "it is taken off where it was: {board}");
    assert_eq!((&board["gates"][0]["came_in"], &board["gates"][0]["went_out"]), (&json!(1), &json!(0)), "{board}");
    assert_eq!(door.stands().await, (1, "inside".to_owned()));
}

#[tokio::test]
async fn whoever_may_settle_a_conflict_may_read_it() {
    let door = Door::open().await;
    door.accepted(0, "in", 60).await;
    assert_eq!(text(&door.told(1, "in", 30).await, "outcome"), "conflict");
    let organiser = json!({ "id": door.event["organizer_partner_id"] });
    let path = format!("/events/{}/checkin-conflicts", text(&door.event, "id"));
    let (site, admin) = (&door.site, &door.admin);
    let settles = within(site, admin, &organiser, "settles@example.com", &["events.read", "tickets.manage"]).await;
    let open = settles.rows(&path).await;
    assert_eq!(open[0]["kind"], "double_admission", "{open}");
    let watches = within(site, admin, &organiser, "watches@example.com", &["events.read", "live.read"]).await;
    watches.get(&path).await.expect(200);
    let other = within(site, admin, &organiser, "other@example.com", &["events.read"]).await;
    other.get(&path).await.refused(403, "forbidden");
    let settled = json!({ "resolution": "unknown", "note": "Nobody saw it.", "version": open[0]["version"] });
    settles.post(&format!("/checkin-conflicts/{}/resolve", text(&open[0], "id")), settled).await.expect(200);
}
