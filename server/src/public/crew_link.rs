//! The page of somebody of the crew, by a link of their own: offers to answer, shifts, coming and leaving, documents. It
//! works without signing in and without script; what is looked at changes nothing, so that previews of links answer
//! nothing.

use axum::response::Response;
use eventify::kernel::error::{Error, Result, invalid_input, not_found};
use eventify::kernel::text::{Secret, grouped};
use eventify::planning::operations::{
    own_document_link, own_shift_answer, own_shift_calendar, own_shift_list, own_shift_step, own_shift_swap,
};
use eventify::planning::{
    AssignmentStatus, CrewDocument, CrewDocumentId, CrewId, LinkToken, OfferAnswer, OwnAnswer, OwnShift, OwnShifts,
    OwnStep, OwnSwap, PlanNote, ShiftStep, StaffAssignmentId,
};
use eventify::zones::day_in_words;
use maud::{Markup, html};

use super::sent::{Sent, wrong};
use super::view::{Head, refused_act};
use super::visitor::{Visitor, Zones, id};
use crate::web::forms::{encode, see_other};
use crate::web::parts::{Form, Path};

type Pairs = Vec<(String, String)>;

/// How long before a shift the button to come is there.
const EARLY: time::Duration = time::Duration::minutes(30);

/// `GET /c/{member}/{token}`
pub async fn show(visitor: Visitor, Path((member, token)): Path<(String, String)>) -> Response {
    page(&visitor, &member, &token, None).await
}

/// `GET /c/{member}/{token}/shifts.ics`
pub async fn calendar(visitor: Visitor, Path((member, token)): Path<(String, String)>) -> Response {
    let file = async { visitor.openly(own_shift_calendar(id(&member)?, LinkToken { token })).await };
    match file.await {
        Ok(file) => file.response,
        Err(error) => visitor.refused(&error),
    }
}

/// `GET /c/{member}/{token}/documents/{document}`: the way to its file.
pub async fn document(visitor: Visitor, Path((_, token, document)): Path<(String, String, String)>) -> Response {
    let link = async {
        let document: CrewDocumentId = id(&document)?;
        visitor.openly(own_document_link(document, LinkToken { token })).await
    };
    match link.await {
        Ok(link) => see_other(&link.url),
        Err(gone) => no_longer(&visitor, &gone),
    }
}

/// `POST /c/{member}/{token}/{shift}/{act}`: `answer`, `swap` or `step`.
pub async fn act(
    visitor: Visitor,
    Path((member, token, shift, act)): Path<(String, String, String, String)>,
    Form(pairs): Form<Pairs>,
) -> Response {
    let sent = Sent::typed(pairs);
    match done(&visitor, &shift, &act, &token, &sent).await {
        Ok(_) => see_other(&format!("/c/{member}/{token}#s-{shift}")),
        // The link is good where its page can be read: what is gone is the shift.
        Err(error) if error.status() == 410 => {
            let gone = not_found().detail("This shift is no longer yours.");
            page(&visitor, &member, &token, Some(&gone)).await
        }
        Err(error) => page(&visitor, &member, &token, Some(&error)).await,
    }
}

async fn done(visitor: &Visitor, shift: &str, act: &str, token: &str, sent: &Sent) -> Result<OwnShift> {
    let (shift, token): (StaffAssignmentId, _) = (id(shift)?, Secret::new(token.to_owned()));
    match act {
        "answer" => {
            let answer = OfferAnswer::ALL.iter().find(|answer| answer.as_str() == sent.get("answer"));
            let answer = *answer.ok_or_else(|| invalid_input().detail("Choose Accept or Decline."))?;
            visitor.openly(own_shift_answer(shift, OwnAnswer { token, answer })).await
        }
        "swap" => {
            let note = match sent.get("note") {
                "" => None,
                text => Some(PlanNote::try_from(text.to_owned()).map_err(|message| wrong("note", message))?),
            };
            visitor.openly(own_shift_swap(shift, OwnSwap { token, asked: sent.get("asked") == "yes", note })).await
        }
        "step" => {
            let step = ShiftStep::ALL.iter().find(|step| step.as_str() == sent.get("step"));
            let step = *step.ok_or_else(|| invalid_input().detail("Choose whether you have come or are leaving."))?;
            visitor.openly(own_shift_step(shift, OwnStep { token, step })).await
        }
        _ => Err(not_found()),
    }
}

