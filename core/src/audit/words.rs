//! What people call things, and what was done to them in words: the sentences that an event's activity, a partner's and
//! the audit log share, and the names of what works in the background. Each area has those of its own as [`Area`].

use super::{Actor, AuditRow};
use crate::kernel::text::grouped;
pub use crate::kernel::wording::Area;
use crate::kernel::wording::Pairs;

pub mod platform;

/// What all areas call their own.
pub struct Words(pub &'static [&'static Area]);

/// The rest of a sentence that begins with who did it, cut where a page puts a link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sentence {
    /// Up to the record's name.
    pub before: String,
    /// The record's name, where the sentence has it.
    pub name: Option<String>,
    /// After it.
    pub after: String,
}

impl Sentence {
    /// The whole of it.
    pub fn text(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default();
        format!("{}{name}{}", self.before, self.after).trim().replace("  ", " ")
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn find(tables: impl Iterator<Item = Pairs>, key: &str) -> Option<&'static str> {
    tables.flatten().find(|(known, _)| *known == key).map(|(_, value)| *value)
}

/// What all areas call their own, as they declare it. (The browser, which collects nothing, has `eventify::WORDS`.)
#[cfg(feature = "ssr")]
pub static DECLARED: std::sync::LazyLock<Words> =
    std::sync::LazyLock::new(|| Words(Vec::leak(crate::kernel::areas::Area::all().map(|area| area.words).collect())));

impl Words {
    fn pattern(&self, action: &str, outcome: Option<&str>) -> Option<&'static str> {
        let of = |key: &str| find(self.0.iter().map(|area| area.actions), key);
        // Where an outcome was put into words its underscores are spaces.
        outcome.and_then(|outcome| of(&format!("{action}:{}", outcome.replace(' ', "_")))).or_else(|| of(action))
    }

    /// Whether there is a sentence for it.
    pub fn known(&self, action: &str) -> bool {
        self.pattern(action, None).is_some()
    }

    /// What was done: `name` of the record, the status it came to, and what changed, in words.
    pub fn said(&self, action: &str, name: Option<&str>, outcome: Option<&str>, changes: &[String]) -> Sentence {
        match self.pattern(action, outcome) {
            Some(pattern) => filled(pattern, name, changes),
            None => {
                let after = name.map(|name| format!(": {name}")).unwrap_or_default();
                Sentence { before: action.replace(['.', '_'], " "), name: None, after }
            }
        }
    }

    /// Which sentence of an action it is: that of who did something to themselves, else that of the status.
    pub fn outcome<'a>(&self, action: &str, by: &str, name: Option<&str>, status: Option<&'a str>) -> Option<&'a str> {
        let own = name == Some(by) && find(self.0.iter().map(|area| area.actions), &format!("{action}:own")).is_some();
        if own { Some("own") } else { status }
    }

    /// Every action that has a sentence, with the words a filter shows for it.
    pub fn actions(&self) -> Vec<(String, String)> {
        let all = self.0.iter().flat_map(|area| area.actions);
        let mut list: Vec<_> = all
            .filter(|(action, _)| !action.contains(':'))
            .map(|(action, _)| {
                let thing = action.split('.').next().unwrap_or_default();
                let text = self.said(action, None, None, &[]).text();
                ((*action).to_owned(), format!("{}: {text}", self.kind_title(thing)))
            })
            .collect();
        list.sort_by(|a, b| a.1.cmp(&b.1));
        list
    }

    /// Kinds of records, and what one is called.
    pub fn kinds(&self) -> Vec<(String, String)> {
        let all = self.0.iter().flat_map(|area| area.kinds);
        all.map(|(kind, title)| ((*kind).to_owned(), (*title).to_owned())).collect()
    }

    /// What a kind of record is called.
    pub fn kind_title(&self, kind: &str) -> String {
        let known = find(self.0.iter().flat_map(|area| [area.kinds, area.also]), kind);
        known.map_or_else(|| capital(&kind.replace('_', " ")), str::to_owned)
    }

    /// What pages call a word of a record's field, where that is not how it is spelt.
    pub fn value(&self, kind: &str, field: &str, word: &str) -> Option<&'static str> {
        let mut all = self.0.iter().flat_map(|area| area.values);
        all.find(|(of, name, _)| *of == kind && *name == field).and_then(|(_, _, read)| read(word))
    }

    /// Kinds of jobs, and what one is called, by name.
    pub fn jobs(&self) -> Vec<(String, String)> {
        let all = self.0.iter().flat_map(|area| area.jobs);
        let mut list: Vec<_> = all.map(|(kind, title)| ((*kind).to_owned(), (*title).to_owned())).collect();
        list.sort_by(|a, b| a.1.cmp(&b.1));
        list
    }

    /// What a kind of job is called, if we know it.
    pub fn job(&self, kind: &str) -> Option<&'static str> {
        find(self.0.iter().map(|area| area.jobs), kind)
    }

    /// What a listener is called, and what it does, if we know it.
    pub fn listener(&self, name: &str) -> Option<(&'static str, &'static str)> {
        let mut all = self.0.iter().flat_map(|area| area.listeners);
        all.find(|(known, ..)| *known == name).map(|(_, title, purpose)| (*title, *purpose))
    }
}

