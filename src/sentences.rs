//! The sentences of all areas are whole, and each stands once.

use std::collections::BTreeSet;

use crate::WORDS;
use crate::audit::words::Sentence;

fn text(action: &str, name: Option<&str>, outcome: Option<&str>, changes: &[&str]) -> String {
    let changes: Vec<String> = changes.iter().map(|change| (*change).to_owned()).collect();
    WORDS.said(action, name, outcome, &changes).text()
}

#[test]
fn what_was_done_reads_as_a_sentence() {
    let open_mic = Some("Open Mic, Closed Doors");
    assert_eq!(
        text("event.updated", open_mic, None, &["title", "capacity"]),
        "changed title and capacity of Open Mic, Closed Doors"
    );
    assert_eq!(text("event.updated", None, None, &["title"]), "changed title");
    assert_eq!(text("event.updated", None, None, &[]), "changed details");
    assert_eq!(text("event.cancelled", open_mic, None, &["status"]), "cancelled Open Mic, Closed Doors");
    assert_eq!(text("event.cancelled", None, None, &["status"]), "cancelled the event");
    assert_eq!(text("event_request.decided", Some("Kabir"), Some("accepted"), &[]), "accepted the request of Kabir");
    assert_eq!(text("ticket.transferred", None, None, &[]), "transferred a ticket to another guest");
    assert_eq!(text("something.new_here", None, None, &[]), "something new here");
}

#[test]
fn the_name_stands_apart_for_a_link() {
    let said = WORDS.said("partner.contact_invited", Some("Farah"), None, &[]);
    assert_eq!(
        said,
        Sentence { before: "invited ".to_owned(), name: Some("Farah".to_owned()), after: " to sign in".to_owned() }
    );
}

#[test]
fn every_pattern_is_whole_with_and_without_a_name() {
    let mut seen = BTreeSet::new();
    for area in WORDS.0 {
        assert!(area.actions.is_sorted_by_key(|(action, _)| *action), "each list is in order");
        for (key, _) in area.actions {
            assert!(seen.insert(*key), "{key} is said once");
            let (action, outcome) = key.split_once(':').map_or((*key, None), |(a, o)| (a, Some(o)));
            for name in [None, Some("Name")] {
                let text = text(action, name, outcome, &[]);
                assert!(!text.contains(['{', '}', '[', ']', '<', '>', '|', '\u{1}']), "{action}: {text}");
                assert!(!text.ends_with(':'), "{action}: {text}");
            }
        }
    }
    assert!(seen.len() >= 198, "only {} sentences", seen.len());
}

#[test]
fn every_kind_and_every_job_is_called_something_once() {
    let kinds = WORDS.0.iter().flat_map(|area| [area.kinds, area.also]).flatten();
    let jobs = WORDS.0.iter().flat_map(|area| area.jobs);
    let listeners = WORDS.0.iter().flat_map(|area| area.listeners).map(|(name, ..)| name);
    let mut seen = BTreeSet::new();
    for name in kinds.map(|(kind, _)| kind).chain(jobs.map(|(job, _)| job)) {
        assert!(seen.insert(*name), "{name} has one name");
    }
    for consumer in inventory::iter::<crate::bus::consumers::Consumer>() {
        assert!(listeners.clone().any(|name| *name == consumer.name), "{} has a name for people", consumer.name);
    }
}

#[test]
fn the_server_and_the_browser_have_the_same_words() {
    let of = |words: &crate::audit::words::Words| -> BTreeSet<&str> {
        words
            .0
            .iter()
            .flat_map(|area| [area.kinds, area.also, area.actions, area.jobs])
            .flatten()
            .map(|(key, _)| *key)
            .collect()
    };
    assert_eq!(of(&crate::audit::words::DECLARED), of(&WORDS), "each area is in both lists");
}
