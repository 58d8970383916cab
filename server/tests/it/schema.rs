//! The tables and columns the specifications name for access and audit exist by those names; the
//! renames are the agreed ones.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use crate::areas::AreaTests;
use crate::support::Site;

/// Table and columns. [000 §1 and §4, 003 §2.1 and §2.7, 002, and DOMAIN.md's additions]
const TABLES: &[(&str, &str)] = &[
    (
        "admin_users",
        "id email password_hash full_name status last_active_at totp_secret_enc totp_enabled_at locked_until created_at updated_at",
    ),
    ("roles", "id code name description is_system requires_2fa created_at updated_at"),
    ("permissions", "id name group_name created_at"),
    ("role_permissions", "role_id permission_id created_at"),
    (
        "user_role_assignments",
        "id user_id role_id event_id partner_id talent_id assigned_by assigned_at revoked_at revoked_by created_at",
    ),
    (
        "admin_sessions",
        "id user_id device_id refresh_token_hash ip_address user_agent last_seen_at expires_at revoked_at revoke_reason created_at",
    ),
    ("admin_devices", "id user_id device_fingerprint platform trusted risk_state last_seen_at created_at"),
    ("recovery_codes", "id user_id code_hash used_at created_at"),
    ("api_keys", "id key_name key_prefix key_hash scope expires_at active created_by last_used_at created_at"),
    ("ip_allowlist", "id cidr note created_at"),
    ("user_activity_logs", "id actor_user_id action target_type target_id metadata created_at"),
    ("auth_tokens", "id purpose token_hash expires_at used_at created_at"),
    ("signing_keys", "id purpose secret_enc expires_at created_at"),
    (
        "partners",
        "id name type status logo_url verification_status settlement_currency total_revenue_minor open_balance_minor joined_at version created_at updated_at",
    ),
    ("partner_contacts", "id partner_id name email phone is_primary created_at updated_at"),
    (
        "partner_documents",
        "id partner_id type storage_key status rejection_reason reviewed_by uploaded_at verified_at version created_at updated_at",
    ),
    ("partner_bank_accounts", "id partner_id number_enc status reviewed_by created_at updated_at"),
    (
        "end_users",
        "id email phone status total_spent_minor currency last_login_at totp_secret_enc totp_enabled_at created_at updated_at",
    ),
    (
        "user_profiles",
        "user_id name bio location birth_date gender profile_pictures is_verified is_active metadata created_at updated_at",
    ),
    ("user_phone_otps", "id phone_number otp_hash otp_salt is_verified attempts created_at updated_at expires_at"),
    (
        "end_user_sessions",
        "id user_id refresh_token_hash ip_address user_agent last_seen_at expires_at revoked_at created_at",
    ),
    ("event_interests", "id name slug description is_active created_at updated_at"),
    ("user_profile_event_interests", "user_id interest_id created_at"),
    ("wallet_links", "id user_id address verified_at created_at updated_at"),
    ("privacy_settings", "user_id profile_visibility marketing analytics created_at updated_at"),
    ("privacy_requests", "id user_id request_type status requested_at completed_at"),
    ("user_bans", "id user_id reason until banned_by lifted_at lifted_by created_at"),
    ("venues", "id name address latitude longitude metadata created_at updated_at"),
    (
        "events",
        "id host_user_id organizer_partner_id title slug mood description venue_id venue_text city start_at end_at timezone capacity is_paid ticket_price_minor currency gst_number gst_percent allow_plus_one allowed_genders cover_images status going_count requests_count version created_at updated_at",
    ),
    ("event_interest_map", "event_id interest_id created_at"),
    ("event_images", "id event_id storage_key position created_at updated_at"),
    (
        "event_requests",
        "id event_id requester_user_id message status host_message seats_requested created_at updated_at",
    ),
    (
        "event_invites",
        "id event_id host_user_id invited_user_id status message invite_type expires_at created_at updated_at",
    ),
    ("event_streams", "id event_id provider stream_key_enc stream_status"),
    ("ticket_types", "id event_id name price_minor currency quota sales_start_at sales_end_at per_order_limit hidden"),
    (
        "capacity_reservations",
        "id reservation_key event_id ticket_type_id user_id seats_reserved consumed expires_at created_at updated_at",
    ),
    (
        "event_attendees",
        "id event_id user_id request_id ticket_type seats is_paid price_paid_minor platform_fee_minor status checked_in_at created_at updated_at",
    ),
    ("tickets", "id event_id ticket_type_id user_id attendee_id status generation issued_at"),
    ("ticket_secrets", "ticket_id secret_hash secret_salt is_redeemed redeemed_at created_at updated_at"),
    ("gates", "id event_id name direction opens_at closes_at version created_at updated_at"),
    (
        "gate_devices",
        "id event_id gate_id token_hash revoked_at last_seen_at battery app_version created_at updated_at",
    ),
    ("ticket_checkins", "id ticket_id checked_in_by gate checked_in_at direction result reason nonce created_at"),
    ("checkin_conflicts", "id event_id ticket_id kind note resolved_at created_at updated_at"),
    ("live_updates", "id event_id kind body author_id created_at updated_at"),
    ("waiting_list_entries", "id event_id ticket_type_id user_id seats status offer_expires_at created_at"),
    ("promo_codes", "id event_id code ticket_type_id max_uses valid_from valid_until created_at"),
    (
        "payment_orders",
        "id order_reference user_id event_id amount_minor currency payment_provider provider_payment_id provider_response status created_at updated_at",
    ),
    ("payments", "id order_id provider status amount_minor provider_ref created_at updated_at"),
    ("refunds", "id payment_id amount_minor reason status created_at updated_at"),
    ("payment_webhooks", "id provider provider_event_id body received_at created_at"),
    ("door_sales", "id event_id attendee_id ticket_type_id seats method amount_minor sold_by created_at updated_at"),
    ("cash_deposits", "id event_id amount_minor currency reference deposited_by created_at"),
    ("settlements", "id provider reference settled_on currency amount_minor fee_minor imported_by created_at"),
    ("settlement_lines", "id settlement_id kind reference amount_minor payment_id exception resolved_at note"),
    ("wallets", "id partner_id user_id currency balance_minor created_at updated_at"),
    ("wallet_transactions", "id wallet_id journal_id currency amount_minor balance_minor created_at"),
    ("fraud_signals", "id rule user_id payment_id outcome resolved_at note created_at updated_at"),
    ("disputes", "id payment_id reason amount_minor status due_at created_at updated_at"),
    ("payout_batches", "id status prepared_by approved_by approved_at created_at updated_at"),
    ("payouts", "id batch_id partner_id amount_minor status created_at updated_at"),
    (
        "notifications",
        "id recipient_id sender_id type severity title message reference_type reference_id is_read metadata created_at updated_at",
    ),
    (
        "notification_queue",
        "id notification_id channel status reason not_before job_id kind recipient attempts created_at updated_at",
    ),
    ("notification_preferences", "id recipient_id type channel enabled created_at updated_at"),
    ("delivery_logs", "id job_id attempt channel kind recipient outcome reason created_at"),
    ("push_subscriptions", "id recipient_id session_id endpoint_enc keys_enc created_at updated_at"),
    ("budgets", "id event_id currency created_at updated_at"),
    ("budget_lines", "id budget_id kind title planned_minor committed_minor actual_minor created_at updated_at"),
    ("invoices", "id order_id event_id reference gst_number place_of_supply currency total_minor created_at"),
    ("credit_notes", "id invoice_id refund_id reference total_minor created_at"),
    ("ledger_accounts", "id kind partner_id currency balance_minor created_at updated_at"),
    ("ledger_journals", "id kind object_type object_id event_id description booked_on created_at"),
    ("ledger_postings", "id journal_id account_id currency amount_minor balance_minor created_at"),
    ("accounting_periods", "id month closed_at closed_by created_at"),
    ("fee_schedules", "id partner_id event_id fee_basis_points created_at updated_at"),
    ("stages", "id venue_id event_id name kind changeover_minutes version created_at updated_at"),
    (
        "production_schedules",
        "id event_id title kind stage_id location starts_at ends_at owner_id status version created_at updated_at",
    ),
    ("equipment", "id name category units_owned version created_at updated_at"),
    ("equipment_units", "id equipment_id code serial_number state created_at updated_at"),
    ("equipment_bookings", "id event_id equipment_id units unit_id starts_at ends_at status created_at updated_at"),
    ("staff_members", "id full_name skills rate_minor currency email phone admin_user_id created_at updated_at"),
    ("staff_availability", "id staff_id starts_at ends_at created_at"),
    (
        "staff_documents",
        "id staff_id kind expires_on file_id storage_key file_name media_type uploaded_at uploaded_by version",
    ),
    ("plan_links", "id event_id name shows_crew created_by revoked_at version created_at updated_at"),
    (
        "staff_assignments",
        "id event_id staff_id shift_id role starts_at ends_at status rate_minor created_at updated_at",
    ),
    ("talents", "id stage_name kind rider fee_minor currency contact_name contact_email agent created_at updated_at"),
    ("talent_schedules", "id event_id talent_id stage_id starts_at ends_at status created_at updated_at"),
    ("equipment_handouts", "id event_id booking_id unit_id code out_at out_by in_at in_by created_at"),
    ("plan_versions", "id event_id number kind entries made_by created_at"),
    ("talent_tasks", "id event_id talent_id kind title due_at done_at done_by version created_at updated_at"),
    ("talent_documents", "id talent_id kind file_id storage_key file_name media_type uploaded_at uploaded_by version"),
    ("audit_logs", "seq id actor_id action object_type object_id change_set created_at"),
    ("audit_values", "audit_seq field salt before after"),
    ("audit_blocks", "no prev_hash hash sealed_at"),
    ("outbox_events", "seq aggregate_type aggregate_id type payload published_seq published_at"),
    ("bus_consumers", "name position"),
    ("idempotency_keys", "caller operation key input_hash status answer expires_at"),
    ("job_runs", "id queue_name job_type status started_at finished_at"),
];

