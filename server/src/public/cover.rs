//! An event's picture, small enough for a phone and for the previews of links.

use axum::response::{IntoResponse, Response};
use eventify::events::operations::event_image_file;
use eventify::events::{EventImageId, ImageQuery, ImageSize};

use super::visitor::{Visitor, id};
use crate::web::parts::{Path, Query};

pub use eventify::events::COVER;

/// `GET /e/{slug}/cover/{image}?size=`: for whoever sees the event, as the operation has it.
pub async fn show(
    visitor: Visitor,
    Path((_, image)): Path<(String, String)>,
    Query(wanted): Query<ImageQuery>,
) -> Response {
    let found = async {
        let (image, query) =
            (id::<EventImageId>(&image)?, ImageQuery { size: Some(wanted.size.unwrap_or(ImageSize::Cover)) });
        match visitor.openly(event_image_file(image, query.clone())).await {
            // Of a draft only its hosts see pictures.
            Err(error) if error.status() == 404 && visitor.user.is_some() => {
                visitor.own(event_image_file(image, query)).await
            }
            file => file,
        }
    };
    match found.await {
        Ok(file) => file.response.into_response(),
        Err(error) => visitor.refused(&error),
    }
}
