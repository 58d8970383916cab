//! What is shown of one end user, by tab.

use eventify::finance::PaymentFilter;
use eventify::kernel::page::Page;
use eventify::kernel::text::grouped;
use eventify::people::{
    Ban, EndUserId, EndUserSession, Gender, Picture, PictureStatus, PrivacyRequest, PrivacySettings, UserDetail,
    UserStatus, Visibility,
};
use eventify::tickets::{Ticket, TicketFilter, TicketStatus};
use eventify::zones::{Zone, day_in_words};
use leptos::prelude::*;

use super::{request_badge, request_title};
use crate::access::shared::browser;
use crate::events::clock;
use crate::tickets::ticket_badge;
use crate::ui::{Column, Facts, ListQuery, Table, Tone, at, at_or, badge, card};

/// Profile, pictures, privacy, and the figures.
pub fn overview(detail: &UserDetail) -> AnyView {
    let user = &detail.user;
    let factor = match user.totp_enabled {
        true => badge(Tone::Success, "On"),
        false => badge(Tone::Neutral, "Off"),
    };
    let glance = Facts::new()
        .maybe("Spent", (user.total_spent.minor != 0).then(|| user.total_spent.display()))
        .add("Second factor", factor)
        .add("Last sign-in", at_or(user.last_login_at, "Never"))
        .add("Joined", at(user.created_at))
        .id(user.id);
    let photos =
        (!detail.pictures.is_empty()).then(|| card("user-pictures", "Pictures", None, pictures(&detail.pictures)));
    let asked = (!detail.privacy_requests.is_empty()).then(|| requests(detail.privacy_requests.clone()));
    view! {
        <div class="detail">
            <div class="stack">
                {card("user-profile", "Profile", None, profile(detail).view())}
                {photos}
                {card("user-privacy", "Privacy", None, privacy(&detail.privacy).view())}
                {asked}
            </div>
            <aside aria-label="At a glance">{card("user-glance", "At a glance", None, glance.view())}</aside>
        </div>
    }
    .into_any()
}

fn said(text: &str) -> AnyView {
    match text.is_empty() {
        true => view! { <span class="muted">"Not given"</span> }.into_any(),
        false => text.to_owned().into_any(),
    }
}

fn profile(detail: &UserDetail) -> Facts {
    let user = &detail.user;
    let phone = user.phone.clone().map(|phone| {
        let proven = detail.is_verified.then(|| view! { " "{badge(Tone::Success, "Verified")} });
        view! { <a href=format!("tel:{phone}")>{grouped(&phone)}</a>{proven} }
    });
    let confirmed = user.email_verified;
    let email = user.email.clone().map(|email| {
        let badge = match confirmed {
            true => badge(Tone::Success, "Confirmed"),
            false => badge(Tone::Neutral, "Not confirmed"),
        };
        view! { <a href=format!("mailto:{email}")>{email.clone()}</a>" "{badge} }
    });
    let interests = detail.interests.iter().map(|interest| {
        view! { <span class="tag">{interest.name.clone()}</span>" " }
    });
    let interests = match detail.interests.is_empty() {
        true => said(""),
        false => interests.collect_view().into_any(),
    };
    Facts::new()
        .add("Name", said(&user.full_name))
        .maybe("Phone", phone)
        .maybe("Email", email)
        .add("Location", said(&user.location))
        .maybe("Date of birth", detail.birth_date.map(|day| birthday(&day.to_string())))
        .maybe("Gender", detail.gender.map(gender))
        .add("About", said(&detail.bio))
        .add("Interests", interests)
}

/// `17 November 1997`: the day of the week says nothing here.
fn birthday(day: &str) -> String {
    let words = day_in_words(day);
    words.split_once(' ').map_or(words.clone(), |(_, rest)| rest.to_owned())
}

fn gender(gender: Gender) -> &'static str {
    match gender {
        Gender::Female => "Female",
        Gender::Male => "Male",
        Gender::NonBinary => "Non-binary",
        Gender::Undisclosed => "Not disclosed",
    }
}

/// Small, each leading to the whole picture. The links are signed and end by themselves.
fn pictures(list: &[Picture]) -> AnyView {
    let of = list.len();
    let one = list.iter().enumerate().map(|(at, picture)| {
        let name = format!("Picture {} of {of}", at + 1);
        let shown = match (picture.status, &picture.thumb_url, &picture.full_url) {
            (PictureStatus::Ready, Some(thumb), Some(full)) => {
                let (thumb, full) = (thumb.clone(), full.clone());
                view! { <a href=full target="_blank" rel="external noopener"><img src=thumb alt=name/></a> }.into_any()
            }
            (PictureStatus::Unreadable, ..) => view! { <span>"Not readable as a picture"</span> }.into_any(),
            _ => view! { <span>"Processing"</span> }.into_any(),
        };
        view! { <li>{shown}</li> }
    });
    view! { <ul class="pictures" role="list">{one.collect_view()}</ul> }.into_any()
}

