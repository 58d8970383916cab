//! Inviting a partner, and changing one.

use eventify::kernel::error::not_found;
use eventify::kernel::text::{Email, PersonName, Phone, Title, WebUrl};
use eventify::partners::operations::{partner_create, partner_get, partner_update};
use eventify::partners::{NewPartner, Partner, PartnerId, PartnerPatch};
use leptos::prelude::*;
use serde_json::json;

use super::kinds;
use crate::ui::use_me;
use crate::ui::{
    Field, Form, Loading, PageHead, Pick, Toasts, card, currencies, id_of_path, loaded, rule, submit, use_go,
};

/// The form to invite a partner.
pub fn partner_new() -> AnyView {
    loaded(use_me(), |_, _| new())
}

fn new() -> AnyView {
    let (go, toasts) = (use_go(), Toasts::get());
    let run = submit(
        |input: NewPartner| partner_create(input),
        move |partner: Partner| {
            toasts.done(format!("{} is invited", partner.name));
            go(&format!("/partners/{}", partner.id));
        },
    );
    let form = view! {
        <Form id="partner" submit=run label="Invite partner" cancel="/partners">
            <div class="form-grid">
                <Field name="name" label="Business name" check={rule::<Title>} required=true/>
                <Pick name="type" label="Type" options=kinds() required=true/>
                <Field name="contact_name" label="Contact's full name" check={rule::<PersonName>} required=true/>
                <Field name="contact_email" label="Contact's email" kind="email" check={rule::<Email>} required=true hint="The invitation is sent here and is valid for 7 days"/>
                <Field name="contact_phone" label="Contact's phone" kind="tel" check={rule::<Phone>}/>
                <Pick name="settlement_currency" label="Settlement currency" options=currencies() hint="Defaults to your organisation's"/>
            </div>
        </Form>
    };
    let crumbs = vec![("Partners".to_owned(), "/partners".to_owned())];
    view! {
        <div class="page narrow">
            <PageHead title="Invite a partner" crumbs=crumbs subtitle="The primary contact signs in, sees only this partner's records and uploads its documents."/>
            {card("partner-form", "Contact", None, form)}
        </div>
    }
    .into_any()
}

/// The form for what a partner is.
pub fn partner_edit() -> AnyView {
    let id = id_of_path::<PartnerId>();
    let fetch = |id: Option<PartnerId>| async move { partner_get(id.ok_or_else(not_found)?).await };
    let partner = Loading::new(move || id.get(), fetch);
    loaded(partner, |partner, _| edit(partner))
}

fn edit(partner: Partner) -> AnyView {
    let (go, toasts, id) = (use_go(), Toasts::get(), partner.id);
    let path = format!("/partners/{id}");
    let back = path.clone();
    let run = submit(
        move |input: PartnerPatch| partner_update(id, input),
        move |_: Partner| {
            toasts.done("Saved");
            go(&back);
        },
    );
    let crumbs = vec![("Partners".to_owned(), "/partners".to_owned()), (partner.name.clone(), path.clone())];
    let title = format!("Edit {}", partner.name);
    let form = view! {
        <Form id="partner" submit=run label="Save changes" cancel=path extra=json!({ "version": partner.version })>
            <div class="form-grid">
                <Field name="name" label="Business name" check={rule::<Title>} required=true value=partner.name/>
                <Pick name="type" label="Type" options=kinds() required=true value=partner.kind.as_str()/>
            </div>
            <Field name="logo_url" label="Logo URL" kind="url" check={rule::<WebUrl>} emptyable=true value=partner.logo_url.unwrap_or_default()/>
        </Form>
    };
    view! {
        <div class="page narrow"><PageHead title=title crumbs=crumbs/>{card("partner-form", "Partner", None, form)}</div>
    }
    .into_any()
}
