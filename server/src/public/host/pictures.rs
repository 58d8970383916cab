//! An event's pictures: the first is its cover, until another is chosen.

use axum::extract::Request;
use axum::response::Response;
use eventify::events::operations::{event_image_add, event_image_list, event_image_order, event_image_remove};
use eventify::events::{Event, EventImage, EventImageId, ImageOrder};
use eventify::kernel::error::{Error, Result};
use eventify::people::PictureStatus;
use maud::{Markup, html};

use super::super::art;
use super::super::cover::COVER;
use super::super::view::{Head, act, act_sure, described, refusal, wrong};
use super::super::visitor::{Visitor, id};
use super::{find, outcome, path, top};
use crate::web::parts::Path;

/// `GET /host/{id}/pictures`
pub async fn show(visitor: Visitor, Path(event): Path<String>) -> Response {
    page(&visitor, &event, None).await
}

/// `POST /host/{id}/pictures`
pub async fn add(visitor: Visitor, Path(event): Path<String>, request: Request) -> Response {
    let added = async {
        let event = find(&visitor, &event).await?;
        visitor.with_body(request.into_body(), event_image_add(event.id)).await
    };
    back(&visitor, &event, added.await.map(drop)).await
}

/// `POST /host/{id}/pictures/{image}/cover`
pub async fn choose(visitor: Visitor, Path((event, image)): Path<(String, String)>) -> Response {
    let chosen = async {
        let (event, cover) = (find(&visitor, &event).await?, id::<EventImageId>(&image)?);
        let images = visitor.own(event_image_list(event.id)).await?.items;
        let images = images.iter().map(|image| image.id).collect();
        visitor.own(event_image_order(event.id, ImageOrder { images, covers: vec![cover] })).await
    };
    back(&visitor, &event, chosen.await.map(drop)).await
}

/// `POST /host/{id}/pictures/{image}/remove`
pub async fn remove(visitor: Visitor, Path((event, image)): Path<(String, String)>) -> Response {
    let removed = async {
        let event = find(&visitor, &event).await?;
        match visitor.own(event_image_remove(event.id, id(&image)?)).await {
            // The second click of two.
            Err(error) if error.status() == 404 => Ok(()),
            removed => removed,
        }
    };
    back(&visitor, &event, removed.await).await
}

async fn back(visitor: &Visitor, event: &str, done: Result<()>) -> Response {
    let here = format!("/host/{event}/pictures");
    match outcome(visitor, &here, &here, done) {
        Ok(response) => response,
        Err(error) => page(visitor, event, Some(&error)).await,
    }
}

async fn page(visitor: &Visitor, event: &str, error: Option<&Error>) -> Response {
    let read = async {
        let event = find(visitor, event).await?;
        let images = visitor.own(event_image_list(event.id)).await?.items;
        Ok::<_, Error>((event, images))
    };
    let (event, images) = match read.await {
        Ok(read) => read,
        Err(error) => return visitor.refused(&error),
    };
    let described = described(error, "file").unwrap_or_else(|| "hint-file".to_owned());
    let body = html! {
        (top(visitor, &event, "Pictures"))
        (refusal(error))
        ul .kinds { @for (at, image) in images.iter().enumerate() { (one(&event, image, at + 1)) } }
        @if !event.status.is_over() {
            form method="post" enctype="multipart/form-data" action={ (path(&event)) "/pictures" } {
                div .field {
                    label for="file" { "Add a picture" }
                    input id="file" name="file" type="file" accept="image/png,image/jpeg,image/webp" required
                        aria-describedby=(described);
                    p #hint-file .hint { "JPEG, PNG or WebP, up to 40 megapixels. Shown in a wide format, about 1200 × 630." }
                    (wrong(error, "file"))
                }
                button { "Upload picture" }
            }
        }
    };
    visitor.page(error.map_or(200, Error::status), &Head::own(&format!("Pictures: {}", event.title)), &body)
}

fn one(event: &Event, image: &EventImage, at: usize) -> Markup {
    let acts = format!("{}/pictures/{}", path(event), image.id);
    let source = format!("/e/{}/cover/{}", event.slug, image.id);
    html! {
        li .picture {
            @match image.status {
                PictureStatus::Ready => {
                    img .cover src=(source) alt={ "Picture " (at) } width=(COVER.0) height=(COVER.1) loading="lazy"
                        decoding="async" srcset=(art::widths(&source)) sizes=(art::Wide::Card.sizes());
                }
                PictureStatus::Processing => {
                    p { "Picture " (at) " is being prepared. " a href={ (path(event)) "/pictures" } { "Show it" } }
                }
                PictureStatus::Unreadable => {
                    p { "Picture " (at) " could not be read. Remove it and upload another one." }
                }
            }
            @if image.is_cover { p { strong { "Cover picture" } } }
            @if !event.status.is_over() {
                @if !image.is_cover && image.status != PictureStatus::Unreadable {
                    (act(&format!("{acts}/cover"), "Use as cover", true))
                }
                (act_sure(&format!("{acts}/remove"), "Remove", "The picture is deleted.", "Remove picture"))
            }
        }
    }
}
