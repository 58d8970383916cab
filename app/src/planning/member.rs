//! Somebody of the crew: what they can do and cost, when they cannot work, their documents, and changing it.

use crate::ui::{Shell, dom};
use eventify::Error;
use eventify::events::day_in_words;
use eventify::kernel::error::{invalid_input, not_found};
use eventify::kernel::money::{Amount, Currency};
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::{StaffingManage, StaffingRead};
use eventify::kernel::text::{Email, PersonName, Phone};
use eventify::kernel::timestamp::Timestamp;
use eventify::partners::LinkQuery;
use eventify::planning::CrewLink;
use eventify::planning::operations::{
    crew_absence_add, crew_absence_list, crew_absence_remove, crew_add, crew_document_link, crew_document_list,
    crew_document_remove, crew_get, crew_remove, crew_update,
};
use eventify::planning::operations::{crew_link_get, crew_link_renew};
use eventify::planning::{
    CrewAbsence, CrewArea, CrewDocument, CrewDocumentKind, CrewId, CrewMember, CrewMemberUpdate, CrewSkill,
    NewCrewAbsence, NewCrewMember, PlanNote,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::papers::{self, Paper};
use super::pieces::call;
use crate::events::{afterwards, guarded};
use crate::ui::{
    Column, Confirm, Facts, Field, Icon, ListQuery, Loading, Nothing, PageHead, Table, Toasts, Tone, Upload, at, badge,
    card, id_of_path, loaded, menu, menu_act, moment, own_zone, rule, submit, use_go,
};

#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Record {
    member: CrewMember,
    absences: Vec<CrewAbsence>,
    documents: Vec<CrewDocument>,
}

async fn fetch(id: Option<CrewId>) -> Result<Record, Error> {
    let id = id.ok_or_else(not_found)?;
    let (member, absences, documents) = futures::try_join!(
        crew_get(id),
        every(|page| crew_absence_list(id, page)),
        every(|page| crew_document_list(id, page)),
    )?;
    Ok(Record { member, absences, documents })
}

/// The page.
pub fn member() -> AnyView {
    let id = id_of_path::<CrewId>();
    let data: Loading<Record> = Loading::new(move || id.get(), fetch);
    loaded(data, move |record, me| guarded(&me, StaffingRead, || page(data, record, me.may(StaffingManage))))
}

fn page(data: Loading<Record>, record: Record, manages: bool) -> AnyView {
    let Record { member, absences, documents } = record;
    let facts = Facts::new()
        .add("Skills", if member.skills.is_empty() { "None yet".to_owned() } else { member.skills.join(", ") })
        .add("Rate per hour", member.rate.display())
        .maybe(
            "Email",
            member.email.clone().map(|email| view! { <a href=format!("mailto:{email}")>{email.clone()}</a> }),
        )
        .maybe("Phone", member.phone.clone().map(call))
        .maybe("Area", member.area.clone())
        .maybe("Note", member.note.clone().map(|note| view! { <span dir="auto" class="prose">{note}</span> }));
    let actions = manages.then(|| {
        let more = vec![
            menu_act("crew-link", "Replace link…", Icon::REFRESH, false),
            menu_act("crew-gone", "Remove crew member…", Icon::TRASH, true),
        ];
        view! {
            {copy_link(&member, "btn")}
            {edit(data, &member)}
            {menu(format!("More for {}", member.full_name), more)}
            {replace_link(data, &member)}
            {remove(&member)}
        }
    });
    let mut table = Table::new("Not available", ListQuery::default())
        .counts("absence", "absences")
        .column(Column::head("From", |one: &CrewAbsence| at(one.starts_at)))
        .column(Column::new("Until", |one: &CrewAbsence| at(one.ends_at)))
        .column(Column::new("Note", |one: &CrewAbsence| one.note.clone().into_any()))
        .empty("Always available", "Times when they cannot work appear here, and clash with shifts.", None);
    if manages {
        table = table.column(Column::actions(move |one: &CrewAbsence| back(data, one)));
    }
    let away = manages.then(|| away(data, member.id));
    let absences = match absences.is_empty() {
        true => {
            let none = "Always available. Times when they cannot work appear here, and clash with shifts.";
            card("absences", "Absences", away, view! { <p class="muted">{none}</p> })
        }
        false => view! { <div class="row spread"><h2>"Absences"</h2>{away}</div>{table.all(absences)} }.into_any(),
    };
    let crumbs = vec![("Crew".to_owned(), "/crew".to_owned())];
    view! {
        <div class="page">
            <PageHead title=member.full_name.clone() crumbs=crumbs actions=actions.into_any()/>
            {card("crew-facts", "About", None, facts.view())}
            {absences}
            {papers(data, &member, &documents, manages)}
        </div>
    }
    .into_any()
}

