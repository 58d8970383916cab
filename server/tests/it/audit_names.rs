//! Whatever is audited finds its record's name while the record is there.

use std::collections::BTreeSet;

use eventify::audit::names;
use sqlx::{AssertSqlSafe, Executor as _};

use crate::browser::Browser;
use crate::partners::text;
use crate::plans::sources;
use crate::records::Filled;

/// Kinds of records by the table they stand in; none where the kind's id is a word of the code's own.
const KINDS: &[(&str, &str)] = &[
    ("accounting_period", "accounting_periods"),
    ("api_key", "api_keys"),
    ("budget", "budgets"),
    ("budget_line", "budget_lines"),
    ("capacity_reservation", "capacity_reservations"),
    ("cash_deposit", "cash_deposits"),
    ("checkin_conflict", "checkin_conflicts"),
    ("dead_letter", "bus_dead_letters"),
    ("device", "admin_devices"),
    ("dispute", "disputes"),
    ("dispute_evidence", "dispute_evidence"),
    ("door_sale", "door_sales"),
    ("end_user", "end_users"),
    ("equipment", "equipment"),
    ("equipment_booking", "equipment_bookings"),
    ("equipment_handout", "equipment_handouts"),
    ("equipment_unit", "equipment_units"),
    ("event", "events"),
    ("event_attendee", "event_attendees"),
    ("event_co_host", "event_co_hosts"),
    ("event_gate_settings", "events"),
    ("event_image", "event_images"),
    ("event_interest", "event_interests"),
    ("event_invite", "event_invites"),
    ("event_request", "event_requests"),
    ("event_stream", "event_streams"),
    ("fee_schedule", "fee_schedules"),
    ("fraud_signal", "fraud_signals"),
    ("gate", "gates"),
    ("gate_device", "gate_devices"),
    ("ip_allowlist", "ip_allowlist"),
    ("job", "job_runs"),
    ("live_update", "live_updates where removed_at is null"),
    ("organisation", "organisation"),
    ("partner", "partners"),
    ("partner_bank_account", "partner_bank_accounts"),
    ("partner_contact", "partner_contacts"),
    ("partner_document", "partner_documents"),
    ("payout", "payouts"),
    ("payout_batch", "payout_batches"),
    ("plan_link", "plan_links"),
    ("plan_rule", ""),
    ("plan_version", "plan_versions"),
    ("privacy_request", "privacy_requests"),
    ("production_schedule", "production_schedules"),
    ("promo_code", "promo_codes"),
    ("refund", "refunds"),
    ("role", "roles"),
    ("role_assignment", "user_role_assignments"),
    ("settlement_exception", "settlement_lines"),
    ("settlement_report", ""),
    ("signing_key", "signing_keys"),
    ("staff", "admin_users"),
    ("staff_assignment", "staff_assignments"),
    ("staff_availability", "staff_availability"),
    ("staff_document", "staff_documents"),
    ("staff_member", "staff_members"),
    ("staff_shift", "staff_shifts"),
    ("stage", "stages"),
    ("talent", "talents"),
    ("talent_document", "talent_documents"),
    ("talent_schedule", "talent_schedules"),
    ("talent_task", "talent_tasks"),
    ("ticket", "tickets"),
    ("ticket_checkin", "ticket_checkins"),
    ("ticket_type", "ticket_types"),
    ("venue", "venues"),
    ("waiting_list_entry", "waiting_list_entries"),
    ("webhook_delivery", "webhook_deliveries"),
    ("webhook_endpoint", "webhook_endpoints"),
];

/// Records that the demo has none of; what they stand on is there.
const MADE: &[&str] = &[
    "insert into accounting_periods (id, month, closed_at) values (gen_random_uuid(), '2026-01-01', now())",
    "insert into fee_schedules (id, event_id, fee_basis_points, created_at)
     select gen_random_uuid(), id, 500, now() from events limit 1",
    "insert into fee_schedules (id, partner_id, fee_basis_points, created_at)
     select gen_random_uuid(), id, 500, now() from partners limit 1",
    "insert into webhook_deliveries (id, endpoint_id, event_id, event_type, event_at, payload, status)
     select gen_random_uuid(), id, gen_random_uuid(), 'event.created', now(), '{}', 'failed' from webhook_endpoints limit 1",
];

