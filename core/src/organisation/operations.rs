//! The organisation's settings.

use operation::{Answer, operation};
use uuid::Uuid;

use super::{Organisation, OrganisationInput};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    super::{events::OrganisationChanged, sql},
    crate::kernel::{
        context::{Db, RequestContext, Tx},
        error::{invalid_input, not_found, same_version, try_again},
        files,
        pictures::{
            self, Shape,
            shown::{self, Stored, Wanted},
        },
        upload::{self, Accept},
    },
};

/// What a logo is shown at: heads of pages and mails.
#[cfg(feature = "ssr")]
const SHAPES: &[Shape] = &[Shape::Within(512)];

/// Get the organisation's name, logo and colours
///
/// As public pages and emails show them. Changes appear everywhere within seconds.
#[operation(GET "/organisation", public)]
pub async fn organisation_get(cx: &RequestContext) -> Result<Organisation> {
    Ok(super::current(cx.app()).await?.as_ref().clone())
}

/// Update the organisation's settings
///
/// The time zone and currency apply to new records; existing ones keep their own.
#[operation(PUT "/admin/organisation", staff = OrganisationManage, errors(conflict))]
pub async fn organisation_update(cx: &RequestContext, input: OrganisationInput) -> Result<Organisation> {
    let after = cx.write(|tx| Box::pin(update(tx, input))).await?;
    cx.app().component::<super::cache::Remembered>().forget().await;
    Ok(after)
}

#[cfg(feature = "ssr")]
async fn update(tx: &mut Tx, input: OrganisationInput) -> Result<Organisation> {
    let (before, now) = (sql::organisation_lock(tx.conn()).await?.organisation, tx.now);
    same_version(input.version, before.version, &before)?;
    if !sql::zone_is_known(tx.conn(), input.timezone.as_str()).await? {
        return Err(invalid_input().field("timezone", "must be the name of a time zone such as Asia/Kolkata"));
    }
    sql::organisation_update(tx.conn(), &input, now).await?;
    changed(tx, "organisation.updated", &before).await
}

#[cfg(feature = "ssr")]
async fn changed(tx: &mut Tx, action: &'static str, before: &Organisation) -> Result<Organisation> {
    let after = sql::organisation_find(tx.conn()).await?.organisation;
    tx.audit(action, before, &after);
    tx.emit(&OrganisationChanged { organisation_id: after.id });
    Ok(after)
}

/// Upload the organisation's logo
///
/// Send multipart/form-data with the field `file`: a JPEG, PNG or WebP of at most 5 MiB, detected from its content. The
/// image is re-encoded without metadata, at most 512 pixels wide and high, on white.
#[operation(POST "/admin/organisation/logo", staff = OrganisationManage, body = multipart)]
pub async fn organisation_set_logo(cx: &RequestContext) -> Result<Organisation> {
    let (sniff, limit) = (pictures::sniff, 5 << 20);
    let accept = Accept { words: &[], folder: "organisation", sniff, must_be: "JPEG, PNG or WebP", limit };
    let given = upload::receive(cx, &accept).await?.file;
    let made = made_of(cx, &given.storage_key).await;
    files::discard(cx.app(), given.id).await;
    let (id, key) = made?;
    put(cx, "organisation.logo_changed", Some((id, key))).await
}

/// What is shown of an upload, stored but not kept yet.
#[cfg(feature = "ssr")]
async fn made_of(cx: &RequestContext, key: &str) -> Result<(Uuid, String)> {
    pictures::check(cx.app(), key).await?;
    let made = pictures::render(cx.app(), key, SHAPES).await?;
    let made = made.and_then(Result::ok).and_then(|mut made| made.files.pop());
    let made = made.ok_or_else(|| invalid_input().field("file", "must be a picture that can be read"))?;
    files::store(cx.app(), "organisation", made).await
}

/// Remove the organisation's logo
///
/// Pages and emails then show the name only.
#[operation(DELETE "/admin/organisation/logo", staff = OrganisationManage)]
pub async fn organisation_remove_logo(cx: &RequestContext) -> Result<Organisation> {
    put(cx, "organisation.logo_removed", None).await
}

/// Takes this file for the logo; the one before goes.
#[cfg(feature = "ssr")]
async fn put(cx: &RequestContext, action: &'static str, logo: Option<(Uuid, String)>) -> Result<Organisation> {
    let new = logo.as_ref().map(|(id, _)| *id);
    let kept = cx.write(|tx| Box::pin(keep(tx, action, logo))).await;
    cx.app().component::<super::cache::Remembered>().forget().await;
    let unused = match &kept {
        Ok((_, old)) => *old,
        Err(_) => new,
    };
    if let Some(file) = unused {
        files::discard(cx.app(), file).await;
    }
    Ok(kept?.0)
}

#[cfg(feature = "ssr")]
async fn keep(tx: &mut Tx, action: &'static str, logo: Option<(Uuid, String)>) -> Result<(Organisation, Option<Uuid>)> {
    let (before, now) = (sql::organisation_lock(tx.conn()).await?, tx.now);
    let old = before.logo.map(|logo| logo.file_id);
    if let Some((id, _)) = &logo
        && !files::keep(tx.conn(), *id, now).await?
    {
        return Err(try_again().detail("The upload took too long; send it again."));
    }
    sql::organisation_set_logo(tx.conn(), logo.as_ref().map(|(id, key)| (*id, key.as_str())), now).await?;
    files::release(tx.conn(), old.as_slice()).await?;
    Ok((changed(tx, action, &before.organisation).await?, old))
}

/// Download the organisation's logo
#[operation(GET "/organisation/logo/{id}", public, answer = Picture)]
pub async fn organisation_logo(cx: &RequestContext, id: Uuid) -> Result<Answer> {
    let logo = sql::organisation_find(cx.reader().await?.conn()).await?.logo;
    let logo = logo.filter(|logo| logo.file_id == id).ok_or_else(not_found)?;
    // It never changes under its id.
    let stored = Stored { key: &logo.storage_key, media_type: "image/jpeg" };
    shown::answer(cx, stored, Wanted::Full, "public, max-age=86400, immutable").await
}
