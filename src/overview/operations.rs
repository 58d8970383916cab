//! The operations of overview.

use operation::operation;

use super::{
    ChartRange, DashboardActivity, DashboardEvent, DashboardEventsQuery, DashboardMetrics, DashboardRange, Overview,
    RevenueChart, Waiting,
};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use super::{Span, sql};
#[cfg(feature = "ssr")]
use crate::audit::{self, AuditFilter};
#[cfg(feature = "ssr")]
use crate::kernel::caller::Scope;
#[cfg(feature = "ssr")]
use crate::kernel::context::{Db, Reader};
#[cfg(feature = "ssr")]
use crate::kernel::permissions::Permission;
#[cfg(feature = "ssr")]
use crate::{organisation, zones};

/// Get the overview
///
/// Figures the caller may not see are left out. Until a required second factor is set up, only the caller's own
/// sessions are returned.
#[operation(GET "/overview", staff)]
pub async fn overview(db: &mut Reader) -> Result<Overview> {
    let (caller, now) = (db.caller.clone(), db.now);
    sql::overview(db.conn(), &caller, now).await
}

/// Count items waiting for action
///
/// The numbers shown in the menu. Only includes what the caller can act on.
#[operation(GET "/overview/waiting", staff)]
pub async fn overview_waiting(db: &mut Reader) -> Result<Waiting> {
    sql::waiting(db).await
}

/// Get key figures for a date range
///
/// Revenue, tickets, entries, new users and events, compared with the range before. Figures the caller may not see are
/// left out.
#[operation(GET "/dashboard/metrics", staff, stale_ok)]
pub async fn dashboard_metrics(db: &mut Reader, query: DashboardRange) -> Result<DashboardMetrics> {
    let now = db.now;
    let span = Span::of(query.from, query.to, now)?;
    let caller = db.caller.clone();
    let staff = caller.staff().is_some_and(|staff| !staff.needs_second_factor);
    let all = |permission| staff && caller.scope_for(permission) == Some(Scope::All);
    let seen = (
        all(Permission::TicketsRead),
        all(Permission::UsersRead),
        all(Permission::EventsRead),
        all(Permission::PartnersRead),
    );
    let revenue = match all(Permission::FinanceRead) {
        true => Some(sql::dashboard::revenue(db.conn(), span).await?),
        false => None,
    };
    let counts = sql::dashboard::counts(db.conn(), (span, now), seen).await?;
    let (tickets, let_in) = counts.tickets.unzip();
    Ok(DashboardMetrics {
        from: span.from,
        to: span.to,
        before: span.before,
        revenue,
        tickets,
        let_in,
        new_users: counts.new_users,
        events: counts.events,
        active_partners: counts.active_partners,
    })
}

/// List key figures by event
///
/// The same figures as `/dashboard/metrics`, for each event that issued tickets, admitted guests or started in the
/// range. Events with the most tickets come first.
#[operation(GET "/dashboard/events", staff = TicketsRead, stale_ok)]
pub async fn dashboard_event_list(db: &mut Reader, query: DashboardEventsQuery) -> Result<Page<DashboardEvent>> {
    let now = db.now;
    let span = Span::of(query.from, query.to, now)?;
    let paging = Paging { cursor: query.cursor, limit: query.limit };
    let rows = sql::dashboard::events(db.conn(), span, now).await?;
    paging.cut(db.cx(), "events of a range", (query.from, query.to), rows, |event| event.event_id.0)
}

/// Get revenue by day
///
/// Payments, refunds and fees according to the ledger, for each day of the range and each currency.
#[operation(GET "/dashboard/revenue-chart", staff = FinanceRead, stale_ok)]
pub async fn dashboard_revenue_chart(db: &mut Reader, query: ChartRange) -> Result<RevenueChart> {
    let span = Span::of(query.from, query.to, db.now)?;
    let timezone = match query.timezone {
        Some(timezone) => timezone,
        None => organisation::of(db.conn()).await?.timezone,
    };
    zones::must_be_known(db.conn(), timezone.as_str()).await?;
    let zone = zones::zone(db.conn(), timezone.as_str()).await?;
    let series = sql::dashboard::revenue_days(db.conn(), span, &zone).await?;
    Ok(RevenueChart { from: span.from, to: span.to, timezone, series })
}

/// List recent activity
///
/// In sentences, newest first: `Asha Rao` `published Monsoon Jazz`.
#[operation(GET "/dashboard/activity", staff = AuditRead, stale_ok)]
pub async fn dashboard_activity(db: &mut Reader, query: Paging) -> Result<Page<DashboardActivity>> {
    let filter = AuditFilter { cursor: query.cursor, limit: query.limit, ..AuditFilter::default() };
    Ok(audit::names::list(db, &filter).await?.map(|row| sql::dashboard::told(&row)))
}
