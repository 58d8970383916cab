//! What happened, told to whom it concerns.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::NoticeSeverity::{self, Critical, Info, Success};
use super::sql::{self, Notice, OfEvent};
use crate::bus::Published;
use crate::bus::consumers::Consumer;
use crate::bus::looks::{Look, Sees};
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::jobs;
use crate::kernel::money::Money;
use crate::kernel::permissions::Permission;
use crate::zones;

inventory::submit!(Consumer {
    name: "notifications",
    types: &[
        "attendee.confirmed",
        "dispute.opened",
        "dispute.updated",
        "event.rescheduled",
        "event.status_changed",
        "event_invite.changed",
        "event_request.changed",
        "live.conflict_found",
        "live.conflict_resolved",
        "partner.document_reviewed",
        "partner.document_uploaded",
        "payout.paid",
        "payout.prepared",
        "plan.version_made",
        "refund.processed",
        "ticket.transferred",
        "user.flagged",
        "waiting_list.changed",
    ],
    handle,
});

inventory::submit!(Look {
    name: "notifications",
    sees: Sees::Own,
    state: |db, id| Box::pin(async move { Ok(json!({ "unread": sql::unread(db, id, None).await? })) }),
});

/// What happened, and who tells it.
struct Heard<'a> {
    app: &'a App,
    event: Published,
}

impl std::ops::Deref for Heard<'_> {
    type Target = Published;

    fn deref(&self) -> &Published {
        &self.event
    }
}

fn handle<'a>(app: &'a Arc<App>, db: &'a mut PgConnection, event: &'a Published) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        // What is told is told now: by whom may see to it now, and whose hours are quiet now.
        let event = Published { at: app.clock.now(), ..event.clone() };
        tell(db, &Heard { app, event }).await
    })
}

/// A part of the payload that is an id.
fn id(payload: &Value, field: &str) -> Option<Uuid> {
    payload[field].as_str().and_then(|text| text.parse().ok())
}

/// An amount of the payload, as people write it.
fn amount(payload: &Value) -> String {
    serde_json::from_value::<Money>(payload["amount"].clone()).map(|money| money.display()).unwrap_or_default()
}

async fn tell(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let payload = &event.payload;
    let status = payload["status"].as_str().unwrap_or_default();
    if let Some((kind, about)) = settled(event, status) {
        sql::settled(db, kind, about).await?;
    }
    match event.kind.as_str() {
        "attendee.confirmed" => booked(db, event).await,
        "dispute.opened" => dispute(db, event).await,
        "live.conflict_found" => conflict(db, event).await,
        "partner.document_uploaded" => document(db, event).await,
        "payout.prepared" => batch(db, event).await,
        "plan.version_made" => plan(db, event).await,
        "event_request.changed" => request(db, event, status).await,
        "event_invite.changed" if status == "pending" => invite(db, event).await,
        "waiting_list.changed" if status == "offered" => offer(db, event).await,
        "event.status_changed" if status == "cancelled" => moved(db, event, Critical, "event_cancelled").await,
        "event.rescheduled" => moved(db, event, Critical, "event_rescheduled").await,
        "refund.processed" => refund(db, event).await,
        "ticket.transferred" => given(db, event).await,
        "user.flagged" => flagged(db, event).await,
        _ => Ok(()),
    }
}

/// What nobody needs to see to any more: the kind of notice, and the record it was about.
fn settled<'e>(event: &'e Published, status: &str) -> Option<(&'static str, &'e str)> {
    let named = |field: &str| event.payload[field].as_str();
    match event.kind.as_str() {
        "dispute.updated" => Some(("dispute_opened", &*event.aggregate_id)),
        "live.conflict_resolved" => Some(("gate_conflict", named("conflict_id")?)),
        "partner.document_reviewed" => Some(("document_uploaded", named("document_id")?)),
        "payout.paid" => Some(("payouts_prepared", named("batch_id")?)),
        "event_request.changed" if status != "pending" => Some(("event_request", named("request_id")?)),
        _ => None,
    }
}