#[tokio::test]
async fn the_specifications_tables_are_there() {
    let site = Site::start().await;
    for (table, columns) in TABLES.iter().chain(AreaTests::all().iter().flat_map(|area| area.tables)) {
        let there: Vec<String> = sqlx::query_scalar(
            "select column_name::text from information_schema.columns where table_schema = 'public' and table_name = $1",
        )
        .bind(table)
        .fetch_all(&mut site.test.owner().await)
        .await
        .expect("the catalogue");
        let there: BTreeSet<&str> = there.iter().map(String::as_str).collect();
        let missing: Vec<&str> = columns.split(' ').filter(|c| !there.contains(c)).collect();
        assert!(missing.is_empty(), "{table} lacks {missing:?}");
    }
}

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let site = Site::start().await;
    let bare: Vec<String> = sqlx::query_scalar(
        "select c.conrelid::regclass || '.' || a.attname
         from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where c.contype = 'f' and c.connamespace = 'public'::regnamespace
           and not exists (select 1 from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])",
    )
    .fetch_all(&mut site.test.owner().await)
    .await
    .expect("the catalogue");
    // Who did something is shown, never searched for.
    let known = ["assigned_by", "revoked_by", "created_by"];
    let bare: Vec<_> = bare.into_iter().filter(|c| !known.iter().any(|k| c.ends_with(k))).collect();
    assert!(bare.is_empty(), "{bare:?}");
}

