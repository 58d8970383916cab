//! Every staff write, cut at each of its statements in turn: what changed and what the audit says
//! must agree.
//!
//! The server talks to PostgreSQL through a proxy that counts statements and cuts the line before,
//! or just after, the chosen one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, Ordering};

use eventify::kernel::app::App;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::Method;
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener, UnixStream};

use crate::areas::{AreaTests, Stage, Write};
use crate::support::{Person, Site, serve};
use crate::{fault_writes, partners, people};

/// A line to PostgreSQL that can be cut. It listens on a socket in its own folder, as a socket in
/// the options goes before any host and port and cannot be taken out of them.
pub struct Proxy {
    pub folder: tempfile::TempDir,
    /// Statements still let through; below zero: no limit.
    left: Arc<AtomicI64>,
    /// Cut after the statement was run instead of before.
    after: Arc<AtomicBool>,
    cut: Arc<AtomicBool>,
    /// The process to kill where the line is cut; zero: none.
    pub victim: Arc<AtomicI32>,
}

trait Line: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin> Line for T {}

async fn upstream(options: &PgConnectOptions) -> std::io::Result<Box<dyn Line>> {
    let file = |folder: &str| format!("{folder}/.s.PGSQL.{}", options.get_port());
    Ok(match options.get_socket() {
        Some(folder) => Box::new(UnixStream::connect(file(&folder.to_string_lossy())).await?),
        None if options.get_host().starts_with('/') => Box::new(UnixStream::connect(file(options.get_host())).await?),
        None => Box::new(TcpStream::connect((options.get_host(), options.get_port())).await?),
    })
}

impl Proxy {
    pub async fn start(options: PgConnectOptions) -> Proxy {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join(format!(".s.PGSQL.{}", options.get_port()));
        let listener = UnixListener::bind(socket).expect("a socket");
        let left = Arc::new(AtomicI64::new(-1));
        let proxy = Proxy { folder, left, after: Arc::default(), cut: Arc::default(), victim: Arc::default() };
        let (left, after, cut) = (proxy.left.clone(), proxy.after.clone(), proxy.cut.clone());
        let victim = proxy.victim.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (options, left, after, cut) = (options.clone(), left.clone(), after.clone(), cut.clone());
                let victim = victim.clone();
                tokio::spawn(async move {
                    if let Ok(server) = upstream(&options).await {
                        let _ = carry(client, server, &left, &after, &cut, &victim).await;
                    }
                });
            }
        });
        proxy
    }

    pub fn arm(&self, statements: i64, after: bool) {
        self.cut.store(false, Ordering::SeqCst);
        self.after.store(after, Ordering::SeqCst);
        self.left.store(statements, Ordering::SeqCst);
    }

    /// How many statements there were since it was armed with so many.
    pub fn counted(&self, armed: i64) -> i64 {
        armed - self.left.swap(-1, Ordering::SeqCst)
    }

    /// Whether the line was cut since it was armed.
    pub fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }

    /// The same, and cuts no more.
    pub fn disarm(&self) -> bool {
        self.left.store(-1, Ordering::SeqCst);
        self.cut.swap(false, Ordering::SeqCst)
    }
}

/// How PostgreSQL says that it is done with all it was sent; one byte of state follows.
const READY: &[u8] = b"Z\0\0\0\x05";

