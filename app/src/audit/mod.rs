//! The audit log: who did what, provably.

use eventify::audit::operations::{audit_chain, audit_get, audit_list};
use eventify::audit::{AuditChange, AuditDetail, AuditFilter, AuditRow, Chain, words};
use eventify::kernel::error::not_found;
use eventify::kernel::money::Money;
use eventify::kernel::page::Page;
use eventify::kernel::text::{counted, grouped};
use eventify::kernel::timestamp::Timestamp;
use eventify::zones::{Zone, day_in_words};
use eventify::{Error, WORDS};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::Value;
use uuid::Uuid;

use crate::ui::{
    Clock, Column, Entry, Facts, Icon, ListQuery, Loading, PageHead, Table, Tone, at, badge, card, diff_table, here,
    hour, live, loaded, note, own_zone, parameters, plain, timeline, zone_of,
};

mod verify;

pub use verify::verify;

crate::ui::bundles! {
    audit: log, entry;
    proof: verify;
}

type Data = (Page<AuditRow>, Chain);

/// The log, newest first.
pub fn log() -> AnyView {
    let (query, clock) = (ListQuery::current(), Clock::get());
    let data = Loading::new(move || query.get(), move |q| fetch(q, clock));
    loaded(data, move |record, _| list(query.get_untracked(), data, record))
}

fn filter(q: &ListQuery, zone: &Zone) -> AuditFilter {
    AuditFilter {
        actor_id: q.parsed("actor_id"),
        action: q.parsed("action"),
        object_type: q.parsed("object_type"),
        object_id: q.parsed("object_id"),
        from: q.day("from", 0, zone),
        to: q.day("to", 1, zone),
        q: q.parsed("q"),
        cursor: q.text("cursor"),
        limit: q.parsed("limit"),
    }
}

async fn fetch(q: ListQuery, clock: Option<Clock>) -> Result<Data, Error> {
    let zone = zone_of(clock).await;
    Ok((audit_list(filter(&q, &zone)).await?, audit_chain().await?))
}

/// A line that says how many entries came meanwhile, of those this list is about.
fn news(query: &ListQuery, data: Loading<Data>, page: &Page<AuditRow>) -> Option<AnyView> {
    // What a search or a day finds is not known here, and new entries are on the first page.
    let here = !query.any(&["q", "from", "to", "cursor"]);
    let shown = page.items.iter().map(|row| row.id.to_string()).collect();
    let fields = ["action", "object_type", "object_id", "actor_id"];
    let wanted: Vec<_> = fields.into_iter().filter_map(|name| Some((name, query.text(name)?))).collect();
    let new = move |heard: &live::Heard| {
        let its = wanted.iter().all(|(name, wanted)| live::field(heard, name).contains(wanted));
        its.then(|| heard.aggregate_id.clone()).into_iter().collect()
    };
    here.then(|| live::newcomers(&["admin.action.logged"], ("entry", "entries"), shown, new, move || data.refetch()))
}

fn list(query: ListQuery, data: Loading<Data>, (page, chain): Data) -> AnyView {
    let wanted = filter(&query, &own_zone());
    let news = news(&query, data, &page);
    let clock = own_zone();
    let table = Table::new("Audit log", query)
        .csv("/admin/audit/export", &wanted)
        .views("audit")
        .counts("entry", "entries")
        .search("Person or ID")
        .select("action", "Any action", WORDS.actions())
        .select("object_type", "Any record", WORDS.kinds())
        .input("from", "date", "From")
        .input("to", "date", "To")
        .under(move |row: &AuditRow| day_in_words(clock.field(row.created_at).get(..10).unwrap_or_default()))
        .column(Column::head("What happened", sentence))
        .column(Column::new("Time", |row: &AuditRow| hour(row.created_at)).nowrap().said())
        .empty("Nothing yet", "All changes appear here.", None)
        .page(page);
    let actions = view! {
        <a class="btn" href=proof_of(&wanted) rel="external" download="audit-proof.json">{Icon::DOWNLOAD.svg()}"Export proof"</a>
        <a class="btn" href="/audit/verify">{Icon::CHECK.svg()}"Check a proof"</a>
    };
    view! {
        <div class="page audit">
            <PageHead title="Audit log" actions=actions.into_any()/>
            {standing(&chain)}
            {news}
            {table}
        </div>
    }
    .into_any()
}

/// Where the entries of the filter are exported with their proof.
fn proof_of(filter: &AuditFilter) -> String {
    let filter = serde_json::to_value(filter).unwrap_or_default();
    format!("/api/v1/admin/audit/proof/export?{}", parameters(&filter).join("&"))
}

/// What somebody did, for the page of that person.
pub fn acts(rows: &[AuditRow]) -> AnyView {
    let entries = rows.iter().map(|row| {
        let (text, meta) = told(row);
        Entry { tone: Tone::Neutral, at: row.created_at, text, meta, more: None }
    });
    timeline(entries.collect())
}

