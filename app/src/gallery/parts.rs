//! Small parts: buttons, notes, figures, charts, dialogs, messages, and those of a record.

use std::future::ready;

use eventify::Error;
use eventify::kernel::chart::Chart;
use eventify::kernel::error::invalid_input;
use eventify::kernel::timestamp::Timestamp;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::ui::{
    Act, Confirm, Entry, Facts, Icon, Nothing, Stat, Stats, Submit, Toasts, Tone, at, at_or, badge, card, chart,
    diff_table, note, submit, tabs, timeline,
};

const TONES: [Tone; 5] = [Tone::Neutral, Tone::Info, Tone::Success, Tone::Warning, Tone::Danger];

/// Does nothing, and says so.
fn nothing() -> Submit {
    let toasts = Toasts::get();
    submit(|_: Nothing| ready(Ok::<(), Error>(())), move |()| toasts.done("Done, as far as a gallery can"))
}

fn refused() -> Submit {
    submit(|_: Nothing| ready(Err::<(), Error>(invalid_input().detail("A gallery refuses on purpose."))), |()| ())
}

pub fn buttons() -> AnyView {
    view! {
        <div class="row">
            <button class="btn primary" type="button">{Icon::PLUS.svg()}"Primary"</button>
            <button class="btn" type="button">"Default"</button>
            <button class="btn quiet" type="button">"Quiet"</button>
            <button class="btn danger" type="button">{Icon::TRASH.svg()}"Danger"</button>
            <button class="btn danger primary" type="button">"Danger, meant"</button>
            <button class="btn small" type="button">{Icon::COPY.svg()}"Small"</button>
            <button class="btn square" type="button" aria-label="Square">{Icon::REFRESH.svg()}</button>
            <button class="btn square quiet" type="button" aria-label="Square and quiet">{Icon::DOTS.svg()}</button>
            <button class="btn" type="button" aria-pressed="true">{Icon::EYE.svg()}"Pressed"</button>
            <button class="btn primary" type="button" aria-busy="true">"Busy"</button>
            <button class="btn" type="button" disabled=true>"Disabled"</button>
            <a class="btn" aria-disabled="true" role="link">"Disabled link"</a>
        </div>
        <div class="row">
            <Act label="Act" icon=Icon::CHECK run=nothing()/>
            <Act label="Act that fails" icon=Icon::ALERT run=refused()/>
            <details class="menu start" name="gallery">
                <summary class="btn">"Menu "{Icon::CHEVRON_DOWN.svg()}</summary>
                <div class="menu-panel">
                    <ul role="list">
                        <li><a href="/gallery">{Icon::EXTERNAL.svg()}"A link"</a></li>
                        <li><button type="button">{Icon::MAIL.svg()}"A button"</button></li>
                        <li class="sep danger"><button type="button">{Icon::TRASH.svg()}"A dangerous one"</button></li>
                    </ul>
                </div>
            </details>
        </div>
    }
    .into_any()
}