fn audience(audience: Visibility) -> &'static str {
    match audience {
        Visibility::Everyone => "Everyone",
        Visibility::Attendees => "People at the same events",
        Visibility::Nobody => "Nobody",
    }
}

fn privacy(settings: &PrivacySettings) -> Facts {
    let shown = [
        (settings.show_location, "Location"),
        (settings.show_age, "Age"),
        (settings.show_attendance, "Events attended"),
    ];
    let allowed = [(settings.marketing, "News and offers"), (settings.analytics, "Usage analytics")];
    let words = |list: &[(bool, &'static str)], none: &str| {
        let yes: Vec<&str> = list.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
        if yes.is_empty() { none.to_owned() } else { yes.join(", ") }
    };
    Facts::new()
        .add("Profile visible to", audience(settings.profile_visibility))
        .add("Shown to others", words(&shown, "Nothing"))
        .add("Invitations from", audience(settings.invites_from))
        .add("Consents", words(&allowed, "None given"))
}

fn requests(list: Vec<PrivacyRequest>) -> AnyView {
    Table::new("Privacy requests", ListQuery::default())
        .counts("request", "requests")
        .column(Column::head("Request", |r: &PrivacyRequest| request_title(r.request_type).into_any()))
        .column(Column::new("Status", |r: &PrivacyRequest| request_badge(r.status)))
        .column(Column::new("Received", |r: &PrivacyRequest| at(r.requested_at)))
        .column(Column::new("Answered", |r: &PrivacyRequest| answered(r)))
        .all(list)
}

/// When a request was answered, and with what words.
pub fn answered(request: &PrivacyRequest) -> AnyView {
    let words = request.answer.clone().map(|answer| view! { " "<span class="muted">{answer}</span> });
    view! { {at_or(request.completed_at, "Not yet")}{words} }.into_any()
}

/// Every ban there was, the newest first.
pub fn bans(detail: &UserDetail) -> AnyView {
    let banned = detail.user.status == UserStatus::Banned;
    let state = move |ban: &Ban| match (ban.lifted_at, &ban.lifted_by_name) {
        (None, _) if banned => badge(Tone::Danger, "Active"),
        (Some(_), Some(_)) => badge(Tone::Neutral, "Lifted"),
        _ => badge(Tone::Neutral, "Ended"),
    };
    let reason = |ban: &Ban| match ban.reason.is_empty() {
        true => "Erased".into_any(),
        false => ban.reason.clone().into_any(),
    };
    let by = |time: AnyView, name: &Option<String>| {
        let name = name.clone().map(|name| format!(" by {name}"));
        view! { {time}{name} }.into_any()
    };
    Table::new("Bans", ListQuery::default())
        .counts("ban", "bans")
        .column(Column::head("Reason", reason))
        .column(Column::new("Status", state))
        .column(Column::new("Banned", move |ban: &Ban| by(at(ban.created_at), &ban.banned_by_name)))
        .column(Column::new("Until", |ban: &Ban| at_or(ban.until, "Permanent")))
        .column(Column::new("Ended", move |ban: &Ban| match ban.lifted_at {
            Some(time) => by(at(time), &ban.lifted_by_name),
            None => ().into_any(),
        }))
        .empty("Never banned", "Current and past bans appear here.", None)
        .all(detail.bans.clone())
}

/// Where it is signed in now.
pub fn sessions(list: Vec<EndUserSession>) -> AnyView {
    let place = |session: &EndUserSession| {
        let ip = session.ip_address.clone();
        view! { {browser(&session.user_agent)}{ip.map(|ip| view! { <small>{ip}</small> })} }.into_any()
    };
    Table::new("Open sessions", ListQuery::default())
        .counts("session", "sessions")
        .column(Column::head("Device", place))
        .column(
            Column::new("Verified with 2FA", |s: &EndUserSession| if s.mfa { "Yes" } else { "No" }.into_any()).low(),
        )
        .column(Column::new("Signed in", |s: &EndUserSession| at(s.created_at)).low())
        .column(Column::new("Last used", |s: &EndUserSession| at(s.last_seen_at)))
        .column(Column::new("Ends", |s: &EndUserSession| at(s.expires_at)).low())
        .empty("No open sessions", "This user is not signed in anywhere.", None)
        .all(list)
}

/// What the URL asks for of a user's tickets.
pub fn tickets_of(user: EndUserId, query: &ListQuery) -> TicketFilter {
    TicketFilter {
        user_id: Some(user),
        status: query.parsed("status").map(shown_with),
        cursor: query.text("cursor"),
        limit: query.parsed("limit"),
        ..TicketFilter::default()
    }
}

/// The statuses that the table shows with one: who went in, or out again, attended once the event is over.
fn shown_with(status: TicketStatus) -> Vec<TicketStatus> {
    match status {
        TicketStatus::Inside | TicketStatus::Outside => vec![TicketStatus::Inside, TicketStatus::Outside],
        other => vec![other],
    }
}

/// What the filter offers: the words of the table, those together that the event's end tells apart.
fn offered() -> Vec<(String, String)> {
    let offer = |status: TicketStatus, title: &str| (status.as_str().to_owned(), title.to_owned());
    let void = [TicketStatus::Revoked, TicketStatus::Refunded].map(|status| offer(status, status.title()));
    let open =
        [offer(TicketStatus::Issued, "Issued or not used"), offer(TicketStatus::Inside, "Inside, outside or attended")];
    open.into_iter().chain(void).collect()
}

/// What the URL asks for of a user's payments.
pub fn payments_of(user: EndUserId, query: &ListQuery) -> PaymentFilter {
    PaymentFilter {
        user_id: Some(user),
        cursor: query.text("cursor"),
        limit: query.parsed("limit"),
        ..PaymentFilter::default()
    }
}

/// What a ticket's status is called once its event is over.
fn after(status: TicketStatus) -> (Tone, &'static str) {
    match status {
        TicketStatus::Inside | TicketStatus::Outside => (Tone::Success, "Attended"),
        TicketStatus::Issued => (Tone::Neutral, "Not used"),
        TicketStatus::Revoked | TicketStatus::Refunded => (Tone::Neutral, status.title()),
    }
}

/// How it stands; after the event, what came of it.
fn standing(ticket: &Ticket) -> AnyView {
    match ticket.event_over {
        true => {
            let (tone, title) = after(ticket.status);
            badge(tone, title)
        }
        false => ticket_badge(ticket.status),
    }
}

/// The tickets that are this user's own, void ones too; the latest first.
pub fn tickets(user: EndUserId, query: ListQuery, page: Page<Ticket>, zones: Vec<Zone>) -> AnyView {
    let wanted = tickets_of(user, &query);
    let event = move |ticket: &Ticket| {
        let (path, title) = (format!("/events/{}?tab=guests", ticket.event_id), ticket.event_title.clone());
        // By the clock that its guests go by.
        let start = match zones.iter().find(|zone| zone.name == ticket.event_timezone) {
            Some(zone) => clock::at(zone, ticket.event_start_at),
            None => at(ticket.event_start_at),
        };
        view! { <a href=path>{title}</a><small>{start}</small> }.into_any()
    };
    let state = |ticket: &Ticket| {
        let why = ticket.revoke_reason.clone().map(|reason| view! { <small>{reason}</small> });
        view! { {standing(ticket)}{why} }.into_any()
    };
    Table::new("Tickets", query)
        .counts("ticket", "tickets")
        .csv("/tickets/export", &wanted)
        .select("status", "Any status", offered())
        .column(Column::head("Event", event))
        .column(Column::new("Ticket type", |t: &Ticket| t.ticket_type.clone().into_any()))
        .column(Column::new("Status", state))
        .column(Column::new("Issued", |t: &Ticket| at(t.issued_at)).low())
        .empty("No tickets", "Tickets appear here once this user books an event.", None)
        .page(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_offers_what_the_table_shows_and_nothing_else() {
        let user = EndUserId::new();
        for status in TicketStatus::ALL {
            for shown in [status.title(), after(*status).1] {
                let mut found = Vec::new();
                for (value, title) in offered() {
                    let query = ListQuery::of("/users", &[("status", &value)]);
                    if tickets_of(user, &query).status.is_some_and(|wanted| wanted.contains(status)) {
                        found.push(title);
                    }
                }
                assert_eq!(found.len(), 1, "{status:?}: {found:?}");
                let says = found[0].to_lowercase();
                assert!(says.contains(&shown.to_lowercase()), "{shown} is found under {says}");
            }
        }
    }
}
