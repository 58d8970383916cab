//! An end user's own profile: what it says, pictures, wallets, privacy.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::partners::{BOUNDARY, PDF, form, text};
use crate::people::{PHONE, end_user};
use crate::pictures::png;
use crate::support::{Answer, Person, Site, read};

pub async fn add(person: &Person, file: &[u8]) -> Answer {
    let request = person.request(Method::POST, "/me/pictures");
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    read(request.header("content-type", kind).body(form(None, "me.png", file)).send().await.expect("an answer")).await
}

fn ids(pictures: &Value) -> Vec<String> {
    pictures.as_array().unwrap().iter().map(|picture| text(picture, "id").to_owned()).collect()
}

async fn fetch(site: &Site, url: &str) -> reqwest::Response {
    site.anonymous().http.get(format!("{}{url}", site.url)).send().await.expect("an answer")
}

#[tokio::test]
async fn a_profile_is_kept_by_its_owner() {
    let site = Site::start().await;
    let user = end_user(&site, PHONE).await;
    let interests = site.anonymous().rows("/interests").await;
    let chosen = [&interests[0]["id"], &interests[3]["id"]];
    let change = json!({
        "name": "Beena Rao", "bio": "First row.", "location": "Pune", "birth_date": "1994-03-21", "gender": "female",
        "email": "Beena@Example.com", "interests": chosen, "version": 1,
    });
    let after = user.patch("/me", change.clone()).await.expect(200);
    assert_eq!((text(&after, "name"), text(&after, "email")), ("Beena Rao", "beena@example.com"));
    assert_eq!((after["interests"].as_array().unwrap().len(), text(&after, "birth_date")), (2, "1994-03-21"));
    let stale = user.patch("/me", change).await;
    stale.refused(409, "conflict");
    assert_eq!(stale.body["current"]["name"], "Beena Rao");
    let cleared = json!({ "email": null, "birth_date": null, "interests": [], "version": after["version"] });
    let after = user.patch("/me", cleared).await.expect(200);
    assert_eq!((&after["email"], &after["birth_date"], &after["interests"]), (&json!(null), &json!(null), &json!([])));
    for (bad, status) in [
        (json!({ "birth_date": "2099-01-01" }), 422),
        (json!({ "birth_date": "21.03.1994" }), 422),
        (json!({ "bio": "x".repeat(1001) }), 422),
        (json!({ "phone": "+919845000000" }), 422),
        (json!({ "interests": ["01934c2e-7a10-7d3e-9b62-2f6c1a5d8e90"] }), 422),
    ] {
        let mut input = bad.clone();
        input["version"] = after["version"].clone();
        assert_eq!(user.patch("/me", input).await.status, status, "{bad}");
    }
    assert_eq!(user.get("/me").await.expect(200)["version"], after["version"], "what was refused changed nothing");
}

