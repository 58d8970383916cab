//! What other areas ask of a partner.

use sqlx::PgConnection;

use super::{PartnerId, PartnerStatus, sql};
use crate::kernel::error::{Result, partner_suspended};

/// Where the partner stands; `None` if there is none.
async fn standing(db: &mut PgConnection, id: PartnerId) -> Result<Option<PartnerStatus>> {
    sql::partner_standing(db, id).await
}

/// Refuses what a suspended partner cannot have a part in, whoever asks for it.
pub async fn must_not_be_suspended(db: &mut PgConnection, id: PartnerId, detail: &str) -> Result<()> {
    if is_suspended(db, id).await? { Err(partner_suspended().detail(detail)) } else { Ok(()) }
}

/// Whether this partner is suspended.
pub async fn is_suspended(db: &mut PgConnection, id: PartnerId) -> Result<bool> {
    Ok(matches!(standing(db, id).await?, Some(PartnerStatus::Suspended)))
}

/// Where answers to mails in this partner's name go: its primary contact.
pub async fn answers_to(db: &mut PgConnection, id: PartnerId) -> Result<Option<String>> {
    sql::primary_contact_email(db, id).await
}

/// The partner of this name, for demo data.
pub async fn by_name(db: &mut PgConnection, name: &str) -> Result<Option<PartnerId>> {
    sql::partner_by_name(db, name).await
}
