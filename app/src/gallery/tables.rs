//! Tables: with rows, loading, empty, and with filters that nothing fits.

use eventify::kernel::page::Page;
use leptos::prelude::*;

use crate::ui::{Column, Icon, ListQuery, Table, Tone, badge};

struct Row {
    name: &'static str,
    email: &'static str,
    status: (Tone, &'static str),
    events: u32,
    seen: &'static str,
}

const ROWS: [Row; 3] = [
    Row {
        name: "Ada Moreau",
        email: "ada.moreau@eventify.test",
        status: (Tone::Success, "Active"),
        events: 12,
        seen: "today",
    },
    Row {
        name: "Lin Zhao",
        email: "lin.zhao@eventify.test",
        status: (Tone::Info, "Invited"),
        events: 0,
        seen: "never",
    },
    Row {
        name: "Maximiliane-Friederike von Hohenlohe-Langenburg",
        email: "maximiliane-friederike.von.hohenlohe-langenburg@eventify.test",
        status: (Tone::Danger, "Suspended"),
        events: 1_204,
        seen: "3 March 2026",
    },
];

fn columns(table: Table<Row>) -> Table<Row> {
    table
        .column(
            Column::head("Name", |row: &Row| {
                view! { <a href="/gallery">{row.name}</a><small>{row.email}</small> }.into_any()
            })
            .sort("name"),
        )
        .column(Column::new("Status", |row: &Row| badge(row.status.0, row.status.1)))
        .column(Column::new("Events", |row: &Row| row.events.into_any()).number().sort("events"))
        .column(Column::new("Last seen", |row: &Row| row.seen.into_any()).low())
        .column(Column::actions(|row: &Row| {
            let label = format!("Actions for {}", row.name);
            view! { <button class="btn square quiet small" type="button" aria-label=label>{Icon::DOTS.svg()}</button> }
                .into_any()
        }))
}

pub fn tables() -> AnyView {
    let plain = || ListQuery::of("/gallery", &[]);
    let searched = ListQuery::of("/gallery", &[("q", "zebra"), ("status", "active")]);
    let statuses = vec![("active".to_owned(), "Active".to_owned()), ("invited".to_owned(), "Invited".to_owned())];
    let rows = Page { items: ROWS.into(), next_cursor: Some("next".to_owned()), total_estimate: Some(5_000) };
    let invite = view! { <a class="btn primary" href="/gallery">{Icon::PLUS.svg()}"Invite"</a> }.into_any();
    view! {
        {columns(Table::new("Colleagues with rows", plain()).sorted("name")).page(rows)}
        {columns(Table::new("Colleagues that nothing fits", searched))
            .search("Name or email")
            .select("status", "Any status", statuses)
            .all(Vec::new())}
        {columns(Table::new("Colleagues, none yet", plain()))
            .empty("No colleagues yet", "Those you invite appear here.", Some(invite))
            .all(Vec::new())}
        {loading()}
    }
    .into_any()
}

fn loading() -> AnyView {
    let row = |_| {
        view! {
            <tr>
                <th scope="row"><span class="sk long"></span><span class="sr">"Loading"</span></th>
                <td data-label="Status"><span class="sk short"></span></td>
                <td data-label="Events" class="num"><span class="sk short"></span></td>
            </tr>
        }
    };
    view! {
        <section class="datatable" aria-label="Colleagues, loading" aria-busy="true">
            <table class="table">
                <thead>
                    <tr><th scope="col">"Name"</th><th scope="col">"Status"</th><th scope="col" class="num">"Events"</th></tr>
                </thead>
                <tbody>{(0..3).map(row).collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}