#[tokio::test]
async fn pictures_are_made_ordered_and_removed() {
    let site = Site::start().await;
    let background = eventify_server::serve::background(&site.test.app, true);
    let user = end_user(&site, PHONE).await;
    add(&user, PDF).await.refused(422, "invalid_input");
    add(&user, b"").await.refused(422, "invalid_input");
    for width in [1500, 120] {
        add(&user, &png(width, 100)).await.expect(201);
    }
    let mut pictures = Value::Null;
    for attempt in 0.. {
        pictures = user.get("/me").await.expect(200)["pictures"].clone();
        if pictures.as_array().unwrap().iter().all(|picture| picture["status"] != "processing") {
            break;
        }
        assert!(attempt < 300, "never made: {pictures}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let states: Vec<&str> = pictures.as_array().unwrap().iter().map(|picture| text(picture, "status")).collect();
    assert_eq!(states, ["ready", "ready"]);
    assert_eq!((&pictures[0]["width"], &pictures[0]["height"]), (&json!(1500), &json!(100)));
    for (size, width) in [("thumb_url", 256), ("large_url", 1280), ("full_url", 1500)] {
        let answer = fetch(&site, text(&pictures[0], size)).await;
        assert_eq!(
            (answer.status(), answer.headers()["content-type"].to_str().unwrap()),
            (reqwest::StatusCode::OK, "image/jpeg")
        );
        let shown = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(shown.width(), width, "{size}");
    }
    let thumb = text(&pictures[0], "thumb_url");
    for altered in
        [thumb.replace("size=thumb", "size=full"), thumb.replace(text(&pictures[0], "id"), text(&pictures[1], "id"))]
    {
        assert_eq!(fetch(&site, &altered).await.status(), 410, "{altered}");
    }
    // What was uploaded is gone; three files for each picture are left.
    assert_eq!(site.number("select count(*) from stored_files where kept_at is not null").await, 6);

    let order: Vec<String> = ids(&pictures).into_iter().rev().collect();
    let ordered = user.put("/me/pictures/order", json!({ "ids": order })).await.expect(200);
    assert_eq!(ids(&ordered["items"]), order);
    user.put("/me/pictures/order", json!({ "ids": order[1..] })).await.refused(422, "invalid_input");
    let twice = [&order[0], &order[0], &order[1]];
    user.put("/me/pictures/order", json!({ "ids": twice })).await.refused(422, "invalid_input");
    let other = end_user(&site, "+919845012342").await;
    other.delete(&format!("/me/pictures/{}", order[0])).await.refused(404, "not_found");
    user.delete(&format!("/me/pictures/{}", order[0])).await.expect(200);
    user.delete(&format!("/me/pictures/{}", order[1])).await.refused(409, "last_picture");
    assert_eq!(site.number("select count(*) from stored_files").await, 3);
    drop(background);
}

#[tokio::test]
async fn a_profile_has_six_pictures_whoever_is_first() {
    let site = Site::start().await;
    let user = end_user(&site, PHONE).await;
    let file = png(32, 100);
    let calls = (0..12).map(|_| {
        let (user, file) = (user.clone(), file.clone());
        async move { add(&user, &file).await }
    });
    let answers = futures::future::join_all(calls).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
    assert_eq!(taken.len(), 6);
    refused.iter().for_each(|answer| answer.refused(409, "too_many_pictures"));
    assert_eq!(site.number("select count(*) from user_pictures").await, 6);
    assert_eq!(site.number("select count(*) from stored_files").await, 6, "what was refused left a file");
    assert_eq!(site.number("select count(*) from job_runs where job_type = 'people.make_picture'").await, 6);
}

#[tokio::test]
async fn privacy_is_asked_for_and_kept() {
    let site = Site::start().await;
    let user = end_user(&site, PHONE).await;
    let before = user.get("/me/privacy").await.expect(200);
    assert_eq!(
        (&before["marketing"], &before["analytics"]),
        (&json!(false), &json!(false)),
        "consent is never assumed"
    );
    let change = json!({ "profile_visibility": "nobody", "marketing": true, "version": before["version"] });
    let after = user.patch("/me/privacy", change.clone()).await.expect(200);
    assert_eq!((&after["profile_visibility"], &after["marketing"]), (&json!("nobody"), &json!(true)));
    user.patch("/me/privacy", change).await.refused(409, "conflict");
    let asked = user.post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let path = format!("/me/privacy-requests/{}", text(&asked, "id"));
    end_user(&site, "+919845012342").await.delete(&path).await.refused(404, "not_found");
    user.delete(&path).await.expect(204);
    user.delete(&path).await.refused(409, "invalid_transition");
    user.post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
}

#[tokio::test]
async fn a_wallet_is_linked_by_its_signature_and_to_one_account() {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
    let site = Site::start().await;
    let (user, other) = (end_user(&site, PHONE).await, end_user(&site, "+919845012342").await);
    let pair = Ed25519KeyPair::generate().unwrap();
    let signed = async |person: &Person| {
        let challenge = person.post("/me/wallets/challenge", json!({})).await.expect(200);
        let message = text(&challenge, "message").to_owned();
        let signature = hex::encode(pair.sign(message.as_bytes()).as_ref());
        let address = hex::encode(pair.public_key().as_ref());
        json!({ "kind": "ed25519", "address": address, "label": "Phone", "message": message, "signature": signature })
    };
    let mine = signed(&user).await;
    other.post("/me/wallets", mine.clone()).await.refused(422, "invalid_input");
    let mut forged = mine.clone();
    forged["signature"] = json!("00".repeat(64));
    user.post("/me/wallets", forged).await.refused(422, "invalid_input");
    let linked = user.post("/me/wallets", mine).await.expect(201);
    other.post("/me/wallets", signed(&other).await).await.refused(409, "wallet_taken");
    let path = format!("/me/wallets/{}", text(&linked["items"][0], "id"));
    other.delete(&path).await.refused(404, "not_found");
    user.delete(&path).await.expect(204);
    other.post("/me/wallets", signed(&other).await).await.expect(201);
}
