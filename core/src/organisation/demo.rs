//! The demo organisation's own address: guests and artists have somebody to write to.

use std::sync::Arc;

use super::{OrganisationInput, sql};
use crate::kernel::app::App;
use crate::kernel::error::{Result, internal};
use crate::kernel::text::{Email, Title};

/// Where answers go in the demo.
const DESK: &str = "hello@demo.eventify.test";

/// Names the address, once: settings that somebody has changed stay as they are.
pub async fn seed(app: &Arc<App>) -> Result<()> {
    let mut tx = app.begin().await?;
    let now = sql::organisation_lock(&mut tx).await?.organisation;
    if now.version != 1 {
        return Ok(());
    }
    let wrong = |message| internal().internal(message);
    let input = OrganisationInput {
        name: Title::parse(&now.name).map_err(wrong)?,
        primary_colour: now.colours.primary,
        accent_colour: now.colours.accent,
        timezone: now.timezone,
        currency: now.currency,
        sender_name: now.sender_name.map(|name| Title::parse(&name)).transpose().map_err(wrong)?,
        reply_to: Some(Email::parse(DESK).map_err(wrong)?),
        version: now.version,
    };
    sql::organisation_update(&mut tx, &input, app.clock.now()).await?;
    tx.commit().await?;
    app.component::<super::cache::Remembered>().forget().await;
    Ok(())
}
