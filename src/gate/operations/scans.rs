//! Scans, what became of a ticket, and taking an admission back.

use operation::operation;

use crate::gate::{AnnulRequest, Annulled, CheckinId, ScanAnswer, ScanRequest, TicketStanding};
use crate::kernel::error::Result;
use crate::tickets::TicketId;

#[cfg(feature = "ssr")]
use {
    crate::events::EventId,
    crate::events::rules::end_user,
    crate::gate::errors::too_late_to_undo,
    crate::gate::pins::{self, Supervisor},
    crate::gate::sql::{self, NewCheckin},
    crate::gate::{AuditedScan, Outcome, Resolution, State, conflicts, moment, reach},
    crate::gate::{answers::UNDO, scans},
    crate::kernel::{
        clock::new_uuid,
        context::{Db, Reader, RequestContext, Tx},
        error::invalid_transition,
        permissions::Permission::{TicketsRead, TicketsScan},
        timestamp::Timestamp,
    },
    crate::tickets::find_ticket,
};

/// The most that is told of what happened to a ticket.
#[cfg(feature = "ssr")]
const ATTEMPTS: usize = 200;

/// Scan a ticket
///
/// Send the content of the QR code, the short code, or a ticket found by name. Returns whether the holder is admitted
/// (or checked out), who it is and, if not, why. The same nonce returns the same answer. With `confirm: false`, nobody
/// is admitted until the steward has seen what needs checking: a note, answers, or how many guests of a party are
/// entering. All attempts are recorded, including refused ones.
#[operation(POST "/tickets/scan", staff = TicketsScan, device, scoped,
    audit = none("every attempt is a record of its own; what a supervisor forces is audited"),
    errors(nonce_used, pin_wrong))]
pub async fn ticket_scan(cx: &RequestContext, input: ScanRequest) -> Result<ScanAnswer> {
    let by = match &input.force {
        Some(force) => Some(pins::supervisor(cx, force.pin.as_deref()).await?),
        None => None,
    };
    cx.write(move |tx| {
        Box::pin(async move {
            let answer = scans::scan(tx, &input, by).await?;
            if let (Some(device), Some(health)) = (tx.caller.device().map(|device| device.id), &input.health) {
                let now = tx.now;
                let ahead = input.device_time.map(|at| at.0.saturating_sub(moment(now).0));
                sql::device_heard(tx.conn(), device, health, ahead, now).await?;
            }
            Ok(answer)
        })
    })
    .await
}

/// Get a ticket's status and scan history
///
/// All attempts to enter or leave, including refused ones. Guests see the time, gate and result.
#[operation(GET "/tickets/status/{id}", staff = TicketsRead, staff = TicketsScan, end_user, device, scoped)]
pub async fn ticket_status(db: &mut Reader, id: TicketId) -> Result<TicketStanding> {
    let ticket = find_ticket(db.conn(), id).await?;
    let is_guest = ticket.user_id.is_some() && ticket.user_id == end_user(&db.caller);
    if !is_guest {
        // Either will do at this event: who reads elsewhere may scan here.
        let reads = reach::run(db, ticket.event_id, TicketsRead).await.is_ok();
        if !reads {
            reach::run(db, ticket.event_id, TicketsScan).await.map_err(reach::hidden)?;
        }
    }
    let mut attempts = sql::attempts_of(db.conn(), id, ATTEMPTS as i64 + 1).await?;
    let more = attempts.len() > ATTEMPTS;
    attempts.truncate(ATTEMPTS);
    if is_guest {
        for attempt in &mut attempts {
            (attempt.by, attempt.device) = (None, None);
        }
    }
    Ok(TicketStanding { ticket, attempts, more })
}

/// Undo a scan
///
/// Reverses the entry or exit within 15 minutes and restores the previous status of each ticket. For team members who
/// can manage tickets, supervisor phones, and anyone with a supervisor's PIN; a phone can undo its own scans without
/// one. Also resolves an open conflict about the scan. Not possible once the guest has left again or the conflict was
/// resolved by someone.
#[operation(POST "/tickets/checkins/{id}/annul", staff = TicketsScan, device, scoped,
    errors(invalid_transition, too_late_to_undo, pin_wrong))]
