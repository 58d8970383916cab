//! What mails say of the event they are about.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Values;
use crate::kernel::timestamp::Timestamp;

/// What a mail says of its event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventFacts {
    /// The event.
    pub event: Uuid,
    /// Its name.
    pub title: String,
    /// What names it in addresses.
    pub slug: String,
    /// Its day and hour, there.
    pub when: String,
    /// The location.
    pub place: String,
    /// Until when its reader has time, there; mails that an older version queued do not say it.
    #[serde(default)]
    pub until: Option<String>,
    /// Its reader has an account whose email address is not confirmed: links lead to pages that ask for the phone, not to
    /// tickets that whoever has the link can show.
    #[serde(default)]
    pub account: bool,
    /// Who organises it.
    #[serde(default)]
    pub organiser: Option<String>,
    /// A private host does, whose own address is nobody's to give away: they are written to by the event's contact page.
    #[serde(default)]
    pub hosted: bool,
    /// Where answers to a mail about it go, if not to the organisation.
    #[serde(default)]
    pub reply_to: Option<String>,
}

impl EventFacts {
    /// Until when its reader has time; `moment` where it does not say so.
    pub fn until(&self, moment: Timestamp) -> String {
        self.until.clone().unwrap_or_else(|| moment.display_utc())
    }

    /// Who is asked about it, and where: answers to the mail go there too, if not to a host.
    pub fn questions(&self, site: &str) -> String {
        let page = format!("{site}/e/{}/contact", self.slug);
        if self.hosted {
            return format!("Questions? Write to the host: {page}");
        }
        let organiser = self.organiser.as_deref().filter(|name| !name.is_empty()).unwrap_or("the organiser");
        format!("Questions? Ask {organiser}: reply to this email, or write to them at {page}")
    }

    /// What every mail about it says, to whoever is called so, and what this one says beside it.
    pub fn values<const N: usize>(&self, name: &str, more: [(&'static str, String); N]) -> Values {
        let known = [
            ("name", name.to_owned()),
            ("title", self.title.clone()),
            ("slug", self.slug.clone()),
            ("when", self.when.clone()),
            ("place", self.place.clone()),
            ("organiser", self.organiser.clone().unwrap_or_default()),
        ];
        known.into_iter().chain(more).collect()
    }

    /// Those of the event that samples are about.
    pub fn sample() -> Self {
        EventFacts {
            event: Uuid::nil(),
            title: "Lantern Night".to_owned(),
            slug: "lantern-night".to_owned(),
            when: "Sat 5 Dec 2026, 19:00 IST (GMT+5:30)".to_owned(),
            place: "Riverside Pavilion, Ahmedabad".to_owned(),
            until: Some("Fri 4 Dec 2026, 12:00 IST (GMT+5:30)".to_owned()),
            account: false,
            organiser: Some("Marigold Halls".to_owned()),
            hosted: false,
            reply_to: Some("hello@marigold.example".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_names_who_is_asked_and_where() {
        let of = EventFacts::sample().questions("https://events.example.com");
        let page = "https://events.example.com/e/lantern-night/contact";
        assert_eq!(of, format!("Questions? Ask Marigold Halls: reply to this email, or write to them at {page}"));
        let unnamed = EventFacts { organiser: None, ..EventFacts::sample() }.questions("https://events.example.com");
        assert!(unnamed.starts_with("Questions? Ask the organiser: "), "{unnamed}");
    }

    #[test]
    fn a_host_is_written_to_by_the_page_and_a_partner_answers_mails() {
        let partner = EventFacts::sample();
        let asked = partner.questions("https://site.example");
        assert!(asked.starts_with("Questions? Ask Marigold Halls: reply to this email"), "{asked}");
        let host = EventFacts { organiser: Some("Kabir".to_owned()), hosted: true, reply_to: None, ..partner };
        let page = "https://site.example/e/lantern-night/contact";
        assert_eq!(host.questions("https://site.example"), format!("Questions? Write to the host: {page}"));
    }
}
