//! What can be done to somebody of the crew: adding and changing them, and the link to their own shifts.

use eventify::Error;
use eventify::kernel::error::invalid_input;
use eventify::kernel::money::{Amount, Currency};
use eventify::kernel::text::{Email, PersonName, Phone};
use eventify::planning::operations::{crew_add, crew_link_get, crew_link_renew, crew_remove, crew_update};
use eventify::planning::{CrewArea, CrewLink, CrewMember, CrewMemberUpdate, CrewSkill, NewCrewMember, PlanNote};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::data::Record;
use crate::events::afterwards;
use crate::ui::{
    Confirm, Field, Icon, Loading, Nothing, Shell, Toasts, Tone, dom, menu, menu_act, rule, submit, use_go,
};

/// The buttons of their page.
pub fn of(data: Loading<Record>, member: &CrewMember) -> AnyView {
    let more = vec![
        menu_act("crew-link", "Replace link…", Icon::REFRESH, false),
        menu_act("crew-gone", "Remove crew member…", Icon::TRASH, true),
    ];
    view! {
        {copy_link(member, "btn")}
        {edit(data, member)}
        {menu(format!("More for {}", member.full_name), more)}
        {replace_link(data, member)}
        {remove(member)}
    }
    .into_any()
}

/// Somebody of the crew, as people type them.
#[derive(Clone, Debug, serde::Deserialize)]
struct Fields {
    full_name: PersonName,
    /// Between commas.
    #[serde(default)]
    skills: String,
    #[serde(default)]
    rate: Option<Amount>,
    #[serde(default)]
    email: Option<Email>,
    #[serde(default)]
    phone: Option<Phone>,
    #[serde(default)]
    area: Option<CrewArea>,
    #[serde(default)]
    note: Option<PlanNote>,
    #[serde(default)]
    version: i64,
}
impl eventify::kernel::error::Validate for Fields {}

impl Fields {
    /// What was typed, as somebody new.
    fn member(self, currency: Currency) -> Result<NewCrewMember, Error> {
        Ok(NewCrewMember {
            full_name: self.full_name,
            skills: skills(&self.skills)?,
            rate_minor: minor(self.rate, &currency)?,
            currency: Some(currency),
            email: self.email,
            phone: self.phone,
            area: self.area,
            note: self.note,
        })
    }
}

fn skills(text: &str) -> Result<Vec<CrewSkill>, Error> {
    let all = text.split(',').map(str::trim).filter(|skill| !skill.is_empty());
    let all = all.map(|skill| CrewSkill::parse(skill).map_err(|message| invalid_input().field("skills", message)));
    all.collect()
}

fn minor(rate: Option<Amount>, currency: &Currency) -> Result<i64, Error> {
    let rate = rate.map(|rate| rate.exactly_in(currency)).transpose();
    let rate = rate.map_err(|message| invalid_input().field("rate", message))?;
    Ok(rate.map_or(0, |rate| rate.minor))
}

fn fields(currency: &Currency, member: Option<&CrewMember>) -> AnyView {
    let of = |value: Option<String>| value.unwrap_or_default();
    let rate = format!("Rate per hour, {}", currency.as_str());
    view! {
        <Field name="full_name" label="Name" check={rule::<PersonName>} required=true value=of(member.map(|one| one.full_name.clone()))/>
        <Field name="skills" label="Skills" hint="Between commas, such as Rigging, Lights" value=of(member.map(|one| one.skills.join(", ")))/>
        <Field name="rate" label=rate check={rule::<Amount>} value=of(member.map(|one| one.rate.decimal()))/>
        <Field name="email" label="Email" kind="email" check={rule::<Email>} value=of(member.and_then(|one| one.email.clone()))/>
        <Field name="phone" label="Phone" kind="tel" check={rule::<Phone>} value=of(member.and_then(|one| one.phone.clone()))/>
        <Field name="area" label="Area" check={rule::<CrewArea>} hint="Where they set out from" value=of(member.and_then(|one| one.area.clone()))/>
        <Field name="note" label="Note" check={rule::<PlanNote>} value=of(member.and_then(|one| one.note.clone()))/>
    }
    .into_any()
}

