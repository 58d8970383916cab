//! What one says about oneself: the name on the tickets, and where they are mailed to.

use axum::response::Response;
use eventify::kernel::error::{Error, Result, invalid_input};
use eventify::kernel::patch::Patch;
use eventify::kernel::text::{Email, PersonName, grouped};
use eventify::people::operations::{my_privacy, my_privacy_update, my_profile, my_profile_update};
use eventify::people::{Gender, MyProfilePatch, PrivacyPatch, PrivacySettings, Visibility};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::email;
use super::errand::Errand;
use super::sent::UNREADABLE;
use super::view::{Head, Input, refusal_beside};
use super::visitor::Visitor;
use crate::web::forms::{local, see_other};
use crate::web::parts::{Form, Query};

const EMAIL_HINT: &str = "We email you a link to your tickets. Until you confirm the address, the link asks you to sign in. Without an email you \
     get a text message.";
/// Words of [`Gender`], and what people call them.
const GENDERS: [(&str, &str); 4] =
    [("female", "Woman"), ("male", "Man"), ("non_binary", "Non-binary"), ("undisclosed", "Prefer not to say")];
/// Words of [`Visibility`], and what people call them.
const AUDIENCES: [(Visibility, &str); 3] = [
    (Visibility::Everyone, "Everyone"),
    (Visibility::Attendees, "Guests of the same event"),
    (Visibility::Nobody, "Nobody"),
];

/// What the form holds.
#[derive(Default, Deserialize, Serialize)]
pub struct Typed {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    gender: String,
    #[serde(default)]
    version: i64,
    #[serde(default)]
    next: String,
    /// Another link was just sent.
    #[serde(default)]
    sent: bool,
    /// Who sees the name was just saved.
    #[serde(default)]
    kept: bool,
}

/// `GET /my/details`
pub async fn show(visitor: Visitor, Query(query): Query<Typed>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_first();
    }
    let read = async { Ok::<_, Error>((visitor.own(my_profile()).await?, visitor.own(my_privacy()).await?)) };
    match read.await {
        Ok((me, privacy)) => {
            let notice = email::notice(&me, query.sent, &visitor);
            let (email, gender) =
                (me.email.clone().unwrap_or_default(), me.gender.map_or("", Gender::as_str).to_owned());
            let (name, version) = (me.name.clone(), me.version);
            let typed = Typed { name, email, gender, version, next: query.next, ..Typed::default() };
            if is_on_the_way(&typed) {
                return on_the_way(&visitor, &typed, None).await;
            }
            let body = html! { (about_you(&me.phone, &typed, &notice, None)) (who_sees(&privacy, query.kept)) };
            visitor.page(200, &Head::own("About you"), &body)
        }
        Err(error) => visitor.refused(&error),
    }
}

/// `POST /my/details`
pub async fn save(visitor: Visitor, Form(typed): Form<Typed>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_for("/my/details");
    }
    let saved = match patch(&typed) {
        Ok(patch) => visitor.own(my_profile_update(patch)).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(profile) => see_other(match local(&typed.next) {
            // There it says where the link was sent.
            "/" if profile.email_link_expires_at.is_some() => "/my/details",
            "/" => "/my",
            next => next,
        }),
        Err(error) if is_on_the_way(&typed) => on_the_way(&visitor, &typed, Some(&error)).await,
        Err(error) => {
            let body = about_you("", &typed, &html! {}, Some(&error));
            visitor.page(error.status(), &Head::own("About you"), &body)
        }
    }
}

/// `POST /my/privacy`
pub async fn save_privacy(visitor: Visitor, Form(input): Form<PrivacyPatch>) -> Response {
    if visitor.user.is_none() {
        return visitor.sign_in_for("/my/details");
    }
    match visitor.own(my_privacy_update(input)).await {
        Ok(_) => see_other("/my/details?kept=true#privacy"),
        Err(error) => visitor.refused(&error),
    }
}

