//! All SQL of overview.

pub mod dashboard;
mod names;

pub use names::*;

use sqlx::{PgConnection, Postgres, QueryBuilder, Row};
use uuid::Uuid;

use super::{AuditFigures, DocumentFigures, JobFigures, Overview, PartnerFigures, TeamFigures, Waiting};
use crate::events::rules::{Viewer, audience, push_runs};
use crate::kernel::caller::{Caller, Scope};
use crate::kernel::context::Db;
use crate::kernel::error::Result;
use crate::kernel::permissions::Permission;
use crate::kernel::timestamp::Timestamp;
use crate::notifications;

/// How things stand, in one query: what the caller may not see is not looked at.
pub async fn overview(db: &mut PgConnection, caller: &Caller, now: Timestamp) -> Result<Overview> {
    let staff = caller.staff().filter(|staff| !staff.needs_second_factor);
    let scope = |permission| staff.and_then(|_| caller.scope_for(permission));
    // Of what belongs to nobody in particular, an assignment within a partner shows nothing.
    let all = |permission| scope(permission) == Some(Scope::All);
    let (partners, documents) = (scope(Permission::PartnersRead), scope(Permission::KycReview));
    let (team, jobs, audit) = (all(Permission::StaffRead), all(Permission::JobsManage), all(Permission::AuditRead));
    let own = |scope: &Option<Scope>| scope.as_ref().and_then(Scope::partners);
    let (own_partners, own_documents) = (own(&partners), own(&documents));
    let row = sqlx::query!(
        r#"select (select count(*) from admin_sessions
                   where user_id = $1 and revoked_at is null and expires_at > $2) as "own_sessions!",
                  p.active as "active_partners!", p.invited as "invited_partners!", p.suspended as "suspended!",
                  d.waiting as "waiting!", d.oldest as oldest_document,
                  t.active as "active_staff!", t.invited as "invited_staff!", t.plain as "plain!",
                  j.dead as "dead!", j.retrying as "retrying!", due.oldest as oldest_due,
                  outbox.seconds as unpublished, a.unsealed as "unsealed!", a.oldest as oldest_entry
           from (select count(*) filter (where status = 'active') as active,
                        count(*) filter (where status = 'invited') as invited,
                        count(*) filter (where status = 'suspended') as suspended
                 from partners where $3 and ($4::uuid[] is null or id = any($4))) p,
                (select count(*) as waiting, min(uploaded_at) as oldest from partner_documents
                 where $5 and status = 'pending' and superseded_at is null
                       and ($6::uuid[] is null or partner_id = any($6))) d,
                (select count(*) filter (where status = 'active') as active,
                        count(*) filter (where status = 'invited') as invited,
                        count(*) filter (where status = 'active' and totp_enabled_at is null) as plain
                 from admin_users where $7) t,
                (select count(*) filter (where status = 'dead') as dead,
                        count(*) filter (where status = 'retry') as retrying
                 from job_runs where $8 and status in ('dead', 'retry')) j,
                (select min(run_at) as oldest from job_runs
                 where $8 and status in ('queued', 'retry') and run_at <= $2) due,
                (select (select extract(epoch from clock_timestamp() - created_at)::bigint from outbox_events
                         where $8 and published_seq is null order by seq limit 1) as seconds) outbox,
                (select count(*) as unsealed, min(l.created_at) as oldest
                 from audit_unsealed u join audit_logs l on l.seq = u.audit_seq where $9) a"#,
        caller.staff().map_or(Uuid::nil(), |staff| staff.id.0),
        now.0,
        partners.is_some(),
        own_partners.as_deref(),
        documents.is_some(),
        own_documents.as_deref(),
        team,
        jobs,
        audit,
    )
    .fetch_one(db)
    .await?;
    let since = |at: Option<time::OffsetDateTime>| at.map(|at| now.0 - at);
    let partner_figures =
        PartnerFigures { active: row.active_partners, invited: row.invited_partners, suspended: row.suspended };
    let document_figures = DocumentFigures {
        waiting: row.waiting,
        oldest_hours: since(row.oldest_document).map(|waited| waited.whole_hours().max(0)),
    };
    let team_figures =
        TeamFigures { active: row.active_staff, invited: row.invited_staff, without_second_factor: row.plain };
    let audit_figures = AuditFigures {
        unsealed: row.unsealed,
        oldest_unsealed_seconds: since(row.oldest_entry).map(|waited| waited.whole_seconds().max(0)),
    };
    Ok(Overview {
        now,
        own_sessions: row.own_sessions,
        partners: partners.map(|_| partner_figures),
        documents: documents.map(|_| document_figures),
        team: team.then_some(team_figures),
        jobs: jobs.then_some(JobFigures {
            dead: row.dead,
            retrying: row.retrying,
            lag_seconds: since(row.oldest_due).map(|waited| waited.whole_seconds().max(0)),
            unpublished_seconds: row.unpublished,
        }),
        audit: audit.then_some(audit_figures),
    })
}

