//! What was done, in words: the one list of sentences that an event's activity, a partner's and the audit log share.

mod patterns;

use patterns::PATTERNS;

use super::{Actor, AuditRow};
use crate::kernel::text::grouped;

/// The rest of a sentence that begins with who did it, cut where a page puts a link.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Up to the record's name.
    pub before: String,
    /// The record's name, where the sentence has it.
    pub name: Option<String>,
    /// After it.
    pub after: String,
}

impl Said {
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

fn pattern(action: &str, outcome: Option<&str>) -> Option<&'static str> {
    let find = |key: &str| PATTERNS.iter().find(|(known, _)| *known == key).map(|(_, pattern)| *pattern);
    outcome.and_then(|outcome| find(&format!("{action}:{outcome}"))).or_else(|| find(action))
}

/// Whether there is a sentence for it.
pub fn known(action: &str) -> bool {
    pattern(action, None).is_some()
}

/// What was done: `name` of the record, the status it came to, and what changed, in words.
pub fn said(action: &str, name: Option<&str>, outcome: Option<&str>, changes: &[String]) -> Said {
    let Some(pattern) = pattern(action, outcome) else {
        let after = name.map(|name| format!(": {name}")).unwrap_or_default();
        return Said { before: action.replace(['.', '_'], " "), name: None, after };
    };
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
            Said { before, name: name.map(str::to_owned), after }
        }
        Some((from, to)) => {
            let words = text[from + 1..to].trim_start_matches('|').to_owned();
            text.replace_range(from..=to, &words);
            Said { before: text.trim_end().to_owned(), ..Said::default() }
        }
        None => Said { before: text, ..Said::default() },
    }
}

/// Every action that has a sentence, with the words a filter shows for it.
pub fn actions() -> Vec<(String, String)> {
    let plain = PATTERNS.iter().filter(|(action, _)| !action.contains(':'));
    let mut list: Vec<_> = plain
        .map(|(action, _)| {
            let area = action.split('.').next().unwrap_or_default();
            let text = said(action, None, None, &[]).text();
            ((*action).to_owned(), format!("{}: {text}", kind_title(area)))
        })
        .collect();
    list.sort_by(|a, b| a.1.cmp(&b.1));
    list
}

/// Kinds of records, and what one is called.
pub const KINDS: &[(&str, &str)] = &[
    ("event", "Event"),
    ("ticket_type", "Ticket type"),
    ("event_attendee", "Guest"),
    ("ticket", "Ticket"),
    ("event_invite", "Invitation"),
    ("event_request", "Request"),
    ("waiting_list_entry", "Waiting list"),
    ("promo_code", "Promo code"),
    ("event_co_host", "Co-host"),
    ("event_image", "Picture"),
    ("event_stream", "Stream"),
    ("gate", "Gate"),
    ("gate_device", "Gate phone"),
    ("checkin_conflict", "Double admission"),
    ("venue", "Venue"),
    ("stage", "Stage"),
    ("production_schedule", "Production schedule"),
    ("equipment", "Equipment"),
    ("equipment_handout", "Unit handed out"),
    ("equipment_unit", "Unit of equipment"),
    ("equipment_booking", "Equipment booking"),
    ("staff_member", "Crew member"),
    ("staff_availability", "Crew absence"),
    ("staff_document", "Crew document"),
    ("staff_shift", "Shift"),
    ("staff_assignment", "Crew assignment"),
    ("talent", "Artist"),
    ("talent_document", "Artist document"),
    ("talent_schedule", "Artist slot"),
    ("plan_version", "Version of a plan"),
    ("talent_task", "Checklist of an artist"),
    ("plan_rule", "Plan rule"),
    ("event_interest", "Interest"),
    ("partner", "Partner"),
    ("partner_contact", "Partner contact"),
    ("partner_document", "Document"),
    ("partner_bank_account", "Bank account"),
    ("end_user", "User"),
    ("privacy_request", "Privacy request"),
    ("refund", "Refund"),
    ("fee_schedule", "Fees"),
    ("dispute", "Dispute"),
    ("payout_batch", "Payout batch"),
    ("payout", "Payout"),
    ("budget", "Budget"),
    ("budget_line", "Budget line"),
    ("staff", "Team member"),
    ("role", "Role"),
    ("role_assignment", "Role assignment"),
    ("api_key", "API key"),
    ("webhook_endpoint", "Webhook"),
    ("ip_allowlist", "IP allowlist"),
    ("signing_key", "Signing key"),
    ("organisation", "Organisation"),
    ("job", "Job"),
    ("dead_letter", "Message of another system"),
];

