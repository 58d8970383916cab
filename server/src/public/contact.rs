//! Who a guest can ask: the partner's contact, whom mails about the event name for answers, else the house's own address.
//! A host's own address is nobody's to give away, and a contact's only to who has proven a phone number or holds a ticket.

use axum::extract::Path;
use axum::response::Response;
use eventify::events::Event;
use eventify::kernel::error::Error;
use eventify::{organisation, partners};
use maud::{Markup, html};

use super::answers::event_line;
use super::art;
use super::event::find;
use super::view::{Head, organiser};
use super::visitor::Visitor;
use crate::web::forms::encode;

/// Who answers questions about an event.
pub struct Contact {
    name: String,
    email: Option<String>,
    /// What a mail to them is about.
    subject: String,
}

impl Contact {
    pub async fn of(visitor: &Visitor, event: &Event) -> Result<Contact, Error> {
        let app = &visitor.call.app;
        let partner = match event.organizer_partner_id {
            Some(partner) => partners::answers_to(&mut *app.reader.acquire().await?, partner).await?,
            None => None,
        };
        let (name, email) = match partner {
            Some(email) => (organiser(event).to_owned(), Some(email)),
            None => {
                let house = organisation::current(app).await?;
                (house.name.clone(), house.reply_to.clone().map(String::from))
            }
        };
        Ok(Contact { name, email, subject: event.title.clone() })
    }

    fn link(&self, email: &str, said: &Markup, class: Option<&str>) -> Markup {
        // A blank is no plus in these.
        let subject = encode(&self.subject).replace('+', "%20");
        html! { a class=[class] href={ "mailto:" (email) "?subject=" (subject) } { (said) } }
    }

    /// Inside a sentence: `ask the organiser`, and where.
    pub fn ask(&self) -> Markup {
        html! {
            "ask the organiser"
            @if let Some(email) = &self.email { " at " (self.link(email, &html! { (email) }, None)) }
        }
    }

    /// A line of its own, where there is somebody to ask.
    pub fn line(&self) -> Markup {
        html! {
            @if let Some(email) = &self.email {
                div .line .mid .screen {
                    (art::face(&self.name))
                    div .flow {
                        strong { "Questions? Ask " bdi { (self.name) } }
                        span { (self.link(email, &html! { (email) }, None)) }
                    }
                }
            }
        }
    }

    fn card(&self) -> Markup {
        html! {
            div .surface .flow {
                @if let Some(email) = &self.email {
                    div .line .mid {
                        (art::face(&self.name))
                        div .flow { strong { bdi { (self.name) } } span .hint { (email) } }
                    }
                    p { (self.link(email, &html! { "Write an email" }, Some("button"))) }
                    p .hint { "Say which event you mean and the name on your ticket, if you have one." }
                } @else {
                    p { "There is no email address for this event yet." }
                }
            }
        }
    }
}

/// Where the event's page leads whoever has a question.
pub fn page_of(event: &Event) -> String {
    format!("/e/{}/contact", event.slug)
}

/// `GET /e/{slug}/contact`
pub async fn show(visitor: Visitor, Path(slug): Path<String>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    let read = async {
        let event = find(&visitor, &slug).await?;
        let (zone, contact) = tokio::try_join!(visitor.zone(&event), Contact::of(&visitor, &event))?;
        Ok::<_, Error>((event, zone, contact))
    };
    match read.await {
        Ok((event, zone, contact)) => {
            let body = html! { (event_line(&event, &zone)) h1 { "Contact the organiser" } (contact.card()) };
            visitor.page(200, &Head::own("Contact the organiser").coloured(&event.title), &body)
        }
        Err(error) => visitor.refused(&error),
    }
}
