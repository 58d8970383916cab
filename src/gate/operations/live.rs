//! What phones at the gates ask for: pairing, the manifest, handing in what happened without a network.

use operation::operation;

use crate::events::EventId;
use crate::gate::{LiveEvent, Manifest, ManifestQuery, PairAnswer, PairRequest, SyncAnswer, SyncRequest};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    super::devices::pairing_hash,
    crate::access::{GateDeviceId, authenticate},
    crate::events::rules::audience,
    crate::gate::bus::DeviceChanged,
    crate::gate::sql::{self, NewDevice, WorldRow},
    crate::gate::syncs::{self, Queue},
    crate::gate::{
        DeviceState, GateDevice, GateFacts, GateId, GateWay, SentScan, list, moment, pairing_code, reach, timestamp,
    },
    crate::kernel::{
        clock::random_bytes,
        context::{Db, Reader, RequestContext, Tx},
        crypto::base64url,
        error::{invalid_input, link_invalid},
        permissions::Permission::{LiveRead, TicketsScan},
        timestamp::Timestamp,
    },
    crate::tickets::secrets::{EARLY, LATE, ensure_key},
    std::sync::Arc,
    time::Duration,
    uuid::Uuid,
};

/// A phone's token is good for so long after its event, so that it can hand in what it has.
#[cfg(feature = "ssr")]
const TOKEN: Duration = Duration::days(14);

#[cfg(feature = "ssr")]
fn state(device: &GateDevice, world: &WorldRow, now: Timestamp) -> DeviceState {
    let known = world.gates.iter().find(|gate| gate.id == device.gate_id.0).cloned();
    DeviceState {
        id: device.id.0,
        name: device.name.clone(),
        supervisor: device.supervisor,
        // A gate that was removed since lets everybody through, under the name it had.
        gate: known.unwrap_or_else(|| GateFacts {
            id: device.gate_id.0,
            name: device.gate.clone(),
            direction: GateWay::Both,
            types: Vec::new(),
            opens_at: None,
            closes_at: None,
            adds_guests: false,
        }),
        event: world.event.clone(),
        gates: world.gates.clone(),
        keys: world.keys.clone(),
        revoked: device.revoked_at.is_some(),
        now: moment(now),
    }
}

/// Pair a phone with a gate
///
/// Exchanges the pairing code for the phone's own token. Only one phone can use a code.
#[operation(POST "/live/pair", public, status = 201, rate = Costly, secret_answer, errors(link_invalid))]
pub async fn live_pair(tx: &mut Tx, input: PairRequest) -> Result<PairAnswer> {
    #[derive(serde::Deserialize)]
    struct Paired {
        event: Uuid,
        gate: Uuid,
        supervisor: bool,
    }
    let now = tx.now;
    let wrong =
        || link_invalid().detail("That code isn't right, was used or has expired. Ask a supervisor for a new one.");
    let code = pairing_code(&input.code).ok_or_else(wrong)?;
    let hash = pairing_hash(&tx.app().keys, &code);
    let (data, by) = sql::pairing_use(tx.conn(), &hash, now).await?.ok_or_else(wrong)?;
    let paired: Paired = serde_json::from_value(data).map_err(|_| link_invalid())?;
    if sql::gate_lock_of(tx.conn(), EventId(paired.event), GateId(paired.gate)).await?.is_none() {
        return Err(link_invalid().detail("The gate was removed meanwhile."));
    }
    ensure_key(tx).await?;
    let world = sql::world(tx.conn(), paired.event, now).await?;
    let token = format!("{}{}", authenticate::DEVICE_PREFIX, base64url(&random_bytes::<32>()));
    let ends = timestamp(world.event.end_at).max(now);
    let device = NewDevice {
        id: GateDeviceId::new(),
        event: paired.event,
        gate: paired.gate,
        name: input.name.as_deref().map(str::trim),
        supervisor: paired.supervisor,
        token_hash: &authenticate::device_token_hash(&token),
        was: input.was,
        app_version: input.app_version.as_deref(),
        paired_by: by,
        expires_at: Timestamp(ends.0 + TOKEN),
    };
    sql::device_insert(tx.conn(), &device, now).await?;
    let device = sql::device_find(tx.conn(), device.id, now).await?;
    tx.audit_created("gate_device.paired", &device);
    tx.emit(&DeviceChanged { event_id: device.event_id, device_id: device.id });
    let expires_at = moment(device.expires_at);
    Ok(PairAnswer { token, expires_at, device: state(&device, &world, now) })
}

