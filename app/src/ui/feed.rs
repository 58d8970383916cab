//! What happened, in sentences: who, what, when.

use eventify_core::kernel::timestamp::Timestamp;
use leptos::prelude::*;

use super::clock::own_zone;

/// One thing that happened.
pub struct FeedEntry {
    /// Who did it.
    pub who: String,
    /// What, as the rest of the sentence.
    pub what: String,
    /// The page of what it was done to.
    pub href: Option<String>,
    /// When.
    pub when: AnyView,
    /// Why, or another line of detail.
    pub more: Option<String>,
}

/// How long ago something was, in words as short as they can be; the day, by the reader's clock, of what is a week ago.
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let minutes = (now.0 - at.0).whole_minutes();
    match minutes {
        ..1 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1_440 => format!("{} h ago", minutes / 60),
        1_440..2_880 => "yesterday".to_owned(),
        2_880..10_080 => format!("{} days ago", minutes / 1_440),
        _ => own_zone().display_day(at),
    }
}

/// Of a name; whoever is called by a phone number has none.
fn initials(name: &str) -> String {
    let letters = name.split_whitespace().filter_map(|word| word.chars().next()).filter(|first| first.is_alphabetic());
    let letters: String = letters.take(2).flat_map(char::to_uppercase).collect();
    if letters.is_empty() { "#".to_owned() } else { letters }
}

/// The entries in the order given.
pub fn feed(entries: Vec<FeedEntry>) -> AnyView {
    let one = |entry: FeedEntry| {
        let what = match entry.href {
            Some(href) => view! { <a href=href><bdi>{entry.what}</bdi></a> }.into_any(),
            None => view! { <bdi>{entry.what}</bdi> }.into_any(),
        };
        let more = entry.more.map(|text| view! { <small dir="auto">{text}</small> });
        view! {
            <li>
                <span class="avatar" aria-hidden="true">{initials(&entry.who)}</span>
                <p><b><bdi>{entry.who}</bdi></b>" "{what}{more}</p>
                {entry.when}
            </li>
        }
    };
    view! { <ol class="feed" role="list">{entries.into_iter().map(one).collect_view()}</ol> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_it_was() {
        let now = Timestamp::parse("2026-11-26T12:00:00Z").unwrap();
        for (at, said) in [
            ("2026-11-26T11:59:40Z", "just now"),
            ("2026-11-26T11:52:00Z", "8 min ago"),
            ("2026-11-26T09:59:00Z", "2 h ago"),
            ("2026-11-25T11:00:00Z", "yesterday"),
            ("2026-11-20T12:00:00Z", "6 days ago"),
            ("2026-11-19T12:00:00Z", "19 Nov 2026"),
            ("2026-11-26T12:05:00Z", "just now"),
        ] {
            assert_eq!(ago(Timestamp::parse(at).unwrap(), now), said);
        }
        assert_eq!(initials("Meera N. Nair"), "MN");
        assert_eq!(initials("+91 98123 00006"), "#");
    }
}
