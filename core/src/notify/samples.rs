//! A sample of every mail, for whoever wants to see them all before they are sent. Each area gives its own.

use super::MailAudience;
use super::render::{Rendered, render};
use super::template::{Samples, Template};
use crate::kernel::app::App;
use crate::kernel::error::Result;
use crate::kernel::timestamp::Timestamp;
use crate::organisation::Organisation;

/// Whom samples greet.
pub const NAME: &str = "Rehana Sethi";

/// One of each, with who reads it.
pub fn all(at: Timestamp) -> Vec<(MailAudience, Template)> {
    let mut areas: Vec<_> = inventory::iter::<Samples>().collect();
    areas.sort_by_key(|area| area.place);
    areas.into_iter().flat_map(|area| (area.mails)(at).into_iter().map(|mail| (area.to, mail))).collect()
}

/// How one looks.
pub fn shown(app: &App, organisation: &Organisation, logo: Option<Vec<u8>>, mail: &Template) -> Result<Rendered> {
    Ok(render(app, organisation, logo, mail, mail.enclosed_in_sample()?))
}
