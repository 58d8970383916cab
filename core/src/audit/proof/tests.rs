//! Proofs: a good one holds, and whatever is changed about one is named.

use ed25519_dalek::{Signer, SigningKey};
use serde::Serialize;
use serde_json::{Value, json};

use super::{AuditProof, Checked, ProofStatement, Signed, check};
use crate::audit::operations::AUDIT_PROOF_EXPORT_META;
use crate::audit::{AuditFilter, erase, proving, sealer};
use crate::kernel::audit::Audited;
use crate::kernel::clock::new_uuid;
use crate::kernel::testing::{self, TestApp};
use crate::kernel::text::FilterWord;

#[derive(Serialize)]
struct Thing {
    id: String,
    size: i64,
    note: Option<&'static str>,
}
impl Audited for Thing {
    const OBJECT: &'static str = "thing";
    fn audit_id(&self) -> String {
        self.id.clone()
    }
}

/// Five entries of two things in three blocks, and one that waits.
async fn furnished() -> TestApp {
    let app = testing::app().await;
    for (n, last) in [(1, true), (2, false), (3, true), (4, false), (5, true), (6, false)] {
        let id = (n % 2).to_string();
        let mut tx = app.tx().await;
        let before = Thing { id: id.clone(), size: n, note: None };
        tx.audit("thing.changed", &before, &Thing { id, size: n + 1, note: Some("larger") }).reason("it grew");
        tx.commit().await.unwrap();
        if last {
            sealer::seal(&mut app.pool.acquire().await.unwrap(), app.clock.now()).await.unwrap();
        }
    }
    app
}

async fn proved(app: &TestApp, filter: AuditFilter) -> AuditProof {
    let cx = app.system_cx(&AUDIT_PROOF_EXPORT_META);
    proving::prove(&mut cx.reader().await.unwrap(), filter).await.unwrap()
}

fn checked(app: &TestApp, proof: &Value) -> Checked {
    check(&proof.to_string(), &proving::public_key(app)).unwrap()
}

/// The faults of the file, after somebody changed it.
fn faults(app: &TestApp, proof: &AuditProof, change: impl FnOnce(&mut Value)) -> Vec<(Option<i64>, String)> {
    let mut file = serde_json::to_value(proof).unwrap();
    change(&mut file);
    checked(app, &file).faults.into_iter().map(|fault| (fault.entry, fault.what)).collect()
}

#[tokio::test]
async fn a_good_proof_holds_whole_and_of_one_record() {
    let app = furnished().await;
    let whole = proved(&app, AuditFilter::default()).await;
    assert_eq!((whole.entries.len(), whole.blocks.len()), (5, 3), "what waits for its seal is left out");
    let result = checked(&app, &serde_json::to_value(&whole).unwrap());
    assert_eq!((result.signed, result.erased, result.faults), (Signed::Here, 0, vec![]));
    let one = AuditFilter { object_id: FilterWord::parse("1").ok(), ..AuditFilter::default() };
    let one = proved(&app, one).await;
    assert_eq!(one.statement.entries, [1, 3, 5]);
    assert_eq!(checked(&app, &serde_json::to_value(&one).unwrap()).faults, []);
    let none = AuditFilter { object_id: FilterWord::parse("7").ok(), ..AuditFilter::default() };
    assert_eq!(checked(&app, &serde_json::to_value(proved(&app, none).await).unwrap()).faults, []);
}

#[tokio::test]
async fn whatever_is_changed_about_an_entry_is_named() {
    let app = furnished().await;
    let proof = proved(&app, AuditFilter::default()).await;
    let changes = [
        ("id", json!(new_uuid())),
        ("actor_kind", json!("staff")),
        ("actor_id", json!(new_uuid())),
        ("actor_label", json!("somebody else")),
        ("action", json!("thing.looked_at")),
        ("object_type", json!("other")),
        ("object_id", json!("9")),
        ("reason", json!("another")),
        ("ip", json!("203.0.113.9")),
        ("request_id", json!("another")),
        ("created_at", json!("2026-11-25T09:00:01Z")),
    ];
    for (field, value) in changes {
        let named = faults(&app, &proof, |file| file["entries"][2][field] = value);
        assert_eq!(named, [(Some(3), "its content is not what was recorded".to_owned())], "{field}");
    }
    let value = |file: &mut Value, field: &str, change: Value| {
        let values = file["entries"][2]["values"].as_array_mut().unwrap();
        let there = values.iter_mut().find(|value| value["field"] == field).unwrap();
        there.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    };
    let wrong = "the value of `size` is not the one that was recorded";
    for change in [json!({ "after": 5 }), json!({ "before": null }), json!({ "after": "4" }), json!({ "salt": "00" })] {
        let named = faults(&app, &proof, |file| value(file, "size", change.clone()));
        assert_eq!(named, [(Some(3), wrong.to_owned())], "{change}");
    }
    // Nothing there is another than nothing.
    let named = faults(&app, &proof, |file| {
        let values = file["entries"][2]["values"].as_array_mut().unwrap();
        let note = values.iter_mut().find(|value| value["field"] == "note").unwrap();
        assert_eq!(note["before"], Value::Null);
        note.as_object_mut().unwrap().remove("before").unwrap();
    });
    assert_eq!(named, [(Some(3), "the value of `note` is not the one that was recorded".to_owned())]);
    let named = faults(&app, &proof, |file| drop(file["entries"][2]["values"].as_array_mut().unwrap().pop()));
    assert!(named.len() == 1 && named[0].0 == Some(3) && named[0].1.ends_with("is missing"), "{named:?}");
    let named =
        faults(&app, &proof, |file| _ = file["entries"][2]["change_set"].as_object_mut().unwrap().remove("size"));
    assert_eq!(named.len(), 1, "{named:?}");
}