/// Send offline scans
///
/// Each scan gets its own answer and is recorded as it happened: a result given offline is never rewritten. If two
/// admissions clash, or the gate would have refused one, a conflict is created for the team to resolve. Without scans,
/// this is the phone's heartbeat and returns its current status. A revoked phone can still send its queued scans; if it
/// cannot, the team can send them for it, naming the event.
#[operation(POST "/live/sync", device, revoked_device, staff = TicketsScan, scoped,
    audit = none("every scan is a record of its own; what a supervisor forced is audited"))]
pub async fn live_sync(cx: &RequestContext, input: SyncRequest) -> Result<SyncAnswer> {
    let device = cx.caller.device().cloned();
    let event = device.as_ref().map(|device| device.event).or(input.event_id);
    let event =
        event.ok_or_else(|| invalid_input().field("event_id", "is required when a team member sends the scans"))?;
    let (world, supervises) = {
        let mut db = cx.reader().await?;
        reach::run(&mut db, EventId(event), TicketsScan).await?;
        (sql::world(db.conn(), event, cx.now).await?, reach::supervises(&mut db, event).await)
    };
    let ahead_ms = input.sent_at.0.saturating_sub(moment(cx.now).0);
    let revoked = device.as_ref().is_some_and(|device| device.revoked);
    let queue = Arc::new(Queue { event, world, ahead_ms, revoked, supervises });
    let mut scans = Vec::with_capacity(input.scans.len());
    for scan in input.scans {
        // Each stands alone: one that cannot be taken, or even read, holds up no other.
        let scan = match scan {
            SentScan::Read(scan) => scan,
            SentScan::Unreadable { nonce } => {
                scans.push(syncs::unreadable(nonce));
                continue;
            }
        };
        let queue = queue.clone();
        scans.push(cx.write(move |tx| Box::pin(async move { syncs::take(tx, &queue, &scan).await })).await?);
    }
    let (now, health) = (cx.now, input.health);
    let known = device.is_some();
    cx.write(move |tx| {
        Box::pin(async move {
            let id = tx.caller.device().map(|device| device.id);
            let device = match id.filter(|_| known) {
                Some(id) => {
                    sql::device_heard(tx.conn(), id, &health, Some(ahead_ms), now).await?;
                    Some(state(&sql::device_find(tx.conn(), id, now).await?, &queue.world, now))
                }
                None => None,
            };
            let revoked = device.as_ref().is_some_and(|device| device.revoked);
            let manifest = if revoked { None } else { Some(list::present(tx.conn()).await?) };
            Ok(SyncAnswer { now: moment(now), clock_ahead_ms: ahead_ms, scans, device, manifest })
        })
    })
    .await
}

/// Get the list a phone needs to check tickets offline
///
/// Contains keys, gates, the status of each ticket, and an entry that only the ticket's own code can decrypt. The list
/// is signed and contains no names. With `since`, it contains only the changes.
#[operation(GET "/live/manifest/{event_id}", device, staff = TicketsScan, scoped, secret_answer)]
pub async fn live_manifest(cx: &RequestContext, event_id: EventId, query: ManifestQuery) -> Result<Manifest> {
    {
        let mut db = cx.reader().await?;
        reach::run(&mut db, event_id, TicketsScan).await?;
    }
    list::manifest(cx, event_id, query.since.as_deref()).await
}

/// List events with open gates and their figures
///
/// Events the caller works at: live now, or with tickets that are valid now.
#[operation(GET "/live/events", staff = LiveRead, device, scoped)]
pub async fn live_event_list(db: &mut Reader, query: Paging) -> Result<Page<LiveEvent>> {
    let (audience, now) = (audience(db, LiveRead), db.now);
    let only = db.caller.device().map(|device| device.event);
    // Good from before they begin until after they end.
    let good = (now.0 - LATE, now.0 + EARLY);
    sql::live_events(db, &audience, only, good, &query).await
}
