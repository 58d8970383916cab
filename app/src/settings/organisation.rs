//! The organisation's settings.

use eventify::Error;
use eventify::kernel::text::{Email, Title};
use eventify::organisation::operations::{organisation_get, organisation_remove_logo, organisation_update};
use eventify::organisation::{Organisation, OrganisationInput};
use eventify::zones::operations::time_zone_list;
use leptos::prelude::*;
use serde_json::json;

use super::brand::{Shown, colour, preview};
use crate::ui::Branded;
use crate::ui::{
    Confirm, Field, Form, Icon, Loading, Nothing, PageHead, Pick, Toasts, Upload, card, currencies, loaded, rule,
    submit, zones,
};

type Data = (Organisation, Vec<String>);

/// The page.
pub fn organisation() -> AnyView {
    let data = Loading::new(|| (), |()| fetch());
    loaded(data, move |record, _| page(data, record))
}

async fn fetch() -> Result<Data, Error> {
    Ok((organisation_get().await?, time_zone_list().await?.items))
}

fn page(data: Loading<Data>, (organisation, zones): Data) -> AnyView {
    let (logo, brand) = (logo(data, &organisation), expect_context::<Branded>());
    let now = organisation.clone();
    // The bar shows at once what was saved here.
    let shown = Shown::of(&organisation);
    Effect::new(move |_| brand.show(&now));
    view! {
        <div class="page">
            <PageHead title="Organisation" subtitle="Shown on public pages, tickets and emails."/>
            <div class="detail">
                <div class="stack" on:input=move |event| shown.follow(&event)>
                    {card("organisation-form", "Name and brand", None, form(data, organisation, zones))}
                    {card("organisation-logo", "Logo", None, logo)}
                </div>
                <aside aria-label="Preview">{card("organisation-preview", "Preview", None, preview(shown))}</aside>
            </div>
        </div>
    }
    .into_any()
}

fn form(data: Loading<Data>, now: Organisation, all_zones: Vec<String>) -> AnyView {
    let toasts = Toasts::get();
    let run = submit(
        |input: OrganisationInput| organisation_update(input),
        move |_: Organisation| {
            toasts.done("Settings saved");
            data.refetch();
        },
    );
    let reply_to = now.reply_to.map(String::from).unwrap_or_default();
    view! {
        <Form id="organisation" submit=run label="Save changes" extra=json!({ "version": now.version })>
            <Field name="name" label="Name" check={rule::<Title>} required=true value=now.name/>
            <div class="form-grid">
                {colour("primary_colour", "Primary colour", &now.colours.primary, "Buttons and links. Dark enough for white text.")}
                {colour("accent_colour", "Accent colour", &now.colours.accent, "The logo mark on dark backgrounds. Light enough to be seen there.")}
                <Pick name="timezone" label="Time zone" options=zones(all_zones) required=true value=now.timezone.to_string() hint="Used when a new event or venue has no time zone"/>
                <Pick name="currency" label="Currency" options=currencies() required=true value=now.currency.to_string() hint="Used when a new event or partner has no currency"/>
                <Field name="sender_name" label="Sender name" check={rule::<Title>} emptyable=true value=now.sender_name.unwrap_or_default() hint="Defaults to the organisation's name"/>
                <Field name="reply_to" label="Reply-to address" kind="email" check={rule::<Email>} emptyable=true value=reply_to hint="Replies about a partner's event go to the partner's contact instead"/>
            </div>
        </Form>
    }
    .into_any()
}

fn logo(data: Loading<Data>, now: &Organisation) -> AnyView {
    let toasts = Toasts::get();
    let done = move || {
        toasts.done("Logo saved");
        data.refetch();
    };
    let shown = now.logo_url.clone().map(|url| {
        let run = submit(
            move |_: Nothing| organisation_remove_logo(),
            move |_: Organisation| {
                toasts.done("Logo removed");
                data.refetch();
            },
        );
        let alt = format!("Logo of {}", now.name);
        view! {
            <div class="row spread">
                <img class="logo" src=url alt=alt/>
                <Confirm id="organisation-logo-remove" label="Remove logo" icon=Icon::TRASH title="Remove the logo?" confirm="Remove logo" run=run>
                    <p>"Pages and emails show the name alone."</p>
                </Confirm>
            </div>
        }
    });
    view! {
        <div class="stack">
            {shown}
            <Upload action="/api/v1/admin/organisation/logo" accept="image/png,image/jpeg,image/webp" hint="PNG, JPEG or WebP, up to 5 MB. Shown on white." done=done/>
        </div>
    }
    .into_any()
}
