//! What was done to an event and to a guest, from the audit log.

use operation::operation;

use crate::events::EventId;
use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::tickets::{ActivityFilter, AttendeeId, EventActivity, GuestHistory};

#[cfg(feature = "ssr")]
use {
    super::reach,
    crate::access::scoped,
    crate::audit::{self, AuditChange, AuditRow, words::capital},
    crate::events::{
        ActivityOf, Event,
        records::{EventRecords, Recorded},
        rules::{end_user, find_run, may_at},
    },
    crate::kernel::{
        caller::Scope,
        context::{Db, Reader},
        money::Money,
        page::Paging,
        permissions::Permission::{EventsManage, TicketsRead},
        timestamp::Timestamp,
    },
    crate::tickets::{ActivityChange, sql},
    crate::zones::{self, Zone},
    serde_json::Value,
    std::collections::BTreeMap,
    uuid::Uuid,
};

/// What is noted where a guest has booked.
#[cfg(feature = "ssr")]
const BOOKED: &str = "attendee.booked";
/// What a guest did, whoever told of it: a payment came, or a bank asked it back.
#[cfg(feature = "ssr")]
const OF_GUESTS: &[&str] = &[BOOKED, "dispute.opened"];
/// Fields whose values can be told; of others only that they changed. None of them says anything of a person.
#[cfg(feature = "ssr")]
const TOLD: &[&str] = &[
    "title",
    "capacity",
    "city",
    "mood",
    "venue_name",
    "venue_text",
    "start_at",
    "end_at",
    "timezone",
    "name",
    "price",
    "quota",
    "per_order_limit",
    "sales_start_at",
    "sales_end_at",
    "status",
    "ticket_type",
    "imported",
    "tickets",
];
/// Fields that follow from others, or that say nothing to people.
#[cfg(feature = "ssr")]
const FOLLOW: &[&str] = &[
    "version",
    "sequence",
    "slug",
    "event_date",
    "start_time",
    "end_date",
    "end_time",
    "duration",
    "venue_id",
    "venue_address",
    "latitude",
    "longitude",
    "is_published",
    "is_active",
    "published_at",
    "refund_window_until",
    "going_count",
    "requests_count",
    "is_paid",
    "ticket_price",
    "ticket_type_id",
    "available",
    "sold_count",
    "cancelled_at",
    "cancellation_reason",
    "decided_at",
    "updated_at",
    "seats",
    "failed",
    "skipped",
    "new_key",
];

/// List the activity of an event
///
/// Newest first, from the audit log. Entries about guests, money, gates and the plan are shown only to callers who may
/// see these; a host sees the event and its guests. Names of team members are shown to the team only: a partner's own
/// contacts see "Eventify".
#[operation(GET "/events/{id}/activity", staff = EventsManage, end_user, scoped)]
pub async fn event_activity(db: &mut Reader, id: EventId, query: ActivityFilter) -> Result<Page<EventActivity>> {
    let event = find_run(db, id, EventsManage).await?;
    let guests = may_at(db, id, TicketsRead).await?;
    let objects = records(db, &event, query.of).await?;
    let page = audit::history_with_values(db, (id, query.of), &objects, event.created_at, &query.paging()).await?;
    let items = told(db, &event, page.items, guests).await?;
    Ok(Page { items, next_cursor: page.next_cursor, total_estimate: None })
}

/// What belongs to an event, of all areas, as far as the caller may see it.
#[cfg(feature = "ssr")]
async fn records(db: &mut Reader, event: &Event, of: Option<ActivityOf>) -> Result<Vec<Recorded>> {
    let host = end_user(&db.cx().caller).is_some();
    let mut permitted = BTreeMap::new();
    let (mut found, mut ticket_types) = (Vec::new(), Vec::new());
    for records in inventory::iter::<EventRecords>() {
        let asked = of.is_none_or(|of| of == records.of);
        // What the team sells, scans and plans with is the team's.
        let theirs = host && !matches!(records.of, ActivityOf::Event | ActivityOf::Guests);
        if !asked || theirs {
            continue;
        }
        let may = match permitted.get(&records.permission) {
            Some(known) => *known,
            None => may_at(db, event.id, records.permission).await?,
        };
        permitted.insert(records.permission, may);
        if !may {
            continue;
        }
        ticket_types.extend_from_slice(records.kinds);
        if let Some(find) = records.find {
            found.extend(find(db.conn(), event.id).await?);
        }
    }
    found.extend(audit::records_at_event(db.conn(), event.id.0, &ticket_types).await?);
    Ok(found)
}

/// List what was done for a guest, and the messages sent to them
///
/// The latest audit log entries about the guest and their tickets, and the messages of the last weeks with their
/// status. Sent means handed over for delivery.
#[operation(GET "/attendees/{id}/history", staff = TicketsRead, end_user, scoped)]
pub async fn attendee_history(db: &mut Reader, id: AttendeeId) -> Result<GuestHistory> {
    let attendee = sql::attendee_find(db.conn(), id).await?;
    let event = find_run(db, attendee.event_id, TicketsRead).await.map_err(reach::hidden)?;
    let objects = sql::guest_objects(db.conn(), id).await?;
    let page = audit::history_with_values(db, id.0, &objects, event.created_at, &Paging::default()).await?;
    let activity = told(db, &event, page.items, true).await?;
    Ok(GuestHistory { activity, messages: sql::messages_to_guest(db.conn(), id).await? })
}