/// What waits for the caller, in two short queries; what it may not see to is not looked at.
pub async fn waiting(db: &mut impl Db) -> Result<Waiting> {
    let (caller, now) = (db.cx().caller.clone(), db.cx().now);
    let staff = caller.staff().filter(|staff| !staff.needs_second_factor);
    let scope = |permission| staff.and_then(|_| caller.scope_for(permission));
    let all = |permission| scope(permission) == Some(Scope::All);
    let (documents, privacy, jobs) =
        (scope(Permission::KycReview), all(Permission::PrivacyManage), all(Permission::JobsManage));
    let (disputes, payouts) = (all(Permission::DisputesManage), all(Permission::PayoutsApprove));
    let finance = all(Permission::FinanceManage);
    let own = documents.as_ref().and_then(Scope::partners);
    let row = sqlx::query!(
        r#"select (select count(*) from partner_documents where $1 and status = 'pending' and superseded_at is null
                       and ($2::uuid[] is null or partner_id = any($2))) as "documents!",
                  (select count(*) from privacy_requests where $3 and status = 'open') as "privacy!",
                  (select count(*) from job_runs where $4 and status = 'dead') as "dead!",
                  (select count(*) from disputes where $5 and status = 'opened'
                       and due_at < $6::timestamptz + interval '1 day') as "disputes!",
                  (select count(*) from payout_batches b where $7 and status = 'draft'
                       and prepared_by is distinct from $8 and exists (select from payouts where batch_id = b.id))
                      as "batches!",
                  (select count(*) from fraud_signals where $9 and resolved_at is null) as "signals!",
                  (select count(*) from settlement_lines where $9 and exception is not null and resolved_at is null)
                      as "exceptions!""#,
        documents.is_some(),
        own.as_deref(),
        privacy,
        jobs,
        disputes,
        now.0,
        payouts,
        caller.staff().map_or(Uuid::nil(), |staff| staff.id.0),
        finance,
    )
    .fetch_one(db.conn())
    .await?;
    let events = audience(db.cx(), Permission::EventsRead);
    let answers = audience(db.cx(), Permission::EventsManage);
    let (mut live, mut requests) = (None, None);
    if matches!(events, Viewer::Staff(_)) {
        let mut query =
            QueryBuilder::<Postgres>::new("select (select count(*) from events e where status = 'live' and ");
        push_runs(&mut query, &events);
        query
            .push(") as live, (select coalesce(sum(requests_count), 0)::bigint from events e where requests_count > 0");
        query.push(" and status in ('published', 'live') and ");
        // Who may only look at them has nothing to answer.
        match matches!(answers, Viewer::Staff(_)) {
            true => push_runs(&mut query, &answers),
            false => drop(query.push("false")),
        }
        query.push(") as requests");
        let row = query.build().fetch_one(db.conn()).await?;
        live = Some(row.try_get("live")?);
        requests = matches!(answers, Viewer::Staff(_)).then(|| row.try_get("requests")).transpose()?;
    }
    let told = match staff {
        Some(staff) => Some(notifications::unread(db.conn(), staff.id.0, Some(now)).await?),
        None => None,
    };
    Ok(Waiting {
        notifications: told,
        live_events: live,
        requests,
        documents: documents.map(|_| row.documents),
        privacy_requests: privacy.then_some(row.privacy),
        disputes_due: disputes.then_some(row.disputes),
        payout_batches: payouts.then_some(row.batches),
        fraud_signals: finance.then_some(row.signals),
        exceptions: finance.then_some(row.exceptions),
        failed_jobs: jobs.then_some(row.dead),
    })
}