/// Carries messages both ways, counting executed statements.
async fn carry(
    client: UnixStream,
    server: Box<dyn Line>,
    left: &AtomicI64,
    after: &AtomicBool,
    cut: &AtomicBool,
    victim: &AtomicI32,
) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let swallows = Arc::new(AtomicBool::new(false));
    let quiet = swallows.clone();
    // Ends with this: PostgreSQL must learn at once that the other side is gone, or its transaction stays.
    let mut down = tokio::task::JoinSet::new();
    down.spawn(async move {
        let (mut chunk, mut end) = (vec![0; 16 * 1024], Vec::new());
        loop {
            let n = from_server.read(&mut chunk).await?;
            if n == 0 {
                return Ok(());
            }
            if !quiet.load(Ordering::SeqCst) {
                to_client.write_all(&chunk[..n]).await?;
                continue;
            }
            end.extend_from_slice(&chunk[..n]);
            end.drain(..end.len().saturating_sub(READY.len() + 1));
            if end.starts_with(READY) {
                return std::io::Result::Ok(());
            }
        }
    });
    // The first message has no type.
    let mut length = from_client.read_u32().await?;
    let mut kind = None;
    loop {
        let mut body = vec![0; (length as usize).saturating_sub(4)];
        from_client.read_exact(&mut body).await?;
        let is_statement = matches!(kind, Some(b'E' | b'Q'));
        let is_last =
            is_statement && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n >= 0).then(|| n - 1)) == Ok(0);
        if is_last {
            cut.store(true, Ordering::SeqCst);
            // One cut is enough: what the server does next must find the line up again.
            left.store(-1, Ordering::SeqCst);
        }
        let before = is_last && !after.load(Ordering::SeqCst);
        // Nothing that comes back of it may reach the caller.
        swallows.fetch_or(is_last, Ordering::SeqCst);
        if is_last && let pid @ 1.. = victim.swap(0, Ordering::SeqCst) {
            // What it has sent is with us already, and goes on to PostgreSQL or not.
            kill(Pid::from_raw(pid), Signal::SIGKILL)?;
        }
        if !before {
            if let Some(kind) = kind {
                to_server.write_u8(kind).await?;
            }
            to_server.write_u32(length).await?;
            to_server.write_all(&body).await?;
            to_server.flush().await?;
        }
        if is_last {
            if !before {
                // Let PostgreSQL finish it (an Execute waits for its Sync), then lose the answer.
                to_server.write_all(b"S\0\0\0\x04").await?;
                to_server.flush().await?;
                down.join_next().await;
            }
            return Ok(());
        }
        kind = Some(from_client.read_u8().await?);
        length = from_client.read_u32().await?;
    }
}

