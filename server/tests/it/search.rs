//! One search over everything, and nobody finds what they may not see.

use serde_json::{Value, json};

use crate::finance::buy;
use crate::fixtures::{make_guests, open};
use crate::partners::{partner, text, within};
use crate::support::Site;

fn titles(found: &Value) -> Vec<&str> {
    found.as_array().expect("hits").iter().map(|hit| hit["title"].as_str().expect("a title")).collect()
}

#[tokio::test]
async fn people_roles_and_partners_are_found_by_the_beginnings_of_words() {
    let site = Site::start().await;
    let admin = site.admin().await;
    site.account("ines.duarte@example.com", "auditor").await;
    partner(&admin, "Nordlicht Halls").await;
    let found = async |text: &str| admin.rows(&format!("/search?q={text}")).await;
    assert!(titles(&found("nordl%20ha").await).contains(&"Nordlicht Halls"));
    assert_eq!(found("duarte").await[0]["detail"], "ines.duarte@example.com");
    assert!(titles(&found("audit").await).contains(&"Auditor"));
    assert!(titles(&found("licht").await).is_empty(), "words are found by their beginnings");
    assert!(titles(&found("%27%20%7C%20%21").await).is_empty(), "no words, no hits");
    assert!(titles(&found("").await).is_empty(), "nothing typed, nothing found");
    let long = "a".repeat(101);
    admin.get(&format!("/search?q={long}")).await.refused(422, "invalid_input");
    site.anonymous().get("/search?q=nord").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn orders_and_invoices_are_found_by_their_whole_numbers() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (event, kinds) = open(&site, &admin, 20, &[("Paid", None, 50_000)]).await;
    let guest = make_guests(&site, 1).await.remove(0);
    let paid = buy(&site, &guest, &event, &kinds[0], 1).await;
    let invoice = admin.rows("/invoices").await[0].clone();
    let order = text(&paid["order"], "order_reference");
    let found = admin.rows(&format!("/search?q=%20{}", order.to_lowercase())).await;
    let told = |hit: &Value| (text(hit, "kind").to_owned(), hit["id"].clone(), text(hit, "title").to_owned());
    let number = text(&invoice, "reference").to_owned();
    let bill = ("invoice".to_owned(), invoice["id"].clone(), number.clone());
    let payment = ("payment".to_owned(), paid["payment"]["id"].clone(), order.to_owned());
    let hits: Vec<_> = found.as_array().expect("hits").iter().map(told).collect();
    assert_eq!(hits, [payment, bill.clone()]);
    let by_number = format!("/search?q={}", number.replace('/', "%2F"));
    assert_eq!(told(&admin.rows(&by_number).await[0]), bill);
    assert_eq!(admin.rows(&format!("/search?q={}", &order[..9])).await, json!([]), "no part of a number");
    let editor = site.person("editor@example.com", "content_editor").await;
    for path in [by_number, format!("/search?q={order}")] {
        assert_eq!(editor.rows(&path).await, json!([]), "{path} is not theirs to see");
    }
}

#[tokio::test]
async fn nobody_finds_what_they_may_not_see() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let (own, _other) = (partner(&admin, "Riverside One").await, partner(&admin, "Riverside Two").await);
    let insider = within(&site, &admin, &own, "insider@example.com", &["partners.read"]).await;
    assert_eq!(titles(&insider.rows("/search?q=riverside").await), ["Riverside One"]);
    assert!(titles(&insider.rows("/search?q=insider").await).is_empty(), "staff are not theirs to see");
    let path = format!("/partners/{}", own["id"].as_str().expect("an id"));
    let renamed = json!({ "name": "Quayside One", "version": own["version"] });
    admin.patch(&path, renamed).await.expect(200);
    assert!(titles(&admin.rows("/search?q=riverside").await).iter().all(|title| *title != "Riverside One"));
    assert_eq!(titles(&insider.rows("/search?q=quay").await), ["Quayside One"]);
}
