//! Phones at the gates, as those who run the event see them; and supervisors' PINs.

use operation::operation;

use crate::access::GateDeviceId;
use crate::events::EventId;
use crate::gate::{GateDevice, GateDevicePatch, GatePinInput, NewPairing, Pairing, RevokeDevice};
use crate::kernel::error::Result;
use crate::kernel::page::{Page, Paging};

#[cfg(feature = "ssr")]
use {
    crate::access::{Holder, NewToken, auth_token_insert},
    crate::gate::bus::DeviceChanged,
    crate::gate::{pins, reach, sql},
    crate::kernel::{
        clock::{new_uuid, random_bytes},
        context::{Db, Reader, RequestContext, Tx},
        crypto::{Keys, hash_password},
        error::{invalid_input, invalid_transition},
        permissions::Permission::{LiveRead, TicketsManage},
        text::letters,
        timestamp::Timestamp,
    },
    crate::tickets::secrets::drawn,
    time::Duration,
};

/// How long a pairing code is good.
#[cfg(feature = "ssr")]
const PAIRING: Duration = Duration::minutes(10);

/// What a pairing code is kept as: keyed, as it is short enough to be typed.
#[cfg(feature = "ssr")]
pub(super) fn pairing_hash(keys: &Keys, code: &str) -> [u8; 32] {
    keys.derive("gate_pairing", &[code.as_bytes()])
}

/// Create a pairing code for a phone
///
/// The code works once within ten minutes, for one event and gate. Scan it with the phone or enter it.
#[operation(POST "/events/{id}/gate-devices/pairing", staff = TicketsManage, status = 201, scoped, secret_answer)]
pub async fn gate_pairing_create(tx: &mut Tx, id: EventId, input: NewPairing) -> Result<Pairing> {
    reach::run(tx, id, TicketsManage).await?;
    let gate = sql::gate_list(tx.conn(), Some(id), Some(input.gate_id)).await?.pop();
    let gate = gate.ok_or_else(|| invalid_input().field("gate_id", "choose a gate of this event"))?;
    let (code, now, by) = (letters(&random_bytes::<10>()), tx.now, tx.caller.person());
    let expires_at = Timestamp(now.0 + PAIRING);
    let hash = pairing_hash(&tx.app().keys, &code);
    let token = NewToken {
        id: new_uuid(),
        purpose: "device_pairing",
        holder: by.map(Holder::from),
        hash: &hash,
        data: serde_json::json!({ "event": id, "gate": gate.id, "supervisor": input.supervisor }),
        expires_at: expires_at.0,
    };
    auth_token_insert(tx.conn(), &token, now).await?;
    let shown = format!("{}-{}", &code[..5], &code[5..]);
    let link = format!("{}/live/#pair={shown}", tx.app().config.base_url());
    let svg = drawn(&link)?;
    tx.audit("gate.pairing_shown", &gate, &gate).note("supervisor_phone", input.supervisor);
    Ok(Pairing { code: shown, link, svg, gate_id: gate.id, gate: gate.name, supervisor: input.supervisor, expires_at })
}

/// List the phones paired with an event's gates
#[operation(GET "/events/{id}/gate-devices", staff = LiveRead, scoped)]
pub async fn gate_device_list(db: &mut Reader, id: EventId, query: Paging) -> Result<Page<GateDevice>> {
    reach::run(db, id, LiveRead).await?;
    let now = db.now;
    let rows = sql::device_list(db.conn(), Some(id), None, now).await?;
    query.cut(db, "gate_devices", id, rows, |device| device.id.0)
}

#[cfg(feature = "ssr")]
async fn locked(tx: &mut Tx, id: GateDeviceId) -> Result<GateDevice> {
    let now = tx.now;
    let device = sql::device_lock(tx.conn(), id, now).await?;
    reach::run(tx, device.event_id, TicketsManage).await.map_err(reach::hidden)?;
    Ok(device)
}

/// Move a phone to another gate, or rename it
///
/// The phone is updated the next time it connects. Scans from then on are checked for the new gate.
#[operation(PATCH "/gate-devices/{id}", staff = TicketsManage, scoped, errors(invalid_transition))]
pub async fn gate_device_update(tx: &mut Tx, id: GateDeviceId, input: GateDevicePatch) -> Result<GateDevice> {
    let (before, now) = (locked(tx, id).await?, tx.now);
    if before.revoked_at.is_some() {
        return Err(invalid_transition().detail("This phone was revoked: pair it again."));
    }
    let gate = input.gate_id.unwrap_or(before.gate_id);
    if sql::gate_lock_of(tx.conn(), before.event_id, gate).await?.is_none() {
        return Err(invalid_input().field("gate_id", "choose a gate of this event"));
    }
    let name = input.name.map_or_else(|| before.name.clone(), String::from);
    sql::device_update(tx.conn(), id, gate, &name).await?;
    let after = sql::device_find(tx.conn(), id, now).await?;
    tx.audit("gate_device.updated", &before, &after);
    tx.access_changed();
    tx.emit(&DeviceChanged { event_id: before.event_id, device_id: id });
    Ok(after)
}

/// Revoke a phone
///
/// The next time it connects, it can only send its queued scans, which are recorded but have no effect. The app then
/// deletes its guest list and token.
#[operation(POST "/gate-devices/{id}/revoke", staff = TicketsManage, scoped, errors(invalid_transition))]
pub async fn gate_device_revoke(tx: &mut Tx, id: GateDeviceId, input: RevokeDevice) -> Result<GateDevice> {
    let (before, now, by) = (locked(tx, id).await?, tx.now, tx.caller.person());
    if before.revoked_at.is_some() {
        return Err(invalid_transition().detail("This phone is revoked already."));
    }
    sql::device_revoke(tx.conn(), id, by, now).await?;
    let after = sql::device_find(tx.conn(), id, now).await?;
    let entry = tx.audit("gate_device.revoked", &before, &after);
    if let Some(reason) = input.reason {
        entry.reason(reason.as_str());
    }
    tx.access_changed();
    tx.emit(&DeviceChanged { event_id: before.event_id, device_id: id });
    Ok(after)
}

/// Set your gate PIN
///
/// Supervisors enter it on a phone to admit a guest against the rules. `null` removes it.
#[operation(PUT "/auth/gate-pin", staff, rate = Costly)]
pub async fn gate_pin_set(cx: &RequestContext, input: GatePinInput) -> Result<()> {
    let pin = match &input.pin {
        Some(pin) => Some((hash_password(pin.as_str()).await?, pins::tag(&cx.app().keys, pin.as_str()))),
        None => None,
    };
    cx.write(move |tx| {
        Box::pin(async move {
            let user = tx.staff()?.id;
            let kept = pin.as_ref().map(|(hash, tag)| (hash.as_str(), tag.as_slice()));
            sql::pin_set(tx.conn(), user, kept).await?;
            tx.audit_created("staff.gate_pin_set", &PinSet { id: user, gate_pin: pin.is_some() });
            Ok(())
        })
    })
    .await
}

/// That a PIN was set; never which.
#[cfg(feature = "ssr")]
#[derive(serde::Serialize)]
struct PinSet {
    id: crate::access::StaffId,
    gate_pin: bool,
}

#[cfg(feature = "ssr")]
crate::kernel::audit::audited!(PinSet "staff");
