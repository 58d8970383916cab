//! All SQL of the organisation.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Colour, Colours, Organisation, OrganisationId, OrganisationInput};
use crate::kernel::error::Result;
use crate::kernel::money::Currency;
use crate::kernel::text::{Email, TimeZone};
use crate::kernel::timestamp::Timestamp;

/// The organisation, and where its logo is.
pub struct OrganisationRow {
    pub organisation: Organisation,
    pub logo: Option<Logo>,
}

/// A file in storage.
pub struct Logo {
    pub file_id: Uuid,
    pub storage_key: String,
}

/// Where a logo is shown: another one has another address.
fn logo_url(id: Uuid) -> String {
    format!("/api/v1/organisation/logo/{id}")
}

pub async fn organisation_find(db: &mut PgConnection) -> Result<OrganisationRow> {
    let row = sqlx::query!(
        r#"select id as "id: OrganisationId", name, logo_file_id, logo_key, primary_colour as "primary: Colour",
                  accent_colour as "accent: Colour", timezone as "timezone: TimeZone",
                  currency as "currency: Currency", sender_name, reply_to as "reply_to: Email", version,
                  updated_at as "updated_at: Timestamp"
           from organisation"#
    )
    .fetch_one(db)
    .await?;
    let logo = row.logo_file_id.zip(row.logo_key).map(|(file_id, storage_key)| Logo { file_id, storage_key });
    let organisation = Organisation {
        id: row.id,
        name: row.name,
        logo_url: logo.as_ref().map(|logo| logo_url(logo.file_id)),
        colours: Colours { primary_dark: row.primary.in_the_dark(), primary: row.primary, accent: row.accent },
        timezone: row.timezone,
        currency: row.currency,
        sender_name: row.sender_name,
        reply_to: row.reply_to,
        version: row.version,
        updated_at: row.updated_at,
    };
    Ok(OrganisationRow { organisation, logo })
}

/// The same, locked until the transaction ends.
pub async fn organisation_lock(db: &mut PgConnection) -> Result<OrganisationRow> {
    sqlx::query!("select id from organisation for no key update").fetch_one(&mut *db).await?;
    organisation_find(db).await
}

pub async fn organisation_update(db: &mut PgConnection, input: &OrganisationInput, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update organisation
         set name = $1, primary_colour = $2, accent_colour = $3, timezone = $4, currency = $5, sender_name = $6,
             reply_to = $7, version = version + 1, updated_at = $8",
        input.name.as_str(),
        input.primary_colour.as_str(),
        input.accent_colour.as_str(),
        input.timezone.as_str(),
        input.currency.as_str(),
        input.sender_name.as_ref().map(|name| name.as_str()),
        input.reply_to.as_ref().map(|email| email.as_str()),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn organisation_set_logo(db: &mut PgConnection, logo: Option<(Uuid, &str)>, now: Timestamp) -> Result<()> {
    sqlx::query!(
        "update organisation set logo_file_id = $1, logo_key = $2, version = version + 1, updated_at = $3",
        logo.map(|(id, _)| id),
        logo.map(|(_, key)| key),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether PostgreSQL knows a zone of this name.
pub async fn zone_is_known(db: &mut PgConnection, name: &str) -> Result<bool> {
    let known =
        sqlx::query_scalar!(r#"select exists (select 1 from pg_timezone_names where name = $1) as "known!""#, name,);
    Ok(known.fetch_one(db).await?)
}
