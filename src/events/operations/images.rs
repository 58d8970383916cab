//! Images of an event. [004 §2.13]

use operation::{Answer, operation};

use crate::events::{EventId, EventImage, EventImageId, ImageOrder, ImageQuery};
use crate::kernel::error::Result;
use crate::kernel::page::Page;

#[cfg(feature = "ssr")]
use {
    crate::events::errors::{picture_storage_full, too_many_images},
    crate::events::{ImageSize, bus::EventChanged, pictures::MakeEventImage, rules, sql},
    crate::kernel::{
        context::{Db, Reader, RequestContext, Tx},
        error::{invalid_input, not_found, try_again},
        files,
        permissions::Permission::EventsManage,
        pictures::{
            self, Shape,
            shown::{self, Stored, Wanted},
        },
        upload::{self, Accept, StoredFile},
    },
    crate::people::PictureStatus,
};

/// How many images an event may have.
#[cfg(feature = "ssr")]
const MOST: usize = 20;

/// What the pictures of one person's events may have together.
#[cfg(feature = "ssr")]
const MOST_BYTES: i64 = 512 << 20;

#[cfg(feature = "ssr")]
fn room_for_one(images: &[EventImage]) -> Result<()> {
    if images.len() < MOST { Ok(()) } else { Err(too_many_images()) }
}

/// List the images of an event
///
/// In order, in one page: an event has at most 20.
#[operation(GET "/events/{id}/images", staff = EventsRead, end_user, public, scoped)]
pub async fn event_image_list(db: &mut Reader, id: EventId) -> Result<Page<EventImage>> {
    let event = rules::find(db, id).await?;
    Ok(sql::image_list(db.conn(), event.id).await?.into())
}

/// Add an image to an event
///
/// The body is multipart/form-data with the field `file`: a JPEG, PNG or WebP, told by its content, of at most 40
/// megapixels, and 20 MiB unless the server is set otherwise. It is shown once it was re-encoded: upright and
/// without metadata such as the place it was taken at. The first image becomes the cover. An event has at most
/// 20, and those of one end user's events have at most 512 MiB together.
#[operation(POST "/events/{id}/images", staff = EventsManage, end_user, status = 201, scoped, rate = Costly, body = multipart,
    errors(picture_storage_full, too_many_images, invalid_transition))]
pub async fn event_image_add(cx: &RequestContext, id: EventId) -> Result<EventImage> {
    {
        let mut db = cx.reader().await?;
        rules::find_run(&mut db, id, EventsManage).await?;
        room_for_one(&sql::image_list(db.conn(), id).await?)?;
    }
    let accept = Accept {
        words: &[],
        folder: &format!("events/{id}"),
        sniff: pictures::sniff,
        must_be: "JPEG, PNG or WebP",
        limit: cx.app().config.upload_mib << 20,
    };
    let file = upload::receive(cx, &accept).await?.file;
    let file_id = file.id;
    let kept = async {
        pictures::check(cx.app(), &file.storage_key).await?;
        cx.write(|tx| Box::pin(keep(tx, id, file))).await
    };
    let kept = kept.await;
    if kept.is_err() {
        files::discard(cx.app(), file_id).await;
    }
    kept
}

