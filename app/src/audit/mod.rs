//! The audit log: who did what, provably.

use eventify::Error;
use eventify::audit::operations::{audit_chain, audit_get, audit_list};
use eventify::audit::{AuditDetail, AuditFilter, AuditRow, Chain};
use eventify::events::Zone;
use eventify::kernel::error::not_found;
use eventify::kernel::page::Page;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use uuid::Uuid;

use crate::ui::{Clock, Column, Facts, ListQuery, PageHead, Table, Tone, at, card, diff_table, loaded, note, own_zone};

crate::ui::part!(audit: log, entry);

type Data = (Page<AuditRow>, Chain);

/// The log, newest first.
pub fn log() -> AnyView {
    let (query, clock) = (ListQuery::current(), Clock::get());
    let data = Resource::new_blocking(move || query.get(), move |q| fetch(q, clock));
    loaded(data, move |data, _| list(query.get_untracked(), data))
}

fn filter(q: &ListQuery, zone: &Zone) -> AuditFilter {
    // Days of the reader: from the first's beginning to the last's end.
    let day = |name: &str, later| q.text(name).and_then(|day| zone.day_begins(&day, later));
    AuditFilter {
        actor_id: q.word("actor_id"),
        action: q.word("action"),
        object_type: q.word("object_type"),
        object_id: q.word("object_id"),
        from: day("from", 0),
        to: day("to", 1),
        q: q.word("q"),
        cursor: q.text("cursor"),
        limit: q.word("limit"),
    }
}

async fn fetch(q: ListQuery, clock: Option<Clock>) -> Result<Data, Error> {
    let zone = match clock {
        Some(clock) => clock.ready().await,
        None => own_zone(),
    };
    Ok((audit_list(filter(&q, &zone)).await?, audit_chain().await?))
}

fn list(query: ListQuery, (page, chain): Data) -> AnyView {
    let kinds = KINDS.iter().map(|(kind, title, _)| ((*kind).to_owned(), (*title).to_owned())).collect();
    let wanted = filter(&query, &own_zone());
    let table = Table::new("Audit log", query)
        .csv("/admin/audit/export", &wanted)
        .views("audit")
        .counts("entry", "entries")
        .search("Person or id")
        .input("action", "text", "Action")
        .select("object_type", "Any record", kinds)
        .input("from", "date", "From")
        .input("to", "date", "To")
        .column(
            Column::head("What", |row: &AuditRow| {
                let href = format!("/audit/{}", row.id);
                view! { <a href=href title=row.action.clone()>{said(&row.action)}</a> }.into_any()
            })
            .key("action"),
        )
        .column(Column::new("Who", |row: &AuditRow| who(row).into_any()).key("actor"))
        .column(Column::new("Record", |row: &AuditRow| record(&row.object_type, &row.object_id)).key("object_id").low())
        .column(Column::new("Changed", |row: &AuditRow| changed(&row.action, &row.changed)).key("changed").low())
        .column(Column::new("When", |row: &AuditRow| at(row.created_at)).key("created_at").nowrap())
        .empty("Nothing yet", "Whatever people change appears here.", None)
        .page(page);
    view! { <div class="page"><PageHead title="Audit log"/>{standing(&chain)}{table}</div> }.into_any()
}

/// Kinds of records, what they are called, and where their pages are.
const KINDS: &[(&str, &str, &str)] = &[
    ("event", "Event", "/events/"),
    ("ticket_type", "Ticket type", ""),
    ("event_attendee", "Guest", ""),
    ("ticket", "Ticket", ""),
    ("event_invite", "Invitation", ""),
    ("event_request", "Request", ""),
    ("promo_code", "Promo code", ""),
    ("venue", "Venue", "/venues/"),
    ("partner", "Partner", "/partners/"),
    ("partner_document", "Document", ""),
    ("partner_bank_account", "Bank account", ""),
    ("end_user", "User", "/users/"),
    ("staff", "Team member", "/team/"),
    ("role", "Role", "/roles/"),
    ("role_assignment", "Role assignment", ""),
    ("api_key", "API key", ""),
    ("webhook_endpoint", "Webhook", "/webhooks/"),
    ("ip_allowlist", "IP allowlist", ""),
    ("organisation", "Organisation", ""),
    ("job", "Job", "/jobs/"),
];

/// So many changed fields are named in the list; the entry shows all.
const NAMED: usize = 3;

