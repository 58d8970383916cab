//! Forms: every kind of field, as it is at first and as it is when refused.

use std::future::ready;

use eventify::Error;
use eventify::kernel::error::{FieldErrors, Validate, invalid_input};
use eventify::kernel::text::{Email, NewPassword, PersonName};
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::ui::{
    Area, Field, Flag, Form, Icon, Options, Password, Pick, PickGrid, PickMany, PickOne, TextArea, card, rule, submit,
};

/// Takes whatever was filled in.
#[derive(Deserialize)]
struct Anything(#[allow(dead_code)] Map<String, Value>);
impl Validate for Anything {}

fn refusal() -> Error {
    let told = [("email", "is taken"), ("role", "may not be given by you"), ("rights", "must hold one of yours")];
    let fields: FieldErrors = told.map(|(field, text)| (field.to_owned(), vec![text.to_owned()])).into();
    invalid_input().fields(fields)
}

fn options(words: &[&str]) -> Options {
    words.iter().map(|word| (word.to_lowercase().replace(' ', "_"), (*word).to_owned())).collect()
}

pub fn forms() -> AnyView {
    view! {
        {card("gallery-form-card", "Every field (the server refuses it)", None, every_field())}
        {card("gallery-errors-card", "Refused", None, refused())}
    }
    .into_any()
}

fn every_field() -> AnyView {
    let send = submit(|_: Anything| ready(Err::<(), Error>(refusal())), |()| ());
    let ways = [("all", "All events", "Those to come too"), ("some", "Chosen events", ""), ("none", "None", "")];
    let ways = ways.map(|(key, label, help)| (key.to_owned(), label.to_owned(), help.to_owned())).to_vec();
    let rights = vec![
        ("Team".to_owned(), options(&["See staff", "Invite staff"])),
        ("Money".to_owned(), options(&["See payouts", "Approve payouts"])),
    ];
    let chosen = vec!["see_staff".to_owned(), "see_payouts".to_owned()];
    let row = |key: &str, title: &str, ways| (key.to_owned(), title.to_owned(), ways);
    let told = vec![
        row("sold_out", "An event is sold out", vec![Some(true), Some(false)]),
        row("refunded", "A payment is refunded", vec![Some(true), None]),
    ];
    view! {
        <Form id="gallery-form" submit=send label="Save" cancel="/gallery" guarded=false>
            <div class="form-grid">
                <Field name="name" label="Full name" required=true check={rule::<PersonName>} value="Ada Moreau"/>
                <Field name="email" label="Email" kind="email" required=true check={rule::<Email>} hint="The invitation goes here."/>
                <Pick name="role" label="Role" required=true options=options(&["Box office", "Gate Staff"])/>
                <Field name="day" label="Day" kind="date" value="2026-11-21"/>
                <Field name="begins" label="Begins (UTC)" kind="datetime-local"/>
                <Field name="seats" label="Seats" kind="number" value="2040"/>
            </div>
            <Area name="about" label="About" hint="Seen by staff only."/>
            <Password name="password" label="New password" autocomplete="new-password" check={rule::<NewPassword>}/>
            <PickOne name="scope" label="Where" options=ways value="all"/>
            <PickMany name="rights" label="What they may do" groups=rights value=chosen locked=vec!["see_staff".to_owned()] compared=true/>
            <PickGrid head="Notify me when" ways=vec![("here", "In Eventify"), ("mail", "Email")] rows=told/>
            <Flag name="digest" label="Daily digest" hint="By mail, at 06:00." value=true/>
            <Flag name="news" label="News"/>
        </Form>
    }
    .into_any()
}

/// What the form above looks like once refused, without moving the focus of whoever opens the page.
fn refused() -> AnyView {
    let error = |id: &'static str, text: &'static str| view! { <p class="error" id=id>{Icon::ALERT.svg()}{text}</p> };
    view! {
        <div class="form">
            <div class="note" data-tone="danger">
                {Icon::ALERT.svg()}
                <div>
                    <p>"Some fields need your attention."</p>
                    <ul>
                        <li><a href="#refused-email">"Email is taken"</a></li>
                        <li><a href="#refused-role">"Choose a role"</a></li>
                    </ul>
                </div>
            </div>
            <div class="form-grid">
                <div class="field">
                    <label for="refused-email">"Email "<span class="req" aria-hidden="true">"*"</span></label>
                    <input id="refused-email" type="email" value="ada@eventify.test" aria-invalid="true" aria-describedby="refused-email-error"/>
                    {error("refused-email-error", "This is taken.")}
                </div>
                <div class="field">
                    <label for="refused-role">"Role "<span class="req" aria-hidden="true">"*"</span></label>
                    <select id="refused-role" aria-invalid="true" aria-describedby="refused-role-error">
                        <option value="">"Choose…"</option>
                    </select>
                    {error("refused-role-error", "This is required.")}
                </div>
                <div class="field">
                    <label for="refused-about">"About"</label>
                    <TextArea attr:id="refused-about" attr:aria-invalid="true" attr:aria-describedby="refused-about-error"/>
                    {error("refused-about-error", "Must hold at most 500 characters.")}
                </div>
                <div class="field">
                    <label for="refused-off">"Payout account"</label>
                    <input id="refused-off" disabled=true value="Set by the partner"/>
                </div>
            </div>
        </div>
    }
    .into_any()
}
