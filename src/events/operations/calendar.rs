//! An event as a calendar file.

use operation::{Answer, operation};

use crate::events::EventId;
use crate::kernel::error::Result;

#[cfg(feature = "ssr")]
use {
    crate::events::{calendar, rules},
    crate::kernel::context::RequestContext,
};

/// Download an event as a calendar file
#[operation(GET "/events/{id}/calendar.ics", staff = EventsRead, end_user, public, scoped, answer = Calendar)]
pub async fn event_calendar(cx: &RequestContext, id: EventId) -> Result<Answer> {
    let event = {
        let mut db = cx.reader().await?;
        rules::find(&mut db, id).await?
    };
    calendar::answer(&event, &calendar::file(cx.app(), &event, None, false))
}