pub async fn checkin_annul(cx: &RequestContext, id: CheckinId, input: AnnulRequest) -> Result<Annulled> {
    let own = {
        let device = cx.caller.device().map(|device| device.id.0);
        let mut db = cx.reader().await?;
        device.is_some() && sql::checkin_device(db.conn(), id).await? == device
    };
    let by = match own {
        true => Supervisor::Phone,
        false => pins::supervisor(cx, input.pin.as_deref()).await?,
    };
    cx.write(move |tx| Box::pin(async move { annul(tx, id, &input, by).await })).await
}

#[cfg(feature = "ssr")]
async fn annul(tx: &mut Tx, id: CheckinId, input: &AnnulRequest, by: Supervisor) -> Result<Annulled> {
    let now = tx.now;
    let scan = sql::annul_find(tx.conn(), id).await?;
    reach::must_run(tx, scan.event_id, TicketsScan).await.map_err(reach::hidden)?;
    by.must_reach(tx, scan.event_id).await?;
    // Tickets are locked before anything is looked at, as every scan does.
    if let Some(ticket) = scan.ticket_id {
        sql::party_lock(tx.conn(), ticket).await?;
    }
    let scan = sql::annul_find(tx.conn(), id).await?;
    if scan.result != Outcome::Admitted.as_str() || scan.attempt_id.is_some() {
        return Err(invalid_transition().detail("This scan admitted nobody: there is nothing to undo."));
    }
    if scan.annulled_at.is_some() {
        return Err(invalid_transition().detail("This scan was already undone."));
    }
    let until = Timestamp(scan.checked_in_at + UNDO);
    if now > until {
        return Err(too_late_to_undo().detail(format!("It could be undone until {}.", until.display_utc())));
    }
    if sql::attempt_is_followed(tx.conn(), id.0).await? {
        return Err(invalid_transition()
            .detail("A ticket of this scan was scanned in the other direction since: undo that scan first."));
    }
    let conflicts = conflicts::open_of(tx, id.0).await?;
    let (reason, staff) = (input.reason.trim(), by.staff(tx));
    let mut tickets = Vec::new();
    for row in sql::attempt_rows(tx.conn(), id.0).await? {
        sql::checkin_annul(tx.conn(), &row, staff, reason, now).await?;
        let taken_back = NewCheckin {
            id: new_uuid(),
            event_id: Some(scan.event_id),
            ticket_id: row.ticket_id,
            attempt_id: Some(id.0),
            checked_in_by: tx.caller.person().map(|staff| staff.0),
            device_id: tx.caller.device().map(|device| device.id.0),
            gate_id: scan.gate_id,
            gate: scan.gate.clone(),
            direction: if scan.direction == "out" { "out" } else { "in" },
            result: "annulled",
            people: -row.people,
            ticket_type_id: row.ticket_type_id,
            ..NewCheckin::default()
        };
        sql::checkin_insert(tx.conn(), &taken_back, None, now).await?;
        let stands = match row.ticket_id {
            Some(ticket) => sql::scan_row(tx.conn(), ticket, false, now).await?,
            None => None,
        };
        // Where another admission of it stands, nobody else comes in with it.
        let is_free = |row: &sql::ScanRow| scan.direction == "out" || row.status != State::Inside.as_str();
        tickets.extend(stands.filter(is_free).map(|row| row.id));
    }
    for conflict in conflicts {
        let open = sql::conflict_lock(tx.conn(), conflict).await?;
        conflicts::close(tx, &open, Resolution::Annulled, reason, None).await?;
    }
    let before = AuditedScan {
        id,
        event_id: EventId(scan.event_id),
        ticket_id: scan.ticket_id.map(TicketId),
        gate: scan.gate,
        result: Outcome::Admitted,
        forced: scan.forced,
        annulled_at: None,
    };
    let after = AuditedScan { annulled_at: Some(now), ..before.clone() };
    tx.audit("ticket.scan_annulled", &before, &after).reason(reason).note("supervisor", staff);
    Ok(Annulled { checkin_id: id.0, at: moment(now), tickets })
}
