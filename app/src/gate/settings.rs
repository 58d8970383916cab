//! What an event decides about its gates.

use eventify::gate::operations::gate_settings_update;
use eventify::gate::{GateSettings, GateSettingsPatch};
use leptos::prelude::*;
use serde_json::json;

use super::data::Data;
use crate::events::{Head, afterwards};
use crate::ui::{Confirm, Facts, Flag, Icon, Loading, Pick, Tone, badge, card as kit_card, submit};

/// After how many milliseconds a phone may be told to decide.
const TIMES: [(i32, &str); 6] = [
    (500, "0.5 seconds"),
    (1000, "1 second"),
    (1500, "1.5 seconds"),
    (2000, "2 seconds"),
    (2500, "2.5 seconds"),
    (3000, "3 seconds"),
];

/// The card.
pub fn card(data: Loading<Data>, of: &Head, settings: GateSettings, manages: bool) -> AnyView {
    let yes = |is: bool, yes: &'static str, no: &'static str| if is { yes } else { no };
    // Whoever was in on the first day does not come in on the second.
    let once = !settings.reentry && of.event.end_at.0 - of.event.start_at.0 > time::Duration::DAY;
    let once = once.then(|| badge(Tone::Warning, "Each ticket admits on one day only"));
    let reentry = yes(settings.reentry, "Allowed after an exit scan", "Not allowed");
    let facts = Facts::new()
        .add("Re-entry", view! { {reentry}" "{once} })
        .add("Ticket unknown to an offline phone", yes(settings.offline_unknown, "Admit, review later", "Don't admit"))
        .add("Slow connection", format!("Phones check tickets offline after {}", time(settings.decide_ms)));
    let edit = manages.then(|| edit(data, of, &settings));
    kit_card("gate-settings", "Rules at the gate", edit, facts.view())
}

fn time(ms: i32) -> String {
    TIMES.iter().find(|(known, _)| *known == ms).map_or(format!("{ms} ms"), |(_, text)| (*text).to_owned())
}

/// What the dialog sends: a choice is a word.
#[derive(Clone, Debug, serde::Deserialize)]
struct Fields {
    #[serde(default)]
    reentry: bool,
    #[serde(default)]
    offline_unknown: bool,
    decide_ms: String,
    version: i64,
}
impl eventify::kernel::error::Validate for Fields {}

fn edit(data: Loading<Data>, of: &Head, settings: &GateSettings) -> AnyView {
    let event = of.event.id;
    let call = move |fields: Fields| {
        let patch = GateSettingsPatch {
            reentry: Some(fields.reentry),
            offline_unknown: Some(fields.offline_unknown),
            decide_ms: fields.decide_ms.parse().ok(),
            version: fields.version,
        };
        gate_settings_update(event, patch)
    };
    let run = submit(call, afterwards::<_, GateSettings>(data, "Saved"));
    let times = TIMES.iter().map(|(ms, text)| (ms.to_string(), (*text).to_owned())).collect::<Vec<_>>();
    let (reentry, unknown, ms) = (settings.reentry, settings.offline_unknown, settings.decide_ms.to_string());
    view! {
        <Confirm id="gate-settings-edit" label="Edit" icon=Icon::EDIT title="Rules at the gate" confirm="Save" run=run extra=json!({ "version": settings.version }) danger=false class="btn small">
            <Flag name="reentry" label="Re-entry" hint="Guests who were scanned out can come back in with the same ticket" value=reentry/>
            <Flag name="offline_unknown" label="Admit valid tickets missing on an offline phone" hint="Such as one sold a minute ago. Reviewed once the phone is back online" value=unknown/>
            <Pick name="decide_ms" label="On a slow connection, check tickets offline after" options=times.clone() value=ms.clone() required=true/>
        </Confirm>
    }
    .into_any()
}
