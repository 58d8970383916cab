//! Who a guest can ask: the partner's contact, whom mails about the event name for answers, else the house's own address.
//! A host's own address is nobody's to give away, and a contact's only to who has proven a phone number or holds a ticket.

use axum::response::Response;
use eventify::events::Event;
use eventify::events::operations::event_get;
use eventify::kernel::error::Error;
use eventify::{organisation, partners};
use maud::{Markup, html};

use super::answers::beside;
use super::art;
use super::event::find;
use super::view::{Ground, Head, organiser};
use super::visitor::Visitor;
use crate::web::forms::encode;
use crate::web::parts::Path;

/// A host whom their own settings do not name to this visitor.
const UNNAMED: &str = "the host";

/// Who answers questions about an event.
pub struct Contact {
    organiser: String,
    /// A private host, who is written to by the contact page alone.
    hosted: bool,
    /// Who answers for the organiser, where that is the organisation.
    organisation: Option<String>,
    email: Option<String>,
    /// What a mail to them is about.
    subject: String,
    /// The page that says all of this.
    page: String,
    /// What leads there.
    label: &'static str,
}

impl Contact {
    pub async fn of(visitor: &Visitor, event: &Event) -> Result<Contact, Error> {
        let app = &visitor.call.app;
        let own = match event.organizer_partner_id {
            Some(partner) => partners::answers_to(&mut *app.reader.acquire().await?, partner).await?,
            None => None,
        };
        let hosted = event.host_user_id.is_some();
        let (organisation, email) = match own {
            Some(email) => (None, Some(email)),
            None => {
                let organisation = organisation::current(app).await?;
                (Some(organisation.name.clone()), organisation.reply_to.clone().map(String::from))
            }
        };
        let organiser = Some(organiser(event)).filter(|name| !name.is_empty()).unwrap_or(UNNAMED).to_owned();
        let (subject, page, label) = (event.title.clone(), page_of(event), label_of(event));
        Ok(Contact { organiser, hosted, organisation, email, subject, page, label })
    }

    fn link(&self, email: &str, said: &Markup, class: Option<&str>) -> Markup {
        // A blank is no plus in these.
        let subject = encode(&self.subject).replace('+', "%20");
        html! { a class=[class] href={ "mailto:" (email) "?subject=" (subject) } { (said) } }
    }

    fn face(&self) -> Markup {
        if self.organiser == UNNAMED { art::nobody() } else { art::face(&self.organiser) }
    }

    /// The organiser's own address; of the house's the contact page says whose it is.
    pub fn own_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.organisation.is_none())
    }

    /// Inside a sentence: `ask Marigold Halls`, and where.
    pub fn ask(&self) -> Markup {
        html! {
            "ask "
            @if let Some(email) = self.own_email() {
                bdi { (self.organiser) } " at " (self.link(email, &html! { (email) }, None))
            } @else {
                a href=(self.page) { bdi { (self.organiser) } }
            }
        }
    }

    /// A line of its own, where there is somebody to ask.
    pub fn line(&self) -> Markup {
        html! {
            @if self.email.is_some() {
                div .line .mid .screen {
                    (self.face())
                    div .flow {
                        strong { @if self.hosted { "Questions? Write to the host" } @else { "Questions? Ask " bdi { (self.organiser) } } }
                        span {
                            a href=(self.page) { (self.label) }
                            @if let Some(email) = self.own_email() { " · " (self.link(email, &html! { (email) }, None)) }
                        }
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
                        @if let Some(organisation) = &self.organisation { (art::face(organisation)) } @else { (self.face()) }
                        div .flow { strong { bdi { (self.organisation.as_ref().unwrap_or(&self.organiser)) } } span .hint { (email) } }
                    }
                    @if let Some(organisation) = &self.organisation {
                        p { bdi { (organisation) } " answers questions about this event for " bdi { (self.organiser) } "." }
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

/// What leads there: `Contact organiser`.
pub fn label_of(event: &Event) -> &'static str {
    if event.host_user_id.is_some() { "Contact host" } else { "Contact organiser" }
}

/// `GET /e/{slug}/contact`
pub async fn show(visitor: Visitor, Path(slug): Path<String>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    let read = async {
        // A host may be named to its guests alone.
        let event = visitor.own(event_get(find(&visitor, &slug).await?.id)).await?;
        let (zone, contact) = tokio::try_join!(visitor.zone(&event), Contact::of(&visitor, &event))?;
        Ok::<_, Error>((event, zone, contact))
    };
    match read.await {
        Ok((event, zone, contact)) => {
            let title = if contact.hosted { "Contact the host" } else { "Contact the organiser" };
            let body = beside(&event, &zone, &html! { h1 { (title) } (contact.card()) });
            visitor.page(200, &Head::own(title).coloured(&event.title).on(Ground::Wide), &body)
        }
        Err(error) => visitor.refused(&error),
    }
}
