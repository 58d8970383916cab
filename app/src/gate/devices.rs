//! The phones at the gates: how each is, pairing a new one, moving one, and revoking one that is lost.

use eventify::access::GateDeviceId;
use eventify::events::EventId;
use eventify::gate::operations::{gate_device_list, gate_device_revoke, gate_device_update, gate_pairing_create};
use eventify::gate::{DeviceHealth, Gate, GateDevice, GateDevicePatch, NewPairing, Pairing, RevokeDevice};
use eventify::kernel::page::every;
use eventify::kernel::text::Reason;
use eventify::zones::Zone;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::data::Data;
use crate::events::{Head, afterwards};
use crate::ui::{
    Area, Column, Confirm, Flag, Icon, ListQuery, Loading, Pick, Table, Toasts, Tone, ago, badge, card_flush, dom,
    live, now, rule, submit,
};

/// Below so many percent a phone needs a charger.
pub const LOW: i32 = 15;
/// How a phone is: its worst trouble first.
pub fn health(device: &GateDevice) -> (Tone, String) {
    match (device.health, device.battery) {
        (DeviceHealth::Revoked, _) => (Tone::Neutral, "Revoked".to_owned()),
        (DeviceHealth::Expired, _) => (Tone::Danger, "Pair again".to_owned()),
        // As on the phone itself: it goes on without a network, so it is no failure.
        (DeviceHealth::Silent, _) => (Tone::Warning, "Offline".to_owned()),
        _ if device.refused > 0 => (Tone::Warning, format!("{} scans rejected", device.refused)),
        (_, Some(percent)) if percent < LOW => (Tone::Warning, format!("Battery {percent}%")),
        // Only what waits there could be lost.
        (DeviceHealth::Waiting, _) if device.storage_kept == Some(false) => {
            (Tone::Warning, format!("Sending {}, storage not kept", device.queued))
        }
        (DeviceHealth::Waiting, _) => (Tone::Info, format!("Sending {}", device.queued)),
        (DeviceHealth::Well, _) => (Tone::Success, "Online".to_owned()),
    }
}

/// The card of phones.
pub fn card(data: Loading<Data>, of: &Head, gates: &[Gate], devices: Vec<GateDevice>, manages: bool) -> AnyView {
    let clocks = of.zone.clone();
    let mut table = Table::new("List of phones", ListQuery::default())
        .counts("phone", "phones")
        .column(Column::head("Phone", |device: &GateDevice| {
            let mark = device.supervisor.then(|| view! { " "{badge(Tone::Neutral, "Supervisor")} });
            // A build without a version has a hash, which says nothing here.
            let version = device.app_version.clone().filter(|version| version.contains('.'));
            let version = version.map(|version| format!("Version {version}"));
            view! { {device.name.clone()}{mark}<small>{version}</small> }.into_any()
        }))
        .column(Column::new("Gate", |device: &GateDevice| device.gate.clone().into_any()))
        .column(Column::new("Health", |device: &GateDevice| {
            let (tone, text) = health(device);
            badge(tone, text)
        }))
        .column(
            Column::new("Battery", |device: &GateDevice| {
                device.battery.map_or("Unknown".to_owned(), |percent| format!("{percent}%")).into_any()
            })
            .number(),
        )
        .column(Column::new("Scans waiting", |device: &GateDevice| device.queued.into_any()).number())
        .column(Column::new("Last seen", move |device: &GateDevice| {
            let seen = device.last_seen_at;
            view! { <time datetime=seen.rfc3339() title=clocks.display(seen)>{ago(seen, now())}</time> }.into_any()
        }))
        .empty("No phones yet", "Show a pairing code and scan it with the phone at the gate.", None);
    if manages {
        let choices = choices(gates);
        table = table.column(Column::actions(move |device: &GateDevice| actions(data, device, &choices)));
    }
    let pair = (manages && !gates.is_empty()).then(|| pairing(of, gates, &devices));
    card_flush("gate-phones", "Phones", pair, table.all(devices))
}

fn choices(gates: &[Gate]) -> Vec<(String, String)> {
    gates.iter().map(|gate| (gate.id.to_string(), gate.name.clone())).collect()
}

