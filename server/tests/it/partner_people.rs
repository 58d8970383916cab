//! A partner's own people: what they learn of those who work here; and bank accounts, which take two.

use serde_json::{Value, json};

use crate::partners::{partner, review, text, upload, within};
use crate::reach::key;
use crate::support::Site;

#[tokio::test]
async fn a_partners_people_learn_nothing_of_who_works_here() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let made = partner(&admin, "Harbour Hall").await;
    let caller = within(
        &site,
        &admin,
        &made,
        "own@example.com",
        &[
            "partners.read",
            "partners.manage",
            "events.read",
            "events.manage",
            "events.publish",
            "tickets.read",
            "tickets.manage",
        ],
    )
    .await;
    let staff = site.person("staff@example.com", "auditor").await;
    let gone = site.account("gone@example.com", "auditor").await;
    admin.delete(&format!("/admin/users/{}", gone.id)).await.expect(200);
    let path = format!("/partners/{}/contacts", text(&made, "id"));
    let bare = |mut contact: Value| {
        for field in ["id", "email", "created_at", "updated_at", "invited_at"] {
            contact.as_object_mut().unwrap().remove(field);
        }
        contact
    };
    let mut answers = Vec::new();
    for email in ["new@example.com", staff.email.as_str(), gone.email.as_str()] {
        let input = json!({ "name": "N", "email": email, "invite": true });
        let contact = caller.post(&path, input).await.expect(201);
        assert_eq!(contact["access"], "invited", "{email}");
        let again = caller.post(&format!("{path}/{}/invite", text(&contact, "id")), json!({})).await.expect(200);
        let moved = json!({ "email": "other@example.com", "version": again["version"] });
        caller.patch(&format!("{path}/{}", text(&contact, "id")), moved).await.refused(422, "invalid_input");
        answers.push((bare(contact), bare(again)));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // Staff see how it is, and who has an account is mailed that there is more to see.
    let listed = admin.rows(&path).await;
    let access =
        |email: &str| listed.as_array().unwrap().iter().find(|c| c["email"] == email).unwrap()["access"].clone();
    assert_eq!((access("staff@example.com"), access("gone@example.com")), (json!("active"), json!("none")));
    assert_eq!(
        site.number("select count(*) from job_runs where payload->'mail'->>'template' = 'partner_access'").await,
        2
    );
    // Once they come, they are seen.
    sqlx::query("update admin_users set last_active_at = now() + interval '1 hour' where email = 'staff@example.com'")
        .execute(&mut site.test.owner().await)
        .await
        .unwrap();
    let seen = caller.rows(&path).await;
    let seen = seen.as_array().unwrap().iter().find(|c| c["email"] == "staff@example.com").unwrap().clone();
    assert_eq!((&seen["access"], &seen["user_id"]), (&json!("active"), &Value::Null));

    sqlx::query("update admin_users set full_name = 'Asha Admin' where email = $1")
        .bind(&admin.email)
        .execute(&mut site.test.owner().await)
        .await
        .unwrap();
    let activity = caller.rows(&format!("/partners/{}/activity", text(&made, "id"))).await;
    let by: Vec<&str> = activity.as_array().unwrap().iter().map(|entry| text(entry, "by")).collect();
    assert!(by.contains(&"Eventify") && by.contains(&"Test Person") && !by.contains(&"Asha Admin"), "{by:?}");
    let whole = admin.rows(&format!("/partners/{}/activity", text(&made, "id"))).await;
    assert!(whole.as_array().unwrap().iter().any(|entry| entry["by"] == "Asha Admin"));
}