async fn page(visitor: &Visitor, member: &str, token: &str, error: Option<&Error>) -> Response {
    let read = async {
        let member: CrewId = id(member)?;
        let own = visitor.openly(own_shift_list(member, LinkToken { token: token.to_owned() })).await?;
        let zones = visitor.zones(own.shifts.iter().map(|shift| shift.timezone.as_str())).await?;
        Ok::<_, Error>((own, zones))
    };
    let (own, zones) = match read.await {
        Ok(read) => read,
        Err(gone) => return no_longer(visitor, &gone),
    };
    let here = format!("/c/{member}/{token}");
    visitor.page(
        error.map_or(200, Error::status),
        &Head::own("Your shifts"),
        &body(visitor, &own, &zones, &here, error),
    )
}

/// A link that works no longer says so, and whom to ask.
pub fn no_longer(visitor: &Visitor, error: &Error) -> Response {
    if error.status() != 410 {
        return visitor.refused(error);
    }
    let body = html! {
        div .state {
            h1 { "This link no longer works" }
            p { "Ask the person who sent it to you for a new one." }
        }
    };
    visitor.page(410, &Head::own("This link no longer works"), &body)
}

fn body(visitor: &Visitor, own: &OwnShifts, zones: &Zones, here: &str, error: Option<&Error>) -> Markup {
    let now = visitor.now();
    let is_offer = |shift: &&OwnShift| shift.status == AssignmentStatus::Offered && shift.ends_at > now;
    let offers: Vec<&OwnShift> = own.shifts.iter().filter(is_offer).collect();
    let (past, ahead): (Vec<&OwnShift>, Vec<&OwnShift>) =
        own.shifts.iter().filter(|shift| !is_offer(shift)).partition(|shift| shift.ends_at <= now);
    let first = own.full_name.split_whitespace().next().unwrap_or_default();
    let title = match offers.len() {
        0 => format!("Your shifts, {first}"),
        1 => format!("1 offer for you, {first}"),
        n => format!("{n} offers for you, {first}"),
    };
    let one = |shift: &OwnShift| entry(visitor, shift, zones, here);
    html! {
        h1 dir="auto" { (title) }
        p .hint { bdi { (own.organisation) } }
        (refused_act(error))
        @for shift in &offers { (one(shift)) }
        section .flow aria-labelledby="ahead" {
            h2 #ahead { "Upcoming" }
            @if ahead.is_empty() { p { "No shifts to come." } }
            @for shift in &ahead { (one(shift)) }
        }
        @if !past.is_empty() {
            section .flow aria-labelledby="past" {
                h2 #past { "The last 30 days" }
                @for shift in past.iter().rev() { (one(shift)) }
            }
        }
        p { a href={ (here) "/shifts.ics" } { "Add to your calendar" } }
        @if !own.documents.is_empty() {
            section .flow aria-labelledby="documents" {
                h2 #documents { "Your documents" }
                ul .flow role="list" { @for document in &own.documents { li { (paper(document, here)) } } }
            }
        }
        p .hint { "This link is only for you and works without signing in. Lost your phone? Ask for a new link." }
    }
}

