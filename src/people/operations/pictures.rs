//! The pictures of the own profile. [004 USER_PROFILE.profile_pictures]

use operation::{Answer, operation};

use crate::kernel::error::Result;
use crate::kernel::page::Page;
use crate::people::{Picture, PictureId, PictureOrder, PictureQuery};

#[cfg(feature = "ssr")]
use {
    super::rules,
    crate::kernel::{
        context::{Db, RequestContext, Tx},
        error::{invalid_input, not_found, try_again},
        files,
        pictures::{
            self,
            shown::{self, Stored, Wanted},
        },
        upload::{self, Accept, StoredFile},
    },
    crate::people::errors::{last_picture, too_many_pictures},
    crate::people::{
        EndUserId, MOST_PICTURES, PictureSize, PictureStatus, events::ProfileUpdated, links, pictures::MakePicture, sql,
    },
    uuid::Uuid,
};

/// Add a picture to your profile
///
/// Send multipart/form-data with the field `file`: a JPEG, PNG or WebP, detected from its content, of at most 40
/// megapixels, and 20 MiB unless configured otherwise. The picture is rotated upright, stripped of metadata such as its
/// location, and stored in three sizes. A profile has at most six pictures. Returns all of them.
#[operation(POST "/me/pictures", end_user, status = 201, rate = Costly, body = multipart, errors(too_many_pictures))]
pub async fn my_picture_add(cx: &RequestContext) -> Result<Page<Picture>> {
    let me = rules::me(cx)?;
    {
        let mut db = cx.reader().await?;
        room_for_one(&sql::picture_order(db.conn(), me).await?)?;
    }
    let folder = format!("pictures/{me}");
    let limit = cx.app().config.upload_mib << 20;
    let accept = Accept { words: &[], folder: &folder, sniff: pictures::sniff, must_be: "JPEG, PNG or WebP", limit };
    let file = upload::receive(cx, &accept).await?.file;
    let file_id = file.id;
    let kept = async {
        pictures::check(cx.app(), &file.storage_key).await?;
        cx.write(|tx| Box::pin(keep(tx, me, file))).await
    };
    let kept = kept.await;
    if kept.is_err() {
        files::discard(cx.app(), file_id).await;
    }
    kept
}

#[cfg(feature = "ssr")]
fn room_for_one(order: &[PictureId]) -> Result<()> {
    if order.len() < MOST_PICTURES { Ok(()) } else { Err(too_many_pictures()) }
}

#[cfg(feature = "ssr")]
async fn keep(tx: &mut Tx, me: EndUserId, file: StoredFile) -> Result<Page<Picture>> {
    sql::account_lock(tx.conn(), me).await?;
    let mut order = sql::picture_order(tx.conn(), me).await?;
    room_for_one(&order)?;
    let (now, id) = (tx.now, PictureId::new());
    if !files::keep(tx.conn(), file.id, now).await? {
        return Err(try_again().detail("The upload took too long; send it again."));
    }
    sql::picture_insert(tx.conn(), id, me, &file, now).await?;
    order.push(id);
    sql::picture_order_set(tx.conn(), me, &order).await?;
    tx.enqueue(&MakePicture { picture: id });
    tx.emit(&ProfileUpdated { user_id: me });
    Ok(rules::pictures(tx, me).await?.into())
}

/// Reorder your pictures
///
/// List all of them; the first one is shown in lists.
#[operation(PUT "/me/pictures/order", end_user, errors(invalid_transition))]
pub async fn my_picture_order(tx: &mut Tx, input: PictureOrder) -> Result<Page<Picture>> {
    let me = rules::me(tx)?;
    sql::account_lock(tx.conn(), me).await?;
    let mut now = sql::picture_order(tx.conn(), me).await?;
    let mut asked = input.ids.clone();
    now.sort_unstable();
    asked.sort_unstable();
    if now != asked {
        return Err(invalid_input().field("ids", "must name each of the profile's pictures once"));
    }
    sql::picture_order_set(tx.conn(), me, &input.ids).await?;
    tx.emit(&ProfileUpdated { user_id: me });
    Ok(rules::pictures(tx, me).await?.into())
}

/// Remove a picture from your profile
///
/// The last visible picture cannot be removed: add another one first.
#[operation(DELETE "/me/pictures/{id}", end_user, errors(last_picture))]
pub async fn my_picture_remove(cx: &RequestContext, id: PictureId) -> Result<Page<Picture>> {
    let me = rules::me(cx)?;
    let (left, gone) = cx.write(|tx| Box::pin(remove(tx, me, id))).await?;
    for file in gone {
        files::discard(cx.app(), file).await;
    }
    Ok(left.into())
}

#[cfg(feature = "ssr")]
async fn remove(tx: &mut Tx, me: EndUserId, id: PictureId) -> Result<(Vec<Picture>, Vec<Uuid>)> {
    sql::account_lock(tx.conn(), me).await?;
    let mut order = sql::picture_order(tx.conn(), me).await?;
    let (status, gone) = sql::picture_delete(tx.conn(), me, id).await?.ok_or_else(not_found)?;
    order.retain(|other| *other != id);
    if order.is_empty() && status != PictureStatus::Unreadable {
        return Err(last_picture());
    }
    sql::picture_order_set(tx.conn(), me, &order).await?;
    files::release(tx.conn(), &gone).await?;
    tx.emit(&ProfileUpdated { user_id: me });
    Ok((rules::pictures(tx, me).await?, gone))
}

/// Download a picture by its signed link
#[operation(GET "/user-pictures/{id}/file", public, answer = Picture, errors(link_invalid))]
pub async fn user_picture_file(cx: &RequestContext, id: PictureId, query: PictureQuery) -> Result<Answer> {
    links::check_picture(&cx.app().keys, id, &query, cx.now)?;
    let key = {
        let mut db = cx.reader().await?;
        sql::picture_key(db.conn(), id, query.size).await?
    };
    let left = (query.expires - cx.now.0.unix_timestamp()).max(0);
    // A picture never changes under its id.
    let keep = format!("private, max-age={left}, immutable");
    let wanted = if query.size == PictureSize::Full { Wanted::File } else { Wanted::Full };
    shown::answer(cx, Stored { key: &key, media_type: "image/jpeg" }, wanted, &keep).await
}