/// Builds need no database, for what PostgreSQL says of each query is kept: by `bin/gen`, which a change of a query or of
/// a table may make due again.
#[tokio::test]
async fn what_is_kept_of_each_query_is_what_postgresql_says() {
    let site = Site::start().await;
    let mut db = site.test.owner().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../.sqlx");
    let (mut asked, mut differ) = (0, Vec::new());
    for file in std::fs::read_dir(folder).expect("the queries") {
        let file = file.expect("a file").path();
        let kept: Value = serde_json::from_slice(&std::fs::read(&file).expect("a query")).expect("JSON");
        let query = kept["query"].as_str().expect("a query").to_owned();
        match db.describe(AssertSqlSafe(query.clone()).into_sql_str()).await {
            Ok(said) if same(&serde_json::to_value(&said).expect("JSON"), &kept["describe"]) => {}
            Ok(_) => differ.push(format!("{query}: it answers with something else")),
            Err(error) => differ.push(format!("{query}: {error}")),
        }
        asked += 1;
    }
    assert!(asked > 800, "{asked} queries");
    assert!(differ.is_empty(), "run bin/gen and commit: {differ:#?}");
}

/// Whether PostgreSQL still says what is kept. What may be null is told by how a query is carried out, which differs
/// between databases: it must not be null where that is kept, unless the query itself says of the column what may be.
fn same(said: &Value, kept: &Value) -> bool {
    let list = |of: &Value| of.as_array().cloned().unwrap_or_default();
    let names = list(&kept["columns"]).into_iter().map(|column| column["name"].as_str().map(str::to_owned));
    let unsaid =
        names.map(|name| !name.unwrap_or_default().split(':').next().unwrap_or_default().ends_with(['?', '!']));
    let nulls = list(&said["nullable"]).into_iter().zip(list(&kept["nullable"]));
    let could = nulls.zip(unsaid).any(|((said, kept), unsaid)| unsaid && said == true && kept == false);
    said["columns"] == kept["columns"] && said["parameters"] == kept["parameters"] && !could
}
