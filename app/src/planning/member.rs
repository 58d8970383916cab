//! Somebody of the crew: what they can do and cost, when they cannot work, their documents, and changing it.

use crate::ui::{Shell, dom};
use eventify::Error;
use eventify::kernel::error::{invalid_input, not_found};
use eventify::kernel::money::{Amount, Currency, Money};
use eventify::kernel::page::every;
use eventify::kernel::permissions::Permission::{StaffingManage, StaffingRead};
use eventify::kernel::text::{Email, PersonName, Phone, counted};
use eventify::kernel::timestamp::Timestamp;
use eventify::partners::LinkQuery;
use eventify::planning::CrewLink;
use eventify::planning::operations::{
    crew_absence_add, crew_absence_list, crew_absence_remove, crew_add, crew_document_link, crew_document_list,
    crew_document_remove, crew_get, crew_remove, crew_shift_list, crew_update,
};
use eventify::planning::operations::{crew_link_get, crew_link_renew};
use eventify::planning::{
    AssignmentStatus, CrewAbsence, CrewArea, CrewDocument, CrewDocumentKind, CrewId, CrewMember, CrewMemberUpdate,
    CrewSkill, NewCrewAbsence, NewCrewMember, OwnShift, PlanNote,
};
use eventify::zones::{Zone, day_in_words};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use super::papers::{self, Paper};
use super::pieces::call;
use super::status;
use crate::events::{afterwards, clock, guarded};
use crate::ui::{
    Column, Confirm, Facts, Field, Icon, ListQuery, Loading, Nothing, PageHead, Table, Toasts, Tone, Upload, at, badge,
    card, card_flush, folded, id_of_path, loaded, menu, menu_act, moment, now, own_zone, rule, submit, use_go,
};

#[operation::record]
#[derive(Clone, Debug, serde::Serialize)]
struct Record {
    member: CrewMember,
    /// Their shifts and offers, each with the clocks of its place.
    shifts: Vec<(OwnShift, Zone)>,
    absences: Vec<CrewAbsence>,
    documents: Vec<CrewDocument>,
}

async fn fetch(id: Option<CrewId>) -> Result<Record, Error> {
    let id = id.ok_or_else(not_found)?;
    let shifts = async {
        let mut shifts = Vec::new();
        for shift in every(|page| crew_shift_list(id, page)).await? {
            let zone = clock::named(&shift.timezone).await?;
            shifts.push((shift, zone));
        }
        Ok(shifts)
    };
    let (member, shifts, absences, documents) = futures::try_join!(
        crew_get(id),
        shifts,
        every(|page| crew_absence_list(id, page)),
        every(|page| crew_document_list(id, page)),
    )?;
    Ok(Record { member, shifts, absences, documents })
}

/// The page.
pub fn member() -> AnyView {
    let id = id_of_path::<CrewId>();
    let data: Loading<Record> = Loading::new(move || id.get(), fetch);
    loaded(data, move |record, me| guarded(&me, StaffingRead, || page(data, record, me.may(StaffingManage))))
}

/// Where they are now, or when they work next.
fn whereabouts(shifts: &[(OwnShift, Zone)], absences: &[CrewAbsence], now: Timestamp) -> String {
    let mut agreed = shifts.iter().filter(|(shift, _)| works(shift) && shift.status != AssignmentStatus::Offered);
    if let Some((shift, zone)) = agreed.clone().find(|(shift, _)| shift.starts_at <= now && now < shift.ends_at) {
        return format!("Working now: {} until {}", shift.event, zone.clock(shift.ends_at));
    }
    if let Some(away) = absences.iter().find(|one| one.starts_at <= now && now < one.ends_at) {
        return format!("Away until {}", own_zone().brief(away.ends_at));
    }
    match agreed.find(|(shift, _)| shift.starts_at > now) {
        Some((shift, zone)) => format!("Free now · next shift {}", zone.brief(shift.starts_at)),
        None => "No shifts to come".to_owned(),
    }
}

fn page(data: Loading<Record>, record: Record, manages: bool) -> AnyView {
    let Record { member, shifts, absences, documents } = record;
    let where_now = whereabouts(&shifts, &absences, now());
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
        .empty("No absences", "Times when they cannot work appear here, and clash with shifts.", None);
    if manages {
        table = table.column(Column::actions(move |one: &CrewAbsence| back(data, one)));
    }
    let away = manages.then(|| away(data, member.id));
    let absences = match absences.is_empty() {
        true => {
            let none = "No absences. Times when they cannot work appear here, and clash with shifts.";
            card("absences", "Absences", away, view! { <p class="muted">{none}</p> })
        }
        false => view! { <div class="row spread"><h2>"Absences"</h2>{away}</div>{table.all(absences)} }.into_any(),
    };
    let crumbs = vec![("Crew".to_owned(), "/crew".to_owned())];
    view! {
        <div class="page">
            <PageHead title=member.full_name.clone() crumbs=crumbs subtitle=where_now actions=actions.into_any()/>
            <div class="detail">
                <div class="stack">
                    {roll(&shifts)}
                    {absences}
                    {papers(data, &member, &documents, manages)}
                </div>
                <aside aria-label="About">{card("crew-facts", "About", None, facts.view())}</aside>
            </div>
        </div>
    }
    .into_any()
}