/// Nor in the lists of what they handed in: staff who uploaded, added or reviewed are "Eventify" to them.
#[tokio::test]
async fn a_partners_people_read_no_names_of_staff() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let mut reviewer = site.account("rev@example.com", "super_admin").await;
    reviewer.sign_in().await;
    let made = partner(&admin, "Harbour Hall").await;
    let all = ["partners.read", "partners.manage", "kyc.review"];
    let own = within(&site, &admin, &made, "own@example.com", &all).await;
    for (email, name) in
        [("admin@example.com", "Nadia Staff"), ("rev@example.com", "Vera Staff"), ("own@example.com", "Olga Own")]
    {
        let rename = "update admin_users set full_name = $2 where email = $1";
        let renamed = sqlx::query(rename).bind(email).bind(name).execute(&mut site.test.owner().await).await.unwrap();
        assert_eq!(renamed.rows_affected(), 1, "{email}");
    }
    let path = format!("/partners/{}", text(&made, "id"));
    let account = |number: &str| json!({ "holder_name": "H", "bank_code": "HDFC0001234", "account_number": number });
    let mut accounts = Vec::new();
    for (person, kind, number) in [(&admin, "pan", "50100234567890"), (&own, "cheque", "50100234567891")] {
        let document = upload(person, &made, kind).await;
        review(&reviewer, &made, &document, "verified").await.expect(200);
        accounts.push(person.post(&format!("{path}/bank-accounts"), account(number)).await.expect(201));
        upload(person, &made, "other").await;
    }
    let verified = json!({ "decision": "verified" });
    let review_account = format!("{path}/bank-accounts/{}/review", text(&accounts[0], "id"));
    reviewer.post(&review_account, verified).await.expect(200);
    let lists = [format!("{path}/documents"), format!("{path}/bank-accounts"), "/kyc/queue".to_owned()];
    for list in &lists {
        let (seen, whole) =
            (own.get(list).await.expect(200).to_string(), admin.get(list).await.expect(200).to_string());
        assert!(
            seen.contains("Olga Own") && seen.contains("\"Eventify\"") && !seen.contains(" Staff"),
            "{list}: {seen}"
        );
        assert!(
            whole.contains("Olga Own") && whole.contains("Nadia Staff") && !whole.contains("\"Eventify\""),
            "{list}: {whole}"
        );
    }
}

#[tokio::test]
async fn who_uploaded_a_document_does_not_approve_it() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let second = site.person("second@example.com", "super_admin").await;
    let made = partner(&admin, "Harbour Hall").await;
    let (_, program) = key(&site, &admin, &["kyc.review", "partners.manage"]).await;
    for uploader in [&admin, &program] {
        let document = upload(uploader, &made, "pan").await;
        // Neither oneself nor one's own key.
        let refused = review(&admin, &made, &document, "verified").await;
        refused.refused(403, "forbidden");
        assert!(text(&refused.body, "detail").contains("someone else must approve it"), "{}", refused.body);
        review(&program, &made, &document, "verified").await.refused(403, "forbidden");
        review(&second, &made, &document, "verified").await.expect(200);
    }
    // Taking back one's own mistake is another matter.
    let document = upload(&admin, &made, "cheque").await;
    review(&admin, &made, &document, "rejected").await.expect(200);
}

#[tokio::test]
async fn who_added_a_bank_account_does_not_approve_it() {
    let site = Site::start().await;
    let admin = site.admin().await;
    let second = site.person("second@example.com", "super_admin").await;
    let made = partner(&admin, "Harbour Hall").await;
    let path = format!("/partners/{}/bank-accounts", text(&made, "id"));
    let number = json!({ "holder_name": "H", "bank_code": "HDFC0001234", "account_number": "50100234567890" });
    let verified = json!({ "decision": "verified" });
    let (_, program) = key(&site, &admin, &["kyc.review", "partners.manage"]).await;
    for adder in [&admin, &program] {
        let account = adder.post(&path, number.clone()).await.expect(201);
        let review = format!("{path}/{}/review", text(&account, "id"));
        // Neither oneself nor one's own key.
        admin.post(&review, verified.clone()).await.refused(403, "forbidden");
        program.post(&review, verified.clone()).await.refused(403, "forbidden");
        second.post(&review, verified.clone()).await.expect(200);
    }
    // Taking back one's own mistake is another matter.
    let account = admin.post(&path, number).await.expect(201);
    let rejected = json!({ "decision": "rejected", "reason": "Typed wrong" });
    admin.post(&format!("{path}/{}/review", text(&account, "id")), rejected).await.expect(200);
}