fn patch(typed: &Typed) -> Result<MyProfilePatch> {
    let mut wrong = invalid_input().detail(UNREADABLE);
    let name = PersonName::parse(&typed.name).map_err(|message| wrong = wrong.clone().field("name", message)).ok();
    let email = match typed.email.trim() {
        "" => Patch::Null,
        text => match Email::parse(text) {
            Ok(email) => Patch::Value(email),
            Err(message) => {
                wrong = wrong.clone().field("email", message);
                Patch::Absent
            }
        },
    };
    if !wrong.field_errors().is_empty() {
        return Err(wrong);
    }
    let gender = Gender::ALL.iter().find(|gender| gender.as_str() == typed.gender);
    Ok(MyProfilePatch {
        name,
        email,
        gender: gender.map_or(Patch::Null, |gender| Patch::Value(*gender)),
        bio: None,
        location: None,
        birth_date: Patch::Absent,
        interests: None,
        version: typed.version,
    })
}

/// Whether somebody is about to do something else, and is only asked for what that needs.
fn is_on_the_way(typed: &Typed) -> bool {
    local(&typed.next) != "/"
}

/// The same in the middle of buying: what is bought stays in sight, and what can wait is not asked.
async fn on_the_way(visitor: &Visitor, typed: &Typed, error: Option<&Error>) -> Response {
    let errand = Errand::of(visitor, local(&typed.next)).await;
    let head = Head::own("About you");
    let head = match &errand {
        Some(errand) => head.coloured(errand.title()),
        None => head,
    };
    let asked = errand.as_ref().is_some_and(Errand::is_for_some);
    let body = html! {
        @if let Some(errand) = &errand { (errand.top()) }
        h1 { "About you" }
        (form(typed, asked, "Continue", error))
    };
    visitor.page(error.map_or(200, Error::status), &head, &body)
}

fn about_you(phone: &str, typed: &Typed, notice: &Markup, error: Option<&Error>) -> Markup {
    html! {
        h1 { "About you" }
        (notice)
        section .surface .flow aria-labelledby="yh" {
            div .head {
                h2 #yh { "Your details" }
                @if !phone.is_empty() { span .hint { "You sign in with " span .whole { (grouped(phone)) } } }
            }
            (form(typed, true, "Save", error))
        }
    }
}

fn form(typed: &Typed, with_gender: bool, button: &str, error: Option<&Error>) -> Markup {
    let text = |name, label, kind, value, autocomplete, hint, required| {
        Input { name, label, kind, value, autocomplete, hint, required }.show(error)
    };
    html! {
        (refusal_beside(error, &["name", "email"]))
        form method="post" action="/my/details" {
            input type="hidden" name="next" value=(typed.next);
            input type="hidden" name="version" value=(typed.version);
            (text("name", "Your name", "text", typed.name.as_str(), "name", "Shown on your tickets", true))
            (text("email", "Email (optional)", "email", typed.email.as_str(), "email", EMAIL_HINT, false))
            @if with_gender { (gender_field(&typed.gender)) } @else {
                input type="hidden" name="gender" value=(typed.gender);
            }
            button { (button) }
        }
    }
}

fn gender_field(typed: &str) -> Markup {
    html! {
        div .field {
            label for="gender" { "Gender (optional)" }
            select id="gender" name="gender" aria-describedby="hint-gender" {
                option value="" { "Not set" }
                @for (gender, name) in GENDERS { option value=(gender) selected[gender == typed] { (name) } }
            }
            p #hint-gender .hint { "Some events are limited to certain guests." }
        }
    }
}

/// Whom one's name is shown to.
fn who_sees(privacy: &PrivacySettings, kept: bool) -> Markup {
    html! {
        section #privacy .surface .flow tabindex="-1" aria-labelledby="ph" {
            h2 #ph { "Privacy" }
            @if kept { p .note data-tone="ok" role="status" { "Saved." } }
            form method="post" action="/my/privacy" {
                input type="hidden" name="version" value=(privacy.version);
                div .field {
                    label for="visibility" { "Who can see your name" }
                    select id="visibility" name="profile_visibility" aria-describedby="hint-visibility" {
                        @for (audience, name) in AUDIENCES {
                            option value=(audience.as_str()) selected[audience == privacy.profile_visibility] { (name) }
                        }
                    }
                    p #hint-visibility .hint {
                        "On the page of an event that you host, and to people whose tickets were transferred to you. \
                         The organisers of events you attend always see it."
                    }
                }
                button .quiet { "Save privacy" }
            }
        }
    }
}