/// Adds somebody to the crew.
pub fn add<D>(data: Loading<D>, currency: Currency) -> AnyView
where
    D: 'static,
{
    let shown = currency.clone();
    let send = move |typed: Fields| {
        let input = typed.member(currency.clone());
        async move { crew_add(input?).await }
    };
    let run = submit(send, afterwards::<_, CrewMember>(data, "Crew member added"));
    view! {
        <Confirm id="crew-new" label="Add crew member" icon=Icon::PLUS title="Add crew member" confirm="Add crew member" run=run danger=false class="btn primary">
            {fields(&shown, None)}
        </Confirm>
    }
    .into_any()
}

fn edit(data: Loading<Record>, member: &CrewMember) -> AnyView {
    let (id, currency, shown) = (member.id, member.rate.currency.clone(), member.clone());
    let send = move |typed: Fields| {
        let (version, input) = (typed.version, typed.member(currency.clone()));
        async move {
            let NewCrewMember { full_name, skills, rate_minor, currency, email, phone, area, note } = input?;
            let input = CrewMemberUpdate { full_name, skills, rate_minor, currency, email, phone, area, note, version };
            crew_update(id, input).await
        }
    };
    let run = submit(send, afterwards::<_, CrewMember>(data, "Changes saved"));
    let extra = json!({ "version": member.version });
    view! {
        <Confirm id="crew-edit" label="Edit" icon=Icon::EDIT title=format!("Edit {}", member.full_name) confirm="Save changes" run=run extra=extra danger=false class="btn primary">
            {fields(&shown.rate.currency, Some(&shown))}
        </Confirm>
    }
    .into_any()
}

fn remove(member: &CrewMember) -> AnyView {
    let (id, go) = (member.id, use_go());
    let run = submit(move |_: Nothing| crew_remove(id), move |()| go("/crew"));
    view! {
        <Confirm id="crew-gone" label="Remove crew member" icon=Icon::TRASH title=format!("Remove {}?", member.full_name) confirm="Remove crew member" keep="Keep crew member" run=run in_menu=true>
            <p>"Their past shifts stay in the time sheets. Crew with a shift still to come can't be removed."</p>
        </Confirm>
    }
    .into_any()
}

/// Copies the link of somebody to their own shifts: whoever has it sees them and answers offers, without signing in.
pub fn copy_link(one: &CrewMember, class: &'static str) -> AnyView {
    let (id, name) = (one.id, one.full_name.clone());
    let (shell, toasts) = (Shell::get(), Toasts::get());
    let label = format!("Copy shift link of {name}");
    let copy = move |_| {
        let name = name.clone();
        spawn_local(async move {
            match crew_link_get(id).await {
                Ok(CrewLink { url, .. }) => dom::copy(&url.clone(), move |copied| match copied {
                    true => toasts.done(format!("Link to {name}’s shifts copied. Send it to them")),
                    false => toasts.push(Tone::Warning, "Not copied".to_owned(), format!("Copy it by hand: {url}")),
                }),
                Err(error) => toasts.failed("Couldn't copy the link", &error),
            }
        });
    };
    view! {
        <button class=class type="button" aria-label=label.clone() title=label disabled=move || !shell.alive.get() on:click=copy>{Icon::COPY.svg()}"Copy shift link"</button>
    }
    .into_any()
}

/// Makes the link anew, where the one before got into other hands; a menu opens it.
pub fn replace_link<D>(data: Loading<D>, one: &CrewMember) -> AnyView
where
    D: 'static,
{
    let (id, name) = (one.id, one.full_name.clone());
    let run = submit(move |_: Nothing| crew_link_renew(id), afterwards::<_, CrewLink>(data, "Link replaced"));
    view! {
        <Confirm id="crew-link" label="Replace link" icon=Icon::REFRESH title=format!("Replace the link of {name}?") confirm="Replace link" keep="Keep link" run=run in_menu=true>
            <p>"The link they have stops working at once, and so does its calendar. Send them the new one."</p>
        </Confirm>
    }
    .into_any()
}