/// What access keeps, as one hash; what every request touches is left out.
async fn state(site: &Site) -> (String, i64, i64) {
    let mut hash: String = sqlx::query_scalar(
        "select md5(concat_ws('|',
            (select string_agg(concat_ws(',', id, email, full_name, status, version, totp_enabled_at), ';' order by id) from admin_users),
            (select string_agg(concat_ws(',', id, name, description, requires_2fa, version), ';' order by id) from roles),
            (select string_agg(concat_ws(',', role_id, permission_id), ';' order by role_id, permission_id) from role_permissions),
            (select string_agg(concat_ws(',', id, revoked_at), ';' order by id) from user_role_assignments),
            (select string_agg(concat_ws(',', id, version), ';') from organisation),
            (select string_agg(concat_ws(',', id, active), ';' order by id) from api_keys),
            (select string_agg(id::text, ';' order by id) from ip_allowlist),
            (select string_agg(id::text, ';' order by id) from bus_dead_letters),
            (select string_agg(concat_ws(',', id, used_at), ';' order by id) from auth_tokens),
            (select string_agg(concat_ws(',', id, signs_until), ';' order by id) from signing_keys),
            (select string_agg(concat_ws(',', id, revoked_at), ';' order by id) from admin_sessions where user_id <> $1::uuid),
            (select string_agg(concat_ws(',', id, name, status, verification_status, version), ';' order by id) from partners),
            (select string_agg(concat_ws(',', id, is_primary, user_id, version), ';' order by id) from partner_contacts),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from partner_documents),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from partner_bank_accounts),
            (select string_agg(concat_ws(',', id, title, status, going_count, version), ';' order by id) from events),
            (select string_agg(concat_ws(',', id, name, sold_count, retired_at, version), ';' order by id) from ticket_types),
            (select string_agg(concat_ws(',', id, name, retired_at, version), ';' order by id) from venues),
            (select string_agg(concat_ws(',', id, name, is_active, version), ';' order by id) from event_interests),
            (select string_agg(concat_ws(',', id, revoked_at), ';' order by id) from promo_codes),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from event_invites),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from event_requests),
            (select string_agg(concat_ws(',', id, retired_at), ';' order by id) from event_questions),
            (select string_agg(concat_ws(',', id, version), ';' order by id) from event_streams),
            (select string_agg(id::text, ';' order by id) from event_co_hosts),
            (select string_agg(concat_ws(',', id, consumed, released_at), ';' order by id) from capacity_reservations),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from waiting_list_entries),
            (select string_agg(concat_ws(',', id, totp_enabled_at), ';' order by id) from end_users),
            (select string_agg(concat_ws(',', id, seats, status), ';' order by id) from event_attendees),
            (select string_agg(concat_ws(',', id, generation, status), ';' order by id) from tickets),
            (select string_agg(concat_ws(',', id, phone, status, version), ';' order by id) from end_users),
            (select string_agg(concat_ws(',', id, reason, lifted_at), ';' order by id) from user_bans),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from privacy_requests),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from job_runs),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from refunds),
            (select string_agg(concat_ws(',', id, refunded_minor), ';' order by id) from payments),
            (select string_agg(concat_ws(',', id, refunded_at), ';' order by id) from door_sales),
            (select string_agg(id::text, ';' order by id) from cash_deposits),
            (select string_agg(concat_ws(',', id, resolved_at), ';' order by id) from settlement_lines),
            (select string_agg(concat_ws(',', id, resolved_at), ';' order by id) from fraud_signals),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from disputes),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from payout_batches),
            (select string_agg(concat_ws(',', id, status), ';' order by id) from payouts),
            (select string_agg(id::text, ';' order by id) from budgets),
            (select string_agg(concat_ws(',', id, title, version), ';' order by id) from budget_lines),
            (select string_agg(concat_ws(',', id, balance_minor), ';' order by id) from ledger_postings),
            (select string_agg(concat_ws(',', id, replaced_at), ';' order by id) from fee_schedules),
            (select string_agg(id::text, ';' order by id) from accounting_periods),
            (select string_agg(concat_ws(',', id, name, removed_at, version), ';' order by id) from gates),
            (select string_agg(concat_ws(',', event_id, version), ';' order by event_id) from event_gate_settings),
            (select string_agg(concat_ws(',', id, gate_id, name, revoked_at), ';' order by id) from gate_devices),
            (select string_agg(concat_ws(',', user_id, pin_hash), ';' order by user_id) from gate_pins),
            (select string_agg(concat_ws(',', id, annulled_at), ';' order by id) from ticket_checkins),
            (select string_agg(concat_ws(',', id, resolution), ';' order by id) from checkin_conflicts),
            (select string_agg(concat_ws(',', id, change_seq), ';' order by id) from live_updates),
            (select string_agg(concat_ws(',', id, kind, status, version), ';' order by id) from plan_entries),
            (select string_agg(concat_ws(',', id, removed_at, version), ';' order by id) from stages),
            (select string_agg(concat_ws(',', id, revoked_at), ';' order by id) from plan_links),
            (select string_agg(concat_ws(',', id, number), ';' order by id) from plan_versions),
            (select string_agg(concat_ws(',', id, removed_at, version), ';' order by id) from equipment),
            (select string_agg(concat_ws(',', id, state, version), ';' order by id) from equipment_units),
            (select string_agg(concat_ws(',', id, removed_at, version), ';' order by id) from staff_members),
            (select string_agg(id::text, ';' order by id) from staff_availability),
            (select string_agg(id::text, ';' order by id) from staff_documents),
            (select string_agg(concat_ws(',', id, removed_at, version), ';' order by id) from staff_shifts),
            (select string_agg(concat_ws(',', id, removed_at, version), ';' order by id) from talents),
            (select string_agg(concat_ws(',', id, done_at, version), ';' order by id) from talent_tasks),
            (select string_agg(id::text, ';' order by id) from talent_documents),
            (select string_agg(concat_ws(',', id, in_at), ';' order by id) from equipment_handouts),
            (select string_agg(concat_ws(',', entry_id, firm), ';' order by entry_id, resource_id) from plan_holds),
            (select string_agg(concat_ws(',', rule, version), ';' order by rule) from plan_rules),
            (select string_agg(concat_ws(',', id, event_id, position), ';' order by id) from event_images)))",
    )
    .bind(uuid::Uuid::nil())
    .fetch_one(&site.test.reader)
    .await
    .expect("a hash");
    for part in AreaTests::all().iter().flat_map(|area| area.state) {
        let part: Option<String> =
            sqlx::query_scalar(*part).fetch_one(&site.test.reader).await.expect("the state of an area");
        hash.push_str(&part.unwrap_or_default());
    }
    let audits = site.number("select count(*) from audit_logs").await;
    let events = site.number("select count(*) from outbox_events where type = 'admin.action.logged'").await;
    (hash, audits, events)
}

