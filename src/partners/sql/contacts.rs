use sqlx::PgConnection;

use crate::access::StaffId;
use crate::kernel::error::{Result, not_found};
use crate::kernel::timestamp::Timestamp;
use crate::partners::{ContactAccess, ContactId, NewContact, PartnerContact, PartnerId};

/// All contacts of a partner, the primary one first. To its own people (not `house`) somebody who has an account
/// already looks like anybody else who was invited, until they come: they learn nothing of who works here.
pub async fn contact_list(db: &mut PgConnection, partner: PartnerId, house: bool) -> Result<Vec<PartnerContact>> {
    Ok(sqlx::query_as!(
        PartnerContact,
        r#"select c.id as "id: ContactId", c.partner_id as "partner_id: PartnerId", c.name, c.email, c.phone,
                  c.is_primary, case when $2 then c.user_id end as "user_id: StaffId",
                  case when not $2 and c.user_id is null and c.invited_at is not null then 'invited'
                       when a.assigned_at is null or u.status = 'inactive' then 'none'
                       when u.status = 'active' and ($2 or u.last_active_at >= a.assigned_at) then 'active'
                       else 'invited' end as "access!: ContactAccess",
                  c.invited_at as "invited_at: Timestamp", c.version, c.created_at as "created_at: Timestamp", c.updated_at as "updated_at: Timestamp"
           from partner_contacts c left join admin_users u on u.id = c.user_id
           left join lateral (select min(o.assigned_at) as assigned_at from user_role_assignments o
                              where o.user_id = c.user_id and o.partner_id = c.partner_id and o.revoked_at is null) a
               on true
           where c.partner_id = $1
           order by c.is_primary desc, lower(c.name), c.id"#,
        partner.0,
        house,
    )
    .fetch_all(db)
    .await?)
}

/// Whom a partner's mails go to.
pub struct Told {
    pub name: String,
    pub email: String,
}

/// The primary contact, and whoever signs in for the partner.
pub async fn contacts_to_tell(db: &mut PgConnection, partner: PartnerId) -> Result<Vec<Told>> {
    Ok(sqlx::query_as!(
        Told,
        "select c.name, c.email from partner_contacts c
         where c.partner_id = $1
               and (c.is_primary or exists (select 1 from user_role_assignments a
                                            where a.user_id = c.user_id and a.partner_id = c.partner_id
                                                  and a.revoked_at is null))
         order by c.is_primary desc, c.id",
        partner.0,
    )
    .fetch_all(db)
    .await?)
}

pub async fn primary_contact_email(db: &mut PgConnection, partner: PartnerId) -> Result<Option<String>> {
    let email =
        sqlx::query_scalar!("select email from partner_contacts where partner_id = $1 and is_primary", partner.0,);
    Ok(email.fetch_optional(db).await?)
}

/// One contact of this partner as it is, or 404.
pub async fn contact_find(db: &mut PgConnection, partner: PartnerId, id: ContactId) -> Result<PartnerContact> {
    contact_list(db, partner, true).await?.into_iter().find(|c| c.id == id).ok_or_else(not_found)
}

/// A contact that is not the primary one.
pub async fn contact_insert(
    db: &mut PgConnection,
    id: ContactId,
    partner: PartnerId,
    input: &NewContact,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "insert into partner_contacts (id, partner_id, name, email, phone, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        id.0,
        partner.0,
        input.name.as_str(),
        input.email.as_str(),
        input.phone.as_ref().map(|phone| phone.as_str()),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn contact_update(db: &mut PgConnection, after: &PartnerContact) -> Result<()> {
    sqlx::query!(
        "update partner_contacts set name = $2, email = $3, phone = $4, version = version + 1 where id = $1",
        after.id.0,
        after.name,
        after.email,
        after.phone,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes one contact the primary one, in the place of another; the partner is locked.
pub async fn contact_make_primary(db: &mut PgConnection, partner: PartnerId, id: ContactId) -> Result<()> {
    sqlx::query!(
        "update partner_contacts set is_primary = false, version = version + 1
         where partner_id = $1 and is_primary and id <> $2",
        partner.0,
        id.0,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update partner_contacts set is_primary = true, version = version + 1
         where partner_id = $1 and id = $2 and not is_primary",
        partner.0,
        id.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The contact was invited; `user` is the account it signs in with, where there may be one.
pub async fn contact_invited(
    db: &mut PgConnection,
    id: ContactId,
    user: Option<StaffId>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update partner_contacts set user_id = coalesce($2, user_id), invited_at = $3, version = version + 1
         where id = $1",
        id.0,
        user.map(|id| id.0),
        now.0,
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn contact_delete(db: &mut PgConnection, id: ContactId) -> Result<()> {
    sqlx::query!("delete from partner_contacts where id = $1", id.0).execute(db).await?;
    Ok(())
}
