//! Setting up, renewing and turning off the second factor.

use eventify::access::operations::{recovery_codes_renew, totp_confirm, totp_disable, totp_enrol};
use eventify::access::{CodeInput, DisableTotpInput, Me, PasswordInput, RecoveryCodes, TotpEnrolment};
use leptos::prelude::*;

use crate::ui::use_me;
use crate::ui::{Codes, Confirm, CopyButton, Field, Form, Icon, Password, Toasts, Tone, badge, note, submit};

/// Where the set-up stands. Secrets live in this page alone and are gone with it.
#[derive(Clone)]
enum Step {
    Start,
    Scan(TotpEnrolment),
    Keep(RecoveryCodes),
}

/// The card's body.
pub fn panel(me: &Me) -> AnyView {
    let step = RwSignal::new(Step::Start);
    let (enabled, required) = (me.totp_enabled, me.two_factor_required);
    let body = move || match (step.get(), enabled) {
        (Step::Keep(codes), _) => keep(codes),
        (Step::Scan(enrolment), _) => scan(step, enrolment),
        (Step::Start, false) => start(step, required),
        (Step::Start, true) => enabled_panel(step),
    };
    view! { <div class="stack">{body}</div> }.into_any()
}

fn start(step: RwSignal<Step>, required: bool) -> AnyView {
    let run = submit(|input: PasswordInput| totp_enrol(input), move |enrolment| step.set(Step::Scan(enrolment)));
    let urgent = required.then(|| {
        note(Tone::Warning, "Required by your role", "Nothing else is available to you until it is set up.", None)
    });
    view! {
        {urgent}
        <p>{badge(Tone::Warning, "Off")}" Turn it on to require a code from your phone in addition to your password."</p>
        <div class="row">
            <Confirm id="factor-on" label="Set up an authenticator app" icon=Icon::SHIELD title="Set up a second factor" confirm="Continue" run=run danger=false class="btn primary">
                <p>"Enter your password first, so that nobody else can do it in your name."</p>
                <Password name="password" label="Password" autocomplete="current-password"/>
            </Confirm>
        </div>
    }
    .into_any()
}

fn scan(step: RwSignal<Step>, enrolment: TotpEnrolment) -> AnyView {
    let run = submit(|input: CodeInput| totp_confirm(input), move |codes| step.set(Step::Keep(codes)));
    let spaced = enrolment.secret.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned());
    let spaced = spaced.collect::<Vec<_>>().join(" ");
    view! {
        <ol class="stack tight">
            <li>"Scan this with an authenticator app, or type the key."</li>
            <li>"Enter the six digits it shows."</li>
        </ol>
        <figure class="qr">
            <div role="img" aria-label="QR code for your authenticator app" inner_html=enrolment.qr_svg></div>
            <figcaption>"Cannot scan? Enter "<code>{spaced}</code></figcaption>
        </figure>
        <div class="row"><CopyButton text=enrolment.secret label="Copy the key"/></div>
        <Form id="factor" submit=run label="Turn on" guarded=false>
            <Field name="code" label="Code" required=true autocomplete="one-time-code" class="otp"/>
        </Form>
    }
    .into_any()
}

fn keep(codes: RecoveryCodes) -> AnyView {
    let me = use_me();
    let text = "Each code replaces your authenticator once. They are shown only now: keep them somewhere safe.";
    view! {
        {note(Tone::Warning, "Save your recovery codes", text, None)}
        <Codes codes=codes.codes/>
        <div class="row">
            <button class="btn primary" type="button" on:click=move |_| me.refetch()>"Done, I've saved them"</button>
        </div>
    }
    .into_any()
}

fn enabled_panel(step: RwSignal<Step>) -> AnyView {
    let (me, toasts) = (use_me(), Toasts::get());
    let renew = submit(|input: CodeInput| recovery_codes_renew(input), move |codes| step.set(Step::Keep(codes)));
    let disable = submit(
        |input: DisableTotpInput| totp_disable(input),
        move |()| {
            toasts.done("Second factor turned off");
            me.refetch();
        },
    );
    view! {
        <p>{badge(Tone::Success, "On")}" Signing in takes your password and a code from your authenticator app."</p>
        <div class="row">
            <Confirm id="renew-codes" label="New recovery codes" icon=Icon::REFRESH title="Get new recovery codes?" confirm="Get new codes" run=renew danger=false>
                <p>"The ones you have stop working."</p>
                <Field name="code" label="Code" required=true autocomplete="one-time-code" class="otp" hint="From your authenticator app."/>
            </Confirm>
            <Confirm id="factor-off" label="Turn off second factor" icon=Icon::TRASH title="Turn off the second factor?" confirm="Turn off second factor" keep="Keep it on" run=disable class="btn danger">
                <p>"Your password alone will be enough to sign in."</p>
                <Password name="password" label="Password" autocomplete="current-password"/>
                <Field name="code" label="Code" required=true autocomplete="one-time-code" class="otp" hint="From your authenticator app, or a recovery code."/>
            </Confirm>
        </div>
    }
    .into_any()
}
