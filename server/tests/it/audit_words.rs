//! The audit log is for people: sentences with names, in one list of words that activity shares.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::fixtures::draft;
use crate::support::Site;

/// Source files of the areas, without their tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        match entry.is_dir() {
            true => sources(&entry, found),
            false if !entry.ends_with("tests.rs") => found.push(entry),
            false => {}
        }
    }
}

/// What the code records, where it is said beside the call.
fn recorded() -> BTreeSet<String> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    sources(&top.join("src"), &mut files);
    sources(&top.join("core/src"), &mut files);
    let mut actions = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source file");
        for call in ["audit(", "audit_created(", "audit_deleted("] {
            for rest in text.split(call).skip(1) {
                let argument = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                actions.extend(argument.filter(|action| action.contains('.')).map(str::to_owned));
            }
        }
    }
    actions
}

#[test]
fn whatever_is_recorded_has_a_sentence() {
    let actions = recorded();
    assert!(actions.len() > 60, "{} actions were found", actions.len());
    let silent: Vec<_> = actions.iter().filter(|action| !eventify::WORDS.known(action)).collect();
    assert!(silent.is_empty(), "without a sentence: {silent:?}");
}

#[tokio::test]
async fn an_entry_names_who_did_what_to_which_record() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let event = draft(&site, &admin, 10).await;
    let id = event["id"].as_str().expect("an id");
    let change = json!({ "title": "Open Mic, Closed Doors", "version": event["version"] });
    admin.patch(&format!("/events/{id}"), change).await.expect(200);
    let kind = crate::fixtures::kind(&admin, &event, "Standard", None, 0).await;

    let page = admin.get("/admin/audit?limit=2").await.expect(200);
    let (added, changed) = (&page["items"][0], &page["items"][1]);
    assert!(page["total_estimate"].as_i64().is_some_and(|total| total > 2), "{page}");
    assert_eq!(added["subject"]["name"], "Standard");
    assert_eq!(added["subject"]["within"], "Open Mic, Closed Doors");
    assert_eq!(added["subject"]["href"], format!("/events/{id}?tab=types"));
    assert_eq!(added["object_id"], kind["id"]);
    assert_eq!(
        changed["subject"],
        json!({ "name": "Open Mic, Closed Doors", "href": format!("/events/{id}"), "within": null })
    );
    let name = changed["actor"]["name"].as_str().expect("a name");
    assert!(!name.contains('@'), "{name}");
    let entry = admin.get(&format!("/admin/audit/{}", changed["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!(entry["row"]["subject"]["name"], "Open Mic, Closed Doors");

    let row: eventify::audit::AuditRow = serde_json::from_value(changed.clone()).expect("a row");
    assert_eq!(row.said(&eventify::WORDS).text(), "changed title of Open Mic, Closed Doors");
}