pub async fn writes(site: &Site, admin: &Person, tag: &str) -> Vec<Write> {
    let (auditor, finance) = (site.role("auditor").await, site.role("finance").await);
    let mut out: Vec<Write> = Vec::new();
    let mut add = |name, method, path: String, body| out.push((name, method, path, body));
    let invite = json!({ "email": format!("{tag}i@example.com"), "full_name": "I", "role_id": auditor });
    add("staff_create", Method::POST, "/admin/users".into(), Some(invite));
    let a = site.account(&format!("{tag}a@example.com"), "auditor").await;
    add(
        "staff_update",
        Method::PATCH,
        format!("/admin/users/{}", a.id),
        Some(json!({ "full_name": "Changed", "version": 3 })),
    );
    let b = site.account(&format!("{tag}b@example.com"), "auditor").await;
    let role = json!({ "role_id": finance, "version": 3 });
    add("staff_set_role", Method::PATCH, format!("/admin/users/{}/role", b.id), Some(role));
    let c = site.person(&format!("{tag}c@example.com"), "auditor").await;
    add("staff_revoke", Method::DELETE, format!("/admin/users/{}", c.id), None);
    let d = site.person(&format!("{tag}d@example.com"), "auditor").await;
    add("staff_sessions_revoke", Method::DELETE, format!("/admin/users/{}/sessions", d.id), None);
    let scoped = json!({ "role_id": finance, "event_id": crate::crowd::draft(site, admin, 10).await["id"] });
    add("assignment_add", Method::POST, format!("/admin/users/{}/assignments", d.id), Some(scoped));
    add(
        "role_create",
        Method::POST,
        "/admin/roles".into(),
        Some(json!({ "name": format!("Role {tag}"), "permissions": ["staff.read"] })),
    );
    let made = admin.post("/admin/roles", json!({ "name": format!("Other {tag}") })).await.expect(201);
    let path = format!("/admin/roles/{}", made["id"].as_str().unwrap());
    let matrix = json!({ "permissions": ["audit.read"], "version": made["version"] });
    add("role_set_permissions", Method::PUT, format!("{path}/permissions"), Some(matrix));
    let gone = admin.post("/admin/roles", json!({ "name": format!("Gone {tag}") })).await.expect(201);
    add("role_delete", Method::DELETE, format!("/admin/roles/{}", gone["id"].as_str().unwrap()), None);
    let key = json!({ "key_name": format!("K {tag}"), "scope": ["staff.read"] });
    add("api_key_create", Method::POST, "/admin/api-keys".into(), Some(key.clone()));
    let made = admin.post("/admin/api-keys", key).await.expect(201);
    add("api_key_revoke", Method::DELETE, format!("/admin/api-keys/{}", made["key"]["id"].as_str().unwrap()), None);
    let invited = json!({ "name": format!("Partner {tag}"), "type": "venue", "contact_name": "C",
                          "contact_email": format!("{tag}p@example.com") });
    add("partner_create", Method::POST, "/partners".into(), Some(invited));
    let made = partners::partner(admin, &format!("Other {tag}")).await;
    let document = partners::upload(admin, &made, "pan").await;
    let path = format!("/partners/{}", made["id"].as_str().unwrap());
    let renamed = json!({ "name": format!("New {tag}"), "version": made["version"] });
    add("partner_update", Method::PATCH, path.clone(), Some(renamed));
    let verdict = json!({ "document_id": document["id"], "decision": "rejected", "reason": "Not legible" });
    add("partner_kyc_review", Method::POST, format!("{path}/kyc/review"), Some(verdict));
    add("partner_set_status", Method::PATCH, format!("{path}/status"), Some(json!({ "status": "active" })));
    let contact = json!({ "name": "D", "email": format!("{tag}d@partner.example.com"), "is_primary": true,
                          "invite": true });
    add("partner_contact_add", Method::POST, format!("{path}/contacts"), Some(contact));
    let number = json!({ "holder_name": "P", "bank_code": "HDFC0001234", "account_number": "50100234567890" });
    add("partner_bank_account_add", Method::POST, format!("{path}/bank-accounts"), Some(number));
    let (event, kinds) = crate::crowd::open(site, admin, 10, &[("Standard", None, 0)]).await;
    let path = format!("/events/{}", event["id"].as_str().unwrap());
    let comp = json!({ "ticket_type_id": kinds[0]["id"], "name": "A guest", "email": "g@example.com", "seats": 2 });
    add("attendee_comp", Method::POST, format!("{path}/attendees"), Some(comp.clone()));
    let guest = admin.post(&format!("{path}/attendees"), comp).await.expect(201);
    let off = format!("/attendees/{}/cancel", guest["id"].as_str().unwrap());
    add("attendee_cancel", Method::POST, off, Some(json!({ "reason": "No seat" })));
    add("event_cancel", Method::POST, format!("{path}/cancel"), Some(json!({ "reason": "The roof leaks" })));
    let user = people::end_user(site, &format!("+9198450100{:02}", tag.as_bytes()[0])).await;
    let ban = json!({ "reason": "Sold fakes" });
    let asked = user.post("/me/privacy-requests", json!({ "request_type": "erasure" })).await.expect(201);
    let run = format!("/privacy/requests/{}/run", asked["id"].as_str().unwrap());
    add("user_ban", Method::POST, format!("/users/{}/ban", user.id), Some(ban));
    add("user_unban", Method::POST, format!("/users/{}/unban", user.id), Some(json!({ "reason": "Was not" })));
    add("privacy_request_run", Method::POST, run, Some(json!({})));
    for area in AreaTests::all() {
        (area.writes.1)(Stage { site, admin, tag, out: &mut out }).await;
    }
    let mut add = |name, method, path: String, body| out.push((name, method, path, body));
    add("allowlist_add", Method::POST, "/admin/ip-allowlist".into(), Some(json!({ "cidr": "10.8.0.0/16" })));
    add("signing_key_rotate", Method::POST, "/admin/signing-keys/rotate".into(), Some(json!({})));
    out
}

