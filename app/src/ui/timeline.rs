//! Things that happened, by day.

use eventify_core::kernel::timestamp::Timestamp;
use leptos::prelude::*;

use super::{Tone, hour, own_zone};

/// One thing that happened.
pub struct Entry {
    /// What kind.
    pub tone: Tone,
    /// When.
    pub at: Timestamp,
    /// Who did what.
    pub text: AnyView,
    /// Details, small.
    pub meta: Option<AnyView>,
    /// More, folded away.
    pub more: Option<AnyView>,
}

/// The entries under their days, in the order given.
pub fn timeline(entries: Vec<Entry>) -> AnyView {
    let mut days: Vec<(String, Vec<AnyView>)> = Vec::new();
    let zone = own_zone();
    for entry in entries {
        let day = zone.display_day(entry.at);
        let item = view! {
            <li data-tone=entry.tone.as_str()>
                <div class="timeline-head">{entry.text}{hour(entry.at)}</div>
                {entry.meta.map(|meta| view! { <p class="meta">{meta}</p> })}
                {entry.more}
            </li>
        }
        .into_any();
        match days.last_mut() {
            Some((last, items)) if *last == day => items.push(item),
            _ => days.push((day, vec![item])),
        }
    }
    let days = days.into_iter().map(|(day, items)| {
        view! { <h3 class="timeline-day">{day}</h3><ol class="timeline" role="list">{items}</ol> }
    });
    days.collect_view().into_any()
}
