//! Charts: the table is what the server sends, the drawing is added by a script that only pages with
//! a chart load (`tools/charts`). Without script the table stands open.

use eventify_core::kernel::chart::Chart;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::{Icon, Loading, dom, failed_part, shown, when_there};

const SCRIPT: &str = "/charts.js";

/// A chart in a card; `id` must be unique on the page.
pub fn chart(id: impl Into<String>, chart: Chart) -> AnyView {
    let (id, Chart { title, summary, option, columns, rows }) = (id.into(), chart);
    let lost = RwSignal::new(false);
    Effect::new(move |_| load(lost));
    let option = option.to_string();
    let label = format!("{title}. {summary}");
    let heading = title.clone();
    let head = columns.into_iter().map(|column| view! { <th scope="col">{column}</th> }).collect_view();
    let rows = rows.into_iter().map(|row| {
        let cells = row.into_iter().enumerate().map(|(at, text)| match at {
            0 => view! { <th scope="row">{text}</th> }.into_any(),
            _ => view! { <td class="num">{text}</td> }.into_any(),
        });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    let rows = rows.collect_view();
    view! {
        <figure class="card chart" aria-labelledby=id.clone()>
            <figcaption class="card-head"><h2 id=id.clone()>{heading}</h2><p>{summary}</p></figcaption>
            <div class="chart-drawing" hidden=move || lost.get()>
                <eventify-chart role="img" aria-label=label data-option=option></eventify-chart>
            </div>
            {figures("more chart-figures", format!("Figures of {title}"), lost.into(), head.into_any(), rows.into_any())}
        </figure>
    }
    .into_any()
}

/// What a drawing shows, as a table below it.
pub fn figures(class: &'static str, label: String, open: Signal<bool>, head: AnyView, rows: AnyView) -> AnyView {
    view! {
        <details class=class open=move || open.get()>
            <summary>{Icon::CHEVRON_RIGHT.svg()}"Show as table"</summary>
            <div class="chart-scroll" role="region" tabindex="0" aria-label=label>
                <table>
                    <thead><tr>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

/// The chart once its data is there; a card of the same height before.
pub fn chart_when_loaded(id: &'static str, data: Loading<Chart>) -> AnyView {
    let waiting = || {
        let drawing = view! { <div class="chart-drawing"><span class="sr">"Loading"</span></div> };
        view! { <div class="card chart" aria-busy="true">{drawing}</div> }.into_any()
    };
    when_there(waiting, move || async move {
        let loaded = data.await;
        shown(move || match loaded {
            Ok(loaded) => chart(id, loaded),
            Err(error) => failed_part(&error, move || data.refetch()),
        })
    })
}

/// Asks for the script, once for all charts of the visit; says so if it cannot be had.
fn load(lost: RwSignal<bool>) {
    let Some(script) = dom::script(SCRIPT) else { return lost.set(true) };
    let failed = Closure::once_into_js(move || _ = lost.try_set(true));
    let _ = script.add_event_listener_with_callback("error", failed.unchecked_ref());
}