/// What a kind of record is called.
pub fn kind_title(kind: &str) -> String {
    let kind = match kind {
        "attendee" => "event_attendee",
        "user" => "end_user",
        "waiting_list" => "waiting_list_entry",
        "reservation" | "capacity_reservation" => return "Held seats".to_owned(),
        "payment" => return "Payment".to_owned(),
        "interest" => "event_interest",
        "event_gate_settings" => return "Gate settings".to_owned(),
        "live_update" => return "Live update".to_owned(),
        "accounting_period" => return "Accounting period".to_owned(),
        "webhook_delivery" => return "Webhook message".to_owned(),
        "ticket_checkin" => return "Scan".to_owned(),
        other => other,
    };
    let known = KINDS.iter().find(|(known, _)| *known == kind);
    known.map_or_else(|| capital(&kind.replace('_', " ")), |(_, title)| (*title).to_owned())
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
            let other = other.strip_suffix("_at").unwrap_or(other);
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
    pub fn said(&self) -> Said {
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
        said(&self.action, name, self.outcome.as_deref(), &fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(action: &str, name: Option<&str>, outcome: Option<&str>, changes: &[&str]) -> String {
        let changes: Vec<String> = changes.iter().map(|change| (*change).to_owned()).collect();
        said(action, name, outcome, &changes).text()
    }

    #[test]
    fn what_was_done_reads_as_a_sentence() {
        let open_mic = Some("Open Mic, Closed Doors");
        assert_eq!(
            text("event.updated", open_mic, None, &["title", "capacity"]),
            "changed title and capacity of Open Mic, Closed Doors"
        );
        assert_eq!(text("event.updated", None, None, &["title"]), "changed title");
        assert_eq!(text("event.updated", None, None, &[]), "changed details");
        assert_eq!(text("event.cancelled", open_mic, None, &["status"]), "cancelled Open Mic, Closed Doors");
        assert_eq!(text("event.cancelled", None, None, &["status"]), "cancelled the event");
        assert_eq!(
            text("event_request.decided", Some("Kabir"), Some("accepted"), &[]),
            "accepted the request of Kabir"
        );
        assert_eq!(text("ticket.transferred", None, None, &[]), "transferred a ticket to another guest");
        assert_eq!(text("something.new_here", None, None, &[]), "something new here");
    }

    #[test]
    fn the_name_stands_apart_for_a_link() {
        let said = said("partner.contact_invited", Some("Farah"), None, &[]);
        assert_eq!(
            said,
            Said { before: "invited ".to_owned(), name: Some("Farah".to_owned()), after: " to sign in".to_owned() }
        );
    }

    #[test]
    fn every_pattern_is_whole_with_and_without_a_name() {
        for (action, _) in PATTERNS {
            let (action, outcome) = action.split_once(':').map_or((*action, None), |(a, o)| (a, Some(o)));
            for name in [None, Some("Name")] {
                let text = text(action, name, outcome, &[]);
                assert!(!text.contains(['{', '}', '[', ']', '<', '>', '|', '\u{1}']), "{action}: {text}");
                assert!(!text.ends_with(':'), "{action}: {text}");
            }
        }
        assert!(PATTERNS.is_sorted_by_key(|(action, _)| *action), "the list is in order");
    }
}