/// Those of the team who may see to it.
async fn to_holders(
    db: &mut PgConnection,
    event: &Heard<'_>,
    permission: Permission,
    (at_event, at_partner): (Option<Uuid>, Option<Uuid>),
    notice: Notice,
) -> Result<()> {
    let who = sql::holders(db, permission.code(), at_event, at_partner, event.at).await?;
    say(db, true, &who, &notice, event).await
}

/// Tells them, and queues what goes by email and to browsers.
async fn say(db: &mut PgConnection, staff: bool, who: &[Uuid], notice: &Notice, event: &Heard<'_>) -> Result<()> {
    let due = sql::tell(db, staff, who, notice, event.id, event.at).await?;
    let mut messages = Vec::new();
    for one in due {
        let until = super::jobs::waits_until(db, one.quiet.as_ref(), event.at).await?;
        messages.push(one.pending(event.app, notice, event.at, until));
    }
    jobs::insert_all(db, &format!("event-{}", event.id), event.at, &messages).await
}

async fn to_user(db: &mut PgConnection, event: &Heard<'_>, who: Uuid, notice: Notice) -> Result<()> {
    say(db, false, &[who], &notice, event).await
}

/// The event that this happened to, or that its payload names.
async fn of_event(db: &mut PgConnection, event: &Heard<'_>) -> Result<Option<(Uuid, OfEvent)>> {
    let own = (event.aggregate_type == "event").then(|| event.aggregate_id.parse().ok()).flatten();
    let Some(id) = own.or_else(|| id(&event.payload, "event_id")) else { return Ok(None) };
    Ok(sql::event(db, id).await?.map(|found| (id, found)))
}

async fn dispute(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let Some((at, of)) = of_event(db, event).await? else { return Ok(()) };
    let notice = Notice {
        kind: "dispute_opened",
        severity: Critical,
        title: format!("A guest disputes {}", amount(&event.payload)),
        message: format!("For {}. Add evidence before the bank’s deadline.", of.title),
        about: ("dispute", event.aggregate_id.clone()),
        href: format!("/disputes/{}", event.aggregate_id),
    };
    to_holders(db, event, Permission::DisputesManage, (Some(at), of.partner), notice).await
}

async fn conflict(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let (Some((at, of)), Some(id)) = (of_event(db, event).await?, id(&event.payload, "conflict_id")) else {
        return Ok(());
    };
    let Some(found) = sql::conflict(db, id).await? else { return Ok(()) };
    let zone = zones::zone(db, &found.timezone).await?;
    let scan = |gate: &str, at| match gate {
        "" => zone.clock(at),
        gate => format!("{gate} at {}", zone.clock(at)),
    };
    let first = found.first_gate.as_deref().zip(found.first_at).map(|(gate, at)| scan(gate, at));
    let scans: Vec<_> = first.into_iter().chain([scan(&found.second_gate, found.second_at)]).collect();
    let notice = Notice {
        kind: "gate_conflict",
        severity: Critical,
        // Whose ticket it is stands before it wherever it is read: no name is kept here.
        title: format!("{} at {}", what_of_conflict(&found.kind), of.title),
        message: format!("{}. Decide what happened.", scans.join(", then ")),
        about: ("checkin_conflict", id.to_string()),
        href: format!("/events/{at}/conflicts"),
    };
    to_holders(db, event, Permission::TicketsManage, (Some(at), of.partner), notice).await
}

fn what_of_conflict(kind: &str) -> &'static str {
    match kind {
        "void_ticket" => "Admitted with a void ticket",
        "revoked_device" => "Admitted by a revoked phone",
        "against_rules" => "Admitted against the rules",
        _ => "Ticket admitted twice",
    }
}

async fn document(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let partner = event.aggregate_id.parse().ok();
    let name = match partner {
        Some(partner) => sql::partner(db, partner).await?.unwrap_or_default(),
        None => return Ok(()),
    };
    let notice = Notice {
        kind: "document_uploaded",
        severity: Info,
        title: format!("{name} uploaded a document"),
        message: "It is waiting for review.".to_owned(),
        about: ("partner_document", event.payload["document_id"].as_str().unwrap_or_default().to_owned()),
        href: "/kyc".to_owned(),
    };
    // Partners' own people do not review.
    to_holders(db, event, Permission::KycReview, (None, None), notice).await
}