#[tokio::test]
async fn entries_that_are_missing_moved_repeated_or_put_in_are_named() {
    let app = furnished().await;
    let proof = proved(&app, AuditFilter::default()).await;
    let list = |file: &mut Value, change: fn(&mut Vec<Value>)| change(file["entries"].as_array_mut().unwrap());
    let named = faults(&app, &proof, |file| list(file, |entries| drop(entries.remove(1))));
    assert_eq!(named, [(Some(2), "it was exported and is missing: it was removed".to_owned())]);
    let named = faults(&app, &proof, |file| list(file, |entries| entries.swap(1, 2)));
    assert_eq!(named, [(Some(2), "it is out of order: it follows entry 3".to_owned())]);
    let named = faults(&app, &proof, |file| list(file, |entries| entries.push(entries[4].clone())));
    assert_eq!(named, [(Some(5), "it is there twice".to_owned())]);
    // One that was never recorded, in the place of another.
    let named = faults(&app, &proof, |file| file["entries"][4]["seq"] = json!(77));
    assert!(named.contains(&(Some(77), "it was not exported: it was added later".to_owned())), "{named:?}");
    assert!(named.iter().any(|(entry, what)| *entry == Some(5) && what.contains("is missing")), "{named:?}");
    // Whoever also changes what the file says of itself changes what was signed.
    let named = faults(&app, &proof, |file| {
        list(file, |entries| drop(entries.remove(1)));
        file["statement"]["entries"].as_array_mut().unwrap().remove(1);
    });
    assert!(named.len() == 1 && named[0].0.is_none() && named[0].1.contains("signature is invalid"), "{named:?}");
}

#[tokio::test]
async fn seals_that_are_changed_missing_or_unlinked_are_found() {
    let app = furnished().await;
    let proof = proved(&app, AuditFilter::default()).await;
    let said = |change: fn(&mut Value)| {
        let named = faults(&app, &proof, change);
        assert!(!named.is_empty());
        named.into_iter().map(|(_, what)| what).collect::<Vec<_>>().join("; ")
    };
    let told = said(|file| file["blocks"][1]["sealed_at"] = json!("2026-11-25T10:00:00Z"));
    assert_eq!(told, "Seal 2: its hash does not fit its content");
    let told = said(|file| file["blocks"][1]["seqs"] = json!([2]));
    assert!(told.contains("Seal 2: it has not one hash for each row"), "{told}");
    let told = said(|file| file["blocks"][2]["prev_hash"] = json!("00".repeat(32)));
    assert!(told.contains("Seal 3: it does not link to the one before it"), "{told}");
    let told = said(|file| drop(file["blocks"].as_array_mut().unwrap().remove(1)));
    assert!(told.contains("Its seals are not the exported ones") && told.contains("no seal in this file"), "{told}");
    let told = said(|file| file["statement"]["head"]["no"] = json!(2));
    assert!(told.contains("signature is invalid") && told.contains("Seal 3: it did not exist"), "{told}");
}

#[tokio::test]
async fn only_this_installations_signature_counts() {
    let app = furnished().await;
    let proof = proved(&app, AuditFilter::default()).await;
    // Somebody with a key of their own leaves an entry out, and signs that.
    let forger = SigningKey::from_bytes(&[9; 32]);
    let mut file = serde_json::to_value(&proof).unwrap();
    file["entries"].as_array_mut().unwrap().remove(1);
    file["statement"]["entries"].as_array_mut().unwrap().remove(1);
    let statement: ProofStatement = serde_json::from_value(file["statement"].clone()).unwrap();
    let signature = forger.sign(&statement.signed());
    file["key"] = json!(hex::encode(forger.verifying_key().as_bytes()));
    file["signature"] = json!(hex::encode(signature.to_bytes()));
    let result = checked(&app, &file);
    assert_eq!(result.signed, Signed::Elsewhere);
    assert_eq!(result.faults.len(), 1, "{:?}", result.faults);
    assert!(result.faults[0].what.contains("a different key"), "{:?}", result.faults);
    // Their signature under our key's name is nobody's.
    file["key"] = json!(proof.key);
    assert_eq!(checked(&app, &file).signed, Signed::Nobody);
    for (field, value) in [("signature", json!("00")), ("signature", json!("zz".repeat(64))), ("key", json!(""))] {
        let mut file = serde_json::to_value(&proof).unwrap();
        file[field] = value;
        assert_eq!(checked(&app, &file).signed, Signed::Nobody, "{field}");
    }
    // The key is the installation's, on every process of it.
    assert_eq!(proving::public_key(&app), proving::public_key(&*app.another().await));
}

