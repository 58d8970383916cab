//! Every mail that any area declares is whole, with and without what older versions did not say.

use std::collections::BTreeSet;

use eventify::access::links::{self, Purpose};
use eventify::notify::{MailAudience, MailKind, Message, Template, crew, samples};
use eventify::organisation;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Site;

const AT: &[&str] = &["--public-url", "https://events.example.com"];

fn fields(mail: &Template) -> Value {
    serde_json::to_value(mail).expect("a mail as it is queued")
}

/// The sample of this kind that goes to guests, with other fields than it has.
fn with(kind: &str, change: impl Fn(&mut Value), site: &Site) -> Template {
    let all = samples::all(site.test.clock.now());
    let (_, mail) = all.into_iter().find(|(_, mail)| mail.kind() == kind).expect("a sample");
    let mut fields = fields(&mail);
    change(&mut fields);
    serde_json::from_value(fields).expect("a mail")
}

#[tokio::test]
async fn every_mail_has_a_sample_and_is_whole() {
    let site = Site::start_with(AT).await;
    let app = &site.test.app;
    let organisation = organisation::current(app).await.unwrap();
    let mut shown = BTreeSet::new();
    for (audience, mail) in samples::all(site.test.clock.now()) {
        let rendered = samples::shown(app, &organisation, None, &mail).unwrap();
        let queued = fields(&mail);
        let kind = queued["template"].as_str().expect("its kind").to_owned();
        for part in [&rendered.subject, &rendered.text, &rendered.html] {
            assert!(!["{{", "}}", "[["].iter().any(|left| part.contains(left)), "{part}");
        }
        assert!(!rendered.subject.contains(['\r', '\n']) && !rendered.subject.is_empty(), "{kind}");
        // To an address that may be a stranger's nobody's own words are sent.
        if kind != "email_verification" {
            let name = samples::NAME;
            assert!(rendered.text.contains(&format!("Hello {name},")), "{}", rendered.text);
            assert!(rendered.html.contains(&format!("Hello <bdi>{name}</bdi>,")), "{}", rendered.html);
        }
        // No sentence begins small, whoever greets before it.
        let small = |p: &str| p.starts_with(|c: char| c.is_lowercase() && c.is_ascii()) && !p.starts_with("https://");
        assert!(!rendered.text.split("\n\n").any(small), "{}", rendered.text);
        let values = mail.values(app, &organisation);
        let of_all = ["site", "house", "questions"];
        for (used, _) in values.iter().filter(|(name, _)| !of_all.contains(name)) {
            let in_block = ["title", "when", "place", "organiser", "slug"].contains(used);
            let source = format!("{} {}", mail.source(), mail.in_short().unwrap_or_default());
            let said = source.contains(&format!("{{{{{used}}}}}"));
            let in_block = in_block && mail.source().contains("[[event]]");
            assert!(said || in_block || *used == "invited_by", "{kind}: {used} is used");
        }
        for placeholder in mail.source().split("{{").skip(1) {
            let placeholder = placeholder.split("}}").next().unwrap();
            assert!(values.iter().any(|(known, _)| *known == placeholder), "{kind}: {placeholder} is known");
        }
        let purpose = match kind.as_str() {
            "invitation" => Some(Purpose::Invitation),
            "password_reset" => Some(Purpose::PasswordReset),
            "email_verification" => Some(Purpose::EmailVerification),
            _ => None,
        };
        if let Some(purpose) = purpose {
            let link: Uuid = serde_json::from_value(queued["link"].clone()).expect("the row of a link");
            assert!(rendered.text.contains(&links::url(app, link, purpose)), "{}", rendered.text);
        }
        assert_eq!(mail.event().is_some(), audience == MailAudience::Guests, "{kind}");
        if let Some(event) = mail.event() {
            for fact in [&event.title, &event.when, &event.place, &"Hosted by Marigold Halls".to_owned()] {
                assert!(rendered.text.contains(fact) && rendered.html.contains(fact), "{fact}: {}", rendered.text);
            }
            assert_eq!(rendered.reply_to.as_deref(), Some("hello@marigold.example"));
        }
        // What waits in the queue is read as it was written.
        assert_eq!(serde_json::from_value::<Template>(queued).expect("a mail"), mail);
        shown.insert(kind);
    }
    let kinds: Vec<&str> = MailKind::all().map(|kind| kind.kind).collect();
    assert_eq!(kinds.iter().map(|kind| (*kind).to_owned()).collect::<BTreeSet<_>>(), shown, "each has its sample");
    assert_eq!(kinds.len(), shown.len(), "no two are called alike");
    assert!(shown.len() >= 31, "{}", shown.len());
    assert!(serde_json::from_value::<Template>(json!({ "template": "nothing_like_it" })).is_err());
}