/// Sends one write with the line cut at statement `n`, until it goes through uncut.
async fn cut_everywhere(site: &Site, proxy: &Proxy, admin: &Person, write: &Write, after: bool) -> i64 {
    let (name, method, path, body) = write;
    let mut before = state(site).await;
    for n in 0..60 {
        proxy.arm(n, after);
        let answer = admin.send(method.clone(), path, body.clone()).await;
        let was_cut = proxy.disarm();
        let now = state(site).await;
        let changed = now.0 != before.0;
        let (audits, events) = (now.1 - before.1, now.2 - before.2);
        assert_eq!(
            audits,
            i64::from(changed),
            "{name}, cut at {n}: state changed: {changed}, audit rows: {audits}; {}",
            answer.body
        );
        assert_eq!(events, audits, "{name}, cut at {n}");
        if !was_cut {
            assert!(answer.status.is_success(), "{name} uncut: {}", answer.body);
            assert!(n > 4, "{name} was cut only {n} times: does the proxy see its statements?");
            return n;
        }
        assert!(!answer.status.is_success() || changed, "{name}, cut at {n}, answered {}", answer.body);
        if answer.status.is_success() {
            // The line that was cut carried something else: the pool replacing the one cut before.
            return n;
        }
        if changed {
            // Only the answer to the commit itself was lost: done, though the caller could not be told.
            assert!(after && n > 4, "{name} changed something though it was cut at {n}");
            return n;
        }
        before = now;
    }
    panic!("{name} never went through");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_staff_write_cut_before_each_statement() {
    cut_all("x", false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_staff_write_cut_after_each_statement() {
    cut_all("y", true).await;
}

async fn cut_all(tag: &str, after: bool) {
    let site = Site::start_with(crate::finance_payouts::PAYS).await;
    let admin = site.admin().await;
    let options = (*site.test.pool.connect_options()).clone();
    let proxy = Proxy::start(options.clone()).await;
    let through = options.socket(proxy.folder.path());
    let app: Arc<App> =
        App::connect(site.test.config.clone(), through, &[7; 32]).await.expect("connects through the proxy");
    // It has the machine's clock; the tests' goes by their own.
    app.clock.advance(site.test.clock.now().0 - app.clock.now().0);
    let mut admin = admin.at(&serve(app).await);
    let (mut cuts, mut names) = (0, Vec::new());
    for (at, write) in writes(&site, &admin, tag).await.into_iter().enumerate() {
        // All of it takes longer than an access token lives.
        if at % 20 == 0 {
            admin.sign_in().await;
        }
        let n = cut_everywhere(&site, &proxy, &admin, &write, after).await;
        println!("{} cut {n} times", write.0);
        names.push(write.0);
        cuts += n;
    }
    assert!(cuts > 500, "only {cuts} cuts");
    fault_writes::must_be_all(&names);
}