fn filled(pattern: &str, name: Option<&str>, changes: &[String]) -> Sentence {
    // What is in brackets needs a name.
    let (open, close) = if name.is_some() { (String::new(), "") } else { ("\u{1}".to_owned(), "\u{2}") };
    let mut text = pattern.replace('[', &open).replace(']', close);
    while let Some((from, to)) = text.find('\u{1}').zip(text.find('\u{2}')) {
        text.replace_range(from..=to, "");
    }
    if let Some((from, to)) = text.find('<').zip(text.find('>')) {
        let what = if changes.is_empty() { text[from + 1..to].to_owned() } else { listed(changes) };
        text.replace_range(from..=to, &what);
    }
    match text.find('{').zip(text.find('}')) {
        Some((from, to)) if name.is_some() => {
            let (before, after) = (text[..from].to_owned(), text[to + 1..].to_owned());
            Sentence { before, name: name.map(str::to_owned), after }
        }
        Some((from, to)) => {
            let words = text[from + 1..to].trim_start_matches('|').to_owned();
            text.replace_range(from..=to, &words);
            Sentence { before: text.trim_end().to_owned(), ..Sentence::default() }
        }
        None => Sentence { before: text, ..Sentence::default() },
    }
}

/// With a capital first letter.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A field by the name it has on pages.
pub fn field_name(field: &str) -> String {
    let name = match field {
        "start_at" => "start",
        "end_at" => "end",
        "venue_name" | "venue_text" => "venue",
        "timezone" => "time zone",
        "mood" => "category",
        "quota" => "quantity",
        "per_order_limit" => "maximum per person",
        "sales_start_at" => "start of sales",
        "sales_end_at" => "end of sales",
        "allow_plus_one" => "guests bringing others",
        "allowed_genders" => "who can attend",
        "smaller_parties_pass" => "waiting list rule",
        "hidden" => "visibility",
        "playback_url" => "playback URL",
        "url" => "URL",
        "cidr" => "network",
        "type" | "kind" => "kind",
        "logo_url" => "logo",
        "requires_2fa" => "second factor",
        "full_name" => "name",
        "key_name" => "name",
        "scope" => "permissions",
        "holder_name" => "name of the guest",
        "guest_name" => "name",
        "guest_phone" => "phone",
        "guest_email" => "email",
        "gst_percent" => "GST",
        "event_types" => "messages",
        "offer_expires_at" => "offer ends",
        "seats_requested" => "seats",
        other => {
            // Who did it is said by name.
            let other = match other.strip_suffix("_name") {
                Some(who) if who.ends_with("_by") => who,
                _ => other.strip_suffix("_at").unwrap_or(other),
            };
            return other.replace('_', " ");
        }
    };
    name.to_owned()
}

/// Whether a field says nothing to people: keys, counters of versions, and what follows from others.
pub fn technical(field: &str) -> bool {
    field.ends_with("_id")
        || field.ends_with("_key")
        || field.ends_with("_hash")
        || matches!(
            field,
            "id" | "version"
                | "sequence"
                | "slug"
                | "created_at"
                | "updated_at"
                | "generation"
                | "event_date"
                | "start_time"
                | "end_date"
                | "end_time"
                | "duration"
                | "is_published"
                | "is_active"
                | "latitude"
                | "longitude"
                | "going_count"
                | "requests_count"
                | "sold_count"
                | "available"
                | "is_paid"
                | "position"
        )
}

impl Actor {
    /// Who it was, for people.
    pub fn shown(&self) -> String {
        match (self.name.as_deref(), self.kind.as_str()) {
            // Who has no name is called by the phone.
            (Some(name), _) => grouped(name),
            (None, "system") => "Eventify".to_owned(),
            (None, "end_user") => "A guest".to_owned(),
            _ => self.label.clone(),
        }
    }
}

impl AuditRow {
    /// What was done, as the rest of a sentence that begins with who did it.
    pub fn said(&self, words: &Words) -> Sentence {
        let mut fields: Vec<String> = Vec::new();
        for field in self.changed.iter().filter(|field| !technical(field)) {
            let name = field_name(field);
            if !fields.contains(&name) {
                fields.push(name);
            }
        }
        // A list of ten names is none.
        if fields.len() > 4 {
            let more = fields.len() - 3;
            fields.truncate(3);
            fields.push(format!("{more} more"));
        }
        // These say a value, which lists do not have.
        let fields = match self.action.as_str() {
            "attendee.moved" | "attendee.list_imported" => Vec::new(),
            _ => fields,
        };
        let name = self.subject.as_ref().map(|subject| subject.name.as_str());
        let outcome = words.outcome(&self.action, &self.actor.shown(), name, self.outcome.as_deref());
        words.said(&self.action, name, outcome, &fields)
    }
}