/// Where they work, now and next; what is over stands below.
fn roll(shifts: &[(OwnShift, Zone)]) -> AnyView {
    let now = now();
    let (past, coming): (Vec<_>, Vec<_>) = shifts.iter().partition(|(shift, _)| shift.ends_at <= now);
    let coming_in_all: Vec<_> = coming.iter().map(|(shift, _)| shift.clone()).filter(works).collect();
    let rows =
        |all: Vec<&(OwnShift, Zone)>| all.into_iter().map(|(shift, zone)| on_roll(shift, zone, now)).collect_view();
    let body = match coming.is_empty() {
        true => view! { <p class="card-body muted">"No shifts to come. Offers and shifts appear here."</p> }.into_any(),
        false => view! { <ol class="next" role="list">{rows(coming)}</ol> }.into_any(),
    };
    let past = (!past.is_empty()).then(|| {
        let title = format!("{} in the last 30 days", counted(past.len(), "shift"));
        folded(title, view! { <ol class="next" role="list">{rows(past)}</ol> }.into_any())
    });
    view! { {card_flush("crew-shifts", "Shifts", sum(&coming_in_all), body)}{past} }.into_any()
}

/// How long they work, and what for: `31 h · ₹9,920`. Offers count, what they declined does not.
fn sum(coming: &[OwnShift]) -> Option<AnyView> {
    let first = coming.first()?;
    let minutes: i64 = coming.iter().map(|shift| shift.minutes).sum();
    let mut said = vec![worked(minutes)];
    // Where rates are in several currencies there is no sum of them.
    if coming.iter().all(|shift| shift.pay.currency == first.pay.currency) {
        let minor = coming.iter().map(|shift| shift.pay.minor).sum();
        said.push(Money { minor, currency: first.pay.currency.clone() }.display());
    }
    Some(view! { <span class="muted">{said.join(" · ")}</span> }.into_any())
}

/// `10 h`, `11 h 20 min`.
fn worked(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Whether they have agreed to it or may still.
fn works(shift: &OwnShift) -> bool {
    shift.status != AssignmentStatus::Declined
}

fn on_roll(shift: &OwnShift, zone: &Zone, now: Timestamp) -> AnyView {
    let when = zone.local(shift.starts_at);
    let weekday: String = when.weekday().to_string().chars().take(3).collect();
    let place = shift.place.clone().map(|place| format!(", {place}")).unwrap_or_default();
    let on = shift.starts_at <= now && now < shift.ends_at;
    let hours = match on {
        true => format!("Now, until {} {}", zone.clock(shift.ends_at), zone.label(shift.ends_at)),
        false => zone.display_span(shift.starts_at, shift.ends_at),
    };
    let (word, tone) = status(shift.status.as_str());
    let href = format!("/events/{}/plan#entry-{}", shift.event_id, shift.id);
    view! {
        <li>
            <time class="date" datetime=shift.starts_at.rfc3339()><span>{weekday}</span>{when.day()}</time>
            <div>
                <a href=href><bdi>{shift.event.clone()}</bdi></a>
                <small>{hours}</small>
                <small><bdi>{shift.role.clone()}{place}</bdi></small>
            </div>
            <div class="next-figs">{badge(tone, word)}<small>{format!("{} · {}", worked(shift.minutes), shift.pay.display())}</small></div>
        </li>
    }
    .into_any()
}

/// What they have handed in; who manages staffing hands in more.
fn papers(data: Loading<Record>, member: &CrewMember, documents: &[CrewDocument], manages: bool) -> AnyView {
    let rows = documents.iter().map(|document| paper(data, document, manages)).collect();
    let toasts = Toasts::get();
    let upload = manages.then(|| {
        let kinds: Vec<_> =
            CrewDocumentKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.title().to_owned())).collect();
        let done = move || {
            toasts.done("Document uploaded");
            data.refetch();
        };
        let upload = view! {
            <Upload
                action=format!("/api/v1/staff/{}/documents", member.id)
                accept=papers::ACCEPT
                hint=papers::HINT
                choice=("type", "Document type", kinds)
                day=("expires_on", "Valid until", "Leave empty if it does not expire")
                done=done
            />
        };
        folded("Upload a document", upload.into_any())
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