/// Who did what, in a cell of the list.
fn sentence(row: &AuditRow) -> AnyView {
    let (text, more) = told(row);
    view! { {text}{more.map(|more| view! { <small dir="auto">{more}</small> })} }.into_any()
}

/// Who did what to which record, and of what it is a part and why. What was done leads to the entry, the record's name
/// to its page.
fn told(row: &AuditRow) -> (AnyView, Option<AnyView>) {
    let said = row.said(&WORDS);
    let entry = format!("/audit/{}", row.id);
    let href = row.subject.as_ref().and_then(|subject| subject.href.clone());
    let name = said.name.map(|name| linked(name, href));
    let within = row.subject.as_ref().and_then(|subject| subject.within.clone());
    let why = row.reason.clone().map(|reason| format!("“{reason}”"));
    let more: Vec<String> = [within, why].into_iter().flatten().collect();
    let text = view! {
        <span class="sentence"><b><bdi>{row.actor.shown()}</bdi></b>" "<a href=entry>{said.before}</a>{name}{said.after}</span>
    };
    (text.into_any(), (!more.is_empty()).then(|| more.join(" · ").into_any()))
}

fn linked(name: String, href: Option<String>) -> AnyView {
    match href {
        Some(href) => view! { <a href=href><bdi>{name}</bdi></a> }.into_any(),
        None => view! { <bdi>{name}</bdi> }.into_any(),
    }
}

fn standing(chain: &Chain) -> AnyView {
    let waiting = match chain.unsealed {
        0 => "All entries are verified.".to_owned(),
        1 => "1 new entry will be verified within a minute.".to_owned(),
        n => format!("{n} new entries will be verified within a minute."),
    };
    let late = chain.oldest_unsealed_seconds.is_some_and(|seconds| seconds > 60);
    let when = chain.last_sealed_at.map(|time| view! { <p>"Last seal "{at(time)}"."</p> });
    let head = chain.head_hash.clone().map(|hash| view! { <p>"Newest: "<code>{hash}</code></p> });
    let seals = counted(chain.blocks, "seal");
    let text = view! {
        <p>{waiting}</p>
        <details><summary>"Details"</summary><p>{seals}" in the chain."</p>{when}{head}</details>
    };
    match late {
        true => note(Tone::Warning, "Verification is late", text, None),
        false => note(Tone::Success, "Verified", text, None),
    }
}

/// One entry with the values before and after.
pub fn entry() -> AnyView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").and_then(|id| id.parse::<Uuid>().ok()));
    let fetch = |id: Option<Uuid>| async move { audit_get(id.ok_or_else(not_found)?).await };
    let entry = Loading::new(id, fetch);
    loaded(entry, |entry, _| detail(entry))
}

/// A value of a kind of record's field, as people read it; nothing where there is none.
fn in_words(kind: &str, field: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Bool(yes) => Some(if *yes { "Yes" } else { "No" }.to_owned()),
        Value::String(text) if text.is_empty() || is_id(value) => None,
        Value::String(text) if text.len() > 18 && text.as_bytes()[10] == b'T' => {
            let moment = Timestamp::parse(text).ok();
            Some(moment.map_or_else(|| text.clone(), here))
        }
        Value::String(text) if text.starts_with('+') => Some(grouped(text)),
        Value::String(text) if field == "allowed_genders" && text == "all" => Some("Everyone".to_owned()),
        Value::String(text) => match WORDS.value(kind, field, text) {
            Some(title) => Some(title.to_owned()),
            None if ONE_WORD.contains(&field) && !text.contains('/') => Some(words::capital(&text.replace('_', " "))),
            None => Some(text.clone()),
        },
        Value::Number(bytes) if field.ends_with("_bytes") => Some(match bytes.as_u64().unwrap_or_default() {
            bytes @ ..1_000 => format!("{bytes} bytes"),
            bytes @ ..1_000_000 => format!("{} KB", bytes / 1_000),
            bytes => format!("{:.1} MB", bytes as f64 / 1e6),
        }),
        Value::Array(list) if list.is_empty() => None,
        // Ids say nothing to anybody: how many there are does. They stand whole under the technical details.
        Value::Array(list) if list.iter().all(is_id) => Some(list.len().to_string()),
        Value::Array(list) => {
            let between = if list.iter().any(Value::is_object) { "; " } else { ", " };
            Some(list.iter().filter_map(|one| in_words(kind, field, one)).collect::<Vec<_>>().join(between))
        }
        Value::Object(map) => match serde_json::from_value::<Money>(value.clone()) {
            Ok(money) => Some(money.display()),
            Err(_) => {
                let part = |(name, value): (&String, &Value)| {
                    Some(format!("{}: {}", words::field_name(name), in_words(kind, name, value)?))
                };
                let said = map.iter().filter(|(name, _)| !words::technical(name));
                let parts: Vec<String> = said.filter_map(part).collect();
                (!parts.is_empty()).then(|| parts.join(", "))
            }
        },
        other => Some(other.to_string()),
    }
}

