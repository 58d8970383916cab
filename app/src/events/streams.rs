//! Streams of an event.

use eventify::events::operations::{event_stream_add, event_stream_remove, event_stream_update};
use eventify::events::{Event, EventStream, NewStream, StreamPatch, StreamProvider, StreamStatus};
use eventify::kernel::text::WebUrl;
use eventify::zones::Zone;
use leptos::prelude::*;
use serde_json::json;

use super::data::Data;
use super::head::Rights;
use super::{afterwards, clock};
use crate::ui::{
    Column, Confirm, Field, Icon, ListQuery, Loading, Nothing, Password, Table, Tone, badge, rule, state, submit,
};

/// The tab.
pub fn tab(data: Loading<Data>, (event, zone): (&Event, &Zone), list: Vec<EventStream>, rights: Rights) -> AnyView {
    // Nobody can watch what is over, and what never was needs no table.
    let open = !event.status.is_over();
    if list.is_empty() {
        let add = (rights.manages && open).then(|| add(data, event));
        let (title, text) = match open {
            true => ("No streams yet", "Add a live stream for guests who are not at the venue."),
            false => ("No streams", "This event had no live stream."),
        };
        return view! { <div class="card">{state(Icon::ACTIVITY, title, text, add)}</div> }.into_any();
    }
    let clocks = zone.clone();
    let mut table = Table::new("Streams", ListQuery::default())
        .counts("stream", "streams")
        .csv_of(format!("/events/{}/streams/export", event.id), &())
        .column(Column::head("Provider", |s: &EventStream| {
            let seen = s.playback_url.clone().unwrap_or_default();
            view! { {s.provider.clone()}<small>{seen}</small> }.into_any()
        }))
        .column(Column::new("Status", |s: &EventStream| match s.stream_status {
            StreamStatus::Idle => badge(Tone::Neutral, "Not live yet"),
            StreamStatus::Live => badge(Tone::Success, "Live"),
            StreamStatus::Ended => badge(Tone::Neutral, "Ended"),
        }))
        .column(Column::new("Changed", move |s: &EventStream| clock::brief(&clocks, s.updated_at)).low())
        .empty("No streams yet", "Add a live stream for guests who are not at the venue.", None);
    if rights.manages {
        table = table.column(Column::actions(move |stream: &EventStream| stream_actions(data, stream)));
    }
    let add = (rights.manages && open).then(|| view! { <div class="row">{add(data, event)}</div> });
    view! { <div class="stack">{add}{table.all(list)}</div> }.into_any()
}

fn add(data: Loading<Data>, event: &Event) -> AnyView {
    let id = event.id;
    let run =
        submit(move |input: NewStream| event_stream_add(id, input), afterwards::<_, EventStream>(data, "Stream added"));
    view! {
        <Confirm id="stream-add" label="Add live stream" icon=Icon::PLUS title="Add live stream" confirm="Add live stream" run=run danger=false>
            <Field name="provider" label="Provider" check={rule::<StreamProvider>} required=true/>
            <Password name="stream_key" label="Stream key" autocomplete="off" hint="Kept encrypted"/>
            <Field name="playback_url" label="Playback URL" kind="url" check={rule::<WebUrl>}/>
        </Confirm>
    }
    .into_any()
}

fn stream_actions(data: Loading<Data>, stream: &EventStream) -> AnyView {
    let (event, id, provider) = (stream.event_id, stream.id, stream.provider.clone());
    let step = |to: StreamStatus, label: &'static str, said: &'static str| {
        let run = submit(
            move |input: StreamPatch| event_stream_update(event, id, input),
            afterwards::<_, EventStream>(data, said),
        );
        let extra = json!({ "stream_status": to, "version": stream.version });
        let title = format!("{label}: {provider}?");
        view! {
            <Confirm id=format!("stream-{id}") label=label icon=Icon::ACTIVITY title=title confirm=label run=run extra=extra class="btn small" danger=false>
                <p>"Only the status here changes. Nobody is notified."</p>
            </Confirm>
        }
    };
    let turn = match stream.stream_status {
        StreamStatus::Live => step(StreamStatus::Ended, "End stream", "Stream ended").into_any(),
        StreamStatus::Idle | StreamStatus::Ended => step(StreamStatus::Live, "Go live", "Stream is live").into_any(),
    };
    let gone = submit(move |_: Nothing| event_stream_remove(event, id), afterwards::<_, ()>(data, "Stream removed"));
    view! {
        <div class="row">
            {turn}
            <Confirm id=format!("stream-gone-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove the {} stream?", stream.provider) confirm="Remove stream" keep="Keep stream" run=gone in_row="Remove this stream">
                <p>"Its stream key is deleted."</p>
            </Confirm>
        </div>
    }
    .into_any()
}