/// The kinds of records that the code says it audits.
fn audited() -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for folder in ["core/src", "src"] {
        for (path, text) in sources(folder) {
            if path.ends_with("tests.rs") || path.to_string_lossy().contains("/kernel/") {
                continue;
            }
            let lists = text.split("audited!(").skip(1).filter_map(|rest| rest.split(')').next());
            kinds.extend(lists.flat_map(|list| list.split('"').skip(1).step_by(2)).map(str::to_owned));
            let own = text.split("const OBJECT: &'static str = \"").skip(1).filter_map(|rest| rest.split('"').next());
            kinds.extend(own.map(str::to_owned));
        }
    }
    kinds
}

#[tokio::test]
async fn every_kind_that_is_audited_finds_its_records_and_is_offered() {
    let filled = Filled::new().await;
    let site = &filled.site;
    let audited = audited();
    let known: BTreeSet<String> = KINDS.iter().map(|(kind, _)| (*kind).to_owned()).collect();
    let unknown: Vec<_> = audited.symmetric_difference(&known).collect();
    assert!(unknown.is_empty() && audited.len() > 60, "say where records of these stand: {unknown:?}");
    let offered: BTreeSet<String> = eventify::WORDS.kinds().into_iter().map(|(kind, _)| kind).collect();
    let missing: Vec<_> = audited.difference(&offered).collect();
    assert!(missing.is_empty(), "the filter of the audit log does not offer {missing:?}");
    let mut db = site.test.owner().await;
    for sql in MADE {
        let made = db.execute(*sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(made.rows_affected() > 0, "{sql}");
    }

    let mut db = site.test.reader.acquire().await.expect("a connection");
    let mut lost = Vec::new();
    for (kind, table) in KINDS.iter().filter(|(_, table)| !table.is_empty()) {
        let ids = format!("select id from {table} order by md5(id::text) limit 40");
        let ids: Vec<uuid::Uuid> = sqlx::query_scalar(AssertSqlSafe(ids)).fetch_all(&mut *db).await.expect(kind);
        assert!(!ids.is_empty(), "there is no {kind}");
        let found = names::of(&mut db, &ids).await.expect(kind);
        let nameless = ids.iter().filter(|id| found.get(id).is_none_or(|subject| subject.name.trim().is_empty()));
        match nameless.count() {
            0 => {}
            some => lost.push(format!("{kind}: {some} of {}", ids.len())),
        }
    }
    for (kind, word) in [("plan_rule", "short_rest"), ("settlement_report", "sandbox")] {
        lost.extend(names::by_word(kind, word).is_none().then(|| kind.to_owned()));
    }
    assert!(lost.is_empty(), "records that are there and have no name: {lost:?}");
}

#[tokio::test]
async fn an_entry_about_money_leads_to_its_record_and_has_no_row_of_an_id() {
    let filled = Filled::new().await;
    let mut staff = Browser::of_staff(&filled.site, &filled.admin);
    let mut read = BTreeSet::new();
    for kind in ["payout_batch", "settlement_report", "fraud_signal"] {
        let page = filled.admin.get(&format!("/admin/audit?object_type={kind}")).await.expect(200);
        for entry in page["items"].as_array().expect("entries") {
            let href = entry["subject"]["href"].as_str().unwrap_or_else(|| panic!("no record: {entry}"));
            let path = format!("/audit/{}", text(entry, "id"));
            let page = staff.get(&path).await.is(200, &path);
            let (shown, technical) = page.text.split_once("Technical details").expect("its details");
            let link = format!("href=\"{}\"", href.replace('&', "&amp;"));
            assert!(shown.contains(&link) && !shown.contains("No longer there"), "{path} does not lead to {href}");
            let changed = shown.split_once("What changed").expect("what changed").1;
            let ids = changed.split(|letter: char| !letter.is_ascii_hexdigit() && letter != '-');
            let ids: Vec<_> = ids.filter(|word| crate::records::is_id(word)).collect();
            assert!(ids.is_empty(), "{path} shows {ids:?}");
            assert!(technical.contains(text(entry, "object_id")), "{path}");
            read.insert((kind, text(entry, "action").to_owned()));
            if text(entry, "action") == "payout_batch.prepared" {
                assert!(changed.contains("Needs approval") && changed.contains("Prepared by"), "{changed}");
                assert!(!changed.contains("Prepared by name"), "{changed}");
            }
        }
    }
    assert!(read.len() > 4, "{read:?}");
}
