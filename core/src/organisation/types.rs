//! What the organisation sends and takes, on both sides of the wire.

use operation::{FieldErrors, Validate};
use serde::Serialize;

use super::{Colour, ENOUGH, INK, PAPER};
use crate::access::wire;
use crate::id_type;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, TimeZone, Title};
use crate::kernel::timestamp::Timestamp;

id_type! {
    /// The organisation; there is one.
    OrganisationId,
}

wire! {
    /// The two colours of a brand.
    pub struct Colours {
        /// Buttons and links, on white.
        pub primary: Colour,
        /// The primary colour where pages are dark: the same hue, lighter.
        pub primary_dark: Colour,
        /// The mark and what shines, on dark grounds.
        pub accent: Colour,
    }

    /// Who runs this installation.
    pub struct Organisation {
        pub id: OrganisationId,
        /// Name of the organisation.
        pub name: String,
        /// The URL of its logo: a JPEG on white.
        pub logo_url: Option<String>,
        pub colours: Colours,
        /// The time zone of events and venues that name none.
        pub timezone: TimeZone,
        /// The currency of events and partners that name none.
        pub currency: Currency,
        /// The sender name of emails; the organisation's name if absent.
        pub sender_name: Option<String>,
        /// The reply-to address of emails that are not from an organiser.
        pub reply_to: Option<Email>,
        pub version: i64,
        pub updated_at: Timestamp,
    }

    /// The organisation's settings, whole.
    #[serde(deny_unknown_fields)]
    pub struct OrganisationInput {
        /// Name of the organisation.
        pub name: Title,
        /// Buttons and links: dark enough to be read on white.
        pub primary_colour: Colour,
        /// The mark: light enough to be read on dark grounds.
        pub accent_colour: Colour,
        /// The time zone of events and venues that name none.
        pub timezone: TimeZone,
        /// The currency of events and partners that name none.
        pub currency: Currency,
        /// The sender name of emails; the organisation's name if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub sender_name: Option<Title>,
        /// The reply-to address of emails that are not from an organiser.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reply_to: Option<Email>,
        /// As read; a stale one gets 409 with the current record.
        pub version: i64,
    }
}

impl Validate for OrganisationInput {
    fn check(&self, errors: &mut FieldErrors) {
        let mut must_be = |field: &str, colour: &Colour, ground: &str, right: &str| {
            let contrast = colour.contrast(ground);
            if contrast < ENOUGH {
                let message = format!("must be {right}: its contrast is {contrast:.1}, and has to be {ENOUGH} or more");
                errors.entry(field.to_owned()).or_default().push(message);
            }
        };
        must_be("primary_colour", &self.primary_colour, PAPER, "darker, so that white text on it can be read");
        must_be("accent_colour", &self.accent_colour, INK, "lighter, so that it can be read on dark grounds");
    }
}