/// Fields that hold one word of a few.
const ONE_WORD: &[&str] = &[
    "status",
    "kind",
    "type",
    "direction",
    "source",
    "request_type",
    "resolution",
    "invite_type",
    "gender",
    "allowed_genders",
    "media_type",
];

fn is_id(value: &Value) -> bool {
    value.as_str().is_some_and(|text| Uuid::parse_str(text).is_ok())
}

/// Whether there are ids in it, at any depth.
fn has_ids(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(has_ids),
        Value::Object(map) => map.values().any(has_ids),
        other => is_id(other),
    }
}

/// Nothing was spent by whoever is new, and what nobody chose says nothing.
fn is_nothing(change: &AuditChange) -> bool {
    let none = |value: &Option<Value>| value.as_ref().is_none_or(|value| value.is_null() || value["minor"] == 0);
    let unset = |value: &Option<Value>| value.as_ref().is_some_and(|value| *value == false || *value == 0);
    none(&change.before) && (none(&change.after) || unset(&change.after))
}

/// What changed, for people, and what stands behind it.
fn differences(kind: &str, changes: Vec<AuditChange>) -> (AnyView, Option<AnyView>) {
    let (behind, shown): (Vec<_>, Vec<_>) =
        changes.into_iter().filter(|change| !is_nothing(change)).partition(|change| words::technical(&change.field));
    let of_ids = |value: &Option<Value>| value.as_ref().is_some_and(has_ids);
    let ids: Vec<_> = shown.iter().filter(|change| of_ids(&change.before) || of_ids(&change.after)).cloned().collect();
    let row = |change: AuditChange| {
        let value = |value: &Option<Value>| value.as_ref().and_then(|value| in_words(kind, &change.field, value));
        let name = change.field.strip_suffix("_bytes").unwrap_or(&change.field);
        (words::capital(&words::field_name(name)), value(&change.before), value(&change.after))
    };
    let rows: Vec<_> = shown.into_iter().map(row).filter(|(_, before, after)| before != after).collect();
    let created = rows.iter().all(|(_, before, _)| before.is_none());
    let shown = match (rows.is_empty(), created) {
        (true, _) => view! { <p class="muted">"No values changed."</p> }.into_any(),
        // Of what is new there is nothing to compare.
        (false, true) => {
            let row = |(name, _, after): (String, Option<String>, Option<String>)| {
                view! { <div><dt>{name}</dt><dd dir="auto">{after}</dd></div> }
            };
            view! { <dl class="facts">{rows.into_iter().map(row).collect_view()}</dl> }.into_any()
        }
        (false, false) => diff_table(rows),
    };
    let raw = |change: AuditChange| {
        let value = |value: Option<Value>| value.filter(|value| !value.is_null()).map(|value| plain(&value));
        (change.field, value(change.before), value(change.after))
    };
    let behind: Vec<_> = ids.into_iter().chain(behind).map(raw).collect();
    (shown, (!behind.is_empty()).then(|| diff_table(behind)))
}

