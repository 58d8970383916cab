//! Pictures of a profile.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::PictureId;
use crate::access::wire;
use crate::kernel::wire_enum::wire_enum;

/// Most pictures a profile has.
pub const MOST_PICTURES: usize = 6;

wire_enum! {
    /// The processing status of a picture.
    pub enum PictureStatus {
        /// Uploaded, not shown yet.
        Processing "processing" "Processing",
        /// Can be shown.
        Ready "ready" "Ready",
        /// Could not be read as a picture: remove it.
        Unreadable "unreadable" "Unreadable",
    }

    /// The size of a picture.
    pub enum PictureSize {
        /// At most 256 pixels a side.
        Thumb "thumb" "Thumb",
        /// At most 1280 pixels a side.
        Large "large" "Large",
        /// As large as it was uploaded, but at most 4096 a side.
        Full "full" "Full",
    }
}

wire! {
    /// A picture. Its links work for at least an hour, for anyone who has them.
    pub struct Picture {
        pub id: PictureId,
        pub status: PictureStatus,
        pub width: Option<i32>,
        pub height: Option<i32>,
        pub thumb_url: Option<String>,
        pub large_url: Option<String>,
        pub full_url: Option<String>,
    }

    /// The pictures in the order they shall be shown.
    #[serde(deny_unknown_fields)]
    pub struct PictureOrder {
        /// All of the profile's pictures.
        pub ids: Vec<PictureId>,
    }

    /// The parameters of a picture link.
    #[serde(deny_unknown_fields)]
    pub struct PictureQuery {
        pub size: PictureSize,
        /// Seconds since 1970.
        pub expires: i64,
        pub signature: String,
    }
}
impl Validate for PictureOrder {
    fn check(&self, errors: &mut FieldErrors) {
        if self.ids.len() > MOST_PICTURES {
            errors.entry("ids".to_owned()).or_default().push(format!("must be at most {MOST_PICTURES}"));
        }
    }
}
impl Validate for PictureQuery {}
