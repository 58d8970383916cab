//! Links to a plan for people without an account: a page to read and print, and a calendar to subscribe to.

use operation::{Answer, operation};

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};
use crate::planning::{LinkToken, NewPlanLink, PlanLinkId, PlanLinkShown, SharedPlan};

#[cfg(feature = "ssr")]
use {
    crate::events::EventStatus,
    crate::events::rules::{by_id, find_run},
    crate::kernel::{
        app::App,
        caller::Caller,
        context::{Db, Reader, RequestContext, Tx},
        error::link_invalid,
        permissions::Permission::ProductionManage,
    },
    crate::planning::{PlanLink, calendar, links, reach, sql},
};

#[cfg(feature = "ssr")]
fn shown(app: &App, link: PlanLink) -> PlanLinkShown {
    let url = links::url(app, link.id);
    PlanLinkShown { calendar_url: format!("{url}/plan.ics"), url, link }
}

/// List the active share links of an event's plan
///
/// Anyone with a link sees the confirmed entries, without notes or amounts.
#[operation(GET "/events/{id}/plan/links", staff = ProductionManage, scoped, secret_answer)]
pub async fn plan_link_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<PlanLinkShown>> {
    find_run(db, id, ProductionManage).await?;
    let rows = sql::link_list(db.conn(), id).await?;
    let rows = rows.into_iter().map(|link| shown(db.app(), link)).collect();
    query.cut(db, "plan_links", id, rows, |one: &PlanLinkShown| one.link.id.0)
}

/// Create a share link for an event's plan
///
/// For people without an account.
#[operation(POST "/events/{id}/plan/links", staff = ProductionManage, status = 201, scoped,
    errors(invalid_transition))]
pub async fn plan_link_add(tx: &mut Tx, id: EventId, input: NewPlanLink) -> Result<PlanLinkShown> {
    reach::plan(tx, id, ProductionManage).await?;
    let link = PlanLink {
        id: PlanLinkId::new(),
        event_id: id,
        name: input.name.into(),
        shows_crew: input.shows_crew,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let by = match &*tx.caller {
        Caller::Staff(staff) => Some(staff.id.0),
        _ => None,
    };
    sql::link_insert(tx.conn(), &link, by).await?;
    tx.audit_created("plan_link.created", &link);
    Ok(shown(tx.app(), link))
}

/// Revoke a share link of a plan
#[operation(DELETE "/plan-links/{id}", staff = ProductionManage, scoped)]
pub async fn plan_link_revoke(tx: &mut Tx, id: PlanLinkId) -> Result<()> {
    let before = sql::link_find(tx.conn(), id).await?;
    let (_, now) = (reach::run(tx, before.event_id, ProductionManage).await?, tx.now);
    sql::link_revoke(tx.conn(), id, now).await?;
    tx.audit_deleted("plan_link.revoked", &before);
    Ok(())
}

/// What a link shows.
#[cfg(feature = "ssr")]
async fn opened(db: &mut Reader, id: PlanLinkId, token: &str) -> Result<SharedPlan> {
    // Whether there is such a link only who has its token is told.
    if !links::is_genuine(&db.app().keys, id, token) {
        return Err(link_invalid());
    }
    let found = sql::link_find(db.conn(), id).await;
    let link = found.map_err(|error| if error.status() == 404 { link_invalid() } else { error })?;
    let event = by_id(db.conn(), link.event_id).await?;
    let entries = sql::shared_entries(db.conn(), event.id, link.shows_crew).await?;
    let place: Vec<&str> = [event.venue_name.as_deref(), event.venue_text.as_deref(), Some(event.city.as_str())]
        .into_iter()
        .flatten()
        .collect();
    Ok(SharedPlan {
        link: link.name,
        event_id: event.id,
        place: place.join(", "),
        timezone: event.timezone,
        starts_at: event.start_at,
        ends_at: event.end_at,
        cancelled: event.status == EventStatus::Cancelled,
        event: event.title,
        entries,
    })
}

/// Get an event's plan by share link
///
/// Confirmed entries without notes or amounts; names of crew only if the link includes them. Returns 410 if the link
/// was revoked.
#[operation(GET "/plan-links/{id}", public, errors(link_invalid))]
pub async fn plan_shared(db: &mut Reader, id: PlanLinkId, query: LinkToken) -> Result<SharedPlan> {
    opened(db, id, &query.token).await
}

/// Subscribe to an event's plan as a calendar (RFC 5545)
#[operation(GET "/plan-links/{id}/calendar.ics", public, answer = Calendar, errors(link_invalid))]
pub async fn plan_calendar(cx: &RequestContext, id: PlanLinkId, query: LinkToken) -> Result<Answer> {
    let plan = {
        let mut db = cx.reader().await?;
        opened(&mut db, id, &query.token).await?
    };
    calendar::answer(&calendar::of_plan(cx.now, &plan))
}
