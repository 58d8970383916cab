//! Changing one of the roster, and removing them.

use eventify::kernel::error::invalid_input;
use eventify::kernel::money::Amount;
use eventify::kernel::text::{Email, PersonName, Phone};
use eventify::planning::operations::{talent_remove, talent_update};
use eventify::planning::{PlanNote, Rider, StageTitle, Talent, TalentKind, TalentUpdate};
use leptos::prelude::*;
use serde_json::json;

use crate::events::afterwards;
use crate::ui::{Area, Confirm, Field, Icon, Loading, Nothing, Pick, rule, submit, use_go};

/// Somebody of the roster, as people type them.
#[derive(Clone, Debug, serde::Deserialize)]
struct Fields {
    stage_name: StageTitle,
    kind: TalentKind,
    #[serde(default)]
    fee: Option<Amount>,
    #[serde(default)]
    rider: Option<Rider>,
    #[serde(default)]
    agent: Option<PersonName>,
    #[serde(default)]
    contact_name: Option<PersonName>,
    #[serde(default)]
    contact_email: Option<Email>,
    #[serde(default)]
    contact_phone: Option<Phone>,
    #[serde(default)]
    note: Option<PlanNote>,
    #[serde(default)]
    version: i64,
}
impl eventify::kernel::error::Validate for Fields {}

/// The buttons of whoever manages talent.
pub fn actions<D>(data: Loading<D>, talent: &Talent) -> AnyView
where
    D: 'static,
{
    let (id, currency, shown) = (talent.id, talent.fee.currency.clone(), talent.clone());
    let send = move |typed: Fields| {
        let currency = currency.clone();
        async move {
            let fee = typed.fee.map(|fee| fee.exactly_in(&currency)).transpose();
            let fee = fee.map_err(|message| invalid_input().field("fee", message))?;
            let input = TalentUpdate {
                stage_name: typed.stage_name,
                kind: typed.kind,
                fee_minor: fee.map_or(0, |fee| fee.minor),
                currency: Some(currency),
                rider: typed.rider,
                contact_name: typed.contact_name,
                contact_email: typed.contact_email,
                contact_phone: typed.contact_phone,
                agent: typed.agent,
                note: typed.note,
                version: typed.version,
            };
            talent_update(id, input).await
        }
    };
    let run = submit(send, afterwards::<_, Talent>(data, "Changes saved"));
    let go = use_go();
    let gone = submit(move |_: Nothing| talent_remove(id), move |()| go("/talent"));
    let kinds = TalentKind::ALL.iter().map(|one| (one.as_str().to_owned(), kind(*one).to_owned())).collect();
    let of = |value: &Option<String>| value.clone().unwrap_or_default();
    let fee = format!("Fee, {}", shown.fee.currency.as_str());
    view! {
        <Confirm id="talent-edit" label="Edit" icon=Icon::EDIT title=format!("Edit {}", talent.stage_name) confirm="Save changes" run=run extra=json!({ "version": talent.version }) danger=false class="btn primary">
            <Field name="stage_name" label="Name on stage" check={rule::<StageTitle>} required=true value=shown.stage_name.clone()/>
            <Pick name="kind" label="Kind" options=kinds value=shown.kind.as_str() required=true/>
            <Field name="fee" label=fee check={rule::<Amount>} value=shown.fee.decimal()/>
            <Area name="rider" label="Rider" check={rule::<Rider>} hint="What they need off and on stage" value=of(&shown.rider)/>
            <Field name="agent" label="Agent" check={rule::<PersonName>} value=of(&shown.agent)/>
            <Field name="contact_name" label="Contact" check={rule::<PersonName>} value=of(&shown.contact_name)/>
            <Field name="contact_email" label="Email" kind="email" check={rule::<Email>} value=of(&shown.contact_email)/>
            <Field name="contact_phone" label="Phone" kind="tel" check={rule::<Phone>} value=of(&shown.contact_phone)/>
            <Field name="note" label="Note" check={rule::<PlanNote>} value=of(&shown.note)/>
        </Confirm>
        <Confirm id="talent-gone" label="Remove" icon=Icon::TRASH title=format!("Remove {}?", talent.stage_name) confirm="Remove talent" keep="Keep talent" run=gone>
            <p>"Talent with a slot still to come can't be removed."</p>
        </Confirm>
    }
    .into_any()
}

/// What somebody is in the roster.
pub fn kind(kind: TalentKind) -> &'static str {
    match kind {
        TalentKind::Performer => "Performer",
        TalentKind::Speaker => "Speaker",
        TalentKind::Vip => "VIP",
    }
}