/// Entries of the log in the words of those who run the event.
#[cfg(feature = "ssr")]
async fn told(
    db: &mut Reader,
    event: &Event,
    rows: Vec<(AuditRow, Vec<AuditChange>)>,
    guests: bool,
) -> Result<Vec<EventActivity>> {
    let zone = zones::zone(db.conn(), &event.timezone).await?;
    let parts: Vec<Uuid> = rows.iter().filter_map(|(row, _)| row.object_id.parse().ok()).collect();
    let actors: Vec<Uuid> = rows.iter().filter_map(|(row, _)| row.actor.id).collect();
    let (mut parts, names) =
        (audit::names::of(db.conn(), &parts).await?, sql::names_of_people(db.conn(), &actors).await?);
    // Everything here is of this event.
    parts.remove(&event.id.0);
    // A partner's own people are not shown who works here.
    let staff = db.scope == Scope::All && end_user(&db.cx().caller).is_none();
    let own = match (staff, event.organizer_partner_id) {
        (true, _) => None,
        (false, Some(partner)) => Some(scoped::people(db, partner.0).await?),
        (false, None) => Some(Vec::new()),
    };
    let by = |row: &AuditRow, named: Option<&str>| match (row.actor.kind.as_str(), row.actor.id) {
        ("system", _) if OF_GUESTS.contains(&row.action.as_str()) => capital(named.unwrap_or("a guest")),
        ("staff", Some(id)) if own.as_ref().is_some_and(|own| !own.contains(&id)) => "Eventify".to_owned(),
        ("staff", Some(id)) => names.get(&id).cloned().unwrap_or_else(|| row.actor.label.clone()),
        ("end_user", Some(id)) if guests => names.get(&id).cloned().unwrap_or_else(|| "A guest".to_owned()),
        ("end_user", _) => "A guest".to_owned(),
        ("system", _) => "Eventify".to_owned(),
        _ if own.is_some() => "Eventify".to_owned(),
        _ => row.actor.label.clone(),
    };
    let activity = |(row, changes): (AuditRow, Vec<AuditChange>)| {
        let record = row.object_id.parse().ok().and_then(|id: Uuid| parts.get(&id).cloned());
        let (named, href) = record.map(|record| (record.name, record.href)).unzip();
        EventActivity {
            id: row.id,
            at: row.created_at,
            by: by(&row, named.as_deref()),
            // Who books is who it is for.
            subject: named.filter(|name| row.action != BOOKED && *name != event.title).or_else(|| recorded(&changes)),
            href: href.flatten().filter(|_| end_user(&db.cx().caller).is_none()),
            changes: if is_change(&row) { in_words(changes, &zone) } else { Vec::new() },
            action: row.action,
            object_type: row.object_type,
            object_id: row.object_id,
            reason: row.reason,
        }
    };
    Ok(rows.into_iter().map(activity).collect())
}

/// What is new or gone has no before and after to compare.
#[cfg(feature = "ssr")]
fn is_change(row: &AuditRow) -> bool {
    !matches!(
        row.action.rsplit('.').next(),
        Some("created" | "image_added" | "image_removed" | "retired" | "comp_issued")
    )
}

/// The name of something that is gone, as it was recorded.
#[cfg(feature = "ssr")]
fn recorded(changes: &[AuditChange]) -> Option<String> {
    let named = changes.iter().find(|change| matches!(change.field.as_str(), "name" | "provider" | "code"))?;
    named.after.as_ref().or(named.before.as_ref())?.as_str().map(str::to_owned)
}

#[cfg(feature = "ssr")]
fn in_words(changes: Vec<AuditChange>, zone: &Zone) -> Vec<ActivityChange> {
    let shown = changes.into_iter().filter(|change| !FOLLOW.contains(&change.field.as_str()));
    let change = |change: AuditChange| {
        let tell = TOLD.contains(&change.field.as_str());
        let word =
            |value: Option<&Value>| value.filter(|_| tell).and_then(|value| value_in_words(&change.field, value, zone));
        let (before, after) = (word(change.before.as_ref()), word(change.after.as_ref()));
        ActivityChange { before, after, field: change.field }
    };
    shown.map(change).collect()
}

/// A value as people read it; `None` where there was none.
#[cfg(feature = "ssr")]
fn value_in_words(field: &str, value: &Value, zone: &Zone) -> Option<String> {
    if field == "price" {
        let money: Money = serde_json::from_value(value.clone()).ok()?;
        return Some(if money.minor == 0 { "free".to_owned() } else { money.display() });
    }
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) if field.ends_with("_at") => Timestamp::parse(text).ok().map(|at| zone.display(at)),
        Value::String(text) if matches!(field, "status" | "timezone" | "ticket_type") => Some(text.replace('_', " ")),
        Value::String(text) => Some(format!("“{text}”")),
        other => Some(other.to_string()),
    }
}
