//! What the machine could do at best: the same statements without us.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::response::Html;
use axum::routing::get;
use eventify::kernel::crypto::{hash_password, verify_password};
use sqlx::{PgPool, Row};
use tokio::process::Command;

use crate::subject::Subject;

const STAFF: &str = "select u.id, u.email, u.full_name, u.status, a.role_id, r.name as role_name,
    (select count(*) from user_role_assignments s where s.user_id = u.id and s.revoked_at is null
        and num_nonnulls(s.event_id, s.partner_id, s.talent_id) = 1) as scoped_assignments,
    u.totp_enabled_at is not null as totp_enabled, u.locked_until, u.last_active_at, u.version, u.created_at, u.updated_at
    from admin_users u
    left join user_role_assignments a on a.user_id = u.id and a.revoked_at is null
        and num_nonnulls(a.event_id, a.partner_id, a.talent_id) = 0
    left join roles r on r.id = a.role_id";

const CALLER: &str = "with open as (
    select a.role_id, a.event_id, a.partner_id, a.talent_id, r.requires_2fa,
           (select coalesce(array_agg(p.permission_id), '{}') from role_permissions p where p.role_id = a.role_id) as permissions
    from admin_sessions s join user_role_assignments a on a.user_id = s.user_id and a.revoked_at is null
    join roles r on r.id = a.role_id where s.id = :session::uuid)
    select u.id, u.email, u.full_name, s.mfa, s.expires_at, s.last_seen_at,
        (select coalesce((select permissions from open where num_nonnulls(event_id, partner_id, talent_id) = 0), '{}')),
        (select coalesce(jsonb_agg(jsonb_build_object('event_id', event_id, 'permissions', permissions)), '[]')
         from open where num_nonnulls(event_id, partner_id, talent_id) = 1),
        exists (select 1 from open where requires_2fa),
        (exists (select 1 from ip_allowlist) and not exists (select 1 from ip_allowlist where '127.0.0.1'::inet <<= cidr))
    from admin_sessions s join admin_users u on u.id = s.user_id left join admin_devices d on d.id = s.device_id
    where s.id = :session::uuid and s.revoked_at is null and s.expires_at > now() and u.status = 'active'";

/// The read: one statement (its caller is remembered for less than a second).
pub fn read(subject: &Subject) -> String {
    format!("{STAFF} where u.id = '{}'::uuid;\n", subject.accounts[0])
}

/// The audited write: caller, lock, record, what it may, update, record, audit, outbox.
pub fn write(subject: &Subject) -> String {
    let ids: Vec<String> = subject.accounts.iter().take(32).map(|id| format!("'{id}'")).collect();
    let account = format!("((array[{}])[:client_id + 1])::uuid", ids.join(","));
    let caller = CALLER.replace(":session", &format!("'{}'", subject.session));
    format!(
        "begin;
         {caller};
         select id from admin_users where id = {account} for update;
         {STAFF} where u.id = {account};
         select distinct p.permission_id from user_role_assignments a join role_permissions p on p.role_id = a.role_id
             where a.user_id = {account} and a.revoked_at is null;
         update admin_users set full_name = full_name, version = version where id = {account};
         {STAFF} where u.id = {account};
         with row as (
             insert into audit_logs (id, actor_kind, actor_id, actor_label, action, object_type, object_id, change_set,
                                     ip_address, request_id, hash, created_at)
             values (gen_random_uuid(), 'staff', {account}, 'bench', 'staff.updated', 'staff', 'x', '{{\"version\": \"x\"}}',
                     '127.0.0.1', 'bench', '\\x00', now()) returning seq),
         queued as (insert into audit_unsealed (audit_seq) select seq from row)
         insert into audit_values (audit_seq, field, salt, before, after)
         select row.seq, v.field, v.salt, v.before, v.after
         from row, unnest(array['full_name', 'version'], array['\\x00', '\\x00']::bytea[], array['1', '2']::jsonb[],
                          array['2', '3']::jsonb[]) as v (field, salt, before, after);
         insert into outbox_events (id, aggregate_type, aggregate_id, type, payload, request_id)
         select gen_random_uuid(), e.a, 'x', e.k, '{{}}', 'bench'
         from unnest(array['staff', 'audit'], array['staff.changed', 'admin.action.logged']) as e (a, k);
         commit;\n"
    )
    .replace('\n', " ")
    .replace(';', ";\n")
}

/// Transactions a second of a script, with prepared statements.
pub async fn pgbench(subject: &Subject, script: &str, clients: usize, time: Duration) -> Result<f64> {
    let file = std::env::temp_dir().join(format!("eventify-bench-{}.sql", std::process::id()));
    tokio::fs::write(&file, script).await?;
    let bin = Command::new("pg_config").arg("--bindir").output().await.context("pg_config")?;
    let program = std::path::Path::new(String::from_utf8(bin.stdout)?.trim()).join("pgbench");
    let output = Command::new(program)
        .args(["-n", "-M", "prepared", "-j", "1", "-c", &clients.to_string(), "-T", &time.as_secs().to_string()])
        .arg("-f")
        .arg(&file)
        .arg(&subject.database)
        .stdin(Stdio::null())
        .output()
        .await
        .context("pgbench")?;
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "pgbench: {errors}");
    let line = text.lines().find(|line| line.starts_with("tps = ")).with_context(|| format!("pgbench said {text}"))?;
    let number = line.trim_start_matches("tps = ").split(' ').next().unwrap_or_default();
    Ok(number.parse()?)
}

/// Argon2id verifications a second, nothing else.
pub async fn hashing(workers: usize, time: Duration) -> Result<f64> {
    let hash = hash_password("velvet rope 2026").await.map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let begun = Instant::now();
    let loops = (0..workers).map(|_| {
        let hash = hash.clone();
        async move {
            let mut done = 0;
            while begun.elapsed() < time {
                let fits = verify_password("velvet rope 2026", Some(hash.clone())).await;
                ensure!(fits.is_ok_and(|fits| fits), "the hash fits");
                done += 1;
            }
            Ok(done)
        }
    });
    let done: Vec<Result<i32>> = futures::future::join_all(loops).await;
    let total: i32 = done.into_iter().sum::<Result<i32>>()?;
    Ok(f64::from(total) / begun.elapsed().as_secs_f64())
}

/// The Team page's statement.
pub fn team() -> String {
    format!("{STAFF} order by lower(u.full_name), u.id limit 51")
}

/// A list page's data with plain formatting, in a bare route.
pub struct BarePage {
    /// Where it answers.
    pub url: String,
}

impl BarePage {
    /// Serves it from this process.
    pub async fn start(subject: &Subject, sql: String) -> Result<BarePage> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?);
        let router = Router::new().route("/", get(bare)).with_state((subject.owner.clone(), sql));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(BarePage { url })
    }
}

/// Every row's first text columns as cells, its id in a link.
async fn bare(State((pool, sql)): State<(PgPool, String)>) -> Html<String> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&pool).await.unwrap_or_default();
    let mut page = String::from("<!DOCTYPE html><html><body><table>");
    for row in rows.iter().take(50) {
        let text = |at: usize| row.try_get::<String, _>(at).unwrap_or_default();
        let id = row.try_get::<sqlx::types::Uuid, _>("id").unwrap_or_default();
        page.push_str(&format!(
            "<tr><th><a href=\"/list/{id}\">{}</a><small>{}</small></th><td>{}</td><td>{}</td></tr>",
            text(1),
            text(2),
            text(3),
            text(6),
        ));
    }
    page.push_str("</table></body></html>");
    Html(page)
}