fn entry(visitor: &Visitor, shift: &OwnShift, zones: &Zones, here: &str) -> Markup {
    let hours = zones.of(&shift.timezone).map(|zone| zone.display_span(shift.starts_at, shift.ends_at));
    let act = |what: &str| format!("{here}/{}/{what}", shift.id);
    let (hour, minute) = (shift.minutes / 60, shift.minutes % 60);
    let map = match (shift.latitude, shift.longitude) {
        (Some(north), Some(east)) => {
            format!("https://www.openstreetmap.org/?mlat={north}&mlon={east}#map=17/{north}/{east}")
        }
        _ => format!("https://www.openstreetmap.org/search?query={}", encode(&shift.venue)),
    };
    html! {
        section .surface .flow id={ "s-" (shift.id) } aria-label=(shift.role) {
            @if shift.status == AssignmentStatus::Accepted && shift.swap_asked_at.is_none() {
                p .tags { span .tag data-tone="ok" { (said(shift)) } }
            } @else {
                p .hint { (said(shift)) }
            }
            h3 { (hours.unwrap_or_default()) }
            dl .facts {
                dt { "As" } dd { bdi { (shift.role) } @if let Some(place) = &shift.place { ", " bdi { (place) } } }
                dt { "Event" } dd { bdi { (shift.event) } }
                dt { "Where" } dd { a href=(map) rel="noopener noreferrer" { bdi { (shift.venue) } } }
                dt { "Pay" } dd { (shift.pay.display()) " for " (hour) " h" @if minute > 0 { " " (minute) " min" } }
                @if let Some(lead) = &shift.lead {
                    dt { "Lead" }
                    dd { bdi { (lead) } @if let Some(phone) = &shift.lead_phone { ", " a href={ "tel:" (phone) } { (grouped(phone)) } } }
                }
            }
            (acts(visitor, shift, act))
        }
    }
}

fn paper(document: &CrewDocument, here: &str) -> Markup {
    html! {
        a href={ (here) "/documents/" (document.id) } rel="noopener" { (document.kind.title()) ": " bdi { (document.file_name) } }
        @if let Some(day) = &document.expires_on { span .hint { " valid until " (day_in_words(day)) } }
        @if let Some(trouble) = document.trouble() { p .hint { strong { (trouble) ". " } "Send a new one to the person who plans your shifts." } }
    }
}

fn said(shift: &OwnShift) -> &'static str {
    match (shift.status, shift.swap_asked_at) {
        (AssignmentStatus::Offered, _) => "Offer: not answered yet",
        (AssignmentStatus::Accepted, Some(_)) => {
            "Accepted. You asked to swap: it is yours until someone else takes it."
        }
        (AssignmentStatus::Accepted, None) => "Accepted",
        (AssignmentStatus::Declined, _) => "Declined",
        (AssignmentStatus::CheckedIn, _) => "You are here",
        _ => "Done",
    }
}

fn acts(visitor: &Visitor, shift: &OwnShift, act: impl Fn(&str) -> String) -> Markup {
    let now = visitor.now();
    let open = shift.ends_at > now;
    html! {
        @if shift.status == AssignmentStatus::Offered && open {
            form .acts method="post" action=(act("answer")) {
                button name="answer" value="accepted" { "Accept" }
                button .quiet name="answer" value="declined" { "Decline" }
            }
        }
        @if shift.status == AssignmentStatus::Accepted && open {
            @if now.0 >= shift.starts_at.0 - EARLY {
                form method="post" action=(act("step")) { button name="step" value="in" { "Check in" } }
            } @else if shift.swap_asked_at.is_some() {
                form method="post" action=(act("swap")) { button .quiet name="asked" value="no" { "Keep this shift" } }
            } @else {
                details {
                    summary { "Can't make it?" }
                    form .flow method="post" action=(act("swap")) {
                        div .field {
                            label for={ "n-" (shift.id) } { "Why" span .hint { " (optional)" } }
                            input id={ "n-" (shift.id) } name="note" maxlength="1000" dir="auto" autocomplete="off";
                        }
                        p .acts {
                            button .quiet name="asked" value="yes" { "Ask to swap" }
                            button .quiet name="answer" value="declined" formaction=(act("answer")) { "Decline" }
                        }
                    }
                }
                p .hint { "Check-in opens here 30 minutes before your shift." }
            }
        }
        @if shift.status == AssignmentStatus::CheckedIn {
            form method="post" action=(act("step")) { button name="step" value="out" { "Check out" } }
        }
    }
}
