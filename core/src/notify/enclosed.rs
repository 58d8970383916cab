//! What goes along with a mail: the codes of tickets, and the event for one's calendar. The areas that have them give
//! them when the mail is sent, so that no queue holds a code.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::Template;
use crate::kernel::app::App;
use crate::kernel::error::Result;

/// What goes along with one mail.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Enclosed {
    /// The codes of tickets.
    pub codes: Vec<Code>,
    /// An iCalendar file.
    pub calendar: Option<String>,
    /// Who has passed the tickets on.
    pub giver: Option<String>,
}

/// The code of one ticket.
#[derive(Clone, Debug, PartialEq)]
pub struct Code {
    /// What it is: `Standard, 1 of 2`.
    pub label: String,
    /// The code to enter instead.
    pub typed: String,
    /// The QR code, as a PNG.
    pub png: Vec<u8>,
}

/// An area that has something to enclose.
pub struct Enclosing {
    /// Gives what belongs to this mail; nothing for a mail that is none of its own.
    pub gather: for<'a> fn(&'a Arc<App>, &'a Template) -> BoxFuture<'a, Result<Enclosed>>,
}
inventory::collect!(Enclosing);

/// All that goes along with a mail.
pub(super) async fn gather(app: &Arc<App>, mail: &Template) -> Result<Enclosed> {
    let mut all = Enclosed::default();
    for area in inventory::iter::<Enclosing>() {
        let one = (area.gather)(app, mail).await?;
        all.codes.extend(one.codes);
        all.calendar = all.calendar.or(one.calendar);
        all.giver = all.giver.or(one.giver);
    }
    Ok(all)
}
