//! One search over everything, and nobody finds what they may not see.

use serde_json::{Value, json};

use crate::partners::{partner, within};
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