#[tokio::test]
async fn erased_values_leave_a_proof_that_holds() {
    let app = furnished().await;
    let mut tx = app.tx().await;
    erase(&mut tx, 3, "size").await.unwrap();
    tx.commit().await.unwrap();
    let proof = proved(&app, AuditFilter::default()).await;
    let result = checked(&app, &serde_json::to_value(&proof).unwrap());
    assert_eq!((result.erased, result.faults), (1, vec![]));
    // Erased is not changed: nobody fills in what is gone.
    let named = faults(&app, &proof, |file| {
        let values = file["entries"][2]["values"].as_array_mut().unwrap();
        let size = values.iter_mut().find(|value| value["field"] == "size").unwrap();
        size["after"] = json!(4);
    });
    assert_eq!(named, [(Some(3), "the value of `size` is neither whole nor erased".to_owned())]);
    // And what was there is not erased afterwards, but by who exports it.
    let named = faults(&app, &proof, |file| {
        let values = file["entries"][1]["values"].as_array_mut().unwrap();
        let note = values.iter_mut().find(|value| value["field"] == "note").unwrap();
        *note = json!({ "field": "note", "salt": null, "erased_at": "1999-01-01T00:00:00Z" });
    });
    let taken = "the value of `note` was exported and is missing: it was removed";
    assert_eq!(named, [(Some(2), taken.to_owned())]);
}

#[tokio::test]
async fn nothing_stands_in_a_proof_that_is_not_looked_at() {
    let app = furnished().await;
    let proof = serde_json::to_value(proved(&app, AuditFilter::default()).await).unwrap();
    let read = |file: &str| check(file, &proving::public_key(&app));
    type Change = fn(&mut Value);
    let changes: [Change; 5] = [
        |file| file["remark"] = json!("approved"),
        |file| file["entries"][0]["note"] = json!("approved"),
        |file| file["entries"][0]["values"][0]["by"] = json!("Luca"),
        |file| file["blocks"][0]["note"] = json!(1),
        |file| file["statement"]["filter"]["colour"] = json!("red"),
    ];
    for change in changes {
        let mut file = proof.clone();
        change(&mut file);
        let why = read(&file.to_string()).expect_err("something is in it");
        assert!(why.contains("unknown field"), "{why}");
    }
    // A name twice: some readers take the first, some the last.
    let text = proof.to_string();
    for (first, doubled) in
        [("{\"blocks\":", "{\"entries\":[],\"blocks\":"), ("\"change_set\":{", "\"change_set\":{\"size\":\"00\",")]
    {
        assert!(text.contains(first), "{first}: {text}");
        let why = read(&text.replacen(first, doubled, 1)).expect_err("a name is there twice");
        assert!(why.contains("is given twice"), "{why}");
    }
    // Times end where what was recorded of them does.
    for (list, at) in [("entries", "created_at"), ("blocks", "sealed_at")] {
        let mut file = proof.clone();
        let time = file[list][0][at].as_str().unwrap().trim_end_matches('Z').to_owned();
        let time = if time.contains('.') { format!("{time:0<26}") } else { format!("{time}.000000") };
        file[list][0][at] = json!(format!("{time}9Z"));
        assert_eq!(read(&file.to_string()).unwrap().faults.len(), 1, "{at}");
    }
    // As some programs save text.
    assert_eq!(read(&format!("\u{feff}{text}")).unwrap().faults, []);
}

#[tokio::test]
async fn more_than_a_proof_holds_is_refused() {
    let app = testing::app().await;
    let mut owner = app.owner().await;
    sqlx::query(
        "insert into audit_logs (id, actor_kind, actor_label, action, object_type, object_id, change_set, hash, created_at)
         select gen_random_uuid(), 'system', 'system', 'thing.changed', 'thing', '1', '{}', '\\x00', $1
         from generate_series(1, 5001)",
    )
    .bind(app.clock.now().0)
    .execute(&mut owner)
    .await
    .unwrap();
    let cx = app.system_cx(&AUDIT_PROOF_EXPORT_META);
    let mut reader = cx.reader().await.unwrap();
    let refused = proving::prove(&mut reader, AuditFilter::default()).await.unwrap_err();
    assert_eq!((refused.status(), refused.code()), (422, "invalid_input"));
    assert!(refused.field_errors()["from"][0].contains("5,000"), "{refused:?}");
}

#[test]
fn what_is_no_proof_says_so() {
    for (file, why) in [
        ("", "it is not JSON"),
        ("seq,id\n1,2", "it is not JSON"),
        ("{}", "not exported from an audit log"),
        (r#"{"statement":{"format":"eventify-audit-proof/1"}}"#, "a part of it cannot be read"),
    ] {
        let told = check(file, "").unwrap_err();
        assert!(told.contains(why), "{file}: {told}");
    }
}
