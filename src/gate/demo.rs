//! The demo's gates: phones at them, and the scans that brought in whoever is inside.

use std::sync::Arc;

use eventify_gate::{GateWay, NewUpdate, UpdateAudience, UpdateKind};
use time::Duration;

use super::operations::GATE_ADD_META;
use super::sql::{self, Author, DemoEvent, NewDevice};
use super::{Gate, GateId, GateSettings, LiveUpdateId, tally};
use crate::access::demo::{PLANNER, doer};
use crate::access::{GateDeviceId, authenticate::device_token_hash};
use crate::events::EventId;
use crate::events::rules::system_cx;
use crate::kernel::app::App;
use crate::kernel::clock::random_bytes;
use crate::kernel::context::{Db, RequestContext, Tx};
use crate::kernel::crypto::base64url;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;

/// Adds gates to the demo's events and scans to those that went on; where there are some already, nothing happens.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let events = sql::demo_events(&mut *app.reader.acquire().await?).await?;
    let now = app.clock.now();
    let planner = doer(&mut *app.reader.acquire().await?, PLANNER, now).await?;
    for event in events {
        let at = planned(&event, now);
        let mut tx =
            Tx::begin(RequestContext { now: at, caller: planner.clone(), ..system_cx(app, &GATE_ADD_META) }).await?;
        let gates = gates(&mut tx, EventId(event.id)).await?;
        if event.end_at.0 - event.start_at.0 > Duration::DAY {
            reentry(&mut tx, EventId(event.id)).await?;
        }
        if event.status != "published" {
            for (number, gate) in gates.iter().enumerate() {
                phone(&mut tx, gate, number, event.end_at, now).await?;
            }
            sql::demo_scans_insert(tx.conn(), event.id, now).await?;
        }
        if event.status == "live" {
            told(&mut tx, &event, now).await?;
        }
        tx.commit().await?;
    }
    let mut db = app.pool.acquire().await?;
    tally::count(&mut db).await?;
    Ok(())
}

/// When its gates were planned: three days before it begins, or yesterday, and not before it was published.
fn planned(event: &DemoEvent, now: Timestamp) -> Timestamp {
    let before = (event.start_at.0 - Duration::days(3)).min(now.0 - Duration::DAY);
    Timestamp(event.published_at.map_or(before, |published| before.max(published.0 + Duration::HOUR)))
}

/// Whoever has a ticket for several days goes home at night.
async fn reentry(tx: &mut Tx, event: EventId) -> Result<()> {
    let before = sql::settings_find(tx.conn(), event).await?;
    sql::settings_set(tx.conn(), &GateSettings { reentry: true, ..before.clone() }).await?;
    let after = sql::settings_find(tx.conn(), event).await?;
    tx.audit("event.gate_settings_changed", &before, &after);
    Ok(())
}

async fn gates(tx: &mut Tx, event: EventId) -> Result<Vec<Gate>> {
    let mut made = Vec::new();
    for (name, adds_guests) in [("Main gate", false), ("East gate", true)] {
        let now = tx.now;
        let gate = Gate {
            id: GateId::new(),
            event_id: event,
            name: name.to_owned(),
            direction: GateWay::Both,
            ticket_types: Vec::new(),
            opens_at: None,
            closes_at: None,
            adds_guests,
            devices: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        sql::gate_insert(tx.conn(), &gate).await?;
        tx.audit_created("gate.created", &gate);
        made.push(gate);
    }
    Ok(made)
}

/// A phone of the demo: nobody has its token.
async fn phone(tx: &mut Tx, gate: &Gate, number: usize, end_at: Timestamp, now: Timestamp) -> Result<()> {
    let hash = device_token_hash(&base64url(&random_bytes::<32>()));
    let device = NewDevice {
        id: GateDeviceId::new(),
        event: gate.event_id.0,
        gate: gate.id.0,
        name: None,
        supervisor: number == 0,
        token_hash: &hash,
        was: None,
        app_version: Some("1.0.0"),
        paired_by: None,
        expires_at: Timestamp(end_at.0.max(now.0) + Duration::days(14)),
    };
    sql::device_insert(tx.conn(), &device, now).await?;
    let battery = Some(if number == 0 { 82 } else { 47 });
    let health = eventify_gate::Health { battery, storage_kept: Some(true), ..eventify_gate::Health::default() };
    sql::device_heard(tx.conn(), device.id, &health, Some(0), now).await
}

/// What was told while it goes on, each at its time.
async fn told(tx: &mut Tx, event: &DemoEvent, now: Timestamp) -> Result<()> {
    let ago = |minutes| Timestamp(event.start_at.0.max(now.0 - Duration::minutes(minutes)));
    let author = Author { staff: tx.actor(), ..Author::default() };
    for (kind, body, audience, at) in [
        (UpdateKind::Info, "Doors are open. Both gates are running.", UpdateAudience::Staff, event.start_at),
        (UpdateKind::Schedule, "The next act starts ten minutes late.", UpdateAudience::Guests, ago(140)),
        (UpdateKind::Warning, "The steps at the east gate are wet. Please take care.", UpdateAudience::Guests, ago(25)),
    ] {
        let update = NewUpdate { event_id: None, kind, body: body.to_owned(), audience, pinned: false };
        sql::update_insert(tx.conn(), LiveUpdateId::new(), EventId(event.id), &update, &author, at).await?;
    }
    Ok(())
}