pub fn notes() -> AnyView {
    let badges = TONES.map(|tone| badge(tone, tone.as_str())).collect_view();
    let plain = TONES.map(|tone| {
        let text = "A note says what a person should know here, and no more.";
        note(tone, "", text, None)
    });
    let action = || view! { <button class="btn small" type="button">"Do it"</button> }.into_any();
    let full = [Tone::Info, Tone::Warning].map(|tone| note(tone, "With a title", "And a way on.", Some(action())));
    let banner = |tone: Tone, title: &'static str, text: &'static str| {
        view! {
            <div class="banner" data-tone=tone.as_str()>
                {tone.icon().svg()}<span><strong>{title}</strong>{text}</span>
                <button class="btn small" type="button">"Try again"</button>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="row">{badges}<span class="tag">"tag"</span></div>
        {plain.collect_view()}
        {full.collect_view()}
        {banner(Tone::Warning, "You are offline.", " What you see may be old.")}
        {banner(Tone::Danger, "The server does not answer.", " Your changes are kept on this page.")}
    }
    .into_any()
}

pub fn figures() -> AnyView {
    let of =
        |tone: Tone, trend: &'static str| Stat::new(format!("A {} trend", tone.as_str()), 1_377).trend(tone, trend);
    Stats::new()
        .with(Stat::new("Alone", "€ 86,240.50"))
        .with(Stat::new("With a link", 4_812).link("/gallery").trend(Tone::Success, "↑ 12 % on last week"))
        .with(of(Tone::Neutral, "of 2,040 expected"))
        .with(of(Tone::Info, "3 began today"))
        .with(of(Tone::Warning, "2 wait for a second person"))
        .with(of(Tone::Danger, "↑ 9 in the last hour"))
        .view()
}

fn sample(title: &str, rows: [(&str, [i64; 2]); 5], option: Value) -> Chart {
    let columns = ["Day", "Sold", "Given away"].map(str::to_owned).to_vec();
    let row = |(day, [sold, given]): (&str, [i64; 2])| vec![day.to_owned(), sold.to_string(), given.to_string()];
    let summary = "Of the tickets of five days, most were sold on Friday.".to_owned();
    Chart { title: title.to_owned(), summary, option, columns, rows: rows.map(row).to_vec() }
}

pub fn charts() -> AnyView {
    let rows = [("Mon", [40, 4]), ("Tue", [55, 2]), ("Wed", [30, 9]), ("Thu", [72, 6]), ("Fri", [140, 12])];
    let axes = |kind: &str, stack: Value| {
        let one = |at: usize, name: &str, color: &str| {
            let data = rows.map(|(_, figures)| figures[at]);
            json!({ "type": kind, "name": name, "stack": stack, "data": data, "color": color })
        };
        json!({
            "tooltip": { "trigger": "axis" },
            "legend": { "left": 0, "top": 0 },
            "grid": { "left": 0, "right": 0, "top": 36, "bottom": 8, "containLabel": true },
            "xAxis": { "type": "category", "data": rows.map(|(day, _)| day) },
            "yAxis": { "type": "value" },
            "series": [one(0, "Sold", "var(--mark-accent)"), one(1, "Given away", "var(--mark-warn)")],
        })
    };
    let slices = rows.map(|(day, figures)| json!({ "name": day, "value": figures[0] }));
    let share = json!({
        "tooltip": { "trigger": "item" },
        "legend": { "left": 0, "top": 0 },
        "series": [{ "type": "pie", "radius": ["45%", "75%"], "center": ["50%", "58%"], "data": slices }],
    });
    view! {
        {chart("gallery-bars", sample("Bars, stacked", rows, axes("bar", json!("all"))))}
        <div class="grid-2">
            {chart("gallery-lines", sample("Lines", rows, axes("line", Value::Null)))}
            {chart("gallery-share", sample("Shares", rows, share))}
        </div>
    }
    .into_any()
}

pub fn questions() -> AnyView {
    let toasts = Toasts::get();
    let good = move |_| toasts.done("Saved");
    let hint = move |_| toasts.push(Tone::Info, "A newer version is there".into(), "Load the page again.".into());
    let bad = move |_| toasts.failed("Not saved", &invalid_input().detail("The server did not like it."));
    let still = |tone: Tone, title: &'static str, text: &'static str| {
        view! {
            <div class="toast" data-tone=tone.as_str()>
                {tone.icon().svg()}<div><strong>{title}</strong><br/>{text}</div>
            </div>
        }
    };
    view! {
        <div class="row">
            <Confirm id="gallery-confirm" label="Ask" icon=Icon::X title="Deactivate Ada Moreau?" confirm="Deactivate" run=nothing() class="btn">
                <p>"Her three sessions end at once."</p>
            </Confirm>
            <Confirm
                id="gallery-typed"
                label="Ask to type"
                icon=Icon::TRASH
                title="Cancel “Nordlicht Open Air”?"
                confirm="Cancel the event"
                run=nothing()
                class="btn danger"
                typed="Nordlicht Open Air"
            >
                {note(Tone::Danger, "", "2,040 tickets are refunded. This cannot be undone.", None)}
            </Confirm>
            <button class="btn" type="button" on:click=good>"Message: it worked"</button>
            <button class="btn" type="button" on:click=hint>"Message: a hint"</button>
            <button class="btn" type="button" on:click=bad>"Message: it failed"</button>
        </div>
        <div class="grid-2">
            {still(Tone::Success, "Invitation sent", "lin@eventify.test has 7 days to accept.")}
            {still(Tone::Danger, "Not saved", "Someone changed this role meanwhile.")}
        </div>
    }
    .into_any()
}

fn moment(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn entries() -> Vec<Entry> {
    let changes = vec![
        ("Status".to_owned(), Some("Invited".to_owned()), Some("Active".to_owned())),
        ("Verified by".to_owned(), None, Some("Jonas Weber".to_owned())),
        ("Review note".to_owned(), Some("documents missing".to_owned()), None),
    ];
    let more = view! {
        <details class="more" open=true><summary>{Icon::CHEVRON_RIGHT.svg()}"3 changes"</summary>{diff_table(changes)}</details>
    };
    let meta = view! { <code>"partner.status_changed"</code>" · 203.0.113.7" };
    let who = || view! { <a href="/gallery">"Jonas Weber"</a>" " };
    vec![
        Entry {
            tone: Tone::Success,
            at: moment("2026-11-21T05:09:31Z"),
            text: view! { {who()}<span>"activated Blue Note Berlin"</span> }.into_any(),
            meta: Some(meta.into_any()),
            more: Some(more.into_any()),
        },
        Entry {
            tone: Tone::Danger,
            at: moment("2026-11-21T04:58:02Z"),
            text: view! { <span>"Someone failed to sign in as Ada Moreau"</span> }.into_any(),
            meta: None,
            more: None,
        },
        Entry {
            tone: Tone::Neutral,
            at: moment("2026-11-20T23:00:00Z"),
            text: view! { <span>"Eventify sealed 412 entries"</span> }.into_any(),
            meta: None,
            more: None,
        },
    ]
}

pub fn record() -> AnyView {
    let facts = Facts::new()
        .add("Name", "Blue Note Berlin")
        .add("Status", badge(Tone::Success, "Active"))
        .add("Joined", at(moment("2026-03-03T09:00:00Z")))
        .add("Left", at_or(None, "not yet"))
        .maybe("Absent", None::<String>)
        .add("A long word", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft");
    let edit = view! { <a class="btn small quiet" href="/gallery">{Icon::EDIT.svg()}"Edit"</a> }.into_any();
    let parts = [("", "Overview", None), ("people", "People", Some(3)), ("activity", "Activity", None)];
    view! {
        {tabs("Parts of the record", "/gallery", "", &parts)}
        <div class="detail">
            <div class="stack">{card("gallery-timeline", "Activity", None, timeline(entries()))}</div>
            <aside aria-label="At a glance">{card("gallery-facts", "At a glance", Some(edit), facts.view())}</aside>
        </div>
    }
    .into_any()
}
