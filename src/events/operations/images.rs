//! Images of an event. [004 §2.13]

use operation::{Answer, operation};

use crate::events::{EventId, EventImage, EventImageId, ImageOrder};
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    crate::events::{bus::EventChanged, rules, sql},
    crate::kernel::{
        context::{Cx, Db, Reader, Tx},
        error::{internal, invalid_input, not_found, try_again},
        files,
        permissions::Permission::EventsManage,
        upload::{self, Accept, StoredFile},
    },
    axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    axum::response::Response,
};

/// How many images an event may have.
#[cfg(feature = "ssr")]
const MOST: usize = 20;

/// Pictures only, of what uploads can be.
#[cfg(feature = "ssr")]
fn sniff(head: &[u8]) -> Option<&'static str> {
    crate::partners::files::sniff(head).filter(|media_type| media_type.starts_with("image/"))
}

/// The images of an event, in order
#[operation(GET "/events/{id}/images", staff = EventsRead, end_user, public, scoped)]
pub async fn event_image_list(db: &mut Reader, id: EventId) -> Result<Vec<EventImage>> {
    let event = rules::find(db, id).await?;
    sql::image_list(db.conn(), event.id).await
}

/// Add an image to an event
///
/// The body is multipart/form-data with the field `file`: a PNG or JPEG, told by its content. The first
/// image becomes the cover.
#[operation(POST "/events/{id}/images", staff = EventsManage, end_user, status = 201, scoped, body = multipart)]
pub async fn event_image_add(cx: &Cx, id: EventId) -> Result<EventImage> {
    {
        let mut db = cx.reader().await?;
        rules::find_run(&mut db, id, EventsManage).await?;
    }
    let accept = Accept {
        words: &[],
        folder: &format!("events/{id}"),
        sniff,
        must_be: "PNG or JPEG",
        limit: cx.app().config.upload_mib << 20,
    };
    let file = upload::receive(cx, &accept).await?.file;
    let file_id = file.id;
    let kept = cx.write(|tx| Box::pin(keep(tx, id, file))).await;
    if kept.is_err() {
        files::discard(cx.app(), file_id).await;
    }
    kept
}

#[cfg(feature = "ssr")]
async fn keep(tx: &mut Tx, id: EventId, file: StoredFile) -> Result<EventImage> {
    let event = rules::lock(tx, id, EventsManage).await?;
    let now = tx.now;
    if sql::image_list(tx.conn(), id).await?.len() >= MOST {
        return Err(invalid_input().field("file", format!("an event has at most {MOST} images")));
    }
    if !files::keep(tx.conn(), file.id, now).await? {
        return Err(try_again().detail("The upload took too long; send it again."));
    }
    let image = sql::NewImage {
        id: EventImageId::new(),
        event_id: id,
        file_id: file.id,
        storage_key: &file.storage_key,
        media_type: file.media_type,
        size_bytes: file.size_bytes,
    };
    sql::image_insert(tx.conn(), &image, now).await?;
    if event.cover_images.is_empty() {
        sql::event_set_covers(tx.conn(), id, &[image.id]).await?;
    }
    let images = sql::image_list(tx.conn(), id).await?;
    let added = images.into_iter().find(|other| other.id == image.id).ok_or_else(not_found)?;
    tx.audit_created("event.image_added", &added);
    tx.emit(&EventChanged { event_id: id });
    Ok(added)
}

/// Put the images of an event into order and choose its covers
#[operation(PUT "/events/{id}/images", staff = EventsManage, end_user, scoped)]
pub async fn event_image_order(tx: &mut Tx, id: EventId, input: ImageOrder) -> Result<Vec<EventImage>> {
    let event = rules::lock(tx, id, EventsManage).await?;
    let there: Vec<EventImageId> = sql::image_list(tx.conn(), id).await?.iter().map(|image| image.id).collect();
    if there.len() != input.images.len() || there.iter().any(|image| !input.images.contains(image)) {
        return Err(invalid_input().field("images", "must be all images of the event"));
    }
    sql::image_order(tx.conn(), id, &input.images).await?;
    sql::event_set_covers(tx.conn(), id, &input.covers).await?;
    let after = sql::image_list(tx.conn(), id).await?;
    tx.audit("event.images_ordered", &event, &event)
        .note("images_before", &there)
        .note("images", &input.images)
        .note("covers", &input.covers);
    tx.emit(&EventChanged { event_id: id });
    Ok(after)
}

/// Remove an image
///
/// Where it was the only cover, the first of those that are left becomes it.
#[operation(DELETE "/events/{id}/images/{image_id}", staff = EventsManage, end_user, scoped)]
pub async fn event_image_remove(tx: &mut Tx, id: EventId, image_id: EventImageId) -> Result<()> {
    let event = rules::lock(tx, id, EventsManage).await?;
    let images = sql::image_list(tx.conn(), id).await?;
    let before = images.iter().find(|image| image.id == image_id).ok_or_else(not_found)?;
    if let Some(file) = sql::image_delete(tx.conn(), id, image_id).await? {
        files::release(tx.conn(), &[file]).await?;
    }
    let left: Vec<EventImageId> = images.iter().map(|image| image.id).filter(|image| *image != image_id).collect();
    sql::image_order(tx.conn(), id, &left).await?;
    let mut covers: Vec<EventImageId> = event.cover_images.into_iter().filter(|cover| *cover != image_id).collect();
    if covers.is_empty() {
        covers.extend(left.first());
    }
    sql::event_set_covers(tx.conn(), id, &covers).await?;
    tx.audit_deleted("event.image_removed", before);
    tx.emit(&EventChanged { event_id: id });
    Ok(())
}

/// The file of an image
#[operation(GET "/event-images/{id}/file", staff = EventsRead, end_user, public, scoped, answer = Picture)]
pub async fn event_image_file(cx: &Cx, id: EventImageId) -> Result<Answer> {
    let (image, public) = {
        let mut db = cx.reader().await?;
        let image = sql::image_file(db.conn(), id).await?;
        let event = rules::find(&mut db, image.event_id).await?;
        (image, event.is_published)
    };
    let body = cx.app().storage.read(&image.storage_key).await?.ok_or_else(not_found)?;
    // An image never changes; a new one has a new id.
    let keep = if public { "public, max-age=86400" } else { "private, no-store" };
    let response = Response::builder()
        .header(CONTENT_TYPE, image.media_type.as_str())
        .header(CONTENT_LENGTH, image.size_bytes)
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CACHE_CONTROL, keep)
        .body(body)
        .map_err(|error| internal().internal(error))?;
    Ok(Answer { response })
}