#[cfg(feature = "ssr")]
async fn keep(tx: &mut Tx, id: EventId, file: StoredFile) -> Result<EventImage> {
    let event = rules::lock(tx, id, EventsManage).await?;
    let now = tx.now;
    room_for_one(&sql::image_list(tx.conn(), id).await?)?;
    if let Some(host) = event.host_user_id
        && sql::image_bytes_of_host(tx.conn(), host.0).await? + file.size_bytes > MOST_BYTES
    {
        return Err(picture_storage_full());
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
    sql::event_cover_if_none(tx.conn(), id, image.id).await?;
    tx.enqueue(&MakeEventImage { image: image.id }).dedupe(image.id.to_string());
    let images = sql::image_list(tx.conn(), id).await?;
    let added = images.into_iter().find(|other| other.id == image.id).ok_or_else(not_found)?;
    tx.audit_created("event.image_added", &added);
    tx.emit(&EventChanged { event_id: id });
    Ok(added)
}

/// Set the order and the covers of an event's images
#[operation(PUT "/events/{id}/images", staff = EventsManage, end_user, scoped, errors(invalid_transition))]
pub async fn event_image_order(tx: &mut Tx, id: EventId, input: ImageOrder) -> Result<Page<EventImage>> {
    let event = rules::lock(tx, id, EventsManage).await?;
    let images = sql::image_list(tx.conn(), id).await?;
    let there: Vec<EventImageId> = images.iter().map(|image| image.id).collect();
    if there.len() != input.images.len() || there.iter().any(|image| !input.images.contains(image)) {
        return Err(invalid_input().field("images", "must be all images of the event"));
    }
    let unreadable = |image: &EventImage| image.status == PictureStatus::Unreadable && input.covers.contains(&image.id);
    if images.iter().any(unreadable) {
        return Err(invalid_input().field("covers", "must be images that could be read"));
    }
    sql::image_order(tx.conn(), id, &input.images).await?;
    sql::event_set_covers(tx.conn(), id, &input.covers).await?;
    let after = sql::image_list(tx.conn(), id).await?;
    tx.audit("event.images_ordered", &event, &event)
        .note("images_before", &there)
        .note("images", &input.images)
        .note("covers", &input.covers);
    tx.emit(&EventChanged { event_id: id });
    Ok(after.into())
}

/// Remove an image
///
/// If it was the only cover, the first remaining image becomes the cover.
#[operation(DELETE "/events/{id}/images/{image_id}", staff = EventsManage, end_user, scoped,
    errors(invalid_transition))]
pub async fn event_image_remove(tx: &mut Tx, id: EventId, image_id: EventImageId) -> Result<()> {
    rules::lock(tx, id, EventsManage).await?;
    let images = sql::image_list(tx.conn(), id).await?;
    let before = images.iter().find(|image| image.id == image_id).ok_or_else(not_found)?;
    sql::image_delete(tx.conn(), id, image_id).await?;
    let left: Vec<EventImageId> = images.iter().map(|image| image.id).filter(|image| *image != image_id).collect();
    sql::image_order(tx.conn(), id, &left).await?;
    sql::event_uncover(tx.conn(), id, image_id).await?;
    tx.audit_deleted("event.image_removed", before);
    tx.emit(&EventChanged { event_id: id });
    Ok(())
}

/// Download an image
///
/// A JPEG of the whole image or, with `size=cover`, its preview; `small` and `tiny` are smaller versions of the
/// preview. Available once the image has been processed.
#[operation(GET "/event-images/{id}/file", staff = EventsRead, end_user, public, scoped, answer = Picture)]
pub async fn event_image_file(cx: &RequestContext, id: EventImageId, query: ImageQuery) -> Result<Answer> {
    let size = query.size.unwrap_or(ImageSize::Full);
    let (image, public) = {
        let mut db = cx.reader().await?;
        let image = sql::image_file(db.conn(), id, size).await?;
        let event = rules::find(&mut db, image.event_id).await?;
        (image, event.is_published)
    };
    let wanted = match size {
        ImageSize::Full => Wanted::File,
        ImageSize::Cover => Wanted::Full,
        ImageSize::Medium => Wanted::In(Shape::Filled(800, 420)),
        ImageSize::Small => Wanted::In(Shape::Filled(480, 252)),
        ImageSize::Compact => Wanted::In(Shape::Filled(320, 168)),
        ImageSize::Tiny => Wanted::In(Shape::Filled(160, 84)),
    };
    // An image never changes once it is ready; a new one has a new id.
    let keep = if public { "public, max-age=86400" } else { "private, no-store" };
    let stored = Stored { key: &image.storage_key, media_type: &image.media_type };
    shown::answer(cx, stored, wanted, keep).await
}