/// An account to be looked at: somebody guessed at its codes, or another system says why.
async fn flagged(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let Ok(user) = event.aggregate_id.parse() else { return Ok(()) };
    let name = sql::user(db, user).await?;
    let message = match event.payload["reason"].as_str().unwrap_or_default() {
        "otp_guessing" => "Someone entered wrong sign-in codes until they ran out.",
        why => why,
    };
    let notice = Notice {
        kind: "user_flagged",
        severity: Critical,
        title: format!("Look at the account of {name}"),
        message: message.to_owned(),
        about: ("end_user", event.aggregate_id.clone()),
        href: format!("/users/{}", event.aggregate_id),
    };
    to_holders(db, event, Permission::UsersModerate, (None, None), notice).await
}

async fn batch(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let notice = Notice {
        kind: "payouts_prepared",
        severity: Info,
        title: format!("Payouts of {} need approval", amount(&event.payload)),
        message: "Someone other than the person who prepared them must approve them.".to_owned(),
        about: ("payout_batch", event.aggregate_id.clone()),
        href: format!("/payouts/{}", event.aggregate_id),
    };
    to_holders(db, event, Permission::PayoutsApprove, (None, None), notice).await
}

/// Whoever's own part of a plan is another one than in the version before.
async fn plan(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let Some((at, of)) = of_event(db, event).await? else { return Ok(()) };
    let those = |field: &str| -> Vec<Uuid> {
        let ids = event.payload[field].as_array().into_iter().flatten();
        ids.filter_map(|id| id.as_str()?.parse().ok()).collect()
    };
    for (field, href) in [("crew", format!("/events/{at}/plan")), ("artists", "/talent".to_owned())] {
        let notice = Notice {
            kind: "plan_changed",
            severity: Info,
            title: format!("Your part in {} changed", of.title),
            message: format!("Version {} of the plan is out.", event.payload["number"]),
            about: ("event", at.to_string()),
            href,
        };
        say(db, true, &those(field), &notice, event).await?;
    }
    Ok(())
}

/// A new request is the organiser's to answer; the answer is told to who asked.
async fn request(db: &mut PgConnection, event: &Heard<'_>, status: &str) -> Result<()> {
    let Some(request) = id(&event.payload, "request_id") else { return Ok(()) };
    let Some((at, of)) = of_event(db, event).await? else { return Ok(()) };
    let Some((user, name, seats)) = sql::requester(db, request).await? else { return Ok(()) };
    let about = ("event_request", request.to_string());
    let seats = if seats == 1 { "1 seat".to_owned() } else { format!("{seats} seats") };
    let asked = |href: String| Notice {
        kind: "event_request",
        severity: Info,
        title: format!("{name} requests {seats} at {}", of.title),
        message: String::new(),
        about: about.clone(),
        href,
    };
    match status {
        "pending" => match (of.host, of.partner) {
            (Some(host), _) => to_user(db, event, host, asked(format!("/host/{at}?tab=requests"))).await,
            (None, partner) => {
                let notice = asked(format!("/events/{at}?tab=requests"));
                to_holders(db, event, Permission::EventsManage, (Some(at), partner), notice).await
            }
        },
        "accepted" if sql::is_unpaid(db, request).await? => {
            let title = format!("Your request for {} was accepted", of.title);
            let message = "Pay to keep your seats: they are only held for a limited time.".to_owned();
            to_user(db, event, user, Notice { message, ..own("request_accepted", Success, title, about) }).await
        }
        "accepted" => {
            let title = format!("You’re in: {}", of.title);
            to_user(db, event, user, own("request_accepted", Success, title, about)).await
        }
        "declined" => {
            let title = format!("Your request for {} was declined", of.title);
            to_user(db, event, user, own("request_declined", Info, title, about)).await
        }
        _ => Ok(()),
    }
}