/// The kind of a record with the end of its id, and the way to its page where it has one.
fn record(kind: &str, id: &str) -> AnyView {
    let known = KINDS.iter().find(|(known, ..)| *known == kind);
    let title = known.map_or_else(|| said(kind), |(_, title, _)| (*title).to_owned());
    let short: String = id.chars().rev().take(6).collect::<Vec<_>>().into_iter().rev().collect();
    let name = view! { {title}" "<code title=id.to_owned()>{format!("…{short}")}</code> };
    match known.filter(|(_, _, page)| !page.is_empty()) {
        Some((_, _, page)) => view! { <a href=format!("{page}{id}")>{name}</a> }.into_any(),
        None => name.into_any(),
    }
}

/// Who did it: what nobody did, the house did.
fn who(row: &AuditRow) -> String {
    if row.actor.kind == "system" { "Eventify".to_owned() } else { row.actor.label.clone() }
}

fn changed(action: &str, fields: &[String]) -> AnyView {
    // Of what is new every field is.
    if action.ends_with("created") || action.ends_with("added") || action.ends_with("uploaded") {
        return view! { <span class="muted">"New"</span> }.into_any();
    }
    let hidden = |field: &&String| !matches!(field.as_str(), "id" | "version" | "created_at" | "updated_at");
    let fields: Vec<String> = fields.iter().filter(hidden).map(|field| field.replace('_', " ")).collect();
    let named = fields.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = fields.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| view! { <span class="muted">{format!(" and {more} more")}</span> });
    view! { {named}{more} }.into_any()
}

/// `role.permissions_changed` → `Role permissions changed`.
fn said(action: &str) -> String {
    let text = action.replace(['.', '_'], " ");
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn standing(chain: &Chain) -> AnyView {
    let waiting = match chain.unsealed {
        0 if chain.blocks == 1 => "Every entry is sealed.".to_owned(),
        0 => format!("Every entry is sealed. There are {} seals.", chain.blocks),
        1 => "One entry waits for the next seal.".to_owned(),
        n => format!("{n} entries wait for the next seal."),
    };
    let late = chain.oldest_unsealed_seconds.is_some_and(|seconds| seconds > 60);
    let head = chain.head_hash.clone().map(|hash| {
        let short: String = hash.chars().take(16).collect();
        view! { " Newest seal "<code title=hash>{short}"…"</code> }
    });
    let when = chain.last_sealed_at.map(|time| view! { ", made "{at(time)}"." });
    let text = view! { <p>{waiting}{head}{when}</p> };
    match late {
        true => note(Tone::Warning, "The seal is late", text, None),
        false => note(Tone::Success, "Verified", text, None),
    }
}

/// One entry with the values before and after.
pub fn entry() -> AnyView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").and_then(|id| id.parse::<Uuid>().ok()));
    let fetch = |id: Option<Uuid>| async move { audit_get(id.ok_or_else(not_found)?).await };
    let entry = Resource::new_blocking(id, fetch);
    loaded(entry, |entry, _| detail(entry))
}

fn detail(entry: AuditDetail) -> AnyView {
    let AuditDetail { row, changes, block, hash } = entry;
    let erased = changes.iter().filter(|change| change.erased_at.is_some()).count();
    let rows: Vec<_> = changes.into_iter().map(|c| (c.field, c.before, c.after)).collect();
    let difference =
        if rows.is_empty() { view! { <p class="muted">"No values changed."</p> }.into_any() } else { diff_table(rows) };
    let who = who(&row);
    let facts = Facts::new()
        .add("Who", view! { {who}" "<span class="tag">{row.actor.kind.replace('_', " ")}</span> })
        .add("When", at(row.created_at))
        .add("On", view! { {row.object_type.replace('_', " ")}" "<code>{row.object_id.clone()}</code> })
        .maybe("Reason", row.reason.clone())
        .maybe("Address", row.ip.clone().map(|ip| view! { <code>{ip}</code> }))
        .maybe("Request", row.request_id.clone().map(|id| view! { <code>{id}</code> }));
    let seal = Facts::new()
        .add("Entry", row.seq.to_string())
        .add("Seal", block.map_or("waits for the next one".to_owned(), |block| format!("number {block}")))
        .add("Hash", view! { <code>{hash}</code> });
    let gone = (erased > 0)
        .then(|| note(Tone::Info, "", "Some values were erased. The entry's proof holds without them.", None));
    let crumbs = vec![("Audit log".to_owned(), "/audit".to_owned())];
    view! {
        <div class="page">
            <PageHead title=said(&row.action) crumbs=crumbs subtitle=row.action.clone()/>
            {gone}
            <div class="detail">
                <div class="stack">
                    {card("audit-diff", "What changed", None, difference)}
                    {card("audit-facts", "Who, when, on what", None, facts.view())}
                </div>
                <aside aria-label="Proof">{card("audit-seal", "Proof", None, seal.view())}</aside>
            </div>
        </div>
    }
    .into_any()
}
