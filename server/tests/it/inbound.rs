//! What other systems tell of: taken in once, from whoever may tell of it, and refused in words.

use eventify::kernel::clock::new_uuid;
use serde_json::{Value, json};

use crate::fixtures::make_guests;
use crate::notifications::{listen, titles, told};
use crate::partners::text;
use crate::reach::key;
use crate::support::Site;

fn flagged(user: &str) -> Value {
    json!({ "id": new_uuid(), "type": "user.flagged",
            "payload": { "user_id": user, "reason": "Sells tickets outside" } })
}

#[tokio::test]
async fn an_event_from_elsewhere_is_taken_in_once() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let people = make_guests(&site, 2).await;
    let (_, warehouse) = key(&site, &admin, &["bus.read", "users.moderate"]).await;
    let event = flagged(&people[0].id);
    assert_eq!(warehouse.post("/bus/events", event.clone()).await.expect(200), json!({ "taken": true }));
    assert_eq!(warehouse.post("/bus/events", event.clone()).await.expect(200), json!({ "taken": false }));
    // Something else under its id would be lost: it is refused, and changes nothing.
    for (field, said) in [("user_id", people[1].id.as_str()), ("reason", "Another reason")] {
        let mut other = event.clone();
        other["payload"][field] = said.into();
        warehouse.post("/bus/events", other).await.refused(422, "event_mismatch");
    }
    told(&site).await;
    let heard = admin.rows("/bus/events?type=user.flagged").await;
    assert_eq!(heard.as_array().map(Vec::len), Some(1), "{heard}");
    assert_eq!(heard[0]["payload"], json!({ "user_id": people[0].id, "reason": "Sells tickets outside" }));
    let rows = admin.rows("/admin/audit?action=user.flagged").await;
    assert_eq!(rows.as_array().map(Vec::len), Some(1), "{rows}");
    // What another key calls so is another event, if its maker is the same.
    let (_, register) = key(&site, &admin, &["bus.read", "users.moderate"]).await;
    assert_eq!(register.post("/bus/events", event.clone()).await.expect(200), json!({ "taken": true }));
    // The key's maker is nobody to be told of their own doing; others who may ban are.
    let other = site.person("second@example.com", "super_admin").await;
    let event = flagged(&people[1].id);
    warehouse.post("/bus/events", event).await.expect(200);
    told(&site).await;
    assert!(titles(&other).await[0].starts_with("Look at the account of "), "{:?}", titles(&other).await);
}

#[tokio::test]
async fn what_cannot_be_taken_in_says_why() {
    let site = Site::start().await;
    let _background = listen(&site).await;
    let admin = site.admin().await;
    let people = make_guests(&site, 1).await;
    let (_, reads) = key(&site, &admin, &["bus.read"]).await;
    told(&site).await;
    // What the stream would not tell this key is not listed to it either.
    let kinds = |rows: Value| -> Vec<String> {
        rows.as_array().expect("rows").iter().map(|row| text(row, "type").to_owned()).collect()
    };
    let (all, listed) = (kinds(admin.rows("/bus/events").await), kinds(reads.rows("/bus/events").await));
    assert!(all.iter().any(|kind| kind == "admin.action.logged"), "{all:?}");
    let withheld = ["user.", "admin.action.", "staff.", "session.", "event."];
    assert!(listed.iter().all(|kind| withheld.iter().all(|prefix| !kind.starts_with(prefix))), "{listed:?}");
    let (_, moderates) = key(&site, &admin, &["users.moderate"]).await;
    let event = flagged(&people[0].id);
    reads.post("/bus/events", event.clone()).await.refused(403, "forbidden");
    moderates.post("/bus/events", event.clone()).await.refused(403, "forbidden");
    site.anonymous().post("/bus/events", event.clone()).await.refused(401, "unauthenticated");
    let refused = async |change: &dyn Fn(&mut Value), status: u16, code: &str, field: &str| {
        let mut event = flagged(&people[0].id);
        change(&mut event);
        let answer = admin.post("/bus/events", event).await;
        answer.refused(status, code);
        assert!(field.is_empty() || answer.body["errors"][field][0].is_string(), "{field}: {}", answer.body);
    };
    refused(&|event| event["type"] = json!("user.praised"), 422, "invalid_input", "type").await;
    refused(&|event| event["payload"] = json!({}), 422, "invalid_input", "payload.user_id").await;
    refused(&|event| event["payload"]["reason"] = json!(7), 422, "invalid_input", "payload.reason").await;
    refused(&|event| event["payload"]["why"] = json!("x"), 422, "invalid_input", "payload.why").await;
    refused(&|event| event["payload"]["user_id"] = json!(new_uuid()), 422, "invalid_input", "payload.user_id").await;
    // What was refused was not taken: it may be told again as it should have been.
    assert_eq!(site.number("select count(*) from inbound_events").await, 0);
}