fn detail(entry: AuditDetail) -> AnyView {
    let AuditDetail { row, changes, block, hash } = entry;
    let erased = changes.iter().filter(|change| change.erased_at.is_some()).count();
    let (shown, behind) = differences(&row.object_type, changes);
    let who = row.actor.shown();
    let label = (row.actor.kind == "staff" && row.actor.label != who).then(|| row.actor.label.clone());
    let label = label.map(|label| view! { " "<span class="muted">{label}</span> });
    let by = row
        .actor
        .id
        .map(|id| view! { " "<a href=format!("/audit?actor_id={id}")>{format!("All changes by {who}")}</a> });
    let about = format!("/audit?object_type={}&object_id={}", row.object_type, row.object_id);
    let kind = WORDS.kind_title(&row.object_type);
    let (name, href, within) = match row.subject.clone() {
        Some(subject) => (subject.name, subject.href, subject.within),
        None => ("No longer there".to_owned(), None, None),
    };
    let within = within.map(|within| view! { " "<span class="muted">{within}</span> });
    let facts = Facts::new()
        .add("Who", view! { {linked(who.clone(), row.actor.href.clone())}{label}{by} })
        .add("When", at(row.created_at))
        .add("Record", view! { <span class="tag">{kind}</span>" "{linked(name, href)}{within}" "<a href=about>"All its changes"</a> })
        .maybe("Reason", row.reason.clone());
    let technical = Facts::new()
        .add("Action", view! { <code>{row.action.clone()}</code> })
        .add("Record", view! { <code>{row.object_type.clone()}" "{row.object_id.clone()}</code> })
        .maybe("Done by", row.actor.id.map(|id| view! { <code>{row.actor.kind.clone()}" "{id.to_string()}</code> }))
        .maybe("IP address", row.ip.clone().map(|ip| view! { <code>{ip}</code> }))
        .maybe("Request", row.request_id.clone().map(|id| view! { <code>{id}</code> }))
        .add("Entry", row.seq.to_string())
        .add("Seal", block.map_or("Waits for the next one".to_owned(), |block| format!("Number {block}")))
        .add("Hash", view! { <code>{hash}</code> });
    let gone = (erased > 0)
        .then(|| note(Tone::Info, "", "Some values were erased. The entry's proof holds without them.", None));
    let crumbs = vec![("Audit log".to_owned(), "/audit".to_owned())];
    let seal =
        if block.is_some() { badge(Tone::Success, "Verified") } else { badge(Tone::Neutral, "Not verified yet") };
    view! {
        <div class="page audit">
            <PageHead title=format!("{who} {}", row.said(&WORDS).text()) crumbs=crumbs badge=seal/>
            {gone}
            <div class="stack">
                {card("audit-facts", "Details", None, facts.view())}
                {card("audit-diff", "What changed", None, shown)}
                <details class="card technical">
                    <summary>"Technical details"</summary>
                    <div class="card-body stack">{technical.view()}{behind}</div>
                </details>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_read_as_people_say_them() {
        let words = |field: &str, value: Value| in_words("event", field, &value).unwrap_or_default();
        assert_eq!(words("price", json!({ "currency": "INR", "minor": 90_000 })), "₹900");
        assert_eq!(words("banned_until", json!("2026-12-26T09:14:02.865893Z")), "26 Dec 2026, 09:14 UTC");
        assert_eq!(words("status", json!("in_review")), "In review");
        assert_eq!(words("media_type", json!("application/pdf")), "application/pdf");
        assert_eq!(words("size_bytes", json!(666)), "666 bytes");
        assert_eq!(words("phone", json!("+919000010087")), grouped("+919000010087"));
        assert_eq!(words("note", Value::Null), "");
        assert_eq!(words("hidden", json!(true)), "Yes");
        assert_eq!(words("allowed_genders", json!("all")), "Everyone");
        assert_eq!(words("interests", json!(["01990000-0000-7000-8000-000000000006"])), "1");
    }

    #[test]
    fn words_of_a_record_read_as_on_its_pages() {
        let words = |kind: &str, field: &str, word: &str| in_words(kind, field, &json!(word)).unwrap_or_default();
        assert_eq!(words("payout_batch", "status", "draft"), "Needs approval");
        assert_eq!(words("event", "status", "draft"), "Draft");
        assert_eq!(words("ticket", "status", "revoked"), "Void");
        assert_eq!(words("fraud_signal", "rule", "many_refunds"), "Many refunds");
        assert_eq!(words("settlement_report", "provider", "razorpay"), "Razorpay");
    }

    #[test]
    fn ids_stand_under_the_technical_details_alone() {
        let id = "01990000-0000-7000-8000-000000000006";
        let sent = json!([
            { "id": id, "reference": "SET-1", "journal_id": id, "net": { "currency": "INR", "minor": 90_000 } },
            { "id": id, "reference": "SET-2", "journal_id": id, "imported_by_name": "Luca Moretti" },
        ]);
        let words = |field: &str, value: &Value| in_words("settlement_report", field, value);
        let read = words("settlements", &sent).unwrap_or_default();
        assert_eq!(read, "net: ₹900, reference: SET-1; imported by: Luca Moretti, reference: SET-2");
        assert!(has_ids(&sent) && !has_ids(&json!(["SET-1", 5, null])));
        assert_eq!(words("prepared_by", &json!(id)), None, "the name stands beside it");
        assert_eq!(words::field_name("prepared_by_name"), "prepared by");
        assert_eq!(words::field_name("partner_name"), "partner name");
    }

    #[test]
    fn what_is_nothing_is_left_out() {
        let change = |before, after| AuditChange { field: "total_spent".to_owned(), before, after, erased_at: None };
        assert!(is_nothing(&change(None, Some(json!({ "currency": "INR", "minor": 0 })))));
        assert!(is_nothing(&change(Some(Value::Null), None)));
        assert!(!is_nothing(&change(None, Some(json!({ "currency": "INR", "minor": 1 })))));
        assert!(is_nothing(&change(None, Some(json!(false)))) && is_nothing(&change(None, Some(json!(0)))));
        assert!(!is_nothing(&change(Some(json!(true)), Some(json!(false)))), "somebody turned it off");
    }
}