/// What a guest finds under their own.
fn own(kind: &'static str, severity: NoticeSeverity, title: String, about: (&'static str, String)) -> Notice {
    Notice { kind, severity, title, message: String::new(), about, href: "/my".to_owned() }
}

async fn invite(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let Some(invite) = id(&event.payload, "invite_id") else { return Ok(()) };
    let Some((_, of)) = of_event(db, event).await? else { return Ok(()) };
    let Some((user, message)) = sql::invited(db, invite).await? else { return Ok(()) };
    let title = format!("You’re invited to {}", of.title);
    let notice = Notice { message, ..own("event_invite", Info, title, ("event_invite", invite.to_string())) };
    to_user(db, event, user, notice).await
}

/// A payment has arrived, or the organiser gives tickets: whoever has them now is told. Who takes free seats did so
/// themselves, and a request that was accepted has its answer.
async fn booked(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let Some(attendee) = id(&event.payload, "attendee_id") else { return Ok(()) };
    let Some((user, seats, ticket_type)) = sql::booked(db, attendee).await? else { return Ok(()) };
    let Some((_, of)) = of_event(db, event).await? else { return Ok(()) };
    let notice = Notice {
        message: format!("{seats} × {ticket_type}"),
        href: format!("/my/tickets?of={attendee}"),
        ..own("booking_confirmed", Success, format!("You’re in: {}", of.title), ("attendee", attendee.to_string()))
    };
    to_user(db, event, user, notice).await
}

/// Somebody transferred a ticket; whoever has it now is told, where it is an account.
async fn given(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let (Some(attendee), Some(ticket)) = (id(&event.payload, "attendee_id"), id(&event.payload, "ticket_id")) else {
        return Ok(());
    };
    let Some((_, of)) = of_event(db, event).await? else { return Ok(()) };
    let Some(user) = sql::holder(db, attendee).await? else { return Ok(()) };
    let title = format!("You’re given a ticket for {}", of.title);
    let notice = Notice {
        href: format!("/my/tickets/{ticket}"),
        ..own("ticket_received", Success, title, ("ticket", ticket.to_string()))
    };
    to_user(db, event, user, notice).await
}

async fn offer(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let Some(entry) = id(&event.payload, "entry_id") else { return Ok(()) };
    let Some((_, of)) = of_event(db, event).await? else { return Ok(()) };
    let Some((user, seats)) = sql::waits(db, entry).await? else { return Ok(()) };
    let title = if seats == 1 {
        format!("A seat at {} is yours to take", of.title)
    } else {
        format!("{seats} seats at {} are yours to take", of.title)
    };
    let notice = Notice {
        message: "They are only held for a limited time.".to_owned(),
        ..own("seats_offered", Success, title, ("waiting_list_entry", entry.to_string()))
    };
    to_user(db, event, user, notice).await
}

/// The event was cancelled or has another time: everybody who was going is told.
async fn moved(db: &mut PgConnection, event: &Heard<'_>, severity: NoticeSeverity, kind: &'static str) -> Result<()> {
    let Some((at, of)) = of_event(db, event).await? else { return Ok(()) };
    let title = match kind {
        "event_cancelled" => format!("{} was cancelled", of.title),
        _ => format!("{} has a new time or venue", of.title),
    };
    let notice = Notice { href: format!("/e/{}", of.slug), ..own(kind, severity, title, ("event", at.to_string())) };
    let who = sql::going(db, at).await?;
    say(db, false, &who, &notice, event).await
}

async fn refund(db: &mut PgConnection, event: &Heard<'_>) -> Result<()> {
    let Some(payment) = event.aggregate_id.parse().ok() else { return Ok(()) };
    let Some(user) = sql::payer(db, payment).await? else { return Ok(()) };
    let Some((_, of)) = of_event(db, event).await? else { return Ok(()) };
    let title = format!("{} for {} was refunded", amount(&event.payload), of.title);
    to_user(db, event, user, own("refund_sent", Success, title, ("payment", payment.to_string()))).await
}
