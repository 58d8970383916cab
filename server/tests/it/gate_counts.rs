//! Tickets and numbers where an admission is annulled that others disagree with, or that others follow.

use serde_json::{Value, json};

use crate::fixtures::make_guests;
use crate::gate::{code, gate, main_phone, passes, phone, said, scan, scan_with, tonight};
use crate::gate_devices::{hand_in, queued};
use crate::notifications;
use crate::partners::text;
use crate::support::{Answer, Person, Site};

/// Two phones at one gate, and a ticket that both have let in.
struct Twice {
    site: Site,
    admin: Person,
    event: Value,
    pass: Value,
    /// Who let it in, and the record of it: online, then without a network.
    sides: [(Person, String); 2],
    conflict: String,
}

impl Twice {
    async fn start() -> Self {
        let site = Site::start().await;
        let admin = site.admin().await;
        let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
        let main = gate(&admin, &event, json!({ "name": "Main" })).await;
        let (one, two) =
            (phone(&site, &admin, &event, &main, false).await, phone(&site, &admin, &event, &main, false).await);
        let pass = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await.remove(0);
        let first = scan(&one, code(&pass)).await;
        said(&first, "admitted", None);
        // By its clock it was the first.
        let answer = hand_in(&site, &two, vec![queued(&site, code(&pass), 60)]).await;
        let second = &answer["scans"][0];
        assert_eq!(text(second, "outcome"), "conflict", "{answer}");
        let conflict = text(second, "conflict_id").to_owned();
        let sides = [(one, text(&first, "checkin_id").to_owned()), (two, text(second, "checkin_id").to_owned())];
        Self { site, admin, event, pass, sides, conflict }
    }

    async fn annul(&self, side: usize) -> Answer {
        let (who, id) = &self.sides[side];
        who.post(&format!("/tickets/checkins/{id}/annul"), json!({ "reason": "Wrong queue" })).await
    }

    async fn resolve(&self, resolution: &str, version: i64) -> Answer {
        let input = json!({ "resolution": resolution, "note": "Seen at the bar.", "version": version });
        self.admin.post(&format!("/checkin-conflicts/{}/resolve", self.conflict), input).await
    }

    async fn conflict(&self) -> Value {
        let rows = self.admin.rows(&format!("/events/{}/checkin-conflicts", text(&self.event, "id"))).await;
        rows[0].clone()
    }

    /// How many are inside by the records, and where the ticket stands; the records add up.
    async fn stands(&self) -> (i64, String) {
        stands(&self.site).await
    }
}

/// How many are inside by the records, and where the only ticket stands; the records add up.
pub async fn stands(site: &Site) -> (i64, String) {
    let inside = "select sum(case direction when 'in' then people else -people end)::bigint from ticket_checkins";
    let inside = site.number(inside).await;
    let status = sqlx::query_scalar("select status from tickets").fetch_one(&site.test.reader).await.expect("one");
    let broken = eventify::gate::verify::violations(&mut site.test.owner().await).await.expect("it looks");
    assert_eq!(broken, Vec::<String>::new());
    (inside, status)
}

#[tokio::test]
async fn annulling_one_of_two_admissions_lets_nobody_else_in() {
    let twice = Twice::start().await;
    assert_eq!(twice.stands().await, (2, "inside".to_owned()));
    let annulled = twice.annul(0).await.expect(200);
    assert_eq!(annulled["tickets"], json!([]), "it may not be used again");
    assert_eq!(twice.stands().await, (1, "inside".to_owned()), "the other one stands");
    said(&scan(&twice.sides[0].0, code(&twice.pass)).await, "rejected", Some("already_redeemed"));
    // Nothing is left to settle.
    let conflict = twice.conflict().await;
    assert_eq!((text(&conflict, "resolution"), text(&conflict, "note")), ("annulled", "Wrong queue"), "{conflict}");
    twice.resolve("same_person", 2).await.refused(409, "invalid_transition");
    // Once neither stands, the ticket is as good as before.
    let annulled = twice.annul(1).await.expect(200);
    assert_eq!(annulled["tickets"], json!([twice.pass["ticket"]["id"]]), "named once");
    assert_eq!(twice.stands().await, (0, "issued".to_owned()));
    said(&scan(&twice.sides[0].0, code(&twice.pass)).await, "admitted", None);
}

#[tokio::test]
async fn a_conflict_is_told_to_who_may_settle_it() {
    let twice = Twice::start().await;
    let steward = twice.site.person("steward@example.com", "gate_staff").await;
    let _background = notifications::listen(&twice.site).await;
    notifications::told(&twice.site).await;
    let guest = twice.conflict().await["guest"].as_str().expect("a name").to_owned();
    let said = format!("{guest} · Ticket admitted twice at {}", text(&twice.event, "title"));
    assert_eq!(notifications::titles(&twice.admin).await, [said]);
    assert_eq!(notifications::titles(&steward).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_annulled_admission_is_not_taken_off_twice() {
    let twice = Twice::start().await;
    twice.annul(1).await.expect(200);
    assert_eq!(twice.stands().await, (1, "inside".to_owned()));
    twice.resolve("same_person", 1).await.refused(409, "conflict");
    twice.resolve("same_person", 2).await.refused(409, "invalid_transition");
    assert_eq!(twice.stands().await, (1, "inside".to_owned()));
    twice.annul(0).await.expect(200);
    assert_eq!(twice.stands().await, (0, "issued".to_owned()));
}

#[tokio::test]
async fn what_a_person_settled_stands() {
    let twice = Twice::start().await;
    twice.resolve("annulled", 1).await.refused(422, "invalid_input");
    twice.resolve("same_person", 1).await.expect(200);
    assert_eq!(twice.stands().await, (1, "inside".to_owned()));
    for side in [0, 1] {
        twice.annul(side).await.refused(409, "invalid_transition");
    }
    assert_eq!(twice.stands().await, (1, "inside".to_owned()));
}

#[tokio::test]
async fn what_others_follow_is_not_annulled() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = tonight(&site, &admin, &["Standard"]).await;
    let phone = main_phone(&site, &admin, &event).await;
    let settings = format!("/events/{}/gate-settings", text(&event, "id"));
    admin.patch(&settings, json!({ "reentry": true, "version": 0 })).await.expect(200);
    let pass = passes(&admin, &make_guests(&site, 1).await[0], &event, &kinds[0], 1).await.remove(0);
    let mut moves = Vec::new();
    for direction in ["in", "out", "in"] {
        let answer = scan_with(&phone, code(&pass), json!({ "direction": direction })).await.expect(200);
        said(&answer, "admitted", None);
        moves.push(text(&answer, "checkin_id").to_owned());
    }
    let annul = async |n: usize| {
        phone.post(&format!("/tickets/checkins/{}/annul", moves[n]), json!({ "reason": "Wrong queue" })).await
    };
    annul(0).await.refused(409, "invalid_transition");
    annul(1).await.refused(409, "invalid_transition");
    assert_eq!(stands(&site).await, (1, "inside".to_owned()));
    for (n, left) in [(2, (0, "outside")), (1, (1, "inside")), (0, (0, "issued"))] {
        annul(n).await.expect(200);
        assert_eq!(stands(&site).await, (left.0, left.1.to_owned()));
    }
}