fn actions(data: Loading<Data>, device: &GateDevice, gates: &[(String, String)]) -> AnyView {
    if device.revoked_at.is_some() {
        return ().into_any();
    }
    let (id, name) = (device.id, device.name.clone());
    let others: Vec<_> = gates.iter().filter(|(gate, _)| *gate != device.gate_id.to_string()).cloned().collect();
    let moves = (!others.is_empty()).then(|| {
        let run = submit(
            move |input: GateDevicePatch| gate_device_update(id, input),
            afterwards::<_, GateDevice>(data, "Phone moved"),
        );
        view! {
            <Confirm id=format!("phone-move-{id}") label="Move" icon=Icon::SWAP title=format!("Move {name} to another gate") confirm="Move phone" run=run danger=false in_row=format!("Move {name}")>
                <p>"The phone shows its new gate at its next contact, within seconds when it is online."</p>
                <Pick name="gate_id" label="Gate" options=others required=true/>
            </Confirm>
        }
    });
    let waiting = match device.queued {
        0 => None,
        n => Some(
            view! { <p>{format!("{n} scans wait on it. What it still sends is kept, marked as from a revoked phone.")}</p> },
        ),
    };
    let run = submit(
        move |input: RevokeDevice| gate_device_revoke(id, input),
        afterwards::<_, GateDevice>(data, "Phone revoked"),
    );
    view! {
        <div class="row">
            {moves}
            <Confirm id=format!("phone-revoke-{id}") label="Revoke" icon=Icon::TRASH title=format!("Revoke {name}?") confirm="Revoke phone" keep="Keep phone" run=run in_row=format!("Revoke {name}")>
                <p>"It stops scanning at its next contact, and its ticket list and token are erased there."</p>
                {waiting}
                <Area name="reason" label="Reason" check={rule::<Reason>}/>
            </Confirm>
        </div>
    }
    .into_any()
}

/// Chooses a gate, then shows the code that the phone scans, until one has.
fn pairing(of: &Head, gates: &[Gate], devices: &[GateDevice]) -> AnyView {
    let shown = RwSignal::new(None::<Pairing>);
    await_phone(of.event.id, shown, devices.iter().map(|device| device.id).collect());
    let (event, zone, options) = (of.event.id, of.zone.clone(), choices(gates));
    let first = options.first().map(|(id, _)| id.clone()).unwrap_or_default();
    let run = submit(
        move |input: NewPairing| gate_pairing_create(event, input),
        move |pairing: Pairing| {
            shown.set(Some(pairing));
            dom::dialog(SHOWN, true);
        },
    );
    let code = move || shown.get().map(|pairing| code(&pairing, &zone));
    view! {
        <Confirm id="pair" label="Pair a phone" icon=Icon::QR title="Pair a phone" confirm="Show pairing code" run=run danger=false class="btn small">
            <Pick name="gate_id" label="Gate" options=options value=first required=true/>
            <Flag name="supervisor" label="Supervisor's phone" hint="It can admit anyway and undo admissions without a PIN"/>
        </Confirm>
        <dialog class="dialog" id=SHOWN aria-labelledby="pair-code-title">
            <div class="dialog-head">
                <h2 id="pair-code-title">"Scan this with the phone"</h2>
                <button class="btn square quiet" type="button" aria-label="Close" on:click=move |_| { dom::dialog(SHOWN, false); shown.set(None); }>{Icon::X.svg()}</button>
            </div>
            <div class="dialog-body">{code}</div>
        </dialog>
    }
    .into_any()
}

const SHOWN: &str = "pair-code";

/// Once a phone that was not there before stands at the gate, the code has been used: the dialog makes way.
fn await_phone(event: EventId, shown: RwSignal<Option<Pairing>>, known: Vec<GateDeviceId>) {
    let toasts = Toasts::get();
    live::watch(&["live.device_changed"], move |heard| {
        if shown.with_untracked(Option::is_none) || heard.aggregate_id != event.to_string() {
            return;
        }
        let known = known.clone();
        spawn_local(async move {
            let Ok(devices) = every(|page| gate_device_list(event, page)).await else { return };
            let Some(Some(pairing)) = shown.try_get_untracked() else { return };
            let new = |device: &&GateDevice| device.gate_id == pairing.gate_id && !known.contains(&device.id);
            if let Some(device) = devices.iter().find(new) {
                dom::dialog(SHOWN, false);
                shown.set(None);
                toasts.done(format!("{} is paired with {}", device.name, device.gate));
            }
        });
    });
}

fn code(pairing: &Pairing, zone: &Zone) -> AnyView {
    let address = pairing.link.split_once("/#").map_or("/live", |(address, _)| address).to_owned();
    view! {
        <div class="pairing">
            <figure class="qr" role="img" aria-label="Pairing QR code" inner_html=pairing.svg.clone()></figure>
            <p>"For "<strong>{pairing.gate.clone()}</strong>{pairing.supervisor.then_some(", as a supervisor’s phone")}</p>
            <p>"No camera? Open "<strong>{address}</strong>" on the phone and type"</p>
            <code>{pairing.code.clone()}</code>
            <p class="muted">"Works once, until "{zone.clock(pairing.expires_at)}"."</p>
        </div>
    }
    .into_any()
}
