//! What the walks over everything need to know of partners.

use reqwest::Method;
use serde_json::{Value, json};

use crate::areas::{AreaTests, Write, add};
use crate::partners::{partner, text, upload};
use crate::support::Person;

inventory::submit!(AreaTests {
    records: &[
        ("/partner-documents/{id}", "select id from partner_documents"),
        ("/partners/{id}", "select organizer_partner_id from events where status = 'live'"),
        ("/partners/{id}/bank-accounts/{account_id}", "select partner_id, id from partner_bank_accounts"),
        ("/partners/{id}/contacts/{contact_id}", "select partner_id, id from partner_contacts where not is_primary"),
        (
            "/partners/{id}/documents/{document_id}",
            "select partner_id, id from partner_documents where status = 'pending'"
        ),
    ],
    tables: &[
        (
            "partners",
            "id name type status logo_url verification_status settlement_currency total_revenue_minor open_balance_minor joined_at version created_at updated_at"
        ),
        ("partner_contacts", "id partner_id name email phone is_primary created_at updated_at"),
        (
            "partner_documents",
            "id partner_id type storage_key status rejection_reason reviewed_by uploaded_at verified_at version created_at updated_at"
        ),
        ("partner_bank_accounts", "id partner_id number_enc status reviewed_by created_at updated_at"),
    ],
    ..AreaTests::writes(20, |s| Box::pin(writes(s.admin, s.tag, s.out)))
});

/// Partners, their documents, people and accounts.
async fn writes(admin: &Person, tag: &str, out: &mut Vec<Write>) {
    let invited = json!({ "name": format!("Partner {tag}"), "type": "venue", "contact_name": "C",
                          "contact_email": format!("{tag}p@example.com") });
    add(out, "partner_create", Method::POST, "/partners".to_owned(), invited);
    let made = partner(admin, &format!("Other {tag}")).await;
    let document = upload(admin, &made, "pan").await;
    let path = format!("/partners/{}", text(&made, "id"));
    let renamed = json!({ "name": format!("New {tag}"), "version": made["version"] });
    add(out, "partner_update", Method::PATCH, path.clone(), renamed);
    let verdict = json!({ "document_id": document["id"], "decision": "rejected", "reason": "Not legible" });
    add(out, "partner_kyc_review", Method::POST, format!("{path}/kyc/review"), verdict);
    add(out, "partner_set_status", Method::PATCH, format!("{path}/status"), json!({ "status": "active" }));
    let contact = json!({ "name": "D", "email": format!("{tag}d@partner.example.com"), "is_primary": true,
                          "invite": true });
    add(out, "partner_contact_add", Method::POST, format!("{path}/contacts"), contact);
    let number = json!({ "holder_name": "P", "bank_code": "HDFC0001234", "account_number": "50100234567890" });
    add(out, "partner_bank_account_add", Method::POST, format!("{path}/bank-accounts"), number.clone());
    let made = partner(admin, &format!("People {tag}")).await;
    let path = format!("/partners/{}", text(&made, "id"));
    let account = admin.post(&format!("{path}/bank-accounts"), number).await.expect(201);
    let review = format!("{path}/bank-accounts/{}/review", text(&account, "id"));
    add(
        out,
        "partner_bank_account_review",
        Method::POST,
        review,
        json!({ "decision": "rejected", "reason": "Typed wrong" }),
    );
    let mut contacts = Vec::new();
    for n in 0..4 {
        let contact = json!({ "name": "E", "email": format!("{tag}e{n}@partner.example.com") });
        contacts.push(admin.post(&format!("{path}/contacts"), contact).await.expect(201));
    }
    let one = |n: usize| format!("{path}/contacts/{}", text(&contacts[n], "id"));
    let renamed = json!({ "name": "Other", "version": contacts[0]["version"] });
    add(out, "partner_contact_update", Method::PATCH, one(0), renamed);
    add(out, "partner_contact_make_primary", Method::POST, format!("{}/primary", one(1)), json!({}));
    add(out, "partner_contact_remove", Method::DELETE, one(2), Value::Null);
    add(out, "partner_contact_invite", Method::POST, format!("{}/invite", one(3)), json!({}));
}