/// What they have handed in; who manages staffing hands in more.
fn papers(data: Loading<Record>, member: &CrewMember, documents: &[CrewDocument], manages: bool) -> AnyView {
    let rows = documents.iter().map(|document| paper(data, document, manages)).collect();
    let toasts = Toasts::get();
    let upload = manages.then(|| {
        let kinds: Vec<_> =
            CrewDocumentKind::ALL.iter().map(|kind| (kind.word().to_owned(), kind.title().to_owned())).collect();
        let done = move || {
            toasts.done("Document uploaded");
            data.refetch();
        };
        view! {
            <Upload
                action=format!("/api/v1/staff/{}/documents", member.id)
                accept=papers::ACCEPT
                hint=papers::HINT
                choice=("type", "What it is", kinds)
                day=("expires_on", "Valid until", "Leave empty if it does not expire")
                done=done
            />
        }
        .into_any()
    });
    papers::card(&member.full_name, rows, upload)
}

fn paper(data: Loading<Record>, document: &CrewDocument, manages: bool) -> AnyView {
    let id = document.id;
    let link = move || async move { Ok(crew_document_link(id, LinkQuery { inline: true }).await?.url) };
    let gone = manages
        .then(|| submit(move |_: Nothing| crew_document_remove(id), afterwards::<_, ()>(data, "Document removed")));
    let until = document.expires_on.as_deref().map(|day| format!(" · valid until {}", day_in_words(day)));
    let trouble = document.trouble().map(|word| {
        let tone = if document.is_expired { Tone::Danger } else { Tone::Warning };
        view! { " "{badge(tone, word)} }
    });
    let paper = Paper {
        id: id.to_string(),
        title: document.kind.title(),
        file_name: &document.file_name,
        media_type: &document.media_type,
        size_bytes: document.size_bytes,
        uploaded_at: document.uploaded_at,
        more: Some(view! { <small class="muted">{until}</small>{trouble} }.into_any()),
    };
    papers::row(paper, link, gone)
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

/// When somebody cannot, as the reader's clocks show it.
#[derive(Clone, Debug, serde::Deserialize)]
struct Absence {
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    #[serde(default)]
    note: Option<PlanNote>,
}
impl eventify::kernel::error::Validate for Absence {}

fn away(data: Loading<Record>, id: CrewId) -> AnyView {
    let zone = own_zone();
    let (clocks, label) = (zone.clone(), zone.label(crate::ui::now()));
    let send = move |typed: Absence| {
        let clocks = clocks.clone();
        async move {
            let missing = |field: &str| invalid_input().field(field, "is required");
            let starts_at = moment(typed.starts_at, &clocks, "starts_at")?.ok_or_else(|| missing("starts_at"))?;
            let ends_at = moment(typed.ends_at, &clocks, "ends_at")?.ok_or_else(|| missing("ends_at"))?;
            crew_absence_add(id, NewCrewAbsence { starts_at, ends_at, note: typed.note }).await
        }
    };
    let run = submit(send, afterwards::<_, CrewAbsence>(data, "Absence added"));
    view! {
        <Confirm id="crew-away" label="Add absence" icon=Icon::PLUS title="When can they not work?" confirm="Add absence" run=run danger=false class="btn">
            <Field name="starts_at" label=format!("From, {label}") kind="datetime-local" required=true/>
            <Field name="ends_at" label=format!("Until, {label}") kind="datetime-local" required=true/>
            <Field name="note" label="Note" check={rule::<PlanNote>}/>
        </Confirm>
    }
    .into_any()
}

fn back(data: Loading<Record>, one: &CrewAbsence) -> AnyView {
    let id = one.id;
    let run = submit(move |_: Nothing| crew_absence_remove(id), afterwards::<_, ()>(data, "Absence removed"));
    view! {
        <Confirm id=format!("absence-{id}") label="Remove" icon=Icon::TRASH title="Remove this absence?" confirm="Remove absence" keep="Keep absence" run=run in_row="Remove this absence">
            <p>"They can be given shifts at that time again."</p>
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