#[tokio::test]
async fn what_guests_are_told_is_whole_as_a_text_message() {
    let site = Site::start_with(AT).await;
    let (app, at) = (&site.test.app, site.test.clock.now());
    let organisation = organisation::current(app).await.unwrap();
    let own_page = crew::url(app, Uuid::nil(), 1);
    for (_, notice) in samples::all(at).into_iter().filter(|(to, _)| *to == MailAudience::Guests) {
        let kind = notice.kind().to_owned();
        let mail = samples::shown(app, &organisation, None, &notice).unwrap();
        let message = Message::Notice { notice };
        let text = message.body(app, &organisation, at).expect("a text message");
        assert!(!text.contains("{{") && !text.contains("}}"), "{text}");
        assert!(text.contains("Lantern Night"), "{text}");
        assert!(!text.contains('\n') && text.len() < 320, "{text}");
        // Words of the organiser go only to those who have written first.
        let answered = ["tickets_issued", "request_accepted", "request_declined"].contains(&kind.as_str());
        assert_eq!(text.contains("Bring a lantern"), answered, "{text}");
        // Crew are led to their own page, whoever has tickets to those.
        let of_crew = kind.starts_with("shift_");
        assert_eq!(mail.text.contains(&own_page) && text.contains(&own_page), of_crew, "{text}");
        assert_eq!(mail.text.contains("Gate steward") && text.contains("Gate steward"), of_crew, "{text}");
        let linked = ["tickets_issued", "guest_taken_off", "event_rescheduled"].contains(&kind.as_str());
        assert_eq!(text.contains("https://events.example.com/t/"), linked, "{text}");
        let read: Message = serde_json::from_value(serde_json::to_value(&message).unwrap()).unwrap();
        assert_eq!(read, message);
    }
}

#[tokio::test]
async fn mails_of_accounts_and_of_older_versions_are_read() {
    let site = Site::start_with(AT).await;
    let app = &site.test.app;
    let organisation = organisation::current(app).await.unwrap();
    // The email address of an account is not proven: its mails lead to where the phone is asked for.
    let own = with("tickets_issued", |mail| mail["event"]["account"] = true.into(), &site);
    let mail = samples::shown(app, &organisation, None, &own).unwrap();
    assert!(mail.text.contains("https://events.example.com/my") && !mail.text.contains("/t/"), "{}", mail.text);
    let offer = samples::shown(app, &organisation, None, &with("seats_offered", |_| (), &site)).unwrap();
    assert!(offer.text.contains("1 seat is held for you until"), "{}", offer.text);
    let late =
        Message::Notice { notice: with("seats_offered", |mail| mail["until"] = "2020-01-01T00:00:00Z".into(), &site) };
    assert_eq!(late.body(app, &organisation, site.test.clock.now()), None);
    // What an older version has queued is still read.
    for (kind, new) in
        [("guest_taken_off", &["attendee", "generation", "left", "paid"][..]), ("event_invitation", &["invite"])]
    {
        with(
            kind,
            |mail| {
                mail.as_object_mut().unwrap().retain(|name, _| !new.contains(&name.as_str()));
                let facts = mail["event"].as_object_mut().unwrap();
                facts.retain(|name, _| !["organiser", "reply_to"].contains(&name.as_str()));
            },
            &site,
        );
    }
}
