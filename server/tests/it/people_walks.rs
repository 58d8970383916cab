//! What the walks over everything need to know of people.

use reqwest::Method;
use serde_json::json;

use crate::areas::{AreaTests, Write, add};
use crate::fixtures::make_guests;
use crate::partners::text;
use crate::people::end_user;
use crate::support::Site;

inventory::submit!(AreaTests {
    records: &[
        ("/me/pictures/{id}", "select id from user_pictures"),
        ("/me/privacy-requests/{id}", "select id from privacy_requests where status = 'open'"),
        ("/me/sessions/{id}", "select id from end_user_sessions"),
        ("/me/wallets/{id}", "select id from wallet_links"),
        ("/privacy/exports/{id}", "select id from privacy_requests"),
        ("/privacy/requests/{id}", "select id from privacy_requests where status = 'open'"),
        ("/user-pictures/{id}", "select id from user_pictures"),
        ("/users/{id}", "select user_id from tickets where status = 'issued' and user_id is not null"),
    ],
    tables: &[
        (
            "end_users",
            "id email phone status total_spent_minor currency last_login_at totp_secret_enc totp_enabled_at created_at updated_at"
        ),
        (
            "user_profiles",
            "user_id name bio location birth_date gender profile_pictures is_verified is_active metadata created_at updated_at"
        ),
        ("user_phone_otps", "id phone_number otp_hash otp_salt is_verified attempts created_at updated_at expires_at"),
        (
            "end_user_sessions",
            "id user_id refresh_token_hash ip_address user_agent last_seen_at expires_at revoked_at created_at"
        ),
        ("user_profile_event_interests", "user_id interest_id created_at"),
        ("wallet_links", "id user_id address verified_at created_at updated_at"),
        ("privacy_settings", "user_id profile_visibility marketing analytics created_at updated_at"),
        ("privacy_requests", "id user_id request_type status requested_at completed_at"),
        ("user_bans", "id user_id reason until banned_by lifted_at lifted_by created_at"),
    ],
    takes_no_markup: &[
        ("email_verification", "a link's token"),
        ("email_verification_confirm", "a link's token"),
        ("my_privacy_request_file", "a word of a list"),
        ("my_privacy_update", "a word of a list"),
        ("my_wallet_add", "a signed challenge"),
        ("otp_request", "a phone number"),
        ("otp_totp", "a code"),
        ("otp_verify", "a code"),
        ("my_totp_confirm", "a code"),
        ("my_totp_disable", "a code"),
    ],
    ..AreaTests::writes(50, |s| Box::pin(writes(s.site, s.tag, s.out)))
});

/// End users.
async fn writes(site: &Site, tag: &str, out: &mut Vec<Write>) {
    let user = end_user(site, &format!("+9198450100{:02}", tag.as_bytes()[0])).await;
    let asked = user.post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let run = format!("/privacy/requests/{}/run", text(&asked, "id"));
    add(out, "user_ban", Method::POST, format!("/users/{}/ban", user.id), json!({ "reason": "Sold fakes" }));
    add(out, "user_unban", Method::POST, format!("/users/{}/unban", user.id), json!({ "reason": "Was not" }));
    add(out, "privacy_request_run", Method::POST, run, json!({}));
    let crowd = make_guests(site, 2).await;
    let many = json!({ "ids": [crowd[0].id], "reason": format!("Spam {tag}") });
    add(out, "users_bulk_ban", Method::POST, "/users/bulk-ban".to_owned(), many);
    sqlx::query("update end_users set totp_enabled_at = now(), totp_secret_enc = '\\x00' where id = $1::uuid")
        .bind(&crowd[1].id)
        .execute(&mut site.test.owner().await)
        .await
        .expect("a second factor");
    let path = format!("/users/{}/reset-2fa", crowd[1].id);
    add(out, "user_reset_second_factor", Method::POST, path, json!({ "reason": "Lost the phone" }));
    let asked = crowd[1].post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let path = format!("/privacy/requests/{}/reject", text(&asked, "id"));
    add(out, "privacy_request_reject", Method::POST, path, json!({ "answer": "Not you" }));
}
