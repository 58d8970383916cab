//! What the placeholders of each mail stand for.

use super::Template;
use crate::access::links::{self, Purpose};
use crate::kernel::app::App;
use crate::notify::{crew, guests};
use crate::organisation::Organisation;

/// The values a template's placeholders stand for.
pub(in crate::notify) type Values = Vec<(&'static str, String)>;

impl Template {
    /// What its placeholders stand for; links get their tokens here, at the last moment.
    pub(in crate::notify) fn values(&self, app: &App, house: &Organisation) -> Values {
        let mut values = match self {
            Template::Invitation { name, invited_by, role, partner, link } => vec![
                ("name", name.clone()),
                ("invited_by", invited_by.clone()),
                // Of a partner's own people the partner says all.
                ("as_role", if role.is_empty() || partner.is_some() { String::new() } else { format!(" as {role}") }),
                (
                    "to_what",
                    match partner {
                        Some(partner) => format!("manage {partner} on {}", house.name),
                        None => format!("join {}", house.name),
                    },
                ),
                ("link", links::url(app, *link, Purpose::Invitation)),
            ],
            Template::PasswordReset { name, link } => {
                vec![("name", name.clone()), ("link", links::url(app, *link, Purpose::PasswordReset))]
            }
            Template::EmailVerification { link } => {
                vec![("link", links::url(app, *link, Purpose::EmailVerification))]
            }
            Template::PasswordChanged { name, at }
            | Template::EmailChanged { name, at }
            | Template::SessionsEnded { name, at } => {
                vec![("name", name.clone()), ("at", at.display_utc())]
            }
            Template::PartnerAccess { name, invited_by, partner } => {
                vec![("name", name.clone()), ("invited_by", invited_by.clone()), ("partner", partner.clone())]
            }
            Template::AccountLocked { name, ip, until } => {
                vec![("name", name.clone()), ("ip", ip.clone()), ("until", until.display_utc())]
            }
            Template::NewDeviceSignIn { name, platform, ip, at } => {
                vec![
                    ("name", name.clone()),
                    ("platform", platform.clone()),
                    ("ip", ip.clone()),
                    ("at", at.display_utc()),
                ]
            }
            Template::WebhookDisabled { name, endpoint, url, reason } => vec![
                ("name", name.clone()),
                ("endpoint", endpoint.to_string()),
                ("url", url.clone()),
                ("reason", reason.clone()),
            ],
            Template::Notice { name, title, message, href, .. } => vec![
                ("name", name.clone()),
                ("title", title.clone()),
                ("message", message.clone()),
                ("href", href.clone()),
            ],
            Template::TicketsIssued { name, event, ticket_type, seats, message, attendee, generation } => {
                let mut values = event.values(name);
                values.push(("message", message.clone()));
                values.push(("tickets", format!("{seats} × {ticket_type}")));
                let care = match event.account {
                    true => "Sign in with your phone number to see them.",
                    false => "Anyone with this link can show your tickets. Don't share it.",
                };
                values.push(("care", care.to_owned()));
                values.push(("link", event.tickets(app, *attendee, *generation)));
                values
            }
            Template::SeatsOffered { name, event, seats, until } => {
                let mut values = event.values(name);
                values.push(("held", held(*seats)));
                values.push(("until", event.until(*until)));
                values
            }
            Template::RequestAccepted { name, event, message, until } => {
                let mut values = event.values(name);
                values.push(("message", message.clone()));
                values.push(("until", event.until(*until)));
                values
            }
            Template::RequestDeclined { name, event, message } => {
                let mut values = event.values(name);
                values.push(("message", message.clone()));
                values
            }
            Template::EventInvitation { name, event, message, invite } => {
                let mut values = event.values(name);
                values.push(("message", message.clone()));
                let link = match invite {
                    Some(invite) => guests::invite_url(app, *invite),
                    None => format!("{}/e/{}", app.config.base_url(), event.slug),
                };
                values.push(("link", link));
                values.push((
                    "care",
                    match invite {
                        Some(_) => {
                            "The link can be used once: it is for you. If you can't come, you can ignore this email."
                        }
                        None => "If you can't come, you can ignore this email.",
                    }
                    .to_owned(),
                ));
                values
            }
            Template::GuestTakenOff { name, event, reason, attendee, generation, left } => {
                let mut values = event.values(name);
                let (what, rest) = match left {
                    1.. => ("One of your tickets for", "Your other tickets stay valid."),
                    _ => ("Your booking for", "Your tickets are no longer valid."),
                };
                values.push(("what", what.to_owned()));
                values.push(("rest", rest.to_owned()));
                values.push(("reason", reason.clone()));
                values.push(("link", event.tickets(app, *attendee, *generation)));
                values
            }
            Template::EventCancelled { name, event, reason, tickets } => {
                let mut values = event.values(name);
                values.push(("reason", reason.clone()));
                let lost =
                    if *tickets { "Your tickets are no longer valid." } else { "There is nothing you need to do." };
                values.push(("lost", lost.to_owned()));
                values
            }
            Template::WaitingListClosed { name, event, ticket_type } => {
                let mut values = event.values(name);
                values.push(("ticket_type", ticket_type.clone()));
                values
            }
            Template::EventRescheduled { name, event, attendee, generation, until } => {
                let mut values = event.values(name);
                values.push(("link", event.tickets(app, *attendee, *generation)));
                values.push(("until", event.until(*until)));
                values
            }
            Template::ShiftOffered { name, event, role, hours, place, member, generation } => {
                let mut values = event.values(name);
                values.extend(shift(role, hours, crew::url(app, *member, *generation)));
                values.push(("at_spot", spot(place)));
                values
            }
            Template::ShiftChanged { name, event, role, hours, was, place, member, generation } => {
                let mut values = event.values(name);
                values.extend(shift(role, hours, crew::url(app, *member, *generation)));
                values.push(("at_spot", spot(place)));
                values.push(("was", if was.is_empty() { String::new() } else { format!("It was {was}.") }));
                values
            }
            Template::ShiftCancelled { name, event, role, hours, member, generation } => {
                let mut values = event.values(name);
                values.extend(shift(role, hours, crew::url(app, *member, *generation)));
                values
            }
            Template::PaymentReceived { name, event, amount, order, reference, invoice } => {
                let mut values = event.values(name);
                values.push(("amount", amount.clone()));
                values.push(("reference", reference.clone()));
                values.push(("invoice", invoice.clone()));
                values.push(("link", format!("{}/my/orders/{order}", app.config.base_url())));
                values
            }
            Template::RefundSent { name, event, amount, reference, reason } => {
                let mut values = event.values(name);
                values.push(("amount", amount.clone()));
                values.push(("reference", reference.clone()));
                values.push(("reason", reason.clone()));
                values
            }
            Template::DocumentApproved { name, partner, document } => {
                let mut values = partner.values(name);
                values.push(("document", document.clone()));
                values
            }
            Template::DocumentRejected { name, partner, document, reason } => {
                let mut values = partner.values(name);
                values.push(("document", document.clone()));
                values.push(("reason", reason.clone()));
                values
            }
            Template::PartnerVerified { name, partner } | Template::PartnerReactivated { name, partner } => {
                partner.values(name)
            }
            Template::PartnerSuspended { name, partner, reason } => {
                let mut values = partner.values(name);
                values.push(("reason", reason.clone()));
                values
            }
            Template::BankAccountVerified { name, partner, last_four } => {
                let mut values = partner.values(name);
                values.push(("last_four", last_four.clone()));
                values
            }
            Template::BankAccountRejected { name, partner, last_four, reason } => {
                let mut values = partner.values(name);
                values.push(("last_four", last_four.clone()));
                values.push(("reason", reason.clone()));
                values
            }
        };
        values.push(("site", app.config.base_url()));
        values.push(("house", house.name.clone()));
        // Nobody reads what is sent to a sender that takes no answers.
        let answered = house.reply_to.is_some() || self.event().is_some_and(|event| event.reply_to.is_some());
        let questions = if answered { "If you have questions, reply to this email." } else { "" };
        values.push(("questions", questions.to_owned()));
        values
    }
}

fn shift(role: &str, hours: &str, link: String) -> Values {
    vec![("role", role.to_owned()), ("hours", hours.to_owned()), ("link", link)]
}

/// Where at the event, after the role.
fn spot(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" ({place})") }
}

/// `1 seat is held`, `3 seats are held`.
fn held(seats: i32) -> String {
    if seats == 1 { "1 seat is held".to_owned() } else { format!("{seats} seats are held") }
}
